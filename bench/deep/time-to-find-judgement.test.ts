import { describe, expect, test } from "vitest";
import { PLANNER_NAMES } from "../../src/swarm/mod.ts";
import { judge, plotOf, SEEDS_MIN, textOf, type Row } from "./time-to-find-judgement.ts";

/** Seeds in which the plans need 60%, 100% and `square` of some time that differs by seed. */
function rowsOf(seeds: number, square: number, noise = 0): Row[] {
  return Array.from({ length: seeds }, (_, i) => i + 1).flatMap((seed) =>
    PLANNER_NAMES.map((planner, k) => ({
      commit: "abc",
      seed,
      planner,
      foundAtS: [0.6, 1, square + (seed % 2 === 0 ? noise : -noise)][k]! * (3000 + 5 * seed),
      simSeconds: 1,
      wallSeconds: 1,
      crypto: "test",
      violated: [],
      reserveMinPct: 20,
      separationMinM: 10,
    })),
  );
}

describe("the judgement of a campaign", () => {
  test("is kept by enough seeds, 25% and an interval above zero", () => {
    expect(judge(rowsOf(SEEDS_MIN, 0.8)).kept).toBe(true);
  });

  test("is not kept by one seed, nor by one too few", () => {
    expect(judge(rowsOf(1, 0.8)).kept).toBe(false);
    expect(judge(rowsOf(SEEDS_MIN - 1, 0.8)).kept).toBe(false);
    expect(judge([]).kept).toBe(false);
  });

  test("is not kept when the interval against expanding square holds zero", () => {
    const judged = judge(rowsOf(SEEDS_MIN, 0.61, 0.5));
    expect(judged.square.mean).toBeGreaterThan(0);
    expect(judged.kept).toBe(false);
  });

  test("is not kept by a run that violated an invariant, and names it", () => {
    const rows = rowsOf(SEEDS_MIN, 0.8);
    rows[0] = { ...rows[0]!, violated: ["reserve"] };
    const judged = judge(rows);
    expect(judged.kept).toBe(false);
    expect(textOf(judged, "abc")).toContain("seed 1 massRate: reserve");
  });

  test("counts seeds that all plans have flown only", () => {
    const rows = rowsOf(3, 0.8).slice(0, -1);
    expect(judge(rows).seeds).toBe(2);
  });

  test("is told with its commit, its seeds and a line for each plan", () => {
    const judged = judge(rowsOf(3, 0.8));
    const text = textOf(judged, "abc-dirty");
    expect(text).toContain("commit abc-dirty, 3 seeds");
    expect(text).toContain("of 200 that the promise asks for");
    const plot = plotOf(judged);
    for (const planner of PLANNER_NAMES) {
      expect(text).toContain(`| ${planner} |`);
      expect(plot).toContain(`>${planner}</text>`);
    }
    expect(plot.match(/stroke="#/g)).toHaveLength(4);
  });
});
