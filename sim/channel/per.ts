/**
 * Packet error ratio of 802.11n HT20, one stream, against signal to noise ratio.
 *
 * Source: golden figures of ns-3 3.37 (table-based error model), SNR in dB at PER 50/10/1% for
 * frames of 48 and 1500 bytes. Only these figures are carried. Between and beyond them the curve is
 * our own: with u = ln(-ln(1 - PER)), which is linear in ln(length) for independent bit errors, SNR
 * is a parabola in u through the three figures, linear beyond the outer two, and linear in
 * ln(length). The figures themselves are met exactly.
 *
 * Bounds: MCS 0-7, 1 to `FRAME_BYTES_MAX` bytes.
 */
import { exp, invariant, ln, log10, pow } from "../../src/base/mod.ts";

export const FRAME_BYTES_MAX = 4095;

/** SNR in dB at PER 0.5, 0.1 and 0.01. */
type Figures = readonly [number, number, number];

const LONG_BYTES = 1500;
const SHORT_BYTES = 48;

const LONG: readonly Figures[] = [
  [0.31, 0.94, 1.57],
  [3.3, 3.94, 4.6],
  [5.79, 6.43, 7.12],
  [8.93, 9.71, 10.48],
  [12.03, 12.81, 13.57],
  [16.23, 17.05, 17.98],
  [17.53, 18.38, 19.31],
  [18.8, 19.64, 20.51],
];

const SHORT: readonly Figures[] = [
  [-1.11, -0.18, 0.64],
  [1.91, 2.8, 3.63],
  [4.39, 5.29, 6.09],
  [7.22, 8.28, 9.3],
  [10.43, 11.44, 12.38],
  [14.35, 15.48, 16.6],
  [15.72, 16.84, 17.91],
  [17.15, 18.32, 19.44],
];

const uOf = (errorRatio: number): number => ln(-ln(1 - errorRatio));
const U50 = uOf(0.5);
const U10 = uOf(0.1);
const U01 = uOf(0.01);

/** Error ratios beyond these are taken as one and zero. */
const U_LOST = uOf(0.9999);
const U_SURE = uOf(0.0001);

/** SNR(u) = c0 + c1 (u - U10) + c2 (u - U10)^2 between U01 and U50. */
interface Curve {
  readonly c0: number;
  readonly c1: number;
  readonly c2: number;
  readonly slope50: number;
  readonly slope01: number;
  readonly snr50Db: number;
  readonly snr01Db: number;
  /** As ratios, not decibels: below the first every frame is lost, above the second none. */
  readonly lostBelow: number;
  readonly sureAbove: number;
}

function curveOf(mcs: number, bytes: number): Curve {
  const share = (ln(bytes) - ln(SHORT_BYTES)) / (ln(LONG_BYTES) - ln(SHORT_BYTES));
  const short = SHORT[mcs]!;
  const long = LONG[mcs]!;
  const at = (i: 0 | 1 | 2): number => short[i] + (long[i] - short[i]) * share;
  const [snr50Db, snr10Db, snr01Db] = [at(0), at(1), at(2)];
  const up = (snr50Db - snr10Db) / (U50 - U10);
  const down = (snr01Db - snr10Db) / (U01 - U10);
  const c2 = (up - down) / (U50 - U01);
  const c1 = up - c2 * (U50 - U10);
  const slope50 = c1 + 2 * c2 * (U50 - U10);
  const slope01 = c1 + 2 * c2 * (U01 - U10);
  invariant(slope50 < 0 && slope01 < 0, "an error curve falls with the signal");
  return {
    c0: snr10Db,
    c1,
    c2,
    slope50,
    slope01,
    snr50Db,
    snr01Db,
    lostBelow: ratioOfDb(snr50Db + slope50 * (U_LOST - U50)),
    sureAbove: ratioOfDb(snr01Db + slope01 * (U_SURE - U01)),
  };
}

const ratioOfDb = (db: number): number => pow(10, db / 10);

/** u at this SNR: the branch of the parabola that falls, or the lines beyond the figures. */
function uAt(curve: Curve, snrDb: number): number {
  if (snrDb <= curve.snr50Db) return U50 + (snrDb - curve.snr50Db) / curve.slope50;
  if (snrDb >= curve.snr01Db) return U01 + (snrDb - curve.snr01Db) / curve.slope01;
  const gap = snrDb - curve.c0;
  const root = Math.sqrt(curve.c1 * curve.c1 + 4 * curve.c2 * gap);
  // The stable form of (-c1 - root) / (2 c2) for c1 < 0: no cancellation as c2 goes to zero.
  return U10 + (2 * gap) / (curve.c1 - root);
}

/** The curves of one modulation, made for each frame length when it is first asked for. */
export class ErrorRatio {
  readonly #mcs: number;
  readonly #curves: (Curve | undefined)[] = new Array<Curve | undefined>(FRAME_BYTES_MAX + 1);

  constructor(mcs: number) {
    invariant(Number.isInteger(mcs) && mcs >= 0 && mcs <= 7, "an HT20 scheme is 0 to 7");
    this.#mcs = mcs;
  }

  /** Packet error ratio of a frame of `bytes` bytes at this signal to noise ratio (not in dB). */
  at(snrRatio: number, bytes: number): number {
    const curve = (this.#curves[bytes] ??= curveOf(this.#mcs, bytes));
    if (snrRatio >= curve.sureAbove) return 0;
    if (snrRatio <= curve.lostBelow) return 1;
    return 1 - exp(-exp(uAt(curve, 10 * log10(snrRatio))));
  }
}
