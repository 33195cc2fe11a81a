/**
 * Deterministic CBOR (RFC 8949 section 4.2.1), the part that Skein writes: integers to 64 bits,
 * byte and text strings, arrays, maps with text keys in bytewise order of their encodings,
 * false, true, null, and floats.
 *
 * Departures, both narrowing: a float always takes 64 bits (section 4.2.1 would shorten it; one
 * width keeps the codec small), and a number that is a safe integer is always an integer, so that
 * a value has one encoding (section 4.2.2 leaves the choice to the protocol). Negative zero is
 * zero; not-a-number is fb7ff8000000000000.
 *
 * The decoder refuses every encoding that the encoder would not have written. Bounds: depth and
 * number of items (`CborLimits`).
 */
import { ByteReader, ByteWriter, compareBytes, utf8Decode, utf8Encode } from "./bytes.ts";
import { invariant } from "./invariant.ts";
import { problem, type ProblemCode } from "./problem.ts";
import { fail, ok, type Result } from "./result.ts";

/** Integers outside the safe range are bigints, all others numbers. */
export type CborValue =
  null | boolean | number | bigint | string | Uint8Array | readonly CborValue[] | CborMap;

export interface CborMap {
  readonly [key: string]: CborValue;
}

export interface CborLimits {
  /** Arrays and maps inside one another. */
  readonly depthMax?: number;
  /** All items together, each counted once. */
  readonly itemsMax?: number;
}

const DEPTH_MAX = 32;
const ITEMS_MAX = 1 << 20;
const UINT = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
const FALSE = 0xf4;
const TRUE = 0xf5;
const NULL = 0xf6;
const FLOAT64 = 0xfb;

export function encodeCbor(value: CborValue): Uint8Array {
  const writer = new ByteWriter();
  write(writer, value, 0);
  return writer.take();
}

function write(to: ByteWriter, value: CborValue, depth: number): void {
  invariant(depth <= DEPTH_MAX, "a value to encode is not nested beyond the bound");
  if (value === null) to.u8(NULL);
  else if (typeof value === "boolean") to.u8(value ? TRUE : FALSE);
  else if (typeof value === "number") writeNumber(to, value);
  else if (typeof value === "bigint") writeBigint(to, value);
  else if (typeof value === "string") {
    const bytes = utf8Encode(value);
    writeHead(to, TEXT, bytes.length);
    to.raw(bytes);
  } else if (value instanceof Uint8Array) {
    writeHead(to, BYTES, value.length);
    to.raw(value);
  } else if (isArray(value)) {
    writeHead(to, ARRAY, value.length);
    for (const item of value) write(to, item, depth + 1);
  } else writeMap(to, value, depth);
}

/** `Array.isArray` does not narrow a readonly array out of a union. */
function isArray(value: readonly CborValue[] | CborMap): value is readonly CborValue[] {
  return Array.isArray(value);
}

function writeNumber(to: ByteWriter, value: number): void {
  if (!Number.isSafeInteger(value)) to.u8(FLOAT64).f64(value);
  else if (value >= 0) writeHead(to, UINT, value);
  else writeHead(to, NEGATIVE, -1 - value);
}

function writeBigint(to: ByteWriter, value: bigint): void {
  const major = value < 0n ? NEGATIVE : UINT;
  const magnitude = value < 0n ? -1n - value : value;
  invariant(magnitude < 1n << 64n, "an integer to encode fits 64 bits");
  if (magnitude <= 0xffffffffn) writeHead(to, major, Number(magnitude));
  else to.u8((major << 5) | 27).u64(magnitude);
}

/** Keys in bytewise order of their encodings: by length, then by bytes, as all are text. */
function writeMap(to: ByteWriter, value: CborMap, depth: number): void {
  const keys = Object.keys(value).map((key) => ({ key, encoded: encodeCbor(key) }));
  keys.sort((a, b) => compareBytes(a.encoded, b.encoded));
  writeHead(to, MAP, keys.length);
  for (const { key, encoded } of keys) {
    to.raw(encoded);
    const item = value[key];
    invariant(item !== undefined, "a map to encode has a value for each key");
    write(to, item, depth + 1);
  }
}

function writeHead(to: ByteWriter, major: number, argument: number): void {
  const high = major << 5;
  if (argument < 24) to.u8(high | argument);
  else if (argument <= 0xff) to.u8(high | 24).u8(argument);
  else if (argument <= 0xffff) to.u8(high | 25).u16(argument);
  else if (argument <= 0xffffffff) to.u8(high | 26).u32(argument);
  else to.u8(high | 27).safe(argument);
}

