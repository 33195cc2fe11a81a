/**
 * A test per section: "Raft" is Ongaro and Ousterhout, "In search of an understandable consensus
 * algorithm (extended version)", 2014; "thesis" is Ongaro, "Consensus: bridging theory and
 * practice", 2014. One member is driven by hand with messages as its peers would send them.
 */
import { describe, expect, test } from "vitest";
import {
  BROADCAST,
  nodeIndex,
  SeededStream,
  type MonotonicMs,
  type NodeIndex,
} from "../base/mod.ts";
import {
  append,
  Bench,
  carried,
  CLUSTER,
  noop,
  problems,
  reply,
  voteRequest,
} from "./bench.test-support.ts";
import { DEFAULT_TIMING } from "./config.ts";
import { Consensus } from "./consensus.ts";
import { encodeMessage, type CarriedEntry, type RaftMessage } from "./raft/messages.ts";
import { createRaft } from "./raft/raft-state.ts";
import { RULES } from "./raft/rules.ts";
import { takeSnapshot } from "./raft/snapshot-bytes.ts";
import { draftOf, MARK, valueDraft, verifyMark } from "./world.test-support.ts";
import type { EntryBody } from "./state/bodies.ts";
import type { ConsensusIn, ConsensusOut } from "./types.ts";

describe("Raft 5.2: elections", () => {
  test("a follower that hears nobody stands within the election timeout", () => {
    const bench = new Bench();
    bench.wake(DEFAULT_TIMING.electionTimeoutMinMs - 1);
    expect(bench.machine.role).toBe("follower");
    bench.wake(DEFAULT_TIMING.electionTimeoutMaxMs - DEFAULT_TIMING.electionTimeoutMinMs + 1);
    expect(bench.machine.role).toBe("preCandidate");
  });

  test("a leader's heartbeats keep it a follower", () => {
    const bench = new Bench();
    for (let i = 0; i < 20; i += 1) {
      bench.hear(1, append(1, [0, 0]));
      bench.wake(80);
    }
    expect(bench.machine.role).toBe("follower");
  });

  test("one vote a term, first come first served, and again the same to the same", () => {
    const bench = new Bench();
    expect(reply(bench.hear(1, voteRequest(1, 0, 0)), "voteReply")).toMatchObject({
      granted: true,
    });
    expect(reply(bench.hear(2, voteRequest(1, 0, 0)), "voteReply")).toMatchObject({
      granted: false,
    });
    expect(reply(bench.hear(1, voteRequest(1, 0, 0)), "voteReply")).toMatchObject({
      granted: true,
    });
  });

  test("a vote leaves when it is durable, not before (figure 2)", () => {
    const bench = new Bench();
    bench.storeAnswers = false;
    expect(reply(bench.hear(1, voteRequest(1, 0, 0)), "voteReply")).toBeUndefined();
    bench.answer();
    expect(reply(bench.sent(), "voteReply")).toMatchObject({ granted: true });
  });

  test("a vote survives a power loss", () => {
    const before = new Bench();
    before.hear(1, voteRequest(4, 0, 0));
    const bench = new Bench(3, before.disk);
    expect([bench.machine.term, bench.machine.votedFor, bench.machine.boot]).toEqual([4, 1, 2]);
    expect(reply(bench.hear(2, voteRequest(4, 0, 0)), "voteReply")).toMatchObject({
      granted: false,
    });
  });

  test("a candidate that hears a leader of its term follows it", () => {
    const bench = new Bench();
    bench.wake(700);
    bench.hear(1, { kind: "voteReply", term: 1, preVote: true, granted: true });
    expect(bench.machine.role).toBe("candidate");
    bench.hear(2, append(1, [0, 0]));
    expect([bench.machine.role, bench.machine.leader]).toEqual(["follower", 2]);
  });

  test("an election that nobody wins is followed by another in a higher term", () => {
    const bench = new Bench();
    bench.wake(700);
    bench.hear(1, { kind: "voteReply", term: 1, preVote: true, granted: true });
    bench.hear(1, { kind: "voteReply", term: 1, preVote: false, granted: false });
    expect(bench.machine.role).toBe("candidate");
    bench.wake(700);
    expect(bench.machine.role).toBe("preCandidate");
    bench.hear(1, { kind: "voteReply", term: 2, preVote: true, granted: true });
    expect([bench.machine.role, bench.machine.term]).toEqual(["candidate", 2]);
  });

  test("votes of another round or term are not counted", () => {
    const bench = new Bench();
    bench.wake(700);
    bench.hear(1, { kind: "voteReply", term: 1, preVote: false, granted: true });
    bench.hear(1, { kind: "voteReply", term: 3, preVote: true, granted: true });
    expect(bench.machine.role).toBe("preCandidate");
    bench.hear(1, { kind: "voteReply", term: 7, preVote: true, granted: false });
    expect([bench.machine.role, bench.machine.term]).toEqual(["follower", 7]);
  });
});

