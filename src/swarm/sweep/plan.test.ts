import { describe, expect, test } from "vitest";
import { sweptMassBound } from "./bound.ts";
import { lengthOf, planSweep, shareOut } from "./plan.ts";
import { polish } from "./polish.ts";
import { SeededStream } from "../../base/mod.ts";
import { disc, hill, mapOf } from "./sweep.test-support.ts";
import { sweptGround } from "./swept.ts";

const radiusM = 33;
const rule = { radiusM, pixelM: 3 };
const request = { vehicleCount: 2, teamLengthM: 6000, radiusM, seed: 3, effort: 0.003 };

describe("a budget that is too small for the map", () => {
  const paths = planSweep(hill, request);
  const swept = sweptGround(hill, paths, rule);

  test("every vehicle keeps to its share", () => {
    expect(paths).toHaveLength(2);
    for (const path of paths) expect(lengthOf(path)).toBeLessThanOrEqual(3000 + 1e-6);
  });

  test("sweeps most of what any path of that length could, and leaves few gaps", () => {
    const bound = sweptMassBound(hill, { pathCount: 2, teamLengthM: 6000, radiusM });
    expect(swept.massSwept).toBeLessThanOrEqual(bound);
    expect(swept.massSwept).toBeGreaterThan(0.8 * bound);
    expect(swept.unseenShare).toBeLessThan(0.03);
  });

  test("is the same when planned again, and another seed's is another", () => {
    expect(planSweep(hill, request)).toEqual(paths);
    expect(planSweep(hill, { ...request, seed: 4 })).not.toEqual(paths);
  }, 60_000);
});

describe("a budget that is enough", () => {
  test("sweeps everything and leaves nothing unseen, whatever the number of vehicles", () => {
    const paths = planSweep(disc, { ...request, vehicleCount: 5, teamLengthM: 20_000 });
    const { massSwept, unseenShare } = sweptGround(disc, paths, rule);
    const total = Array.from(disc.mass).reduce((sum, mass) => sum + mass, 0);
    expect(massSwept / total).toBeGreaterThan(0.999);
    expect(unseenShare).toBeLessThan(0.005);
    for (const path of paths) expect(lengthOf(path)).toBeLessThanOrEqual(4000);
  });
});

test("a map of one rich cell is still flown over", () => {
  const spot = mapOf((n, e) => (Math.abs(n - 15) < 15 && Math.abs(e - 15) < 15 ? 1e-3 : 0));
  const paths = planSweep(spot, { ...request, vehicleCount: 1, teamLengthM: 400 });
  expect(sweptGround(spot, paths, rule).massSwept).toBeGreaterThan(0.85);
}, 60_000);

describe("polishing", () => {
  const lane = Array.from({ length: 16 }, (_, i) => ({ northM: 330, eastM: -500 + 66 * i }));

  test("moves a lane to where the map is richer, at no more length", () => {
    const before = sweptGround(hill, [lane], rule).massSwept;
    const path = polish(hill, lane, {
      lengthM: lengthOf(lane),
      rule,
      steps: 6000,
      random: new SeededStream(5),
      bandBonusPerM2: 0,
    });
    expect(lengthOf(path)).toBeLessThanOrEqual(lengthOf(lane) + 1e-6);
    expect(sweptGround(hill, [path], rule).massSwept).toBeGreaterThan(before);
  });
});

test("pieces of a path join end to end", () => {
  const path = [
    { northM: 0, eastM: 0 },
    { northM: 0, eastM: 90 },
    { northM: 60, eastM: 90 },
  ];
  const pieces = shareOut(path, { vehicleCount: 3, teamLengthM: 1000 });
  expect(pieces.map((piece) => lengthOf(piece))).toEqual([50, 50, 50]);
  expect(pieces[1]?.[0]).toEqual(pieces[0]?.at(-1));
  expect(pieces[2]?.at(-1)).toEqual({ northM: 60, eastM: 90 });
});
