/**
 * Who is in reach of whom, and room for what is known of each link.
 *
 * Found by a grid over positions that are at most `NEAR_AGE_US` old. An antenna's list is made when
 * it is asked for and takes over what the one before knew. Columns of numbers in rising order of
 * slot; both ends of a link have a row of it, each in its own list.
 * Bound: all antennas in reach of one another.
 */
import type { ByteReader, ByteWriter } from "../../src/base/mod.ts";
import { loadSlabs, PlaneGrid, saveSlabs, type Slab } from "../core/mod.ts";

/** Two vehicles that part at 18 m/s each change their distance by 150 m meanwhile. */
const NEAR_AGE_US = 4_000_000;
/** Cells a reach: more of them fit the circle better, fewer are found faster. */
const CELLS_A_REACH = 4;

/** Antennas in reach of one; columns of one length, `count` of it used. */
export interface Near {
  readonly slot: number;
  count: number;
  slots: Uint32Array;
  /** Power gain, valid until the time beside it. */
  gain: Float64Array;
  untilUs: Float64Array;
  /** What terrain leaves of it, and the odometers' sum when that was looked at. */
  profile: Float32Array;
  profileM: Float64Array;
  /** Which look at the grid this is from. */
  look: number;
}

export class Neighbours {
  readonly #places: { readonly northM: Float64Array; readonly eastM: Float64Array };
  readonly #reachM: number;
  readonly #grid: PlaneGrid = new PlaneGrid();
  readonly #everybody: Uint32Array;
  readonly #lists: (Near | undefined)[];
  readonly #found: number[] = [];
  /** Places at the last look. */
  readonly #northM: Float64Array;
  readonly #eastM: Float64Array;
  #lookUs = -Infinity;
  #look = 0;

  constructor(
    places: { readonly northM: Float64Array; readonly eastM: Float64Array },
    reachM: number,
  ) {
    const count = places.northM.length;
    this.#places = places;
    this.#reachM = reachM;
    this.#everybody = Uint32Array.from({ length: count }, (_, i) => i);
    this.#lists = new Array<Near | undefined>(count).fill(undefined);
    this.#northM = new Float64Array(count);
    this.#eastM = new Float64Array(count);
  }

  of(slot: number, nowUs: number): Near {
    if (nowUs - this.#lookUs >= NEAR_AGE_US) this.#lookAnew(nowUs);
    const known = this.#lists[slot];
    if (known?.look === this.#look) return known;
    const near = this.#listOf(slot, known);
    this.#lists[slot] = near;
    return near;
  }

  /** What both ends know of this one's links is void. */
  forget(slot: number): void {
    const own = this.#lists[slot];
    if (own !== undefined) voidRows(own, 0, own.count);
    for (const list of this.#lists) {
      const k = list === undefined ? -1 : indexOf(list, slot);
      if (list !== undefined && k >= 0) voidRows(list, k, k + 1);
    }
    this.#lookUs = -Infinity;
  }

  save(to: ByteWriter): void {
    to.f64(this.#lookUs).safe(this.#look);
    saveSlabs([this.#northM, this.#eastM], to);
    for (const list of this.#lists) {
      to.u32(list?.count ?? 0);
      if (list === undefined || list.count === 0) continue;
      to.safe(list.look);
      saveSlabs(columnsOf(list), to);
    }
  }

  load(from: ByteReader): void {
    this.#lookUs = from.f64();
    this.#look = from.safe();
    loadSlabs([this.#northM, this.#eastM], from);
    for (let slot = 0; slot < this.#lists.length; slot += 1) {
      const count = from.u32();
      this.#lists[slot] = undefined;
      if (count > this.#lists.length) from.refuse();
      if (count === 0 || from.failed) continue;
      const list = emptyList(slot, count, from.safe());
      loadSlabs(columnsOf(list), from);
      this.#lists[slot] = list;
    }
    this.#fillGrid();
  }

  #lookAnew(nowUs: number): void {
    this.#lookUs = nowUs;
    this.#look += 1;
    this.#northM.set(this.#places.northM);
    this.#eastM.set(this.#places.eastM);
    this.#fillGrid();
  }

  #fillGrid(): void {
    const cellM = this.#reachM / CELLS_A_REACH;
    this.#grid.fill(this.#everybody, { northM: this.#northM, eastM: this.#eastM, cellM });
  }

  #listOf(slot: number, before: Near | undefined): Near {
    const found = this.#found;
    this.#grid.near(this.#northM[slot]!, this.#eastM[slot]!, this.#reachM, found);
    const list = emptyList(slot, found.length - 1, this.#look);
    let k = 0;
    let old = 0;
    for (const other of found) {
      if (other === slot) continue;
      list.slots[k] = other;
      if (before !== undefined) {
        while (old < before.count && before.slots[old]! < other) old += 1;
        if (before.slots[old] === other && old < before.count) takeOver(list, k, before, old);
      }
      k += 1;
    }
    return list;
  }
}

/** Row of a slot in a list, or -1. */
export function indexOf({ slots, count }: Near, slot: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (slots[middle]! < slot) low = middle + 1;
    else high = middle;
  }
  return low < count && slots[low] === slot ? low : -1;
}

function emptyList(slot: number, count: number, look: number): Near {
  const list = {
    slot,
    count,
    slots: new Uint32Array(count),
    gain: new Float64Array(count),
    untilUs: new Float64Array(count),
    profile: new Float32Array(count),
    profileM: new Float64Array(count),
    look,
  };
  voidRows(list, 0, count);
  return list;
}

function voidRows(list: Near, from: number, to: number): void {
  list.untilUs.fill(-Infinity, from, to);
  list.profileM.fill(NaN, from, to);
}

function takeOver(list: Near, k: number, before: Near, old: number): void {
  list.gain[k] = before.gain[old]!;
  list.untilUs[k] = before.untilUs[old]!;
  list.profile[k] = before.profile[old]!;
  list.profileM[k] = before.profileM[old]!;
}

const columnsOf = (list: Near): readonly Slab[] => [
  list.slots,
  list.gain,
  list.untilUs,
  list.profile,
  list.profileM,
];
