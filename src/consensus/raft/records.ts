/**
 * What lies in the store (`docs/protocols/raft.md`, "The store"), and what a boot makes of it.
 *
 * Three names: `raft-state` (term, vote, boot count; one record), `raft-snapshot` (one record),
 * `raft-log` (a header with the base, then an entry a record). Every record carries its length and
 * a digest, which tells two kinds of damage apart (Alagappan et al., "Protocol-aware recovery",
 * FAST 2018): a last record that is too short was being written when the power went, was never
 * acknowledged, and is dropped; a record of full length with a wrong digest may have been
 * acknowledged, and the node must hear from a leader before it votes again.
 */
import { ByteReader, ByteWriter, nodeIndex, type NodeIndex } from "../../base/mod.ts";
import type { RecoveredStore } from "../../hal/mod.ts";
import { digestOf, sameDigest } from "../digest.ts";
import { decodeEntry } from "../entry.ts";
import { SNAPSHOT_MAX_BYTES, type CarriedEntry } from "./messages.ts";

export const STATE_NAME = "raft-state";
export const SNAPSHOT_NAME = "raft-snapshot";
export const LOG_NAME = "raft-log";

const RECORD_VERSION = 1;
const HEADER_BYTES = 9;
const FRAME_BYTES = 17;
const NOBODY = 0xffff;

export interface HardState {
  readonly term: number;
  readonly votedFor: NodeIndex | undefined;
  /** Boots so far, this one included. */
  readonly boot: number;
  /** Acknowledged records may be lost: no vote until a leader has been caught up with. */
  readonly rejoining: boolean;
}

export interface StoredSnapshot {
  readonly lastIndex: number;
  readonly lastTerm: number;
  readonly bytes: Uint8Array;
}

export interface Recovered {
  readonly state: HardState | undefined;
  readonly snapshot: StoredSnapshot | undefined;
  /** Absent when there is no usable header. */
  readonly log:
    | {
        readonly baseIndex: number;
        readonly baseTerm: number;
        readonly entries: readonly CarriedEntry[];
        /** Records on disk, header and useless ones included. */
        readonly recordCount: number;
      }
    | undefined;
  /** `torn`: only the record being written; `rotten`: something acknowledged may be gone. */
  readonly damage: "none" | "torn" | "rotten";
}

/** version 1, length 4, the same inverted 4, payload, digest 8 */
export function frameRecord(payload: Uint8Array): Uint8Array {
  const digest = digestOf(payload);
  const to = new ByteWriter({ initialBytes: payload.length + FRAME_BYTES });
  to.u8(RECORD_VERSION)
    .u32(payload.length)
    .u32(~payload.length >>> 0)
    .raw(payload);
  to.u32(digest.high).u32(digest.low);
  return to.take();
}

type Opened = Uint8Array | "torn" | "rotten";

/**
 * The length stands twice, so that a flipped bit in it is not taken for a record cut short: the
 * former may be of an acknowledged record, the latter never is.
 */
export function openRecord(record: Uint8Array): Opened {
  if (record.length < HEADER_BYTES) return "torn";
  const from = new ByteReader(record);
  const version = from.u8();
  const length = from.u32();
  if (from.u32() !== ~length >>> 0) return "rotten";
  if (length + 8 > from.left) return "torn";
  const payload = from.raw(length);
  const digest = { high: from.u32(), low: from.u32() };
  const whole = from.left === 0 && version === RECORD_VERSION;
  return whole && sameDigest(digest, digestOf(payload)) ? payload : "rotten";
}

export function stateRecord(state: HardState): Uint8Array {
  const to = new ByteWriter();
  to.u32(state.term)
    .u16(state.votedFor ?? NOBODY)
    .u32(state.boot)
    .bool(state.rejoining);
  return frameRecord(to.take());
}

export function snapshotRecord(snapshot: StoredSnapshot): Uint8Array {
  const to = new ByteWriter({ initialBytes: snapshot.bytes.length + 16 });
  to.u32(snapshot.lastIndex).u32(snapshot.lastTerm).blob(snapshot.bytes);
  return frameRecord(to.take());
}

