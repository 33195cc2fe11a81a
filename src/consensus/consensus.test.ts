/**
 * The machine as the node sees it: whatever an authenticated member sends, in whatever order, it
 * neither throws nor commits what was not proposed; and small clusters do what they promise.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ByteReader,
  ByteWriter,
  nodeIndex,
  segmentId,
  SeededStream,
  type MonotonicMs,
} from "../base/mod.ts";
import { DEFAULT_TIMING } from "./config.ts";
import { Consensus } from "./consensus.ts";
import { encodeEntry, EntryKind } from "./entry.ts";
import { encodeMessage, type CarriedEntry, type RaftMessage } from "./raft/messages.ts";
import { encodeBody, type EntryBody } from "./state/bodies.ts";
import type { ConsensusIn, ConsensusOut } from "./types.ts";
import { draftOf, MARK, valueDraft, verifyMark, World } from "./world.test-support.ts";

function machineOf(self: number, voters: number): Consensus {
  return new Consensus({
    self: nodeIndex(self),
    cluster: 7,
    timing: { ...DEFAULT_TIMING, snapshotEntries: 4, keepEntries: 2 },
    initial: {
      outgoing: [],
      voters: Array.from({ length: voters }, (_, i) => nodeIndex(i)),
      nonVoters: [],
    },
    grounds: [],
    verify: verifyMark,
    random: new SeededStream(3, "member", self),
  });
}

const small = fc.nat(6);
/** Mostly what fits, so that a story gets somewhere before it goes wrong. */
const place = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: small });
const bodies: readonly EntryBody[] = [
  { kind: "noop" },
  { kind: "value", key: "a", value: [1] },
  { kind: "evict", node: nodeIndex(1), reason: 0 },
  {
    kind: "configuration",
    outgoing: [],
    voters: [nodeIndex(0), nodeIndex(1)],
    nonVoters: [nodeIndex(2)],
  },
  { kind: "configuration", outgoing: [nodeIndex(1)], voters: [nodeIndex(0)], nonVoters: [] },
];

const entry: fc.Arbitrary<CarriedEntry> = fc
  .tuple(small, fc.constantFrom(...bodies), fc.nat(40), fc.boolean())
  .map(([term, body, sequence, marked]) => {
    const made = {
      kind: EntryKind[body.kind],
      proposer: nodeIndex(1),
      sequence,
      orderId: 0n,
      body: encodeBody(body),
      signatures: marked ? [MARK] : [],
    };
    return { term, entry: made, bytes: encodeEntry(made) };
  });

const byTerm = (entries: readonly CarriedEntry[]): CarriedEntry[] =>
  [...entries].sort((a, b) => a.term - b.term);

const appended: fc.Arbitrary<RaftMessage> = fc
  .tuple(small, place, place, fc.nat(12), fc.array(entry, { maxLength: 5 }))
  .map(([term, prevIndex, prevTerm, commit, entries]) => ({
    kind: "append" as const,
    term,
    round: commit,
    prevIndex,
    prevTerm: Math.min(
      prevTerm,
      entries.reduce((least, each) => Math.min(least, each.term), 9),
    ),
    commit,
    entries: byTerm(entries),
  }));

const message: fc.Arbitrary<RaftMessage> = fc.oneof(
  { weight: 9, arbitrary: appended },
  fc.record({
    kind: fc.constant("voteRequest" as const),
    term: small,
    preVote: fc.boolean(),
    transfer: fc.boolean(),
    lastIndex: small,
    lastTerm: small,
  }),
  fc.record({
    kind: fc.constant("voteReply" as const),
    term: small,
    preVote: fc.boolean(),
    granted: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant("appendReply" as const),
    term: small,
    accepted: fc.boolean(),
    match: fc.nat(20),
    hintIndex: fc.nat(20),
    hintTerm: small,
  }),
  fc
    .tuple(small, fc.nat(20), fc.nat(3), fc.uint8Array({ minLength: 1, maxLength: 60 }))
    .map(([term, lastIndex, part, chunk]) => ({
      kind: "snapshot" as const,
      term,
      lastIndex,
      lastTerm: Math.min(term, 3),
      totalBytes: chunk.length * (1 + part),
      offset: chunk.length * part,
      chunk,
    })),
  fc.record({
    kind: fc.constant("snapshotReply" as const),
    term: small,
    lastIndex: fc.nat(20),
    offset: fc.nat(3_000),
  }),
  fc.tuple(small, fc.array(entry, { maxLength: 4 })).map(([term, entries]) => ({
    kind: "forward" as const,
    term,
    previous: term,
    entries,
  })),
  fc.record({
    kind: fc.constant("refusal" as const),
    term: small,
    sequence: fc.nat(40),
    code: fc.nat(30),
  }),
  fc.record({ kind: fc.constant("timeoutNow" as const), term: small }),
  fc.record({ kind: fc.constant("rejoin" as const), term: small, nonce: small }),
  fc.record({
    kind: fc.constant("rejoinReply" as const),
    term: small,
    nonce: small,
    lastIndex: small,
  }),
);

