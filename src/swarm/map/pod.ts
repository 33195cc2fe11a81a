/**
 * Probability of detection as a function of coverage C = W L / A.
 *
 * Low: Koopman's random search, 1 - exp(-C) (Search and Screening, 1946, ch. 2): what is promised
 * when tracks are not flown as planned. High: parallel sweeps with the inverse-cube law,
 * erf(sqrt(pi) / 2 C) (ibid., ch. 3): what well navigated lanes reach. Between them lies the
 * truth; W itself may err by a stated ratio. POS is therefore a band and is shown as one.
 */
import { exp } from "../../base/mod.ts";
import { erf } from "./normal.ts";

/** Koopman's random-search law. */
export const podRandom = (coverage: number): number => 1 - exp(-coverage);

const HALF_SQRT_PI = 0.886226925452758;

/** The inverse-cube law for parallel sweeps. */
export const podParallel = (coverage: number): number => erf(HALF_SQRT_PI * coverage);

/** W may lie anywhere in W * (1 +- errorRatio). */
export function podBand(
  coverage: number,
  errorRatio: number,
): { readonly low: number; readonly high: number } {
  return {
    low: podRandom(coverage * (1 - errorRatio)),
    high: podParallel(coverage * (1 + errorRatio)),
  };
}
