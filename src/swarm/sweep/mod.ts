/** Sweeping the most probability with a budget of path length. Uses: base. */
export { sweptMassBound } from "./bound.ts";
export type { DensityMap } from "./lattice.ts";
export { lengthOf, planSweep, shareOut, type SweepRequest } from "./plan.ts";
export { sweptGround, sweptMass, type SweepRule, type SweptGround } from "./swept.ts";