describe("Raft 5.3: replication", () => {
  test("a follower takes what follows its log and answers how far it is", () => {
    const bench = new Bench();
    const answer = reply(bench.hear(1, append(1, [0, 0], [noop(1), noop(1)])), "appendReply");
    expect(answer).toMatchObject({ accepted: true, match: 2 });
  });

  test("it acknowledges only what is durable", () => {
    const bench = new Bench();
    bench.hear(1, append(1, [0, 0]));
    bench.storeAnswers = false;
    const early = bench.hear(1, append(1, [0, 0], [noop(1)]));
    expect(early.filter((each) => each.kind === "appendReply" && each.match > 0)).toEqual([]);
    bench.answer();
    expect(reply(bench.sent().reverse(), "appendReply")).toMatchObject({ match: 1 });
  });

  test("a gap is refused, with where the logs may still agree", () => {
    const bench = new Bench();
    bench.hear(1, append(2, [0, 0], [noop(1), noop(1), noop(2)]));
    const answer = reply(bench.hear(1, append(4, [6, 3])), "appendReply");
    expect(answer).toMatchObject({ accepted: false, hintIndex: 3, hintTerm: 2 });
  });

  test("a conflict is cut off with everything behind it (figure 7)", () => {
    const bench = new Bench();
    bench.hear(1, append(3, [0, 0], [noop(1), noop(2), noop(3), noop(3)]));
    bench.silence();
    bench.hear(2, append(5, [1, 1], [noop(4)]));
    const { log } = bench.machine;
    expect([log.lastIndex, log.termAt(1), log.termAt(2)]).toEqual([2, 1, 4]);
  });

  test("an old message does not cut off what came after it", () => {
    const bench = new Bench();
    bench.hear(1, append(1, [0, 0], [noop(1), noop(1), noop(1)]));
    bench.hear(1, append(1, [0, 0], [noop(1)]));
    expect(bench.machine.log.lastIndex).toBe(3);
  });

  test("a follower commits no further than it knows to agree with the leader", () => {
    const bench = new Bench();
    bench.hear(1, append(1, [0, 0], [noop(1), noop(1), noop(1)]));
    bench.silence();
    bench.hear(2, append(2, [1, 1], [], 3));
    expect(bench.machine.commitIndex).toBe(1);
  });

  test("a leader repeats what a quorum has not acknowledged, for everyone at once", () => {
    const bench = new Bench();
    bench.lead();
    bench.acknowledge(1, 1);
    bench.step({ kind: "propose", draft: valueDraft("a", 1) });
    bench.outputs = [];
    bench.wake(DEFAULT_TIMING.retransmitMs + 1);
    const again = bench.outputs.find((out) => out.kind === "send");
    expect([again?.to, again?.sign]).toEqual([0xffff, true]);
    expect(bench.sent()[0]).toMatchObject({ kind: "append", prevIndex: 0, commit: 1 });
  });

  test("that an order is committed is said a second time soon: its vehicles wait for it", () => {
    const broadcasts = (orderId: bigint): number[] => {
      const bench = new Bench();
      bench.lead();
      bench.acknowledge(1, 1);
      bench.wake(100);
      bench.step({ kind: "propose", draft: { ...valueDraft("a", 1), orderId } });
      const commits: number[] = [];
      bench.outputs = [];
      const { term } = bench.machine;
      const { retransmitMs, leaderHeartbeatMs } = DEFAULT_TIMING;
      const taken = { kind: "appendReply", term, accepted: true, match: 2 } as const;
      bench.hear(1, { ...taken, hintIndex: 0, hintTerm: 0 });
      for (const ms of [retransmitMs, leaderHeartbeatMs - retransmitMs]) {
        bench.wake(ms);
        const all = bench.outputs.filter((out) => out.kind === "send" && out.to === BROADCAST);
        commits.push(all.length);
        bench.outputs = [];
      }
      return commits;
    };
    expect(broadcasts(0n)).toEqual([1, 1]);
    expect(broadcasts(77n)).toEqual([2, 0]);
  });

  test("a leader serves a follower with a gap from where they may agree", () => {
    const bench = new Bench();
    bench.lead();
    bench.acknowledge(1, 1);
    bench.step({ kind: "propose", draft: valueDraft("a", 1) });
    bench.acknowledge(1, 2);
    const { term } = bench.machine;
    const gap = { term, accepted: false, match: 0, hintIndex: 0, hintTerm: 0 };
    const served = reply(bench.hear(2, { kind: "appendReply", ...gap }), "append");
    expect(served).toMatchObject({ prevIndex: 0, commit: 2 });
    expect(served?.kind === "append" ? served.entries.length : 0).toBe(2);
  });
});

