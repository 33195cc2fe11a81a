/** Terms (Raft, section 5.1), and who may raise them: `docs/protocols/raft.md`. */
import { describe, expect, test } from "vitest";
import { append, Bench, noop, problems, reply, voteRequest } from "../bench.test-support.ts";
import { DEFAULT_TIMING } from "../config.ts";
import type { RaftMessage } from "./messages.ts";
import { stateRecord } from "./records.ts";

describe("Raft 5.1: terms", () => {
  const later = (term: number): RaftMessage => {
    const hints = { match: 0, hintIndex: 0, hintTerm: 0 };
    return { kind: "appendReply", term, accepted: false, ...hints };
  };

  test("a member that hears a leader of a higher term follows it, once its own is silent", () => {
    const bench = new Bench();
    bench.hear(1, append(1, [0, 0]));
    expect(bench.hear(2, append(9, [0, 0]))).toEqual([]);
    expect([bench.machine.leader, bench.machine.term]).toEqual([1, 1]);
    bench.silence();
    bench.hear(2, append(9, [0, 0]));
    expect([bench.machine.leader, bench.machine.term]).toEqual([2, 9]);
  });

  test("a leader goes by its quorum, not by a leader of a higher term", () => {
    const bench = new Bench();
    bench.lead();
    bench.hear(1, append(9, [0, 0]));
    expect([bench.machine.role, bench.machine.term]).toEqual(["leader", 1]);
    bench.hear(1, { ...voteRequest(9, 9, 9), transfer: true } as RaftMessage);
    expect([bench.machine.role, bench.machine.term]).toEqual(["leader", 1]);
  });

  test("a leader gives way to a follower in a later term, but not at once", () => {
    const bench = new Bench();
    bench.lead();
    for (let i = 0; i < 5 * DEFAULT_TIMING.electionTimeoutMaxMs; i += 200) {
      bench.hear(1, later(4));
      bench.acknowledge(2, 0);
      expect(bench.machine.role).toBe("leader");
      bench.wake(160);
    }
    bench.hear(1, later(4));
    expect([bench.machine.role, bench.machine.term]).toEqual(["follower", 4]);
  });

  test("answers raise no term but a leader's or a candidate's", () => {
    const bench = new Bench();
    bench.hear(1, later(5));
    bench.hear(1, { kind: "voteReply", term: 6, preVote: false, granted: false });
    expect(bench.machine.term).toBe(0);
    bench.wake(700);
    bench.hear(1, { kind: "voteReply", term: 6, preVote: true, granted: false });
    expect(bench.machine.term).toBe(6);
  });

  test("terms are not used up by who names high ones", () => {
    const bench = new Bench();
    bench.hear(1, append(0xffffffff, [0, 0]));
    bench.hear(1, voteRequest(65_600, 0, 0));
    expect([bench.machine.term, problems(bench)]).toEqual([0, ["CON025"]]);
    bench.hear(1, voteRequest(65_536, 0, 0));
    expect(bench.machine.term).toBe(65_536);
    for (let i = 0; i < 2_000; i += 1) bench.hear(1, voteRequest(bench.machine.term + 9, 0, 0));
    expect(bench.machine.term).toBeGreaterThan(65_600);
    expect(bench.machine.term).toBeLessThanOrEqual(65_536 + (16 * bench.nowMs) / 1000);
  });

  test("whoever is far behind catches up as its clock goes on", () => {
    const bench = new Bench();
    bench.hear(1, append(70_000, [0, 0]));
    expect(bench.machine.term).toBe(0);
    for (let i = 0; i < 300; i += 1) bench.wake(1000);
    bench.hear(1, append(70_000, [0, 0]));
    expect([bench.machine.term, bench.machine.leader]).toEqual([70_000, 1]);
  });

  test("in the last term nobody stands", () => {
    const state = { term: 0xffffffff, votedFor: undefined, boot: 1, rejoining: false };
    const bench = new Bench(3, new Map([["raft-state", [stateRecord(state)]]]));
    bench.wake(5_000);
    expect([bench.machine.role, bench.machine.term]).toEqual(["follower", 0xffffffff]);
  });

  test("a message of a stale term changes nothing, and its sender is told", () => {
    const bench = new Bench();
    bench.hear(1, append(5, [0, 0]));
    const answer = reply(bench.hear(2, append(3, [0, 0], [noop(3)])), "appendReply");
    expect(answer).toMatchObject({ term: 5, accepted: false });
    expect([bench.machine.leader, bench.machine.log.lastIndex]).toEqual([1, 0]);
  });
});
