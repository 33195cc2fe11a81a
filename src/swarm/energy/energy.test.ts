import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { testMission } from "../mission.test-support.ts";
import { flatGround } from "../terrain/mod.ts";
import type { Ground } from "../terrain/mod.ts";
import { CLIMB_COST_S_PER_M, homeCostS, LANDING_S, legCostS, legSpeed, usableS } from "./energy.ts";
import { MARGIN_RATIO } from "./energy.ts";

const mission = testMission();
const { cruiseMps, speedMaxMps } = mission.vehicles;
const STILL = { northMps: 0, eastMps: 0 };
const FLAT = flatGround(400);
const at = (northM: number, eastM = 0) => ({ northM, eastM });
const north = { a: at(0), b: at(1200) };

/** Ground that rises to the north by `slope` metres a metre. */
const ramp = (slope: number): Ground => ({ ...FLAT, heightAmslM: (n) => 400 + slope * n });

describe("a leg", () => {
  test("in still air takes its length at cruise, at cruise power", () => {
    expect(legSpeed(mission, north, STILL)).toEqual({ groundMps: cruiseMps, powerRatio: 1 });
    expect(legCostS(mission, FLAT, north, STILL)).toBeCloseTo(100, 9);
  });

  test("a tail wind saves nothing but power it does not need; a head wind costs both", () => {
    const tail = legSpeed(mission, north, { northMps: 8, eastMps: 0 });
    expect(tail).toEqual({ groundMps: cruiseMps, powerRatio: 1 });
    const head = legSpeed(mission, north, { northMps: -8, eastMps: 0 });
    expect(head.groundMps).toBeCloseTo(speedMaxMps - 8, 9);
    expect(head.powerRatio).toBeCloseTo(1 + ((speedMaxMps / cruiseMps) ** 2 - 1) / 2, 9);
  });

  test("a wind stronger than the vehicle still leaves a finite prediction", () => {
    const storm = legSpeed(mission, north, { northMps: -40, eastMps: 30 });
    expect(storm.groundMps).toBe(1);
    expect(storm.powerRatio).toBeGreaterThan(5);
  });

  test("never costs less than in still air, whatever the wind", () => {
    const part = fc.double({ min: -15, max: 15, noNaN: true });
    fc.assert(
      fc.property(part, part, (northMps, eastMps) => {
        const costS = legCostS(mission, FLAT, north, { northMps, eastMps });
        expect(costS).toBeGreaterThanOrEqual(100 - 1e-9);
      }),
    );
  });

  test("uphill costs the climb, downhill gives nothing back", () => {
    const up = legCostS(mission, ramp(0.1), north, STILL);
    expect(up).toBeCloseTo(100 + 120 * CLIMB_COST_S_PER_M, 6);
    expect(legCostS(mission, ramp(-0.1), north, STILL)).toBeCloseTo(100, 6);
  });

  test("ground steeper than the vehicle climbs holds it up", () => {
    const steep = legCostS(mission, ramp(1), north, STILL);
    expect(steep).toBeCloseTo(1200 / mission.vehicles.climbMaxMps + 1200 * CLIMB_COST_S_PER_M, 6);
  });
});

describe("the way home", () => {
  test("is the sum of its legs and the landing, with the margin on all of it", () => {
    const route = [at(0), at(600), at(600, 600)];
    const costS = homeCostS(mission, FLAT, route, STILL);
    expect(costS).toBeCloseTo((100 + LANDING_S) * (1 + MARGIN_RATIO), 9);
    expect(homeCostS(mission, FLAT, [at(0)], STILL)).toBeCloseTo(LANDING_S * 1.12, 9);
  });

  test("what may be used ends at the reserve, and is negative below it", () => {
    const { batteryS } = mission.vehicles;
    const { reserveRatio } = mission.limits;
    expect(usableS(mission, 1)).toBeCloseTo((1 - reserveRatio) * batteryS, 9);
    expect(usableS(mission, reserveRatio)).toBe(0);
    expect(usableS(mission, reserveRatio - 0.1)).toBeLessThan(0);
  });
});
