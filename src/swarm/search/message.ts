/**
 * What swarm layers tell each other, beside the log (`docs/protocols/swarm-message.md`).
 *
 * Best effort and idempotent: progress merges, intents and shared values replace older ones. Each
 * begins with its kind and version; big-endian. Senders are verified members; what they say is
 * still checked against this mission.
 */
import {
  ByteReader,
  ByteWriter,
  fail,
  ok,
  problem,
  segmentId,
  utf8Decode,
  utf8Encode,
} from "../../base/mod.ts";
import type { Result, SegmentId } from "../../base/mod.ts";
import type { Duty, SegmentProgress } from "../types.ts";

export const SwarmMessageKind: Readonly<{ progress: 0x50; intent: 0x51; share: 0x52 }> =
  Object.freeze({ progress: 0x50, intent: 0x51, share: 0x52 });
export const SWARM_MESSAGE_VERSION = 1;

export const PROGRESS_ROWS_MAX = 32;
export const INTENT_SEGMENTS_MAX = 4;
export const SHARE_KEY_MAX_BYTES = 32;
export const SHARE_VALUES_MAX = 8;

/** Wire codes of duties; 4 is not given again. */
export const DUTY_CODES: readonly (Duty | undefined)[] = Object.freeze([
  "grounded",
  "arming",
  "takeoff",
  "search",
  undefined,
  "look",
  "eyes",
  "hold",
  "return",
  "land",
  "behaviour",
  "manual",
] as const);

/** What a vehicle is about, once a second or two. */
export interface Intent {
  readonly duty: Duty;
  /** The segment it searches, then those it expects to take. */
  readonly segments: readonly SegmentId[];
  /** The detection that it looks at or stands over, with what it cost to get there. */
  readonly place: { readonly id: number; readonly costS: number } | undefined;
  /** Cruise seconds beyond the way home and the reserve. */
  readonly spareS: number;
  /** `progressDigest` of its table. */
  readonly digest: number;
}

export type SwarmMessage =
  | { readonly kind: "progress"; readonly rows: readonly SegmentProgress[] }
  | { readonly kind: "intent"; readonly intent: Intent }
  | { readonly kind: "share"; readonly key: string; readonly value: readonly number[] };

export function encodeSwarmMessage(message: SwarmMessage): Uint8Array {
  const to = new ByteWriter({ initialBytes: 64, maxBytes: 1024 });
  to.u8(SwarmMessageKind[message.kind]).u8(SWARM_MESSAGE_VERSION);
  switch (message.kind) {
    case "progress":
      to.u8(message.rows.length);
      for (const row of message.rows) to.u16(row.segment).u8(row.pass).u32(row.lanes);
      break;
    case "intent":
      writeIntent(to, message.intent);
      break;
    case "share": {
      const key = utf8Encode(message.key);
      to.u8(key.length).raw(key).u8(message.value.length);
      for (const value of message.value) to.f64(value);
      break;
    }
    default:
      message satisfies never;
  }
  return to.take();
}

function writeIntent(to: ByteWriter, intent: Intent): void {
  to.u8(DUTY_CODES.indexOf(intent.duty)).u8(intent.segments.length);
  for (const segment of intent.segments) to.u16(segment);
  to.u32(intent.place?.id ?? 0xffffffff).u16(toU16(intent.place?.costS ?? 0));
  to.u16(toU16(intent.spareS)).u32(intent.digest);
}

const toU16 = (value: number): number => Math.min(0xffff, Math.max(0, Math.round(value)));

export function decodeSwarmMessage(bytes: Uint8Array): Result<SwarmMessage> {
  const from = new ByteReader(bytes);
  const kind = from.u8();
  if (from.u8() !== SWARM_MESSAGE_VERSION) from.refuse();
  const message = readMessage(from, kind);
  const trouble = from.finish();
  if (message === undefined || trouble !== undefined) {
    return fail(problem("SWM007", { where: trouble?.where ?? "byte 0" }));
  }
  return ok(message);
}

function readMessage(from: ByteReader, kind: number): SwarmMessage | undefined {
  switch (kind) {
    case SwarmMessageKind.progress:
      return { kind: "progress", rows: readRows(from) };
    case SwarmMessageKind.intent:
      return { kind: "intent", intent: readIntent(from) };
    case SwarmMessageKind.share:
      return readShare(from);
    default:
      return undefined;
  }
}

function readRows(from: ByteReader): SegmentProgress[] {
  const count = from.u8();
  if (count > PROGRESS_ROWS_MAX) from.refuse();
  const rows: SegmentProgress[] = [];
  for (let i = 0; i < count && !from.failed; i += 1) {
    rows.push({ segment: segmentId(from.u16()), pass: from.u8(), lanes: from.u32() });
  }
  return rows;
}

function readIntent(from: ByteReader): Intent {
  const duty = DUTY_CODES[from.u8()];
  const count = from.u8();
  if (duty === undefined || count > INTENT_SEGMENTS_MAX) from.refuse();
  const segments: SegmentId[] = [];
  for (let i = 0; i < count && !from.failed; i += 1) segments.push(segmentId(from.u16()));
  const id = from.u32();
  const costS = from.u16();
  return {
    duty: duty ?? "grounded",
    segments,
    place: id === 0xffffffff ? undefined : { id, costS },
    spareS: from.u16(),
    digest: from.u32(),
  };
}

function readShare(from: ByteReader): SwarmMessage {
  const bytes = from.u8();
  if (bytes === 0 || bytes > SHARE_KEY_MAX_BYTES) from.refuse();
  const key = utf8Decode(from.raw(bytes));
  const count = from.u8();
  if (key === undefined || count > SHARE_VALUES_MAX) from.refuse();
  const value: number[] = [];
  for (let i = 0; i < count && !from.failed; i += 1) value.push(from.f64());
  if (!value.every((number) => Number.isFinite(number))) from.refuse();
  return { kind: "share", key: key ?? "", value };
}
