/**
 * Replay windows, flat: one slab for all senders of a key set, a row each.
 *
 * RFC 6479 (a ring of words instead of a shifted bitmap), window 1024. The ring has one word more
 * than the window, so that all of the last 1024 counters are judged exactly. Counters start at 1;
 * a row that has seen nothing holds 0.
 *
 * `isFresh` before opening, `accept` after the tag held: a forged counter must not move a window.
 */
import type { ByteReader, ByteWriter } from "../../base/mod.ts";

export const WINDOW = 1024;
const WORDS = WINDOW / 32 + 1;

export class ReplayWindows {
  #newest: Uint32Array;
  #words: Uint32Array;

  constructor(rows = 8) {
    this.#newest = new Uint32Array(rows);
    this.#words = new Uint32Array(rows * WORDS);
  }

  /** Makes room for `rows` rows; what was there stays. */
  grow(rows: number): void {
    if (rows <= this.#newest.length) return;
    const newest = new Uint32Array(rows);
    newest.set(this.#newest);
    this.#newest = newest;
    const words = new Uint32Array(rows * WORDS);
    words.set(this.#words);
    this.#words = words;
  }

  isFresh(row: number, counter: number): boolean {
    const newest = this.#newest[row]!;
    if (counter > newest) return true;
    if (counter === 0 || newest - counter >= WINDOW) return false;
    const word = this.#words[row * WORDS + ((counter >>> 5) % WORDS)]!;
    return ((word >>> (counter & 31)) & 1) === 0;
  }

  /** Marks a fresh counter as seen. */
  accept(row: number, counter: number): void {
    const base = row * WORDS;
    const newest = this.#newest[row]!;
    if (counter > newest) {
      const from = newest >>> 5;
      const steps = Math.min((counter >>> 5) - from, WORDS);
      for (let i = 1; i <= steps; i += 1) this.#words[base + ((from + i) % WORDS)] = 0;
      this.#newest[row] = counter;
    }
    const at = base + ((counter >>> 5) % WORDS);
    this.#words[at] = this.#words[at]! | (1 << (counter & 31));
  }

  reset(row: number): void {
    this.#newest[row] = 0;
    this.#words.fill(0, row * WORDS, (row + 1) * WORDS);
  }

  save(to: ByteWriter, rows: number): void {
    for (let row = 0; row < rows; row += 1) {
      to.u32(this.#newest[row]!);
      for (let i = 0; i < WORDS; i += 1) to.u32(this.#words[row * WORDS + i]!);
    }
  }

  load(from: ByteReader, rows: number): void {
    this.grow(rows);
    for (let row = 0; row < rows; row += 1) {
      this.#newest[row] = from.u32();
      for (let i = 0; i < WORDS; i += 1) this.#words[row * WORDS + i] = from.u32();
    }
  }
}
