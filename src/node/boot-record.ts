/**
 * How often a node has booted, as its store keeps it: one record of four bytes. Peers refuse a boot
 * whose count does not rise, and an operator's orders are numbered by it: it never goes back.
 */
import { ByteReader, ByteWriter } from "../base/mod.ts";
import { storedBoots } from "../consensus/mod.ts";
import type { RecoveredStore } from "../hal/mod.ts";

export const STORE_BOOT = "boot";

/** Boots before this one. Raft counts them too, once a boot: the higher of both is right. */
export function bootCountOf(recovered: RecoveredStore): number {
  const record = recovered.find(({ name }) => name === STORE_BOOT)?.records[0];
  const own = record?.length === 4 ? new ByteReader(record).u32() : 0;
  return Math.max(own, storedBoots(recovered));
}

export const bootRecord = (bootCount: number): Uint8Array =>
  new ByteWriter({ initialBytes: 4 }).u32(bootCount).take();
