import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exp, SeededStream } from "../../base/mod.ts";
import { publishedDistances } from "../mission/distances.ts";
import { testGround, testMission } from "../mission.test-support.ts";
import { distanceLaw } from "./distance.ts";
import { erf, normalCdf } from "./normal.ts";
import { passEffect, podBand, podOfPass, podParallel, podRandom } from "./pod.ts";
import { cellAt, cellEastM, cellNorthM, computedPrior, gridOver, loadedPrior } from "./prior.ts";
import {
  COVERAGE_UNIT,
  posterior,
  coverageAt,
  leftAt,
  searchMap,
  setClues,
  successBand,
  sweep,
  totalLeft,
} from "./search-map.ts";

const box = (m: number) => [
  { northM: -m, eastM: -m },
  { northM: m, eastM: -m },
  { northM: m, eastM: m },
  { northM: -m, eastM: m },
];

describe("the normal distribution", () => {
  test("erf agrees with tabulated values (Abramowitz and Stegun, table 7.1)", () => {
    expect(erf(0.5)).toBeCloseTo(0.5204998778, 6);
    expect(erf(1)).toBeCloseTo(0.8427007929, 6);
    expect(erf(-2)).toBeCloseTo(-0.995322265, 6);
    expect(normalCdf(1.6448536)).toBeCloseTo(0.95, 5);
  });
});

describe("lost-person distances", () => {
  const tables = [
    publishedDistances("flat", "temperate"),
    publishedDistances("flat", "dry"),
    publishedDistances("mountainous", "temperate"),
    publishedDistances("mountainous", "dry"),
  ];

  test.each(tables)("$environment $climate holds every row of its table", (table) => {
    const law = distanceLaw(table.quantiles);
    for (const { share, distanceM } of table.quantiles) {
      expect(law.shareWithin(distanceM)).toBeCloseTo(share, 5);
    }
    expect(law.shareWithin(0)).toBe(0);
    expect(law.shareWithin(1e7)).toBeGreaterThan(0.999);
  });

  test.each(tables)("$environment $climate: the density is that of its distribution", (table) => {
    const law = distanceLaw(table.quantiles);
    for (const r of [150, 700, 1800, 4000, 9000, 30_000]) {
      const slope = (law.shareWithin(r * 1.001) - law.shareWithin(r * 0.999)) / (r * 0.002);
      expect(law.densityPerM2(r) * 2 * Math.PI * r).toBeCloseTo(slope, 6);
    }
  });

  test("shares never fall with distance", () => {
    const law = distanceLaw(tables[3]!.quantiles);
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 60_000, noNaN: true }),
        fc.double({ min: 1, max: 1.5, noNaN: true }),
        (r, factor) => law.shareWithin(r * factor) >= law.shareWithin(r) - 1e-7,
      ),
    );
  });

  // Spread over the ring: the published maps skip the division and hold 0.22-0.28 here.
  test.each(tables)("$environment $climate: the map holds half inside its 50% radius", (table) => {
    const half = table.quantiles.find((row) => row.share === 0.5)!.distanceM;
    const mission = testMission({
      distances: table,
      area: [{ outer: box(half * 1.2), holes: [] }],
      limits: { ...testMission().limits, fence: [] },
    });
    const prior = computedPrior(testGround(mission));
    let inside = 0;
    for (let cell = 0; cell < prior.mass.length; cell += 1) {
      const n = cellNorthM(prior.grid, cell);
      const e = cellEastM(prior.grid, cell);
      if (n * n + e * e <= half * half) inside += prior.mass[cell]!;
    }
    expect(Math.abs(inside - 0.5)).toBeLessThan(0.01);
  });
});