describe("Raft 5.4: safety", () => {
  test("5.4.1: no vote for a log that lacks what this one has", () => {
    const bench = new Bench();
    bench.hear(1, append(3, [0, 0], [noop(2), noop(3)]));
    bench.wake(350);
    const cases: readonly (readonly [number, number, boolean])[] = [
      [1, 3, false],
      [9, 2, false],
      [2, 3, true],
    ];
    for (const [lastIndex, lastTerm, granted] of cases) {
      const term = bench.machine.term + 1;
      const answer = reply(bench.hear(2, voteRequest(term, lastIndex, lastTerm)), "voteReply");
      expect(answer).toMatchObject({ granted });
    }
  });

  test("5.4.2: an entry of an earlier term is committed by one of the present term only", () => {
    const bench = new Bench(5);
    bench.hear(1, append(1, [0, 0], [noop(1), noop(1)]));
    bench.lead();
    for (const from of [1, 2]) bench.acknowledge(from, 2);
    expect(bench.machine.commitIndex).toBe(0);
    for (const from of [1, 2]) bench.acknowledge(from, 3);
    expect(bench.machine.commitIndex).toBe(3);
  });
});

describe("Raft 5.3 with authority: verified before acknowledging", () => {
  const forged = (): CarriedEntry =>
    carried(1, { kind: "evict", node: nodeIndex(2), reason: 0 }, { sequence: 1 });

  test("an entry without the authority of its kind is not taken, nor what is behind it", () => {
    const bench = new Bench();
    bench.hear(1, append(1, [0, 0], [noop(1), forged(), noop(1)]));
    expect(bench.machine.log.lastIndex).toBe(1);
    const told = bench.outputs.find((out) => out.kind === "problem");
    expect([told?.problem.code, told?.peer]).toEqual(["CON005", 1]);
  });

  test("its leader is not listened to for the rest of the term", () => {
    const bench = new Bench();
    bench.hear(1, append(1, [0, 0], [forged()]));
    for (let i = 0; i < 8; i += 1) {
      bench.hear(1, append(1, [0, 0]));
      bench.wake(80);
    }
    expect(bench.machine.role).toBe("preCandidate");
    bench.hear(2, append(2, [0, 0], [noop(2, 2)]));
    expect([bench.machine.leader, bench.machine.log.lastIndex]).toEqual([2, 1]);
  });

  test("a leader signs its own entries with its own name, and numbers those of others", () => {
    const tick: EntryBody = { kind: "tick", logTimeMs: 5 };
    const value: EntryBody = { kind: "value", key: "a", value: [1] };
    const wrong: readonly (readonly [CarriedEntry, string])[] = [
      [noop(1, 2), "CON017"],
      [carried(1, tick, { proposer: nodeIndex(2) }), "CON017"],
      [carried(1, tick, { sequence: 5 }), "CON002"],
      [carried(1, value, { sequence: 0 }), "CON002"],
    ];
    for (const [entry, code] of wrong) {
      const bench = new Bench();
      bench.hear(1, append(1, [0, 0], [noop(1), entry]));
      expect([bench.machine.log.lastIndex, problems(bench)]).toEqual([1, [code]]);
    }
    const bench = new Bench();
    bench.hear(1, append(2, [0, 0], [noop(1, 2), noop(2)]));
    expect(bench.machine.log.lastIndex).toBe(2);
  });

  test("nobody slips in a configuration without voters", () => {
    const bench = new Bench();
    const empty = { kind: "configuration", outgoing: [], voters: [], nonVoters: [] } as const;
    bench.hear(1, append(1, [0, 0], [carried(1, empty)]));
    expect(bench.machine.log.lastIndex).toBe(0);
  });
});

