/**
 * The degradation ladder: what a vehicle can still do together with others, from full coordination
 * down to going home. Down at once (the losses have had their patience); up one clear state at a
 * time, after it has held for five seconds.
 */
import type { MonotonicMs } from "../base/mod.ts";
import type { Losses } from "./losses.ts";
import type { Rung } from "./types.ts";

export const RUNGS: readonly Rung[] = [
  "full",
  "clusterLocal",
  "leaderless",
  "lastPlan",
  "loiter",
  "goHome",
];

export interface Situation {
  readonly losses: Losses;
  /** Some peer of the cluster is alive. */
  readonly hasPeers: boolean;
  readonly planKnown: boolean;
  /** For how long it has loitered. */
  readonly loiteredMs: number;
}

/** Waiting alone in the air for the others costs energy and finds nobody. */
export const LOITER_MAX_MS = 120_000;

/** The rung for a situation, with the reason in words. */
export function rungFor(situation: Situation): { readonly rung: Rung; readonly reason: string } {
  const { losses, hasPeers, planKnown, loiteredMs } = situation;
  if (losses.battery.lost) return { rung: "goHome", reason: "the battery is for the way home" };
  const isAgreeing = !losses.head.lost && !losses.cluster.lost;
  if (isAgreeing) {
    return losses.ground.lost
      ? { rung: "clusterLocal", reason: "the ground is out of reach" }
      : { rung: "full", reason: "the ground, a head and a quorum are in reach" };
  }
  if (hasPeers) {
    return {
      rung: "leaderless",
      reason: losses.cluster.lost ? "no quorum in reach" : "no head is elected",
    };
  }
  if (planKnown) return { rung: "lastPlan", reason: "alone, with an agreed plan" };
  return loiteredMs >= LOITER_MAX_MS
    ? { rung: "goHome", reason: "alone for too long without a plan" }
    : { rung: "loiter", reason: "alone, without a plan" };
}

const CLIMB_AFTER_MS = 5000;

export interface Climb {
  rung: Rung;
  sinceMs: MonotonicMs;
  /** Since when a better rung has been possible without a break; Infinity when none is. */
  betterMs: number;
}

/** The rung to stand on now. */
export function climb(state: Climb, wanted: Rung, now: MonotonicMs): Rung {
  const isBetter = RUNGS.indexOf(wanted) < RUNGS.indexOf(state.rung);
  if (!isBetter) {
    state.betterMs = Infinity;
    return wanted;
  }
  state.betterMs = Math.min(state.betterMs, now);
  return now - state.betterMs >= CLIMB_AFTER_MS ? wanted : state.rung;
}
