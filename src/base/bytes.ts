/**
 * Writing and reading bytes, big-endian (network order) unless the name says `Le`.
 *
 * A writer grows up to its bound; a reader never throws on short input: it returns zeros, turns
 * `failed` on, and the caller checks once at the end (`finish`), which keeps decoders flat.
 */
import { invariant } from "./invariant.ts";
import { problem, type Problem } from "./problem.ts";

const CANONICAL_NAN_HIGH = 0x7ff80000;

export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;
  readonly #maxBytes: number;

  constructor(options: { readonly initialBytes?: number; readonly maxBytes?: number } = {}) {
    this.#bytes = new Uint8Array(options.initialBytes ?? 256);
    this.#view = new DataView(this.#bytes.buffer);
    this.#maxBytes = options.maxBytes ?? 1 << 30;
  }

  get length(): number {
    return this.#length;
  }

  u8(value: number): this {
    const at = this.#grow(1); // may replace the view
    this.#view.setUint8(at, value);
    return this;
  }

  u16(value: number): this {
    const at = this.#grow(2); // may replace the view
    this.#view.setUint16(at, value);
    return this;
  }

  u32(value: number): this {
    const at = this.#grow(4); // may replace the view
    this.#view.setUint32(at, value);
    return this;
  }

  i16(value: number): this {
    const at = this.#grow(2); // may replace the view
    this.#view.setInt16(at, value);
    return this;
  }

  i32(value: number): this {
    const at = this.#grow(4); // may replace the view
    this.#view.setInt32(at, value);
    return this;
  }

  u64(value: bigint): this {
    const at = this.#grow(8); // may replace the view
    this.#view.setBigUint64(at, value);
    return this;
  }

  /** A safe integer >= 0 as 64 bits. */
  safe(value: number): this {
    invariant(Number.isSafeInteger(value) && value >= 0, "a safe integer is written");
    this.u32(Math.floor(value / 0x100000000));
    return this.u32(value >>> 0);
  }

  /** Not a number is written in its canonical form, so that equal states have equal bytes. */
  f64(value: number): this {
    if (Number.isNaN(value)) return this.u32(CANONICAL_NAN_HIGH).u32(0);
    const at = this.#grow(8); // may replace the view
    this.#view.setFloat64(at, value);
    return this;
  }

  f32(value: number): this {
    if (Number.isNaN(value)) return this.u32(0x7fc00000);
    const at = this.#grow(4); // may replace the view
    this.#view.setFloat32(at, value);
    return this;
  }

  bool(value: boolean): this {
    return this.u8(value ? 1 : 0);
  }

  raw(bytes: Uint8Array): this {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  /** Length as u32, then the bytes. */
  blob(bytes: Uint8Array): this {
    return this.u32(bytes.length).raw(bytes);
  }

  /** The string as UTF-8 behind its length in bytes, a u32; a lone surrogate becomes U+FFFD. */
  text(value: string): this {
    return this.blob(utf8Encode(value));
  }

  /** A copy of what was written. */
  take(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  /** Replaces the view when it grows: callers must take the place first and the view after. */
  #grow(count: number): number {
    const at = this.#length;
    const wanted = at + count;
    invariant(wanted <= this.#maxBytes, "a writer stays within its bound");
    if (wanted > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(wanted, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    this.#length = wanted;
    return at;
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at: number;
  readonly #end: number;
  #failed = false;

  constructor(bytes: Uint8Array, offset = 0, length: number = bytes.length - offset) {
    invariant(offset >= 0 && offset + length <= bytes.length, "a reader's range is in its bytes");
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = offset;
    this.#end = offset + length;
  }

  get at(): number {
    return this.#at;
  }

  get left(): number {
    return this.#end - this.#at;
  }

  /** True once a read went past the end or a rule of the format was broken by `refuse`. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Marks the input as malformed; later reads return zeros. */
  refuse(): void {
    this.#failed = true;
    this.#at = this.#end;
  }

  u8(): number {
    const at = this.#skip(1);
    return at < 0 ? 0 : this.#view.getUint8(at);
  }

  u16(): number {
    const at = this.#skip(2);
    return at < 0 ? 0 : this.#view.getUint16(at);
  }

  u32(): number {
    const at = this.#skip(4);
    return at < 0 ? 0 : this.#view.getUint32(at);
  }

  i16(): number {
    const at = this.#skip(2);
    return at < 0 ? 0 : this.#view.getInt16(at);
  }

  i32(): number {
    const at = this.#skip(4);
    return at < 0 ? 0 : this.#view.getInt32(at);
  }

  u64(): bigint {
    const at = this.#skip(8);
    return at < 0 ? 0n : this.#view.getBigUint64(at);
  }

  /** A 64-bit value that must be a safe integer. */
  safe(): number {
    const value = this.u32() * 0x100000000 + this.u32();
    if (Number.isSafeInteger(value)) return value;
    this.refuse();
    return 0;
  }

  f64(): number {
    const at = this.#skip(8);
    return at < 0 ? 0 : this.#view.getFloat64(at);
  }

  f32(): number {
    const at = this.#skip(4);
    return at < 0 ? 0 : this.#view.getFloat32(at);
  }

  bool(): boolean {
    const value = this.u8();
    if (value > 1) this.refuse();
    return value === 1;
  }

  /** A copy of the next `count` bytes; empty when they are not there. */
  raw(count: number): Uint8Array {
    const at = this.#skip(count);
    return at < 0 ? new Uint8Array(0) : this.#bytes.slice(at, at + count);
  }

  /** A blob of at most `maxBytes`. */
  blob(maxBytes: number = 1 << 30): Uint8Array {
    const count = this.u32();
    if (count > maxBytes) {
      this.refuse();
      return new Uint8Array(0);
    }
    return this.raw(count);
  }

  text(maxBytes: number = 1 << 20): string {
    const value = utf8Decode(this.blob(maxBytes));
    if (value === undefined) this.refuse();
    return value ?? "";
  }

  /** The problem of a decoder that must consume its whole input; `undefined` when all is well. */
  finish(): Problem | undefined {
    if (this.#failed) return problem("BAS001", { where: `byte ${String(this.#at)}` });
    if (this.left > 0) return problem("BAS002", { where: `byte ${String(this.#at)}` });
    return undefined;
  }

  #skip(count: number): number {
    if (this.#failed || count > this.#end - this.#at) {
      this.refuse();
      return -1;
    }
    const at = this.#at;
    this.#at = at + count;
    return at;
  }
}

/** UTF-8 of a string; a lone surrogate becomes U+FFFD. */
export function utf8Encode(value: string): Uint8Array {
  const out: number[] = [];
  for (const character of value) {
    const code = character.codePointAt(0) ?? 0xfffd;
    pushUtf8(out, code >= 0xd800 && code <= 0xdfff ? 0xfffd : code);
  }
  return Uint8Array.from(out);
}

function pushUtf8(out: number[], code: number): void {
  if (code < 0x80) out.push(code);
  else if (code < 0x800) out.push(0xc0 | (code >> 6), 0x80 | (code & 63));
  else if (code < 0x10000) {
    out.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  } else {
    out.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63));
    out.push(0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  }
}

const LEAST_CODE = [0, 0, 0x80, 0x800, 0x10000] as const;

/** The string, or `undefined` when the bytes are not well-formed UTF-8 (RFC 3629). */
export function utf8Decode(bytes: Uint8Array): string | undefined {
  let text = "";
  for (let i = 0; i < bytes.length;) {
    const first = bytes[i] ?? 0;
    const count = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
    if (count === 0 || first > 0xf4 || i + count > bytes.length) return undefined;
    let code = count === 1 ? first : first & (0xff >> (count + 1));
    for (let k = 1; k < count; k += 1) {
      const next = bytes[i + k] ?? 0;
      if ((next & 0xc0) !== 0x80) return undefined;
      code = (code << 6) | (next & 63);
    }
    const surrogate = code >= 0xd800 && code <= 0xdfff;
    if (surrogate || code > 0x10ffff || code < LEAST_CODE[count]) return undefined;
    text += String.fromCodePoint(code);
    i += count;
  }
  return text;
}

const HEX = "0123456789abcdef";

/** Lower-case hex, for vectors, logs and ids. */
export function toHex(bytes: Uint8Array): string {
  let out = "";
  for (const byte of bytes) out += (HEX[byte >> 4] ?? "") + (HEX[byte & 15] ?? "");
  return out;
}

/** Bytes of an even-length hex string, or `undefined`. */
export function fromHex(hex: string): Uint8Array | undefined {
  if (hex.length % 2 !== 0) return undefined;
  const out = new Uint8Array(hex.length / 2);
  for (let i = 0; i < out.length; i += 1) {
    const high = HEX.indexOf((hex[2 * i] ?? "?").toLowerCase());
    const low = HEX.indexOf((hex[2 * i + 1] ?? "?").toLowerCase());
    if (high < 0 || low < 0) return undefined;
    out[i] = high * 16 + low;
  }
  return out;
}

/** Whether two byte strings are equal; the time depends on where they differ. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}

/** Lexicographic order of byte strings: a total comparator. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
