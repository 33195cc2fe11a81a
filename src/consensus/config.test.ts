import { describe, expect, test } from "vitest";
import { DEFAULT_TIMING, parseTiming, type ConsensusTiming } from "./config.ts";

describe("timing of a cluster", () => {
  test("the defaults hold every relation", () => {
    expect(parseTiming({})).toEqual({ ok: true, value: DEFAULT_TIMING });
  });

  const broken: readonly (readonly [Partial<ConsensusTiming>, string])[] = [
    [{ leaderHeartbeatMs: 0 }, "above zero"],
    [{ leaderHeartbeatMs: NaN }, "finite"],
    [{ electionTimeoutMinMs: 200 }, "three leaderHeartbeatMs"],
    [{ electionTimeoutMaxMs: 400 }, "1.5 times"],
    [{ idleAckEvery: 8 }, "idle acknowledgements"],
    [{ retransmitMs: 150 }, "retransmitMs is below"],
    [{ broadcastGapMs: 30 }, "broadcastGapMs is below"],
    [{ ackSlotMs: 1 }, "one ackSlotMs for each member"],
    [{ leaseMs: 5_000 }, "four tickMs"],
    [{ batchMaxBytes: 100 }, "batchMaxBytes"],
    [{ snapshotChunkBytes: 2_000 }, "snapshotChunkBytes"],
    [{ keepEntries: 1_000 }, "keepEntries"],
  ];
  for (const [change, sentence] of broken) {
    test(`refused, and says so: ${sentence}`, () => {
      const parsed = parseTiming(change);
      expect(parsed.ok ? "" : `${parsed.problem.code} ${parsed.problem.text}`).toContain(sentence);
    });
  }

  test("the slots are those of the members that there are, fifty unless said", () => {
    expect(parseTiming({ ackSlotMs: 1 }, 15).ok).toBe(true);
    expect(parseTiming({ ackSlotMs: 1 }, 20).ok).toBe(false);
  });

  test("all broken relations are named at once", () => {
    const parsed = parseTiming({ ackSlotMs: 1, keepEntries: 1_000 });
    expect(parsed.ok ? "" : parsed.problem.text).toMatch(/one ackSlotMs.*; keepEntries/);
  });
});
