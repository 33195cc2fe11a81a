import { describe, expect, test } from "vitest";
import { parseTiming } from "../consensus/mod.ts";
import { clusterTiming } from "./cluster-timing.ts";

const COUNTS = Array.from({ length: 64 }, (_, i) => i + 1);

describe("the timing that nodes use", () => {
  test("holds every relation for every size of a cluster", () => {
    for (const count of COUNTS) {
      const timing = clusterTiming(count);
      expect(parseTiming(timing, count), `${String(count)} founders`).toEqual({
        ok: true,
        value: timing,
      });
    }
  });

  test("gives every member its slot before a broadcast is repeated", () => {
    for (const count of COUNTS) {
      const { ackSlotMs, retransmitMs } = clusterTiming(count);
      expect(count * ackSlotMs, `${String(count)} founders`).toBeLessThan(retransmitMs);
    }
  });

  test("leaves split votes their spread also where a cluster is just no longer small", () => {
    for (const count of [13, 14, 15]) {
      expect(clusterTiming(count).electionTimeoutMaxMs).toBe(2400);
    }
    expect(clusterTiming(20).electionTimeoutMaxMs).toBe(2600);
  });

  test("what is wished for is parsed like the rest", () => {
    expect(clusterTiming(5, { leaseMs: 10_000 }).leaseMs).toBe(10_000);
    expect(() => clusterTiming(5, { electionTimeoutMinMs: 300 })).toThrow("holds its relations");
  });
});