const happening = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(fc.integer({ min: 1, max: 3 }), message) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 400 }) },
  { weight: 1, arbitrary: fc.constantFrom("propose" as const, "transfer" as const) },
);

describe("an authenticated member may say anything", () => {
  test("and makes no member throw, cut off what is committed, or take what nobody signed", () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 80 }), fc.boolean(), (story, stores) => {
        const machine = machineOf(0, 3);
        let now = 0;
        let committed = 0;
        const emit = (out: ConsensusOut): void => {
          if (out.kind === "applied" && out.entry.kind === EntryKind.evict) {
            expect(out.entry.signatures).toEqual([MARK]);
          }
        };
        const step = (input: ConsensusIn): void => {
          const asked: number[] = [];
          machine.step(now as MonotonicMs, input, (out) => {
            emit(out);
            if (out.kind === "ask") asked.push(out.ticket);
          });
          expect(machine.commitIndex).toBeGreaterThanOrEqual(committed);
          committed = machine.commitIndex;
          if (!stores) return;
          for (const ticket of asked) {
            step({ kind: "answer", answer: { ticket, outcome: "done" } });
          }
        };
        step({ kind: "recovered", store: [] });
        for (const next of story) {
          if (typeof next === "number") {
            now += next;
            step({ kind: "wake" });
          } else if (next === "propose") step({ kind: "propose", draft: valueDraft("own", now) });
          else if (next === "transfer") step({ kind: "transfer" });
          else {
            const bytes = encodeMessage(7, next[1]);
            const from = nodeIndex(next[0]);
            step({ kind: "message", from, bytes, authenticated: "pairwise" });
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  test("a term from nowhere is not believed", () => {
    const machine = machineOf(0, 3);
    const outputs: ConsensusOut[] = [];
    machine.step(0 as MonotonicMs, { kind: "recovered", store: [] }, () => undefined);
    const bytes = encodeMessage(7, {
      ...{ kind: "append", term: 0xffffffff, round: 0, prevIndex: 0, prevTerm: 0, commit: 0 },
      entries: [],
    });
    const from = nodeIndex(1);
    const input = { kind: "message", from, bytes, authenticated: "signed" } as const;
    machine.step(0 as MonotonicMs, input, (out) => outputs.push(out));
    expect(outputs.map((out) => (out.kind === "problem" ? out.problem.code : ""))).toEqual([
      "CON025",
    ]);
    expect(machine.term).toBe(0);
  });

  test("a leader that contradicts what is committed is not followed", () => {
    const world = new World({ count: 3, seed: 1 });
    world.settle();
    const victim = world.members.find((member) => member.machine.role === "follower")!;
    const liar = nodeIndex((victim.index + 1) % 3);
    const noop = { kind: "noop" } as const;
    const other = {
      kind: EntryKind.noop,
      proposer: liar,
      sequence: 0,
      orderId: 0n,
      body: encodeBody(noop),
      signatures: [],
    };
    const bytes = encodeMessage(7, {
      kind: "append",
      term: 9,
      round: 0,
      prevIndex: 0,
      prevTerm: 0,
      commit: 0,
      entries: [{ term: 9, entry: other, bytes: encodeEntry(other) }],
    });
    const before = victim.machine.log.termAt(1);
    world.deliver(victim.index, liar, bytes);
    const told = victim.outputs.filter((out) => out.kind === "problem").at(-1);
    expect([told?.problem.code, victim.machine.log.termAt(1)]).toEqual(["CON024", before]);
  });
});

describe("what the node relies on", () => {
  test("the next sequence is the one that the next proposal takes, over reboots", () => {
    const world = new World({ count: 1, seed: 2 });
    world.settle();
    const first = world.propose(0, valueDraft("a", 1));
    const second = world.propose(0, valueDraft("b", 2));
    expect(second).toBe(first + 1);
    world.run(world.nowMs + 50);
    world.crash(0);
    world.restart(0);
    const { machine } = world.members[0]!;
    expect(machine.nextSequence).toBe(2 * 0x100000000 + 1);
    expect([machine.boot, machine.undecided]).toEqual([2, 0]);
  });

  test("a restart from a snapshot says so, and then applies what is behind it", () => {
    const world = new World({
      count: 1,
      seed: 2,
      timing: { snapshotEntries: 10, keepEntries: 2 },
    });
    world.settle();
    for (let i = 0; i < 25; i += 1) {
      world.propose(0, valueDraft(`k${String(i)}`, i));
      world.run(world.nowMs + 20);
    }
    world.crash(0);
    const member = world.members[0]!;
    member.outputs = [];
    world.restart(0);
    world.settle();
    const kinds = member.outputs.map((out) => out.kind).filter((kind) => kind !== "role");
    expect(kinds[0]).toBe("restored");
    expect(kinds).toContain("applied");
    expect(Object.keys(world.values(0))).toHaveLength(25);
  });

  test("leases run out by the leader's clock when their holder is gone", () => {
    const world = new World({ count: 3, seed: 4, timing: { tickMs: 100, leaseMs: 500 } });
    const leader = world.settle();
    const holder = (leader.index + 1) % 3;
    const progress = { segment: segmentId(5), pass: 0, lanes: 0 };
    world.propose(holder, draftOf({ kind: "lease", action: "claim", progress }));
    world.run(world.nowMs + 200);
    const segment = () => leader.machine.state.segments.get(segmentId(5))?.owner;
    expect(segment()).toBe(holder);
    world.crash(holder);
    world.run(world.nowMs + 1_000);
    expect([segment(), leader.machine.state.openLeases]).toEqual([0xffff, 0]);
    const quiet = leader.machine.log.lastIndex;
    world.run(world.nowMs + 1_000);
    expect(leader.machine.log.lastIndex).toBe(quiet);
  });

  test("two vehicles and the ground go on when one of them is lost", () => {
    const world = new World({ count: 3, seed: 5, grounds: [nodeIndex(2)] });
    const leader = world.settle();
    world.crash((leader.index + 1) % 3);
    const sequence = world.propose(leader.index, valueDraft("a", 1));
    world.run(world.nowMs + 200);
    expect(leader.decided.get(sequence)).toBe("applied");
  });

  test("without a quorum nothing is agreed on, and everyone can see it", () => {
    const world = new World({ count: 3, seed: 6 });
    const leader = world.settle();
    for (const { index } of world.members) if (index !== leader.index) world.crash(index);
    const sequence = world.propose(leader.index, valueDraft("a", 1));
    world.run(world.nowMs + 2_000);
    expect(leader.decided.get(sequence)).toBe("queued");
    expect(leader.machine.hasQuorum(world.nowMs as MonotonicMs)).toBe(false);
  });

  test("a loaded copy continues as the original would", () => {
    const world = new World({ count: 3, seed: 7 });
    const leader = world.settle();
    world.propose(leader.index, valueDraft("a", 1));
    const bytes = (machine: Consensus): Uint8Array => {
      const to = new ByteWriter();
      machine.save(to);
      return to.take();
    };
    const copy = machineOf(leader.index, 3);
    copy.load(new ByteReader(bytes(leader.machine)));
    expect(bytes(copy)).toEqual(bytes(leader.machine));
    expect([copy.role, copy.term, copy.wakeAt()]).toEqual([
      leader.machine.role,
      leader.machine.term,
      leader.machine.wakeAt(),
    ]);
  });
});