describe("Raft 6, thesis 4.3: changing the members", () => {
  const change = (voters: readonly number[], nonVoters: readonly number[] = []): ConsensusIn => ({
    kind: "membership",
    change: { voters: voters.map(nodeIndex), nonVoters: nonVoters.map(nodeIndex) },
  });
  test("while joint, a commit needs majorities of old and new voters", () => {
    const bench = new Bench(3);
    bench.lead();
    bench.acknowledge(1, 1);
    bench.step(change([0, 3, 4]));
    expect(bench.machine.configuration).toMatchObject({ nonVoters: [3, 4] });
    bench.acknowledge(1, 2);
    for (const from of [3, 4]) bench.acknowledge(from, 2);
    expect(bench.machine.configuration).toEqual({
      outgoing: [0, 1, 2],
      voters: [0, 3, 4],
      nonVoters: [],
    });
    const at = bench.machine.log.lastIndex;
    bench.acknowledge(1, at);
    expect(bench.machine.commitIndex).toBe(at - 1);
    bench.acknowledge(3, at);
    expect(bench.machine.configuration).toEqual({ outgoing: [], voters: [0, 3, 4], nonVoters: [] });
  });

  test("4.2.1: a newcomer that does not catch up never gets a vote", () => {
    const bench = new Bench(3);
    bench.lead();
    bench.acknowledge(1, 1);
    bench.step(change([0, 1, 2, 3]));
    bench.acknowledge(1, 2);
    for (let i = 0; i < 420 && bench.machine.role === "leader"; i += 1) {
      bench.wake(80);
      bench.acknowledge(1, bench.machine.log.lastIndex);
    }
    expect(bench.machine.configuration.voters).toEqual([0, 1, 2]);
    expect(bench.machine.role).toBe("leader");
  });

  test("4.2.2: a leader that leads itself out steps down when that is agreed", () => {
    const bench = new Bench(3);
    bench.lead();
    bench.acknowledge(1, 1);
    bench.step(change([1, 2]));
    for (let i = 0; i < 4; i += 1) {
      for (const from of [1, 2]) bench.acknowledge(from, bench.machine.log.lastIndex);
    }
    expect(bench.machine.role).toBe("follower");
    expect(bench.machine.configuration.voters).toEqual([1, 2]);
    bench.wake(2_000);
    expect(bench.machine.role).toBe("follower");
  });

  test("only the leader begins a change, one at a time, to a cluster that can exist", () => {
    const bench = new Bench(3);
    bench.step(change([0, 1]));
    expect(problems(bench)).toEqual(["CON009"]);
    bench.lead();
    bench.outputs = [];
    bench.step(change([]));
    bench.step(change([0, 1], [1]));
    bench.step(change([0, 1]));
    bench.step(change([0, 2]));
    expect(problems(bench)).toEqual(["CON010", "CON010", "CON010"]);
  });

  test("other voters come by a joint configuration, and then those that it named", () => {
    const set = (...nodes: number[]): NodeIndex[] => nodes.map(nodeIndex);
    const of = (outgoing: NodeIndex[], voters: NodeIndex[]): CarriedEntry =>
      carried(1, { kind: "configuration", outgoing, voters, nonVoters: [] });
    const joint = of(set(0, 1, 2), set(1));
    const wrong = [
      [of([], set(1))],
      [of(set(1), set(1))],
      [joint, of([], set(0, 1))],
      [joint, of(set(1), set(0))],
    ];
    for (const entries of wrong) {
      const bench = new Bench(3);
      bench.hear(1, append(1, [0, 0], [noop(1), ...entries]));
      expect(problems(bench)).toEqual(["CON022"]);
      expect(bench.machine.log.lastIndex).toBe(entries.length);
    }
    const bench = new Bench(3);
    bench.hear(1, append(1, [0, 0], [noop(1), joint, of([], set(1)), of([], set(1))]));
    expect(bench.machine.log.lastIndex).toBe(4);
  });

  test("a configuration that is cut off is no longer in force", () => {
    const bench = new Bench(3);
    const outgoing = [0, 1, 2].map(nodeIndex);
    const smaller = { kind: "configuration", outgoing, nonVoters: [] } as const;
    const voters: readonly NodeIndex[] = [nodeIndex(0), nodeIndex(1)];
    bench.hear(1, append(1, [0, 0], [noop(1), carried(1, { ...smaller, voters })]));
    expect(bench.machine.configuration.voters).toEqual([0, 1]);
    bench.silence();
    bench.hear(2, append(2, [1, 1], [noop(2, 2)]));
    expect(bench.machine.configuration.voters).toEqual([0, 1, 2]);
  });
});

