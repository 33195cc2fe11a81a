/**
 * Phi accrual: how surprising a silence is, on a scale that an application can put thresholds on.
 * Hayashibara, Défago, Yared and Katayama, "The phi accrual failure detector" (2004), section 4.
 *
 * phi = -log10 P(the next sign comes later than this silence), gaps taken as normal. The tail of
 * the normal is the logistic approximation of Bowling et al. (2009), absolute error below 1.4e-4 in
 * the middle and pessimistic far out, as in Akka. Gaps are in units of the interval that the peer
 * announces, so a beacon slowed by the air-time meter is not a surprise.
 *
 * Bounds: phi in [0, 100].
 */
import { exp, log10 } from "../base/mod.ts";

const PHI_MAX = 100;
/**
 * Beacons jitter by 15%, and one may be lost: that makes a gap of 2.3 intervals, which must stay
 * below phi 5 even after a history of even gaps.
 */
const DEVIATION_MIN = 0.35;
/** A lossy link's gaps spread; beyond this the detector would wait longer than anyone can. */
const DEVIATION_MAX = 1;
/** Losses lengthen the mean gap; more than this is a link that should not be judged by its past. */
const MEAN_MAX = 2;

export function phiOf(gaps: {
  /** Silence in units of the announced interval. */
  readonly silence: number;
  readonly mean: number;
  readonly variance: number;
}): number {
  const deviation = Math.min(DEVIATION_MAX, Math.max(DEVIATION_MIN, Math.sqrt(gaps.variance)));
  const y = (gaps.silence - Math.min(MEAN_MAX, gaps.mean)) / deviation;
  const exponent = y * (1.5976 + 0.070566 * y * y);
  // Far out e^-x is all there is of the tail, and its logarithm needs no exponential.
  if (exponent > 30) return Math.min(PHI_MAX, exponent * LOG10_E);
  const tail = exp(-exponent);
  return Math.max(0, -log10(tail / (1 + tail)));
}

const LOG10_E = 0.4342944819032518;
