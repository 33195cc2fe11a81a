/**
 * What the plan promises: cumulative probability of success against time, if the effort that the
 * team can bring to the ground is laid where it finds most.
 *
 * Optimal laying of random-search effort is Stone's ("Theory of Optimal Search", 1975, section
 * 2.2): coverage goes where mass x sweep width, discounted by what is already laid, is highest, so
 * all searched cells end at one marginal rate. Effort is flights x usable time x the share of a
 * flight that is on a lane; flights are bounded by vehicles, batteries, chargers and crew.
 */
import { exp, ln } from "../../base/mod.ts";
import type { PriorMap } from "../map/mod.ts";
import type { Mission } from "../mission/mod.ts";

/** Of a usable flight, this share is spent on lanes; the rest is transit, turns and climbs. */
export const ON_LANE_SHARE = 0.75;
const BISECTIONS = 60;

/** Lane seconds that the team can fly until `timeS` after the start. */
export function effortS(mission: Mission, vehicleCount: number, timeS: number): number {
  const { vehicles, limits, base } = mission;
  const usableS = vehicles.batteryS * (1 - limits.reserveRatio);
  const flown = vehicleCount * timeS * (usableS / (usableS + base.swapS));
  const batteries =
    vehicleCount + base.spareCount + (base.chargerCount * timeS) / Math.max(1, base.chargeS);
  const swaps = vehicleCount + (base.crewCount * timeS) / Math.max(1, base.swapS);
  return Math.min(flown, Math.min(batteries, swaps) * usableS) * ON_LANE_SHARE;
}

/** Probability of success, of the whole prior (what lies outside counts as missed). */
export function predictedSuccess(
  mission: Mission,
  prior: PriorMap,
  options: { readonly vehicleCount: number; readonly timeS: number },
): number {
  const seconds = effortS(mission, options.vehicleCount, options.timeS);
  return successOf(prior, seconds * mission.vehicles.cruiseMps);
}

/** Success when `lengthM` of lane is laid best; the marginal rate is found by bisection. */
export function successOf(prior: PriorMap, lengthM: number): number {
  let high = 0;
  for (let cell = 0; cell < prior.mass.length; cell += 1) {
    high = Math.max(high, prior.mass[cell]! * prior.sweepM[cell]!);
  }
  if (high === 0 || lengthM <= 0) return 0;
  let low = high * 1e-9;
  for (let i = 0; i < BISECTIONS; i += 1) {
    const middle = Math.sqrt(low * high);
    if (laid(prior, middle).lengthM > lengthM) low = middle;
    else high = middle;
  }
  return laid(prior, high).success;
}

/** Lane length and success when every cell is searched down to the marginal rate `rate`. */
function laid(
  { grid, mass, sweepM }: PriorMap,
  rate: number,
): { readonly lengthM: number; readonly success: number } {
  const areaM2 = grid.cellM * grid.cellM;
  let lengthM = 0;
  let success = 0;
  for (let cell = 0; cell < mass.length; cell += 1) {
    const worth = mass[cell]! * sweepM[cell]!;
    if (worth <= rate) continue;
    const coverage = ln(worth / rate);
    lengthM += (coverage * areaM2) / sweepM[cell]!;
    success += mass[cell]! * (1 - exp(-coverage));
  }
  return { lengthM, success };
}