describe("thesis 3.10: handing over", () => {
  test("the follower that has everything is asked to stand, and stands at once", () => {
    const bench = new Bench(3);
    bench.lead();
    bench.acknowledge(1, 1);
    bench.outputs = [];
    bench.step({ kind: "transfer" });
    expect(reply(bench.sent(), "timeoutNow")).toBeDefined();
    const other = new Bench(3);
    other.hear(1, append(1, [0, 0], [noop(1)]));
    const asked = other.hear(1, { kind: "timeoutNow", term: 1 });
    expect(reply(asked, "voteRequest")).toMatchObject({ preVote: false, transfer: true, term: 2 });
  });

  test("a voter does not protect a leader that hands over", () => {
    const bench = new Bench(3);
    bench.hear(1, append(1, [0, 0], [noop(1)]));
    const plain = voteRequest(2, 1, 1);
    expect(bench.hear(2, plain)).toEqual([]);
    const wished = bench.hear(2, { ...plain, transfer: true } as RaftMessage);
    expect(reply(wished, "voteReply")).toMatchObject({ granted: true });
  });

  test("nobody but its leader can make a follower stand", () => {
    const bench = new Bench(3);
    bench.hear(1, append(1, [0, 0]));
    bench.hear(2, { kind: "timeoutNow", term: 1 });
    bench.hear(1, { kind: "timeoutNow", term: 9 });
    expect(bench.machine.role).toBe("follower");
  });

  test("a hand-over that does not come about ends, and proposals go on", () => {
    const bench = new Bench(3);
    bench.lead();
    bench.acknowledge(1, 1);
    bench.step({ kind: "transfer", to: nodeIndex(2) });
    bench.step({ kind: "propose", draft: valueDraft("a", 1) });
    expect(bench.machine.log.lastIndex).toBe(1);
    for (let i = 0; i < 6; i += 1) {
      bench.acknowledge(1, bench.machine.log.lastIndex);
      bench.wake(60);
    }
    expect(bench.machine.log.lastIndex).toBe(2);
  });
});

describe("thesis 4.2.3, 6.2, 9.6: disturbance", () => {
  test("9.6: a pre-vote changes nothing at the voter", () => {
    const bench = new Bench();
    const asked = { ...voteRequest(9, 0, 0), preVote: true } as RaftMessage;
    expect(reply(bench.hear(1, asked), "voteReply")).toMatchObject({ term: 9, granted: true });
    expect([bench.machine.term, bench.machine.votedFor]).toEqual([0, undefined]);
  });

  test("6.2: a leader that a quorum does not hear steps down", () => {
    const bench = new Bench(5);
    bench.lead();
    bench.wake(DEFAULT_TIMING.electionTimeoutMaxMs + DEFAULT_TIMING.electionTimeoutMinMs);
    expect(bench.machine.role).not.toBe("leader");
  });

  test("a lone vehicle leads itself, and agrees with itself", () => {
    const bench = new Bench(1);
    bench.wake(700);
    expect(bench.machine.role).toBe("leader");
    bench.step({ kind: "propose", draft: valueDraft("alone", 1) });
    bench.wake(10);
    expect(bench.machine.state.values.get("alone")?.value).toEqual([1]);
    expect(bench.machine.hasQuorum(bench.nowMs as MonotonicMs)).toBe(true);
  });
});

