/**
 * What entries say: the bodies of the log, one codec a kind (`docs/protocols/log-entry.md`).
 *
 * All numbers are integers or carried as bits: positions in centimetres of the mission's local
 * frame, ratios in 1/65535. Decoders never throw; a body that does not decode exactly is refused
 * by the leader and, should one be committed all the same, changes nothing on any member.
 */
import {
  ByteReader,
  ByteWriter,
  fail,
  invariant,
  nodeIndex,
  ok,
  problem,
  segmentId,
  type NodeIndex,
  type Result,
  type SegmentId,
} from "../../base/mod.ts";
import { EntryKind } from "../entry.ts";

export interface FixedPosition {
  readonly northCm: number;
  readonly eastCm: number;
  readonly altitudeAmslCm: number;
}

/** How far a segment is swept: complete passes, and a bit per lane of the next one. */
export interface SweepProgress {
  readonly segment: SegmentId;
  /** [0, 255] */
  readonly pass: number;
  /** 32 bits */
  readonly lanes: number;
}

export interface AgreedDetection {
  /** Finder's index * 65536 + its own count mod 65536. */
  readonly id: number;
  readonly finder: NodeIndex;
  readonly position: FixedPosition;
  readonly errorCm: number;
  /** [1, 65535] / 65535 */
  readonly confidence: number;
  readonly networkTimeMs: number;
  /** At most 64 B of UTF-8. */
  readonly imageRef: string;
}

export type MemberAction = "joined" | "lost" | "back" | "left";
export type MemberRole = "vehicle" | "ground";
export type MissionPhase = "started" | "paused" | "ended";
export type OrderProgress = "acting" | "done" | "refused";
export type AgreedVerdict = "confirmed" | "dismissed" | "lookAgain";
export type LeaseAction = "claim" | "renew" | "release" | "complete";

/** What can be agreed on. `noop` and `configuration` are Raft's own. */
export type EntryBody =
  | { readonly kind: "noop" }
  | {
      readonly kind: "configuration";
      /** The outgoing voters while the change is joint; empty when it is final. */
      readonly outgoing: readonly NodeIndex[];
      readonly voters: readonly NodeIndex[];
      readonly nonVoters: readonly NodeIndex[];
    }
  /** The leader's clock for leases: milliseconds since the log began, never falling. */
  | { readonly kind: "tick"; readonly logTimeMs: number }
  | {
      readonly kind: "member";
      readonly node: NodeIndex;
      readonly action: MemberAction;
      readonly role: MemberRole;
      /** 8 B; zeros except at `joined`. */
      readonly bootNonce: Uint8Array;
    }
  | { readonly kind: "evict"; readonly node: NodeIndex; readonly reason: number }
  | { readonly kind: "mission"; readonly phase: MissionPhase; readonly revision: number }
  | {
      readonly kind: "plan";
      readonly revision: number;
      readonly segmentCount: number;
      /** 32 B: what every member must have computed from the mission at this revision. */
      readonly digest: Uint8Array;
    }
  | {
      readonly kind: "clue";
      readonly id: number;
      readonly position: FixedPosition;
      readonly errorCm: number;
      /** Likelihood ratio in thousandths. */
      readonly weightMilli: number;
    }
  | { readonly kind: "lease"; readonly action: LeaseAction; readonly progress: SweepProgress }
  /** An operator's order as it was signed; consensus records it, security has judged it. */
  | { readonly kind: "order"; readonly order: Uint8Array }
  | {
      readonly kind: "orderState";
      readonly orderId: bigint;
      readonly node: NodeIndex;
      readonly progress: OrderProgress;
      /** Why it was refused, as the vehicle's code; 0 otherwise. */
      readonly reason: number;
    }
  | { readonly kind: "detection"; readonly detection: AgreedDetection }
  | { readonly kind: "verdict"; readonly id: number; readonly verdict: AgreedVerdict }
  | {
      readonly kind: "epoch";
      readonly epoch: bigint;
      readonly opener: NodeIndex;
      /** 32 B: hash of the epoch's key. */
      readonly commitment: Uint8Array;
    }
  | { readonly kind: "pad"; readonly pad: number; readonly claim: boolean }
  | {
      readonly kind: "latch";
      readonly latch: number;
      readonly set: boolean;
      readonly aglMaxCm: number;
      readonly byNetworkTimeMs: number;
    }
  | { readonly kind: "value"; readonly key: string; readonly value: readonly number[] };

export const CONFIGURATION_MEMBERS_MAX = 64;
export const VALUE_KEY_MAX_BYTES = 32;
export const VALUE_NUMBERS_MAX = 8;
export const ORDER_MAX_BYTES = 8_000;
/** 2^53 - 2: epochs are numbers elsewhere, and the next one has to be one too. */
export const EPOCH_MAX = 0x1ffffffffffffen;
const IMAGE_REF_MAX_BYTES = 64;

