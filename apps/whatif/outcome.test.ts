/** The figures of an outcome by hand, and what two of them differ by. */
import { describe, expect, test } from "vitest";
import type { VehicleView, WorldView } from "../../sim/mod.ts";
import { differenceOf, findOf, OutcomeSums, type Look } from "./outcome.ts";

const vehicle = (slot: number, change: Partial<VehicleView>): VehicleView =>
  ({ slot, state: "flying", batteryRatio: 0.5, swaps: 0, ...change }) as VehicleView;

const look = (timeMs: number, vehicles: readonly VehicleView[], low = 0, high = 0): Look => ({
  view: { timeMs, vehicles, violations: [] } as unknown as WorldView,
  sweptKm2: timeMs / 1e6,
  pos: { low, high },
});

describe("the time to find, by the model", () => {
  test("success that rises evenly from nothing to all is found half way on average", () => {
    const find = findOf([
      [100, 0, 0],
      [300, 1, 1],
    ]);
    expect(find).toEqual({ chanceLow: 1, chanceHigh: 1, restrictedMeanS: 100 });
  });

  test("what was searched before the fork is given: half of what is left is half a chance", () => {
    const find = findOf([
      [0, 0.2, 0.6],
      [1000, 0.6, 0.8],
    ]);
    expect(find.chanceLow).toBeCloseTo(0.5, 12);
    expect(find.chanceHigh).toBeCloseTo(0.5, 12);
    expect(find.restrictedMeanS).toBeCloseTo(750, 9);
  });

  test("nothing gained: no chance, and the whole horizon", () => {
    const find = findOf([
      [0, 0.3, 0.4],
      [600, 0.3, 0.4],
    ]);
    expect(find).toEqual({ chanceLow: 0, chanceHigh: 0, restrictedMeanS: 600 });
  });
});

describe("sums over the seconds of a fork", () => {
  const begin = [vehicle(1, {}), vehicle(2, {}), vehicle(3, { state: "onPad", swaps: 2 })];

  test("a touch-down counts once, with what was left; who falls does not land", () => {
    const sums = new OutcomeSums(look(1000, begin));
    sums.look([vehicle(1, { state: "onPad", batteryRatio: 0.31 }), vehicle(2, {})]);
    sums.look([
      vehicle(1, { state: "onPad", batteryRatio: 1, swaps: 1 }),
      vehicle(2, { state: "lost", batteryRatio: 0.1 }),
    ]);
    const end = [
      vehicle(1, { state: "onPad", swaps: 1 }),
      vehicle(2, { state: "lost" }),
      vehicle(3, { state: "landedOut", swaps: 2 }),
    ];
    const outcome = sums.outcome(look(3000, end, 0.1, 0.2), [{ passes: 0 }, { passes: 2 }]);
    expect(outcome).toMatchObject({
      landings: 1,
      reserveMin: 0.31,
      swaps: 1,
      lost: [2],
      landedOut: [3],
      segments: 2,
      segmentsUnsearched: 1,
    });
    expect(outcome.curve).toEqual([
      [1, 0, 0],
      [3, 0.1, 0.2],
    ]);
    expect(outcome.sweptKm2).toBeCloseTo(0.002, 12);
  });

  test("the difference is changed minus baseline, and none where a figure is missing", () => {
    const baseline = new OutcomeSums(look(0, begin)).outcome(look(1000, begin, 0.2, 0.4), []);
    const worse = { ...baseline, pos: { low: 0.1, high: 0.3 }, lost: [1, 2], reserveMin: 0.2 };
    const difference = differenceOf(baseline, worse);
    expect(difference.posLow).toBeCloseTo(-0.1, 12);
    expect(difference).toMatchObject({ lost: 2, swaps: 0, reserveMin: null });
  });
});
