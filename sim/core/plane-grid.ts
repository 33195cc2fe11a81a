/**
 * Who is near on the map: points in square cells, kept in buckets by a hash of the cell, so that
 * the size of the world costs nothing and each look costs the points around it.
 *
 * Filled anew from positions (a counting sort over two flat arrays), then asked; answers are in
 * rising order of slot, whatever the cells, so that what is done for each neighbour has one order.
 * Bound: as many points as were given; the arrays grow to that and stay.
 */
import { invariant, mix32 } from "../../src/base/mod.ts";

export class PlaneGrid {
  #cellM = 1;
  #mask = 0;
  #first: Uint32Array = new Uint32Array(2);
  #slots: Uint32Array = new Uint32Array(0);
  #cellX: Int32Array = new Int32Array(0);
  #cellY: Int32Array = new Int32Array(0);
  #x: Float64Array = new Float64Array(0);
  #y: Float64Array = new Float64Array(0);

  /** Takes these slots at these places; what was there before is gone. */
  fill(
    slots: ArrayLike<number>,
    at: { readonly northM: Float64Array; readonly eastM: Float64Array; readonly cellM: number },
  ): void {
    invariant(at.cellM > 0, "a cell has a size");
    const count = slots.length;
    this.#cellM = at.cellM;
    this.#reserve(count);
    const first = this.#first.fill(0);
    for (let i = 0; i < count; i += 1) first[this.#bucketOf(at, slots[i]!) + 1]! += 1;
    for (let bucket = 0; bucket <= this.#mask; bucket += 1) first[bucket + 1]! += first[bucket]!;
    // Each bucket's beginning moves to its end as it fills, which is the next one's beginning.
    for (let i = 0; i < count; i += 1) {
      const slot = slots[i]!;
      const bucket = this.#bucketOf(at, slot);
      const place = first[bucket]!;
      first[bucket] = place + 1;
      this.#slots[place] = slot;
      this.#x[place] = at.northM[slot]!;
      this.#y[place] = at.eastM[slot]!;
      this.#cellX[place] = this.#cell(at.northM[slot]!);
      this.#cellY[place] = this.#cell(at.eastM[slot]!);
    }
    first.copyWithin(1, 0, this.#mask + 1);
    first[0] = 0;
  }

  /** Slots within `reachM` of a place, in rising order; the array given is emptied and returned. */
  near(northM: number, eastM: number, reachM: number, into: number[]): number[] {
    into.length = 0;
    const [fromX, toX] = [this.#cell(northM - reachM), this.#cell(northM + reachM)];
    const [fromY, toY] = [this.#cell(eastM - reachM), this.#cell(eastM + reachM)];
    for (let x = fromX; x <= toX; x += 1) {
      for (let y = fromY; y <= toY; y += 1) this.#collect(x, y, { northM, eastM, reachM }, into);
    }
    return into.sort((a, b) => a - b);
  }

  #collect(
    x: number,
    y: number,
    around: { readonly northM: number; readonly eastM: number; readonly reachM: number },
    into: number[],
  ): void {
    const bucket = this.#hash(x, y);
    for (let i = this.#first[bucket]!; i < this.#first[bucket + 1]!; i += 1) {
      if (this.#cellX[i] !== x || this.#cellY[i] !== y) continue;
      const dn = this.#x[i]! - around.northM;
      const de = this.#y[i]! - around.eastM;
      if (dn * dn + de * de <= around.reachM * around.reachM) into.push(this.#slots[i]!);
    }
  }

  #cell(metres: number): number {
    return Math.floor(metres / this.#cellM);
  }

  #hash(x: number, y: number): number {
    return mix32(Math.imul(x, 0x9e3779b1) ^ y) & this.#mask;
  }

  #bucketOf(
    at: { readonly northM: Float64Array; readonly eastM: Float64Array },
    slot: number,
  ): number {
    return this.#hash(this.#cell(at.northM[slot]!), this.#cell(at.eastM[slot]!));
  }

  #reserve(count: number): void {
    let buckets = 1;
    while (buckets < 2 * count) buckets *= 2;
    if (this.#first.length !== buckets + 1) this.#first = new Uint32Array(buckets + 1);
    this.#mask = buckets - 1;
    if (this.#slots.length >= count) return;
    this.#slots = new Uint32Array(count);
    this.#cellX = new Int32Array(count);
    this.#cellY = new Int32Array(count);
    this.#x = new Float64Array(count);
    this.#y = new Float64Array(count);
  }
}
