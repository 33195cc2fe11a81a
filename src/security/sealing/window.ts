/**
 * Replay windows, flat: one slab for all senders of a key set, a row each.
 *
 * RFC 6479 (a ring of words instead of a shifted bitmap), window 2016. The ring has one word more
 * than the window, so that all of the last 2016 counters are judged exactly. Counters start at 1;
 * a row that has seen nothing holds 0.
 *
 * `isFresh` before opening, `accept` after the tag held: a forged counter must not move a window.
 * Where a tag proves membership and not the sender (`docs/protocols/envelope.md`), any member can
 * forge a counter, therefore a row also has an anchor: the highest counter that the sender signed.
 * What is not signed (`isFreshClaim`, `acceptClaim`) moves the window at most half its width ahead
 * of the anchor: nothing that the sender says from there on is ever behind it. Counters beyond
 * (nothing signed was heard of the sender for that long) are taken in rising order, past the
 * window; the next anchor puts an end to that and counts all before it as seen.
 */
import type { ByteReader, ByteWriter } from "../../base/mod.ts";

const WORDS = 64;
export const WINDOW: number = (WORDS - 1) * 32;
/** How far an unsigned counter may be ahead of the last signed one and still move the window. */
export const AHEAD_MAX: number = WINDOW / 2;
/** Frames that may have overtaken the beacon that brings an anchor: they count as seen too. */
const OVERTAKEN_MAX = 64;

export class ReplayWindows {
  #newest: Uint32Array;
  #anchors: Uint32Array;
  /** The last counter taken beyond the window's reach; 0: none since the anchor. */
  #beyond: Uint32Array;
  #words: Uint32Array;

  constructor(rows = 8) {
    this.#newest = new Uint32Array(rows);
    this.#anchors = new Uint32Array(rows);
    this.#beyond = new Uint32Array(rows);
    this.#words = new Uint32Array(rows * WORDS);
  }

  /** Makes room for `rows` rows; what was there stays. */
  grow(rows: number): void {
    if (rows <= this.#newest.length) return;
    const capacity = Math.max(rows, this.#newest.length * 2);
    this.#newest = grown(this.#newest, capacity);
    this.#anchors = grown(this.#anchors, capacity);
    this.#beyond = grown(this.#beyond, capacity);
    this.#words = grown(this.#words, capacity * WORDS);
  }

  isFresh(row: number, counter: number): boolean {
    const newest = this.#newest[row]!;
    if (counter > newest) return true;
    if (counter === 0 || newest - counter >= WINDOW) return false;
    const word = this.#words[row * WORDS + ((counter >>> 5) & (WORDS - 1))]!;
    return ((word >>> (counter & 31)) & 1) === 0;
  }

  /** The same for a counter that the sender has not signed. */
  isFreshClaim(row: number, counter: number): boolean {
    if (counter - this.#anchors[row]! > AHEAD_MAX) return counter > this.#beyond[row]!;
    return this.isFresh(row, counter);
  }

  acceptClaim(row: number, counter: number): void {
    if (counter - this.#anchors[row]! > AHEAD_MAX) this.#beyond[row] = counter;
    else this.accept(row, counter);
  }

  /** Whether anything that this sender signed was taken. */
  isAnchored(row: number): boolean {
    return (this.#anchors[row] ?? 0) !== 0;
  }

  /** The first that is known of this sender's counters: all before may be recordings. */
  begin(row: number, counter: number): void {
    this.anchor(row, counter);
    this.#markAllUpTo(row, counter);
  }

  /** The sender has signed that it has come this far. */
  anchor(row: number, counter: number): void {
    if (counter <= this.#anchors[row]!) return;
    this.#anchors[row] = counter;
    const beyond = this.#beyond[row]!;
    if (beyond === 0) return;
    this.#beyond[row] = 0;
    const overtaken = beyond > counter && beyond - counter <= OVERTAKEN_MAX;
    this.#markAllUpTo(row, overtaken ? beyond : counter);
  }

  /** Everything from the window's end up to `counter` counts as seen. */
  #markAllUpTo(row: number, counter: number): void {
    const newest = Math.max(this.#newest[row]!, counter);
    if (newest - counter >= WINDOW) return;
    if (newest === counter) this.accept(row, counter);
    const base = row * WORDS;
    const last = counter >>> 5;
    for (let at = Math.max(0, (newest >>> 5) - WORDS + 1); at < last; at += 1) {
      this.#words[base + (at & (WORDS - 1))] = 0xffffffff;
    }
    const within = (last << 5) >>> 0;
    for (let one = within; one <= counter; one += 1) this.#mark(base, one);
  }

  #mark(base: number, counter: number): void {
    const at = base + ((counter >>> 5) & (WORDS - 1));
    this.#words[at] = this.#words[at]! | (1 << (counter & 31));
  }

  /** Marks a fresh counter as seen. */
  accept(row: number, counter: number): void {
    const base = row * WORDS;
    const newest = this.#newest[row]!;
    if (counter > newest) {
      const from = newest >>> 5;
      const steps = Math.min((counter >>> 5) - from, WORDS);
      for (let i = 1; i <= steps; i += 1) this.#words[base + ((from + i) & (WORDS - 1))] = 0;
      this.#newest[row] = counter;
    }
    this.#mark(base, counter);
  }

  reset(row: number): void {
    this.#newest[row] = 0;
    this.#anchors[row] = 0;
    this.#beyond[row] = 0;
    this.#words.fill(0, row * WORDS, (row + 1) * WORDS);
  }

  save(to: ByteWriter, rows: number): void {
    for (let row = 0; row < rows; row += 1) {
      to.u32(this.#newest[row]!).u32(this.#anchors[row]!).u32(this.#beyond[row]!);
      for (let i = 0; i < WORDS; i += 1) to.u32(this.#words[row * WORDS + i]!);
    }
  }

  load(from: ByteReader, rows: number): void {
    this.grow(rows);
    for (let row = 0; row < rows; row += 1) {
      this.#newest[row] = from.u32();
      this.#anchors[row] = from.u32();
      this.#beyond[row] = from.u32();
      for (let i = 0; i < WORDS; i += 1) this.#words[row * WORDS + i] = from.u32();
    }
  }
}

function grown(old: Uint32Array, length: number): Uint32Array {
  const column = new Uint32Array(length);
  column.set(old);
  return column;
}
