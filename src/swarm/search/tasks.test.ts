import { describe, expect, test } from "vitest";
import { nodeIndex, segmentId } from "../../base/mod.ts";
import type { Intent } from "./message.ts";
import {
  freshIntents,
  INTENT_KEPT_MS,
  mustYield,
  noteIntent,
  noteSkip,
  SKIP_MS,
  taskOf,
  taskState,
} from "./tasks.ts";

const intent = (segment: number): Intent => ({
  duty: "search",
  segments: [segmentId(segment)],
  place: undefined,
  spareS: 100,
  digest: 0,
});
const choice = {
  segment: segmentId(4),
  pass: 0,
  runs: [
    { lane: 0, reversed: false },
    { lane: 1, reversed: true },
  ],
  next: [],
};

describe("tasks", () => {
  test("lanes that could not be flown are left out for a while, then tried again", () => {
    const state = taskState();
    noteSkip(state, { segment: segmentId(4), lane: 1, untilMs: SKIP_MS }, 0);
    expect(taskOf(choice, state.skips, 10)!.runs.map((run) => run.lane)).toEqual([0]);
    expect(taskOf(choice, state.skips, SKIP_MS + 1)!.runs).toHaveLength(2);
    noteSkip(state, { segment: segmentId(4), lane: 0, untilMs: SKIP_MS }, 1);
    expect(taskOf(choice, state.skips, 10)).toBeUndefined();
    for (let i = 0; i < 200; i += 1)
      noteSkip(state, { segment: segmentId(9), lane: i, untilMs: 1e9 }, 2);
    expect(state.skips.length).toBeLessThanOrEqual(64);
  });

  test("intents are the last of each, and fade", () => {
    const state = taskState();
    noteIntent(state, { from: nodeIndex(3), intent: intent(1), atMs: 0 });
    noteIntent(state, { from: nodeIndex(2), intent: intent(2), atMs: 100 });
    noteIntent(state, { from: nodeIndex(3), intent: intent(5), atMs: 200 });
    expect(freshIntents(state, 300).map((one) => one.intent.segments[0])).toEqual([2, 5]);
    expect(freshIntents(state, INTENT_KEPT_MS + 150)).toHaveLength(1);
  });

  test("a tentative lease yields to the lower index, a held one to nobody", () => {
    const state = taskState();
    expect(mustYield(state, nodeIndex(5), 0)).toBe(false);
    state.task = taskOf(choice, [], 0);
    noteIntent(state, { from: nodeIndex(6), intent: intent(4), atMs: 0 });
    expect(mustYield(state, nodeIndex(5), 10)).toBe(false);
    noteIntent(state, { from: nodeIndex(2), intent: intent(4), atMs: 0 });
    expect(mustYield(state, nodeIndex(5), 10)).toBe(true);
    state.task!.held = true;
    expect(mustYield(state, nodeIndex(5), 10)).toBe(false);
  });
});
