import { describe, expect, test } from "vitest";
import { COVERAGE_UNIT, computedPrior } from "../map/mod.ts";
import { circleRing, testGround, testMission } from "../mission.test-support.ts";
import { flatGround } from "../terrain/mod.ts";
import { lanesOf, legProfile, type Strip } from "./lanes.ts";

const world = testGround(testMission());
const prior = computedPrior(world);

const strip = (changes: Partial<Strip> = {}): Strip => ({
  axis: "north",
  crossM: 10,
  fromM: -500,
  toM: 500,
  widthM: 40,
  ...changes,
});

describe("lanes", () => {
  test("a strip over open ground is one lane along its middle", () => {
    const lanes = lanesOf(world, prior, strip());
    expect(lanes).toHaveLength(1);
    expect(lanes[0]).toMatchObject({
      a: { northM: -500, eastM: 10 },
      b: { northM: 500, eastM: 10 },
      lengthM: 1000,
      spacingM: 40,
      groundAM: 400,
      climbM: 0,
    });
    expect(lanes[0]!.timeS).toBeCloseTo(1000 / 12, 9);
  });

  test.each(["north", "east"] as const)(
    "spreads its effort W x L over the cells under it, whatever the phase (%s)",
    (axis) => {
      const { open } = world.mission.sensor.sweepWidthM;
      for (const crossM of [0, 7, 24.9, 61]) {
        const [one] = lanesOf(world, prior, strip({ axis, crossM }));
        const { cellM } = prior.grid;
        const coverage = one!.units.reduce((sum, units) => sum + units * COVERAGE_UNIT, 0);
        const effortM2 = coverage * cellM * cellM;
        expect(effortM2 / (open * one!.lengthM)).toBeCloseTo(1, 2);
      }
    },
  );

  test("forest is swept thinner by the same lane", () => {
    const wood = testGround(testMission(), { cover: () => "forest" });
    const [thin] = lanesOf(wood, computedPrior(wood), strip());
    const [open] = lanesOf(world, prior, strip());
    const { sweepWidthM } = world.mission.sensor;
    expect(thin!.units[5]! / open!.units[5]!).toBeCloseTo(sweepWidthM.forest / sweepWidthM.open, 2);
  });

  test("a zone cuts the strip in two, and what is too short for its turn is dropped", () => {
    const polygon = { outer: circleRing({ northM: 400, eastM: 0 }, 150), holes: [] };
    const zone = { name: "mast", polygon, floor: undefined, ceiling: undefined };
    const cut = testGround(testMission({ zones: [zone] }));
    const cutPrior = computedPrior(cut);
    const ends = lanesOf(cut, cutPrior, strip({ toM: 900 })).map(({ a, b }) => [
      a.northM,
      b.northM,
    ]);
    expect(ends).toHaveLength(2);
    expect(ends[0]![1]).toBeLessThanOrEqual(275);
    expect(ends[1]![0]).toBeGreaterThanOrEqual(525);
    expect(lanesOf(cut, cutPrior, strip({ fromM: 400, toM: 560 }))).toEqual([]);
  });

  test("keeps off the fence, and off ground outside the grid there are none", () => {
    const out = lanesOf(world, prior, strip({ fromM: 2000, toM: 4000 }));
    expect(out).toHaveLength(1);
    expect(out[0]!.b.northM).toBeLessThanOrEqual(2500);
    expect(lanesOf(world, prior, strip({ crossM: 9000 }))).toEqual([]);
    const open = testGround(testMission({ limits: { ...world.mission.limits, fence: [] } }));
    expect(lanesOf(open, computedPrior(open), strip())).toHaveLength(1);
  });
});

describe("a leg over hills", () => {
  const limits = { cruiseMps: 12, climbMaxMps: 4 };
  const at = (northM: number) => ({ northM, eastM: 0 });

  test("climbs on average half of all height changes, the same both ways", () => {
    const hill = { ...flatGround(0), heightAmslM: (n: number) => Math.max(0, 100 - Math.abs(n)) };
    const there = legProfile(hill, at(-200), at(200), limits);
    expect(there.climbM).toBeCloseTo(100, 9);
    expect(legProfile(hill, at(200), at(-200), limits)).toEqual(there);
  });

  test("takes as long as its steepest part needs", () => {
    const cliff = { ...flatGround(0), heightAmslM: (n: number) => (n > 0 ? 80 : 0) };
    const { timeS } = legProfile(cliff, at(-100), at(100), limits);
    expect(timeS).toBeCloseTo((3 * 50) / 12 + 80 / 4, 9);
  });
});
