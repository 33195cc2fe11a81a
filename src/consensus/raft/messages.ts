/**
 * Raft's messages on the air (`docs/protocols/raft.md`), kinds 0x10 to 0x1a.
 *
 * Every message starts with kind, cluster and term. The sender is not in it: the node knows who
 * signed or sealed it. AppendEntries is broadcast: one serves all followers, each of which takes
 * what it lacks; the answers and everything for one follower only go to that one.
 */
import { ByteReader, ByteWriter, fail, ok, problem, type Result } from "../../base/mod.ts";
import { decodeEntry, ENTRY_MAX_BYTES, PROPOSALS_IN_FLIGHT_MAX, type LogEntry } from "../entry.ts";

export const RaftCode = {
  voteRequest: 0x10,
  voteReply: 0x11,
  append: 0x12,
  appendReply: 0x13,
  snapshot: 0x14,
  snapshotReply: 0x15,
  forward: 0x16,
  refusal: 0x17,
  timeoutNow: 0x18,
  rejoin: 0x19,
  rejoinReply: 0x1a,
} as const;

/** An entry on its way, with the bytes it came in: they are stored and sent on unchanged. */
export interface CarriedEntry {
  readonly term: number;
  readonly entry: LogEntry;
  readonly bytes: Uint8Array;
}

export type RaftMessage =
  | {
      readonly kind: "voteRequest";
      readonly term: number;
      /** Asks whether it would be worth standing; changes nothing at the voter. */
      readonly preVote: boolean;
      /** The leader asked for it: voters need not protect that leader. */
      readonly transfer: boolean;
      readonly lastIndex: number;
      readonly lastTerm: number;
    }
  | {
      readonly kind: "voteReply";
      /** The term asked for when granted, else the voter's. */
      readonly term: number;
      readonly preVote: boolean;
      readonly granted: boolean;
    }
  | {
      readonly kind: "append";
      readonly term: number;
      /** Counts broadcasts; followers take turns by it. */
      readonly round: number;
      readonly prevIndex: number;
      readonly prevTerm: number;
      readonly commit: number;
      readonly entries: readonly CarriedEntry[];
    }
  | {
      readonly kind: "appendReply";
      readonly term: number;
      readonly accepted: boolean;
      /** Accepted: durable and equal to the leader's log up to here. */
      readonly match: number;
      /** Refused: where the logs may still agree, and the term there. */
      readonly hintIndex: number;
      readonly hintTerm: number;
    }
  | {
      readonly kind: "snapshot";
      readonly term: number;
      readonly lastIndex: number;
      readonly lastTerm: number;
      readonly totalBytes: number;
      readonly offset: number;
      readonly chunk: Uint8Array;
    }
  | {
      readonly kind: "snapshotReply";
      readonly term: number;
      readonly lastIndex: number;
      /** The next byte wanted; the total when it is installed and durable. */
      readonly offset: number;
    }
  | {
      readonly kind: "forward";
      readonly term: number;
      /** The sender's undecided proposal before these; 0 when there is none: keeps their order. */
      readonly previous: number;
      readonly entries: readonly CarriedEntry[];
    }
  | {
      readonly kind: "refusal";
      readonly term: number;
      readonly sequence: number;
      /** The number in the problem's code: 5 is CON005. */
      readonly code: number;
    }
  | { readonly kind: "timeoutNow"; readonly term: number }
  | { readonly kind: "rejoin"; readonly term: number; readonly nonce: number }
  | {
      readonly kind: "rejoinReply";
      readonly term: number;
      readonly nonce: number;
      readonly lastIndex: number;
    };

export const APPEND_ENTRIES_MAX = 64;
export const SNAPSHOT_MAX_BYTES: number = 1 << 20;
const CHUNK_MAX_BYTES = 1_000;
/** Bytes an entry costs in a message beside its own. */
export const CARRIED_OVERHEAD_BYTES = 8;

export function encodeMessage(cluster: number, message: RaftMessage): Uint8Array {
  const to = new ByteWriter({ initialBytes: 128 });
  to.u8(RaftCode[message.kind]).u16(cluster).u32(message.term);
  writeRest(to, message);
  return to.take();
}

function writeRest(to: ByteWriter, message: RaftMessage): void {
  switch (message.kind) {
    case "voteRequest":
      to.u8((message.preVote ? 1 : 0) | (message.transfer ? 2 : 0));
      to.u32(message.lastIndex).u32(message.lastTerm);
      return;
    case "voteReply":
      to.u8((message.preVote ? 1 : 0) | (message.granted ? 2 : 0));
      return;
    case "append":
      to.u16(message.round).u32(message.prevIndex).u32(message.prevTerm).u32(message.commit);
      writeEntries(to, message.entries);
      return;
    case "appendReply":
      to.bool(message.accepted).u32(message.match).u32(message.hintIndex).u32(message.hintTerm);
      return;
    case "snapshot":
      to.u32(message.lastIndex).u32(message.lastTerm).u32(message.totalBytes);
      to.u32(message.offset).u16(message.chunk.length).raw(message.chunk);
      return;
    case "snapshotReply":
      to.u32(message.lastIndex).u32(message.offset);
      return;
    case "forward":
      writeEntries(to.safe(message.previous), message.entries);
      return;
    case "refusal":
      to.safe(message.sequence).u8(message.code);
      return;
    case "timeoutNow":
      return;
    case "rejoin":
      to.u32(message.nonce);
      return;
    case "rejoinReply":
      to.u32(message.nonce).u32(message.lastIndex);
      return;
    default:
      message satisfies never;
  }
}

