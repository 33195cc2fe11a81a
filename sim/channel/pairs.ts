/**
 * What is kept of each pair of antennas that came within reach of each other: one row of numbers,
 * found by the pair's key through open addressing (Knuth, volume 3, 6.4, linear probing).
 *
 * A row is `PAIR_FIELDS` consecutive numbers, so that a refresh touches two cache lines. Rows that
 * nobody used for long are dropped by `sweep`, which renumbers the rest.
 * Bound: as many rows as pairs are in reach; the table doubles at half its places.
 */
import { mix32, type ByteReader, type ByteWriter } from "../../src/base/mod.ts";

export const PAIR: Readonly<{
  key: 0;
  gain: 1;
  gainUs: 2;
  profileDb: 3;
  profileUs: 4;
  shadow: 5;
  shadowOdometerM: 6;
  steady: 7;
  scatter: 8;
  blockUs: 9;
}> = Object.freeze({
  key: 0,
  gain: 1,
  gainUs: 2,
  profileDb: 3,
  profileUs: 4,
  shadow: 5,
  shadowOdometerM: 6,
  steady: 7,
  scatter: 8,
  blockUs: 9,
});
export const PAIR_FIELDS = 10;
const EMPTY = 0;

export class PairRows {
  #data: Float64Array = new Float64Array(64 * PAIR_FIELDS);
  #count = 0;
  /** Row number + 1 by place. */
  #places: Uint32Array = new Uint32Array(128);

  get count(): number {
    return this.#count;
  }

  /** Row after row, each at its offset; another array after a pair was added. */
  get data(): Float64Array {
    return this.#data;
  }

  /** Offset of the pair's row; a new one knows nothing yet. */
  offset(key: number): number {
    const mask = this.#places.length - 1;
    let place = hashOf(key) & mask;
    for (;;) {
      const row = this.#places[place]!;
      if (row === EMPTY) return this.#add(key, place);
      const offset = (row - 1) * PAIR_FIELDS;
      if (this.#data[offset] === key) return offset;
      place = (place + 1) & mask;
    }
  }

  /** Offset of the pair's row, or -1. */
  find(key: number): number {
    const mask = this.#places.length - 1;
    let place = hashOf(key) & mask;
    for (;;) {
      const row = this.#places[place]!;
      if (row === EMPTY) return -1;
      const offset = (row - 1) * PAIR_FIELDS;
      if (this.#data[offset] === key) return offset;
      place = (place + 1) & mask;
    }
  }

  /** Drops rows whose gain is older than this; offsets known before are void. */
  sweep(beforeUs: number): void {
    const data = this.#data;
    let kept = 0;
    for (let row = 0; row < this.#count; row += 1) {
      const from = row * PAIR_FIELDS;
      if (data[from + PAIR.gainUs]! < beforeUs) continue;
      if (kept !== row) data.copyWithin(kept * PAIR_FIELDS, from, from + PAIR_FIELDS);
      kept += 1;
    }
    this.#count = kept;
    this.#index(this.#places.length);
  }

  save(to: ByteWriter): void {
    const { buffer } = this.#data;
    to.u32(this.#count).blob(new Uint8Array(buffer, 0, this.#count * PAIR_FIELDS * 8));
  }

  load(from: ByteReader): void {
    const count = from.u32();
    const bytes = from.blob();
    if (bytes.length !== count * PAIR_FIELDS * 8) {
      from.refuse();
      return;
    }
    this.#count = count;
    let places = 128;
    while (places < 2 * (count + 1)) places *= 2;
    this.#data = new Float64Array((places / 2) * PAIR_FIELDS);
    new Uint8Array(this.#data.buffer).set(bytes);
    this.#index(places);
  }

  #add(key: number, place: number): number {
    if (2 * (this.#count + 1) > this.#places.length) {
      this.#grow();
      return this.offset(key);
    }
    const offset = this.#count * PAIR_FIELDS;
    this.#count += 1;
    this.#places[place] = this.#count;
    const data = this.#data;
    data.fill(0, offset, offset + PAIR_FIELDS);
    data[offset] = key;
    forgetPair(data, offset);
    data[offset + PAIR.blockUs] = 1;
    return offset;
  }

  #grow(): void {
    const places = this.#places.length * 2;
    const data = new Float64Array((places / 2) * PAIR_FIELDS);
    data.set(this.#data.subarray(0, this.#count * PAIR_FIELDS));
    this.#data = data;
    this.#index(places);
  }

  #index(places: number): void {
    if (this.#places.length === places) this.#places.fill(EMPTY);
    else this.#places = new Uint32Array(places);
    const mask = places - 1;
    for (let row = 0; row < this.#count; row += 1) {
      let place = hashOf(this.#data[row * PAIR_FIELDS]!) & mask;
      while (this.#places[place] !== EMPTY) place = (place + 1) & mask;
      this.#places[place] = row + 1;
    }
  }
}

/** Nothing is known of this pair any more: it is looked at anew when it is next asked for. */
export function forgetPair(data: Float64Array, offset: number): void {
  data[offset + PAIR.gainUs] = -Infinity;
  data[offset + PAIR.profileUs] = -Infinity;
  data[offset + PAIR.shadowOdometerM] = NaN;
}

const hashOf = (key: number): number => mix32(key ^ Math.floor(key / 0x100000000));
