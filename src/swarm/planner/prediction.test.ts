import { describe, expect, test } from "vitest";
import type { PriorMap } from "../map/mod.ts";
import { testMission } from "../mission.test-support.ts";
import { ON_LANE_SHARE, effortS, predictedSuccess, successOf } from "./prediction.ts";

const grid = { southM: 0, westM: 0, cellM: 100, rows: 1, cols: 2 };
const map = (mass: readonly number[], sweepM: readonly number[]): PriorMap => ({
  grid,
  mass: Float64Array.from(mass),
  sweepM: Float64Array.from(sweepM),
  effect: new Float64Array(sweepM.length).fill(1),
  outside: 0,
});

describe("success by optimally laid effort", () => {
  test("one cell: Koopman's 1 - exp(-W L / A)", () => {
    const success = successOf(map([1, 0], [50, 0]), 300);
    expect(success).toBeCloseTo(1 - Math.exp((-50 * 300) / 10_000), 6);
  });

  test("two equal cells share the effort equally", () => {
    const success = successOf(map([0.5, 0.5], [50, 50]), 400);
    expect(success).toBeCloseTo(1 - Math.exp((-50 * 200) / 10_000), 6);
  });

  test("a little effort goes to the richer cell alone", () => {
    const success = successOf(map([0.9, 0.1], [50, 50]), 20);
    expect(success).toBeCloseTo(0.9 * (1 - Math.exp((-50 * 20) / 10_000)), 6);
  });

  test("it grows with effort and never exceeds the reachable mass", () => {
    const prior = map([0.5, 0.2], [50, 20]);
    let last = -1;
    for (const lengthM of [0, 10, 100, 1000, 10_000, 1e6]) {
      const success = successOf(prior, lengthM);
      expect(success).toBeGreaterThanOrEqual(last);
      expect(success).toBeLessThanOrEqual(0.7);
      last = success;
    }
    expect(last).toBeGreaterThan(0.69);
    expect(successOf(map([0, 0], [0, 0]), 100)).toBe(0);
  });
});

describe("the effort of a team", () => {
  const mission = testMission();

  test("is bounded by vehicles at first and by batteries in the end", () => {
    const { vehicles, limits, base } = mission;
    const usableS = vehicles.batteryS * (1 - limits.reserveRatio);
    const early = effortS(mission, 2, 600);
    expect(early).toBeCloseTo(2 * 600 * (usableS / (usableS + base.swapS)) * ON_LANE_SHARE, 6);
    const starved = { ...mission, base: { ...base, spareCount: 0, chargerCount: 0 } };
    expect(effortS(starved, 2, 1e6)).toBeCloseTo(2 * usableS * ON_LANE_SHARE, 6);
  });

  test("more vehicles promise more", () => {
    const prior = map([0.5, 0.4], [50, 30]);
    const one = predictedSuccess(mission, prior, { vehicleCount: 1, timeS: 10 });
    const two = predictedSuccess(mission, prior, { vehicleCount: 2, timeS: 10 });
    expect(two).toBeGreaterThan(one);
  });
});