function writeEntries(to: ByteWriter, entries: readonly CarriedEntry[]): void {
  to.u8(entries.length);
  for (const carried of entries) to.u32(carried.term).blob(carried.bytes);
}

/** The message, `undefined` when it is for another cluster, or `CON003`. Never throws. */
export function decodeMessage(cluster: number, bytes: Uint8Array): Result<RaftMessage | undefined> {
  const from = new ByteReader(bytes);
  const code = from.u8();
  const other = from.u16() !== cluster;
  const term = from.u32();
  if (other && !from.failed) return ok(undefined);
  const message = readRest(from, code, term);
  const trouble = from.finish();
  if (trouble === undefined && message !== undefined) return ok(message);
  return fail(problem("CON003", { where: trouble?.where ?? "byte 0" }));
}

function readRest(from: ByteReader, code: number, term: number): RaftMessage | undefined {
  switch (code) {
    case RaftCode.voteRequest: {
      const flags = readFlags(from);
      const [preVote, transfer] = [(flags & 1) === 1, (flags & 2) === 2];
      const lastIndex = from.u32();
      return { kind: "voteRequest", term, preVote, transfer, lastIndex, lastTerm: from.u32() };
    }
    case RaftCode.voteReply: {
      const flags = readFlags(from);
      return {
        kind: "voteReply",
        term,
        preVote: (flags & 1) === 1,
        granted: (flags & 2) === 2,
      };
    }
    case RaftCode.append:
      return readAppend(from, term);
    case RaftCode.appendReply: {
      const accepted = from.bool();
      const match = from.u32();
      const hintIndex = from.u32();
      return { kind: "appendReply", term, accepted, match, hintIndex, hintTerm: from.u32() };
    }
    case RaftCode.snapshot:
      return readSnapshot(from, term);
    case RaftCode.snapshotReply:
      return { kind: "snapshotReply", term, lastIndex: from.u32(), offset: from.u32() };
    case RaftCode.forward:
      return readForward(from, term);
    case RaftCode.refusal:
      return { kind: "refusal", term, sequence: from.safe(), code: from.u8() };
    case RaftCode.timeoutNow:
      return { kind: "timeoutNow", term };
    case RaftCode.rejoin:
      return { kind: "rejoin", term, nonce: from.u32() };
    case RaftCode.rejoinReply:
      return { kind: "rejoinReply", term, nonce: from.u32(), lastIndex: from.u32() };
    default:
      from.refuse();
      return undefined;
  }
}

function readForward(from: ByteReader, term: number): RaftMessage {
  const previous = from.safe();
  return { kind: "forward", term, previous, entries: readEntries(from, PROPOSALS_IN_FLIGHT_MAX) };
}

function readFlags(from: ByteReader): number {
  const flags = from.u8();
  if (flags > 3) from.refuse();
  return flags;
}

function readAppend(from: ByteReader, term: number): RaftMessage {
  const round = from.u16();
  const prevIndex = from.u32();
  const prevTerm = from.u32();
  const commit = from.u32();
  const entries = readEntries(from, APPEND_ENTRIES_MAX);
  checkTerms(from, { term, prevTerm, entries });
  return { kind: "append", term, round, prevIndex, prevTerm, commit, entries };
}

/** Terms never fall along a log and never pass the leader's. */
function checkTerms(
  from: ByteReader,
  at: { term: number; prevTerm: number; entries: readonly CarriedEntry[] },
): void {
  let least = at.prevTerm;
  for (const carried of at.entries) {
    if (carried.term < least) from.refuse();
    least = carried.term;
  }
  if (least > at.term) from.refuse();
}

function readSnapshot(from: ByteReader, term: number): RaftMessage {
  const lastIndex = from.u32();
  const lastTerm = from.u32();
  const totalBytes = from.u32();
  const offset = from.u32();
  const length = from.u16();
  if (length === 0 || length > CHUNK_MAX_BYTES) from.refuse();
  if (totalBytes > SNAPSHOT_MAX_BYTES || offset + length > totalBytes) from.refuse();
  const chunk = from.raw(length);
  return { kind: "snapshot", term, lastIndex, lastTerm, totalBytes, offset, chunk };
}

function readEntries(from: ByteReader, most: number): readonly CarriedEntry[] {
  const count = from.u8();
  if (count > most) from.refuse();
  const entries: CarriedEntry[] = [];
  for (let i = 0; i < count && !from.failed; i += 1) {
    const term = from.u32();
    const bytes = from.blob(ENTRY_MAX_BYTES);
    const entry = decodeEntry(bytes);
    if (entry.ok) entries.push({ term, entry: entry.value, bytes });
    else from.refuse();
  }
  return entries;
}