describe("Raft 8, thesis 6.3: clients", () => {
  test("8: a leader commits an empty entry of its own term first", () => {
    const bench = new Bench();
    bench.lead();
    expect(bench.machine.log.at(1)?.entry.kind).toBe(0);
  });

  test("6.3: a proposal forwarded twice is appended once", () => {
    const bench = new Bench();
    bench.lead();
    const entry = carried(0, { kind: "value", key: "a", value: [1] }, { sequence: 5 });
    const forward = { kind: "forward", term: 1, previous: 0, entries: [entry] } as const;
    bench.hear(1, forward);
    bench.hear(1, forward);
    expect(bench.machine.log.lastIndex).toBe(2);
  });

  test("what overtook an earlier proposal of its node waits for the retry", () => {
    const bench = new Bench();
    bench.lead();
    const entryOf = (sequence: number): CarriedEntry =>
      carried(0, { kind: "value", key: "a", value: [sequence] }, { sequence });
    const forward = { kind: "forward", term: 1 } as const;
    bench.hear(1, { ...forward, previous: 5, entries: [entryOf(6)] });
    expect(bench.machine.log.lastIndex).toBe(1);
    bench.hear(1, { ...forward, previous: 0, entries: [entryOf(5)] });
    bench.hear(1, { ...forward, previous: 5, entries: [entryOf(6)] });
    const sequences = [2, 3].map((index) => bench.machine.log.at(index)?.entry.sequence);
    expect(sequences).toEqual([5, 6]);
  });

  test("a member forwards its own proposals, not those of others, and not Raft's entries", () => {
    const bench = new Bench();
    bench.lead();
    const entry = carried(0, { kind: "value", key: "a", value: [1] }, { sequence: 5 });
    bench.hear(2, { kind: "forward", term: 1, previous: 0, entries: [entry] });
    expect(bench.outputs.some((out) => out.kind === "problem")).toBe(true);
    const own = carried(0, { kind: "noop" }, { sequence: 6 });
    const refused = bench.hear(1, { kind: "forward", term: 1, previous: 0, entries: [own] });
    expect(reply(refused, "refusal")).toMatchObject({ sequence: 6, code: 2 });
    expect(bench.machine.log.lastIndex).toBe(1);
  });

  test("a stranger can ask to join, and for nothing else", () => {
    const bench = new Bench();
    bench.lead();
    const proposer = nodeIndex(9);
    const value = { kind: "value", key: "a", value: [1] } as const;
    const asked = carried(0, value, { proposer, sequence: 1 });
    const refused = bench.hear(9, { kind: "forward", term: 1, previous: 0, entries: [asked] });
    expect(reply(refused, "refusal")).toMatchObject({ code: 4 });
    const join = { kind: "member", node: proposer, action: "joined", role: "vehicle" } as const;
    const joining = carried(
      0,
      { ...join, bootNonce: new Uint8Array(8) },
      { proposer, sequence: 2 },
    );
    bench.hear(9, { kind: "forward", term: 1, previous: 0, entries: [joining] });
    expect(bench.machine.log.lastIndex).toBe(2);
  });

  test("the leader's refusal ends a proposal; anyone else's does not", () => {
    const bench = new Bench();
    bench.hear(1, append(1, [0, 0]));
    const sequence = bench.machine.nextSequence;
    bench.step({ kind: "propose", draft: valueDraft("a", 1) });
    bench.hear(2, { kind: "refusal", term: 1, sequence, code: 5 });
    expect(bench.machine.undecided).toBe(1);
    bench.hear(1, { kind: "refusal", term: 1, sequence, code: 99 });
    expect(bench.machine.undecided).toBe(1);
    bench.hear(1, { kind: "refusal", term: 1, sequence, code: 5 });
    expect(bench.machine.undecided).toBe(0);
  });

  test("what cannot be proposed is refused on the spot", () => {
    const bench = new Bench();
    const refusals = (input: ConsensusIn): string[] => {
      bench.outputs = [];
      bench.step(input);
      return bench.outputs.flatMap((out) =>
        out.kind === "proposalState" && out.problem !== undefined ? [out.problem.code] : [],
      );
    };
    const evict = draftOf({ kind: "evict", node: nodeIndex(1), reason: 0 });
    expect(refusals({ kind: "propose", draft: evict })).toEqual(["CON005"]);
    expect(refusals({ kind: "propose", draft: draftOf({ kind: "noop" }) })).toEqual(["CON002"]);
    const broken = { ...valueDraft("a", 1), body: Uint8Array.of(1) };
    expect(refusals({ kind: "propose", draft: broken })).toEqual(["CON002"]);
    const large = { ...valueDraft("a", 1), body: new Uint8Array(16_001) };
    expect(refusals({ kind: "propose", draft: large })).toEqual(["CON002"]);
    const old = { ...valueDraft("a", 1), sequence: bench.machine.nextSequence - 1 };
    expect(refusals({ kind: "propose", draft: old })).toEqual(["CON007"]);
    const far = { ...valueDraft("a", 1), sequence: 9 * 0x100000000 };
    expect(refusals({ kind: "propose", draft: far })).toEqual(["CON007"]);
    for (let i = 0; i < 16; i += 1) {
      expect(refusals({ kind: "propose", draft: valueDraft("a", i) })).toEqual([]);
    }
    expect(refusals({ kind: "propose", draft: valueDraft("a", 17) })).toEqual(["CON006"]);
  });

  test("a proposal that finds no leader in time is given up, and says so", () => {
    const bench = new Bench();
    bench.step({ kind: "propose", draft: valueDraft("a", 1) });
    bench.wake(DEFAULT_TIMING.proposalTimeoutMs + 100);
    const last = bench.outputs.filter((out) => out.kind === "proposalState").at(-1);
    expect([last?.state, last?.problem?.code]).toEqual(["refused", "CON008"]);
  });
});

