/**
 * The trace hash: MurmurHash3_x86_128 (Austin Appleby, public domain, 2011), seed 0, over a stream
 * of little-endian 32-bit words, computed as the words come. `docs/protocols/trace-hash.md` lists
 * the records. It tells runs apart; it protects nothing.
 *
 * Departure: only whole words are fed, so the tail has 0, 4, 8 or 12 bytes.
 */
import type { ByteReader, ByteWriter } from "../../src/base/mod.ts";

const C1 = 0x239b961b;
const C2 = 0xab0e9789;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93;

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

function finish(value: number): number {
  let x = value ^ (value >>> 16);
  x = Math.imul(x, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

const hex8 = (x: number): string => (x >>> 0).toString(16).padStart(8, "0");

export class TraceHash {
  #h1 = 0;
  #h2 = 0;
  #h3 = 0;
  #h4 = 0;
  readonly #block = new Int32Array(4);
  #filled = 0;
  #words = 0;

  /** Words fed so far. */
  get words(): number {
    return this.#words;
  }

  u32(word: number): this {
    this.#block[this.#filled] = word;
    this.#filled += 1;
    this.#words += 1;
    if (this.#filled === 4) this.#mix();
    return this;
  }

  /** A safe integer of either sign: low word, then high word (two's complement). */
  integer(value: number): this {
    return this.u32(value | 0).u32(Math.floor(value / 0x100000000) | 0);
  }

  /** A quantity in steps of `step`; not a number is the largest word. */
  quantity(value: number, step: number): this {
    const steps = Math.round(value / step);
    return Number.isSafeInteger(steps) ? this.integer(steps) : this.u32(-1).u32(-1);
  }

  digest(): string {
    let [h1, h2, h3, h4] = [this.#h1, this.#h2, this.#h3, this.#h4];
    const [k1, k2, k3] = this.#block;
    if (this.#filled > 2) h3 ^= Math.imul(rotate(Math.imul(k3!, C3), 17), C4);
    if (this.#filled > 1) h2 ^= Math.imul(rotate(Math.imul(k2!, C2), 16), C3);
    if (this.#filled > 0) h1 ^= Math.imul(rotate(Math.imul(k1!, C1), 15), C2);
    const length = Math.imul(this.#words, 4);
    h1 ^= length;
    h2 ^= length;
    h3 ^= length;
    h4 ^= length;
    h1 = (h1 + h2 + h3 + h4) | 0;
    h2 = finish((h2 + h1) | 0);
    h3 = finish((h3 + h1) | 0);
    h4 = finish((h4 + h1) | 0);
    h1 = finish(h1);
    h1 = (h1 + h2 + h3 + h4) | 0;
    return hex8(h1) + hex8(h2 + h1) + hex8(h3 + h1) + hex8(h4 + h1);
  }

  save(to: ByteWriter): void {
    for (const lane of [this.#h1, this.#h2, this.#h3, this.#h4]) to.i32(lane);
    for (const word of this.#block) to.i32(word);
    to.u8(this.#filled).safe(this.#words);
  }

  load(from: ByteReader): void {
    this.#h1 = from.i32();
    this.#h2 = from.i32();
    this.#h3 = from.i32();
    this.#h4 = from.i32();
    for (let i = 0; i < 4; i += 1) this.#block[i] = from.i32();
    this.#filled = from.u8() & 3;
    this.#words = from.safe();
  }

  #mix(): void {
    const [k1, k2, k3, k4] = this.#block;
    this.#filled = 0;
    this.#h1 ^= Math.imul(rotate(Math.imul(k1!, C1), 15), C2);
    this.#h1 = (Math.imul(rotate(this.#h1, 19) + this.#h2, 5) + 0x561ccd1b) | 0;
    this.#h2 ^= Math.imul(rotate(Math.imul(k2!, C2), 16), C3);
    this.#h2 = (Math.imul(rotate(this.#h2, 17) + this.#h3, 5) + 0x0bcaa747) | 0;
    this.#h3 ^= Math.imul(rotate(Math.imul(k3!, C3), 17), C4);
    this.#h3 = (Math.imul(rotate(this.#h3, 15) + this.#h4, 5) + 0x96cd1c35) | 0;
    this.#h4 ^= Math.imul(rotate(Math.imul(k4!, C4), 18), C1);
    this.#h4 = (Math.imul(rotate(this.#h4, 13) + this.#h1, 5) + 0x32ac3b17) | 0;
  }
}
