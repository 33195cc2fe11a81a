/**
 * A small deterministic world for consensus alone: members, a lossy broadcast medium, stores that
 * lose what was not yet written, power losses, and the checker after every step. One seed, one run.
 */
import {
  ByteReader,
  ByteWriter,
  nodeIndex,
  SeededStream,
  TimeHeap,
  type MonotonicMs,
  type NodeIndex,
} from "../base/mod.ts";
import type { StoreRequest } from "../hal/mod.ts";
import { DEFAULT_TIMING, type ConsensusTiming } from "./config.ts";
import { Consensus } from "./consensus.ts";
import { EntryKind, type LogEntry } from "./entry.ts";
import { RaftChecker } from "./model/checker.ts";
import { initialConfiguration, type Configuration } from "./quorum.ts";
import { RULES, type RaftRules } from "./raft/rules.ts";
import { encodeBody, kindOf, type EntryBody } from "./state/bodies.ts";
import type { ConsensusIn, ConsensusOut, EntryDraft, EntryVerifier } from "./types.ts";

export interface WorldOptions {
  readonly count: number;
  readonly seed: number;
  readonly loss?: number;
  readonly duplication?: number;
  /** What is sent to one node is repeated by the link after 4 ms, up to four times. */
  readonly linkRepeats?: boolean;
  readonly delayMinMs?: number;
  readonly delayMaxMs?: number;
  readonly storeMs?: number;
  readonly timing?: Partial<ConsensusTiming>;
  readonly initial?: Configuration;
  readonly grounds?: readonly NodeIndex[];
  readonly rules?: RaftRules;
  readonly rulesOf?: (node: NodeIndex) => RaftRules;
  readonly verify?: EntryVerifier;
  /** After each so many steps the stepped member is replaced by a copy of itself. */
  readonly reloadEvery?: number;
  /** Hears every output, in order. */
  readonly listen?: (node: NodeIndex, out: ConsensusOut) => void;
  /** For a member whose agreed state shall go wrong. */
  readonly leaseMsOf?: (node: NodeIndex) => number;
  /** Chance that a power loss cuts the record being written in two. */
  readonly torn?: number;
}

type Event =
  | { kind: "deliver"; to: number; from: NodeIndex; bytes: Uint8Array }
  | { kind: "stored"; at: number; boot: number; ticket: number }
  | { kind: "wake"; at: number };

const BOOT = 0x100000000;

interface Disk {
  readonly names: Map<string, Uint8Array[]>;
  readonly pending: { ticket: number; request: StoreRequest }[];
}

export interface Member {
  readonly index: NodeIndex;
  machine: Consensus;
  up: boolean;
  boot: number;
  disk: Disk;
  wakeMs: number;
  /** Sequence -> final state, of this node's proposals. */
  readonly decided: Map<number, string>;
  readonly applied: { index: number; entry: LogEntry }[];
  outputs: ConsensusOut[];
}

/** In these tests an entry has authority when its first signature is the one byte 0x5a. */
export const verifyMark: EntryVerifier = (entry) =>
  entry.signatures[0]?.bytes[0] === 0x5a
    ? undefined
    : { code: "CON005", text: "no mark", remedy: "", where: "" };

export const MARK = { signer: nodeIndex(900), bytes: Uint8Array.of(0x5a) };

export function draftOf(body: EntryBody, more: Partial<EntryDraft> = {}): EntryDraft {
  return { kind: kindOf(body), body: encodeBody(body), ...more };
}

export const valueDraft = (key: string, value: number): EntryDraft =>
  draftOf({ kind: "value", key, value: [value] });

export class World {
  readonly members: Member[] = [];
  readonly checker: RaftChecker;
  readonly random: SeededStream;
  /** "proposer:sequence" -> the index at which it took effect, as anyone has applied it. */
  readonly agreed = new Map<string, number>();
  /** Entries that took effect at two places, or before an earlier one of their node: never. */
  readonly doubled: string[] = [];
  nowMs = 0;
  steps = 0;
  sent = 0;
  sentBytes = 0;
  loss: number;
  duplication: number;
  readonly #lastAgreed = new Map<NodeIndex, number>();
  readonly #heap = new TimeHeap();
  readonly #slots: (Event | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #options: WorldOptions;
  readonly #timing: ConsensusTiming;
  #groups: readonly (readonly number[])[] = [];

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#timing = { ...DEFAULT_TIMING, ...options.timing };
    this.random = new SeededStream(options.seed, "world");
    this.checker = new RaftChecker({ verify: options.verify ?? verifyMark });
    this.loss = options.loss ?? 0;
    this.duplication = options.duplication ?? 0;
    for (let i = 0; i < options.count; i += 1) this.members.push(this.#member(nodeIndex(i)));
    for (const member of this.members) this.#boot(member);
  }

