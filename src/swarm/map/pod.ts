/**
 * Probability of detection as a function of coverage C = W L / A.
 *
 * Low: Koopman's random search, 1 - exp(-C) (Search and Screening, 1946, ch. 2): what is promised
 * when tracks are not flown as planned. High: parallel sweeps with the inverse-cube law,
 * erf(sqrt(pi) / 2 C) (ibid., ch. 3): what well navigated lanes reach. Between them lies the
 * truth; W itself may err by a stated ratio. POS is therefore a band and is shown as one.
 */
import { exp, ln } from "../../base/mod.ts";
import { erf } from "./normal.ts";

/** Koopman's random-search law. */
export const podRandom = (coverage: number): number => 1 - exp(-coverage);

const HALF_SQRT_PI = 0.886226925452758;

/** The inverse-cube law for parallel sweeps. */
export const podParallel = (coverage: number): number => erf(HALF_SQRT_PI * coverage);

/** A camera sees alike over this share of its half footprint, then ever less to its edge. */
const FLAT_SHARE = 0.7;
const SAMPLES = 64;

/** Lateral-range curve at a share of the half footprint; its area over a footprint is W. */
function lateralRange(share: number, sweepRatio: number): number {
  if (share >= 1) return 0;
  const peak = Math.min(0.99, (2 * sweepRatio) / (1 + FLAT_SHARE));
  return share <= FLAT_SHARE ? peak : (peak * (1 - share)) / (1 - FLAT_SHARE);
}

/**
 * What one pass of parallel lanes finds of what lies evenly under it: the mean over the lateral
 * range, each point seen from its lane and from the lanes beside it.
 */
export function podOfPass(pass: {
  readonly sweepM: number;
  readonly footprintM: number;
  readonly spacingM: number;
}): number {
  const { sweepM, footprintM, spacingM } = pass;
  const halfM = footprintM / 2;
  const beside = Math.ceil(halfM / spacingM) + 1;
  let found = 0;
  for (let i = 0; i < SAMPLES; i += 1) {
    const xM = ((i + 0.5) / SAMPLES - 0.5) * spacingM;
    let missed = 1;
    for (let lane = -beside; lane <= beside; lane += 1) {
      missed *= 1 - lateralRange(Math.abs(xM - lane * spacingM) / halfM, sweepM / footprintM);
    }
    found += 1 - missed;
  }
  return found / SAMPLES;
}

/**
 * Exponent a unit of coverage, for the planner: a pass finds `podOfPass`, and passes are
 * independent looks (the second lies aside of the first), so after coverage C of them
 * exp(-effect C) is left. Koopman's law itself (1) would send vehicles back to open ground that one
 * pass has nearly emptied.
 */
export function passEffect(pass: {
  readonly sweepM: number;
  readonly footprintM: number;
  readonly spacingM: number;
}): number {
  const coverage = pass.sweepM / pass.spacingM;
  return -ln(1 - Math.min(0.999, podOfPass(pass))) / coverage;
}

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