/** Decodes exactly one value that fills `bytes`. */
export function decodeCbor(bytes: Uint8Array, limits: CborLimits = {}): Result<CborValue> {
  const state: Decoding = {
    from: new ByteReader(bytes),
    itemsLeft: limits.itemsMax ?? ITEMS_MAX,
    refusal: undefined,
  };
  const value = read(state, limits.depthMax ?? DEPTH_MAX);
  const short = state.from.finish();
  if (state.refusal !== undefined) return fail(problem(state.refusal.code, state.refusal));
  return short === undefined ? ok(value) : fail(short);
}

interface Decoding {
  readonly from: ByteReader;
  itemsLeft: number;
  refusal: { readonly code: ProblemCode; readonly where: string } | undefined;
}

/** Notes the first refusal and ends the input; `instead` is never seen by the caller. */
function refuse<T>(state: Decoding, code: ProblemCode, instead: T): T {
  if (!state.from.failed) state.refusal = { code, where: `byte ${String(state.from.at)}` };
  state.from.refuse();
  return instead;
}

function read(state: Decoding, depthLeft: number): CborValue {
  state.itemsLeft -= 1;
  if (depthLeft < 0 || state.itemsLeft < 0) return refuse(state, "BAS004", null);
  const first = state.from.u8();
  const major = first >> 5;
  if (major === 7) return readSimple(state, first);
  const argument = readArgument(state, first & 31);
  if (major === UINT) return argument;
  if (major === NEGATIVE) return negate(argument);
  const count = Number(argument);
  if (major === BYTES) return readBytes(state, count);
  if (major === TEXT) return readText(state, count);
  if (major === ARRAY) return readArray(state, count, depthLeft);
  if (major === MAP) return readMap(state, count, depthLeft);
  return refuse(state, "BAS003", null);
}

function readSimple(state: Decoding, first: number): CborValue {
  if (first === FALSE) return false;
  if (first === TRUE) return true;
  if (first === NULL) return null;
  if (first !== FLOAT64) return refuse(state, "BAS003", null);
  const bits = state.from.u64();
  const value = FLOAT_VIEW.getFloat64((FLOAT_VIEW.setBigUint64(0, bits), 0));
  const canonical = Number.isNaN(value) ? bits === CANONICAL_NAN : !Number.isSafeInteger(value);
  return canonical ? value : refuse(state, "BAS003", null);
}

const FLOAT_VIEW = new DataView(new ArrayBuffer(8));
const CANONICAL_NAN = 0x7ff8000000000000n;

/** The argument in its shortest form only. Indefinite lengths (31) are refused like reserved. */
function readArgument(state: Decoding, info: number): number | bigint {
  if (info < 24) return info;
  let value: number | bigint;
  let least: number;
  if (info === 24) [value, least] = [state.from.u8(), 24];
  else if (info === 25) [value, least] = [state.from.u16(), 0x100];
  else if (info === 26) [value, least] = [state.from.u32(), 0x10000];
  else if (info === 27) [value, least] = [state.from.u64(), 0x100000000];
  else return refuse(state, "BAS003", 0);
  if (value < least) return refuse(state, "BAS003", 0);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

function negate(argument: number | bigint): number | bigint {
  if (typeof argument === "bigint") return -1n - argument;
  // -1 - (2^53 - 1) is one below the least safe integer.
  return argument === Number.MAX_SAFE_INTEGER ? -1n - BigInt(argument) : -1 - argument;
}

function readBytes(state: Decoding, count: number): Uint8Array {
  return state.from.raw(count);
}

function readText(state: Decoding, count: number): string {
  return utf8Decode(state.from.raw(count)) ?? refuse(state, "BAS003", "");
}

function readArray(state: Decoding, count: number, depthLeft: number): CborValue {
  const items: CborValue[] = [];
  if (count > state.itemsLeft) return refuse(state, "BAS004", null);
  for (let i = 0; i < count && !state.from.failed; i += 1) items.push(read(state, depthLeft - 1));
  return items;
}

function readMap(state: Decoding, count: number, depthLeft: number): CborValue {
  const entries: [string, CborValue][] = [];
  if (count > state.itemsLeft) return refuse(state, "BAS004", null);
  let previous: Uint8Array | undefined;
  for (let i = 0; i < count && !state.from.failed; i += 1) {
    const key = read(state, 0);
    if (typeof key !== "string") return refuse(state, "BAS003", null);
    const encoded = encodeCbor(key);
    if (previous !== undefined && compareBytes(previous, encoded) >= 0) {
      return refuse(state, "BAS003", null);
    }
    previous = encoded;
    entries.push([key, read(state, depthLeft - 1)]);
  }
  return Object.fromEntries(entries);
}