describe("the store", () => {
  test("one that fails costs the vote and the acknowledgement, not the rest", () => {
    const bench = new Bench();
    bench.storeAnswers = false;
    bench.hear(1, append(1, [0, 0], [noop(1)], 1));
    const asks = bench.outputs.filter((out) => out.kind === "ask");
    for (const ask of asks) {
      bench.step({ kind: "answer", answer: { ticket: ask.ticket, outcome: "full" } });
    }
    expect(bench.outputs.filter((out) => out.kind === "problem").length).toBe(1);
    const sent = bench.hear(1, append(1, [1, 1], [noop(1)], 2));
    expect(reply(sent, "appendReply")).toBeUndefined();
    expect(bench.machine.appliedIndex).toBe(2);
    bench.wake(2_000);
    expect(bench.machine.role).toBe("follower");
  });

  test("an answer to nothing is ignored", () => {
    const bench = new Bench();
    bench.step({ kind: "answer", answer: { ticket: 999, outcome: "broken" } });
    expect(reply(bench.hear(1, voteRequest(1, 0, 0)), "voteReply")).toMatchObject({
      granted: true,
    });
  });

  test("a log without its vote: the node follows, and promises nothing", () => {
    const before = new Bench();
    before.hear(1, append(1, [0, 0], [noop(1)]));
    before.disk.delete("raft-state");
    const bench = new Bench(3, before.disk);
    const told = bench.outputs.find((out) => out.kind === "problem");
    expect(told?.problem.code).toBe("CON019");
    expect(reply(bench.hear(2, voteRequest(5, 9, 4)), "voteReply")).toBeUndefined();
  });

  test("a log whose snapshot is gone is not taken for a whole one", () => {
    const before = new Bench(1);
    before.wake(700);
    for (let i = 0; i < 600; i += 1) {
      before.step({ kind: "propose", draft: valueDraft("a", i) });
      before.wake(5);
    }
    expect(before.machine.log.baseIndex).toBeGreaterThan(0);
    before.disk.delete("raft-snapshot");
    const bench = new Bench(3, before.disk);
    const told = bench.outputs.find((out) => out.kind === "problem");
    expect(told?.problem.text).toContain("the snapshot is lost");
  });

  test("a damaged snapshot is not believed", () => {
    const before = new Bench(1);
    before.wake(700);
    for (let i = 0; i < 600; i += 1) {
      before.step({ kind: "propose", draft: valueDraft("a", i) });
      before.wake(5);
    }
    const whole = new Bench(1, before.disk);
    expect(whole.machine.state.values.get("a")?.value[0]).toBeGreaterThan(500);
    const record = before.disk.get("raft-snapshot")![0]!;
    record[40]! ^= 1;
    const bench = new Bench(3, before.disk);
    expect(bench.outputs.some((out) => out.kind === "problem")).toBe(true);
    expect(bench.machine.state.values.size).toBe(0);
  });

  test("before the store is read nothing happens", () => {
    const machine = new Consensus({
      self: nodeIndex(0),
      cluster: CLUSTER,
      timing: DEFAULT_TIMING,
      initial: { outgoing: [], voters: [nodeIndex(0)], nonVoters: [] },
      grounds: [],
      verify: verifyMark,
      random: new SeededStream(1),
    });
    const outputs: ConsensusOut[] = [];
    const bytes = encodeMessage(CLUSTER, append(1, [0, 0]));
    const from = nodeIndex(1);
    const inputs: ConsensusIn[] = [
      { kind: "message", from, bytes, authenticated: "signed" },
      { kind: "wake" },
      { kind: "propose", draft: valueDraft("a", 1) },
    ];
    for (const input of inputs) machine.step(0 as MonotonicMs, input, (out) => outputs.push(out));
    expect(outputs.map((out) => out.kind)).toEqual(["proposalState"]);
    expect(machine.wakeAt()).toBe(Infinity);
  });
});