describe("the prior", () => {
  test("masses and what lies outside sum to one, with and without weights", () => {
    const hills = { heightAmslM: (n: number, e: number) => 80 * Math.sin(n / 200) + e / 50 };
    const prior = computedPrior(testGround(testMission(), { ground: hills }));
    const total = prior.mass.reduce((sum, mass) => sum + mass, prior.outside);
    expect(total).toBeCloseTo(1, 9);
    const flat = computedPrior(testGround(testMission()));
    expect(prior.outside).toBeCloseTo(flat.outside, 9);
  });

  test("drainages, steep ground and features weigh as stated", () => {
    const valley = { heightAmslM: (n: number) => Math.min(300, Math.abs(n - 500) * 0.1) };
    const cliff = { heightAmslM: (n: number) => Math.max(0, Math.min(400, (n - 400) * 2)) };
    const feature = {
      name: "track",
      kind: "path" as const,
      points: [
        { northM: -2000, eastM: 900 },
        { northM: 2000, eastM: 900 },
      ],
    };
    const plain = testMission();
    const share = (mission: typeof plain, ground: { heightAmslM(n: number, e: number): number }) =>
      computedPrior(testGround(mission, { ground }));
    const level = share(plain, { heightAmslM: () => 0 });
    const at = cellAt(level.grid, 510, 10);
    const other = cellAt(level.grid, -510, 10);
    const inValley = share(plain, valley);
    expect(inValley.mass[at]! / inValley.mass[other]!).toBeCloseTo(1.5, 1);
    const onCliff = share(plain, cliff);
    expect(onCliff.mass[at]! / onCliff.mass[other]!).toBeLessThan(0.4);
    const withTrack = share(testMission({ features: [feature] }), { heightAmslM: () => 0 });
    const near = cellAt(level.grid, 10, 910);
    const mirror = cellAt(level.grid, 10, -910);
    expect(withTrack.mass[near]! / withTrack.mass[mirror]!).toBeCloseTo(2, 1);
  });

  test("a zone at lane height is not searched and its mass counts as outside", () => {
    const zone = {
      name: "airfield",
      polygon: { outer: box(400), holes: [] },
      floor: undefined,
      ceiling: undefined,
    };
    const open = computedPrior(testGround(testMission()));
    const prior = computedPrior(testGround(testMission({ zones: [zone] })));
    expect(prior.mass[cellAt(prior.grid, 10, 10)]).toBe(0);
    expect(prior.outside).toBeGreaterThan(open.outside + 0.1);
  });

  test("a loaded map brings its own masses", () => {
    const world = testGround(testMission());
    const grid = gridOver(world.mission);
    const mass = new Float64Array(grid.rows * grid.cols);
    mass[cellAt(grid, 1000, 1000)] = 3;
    mass[cellAt(grid, -1000, 1000)] = 1;
    const prior = loadedPrior(world, { mass, outside: 0.2 });
    expect(prior.mass[cellAt(grid, 1000, 1000)]).toBeCloseTo(0.6, 12);
    expect(prior.outside).toBeCloseTo(0.2, 12);
  });

  test("a point beyond the grid has no cell", () => {
    expect(cellAt(gridOver(testMission()), 1e6, 0)).toBe(-1);
  });
});

describe("probability of detection", () => {
  test("a pass with lanes a footprint apart or more finds W over the spacing", () => {
    for (const spacingM of [120, 150, 400]) {
      const pod = podOfPass({ sweepM: 60, footprintM: 120, spacingM });
      expect(pod).toBeCloseTo(60 / spacingM, 2);
    }
  });

  test("a pass is what ten thousand people scattered under it say", () => {
    const [sweepM, footprintM, spacingM] = [80, 120, 90];
    const people = new SeededStream(5, "people");
    let found = 0;
    for (let i = 0; i < 10_000; i += 1) {
      const crossM = people.uniform() * spacingM;
      // Seen from five lanes around; peak 0.784 flat to 42 m, nothing from 60 m on (W = 80 m).
      const seen = [-2, -1, 0, 1, 2].some((lane) => {
        const offM = Math.abs(crossM - lane * spacingM);
        const chance = (80 / 102) * Math.min(1, Math.max(0, (60 - offM) / 18));
        return people.chance(chance);
      });
      if (seen) found += 1;
    }
    expect(podOfPass({ sweepM, footprintM, spacingM })).toBeCloseTo(found / 10_000, 1.5);
  });

  test("well-flown passes take more than the random search of the same coverage", () => {
    expect(passEffect({ sweepM: 80, footprintM: 120, spacingM: 102 })).toBeGreaterThan(1.5);
    expect(passEffect({ sweepM: 1, footprintM: 120, spacingM: 120 })).toBeCloseTo(1, 1);
  });

  test("Koopman's random search is below the inverse-cube law, and the band widens with W", () => {
    expect(podRandom(1)).toBeCloseTo(0.632, 3);
    expect(podParallel(1)).toBeCloseTo(0.79, 2);
    for (const coverage of [0.1, 0.5, 1, 2]) {
      const narrow = podBand(coverage, 0);
      const wide = podBand(coverage, 0.3);
      expect(narrow.low).toBeLessThan(narrow.high);
      expect(wide.low).toBeLessThan(narrow.low);
      expect(wide.high).toBeGreaterThan(narrow.high);
    }
  });
});