const MEMBER_ACTIONS: readonly MemberAction[] = ["joined", "lost", "back", "left"];
const MEMBER_ROLES: readonly MemberRole[] = ["vehicle", "ground"];
const MISSION_PHASES: readonly MissionPhase[] = ["started", "paused", "ended"];
const ORDER_PROGRESS: readonly OrderProgress[] = ["acting", "done", "refused"];
const VERDICTS: readonly AgreedVerdict[] = ["confirmed", "dismissed", "lookAgain"];
const LEASE_ACTIONS: readonly LeaseAction[] = ["claim", "renew", "release", "complete"];

/** The wire code of a body's kind: their names are the same. */
export const kindOf = (body: EntryBody): EntryKind => EntryKind[body.kind];

export function encodeBody(body: EntryBody): Uint8Array {
  const to = new ByteWriter({ initialBytes: 64, maxBytes: 16_000 });
  writeBody(to, body);
  return to.take();
}

function writeBody(to: ByteWriter, body: EntryBody): void {
  switch (body.kind) {
    case "noop":
      return;
    case "configuration":
      writeIndexes(to, body.outgoing);
      writeIndexes(to, body.voters);
      writeIndexes(to, body.nonVoters);
      return;
    case "tick":
      to.safe(body.logTimeMs);
      return;
    case "member":
      to.u16(body.node).u8(MEMBER_ACTIONS.indexOf(body.action));
      writeFixed(to.u8(MEMBER_ROLES.indexOf(body.role)), body.bootNonce, 8);
      return;
    case "evict":
      to.u16(body.node).u8(body.reason);
      return;
    case "mission":
      to.u8(MISSION_PHASES.indexOf(body.phase)).u32(body.revision);
      return;
    case "plan":
      writeFixed(to.u32(body.revision).u16(body.segmentCount), body.digest, 32);
      return;
    case "clue":
      writePosition(to.u32(body.id), body.position);
      to.u32(body.errorCm).u32(body.weightMilli);
      return;
    case "lease":
      to.u8(LEASE_ACTIONS.indexOf(body.action)).u16(body.progress.segment);
      to.u8(body.progress.pass).u32(body.progress.lanes);
      return;
    case "order":
      to.raw(body.order);
      return;
    case "orderState":
      to.u64(body.orderId).u16(body.node);
      to.u8(ORDER_PROGRESS.indexOf(body.progress)).u8(body.reason);
      return;
    case "detection":
      writeDetection(to, body.detection);
      return;
    case "verdict":
      to.u32(body.id).u8(VERDICTS.indexOf(body.verdict));
      return;
    case "epoch":
      writeFixed(to.u64(body.epoch).u16(body.opener), body.commitment, 32);
      return;
    case "pad":
      to.u8(body.pad).bool(body.claim);
      return;
    case "latch":
      to.u8(body.latch).bool(body.set).u32(body.aglMaxCm).safe(body.byNetworkTimeMs);
      return;
    case "value":
      to.text(body.key).u8(body.value.length);
      for (const number of body.value) to.f64(number);
      return;
    default:
      body satisfies never;
  }
}

/** The body of an entry, or `CON002` when it is not exactly one of this kind. */
export function decodeBody(kind: EntryKind, bytes: Uint8Array): Result<EntryBody> {
  const from = new ByteReader(bytes);
  const body = readBody(from, kind);
  const trouble = from.finish();
  if (trouble !== undefined) return fail(problem("CON002", { where: trouble.where }));
  return ok(body);
}