describe("thesis 5: snapshots from a leader that lies", () => {
  /** A snapshot of one eviction, as leader 1 would send it in term 1. */
  function expelling(signed: boolean): RaftMessage {
    const raft = createRaft({
      self: nodeIndex(1),
      cluster: CLUSTER,
      timing: DEFAULT_TIMING,
      rules: RULES,
      verify: verifyMark,
      random: new SeededStream(1, "forger"),
      initial: { outgoing: [], voters: [0, 1, 2].map(nodeIndex), nonVoters: [] },
      grounds: [],
    });
    const signatures = signed ? [MARK] : [];
    const body: EntryBody = { kind: "evict", node: nodeIndex(2), reason: 1 };
    raft.machine.apply(carried(1, body, { sequence: 1, signatures }).entry);
    raft.log.reset(1, 1);
    raft.applied = 1;
    const { bytes, lastIndex, lastTerm } = takeSnapshot(raft);
    const totalBytes = bytes.length;
    return { kind: "snapshot", term: 1, lastIndex, lastTerm, totalBytes, offset: 0, chunk: bytes };
  }

  test("an eviction without its signed order is not installed, and its sender not heard", () => {
    const bench = new Bench();
    bench.hear(1, expelling(false));
    expect(bench.machine.state.isEvicted(nodeIndex(2))).toBe(false);
    expect(bench.machine.appliedIndex).toBe(0);
    const told = bench.outputs.find((out) => out.kind === "problem");
    expect(told?.problem.code).toBe("CON005");
    expect(bench.hear(1, append(1, [0, 0], [noop(1)]))).toEqual([]);
    expect(bench.machine.log.lastIndex).toBe(0);
  });

  test("with its signed order it is", () => {
    const bench = new Bench();
    const answers = bench.hear(1, expelling(true));
    expect(bench.machine.state.isEvicted(nodeIndex(2))).toBe(true);
    expect(reply(answers, "snapshotReply")).toMatchObject({ lastIndex: 1 });
  });
});

describe("messages from strangers and of other clusters", () => {
  test("damaged ones are refused with a problem, others' are none of ours", () => {
    const bench = new Bench();
    bench.outputs = [];
    const from = nodeIndex(1);
    const input = { kind: "message", from, authenticated: "signed" } as const;
    bench.step({ ...input, bytes: Uint8Array.of(0x12, 0, CLUSTER, 1) });
    bench.step({ ...input, bytes: encodeMessage(8, append(9, [0, 0])) });
    const codes = bench.outputs.map((out) => (out.kind === "problem" ? out.problem.code : ""));
    expect(codes).toEqual(["CON003"]);
    expect(bench.machine.term).toBe(0);
  });
});