  #member(index: NodeIndex): Member {
    return {
      index,
      machine: this.#machine(index, 0),
      up: false,
      boot: 0,
      disk: { names: new Map(), pending: [] },
      wakeMs: Infinity,
      decided: new Map(),
      applied: [],
      outputs: [],
    };
  }

  #machine(index: NodeIndex, boot: number): Consensus {
    const { seed, count, rules, rulesOf, grounds, initial, leaseMsOf } = this.#options;
    const vehicles = Array.from({ length: count }, (_, i) => nodeIndex(i));
    return new Consensus({
      self: index,
      cluster: 7,
      timing: { ...this.#timing, leaseMs: leaseMsOf?.(index) ?? this.#timing.leaseMs },
      initial: initial ?? initialConfiguration({ vehicles, ground: [] }),
      grounds: grounds ?? [],
      verify: this.#options.verify ?? verifyMark,
      random: new SeededStream(seed, "member", index, boot),
      rules: rulesOf?.(index) ?? rules ?? RULES,
    });
  }

  #boot(member: Member): void {
    member.up = true;
    member.boot += 1;
    member.machine = this.#machine(member.index, member.boot);
    member.applied.length = 0;
    const store = [...member.disk.names.entries()]
      .sort((a, b) => (a[0] < b[0] ? -1 : 1))
      .map(([name, records]) => ({ name, records: records.map((each) => each.slice()) }));
    this.input(member.index, { kind: "recovered", store });
  }

  /** One step of one member, its outputs performed, the checker asked. */
  input(index: number, input: ConsensusIn): void {
    const member = this.members[index]!;
    if (!member.up) return;
    const outputs: ConsensusOut[] = [];
    this.steps += 1;
    member.machine.step(this.nowMs as MonotonicMs, input, (out) => outputs.push(out));
    for (const out of outputs) this.#perform(member, out);
    member.outputs.push(...outputs.filter((out) => out.kind !== "send" && out.kind !== "ask"));
    if (member.outputs.length > 2_000) member.outputs.splice(0, 1_000);
    this.checker.observe(member.index, member.machine);
    if (this.steps % (this.#options.reloadEvery ?? Infinity) === 0) this.reload(index);
    this.#arm(member);
  }

  #arm(member: Member): void {
    const at = member.machine.wakeAt();
    if (at >= member.wakeMs && member.wakeMs > this.nowMs) return;
    member.wakeMs = at;
    if (at < Infinity) this.#schedule(at, { kind: "wake", at: member.index });
  }

  #perform(member: Member, out: ConsensusOut): void {
    this.#options.listen?.(member.index, out);
    if (out.kind === "send") this.#transmit(member, out.to, out.bytes);
    else if (out.kind === "ask") {
      member.disk.pending.push({ ticket: out.ticket, request: out.request });
      const at = this.nowMs + (this.#options.storeMs ?? 2);
      const { boot } = member;
      this.#schedule(at, { kind: "stored", at: member.index, boot, ticket: out.ticket });
    } else if (out.kind === "applied") {
      member.applied.push({ index: out.index, entry: out.entry });
      this.#agree(out);
    } else if (out.kind === "proposalState") member.decided.set(out.sequence, out.state);
  }

  #agree(out: Extract<ConsensusOut, { kind: "applied" }>): void {
    const { proposer, sequence } = out.entry;
    if (sequence === 0 || out.outcome.kind === "duplicate") return;
    const name = `${String(proposer)}:${String(sequence)}`;
    const before = this.agreed.get(name);
    if (before !== undefined && before !== out.index) this.doubled.push(name);
    this.agreed.set(name, out.index);
    if (before !== undefined) return;
    // Within one boot, one proposer's entries take effect in the order in which it proposed them.
    const last = this.#lastAgreed.get(proposer);
    const sameBoot = last !== undefined && Math.floor(last / BOOT) === Math.floor(sequence / BOOT);
    if (sameBoot && sequence < last) this.doubled.push(`${name} after ${String(last)}`);
    this.#lastAgreed.set(proposer, sequence);
  }

  /** Proposals that their proposer was told are agreed on, and that nobody has applied: never. */
  lost(): readonly string[] {
    return this.members.flatMap((member) =>
      [...member.decided]
        .filter(([, state]) => state === "applied")
        .map(([sequence]) => `${String(member.index)}:${String(sequence)}`)
        .filter((name) => !this.agreed.has(name)),
    );
  }

  #transmit(member: Member, to: number, bytes: Uint8Array): void {
    this.sent += 1;
    this.sentBytes += bytes.length;
    for (const other of this.members) {
      if (other === member || (to !== 0xffff && to !== other.index)) continue;
      if (!this.#connected(member.index, other.index)) continue;
      const copies = this.random.chance(this.duplication) ? 2 : 1;
      for (let i = 0; i < copies; i += 1) {
        const { delayMinMs = 1, delayMaxMs = 6, linkRepeats = false } = this.#options;
        let tries = linkRepeats && to !== 0xffff ? 5 : 1;
        let at = this.nowMs + this.random.between(delayMinMs, delayMaxMs);
        for (; tries > 0 && this.random.chance(this.loss); tries -= 1) at += 4;
        if (tries === 0) continue;
        this.#schedule(at, { kind: "deliver", to: other.index, from: member.index, bytes });
      }
    }
  }

  #connected(a: number, b: number): boolean {
    if (this.#groups.length === 0) return true;
    return this.#groups.some((group) => group.includes(a) && group.includes(b));
  }

  /** Only members of one group hear each other; no groups: everyone does. */
  partition(...groups: readonly (readonly number[])[]): void {
    this.#groups = groups;
  }

  deliver(to: number, from: NodeIndex, bytes: Uint8Array): void {
    this.input(to, { kind: "message", from, bytes, authenticated: "signed" });
  }

  run(untilMs: number): void {
    for (;;) {
      const at = this.#heap.nextTime();
      if (at > untilMs) break;
      const slot = this.#heap.pop();
      const event = this.#slots[slot]!;
      this.#free.push(slot);
      this.nowMs = Math.max(this.nowMs, at);
      this.#happen(event);
    }
    this.nowMs = untilMs;
  }

  #schedule(atMs: number, event: Event): void {
    const slot = this.#free.pop() ?? this.#slots.length;
    this.#slots[slot] = event;
    this.#heap.push(atMs, slot);
  }

  #happen(event: Event): void {
    if (event.kind === "deliver") this.deliver(event.to, event.from, event.bytes);
    else if (event.kind === "stored") this.#stored(event);
    else {
      const member = this.members[event.at]!;
      if (!member.up) return;
      member.wakeMs = Infinity;
      if (member.machine.wakeAt() > this.nowMs) this.#arm(member);
      else this.input(event.at, { kind: "wake" });
    }
  }

  #stored(event: Extract<Event, { kind: "stored" }>): void {
    const member = this.members[event.at]!;
    const at = member.disk.pending.findIndex((each) => each.ticket === event.ticket);
    if (event.boot !== member.boot || at < 0) return;
    const [done] = member.disk.pending.splice(at, 1);
    perform(member.disk.names, done!.request);
    this.input(event.at, { kind: "answer", answer: { ticket: event.ticket, outcome: "done" } });
  }

  /** Power off: what was not answered yet is written as far as chance has it. */
  crash(index: number): void {
    const member = this.members[index]!;
    if (!member.up) return;
    member.up = false;
    member.wakeMs = Infinity;
    const pending = member.disk.pending.splice(0);
    const survive = this.random.below(pending.length + 1);
    for (const { request } of pending.slice(0, survive)) perform(member.disk.names, request);
    const cut = pending[survive]?.request;
    if (cut?.kind === "append" && this.random.chance(this.#options.torn ?? 0)) {
      const record = cut.records[0]!;
      const half = record.slice(0, 1 + this.random.below(record.length - 1));
      perform(member.disk.names, { kind: "append", name: cut.name, records: [half] });
    }
  }

  restart(index: number): void {
    const member = this.members[index]!;
    if (!member.up) this.#boot(member);
  }

  /** Replaces a running member by one loaded from its saved bytes. */
  reload(index: number): void {
    const member = this.members[index]!;
    const to = new ByteWriter();
    member.machine.save(to);
    const machine = this.#machine(member.index, member.boot);
    machine.load(new ByteReader(to.take()));
    member.machine = machine;
  }

  propose(index: number, draft: EntryDraft): number {
    const sequence = this.members[index]!.machine.nextSequence;
    this.input(index, { kind: "propose", draft });
    return sequence;
  }

  leader(): Member | undefined {
    const leading = this.members.filter((each) => each.up && each.machine.role === "leader");
    return leading.sort((a, b) => b.machine.term - a.machine.term)[0];
  }

  /** Runs until a leader has committed in its term, at most `withinMs`. */
  settle(withinMs = 5_000): Member {
    const end = this.nowMs + withinMs;
    while (this.nowMs < end) {
      this.run(this.nowMs + 10);
      const leader = this.leader();
      if (leader === undefined) continue;
      const { machine } = leader;
      if (machine.log.termAt(machine.commitIndex) === machine.term) return leader;
    }
    throw new Error(`no leader within ${String(withinMs)} ms, seed ${String(this.#options.seed)}`);
  }

  /** Values agreed on by a member, for comparing states by eye. */
  values(index: number): Record<string, number> {
    const { values } = this.members[index]!.machine.state;
    return Object.fromEntries(values.entries().map(([key, row]) => [key, row.value[0] ?? NaN]));
  }
}

/** What a store does with a request once it is written. */
export function perform(names: Map<string, Uint8Array[]>, request: StoreRequest): void {
  const before = names.get(request.name) ?? [];
  if (request.kind === "append") {
    before.push(...request.records);
    names.set(request.name, before);
  } else if (request.kind === "replace") names.set(request.name, [...request.records]);
  else names.set(request.name, before.slice(0, request.keepCount));
}

export const isValue = (entry: LogEntry): boolean => entry.kind === EntryKind.value;
