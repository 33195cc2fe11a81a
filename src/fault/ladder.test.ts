import { describe, expect, test } from "vitest";
import type { MonotonicMs } from "../base/mod.ts";
import { climb, LOITER_MAX_MS, rungFor, RUNGS, type Situation } from "./ladder.ts";
import { createLosses } from "./losses.ts";
import type { LossKind, Rung } from "./types.ts";

function situation(lost: readonly LossKind[], over: Partial<Situation> = {}): Situation {
  const losses = createLosses();
  for (const what of lost) losses[what].lost = true;
  return { losses, hasPeers: true, planKnown: true, loiteredMs: 0, ...over };
}

describe("the degradation ladder", () => {
  const rungs: readonly [string, Situation, Rung][] = [
    ["all in reach", situation([]), "full"],
    ["position lost alone changes nothing between nodes", situation(["position"]), "full"],
    ["ground out of reach", situation(["ground"]), "clusterLocal"],
    ["no head", situation(["head"]), "leaderless"],
    ["no quorum", situation(["cluster", "head", "ground"]), "leaderless"],
    ["alone with a plan", situation(["cluster"], { hasPeers: false }), "lastPlan"],
    [
      "alone without a plan",
      situation(["cluster"], { hasPeers: false, planKnown: false }),
      "loiter",
    ],
    [
      "loitered for too long",
      situation(["cluster"], { hasPeers: false, planKnown: false, loiteredMs: LOITER_MAX_MS }),
      "goHome",
    ],
    ["battery, whatever else", situation(["battery"]), "goHome"],
  ];
  test.each(rungs)("%s", (_, given, rung) => {
    expect(rungFor(given).rung).toBe(rung);
  });

  test("down at once, up only after five clear seconds", () => {
    const state = { rung: "full" as Rung, sinceMs: 0 as MonotonicMs, betterMs: Infinity };
    const at = (ms: number, wanted: Rung): Rung => {
      state.rung = climb(state, wanted, ms as MonotonicMs);
      return state.rung;
    };
    expect(at(0, "leaderless")).toBe("leaderless");
    expect(at(1000, "full")).toBe("leaderless");
    expect(at(4000, "leaderless")).toBe("leaderless");
    expect(at(5000, "full")).toBe("leaderless");
    expect(at(9999, "full")).toBe("leaderless");
    expect(at(10_000, "full")).toBe("full");
  });

  test("the rungs are named best first", () => {
    expect(RUNGS).toEqual(["full", "clusterLocal", "leaderless", "lastPlan", "loiter", "goHome"]);
  });
});
