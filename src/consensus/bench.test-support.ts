/** One member of a cluster, driven by hand with messages as its peers would send them. */
import { expect } from "vitest";
import { nodeIndex, SeededStream, type MonotonicMs } from "../base/mod.ts";
import { DEFAULT_TIMING } from "./config.ts";
import { Consensus } from "./consensus.ts";
import { encodeEntry, type LogEntry } from "./entry.ts";
import {
  decodeMessage,
  encodeMessage,
  type CarriedEntry,
  type RaftMessage,
} from "./raft/messages.ts";
import { perform, verifyMark } from "./world.test-support.ts";
import { encodeBody, kindOf, type EntryBody } from "./state/bodies.ts";
import type { ConsensusIn, ConsensusOut } from "./types.ts";

export const CLUSTER = 7;

/** One member, a store that answers when told to, and everything it emitted. */
export class Bench {
  readonly machine: Consensus;
  readonly disk = new Map<string, Uint8Array[]>();
  outputs: ConsensusOut[] = [];
  nowMs = 0;
  storeAnswers = true;
  #asked: Extract<ConsensusOut, { kind: "ask" }>[] = [];

  constructor(voters = 3, store: Map<string, Uint8Array[]> = new Map()) {
    this.machine = new Consensus({
      self: nodeIndex(0),
      cluster: CLUSTER,
      timing: DEFAULT_TIMING,
      initial: {
        outgoing: [],
        voters: Array.from({ length: voters }, (_, i) => nodeIndex(i)),
        nonVoters: [],
      },
      grounds: [],
      verify: verifyMark,
      random: new SeededStream(1, "bench"),
    });
    for (const [name, records] of store) this.disk.set(name, records);
    const found = [...this.disk].map(([name, records]) => ({ name, records }));
    this.step({ kind: "recovered", store: found });
  }

  step(input: ConsensusIn): void {
    this.machine.step(this.nowMs as MonotonicMs, input, (out) => {
      this.outputs.push(out);
      if (out.kind === "ask") this.#asked.push(out);
    });
    if (this.storeAnswers) this.answer();
  }

  answer(): void {
    for (;;) {
      const ask = this.#asked.shift();
      if (ask === undefined) return;
      perform(this.disk, ask.request);
      this.step({ kind: "answer", answer: { ticket: ask.ticket, outcome: "done" } });
    }
  }

  hear(from: number, message: RaftMessage): RaftMessage[] {
    this.outputs = [];
    const bytes = encodeMessage(CLUSTER, message);
    this.step({ kind: "message", from: nodeIndex(from), bytes, authenticated: "signed" });
    this.wake(20);
    return this.sent();
  }

  wake(afterMs: number): void {
    const until = this.nowMs + afterMs;
    for (let i = 0; this.machine.wakeAt() <= until && i < 1_000; i += 1) {
      this.nowMs = Math.max(this.nowMs, this.machine.wakeAt());
      this.step({ kind: "wake" });
    }
    this.nowMs = until;
  }

  /** What was heard of a leader is too long ago to protect it. */
  silence(): void {
    this.wake(DEFAULT_TIMING.electionTimeoutMinMs - 20);
  }

  sent(): RaftMessage[] {
    return this.outputs.flatMap((out) => {
      if (out.kind !== "send") return [];
      const decoded = decodeMessage(CLUSTER, out.bytes);
      return decoded.ok && decoded.value !== undefined ? [decoded.value] : [];
    });
  }

  /** Elected in the next term by member 1's pre-vote and vote. */
  lead(): void {
    for (let i = 0; this.machine.role !== "preCandidate" && i < 100; i += 1) this.wake(50);
    const term = this.machine.term + 1;
    const vote = { kind: "voteReply", term, granted: true } as const;
    for (let from = 1; from < this.machine.configuration.voters.length; from += 1) {
      this.hear(from, { ...vote, preVote: true });
      this.hear(from, { ...vote, preVote: false });
    }
    expect(this.machine.role).toBe("leader");
  }

  acknowledge(from: number, match: number): RaftMessage[] {
    const { term } = this.machine;
    const rest = { accepted: true, hintIndex: 0, hintTerm: 0 };
    return this.hear(from, { kind: "appendReply", term, match, ...rest });
  }
}

export function carried(term: number, body: EntryBody, more: Partial<LogEntry> = {}): CarriedEntry {
  const entry: LogEntry = {
    kind: kindOf(body),
    proposer: nodeIndex(1),
    sequence: 0,
    orderId: 0n,
    body: encodeBody(body),
    signatures: [],
    ...more,
  };
  return { term, entry, bytes: encodeEntry(entry) };
}

export const noop = (term: number, leader = 1): CarriedEntry =>
  carried(term, { kind: "noop" }, { proposer: nodeIndex(leader) });

export function append(
  term: number,
  at: readonly [index: number, term: number],
  entries: readonly CarriedEntry[] = [],
  commit = 0,
): RaftMessage {
  const [prevIndex, prevTerm] = at;
  return { kind: "append", term, round: 0, prevIndex, prevTerm, commit, entries };
}

export const voteRequest = (term: number, lastIndex: number, lastTerm: number): RaftMessage => ({
  kind: "voteRequest",
  term,
  preVote: false,
  transfer: false,
  lastIndex,
  lastTerm,
});

export const problems = (bench: Bench): string[] =>
  bench.outputs.flatMap((out) => (out.kind === "problem" ? [out.problem.code] : []));

export const reply = (
  messages: readonly RaftMessage[],
  kind: RaftMessage["kind"],
): RaftMessage | undefined => messages.find((message) => message.kind === kind);
