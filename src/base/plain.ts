/**
 * Plain values as bytes, for saving: a vehicle's state, what waits in a node's inbox, counters.
 * Every number comes back as it was, negative zero and not-a-number too.
 *
 * One tag byte, then the value. Objects keep the order of their keys, so that a value read back
 * hashes and prints the same. Not a wire format: only the same commit reads it.
 * Bounds: depth `DEPTH_MAX`; the reader refuses counts beyond what is left.
 */
import type { ByteReader, ByteWriter } from "./bytes.ts";
import { invariant } from "./invariant.ts";

const DEPTH_MAX = 32;
const TAG = Object.freeze({
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  number: 4,
  bigint: 5,
  text: 6,
  bytes: 7,
  list: 8,
  object: 9,
});

export function writePlain(to: ByteWriter, value: unknown, depth = 0): void {
  invariant(depth < DEPTH_MAX, "a plain value is not nested deeply");
  if (value === undefined) to.u8(TAG.undefined);
  else if (value === null) to.u8(TAG.null);
  else if (typeof value === "boolean") to.u8(value ? TAG.true : TAG.false);
  else if (typeof value === "number") to.u8(TAG.number).f64(value);
  else if (typeof value === "bigint") to.u8(TAG.bigint).text(value.toString());
  else if (typeof value === "string") to.u8(TAG.text).text(value);
  else if (value instanceof Uint8Array) to.u8(TAG.bytes).blob(value);
  else if (Array.isArray(value)) {
    to.u8(TAG.list).u32(value.length);
    for (const item of value as readonly unknown[]) writePlain(to, item, depth + 1);
  } else {
    invariant(typeof value === "object", "a saved value is plain data");
    const entries = Object.entries(value);
    to.u8(TAG.object).u32(entries.length);
    for (const [key, item] of entries) {
      to.text(key);
      writePlain(to, item, depth + 1);
    }
  }
}

export function readPlain(from: ByteReader, depth = 0): unknown {
  const tag = from.u8();
  switch (tag) {
    case TAG.undefined:
      return undefined;
    case TAG.null:
      return null;
    case TAG.false:
      return false;
    case TAG.true:
      return true;
    case TAG.number:
      return from.f64();
    case TAG.bigint:
      return readBigint(from);
    case TAG.text:
      return from.text();
    case TAG.bytes:
      return from.blob();
    case TAG.list:
      return Array.from({ length: readCount(from, depth) }, () => readPlain(from, depth + 1));
    case TAG.object:
      return readObject(from, depth);
    default:
      from.refuse();
      return undefined;
  }
}

function readBigint(from: ByteReader): bigint {
  const digits = from.text();
  if (/^-?[0-9]{1,400}$/.test(digits)) return BigInt(digits);
  from.refuse();
  return 0n;
}

function readCount(from: ByteReader, depth: number): number {
  const count = from.u32();
  if (count <= from.left && depth < DEPTH_MAX) return count;
  from.refuse();
  return 0;
}

function readObject(from: ByteReader, depth: number): Record<string, unknown> {
  const count = readCount(from, depth);
  const object: Record<string, unknown> = {};
  for (let i = 0; i < count; i += 1) {
    const key = from.text();
    object[key] = readPlain(from, depth + 1);
  }
  return object;
}