describe("the map during the search", () => {
  const prior = computedPrior(testGround(testMission()));

  test("negative search is Bayes: what is swept shrinks, everything else and outside grow", () => {
    const map = searchMap(prior);
    const cell = cellAt(prior.grid, 10, 10);
    const before = posterior(map);
    sweep(map, cell, 1 / COVERAGE_UNIT);
    const after = posterior(map);
    const kept = Math.exp(-prior.effect[cell]!);
    const total = 1 - prior.mass[cell]! * (1 - kept);
    expect(after[cell]).toBeCloseTo((before[cell]! * kept) / total, 12);
    expect(after[cell + 1]).toBeGreaterThan(before[cell + 1]!);
    expect(totalLeft(map)).toBeCloseTo(total, 12);
  });

  test("a page of the map is made when something is known of it: the prior until then", () => {
    const map = searchMap(prior);
    const made = (): number => map.pages.filter((page) => page !== undefined).length;
    const cell = cellAt(prior.grid, 10, 10);
    expect([made(), leftAt(map, cell), coverageAt(map, cell)]).toEqual([0, prior.mass[cell], 0]);
    sweep(map, cell, 1);
    expect(made()).toBe(1);
    for (const other of [cell - 1, cell + 1, 0, prior.mass.length - 1]) {
      expect([leftAt(map, other), coverageAt(map, other)]).toEqual([prior.mass[other], 0]);
    }
    expect(coverageAt(map, -1)).toBe(0);
    expect(coverageAt(map, prior.mass.length)).toBe(0);
    setClues(map, [{ northM: 0, eastM: 0, errorM: 20, weight: 5 }]);
    setClues(map, []);
    expect(leftAt(map, cell)).toBe(prior.mass[cell]! * exp(-COVERAGE_UNIT * prior.effect[cell]!));
  });

  test("sums do not depend on the order of sweeps, to the bit", () => {
    const work = Array.from({ length: 40 }, (_, i) => [(i * 37) % 50, 100 + i * 13] as const);
    const one = searchMap(prior);
    const other = searchMap(prior);
    for (const [cell, units] of work) sweep(one, cell, units);
    for (const [cell, units] of work.toReversed()) sweep(other, cell, units);
    expect(one.pages).toEqual(other.pages);
  });

  test("success is a band that rises with sweeping and never passes what is inside", () => {
    const map = searchMap(prior);
    let last = successBand(map, 0.25);
    expect(last).toMatchObject({ low: 0, high: 0 });
    for (let round = 0; round < 40; round += 1) {
      for (let cell = 0; cell < prior.mass.length; cell += 1) sweep(map, cell, 2048);
      const band = successBand(map, 0.25);
      expect(band.low).toBeGreaterThan(last.low);
      expect(band.high).toBeGreaterThanOrEqual(band.low);
      last = band;
    }
    expect(last.high).toBeLessThanOrEqual(1 - prior.outside + 1e-9);
    expect(last.low).toBeGreaterThan(0.99 * (1 - prior.outside));
  });

  test("a clue lifts the ground around it, and is forgotten when it is dismissed", () => {
    const map = searchMap(prior);
    const at = cellAt(prior.grid, 1510, -740);
    const before = posterior(map)[at]!;
    setClues(map, [{ northM: 1510, eastM: -740, errorM: 30, weight: 50 }]);
    expect(posterior(map)[at]! / before).toBeGreaterThan(20);
    setClues(map, [{ northM: 1510, eastM: -740, errorM: 30, weight: -0.9 }]);
    expect(posterior(map)[at]).toBeLessThan(before * 0.4);
    setClues(map, []);
    expect(posterior(map)[at]).toBeCloseTo(before, 12);
  });
});
