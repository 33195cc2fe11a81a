import { describe, expect, test } from "vitest";
import type { Zone } from "../area/mod.ts";
import { fenceLimits, zoneHeights, zoneLimits } from "./fences.ts";
import { surfaceOf } from "./ground.ts";
import { flatGround } from "../terrain/mod.ts";

const box = (m: number, n = 0, e = 0) => [
  { northM: n - m, eastM: e - m },
  { northM: n + m, eastM: e - m },
  { northM: n + m, eastM: e + m },
  { northM: n - m, eastM: e + m },
];
const polygon = (m: number, n = 0, e = 0) => ({ outer: box(m, n, e), holes: [] });
const zone = (changes: Partial<Zone> = {}): Zone => ({
  name: "z",
  polygon: polygon(50),
  floor: undefined,
  ceiling: undefined,
  ...changes,
});

const view = (northM: number, altitudeAmslM: number) => ({
  at: { northM, eastM: 0 },
  altitudeAmslM,
  groundAmslM: 0,
  brakeMps2: 2,
});

describe("fence", () => {
  test("no fence, no limit; far from every edge none binds", () => {
    expect(fenceLimits([], { northM: 0, eastM: 0 }, 2)).toEqual([]);
    expect(fenceLimits([polygon(5000)], { northM: 0, eastM: 0 }, 2)).toEqual([]);
  });

  test("towards each near edge only as fast as it can still stop", () => {
    const limits = fenceLimits([polygon(100)], { northM: 80, eastM: 0 }, 2);
    const north = limits.find((one) => one.north > 0.9)!;
    expect(north.maxMps).toBeGreaterThan(3);
    expect(north.maxMps).toBeLessThan(6);
    expect(fenceLimits([polygon(100)], { northM: 95, eastM: 0 }, 2)[0]!.maxMps).toBeLessThan(0);
  });

  test("where two parts overlap the one that binds less holds", () => {
    const both = [polygon(100), polygon(100, 90, 0)];
    const limits = fenceLimits(both, { northM: 60, eastM: 0 }, 2);
    expect(Math.min(...limits.map((one) => one.maxMps))).toBeGreaterThan(10);
  });

  test("a hole in the fence is kept out of", () => {
    const ring = { outer: box(300), holes: [box(40)] };
    const limits = fenceLimits([ring], { northM: 70, eastM: 0 }, 2);
    expect(limits.some((one) => one.north < -0.9 && one.maxMps < 8)).toBe(true);
  });

  test("outside, the only way is back", () => {
    const [limit] = fenceLimits([polygon(100), polygon(100, 900, 0)], { northM: 150, eastM: 0 }, 2);
    expect(limit!.north).toBeCloseTo(1, 9);
    expect(limit!.maxMps).toBe(-3);
    const [onEdge] = fenceLimits(
      [{ outer: box(100), holes: [] }],
      { northM: -100.000001, eastM: 0 },
      2,
    );
    expect(onEdge!.maxMps).toBeLessThan(0);
  });
});

describe("zones", () => {
  test("outside: slower towards the edge; inside: out", () => {
    const near = zoneLimits([zone()], view(80, 60));
    expect(near.some((one) => one.north < -0.9 && one.maxMps < 8)).toBe(true);
    const inside = zoneLimits([zone()], view(30, 60));
    expect(inside).toHaveLength(1);
    expect(inside[0]!.maxMps).toBeLessThan(0);
    expect(inside[0]!.north).toBeCloseTo(-1, 9);
  });

  test("well above or below its band a zone does not exist, but bounds the height", () => {
    const band = zone({
      floor: { reference: "amsl", altitudeM: 40 },
      ceiling: { reference: "agl", altitudeM: 80 },
    });
    expect(zoneLimits([band], view(0, 100))).toEqual([]);
    expect(zoneLimits([band], view(0, 20))).toEqual([]);
    expect(zoneHeights([band], view(0, 100)).floorAmslM).toBe(85);
    expect(zoneHeights([band], view(0, 20)).ceilingAmslM).toBe(35);
    expect(zoneHeights([band], view(500, 20))).toEqual({
      floorAmslM: -Infinity,
      ceilingAmslM: Infinity,
    });
    expect(zoneHeights([zone()], view(0, 20))).toEqual({
      floorAmslM: -Infinity,
      ceilingAmslM: Infinity,
    });
  });
});

describe("the surface", () => {
  test("is the ground and the trees that the map shows", () => {
    const surface = surfaceOf(flatGround(100), (n) => (n > 0 ? "forest" : "open"));
    expect(surface.heightAmslM(5, 0)).toBe(125);
    expect(surface.heightAmslM(-5, 0)).toBe(100);
  });
});
