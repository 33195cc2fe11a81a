/** How often a node has booted, as its store keeps it: one record of four bytes. */
import { ByteReader, ByteWriter } from "../base/mod.ts";
import type { RecoveredStore } from "../hal/mod.ts";

export const STORE_BOOT = "boot";

/** Boots before this one; a damaged record counts as none. */
export function bootCountOf(recovered: RecoveredStore): number {
  const record = recovered.find(({ name }) => name === STORE_BOOT)?.records[0];
  return record?.length === 4 ? new ByteReader(record).u32() : 0;
}

export const bootRecord = (bootCount: number): Uint8Array =>
  new ByteWriter({ initialBytes: 4 }).u32(bootCount).take();
