/**
 * How often a node has booted, as its store keeps it: one record of four bytes. Peers refuse a boot
 * whose count does not rise, and an operator's orders are numbered by it: it never goes back.
 *
 * A store that was replaced, or could not be written, would start again at one, and its peers would
 * refuse this node for as long as they remember. Where there is a clock the count is therefore at
 * least the seconds since 1970: it rises without the store. A clock that was ahead once does no
 * harm, the stored count goes on from there.
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

/** 2095: what a clock says beyond is not believed, so that the count has room for ever. */
const CIVIL_MAX_S = 0xec00_0000;

/** The count of this boot. `civilS`: seconds since 1970, where the computer has a clock. */
export function nextBootCount(recovered: RecoveredStore, civilS = 0): number {
  const believed = civilS > 0 && civilS < CIVIL_MAX_S ? Math.floor(civilS) : 0;
  return Math.max(bootCountOf(recovered) + 1, believed);
}

export const bootRecord = (bootCount: number): Uint8Array =>
  new ByteWriter({ initialBytes: 4 }).u32(bootCount).take();
