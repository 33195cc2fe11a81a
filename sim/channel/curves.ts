/**
 * The channel's curves by table: a world of ten thousand asks for them a million times a second.
 *
 * Decibels to ratios in steps of 1/32 dB (off by at most 0.016 dB, nearest entry), log-distance
 * gain in steps of two metres (0.01 dB, joined linearly), Rician amplitudes in steps of 1/16 dB.
 * Beyond a table's ends the formula itself is used.
 */
import { log10, pow } from "../../src/base/mod.ts";

const DB_LOW = -120;
const DB_HIGH = 30;
const DB_STEPS = 32;
const RATIOS = Float64Array.from({ length: (DB_HIGH - DB_LOW) * DB_STEPS + 1 }, (_, i) =>
  pow(10, (DB_LOW + i / DB_STEPS) / 10),
);

/** 10^(db / 10). */
export function ratioOfDb(db: number): number {
  const i = Math.round((db - DB_LOW) * DB_STEPS);
  return i >= 0 && i < RATIOS.length ? RATIOS[i]! : pow(10, db / 10);
}

const STEP_M = 2;
/** Nearer than this the curve is too bent to be joined linearly. */
const NEAREST_M = 64;
const FURTHEST_M = 16_384;
const CURVES_MAX = 64;

/** Loss of the first metre, the exponent of those after it, and the table of both. */
export interface PathCurve {
  readonly firstMetreDb: number;
  readonly exponent: number;
  readonly table: Float64Array;
}

/** By both figures: worlds of one radio share their tables. */
const curves = new Map<string, PathCurve>();

export function pathCurve(firstMetreDb: number, exponent: number): PathCurve {
  const name = `${firstMetreDb} ${exponent}`;
  const known = curves.get(name);
  if (known !== undefined) return known;
  const table = Float64Array.from({ length: FURTHEST_M / STEP_M + 1 }, (_, i) =>
    exactGain({ firstMetreDb, exponent }, Math.max(1, i * STEP_M)),
  );
  const curve = { firstMetreDb, exponent, table };
  if (curves.size < CURVES_MAX) curves.set(name, curve);
  return curve;
}

/** Power gain over this distance, at least a metre. */
export function pathGain(curve: PathCurve, distanceM: number): number {
  if (distanceM < NEAREST_M || distanceM >= FURTHEST_M) return exactGain(curve, distanceM);
  const { table } = curve;
  const place = distanceM / STEP_M;
  const i = Math.floor(place);
  return table[i]! + (table[i + 1]! - table[i]!) * (place - i);
}

function exactGain(
  { firstMetreDb, exponent }: Pick<PathCurve, "firstMetreDb" | "exponent">,
  distanceM: number,
): number {
  return pow(10, -(firstMetreDb + 10 * exponent * log10(distanceM)) / 10);
}

/** Amplitudes of a Rician channel of mean power one: the steady part, sigma of the scattered. */
export interface Fading {
  readonly steady: number;
  readonly scatter: number;
}

const K_STEPS = 16;
const K_MAX_DB = 20;
const FADINGS: readonly Fading[] = Array.from({ length: K_MAX_DB * K_STEPS + 1 }, (_, i) => {
  const k = pow(10, i / K_STEPS / 10);
  return { steady: Math.sqrt(k / (k + 1)), scatter: Math.sqrt(1 / (2 * (k + 1))) };
});

/** For a K factor of 0 to 20 dB. */
export const fadingOf = (kDb: number): Fading =>
  FADINGS[Math.round(Math.max(0, Math.min(K_MAX_DB, kDb)) * K_STEPS)]!;
