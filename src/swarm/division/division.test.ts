/** Who is in which cluster at the start, and which segments each cluster searches. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nodeIndex, segmentId, type NodeIndex } from "../../base/mod.ts";
import { computedPrior } from "../map/mod.ts";
import { testGround, testMission } from "../mission.test-support.ts";
import { plannerNamed } from "../planner/baselines.ts";
import type { SearchPlan } from "../planner/segments.ts";
import { CLUSTER_SIZE, dealOut, foundingDivision, worthsOf, type Worth } from "./division.ts";

const vehicles = (count: number): readonly NodeIndex[] =>
  Array.from({ length: count }, (_, i) => nodeIndex(i + 1));

const grid = (side: number): readonly Worth[] =>
  Array.from({ length: side * side }, (_, i) => ({
    id: segmentId(i),
    northM: 100 * Math.floor(i / side),
    eastM: 100 * (i % side),
    worth: 1,
  }));

function planOfTest(): SearchPlan {
  const world = testGround(testMission());
  return plannerNamed("massRate").divide(world, computedPrior(world));
}

describe("the founding division", () => {
  const plan = planOfTest();

  test("the mission says how many channels there are for clusters", () => {
    const used = (channels: number): number =>
      new Set(foundingDivision(vehicles(400), plan, channels).clusters.map((it) => it.channel))
        .size;
    expect([1, 3, 7].map(used)).toEqual([1, 3, 7]);
  });

  test("up to fifty vehicles are one cluster with everything to search", () => {
    for (const count of [1, 2, 49, 50]) {
      const { revision, clusters } = foundingDivision(vehicles(count), plan);
      expect(revision).toBe(0);
      expect(clusters).toEqual([
        {
          cluster: 1,
          since: 0,
          channel: 0,
          members: vehicles(count),
          segments: plan.segments.map(({ id }) => id),
        },
      ]);
    }
  });

  test("beyond that everyone is in one cluster of 20 to 40, of neighbours on their pads", () => {
    fc.assert(
      fc.property(fc.integer({ min: 51, max: 10_000 }), (count) => {
        const { clusters } = foundingDivision(vehicles(count), plan);
        expect(clusters.flatMap(({ members }) => members)).toEqual(vehicles(count));
        for (const { members } of clusters) {
          expect(members.length).toBeGreaterThanOrEqual(20);
          expect(members.length).toBeLessThanOrEqual(CLUSTER_SIZE);
        }
      }),
      { numRuns: 40 },
    );
  });

  test("each segment is one cluster's", () => {
    const { clusters } = foundingDivision(vehicles(200), plan);
    const dealt = clusters.flatMap(({ segments }) => segments);
    expect(dealt.toSorted((a, b) => a - b)).toEqual(plan.segments.map(({ id }) => id));
    // Fewer clusters than channels: nobody shares one.
    expect(new Set(clusters.map(({ channel }) => channel)).size).toBe(5);
  });
});

describe("dealing out segments", () => {
  test("four equal clusters get the four quarters of a square", () => {
    const quarters = dealOut(grid(4), [1, 1, 1, 1]);
    expect(quarters).toEqual([
      [0, 1, 4, 5],
      [2, 3, 6, 7],
      [8, 9, 12, 13],
      [10, 11, 14, 15],
    ]);
  });

  test("a cluster of twice the vehicles gets twice the probability", () => {
    const [large, small] = dealOut(grid(6), [40, 20]);
    expect(large).toHaveLength(24);
    expect(small).toHaveLength(12);
  });

  test("nobody is left without a segment while there are as many as clusters", () => {
    const lopsided = grid(4).map((one) => ({ ...one, worth: one.id === 0 ? 1 : 0 }));
    for (const share of dealOut(lopsided, [1, 1, 1, 1, 1, 1, 1, 1])) {
      expect(share.length).toBeGreaterThan(0);
    }
  });

  test("with fewer segments than clusters each segment still has one owner", () => {
    const dealt = dealOut(grid(2), [1, 1, 1, 1, 1, 1, 1]).flat();
    expect(dealt.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
  });

  test("a segment is worth the probability under its lanes, each cell counted once", () => {
    const plan = planOfTest();
    const inside = plan.prior.mass.reduce((total, mass) => total + mass, 0);
    for (const { worth } of worthsOf(plan)) {
      expect(worth).toBeGreaterThan(0);
      expect(worth).toBeLessThanOrEqual(inside);
    }
  });
});
