/**
 * MAVLink frames as values: payloads by the table of messages, version 2 written, both read.
 *
 * A version 2 payload drops its trailing zeros (at least one byte stays) and a reader puts them
 * back; extension fields are absent from version 1. Layouts: docs/protocols/mavlink.md.
 */
import { invariant, utf8Decode, utf8Encode } from "../../base/mod.ts";
import { crcOver, crcWith } from "./crc.ts";
import {
  MESSAGES,
  type MavlinkFields,
  type MavlinkKind,
  type MavlinkMessage,
  type MavlinkMessageOf,
} from "./messages.ts";

export const MAGIC_V1 = 0xfe;
export const MAGIC_V2 = 0xfd;
export const HEADER_V1_BYTES = 6;
export const HEADER_V2_BYTES = 10;
export const CHECKSUM_BYTES = 2;
export const SIGNATURE_BYTES = 13;

type Scalar = "u8" | "i8" | "u16" | "i16" | "u32" | "i32" | "u64" | "i64" | "f32" | "f64" | "char";

const SIZES: Readonly<Record<Scalar, number>> = {
  char: 1,
  f32: 4,
  f64: 8,
  i16: 2,
  i32: 4,
  i64: 8,
  i8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  u8: 1,
};

/** Where a field lies in the payload. `count` is 0 for a scalar. */
export interface FieldLayout {
  readonly name: string;
  readonly type: Scalar;
  readonly count: number;
  readonly offset: number;
}

export interface MessageLayout {
  readonly kind: MavlinkKind;
  readonly id: number;
  readonly crcExtra: number;
  readonly fields: readonly FieldLayout[];
  /** Payload without extensions, as version 1 has it. */
  readonly baseBytes: number;
  readonly fullBytes: number;
}

function layoutOf(kind: MavlinkKind): MessageLayout {
  const { id, crcExtra, extensions, fields: entries } = MESSAGES[kind];
  const fields: FieldLayout[] = [];
  let offset = 0;
  let baseBytes = 0;
  entries.forEach(([name, spelled], i) => {
    if (i === entries.length - extensions) baseBytes = offset;
    const [, type, count] = /^([a-z]+\d*)(?:\[(\d+)\])?$/.exec(spelled) ?? [];
    const field = { name, type: type as Scalar, count: Number(count ?? 0), offset };
    fields.push(field);
    offset += SIZES[field.type] * Math.max(1, field.count);
  });
  if (extensions === 0) baseBytes = offset;
  return { kind, id, crcExtra, fields, baseBytes, fullBytes: offset };
}

const KINDS = Object.keys(MESSAGES) as MavlinkKind[];
const LAYOUTS: ReadonlyMap<MavlinkKind, MessageLayout> = new Map(
  KINDS.map((kind) => [kind, layoutOf(kind)]),
);
const LAYOUTS_BY_ID: ReadonlyMap<number, MessageLayout> = new Map(
  Array.from(LAYOUTS.values(), (layout) => [layout.id, layout]),
);

export function layoutOfKind(kind: MavlinkKind): MessageLayout {
  const layout = LAYOUTS.get(kind);
  invariant(layout !== undefined, "a message kind is in the table");
  return layout;
}

export function layoutOfId(id: number): MessageLayout | undefined {
  return LAYOUTS_BY_ID.get(id);
}

function zeroOf({ type, count }: FieldLayout): unknown {
  if (type === "char" && count > 0) return "";
  if (count > 0) return new Array<number>(count).fill(0);
  return type === "u64" || type === "i64" ? 0n : 0;
}

/** A message whose other fields are zero, empty text or arrays of zeros. */
export function mavlink<K extends MavlinkKind>(
  kind: K,
  fields: Partial<MavlinkFields<K>>,
): MavlinkMessageOf<K> {
  const message: Record<string, unknown> = { kind };
  for (const field of layoutOfKind(kind).fields) message[field.name] = zeroOf(field);
  return Object.assign(message, fields) as MavlinkMessageOf<K>;
}

/** The full payload, extensions and trailing zeros included. */
export function encodePayload(message: MavlinkMessage): Uint8Array {
  const layout = layoutOfKind(message.kind);
  const bytes = new Uint8Array(layout.fullBytes);
  const view = new DataView(bytes.buffer);
  const values = message as unknown as Readonly<Record<string, unknown>>;
  for (const field of layout.fields) {
    const value = values[field.name];
    if (field.type === "char" && typeof value === "string") {
      bytes.set(utf8Encode(value).subarray(0, field.count), field.offset);
    } else if (Array.isArray(value)) {
      const size = SIZES[field.type];
      value.slice(0, field.count).forEach((item: number, i) => {
        writeScalar(view, field.offset + i * size, field.type, item);
      });
    } else writeScalar(view, field.offset, field.type, value as number | bigint);
  }
  return bytes;
}

