/**
 * Broadcasts that are worth saying twice. Nobody acknowledges a broadcast, and one collision loses
 * it for all; but what coordination and commands say is nearly always answered. So the origin of
 * such a broadcast counts, for a moment, how many neighbors have since sent it something, and says
 * it once more when fewer than half of them did. Where answers come, this costs nothing; receivers
 * drop the second copy as a duplicate.
 *
 * Bounds: 16 broadcasts watched, the oldest leaves; one repeat each.
 */
import type { ByteReader, ByteWriter } from "../base/mod.ts";
import { loadWaiting, saveWaiting, type Waiting } from "./queue.ts";

const WATCHED_MAX = 16;
/** An answer needs the way there, a durable write, and the way back: 5 ms at the median. */
const ANSWERS_WITHIN_MS = 12;

interface Watched {
  readonly packet: Waiting;
  readonly dueMs: number;
  /** Rows of the neighbors that have spoken to us since. */
  readonly answered: Uint32Array;
}

export class Confirmations {
  #watched: Watched[] = [];

  nextDueMs(): number {
    return this.#watched[0]?.dueMs ?? Infinity;
  }

  /** Watches a broadcast of our own that was just sent; `words` is the size of a set of rows. */
  watch(packet: Waiting, nowMs: number, words: number): void {
    const answered = new Uint32Array(words);
    this.#watched.push({ packet, dueMs: nowMs + ANSWERS_WITHIN_MS, answered });
    if (this.#watched.length > WATCHED_MAX) this.#watched.shift();
  }

  /** The neighbor in `row` sent us something. */
  heardFrom(row: number): void {
    for (const { answered } of this.#watched) {
      answered[row >> 5] = answered[row >> 5]! | (1 << (row & 31));
    }
  }

  /** Takes out what is due and was answered by fewer than half of `neighbors`. */
  takeUnanswered(nowMs: number, neighbors: number): Waiting[] {
    if (this.nextDueMs() > nowMs) return [];
    const due = this.#watched.filter((it) => it.dueMs <= nowMs);
    this.#watched = this.#watched.filter((it) => it.dueMs > nowMs);
    return due
      .filter((it) => it.packet.expiresMs > nowMs && 2 * countBits(it.answered) < neighbors)
      .map((it) => it.packet);
  }

  save(to: ByteWriter): void {
    saveWaiting(
      this.#watched.map((it) => it.packet),
      to,
    );
    for (const it of this.#watched) {
      to.f64(it.dueMs).u16(it.answered.length);
      for (const word of it.answered) to.u32(word);
    }
  }

  load(from: ByteReader): void {
    this.#watched = loadWaiting(from, WATCHED_MAX).map((packet) => ({
      packet,
      dueMs: from.f64(),
      answered: Uint32Array.from({ length: from.u16() }, () => from.u32()),
    }));
  }
}

function countBits(words: Uint32Array): number {
  let count = 0;
  for (let word of words) for (; word !== 0; word &= word - 1) count += 1;
  return count;
}
