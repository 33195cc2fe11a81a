/**
 * Times of IEEE 802.11-2020 in the 5 GHz OFDM and HT PHYs (clauses 17 and 19), 20 MHz, long guard
 * interval, and the EDCA parameters of table 9-155.
 */
import type { AccessClass } from "../../src/hal/mod.ts";

export const SLOT_US = 9;
export const SIFS_US = 16;
/** Legacy preamble, HT-SIG, HT-STF and one HT-LTF: 20 + 8 + 4 + 4. */
const PREAMBLE_US = 36;
const SYMBOL_US = 4;
const SERVICE_AND_TAIL_BITS = 22;
/** Data bits a symbol at MCS 0-7. */
const SYMBOL_BITS = [26, 52, 78, 104, 156, 208, 234, 260] as const;
/** A 14-byte acknowledgement at 6 Mb/s: 20 + 4 x ceil((22 + 112) / 24). */
export const ACK_US = 44;

/** Time on the air of a frame of `bytes` bytes, MAC header and check sequence counted. */
export function airTimeUs(bytes: number, mcs: number): number {
  const symbols = Math.ceil((SERVICE_AND_TAIL_BITS + 8 * bytes) / SYMBOL_BITS[mcs]!);
  return PREAMBLE_US + SYMBOL_US * symbols;
}

/** Access classes in order of priority; the index is the class's number in flat tables. */
export const ACCESS_CLASSES: readonly AccessClass[] = [
  "voice",
  "video",
  "bestEffort",
  "background",
];

const AIFSN = [2, 2, 3, 7] as const;
/** Arbitration inter-frame space by class. */
export const AIFS_US: readonly number[] = AIFSN.map((n) => SIFS_US + n * SLOT_US);
export const CW_MIN: readonly number[] = [3, 7, 15, 15];
export const CW_MAX: readonly number[] = [7, 15, 1023, 1023];

export function accessNumber(access: AccessClass): number {
  return ACCESS_CLASSES.indexOf(access);
}