export function headerRecord(baseIndex: number, baseTerm: number): Uint8Array {
  return frameRecord(new ByteWriter().u32(baseIndex).u32(baseTerm).take());
}

export function entryRecord(index: number, carried: Omit<CarriedEntry, "entry">): Uint8Array {
  const to = new ByteWriter({ initialBytes: carried.bytes.length + 8 });
  return frameRecord(to.u32(index).u32(carried.term).raw(carried.bytes).take());
}

/** Boots of this member as the store remembers them; 0 when it does not. */
export function storedBoots(store: RecoveredStore): number {
  const state = readState(store.find(({ name }) => name === STATE_NAME)?.records ?? []);
  return state === undefined || state === "damaged" ? 0 : state.boot;
}

/** Reads all three names. Never throws, whatever the store has become. */
export function readStore(store: RecoveredStore): Recovered {
  const of = (name: string): readonly Uint8Array[] =>
    store.find((each) => each.name === name)?.records ?? [];
  const state = readState(of(STATE_NAME));
  const snapshot = readSnapshotRecord(of(SNAPSHOT_NAME));
  const log = readLog(of(LOG_NAME));
  const rotten =
    state === "damaged" || snapshot === "damaged" || log === "damaged" || log?.damage === "rotten";
  return {
    state: state === "damaged" ? undefined : state,
    snapshot: snapshot === "damaged" ? undefined : snapshot,
    log: log === "damaged" ? undefined : log,
    damage: rotten ? "rotten" : (log?.damage ?? "none"),
  };
}

function readState(records: readonly Uint8Array[]): HardState | undefined | "damaged" {
  const record = records.at(-1);
  if (record === undefined) return undefined;
  const payload = openRecord(record);
  if (typeof payload === "string") return "damaged";
  const from = new ByteReader(payload);
  const term = from.u32();
  const vote = from.u16();
  const boot = from.u32();
  const rejoining = from.bool();
  if (from.finish() !== undefined) return "damaged";
  return { term, votedFor: vote === NOBODY ? undefined : nodeIndex(vote), boot, rejoining };
}

function readSnapshotRecord(
  records: readonly Uint8Array[],
): StoredSnapshot | undefined | "damaged" {
  const record = records.at(-1);
  if (record === undefined) return undefined;
  const payload = openRecord(record);
  if (typeof payload === "string") return "damaged";
  const from = new ByteReader(payload);
  const lastIndex = from.u32();
  const lastTerm = from.u32();
  const bytes = from.blob(SNAPSHOT_MAX_BYTES);
  return from.finish() === undefined ? { lastIndex, lastTerm, bytes } : "damaged";
}

interface ReadLog {
  readonly baseIndex: number;
  readonly baseTerm: number;
  readonly entries: readonly CarriedEntry[];
  readonly recordCount: number;
  readonly damage: "none" | "torn" | "rotten";
}

function readLog(records: readonly Uint8Array[]): ReadLog | undefined | "damaged" {
  const header = records[0];
  if (header === undefined) return undefined;
  const opened = openRecord(header);
  if (typeof opened === "string") return records.length === 1 ? undefined : "damaged";
  const from = new ByteReader(opened);
  const baseIndex = from.u32();
  const baseTerm = from.u32();
  if (from.finish() !== undefined) return "damaged";
  const entries: CarriedEntry[] = [];
  let damage: ReadLog["damage"] = "none";
  for (let i = 1; i < records.length && damage === "none"; i += 1) {
    const carried = readEntryRecord(records[i]!, baseIndex + i);
    if (typeof carried !== "string") entries.push(carried);
    else damage = carried === "torn" && i === records.length - 1 ? "torn" : "rotten";
  }
  return { baseIndex, baseTerm, entries, recordCount: records.length, damage };
}

function readEntryRecord(record: Uint8Array, index: number): CarriedEntry | "torn" | "rotten" {
  const payload = openRecord(record);
  if (typeof payload === "string") return payload;
  const from = new ByteReader(payload);
  const at = from.u32();
  const term = from.u32();
  const bytes = from.raw(from.left);
  const entry = decodeEntry(bytes);
  // A record written to the wrong place has a good digest and a wrong index.
  if (at !== index || !entry.ok) return "rotten";
  return { term, entry: entry.value, bytes };
}
