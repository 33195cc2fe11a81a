/**
 * What of the swarm one page gets: what it looks at and what it has selected in every frame, the
 * rest thinned, each vehicle in its turn. A page that has not said where it looks is given all.
 *
 * A swarm of up to `WHOLE_MAX` is never thinned on a good line. On a slow line both shares shrink
 * by the same factor, so that a frame fits what the line carries. Every vehicle comes within
 * `THIN_EVERY * STRIDE_MAX` frames.
 */
import { FRAME_HEADER_BYTES, FRAME_VEHICLE_BYTES, HEALTH_ROW_BYTES } from "./stream.ts";

/** Ground that a page sees, in metres of the mission's plane. */
export interface LookBox {
  readonly southM: number;
  readonly westM: number;
  readonly northM: number;
  readonly eastM: number;
}

export interface Interest {
  readonly box: LookBox | undefined;
  readonly selected: ReadonlySet<number>;
}

export const NO_INTEREST: Interest = { box: undefined, selected: new Set() };

/** 10 kB a frame: every line that carries the page carries that. */
export const WHOLE_MAX = 500;
/** What is neither seen nor selected comes in every tenth frame: once a second. */
export const THIN_EVERY = 10;
export const STRIDE_MAX = 8;
const NEEDS_HAND = 0x40;
const STATE_AT = 18;

export interface CutOptions {
  readonly interest: Interest;
  /** Counts the frames of this page; says whose turn it is. */
  readonly turn: number;
  /** 1 on a good line; every vehicle comes this many times less often. */
  readonly stride: number;
  readonly sequence: number;
}

/** The part of a whole frame that a page gets now, under the page's own sequence. */
export function cutFrame(whole: Uint8Array, options: CutOptions): Uint8Array {
  const { interest, turn, stride, sequence } = options;
  const count = Math.floor((whole.length - FRAME_HEADER_BYTES) / FRAME_VEHICLE_BYTES);
  const from = new DataView(whole.buffer, whole.byteOffset, whole.byteLength);
  const out = new Uint8Array(whole.length);
  out.set(whole.subarray(0, FRAME_HEADER_BYTES));
  const box = centimetres(interest.box);
  const thin = count <= WHOLE_MAX ? 1 : THIN_EVERY;
  let end = FRAME_HEADER_BYTES;
  for (let i = 0; i < count; i += 1) {
    const at = FRAME_HEADER_BYTES + i * FRAME_VEHICLE_BYTES;
    const wanted = isWanted(from, at, box, interest.selected);
    const every = wanted ? stride : stride * thin;
    if (every > 1 && (i + turn) % every !== 0) continue;
    out.set(whole.subarray(at, at + FRAME_VEHICLE_BYTES), end);
    end += FRAME_VEHICLE_BYTES;
  }
  new DataView(out.buffer).setUint32(4, sequence >>> 0, true);
  return out.subarray(0, end);
}

type Box = readonly [number, number, number, number];
const EVERYWHERE: Box = [-Infinity, -Infinity, Infinity, Infinity];

const centimetres = (box: LookBox | undefined): Box =>
  box === undefined
    ? EVERYWHERE
    : [box.southM * 100, box.westM * 100, box.northM * 100, box.eastM * 100];

function isWanted(
  from: DataView,
  at: number,
  [south, west, north, east]: Box,
  selected: ReadonlySet<number>,
): boolean {
  const x = from.getInt32(at + 4, true);
  const y = from.getInt32(at + 8, true);
  if (x >= west && x <= east && y >= south && y <= north) return true;
  if ((from.getUint16(at + STATE_AT, true) & NEEDS_HAND) !== 0) return true;
  return selected.size > 0 && selected.has(from.getUint32(at, true));
}

const INDICES = 0x10000;
const WORDS = 3;

/** The rows of a health frame that a page does not have yet; remembers them as had. */
export class HealthDelta {
  /** Three words a vehicle, as they were sent last. */
  readonly #had = new Uint32Array(INDICES * WORDS);
  readonly #known = new Uint8Array(INDICES);

  /** Undefined when nothing is new. */
  take(whole: Uint8Array, sequence: number): Uint8Array | undefined {
    const from = new DataView(whole.buffer, whole.byteOffset, whole.byteLength);
    const out = new Uint8Array(whole.length);
    out.set(whole.subarray(0, FRAME_HEADER_BYTES));
    let end = FRAME_HEADER_BYTES;
    for (let at = FRAME_HEADER_BYTES; at < whole.length; at += HEALTH_ROW_BYTES) {
      if (!this.#isNews(from, at)) continue;
      out.set(whole.subarray(at, at + HEALTH_ROW_BYTES), end);
      end += HEALTH_ROW_BYTES;
    }
    if (end === FRAME_HEADER_BYTES) return undefined;
    new DataView(out.buffer).setUint32(4, sequence >>> 0, true);
    return out.subarray(0, end);
  }

  #isNews(from: DataView, at: number): boolean {
    const index = from.getUint32(at, true) & 0xffff;
    let news = this.#known[index] === 0;
    this.#known[index] = 1;
    for (let k = 0; k < WORDS; k += 1) {
      const word = from.getUint32(at + 4 + k * 4, true);
      if (this.#had[index * WORDS + k] !== word) news = true;
      this.#had[index * WORDS + k] = word;
    }
    return news;
  }
}
