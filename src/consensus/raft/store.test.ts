import { describe, expect, test } from "vitest";
import { nodeIndex, SeededStream, type MonotonicMs } from "../../base/mod.ts";
import type { RecoveredStore, StoreRequest } from "../../hal/mod.ts";
import { DEFAULT_TIMING } from "../config.ts";
import { Consensus } from "../consensus.ts";
import { perform, verifyMark } from "../world.test-support.ts";

/** What a first boot over this store asks of it, and what it complains about. */
function boot(store: RecoveredStore): { asked: StoreRequest[]; problems: string[] } {
  const machine = new Consensus({
    self: nodeIndex(0),
    cluster: 7,
    timing: DEFAULT_TIMING,
    initial: { outgoing: [], voters: [0, 1, 2].map(nodeIndex), nonVoters: [] },
    grounds: [],
    verify: verifyMark,
    random: new SeededStream(1, "store"),
  });
  const asked: StoreRequest[] = [];
  const problems: string[] = [];
  machine.step(0 as MonotonicMs, { kind: "recovered", store }, (out) => {
    if (out.kind === "ask") asked.push(out.request);
    if (out.kind === "problem") problems.push(out.problem.code);
  });
  return { asked, problems };
}

describe("a first boot that ends early", () => {
  test("what others keep in the same store is no sign of a lost vote", () => {
    const records = [Uint8Array.of(0, 0, 0, 1)];
    expect(boot([{ name: "boot", records }]).problems).toEqual([]);
  });

  test("power lost between any two of its writes costs nothing", () => {
    const { asked } = boot([]);
    expect(asked.length).toBeGreaterThan(1);
    for (let written = 0; written <= asked.length; written += 1) {
      const disk = new Map<string, Uint8Array[]>();
      for (const request of asked.slice(0, written)) perform(disk, request);
      const left = [...disk].map(([name, records]) => ({ name, records }));
      expect(boot(left).problems, `${String(written)} written`).toEqual([]);
    }
  });

  test("a log without the vote stays a lost vote", () => {
    const log = boot([]).asked.find(({ name }) => name === "raft-log");
    const records = log?.kind === "replace" ? log.records : [];
    expect(boot([{ name: "raft-log", records }]).problems).toEqual(["CON019"]);
  });
});