/** Integers are clamped to their type: a saturated value beats one that wrapped. */
function writeScalar(view: DataView, at: number, type: Scalar, value: number | bigint): void {
  if (type === "u64") view.setBigUint64(at, BigInt(value), true);
  else if (type === "i64") view.setBigInt64(at, BigInt(value), true);
  else if (type === "f32") view.setFloat32(at, Number(value), true);
  else if (type === "f64") view.setFloat64(at, Number(value), true);
  else writeInteger(view, at, type, Number(value));
}

type SmallInteger = Exclude<Scalar, "u64" | "i64" | "f32" | "f64">;

function writeInteger(view: DataView, at: number, type: SmallInteger, value: number): void {
  const signed = type.startsWith("i");
  const bits = SIZES[type] * 8;
  const span = bits === 32 ? 0x100000000 : 1 << bits;
  const [low, high] = signed ? [-span / 2, span / 2 - 1] : [0, span - 1];
  const clamped = Math.min(high, Math.max(low, Math.round(Number.isNaN(value) ? 0 : value)));
  if (bits === 8) view.setUint8(at, clamped & 0xff);
  else if (bits === 16) view.setUint16(at, clamped & 0xffff, true);
  else view.setUint32(at, clamped >>> 0, true);
}

/** Reads a payload that was cut short; missing bytes are zeros, bytes beyond the table ignored. */
export function decodePayload(layout: MessageLayout, payload: Uint8Array): MavlinkMessage {
  const bytes = new Uint8Array(layout.fullBytes);
  bytes.set(payload.subarray(0, layout.fullBytes));
  const view = new DataView(bytes.buffer);
  const message: Record<string, unknown> = { kind: layout.kind };
  for (const { name, type, count, offset } of layout.fields) {
    if (type === "char") message[name] = readText(bytes.subarray(offset, offset + count));
    else if (count === 0) message[name] = readScalar(view, offset, type);
    else {
      const size = SIZES[type];
      message[name] = Array.from({ length: count }, (_, i) =>
        readScalar(view, offset + i * size, type),
      );
    }
  }
  return message as unknown as MavlinkMessage;
}

/** Text ends at the first zero; what is not UTF-8 is read as Latin-1. */
function readText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  const used = end < 0 ? bytes : bytes.subarray(0, end);
  return utf8Decode(used) ?? Array.from(used, (byte) => String.fromCharCode(byte)).join("");
}

function readScalar(view: DataView, at: number, type: Scalar): number | bigint {
  switch (type) {
    case "u8":
    case "char":
      return view.getUint8(at);
    case "i8":
      return view.getInt8(at);
    case "u16":
      return view.getUint16(at, true);
    case "i16":
      return view.getInt16(at, true);
    case "u32":
      return view.getUint32(at, true);
    case "i32":
      return view.getInt32(at, true);
    case "u64":
      return view.getBigUint64(at, true);
    case "i64":
      return view.getBigInt64(at, true);
    case "f32":
      return view.getFloat32(at, true);
    case "f64":
      return view.getFloat64(at, true);
    default:
      return type satisfies never;
  }
}

/** Who sends a frame, and its running number. */
export interface FrameHeader {
  /** [1, 255]; 255 is by custom a ground station. */
  readonly systemId: number;
  readonly componentId: number;
  /** Counts modulo 256 per sender. */
  readonly sequence: number;
}

/** A version 2 frame, unsigned, trailing zeros dropped. */
export function encodeFrame(header: FrameHeader, message: MavlinkMessage): Uint8Array {
  const { id, crcExtra } = layoutOfKind(message.kind);
  const payload = encodePayload(message);
  let length = payload.length;
  while (length > 1 && payload[length - 1] === 0) length -= 1;
  const frame = new Uint8Array(HEADER_V2_BYTES + length + CHECKSUM_BYTES);
  frame.set([MAGIC_V2, length, 0, 0, header.sequence & 255, header.systemId, header.componentId]);
  frame.set([id & 255, (id >> 8) & 255, id >> 16], 7);
  frame.set(payload.subarray(0, length), HEADER_V2_BYTES);
  const end = HEADER_V2_BYTES + length;
  const crc = crcWith(crcExtra, crcOver(frame, 1, end));
  frame[end] = crc & 255;
  frame[end + 1] = crc >> 8;
  return frame;
}