function readBody(from: ByteReader, kind: EntryKind): EntryBody {
  switch (kind) {
    case EntryKind.noop:
      return { kind: "noop" };
    case EntryKind.configuration:
      return readConfiguration(from);
    case EntryKind.tick:
      return { kind: "tick", logTimeMs: from.safe() };
    case EntryKind.member: {
      const node = nodeIndex(from.u16());
      const action = readWord(from, MEMBER_ACTIONS);
      const role = readWord(from, MEMBER_ROLES);
      return { kind: "member", node, action, role, bootNonce: from.raw(8) };
    }
    case EntryKind.evict:
      return { kind: "evict", node: nodeIndex(from.u16()), reason: from.u8() };
    case EntryKind.mission:
      return { kind: "mission", phase: readWord(from, MISSION_PHASES), revision: from.u32() };
    case EntryKind.plan: {
      const revision = from.u32();
      return { kind: "plan", revision, segmentCount: from.u16(), digest: from.raw(32) };
    }
    case EntryKind.clue: {
      const id = from.u32();
      const position = readPosition(from);
      return { kind: "clue", id, position, errorCm: from.u32(), weightMilli: from.u32() };
    }
    case EntryKind.lease: {
      const action = readWord(from, LEASE_ACTIONS);
      const segment = segmentId(from.u16());
      return { kind: "lease", action, progress: { segment, pass: from.u8(), lanes: from.u32() } };
    }
    case EntryKind.order:
      return readOrder(from);
    case EntryKind.orderState: {
      const orderId = from.u64();
      const node = nodeIndex(from.u16());
      const progress = readWord(from, ORDER_PROGRESS);
      return { kind: "orderState", orderId, node, progress, reason: from.u8() };
    }
    case EntryKind.detection:
      return { kind: "detection", detection: readDetection(from) };
    case EntryKind.verdict:
      return { kind: "verdict", id: from.u32(), verdict: readWord(from, VERDICTS) };
    case EntryKind.epoch: {
      const epoch = from.u64();
      if (epoch > EPOCH_MAX) from.refuse();
      return { kind: "epoch", epoch, opener: nodeIndex(from.u16()), commitment: from.raw(32) };
    }
    case EntryKind.pad:
      return { kind: "pad", pad: from.u8(), claim: from.bool() };
    case EntryKind.latch: {
      const latch = from.u8();
      const set = from.bool();
      return { kind: "latch", latch, set, aglMaxCm: from.u32(), byNetworkTimeMs: from.safe() };
    }
    case EntryKind.value:
      return readValue(from);
    default:
      return kind satisfies never;
  }
}

function readConfiguration(from: ByteReader): EntryBody {
  const outgoing = readIndexes(from);
  const voters = readIndexes(from);
  return { kind: "configuration", outgoing, voters, nonVoters: readIndexes(from) };
}

function readOrder(from: ByteReader): EntryBody {
  if (from.left > ORDER_MAX_BYTES || from.left === 0) from.refuse();
  return { kind: "order", order: from.raw(from.left) };
}

function readValue(from: ByteReader): EntryBody {
  const key = from.text(VALUE_KEY_MAX_BYTES);
  const count = from.u8();
  if (count > VALUE_NUMBERS_MAX) from.refuse();
  const value: number[] = [];
  for (let i = 0; i < count && !from.failed; i += 1) value.push(from.f64());
  return { kind: "value", key, value };
}

export function writeDetection(to: ByteWriter, detection: AgreedDetection): void {
  to.u32(detection.id).u16(detection.finder);
  writePosition(to, detection.position);
  to.u32(detection.errorCm).u16(detection.confidence).safe(detection.networkTimeMs);
  to.text(detection.imageRef);
}

export function readDetection(from: ByteReader): AgreedDetection {
  const id = from.u32();
  const finder = nodeIndex(from.u16());
  const position = readPosition(from);
  const errorCm = from.u32();
  const confidence = from.u16();
  const networkTimeMs = from.safe();
  const imageRef = from.text(IMAGE_REF_MAX_BYTES);
  return { id, finder, position, errorCm, confidence, networkTimeMs, imageRef };
}

export function writePosition(to: ByteWriter, position: FixedPosition): void {
  to.i32(position.northCm).i32(position.eastCm).i32(position.altitudeAmslCm);
}

export const readPosition = (from: ByteReader): FixedPosition => ({
  northCm: from.i32(),
  eastCm: from.i32(),
  altitudeAmslCm: from.i32(),
});

function writeFixed(to: ByteWriter, bytes: Uint8Array, count: number): void {
  invariant(bytes.length === count, "a field of fixed size has that size");
  to.raw(bytes);
}

function writeIndexes(to: ByteWriter, indexes: readonly NodeIndex[]): void {
  invariant(indexes.length <= CONFIGURATION_MEMBERS_MAX, "a configuration is within its bound");
  to.u8(indexes.length);
  for (const index of indexes) to.u16(index);
}

/** Strictly ascending, so that one set has one encoding. */
function readIndexes(from: ByteReader): readonly NodeIndex[] {
  const count = from.u8();
  if (count > CONFIGURATION_MEMBERS_MAX) from.refuse();
  const indexes: NodeIndex[] = [];
  for (let i = 0; i < count && !from.failed; i += 1) {
    const index = nodeIndex(from.u16());
    if (index <= (indexes.at(-1) ?? -1)) from.refuse();
    indexes.push(index);
  }
  return indexes;
}

export function readWord<Word extends string>(from: ByteReader, words: readonly Word[]): Word {
  const word = words[from.u8()];
  if (word === undefined) from.refuse();
  return word ?? words[0]!;
}
