/**
 * The normal distribution as search theory needs it: density, distribution, and erf.
 *
 * erf: Abramowitz and Stegun 7.1.26, absolute error <= 1.5e-7. Probabilities here are known to
 * about 1e-2, so the bound is not felt.
 */
import { exp } from "../../base/mod.ts";

/** The error function, for any finite argument. */
export function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const series =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const value = 1 - series * exp(-x * x);
  return x < 0 ? -value : value;
}

export const normalDensity = (z: number): number => 0.3989422804014327 * exp((-z * z) / 2);

export const normalCdf = (z: number): number => (1 + erf(z * Math.SQRT1_2)) / 2;
