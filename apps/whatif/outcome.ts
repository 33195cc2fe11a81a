/**
 * What became of a fork: sums over its seconds, and what two forks differ by.
 *
 * The time to find is an estimate by the model, never the truth: with P(t) the cumulative
 * probability of success (the middle of its band), the chance to have found by t, given that
 * nobody was found before the fork at 0, is F(t) = (P(t) - P(0)) / (1 - P(0)). Its mean restricted
 * to the horizon H is the integral of 1 - F over [0, H] (Royston and Parmar, 2013).
 */
import type { VehicleView, WorldView } from "../../sim/mod.ts";
import type { SegmentRow } from "../ground/report/view.ts";
import type { WhatIfOutcome } from "../ground/report/what-if.ts";

const VIOLATIONS_SHOWN = 20;

export type CurvePoint = WhatIfOutcome["curve"][number];

/** One look at a fork. */
export interface Look {
  readonly view: WorldView;
  readonly sweptKm2: number;
  readonly pos: { readonly low: number; readonly high: number };
}

export class OutcomeSums {
  readonly #begin: Look;
  readonly #beginS: number;
  readonly #swaps: number;
  #flying: ReadonlySet<number>;
  #curve: CurvePoint[];
  #reserveMin: number | null = null;
  #confirmedAtS: number | null = null;
  #landings = 0;

  constructor(begin: Look) {
    this.#begin = begin;
    this.#beginS = begin.view.timeMs / 1000;
    this.#swaps = swapsOf(begin.view.vehicles);
    this.#flying = flyingOf(begin.view.vehicles);
    this.#curve = [[this.#beginS, begin.pos.low, begin.pos.high]];
  }

  /** Called each second: who has touched down, with how much left. */
  look(vehicles: readonly VehicleView[]): void {
    for (const { slot, state, batteryRatio } of vehicles) {
      const down = state === "onPad" || state === "landedOut";
      if (!down || !this.#flying.has(slot)) continue;
      this.#landings += 1;
      this.#reserveMin = Math.min(this.#reserveMin ?? 1, batteryRatio);
    }
    this.#flying = flyingOf(vehicles);
  }

  /** A detection is agreed to be the person. */
  confirm(atS: number): void {
    this.#confirmedAtS ??= atS;
  }

  extendCurve(atS: number, pos: Look["pos"]): void {
    this.#curve = [...this.#curve, [atS, pos.low, pos.high]];
  }

  outcome(now: Look, segments: readonly Pick<SegmentRow, "passes">[]): WhatIfOutcome {
    const { view, pos } = now;
    const nowS = view.timeMs / 1000;
    const ends = (this.#curve.at(-1)?.[0] ?? nowS) < nowS;
    const curve = ends ? [...this.#curve, [nowS, pos.low, pos.high] as const] : this.#curve;
    const violations = view.violations.slice(this.#begin.view.violations.length);
    return {
      pos,
      curve,
      find: findOf(curve),
      confirmedAtS: this.#confirmedAtS,
      lost: slotsIn(view.vehicles, "lost"),
      landedOut: slotsIn(view.vehicles, "landedOut"),
      reserveMin: this.#reserveMin,
      landings: this.#landings,
      swaps: swapsOf(view.vehicles) - this.#swaps,
      segmentsUnsearched: segments.filter(({ passes }) => passes === 0).length,
      segments: segments.length,
      sweptKm2: now.sweptKm2 - this.#begin.sweptKm2,
      violations: violations
        .slice(0, VIOLATIONS_SHOWN)
        .map(({ invariant, atS }) => ({ invariant, atS })),
      violationCount: violations.length,
    };
  }
}

const swapsOf = (vehicles: readonly VehicleView[]): number =>
  vehicles.reduce((sum, { swaps }) => sum + swaps, 0);

const flyingOf = (vehicles: readonly VehicleView[]): ReadonlySet<number> =>
  new Set(slotsIn(vehicles, "flying"));

const slotsIn = (vehicles: readonly VehicleView[], state: VehicleView["state"]): number[] =>
  vehicles.filter((each) => each.state === state).map(({ slot }) => slot);

/** Chance and restricted mean time to find along a curve of success. */
export function findOf(curve: readonly CurvePoint[]): WhatIfOutcome["find"] {
  const found = (at: CurvePoint, band: (point: CurvePoint) => number): number => {
    const before = band(curve[0]!);
    return before >= 1 ? 0 : Math.max(0, Math.min(1, (band(at) - before) / (1 - before)));
  };
  const last = curve.at(-1)!;
  const middle = ([, low, high]: CurvePoint): number => (low + high) / 2;
  let restrictedMeanS = 0;
  for (let i = 1; i < curve.length; i += 1) {
    const [from, to] = [curve[i - 1]!, curve[i]!];
    restrictedMeanS += (to[0] - from[0]) * (1 - (found(from, middle) + found(to, middle)) / 2);
  }
  const chances = [found(last, ([, low]) => low), found(last, ([, , high]) => high)];
  return {
    chanceLow: Math.min(...chances),
    chanceHigh: Math.max(...chances),
    restrictedMeanS,
  };
}

/** Changed minus baseline, figure by figure; null where one of them has none. */
export interface OutcomeDifference {
  readonly posLow: number;
  readonly posHigh: number;
  readonly findChance: number;
  readonly restrictedMeanS: number;
  readonly lost: number;
  readonly landedOut: number;
  readonly reserveMin: number | null;
  readonly swaps: number;
  readonly segmentsUnsearched: number;
  readonly sweptKm2: number;
  readonly violations: number;
}

export function differenceOf(baseline: WhatIfOutcome, changed: WhatIfOutcome): OutcomeDifference {
  const chance = ({ find }: WhatIfOutcome): number => (find.chanceLow + find.chanceHigh) / 2;
  const [was, is] = [baseline.reserveMin, changed.reserveMin];
  return {
    posLow: changed.pos.low - baseline.pos.low,
    posHigh: changed.pos.high - baseline.pos.high,
    findChance: chance(changed) - chance(baseline),
    restrictedMeanS: changed.find.restrictedMeanS - baseline.find.restrictedMeanS,
    lost: changed.lost.length - baseline.lost.length,
    landedOut: changed.landedOut.length - baseline.landedOut.length,
    reserveMin: was === null || is === null ? null : is - was,
    swaps: changed.swaps - baseline.swaps,
    segmentsUnsearched: changed.segmentsUnsearched - baseline.segmentsUnsearched,
    sweptKm2: changed.sweptKm2 - baseline.sweptKm2,
    violations: changed.violationCount - baseline.violationCount,
  };
}
