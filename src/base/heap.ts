/**
 * Event queue: a 4-ary min-heap in typed arrays, keyed by (time, sequence) so that events of one
 * instant leave in the order in which they came. The payload is an integer, normally a slot in the
 * owner's slab. Four children a node halve the depth of a binary heap and share a cache line
 * (LaMarca and Ladner, 1996).
 *
 * It doubles up to `maxCount`; a push beyond that breaks an invariant, since an event queue that
 * silently loses an event has no meaning.
 */
import type { ByteReader, ByteWriter } from "./bytes.ts";
import { invariant } from "./invariant.ts";

export class TimeHeap {
  #times: Float64Array;
  /** Counts to 2^53: at ten million events a second, 28 years. */
  #sequences: Float64Array;
  #payloads: Uint32Array;
  #count = 0;
  #nextSequence = 0;
  readonly #maxCount: number;

  constructor(options: { readonly initialCount?: number; readonly maxCount?: number } = {}) {
    const initial = options.initialCount ?? 64;
    this.#times = new Float64Array(initial);
    this.#sequences = new Float64Array(initial);
    this.#payloads = new Uint32Array(initial);
    this.#maxCount = options.maxCount ?? 1 << 24;
  }

  get count(): number {
    return this.#count;
  }

  /** Time of the soonest event; infinity when there is none. */
  nextTime(): number {
    return this.#count === 0 ? Infinity : this.#times[0]!;
  }

  /** `payload` is an integer in [0, 2^32). */
  push(time: number, payload: number): void {
    invariant(this.#count < this.#maxCount, "an event queue stays within its bound");
    invariant(!Number.isNaN(time), "an event has a time");
    if (this.#count === this.#times.length) this.#grow();
    const sequence = this.#nextSequence;
    this.#nextSequence += 1;
    this.#siftUp(this.#count, time, sequence, payload);
    this.#count += 1;
  }

  /** Takes the soonest event and returns its payload; ask `nextTime` first. */
  pop(): number {
    invariant(this.#count > 0, "an event is taken from a queue that has one");
    const payload = this.#payloads[0]!;
    this.#count -= 1;
    if (this.#count > 0) this.#siftDown();
    return payload;
  }

  clear(): void {
    this.#count = 0;
  }

  save(to: ByteWriter): void {
    to.u32(this.#count).safe(this.#nextSequence);
    for (let i = 0; i < this.#count; i += 1) {
      to.f64(this.#times[i]!).safe(this.#sequences[i]!).u32(this.#payloads[i]!);
    }
  }

  /** Restores what `save` wrote; the order in the array is kept, so it is a heap again. */
  load(from: ByteReader): void {
    const count = from.u32();
    this.#nextSequence = from.safe();
    if (count > this.#maxCount || count * 20 > from.left) from.refuse();
    this.#count = from.failed ? 0 : count;
    while (this.#times.length < this.#count) this.#grow();
    for (let i = 0; i < this.#count; i += 1) {
      this.#times[i] = from.f64();
      this.#sequences[i] = from.safe();
      this.#payloads[i] = from.u32();
    }
  }

  /** Moves the hole at `at` towards the root until the new event fits. */
  #siftUp(at: number, time: number, sequence: number, payload: number): void {
    let hole = at;
    while (hole > 0) {
      const parent = (hole - 1) >> 2;
      // A newcomer has the highest sequence, so an equal time keeps it below.
      if (this.#times[parent]! <= time) break;
      this.#move(parent, hole);
      hole = parent;
    }
    this.#times[hole] = time;
    this.#sequences[hole] = sequence;
    this.#payloads[hole] = payload;
  }

  /** Lets the last event, which lies one past the end, sink from the root. */
  #siftDown(): void {
    const last = this.#count;
    let hole = 0;
    for (;;) {
      const first = hole * 4 + 1;
      if (first >= last) break;
      const end = Math.min(first + 4, last);
      let best = first;
      for (let child = first + 1; child < end; child += 1) {
        if (this.#before(child, best)) best = child;
      }
      if (!this.#before(best, last)) break;
      this.#move(best, hole);
      hole = best;
    }
    this.#move(last, hole);
  }

  #before(a: number, b: number): boolean {
    const difference = this.#times[a]! - this.#times[b]!;
    return difference < 0 || (!(difference > 0) && this.#sequences[a]! < this.#sequences[b]!);
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#times[from]!;
    this.#sequences[to] = this.#sequences[from]!;
    this.#payloads[to] = this.#payloads[from]!;
  }

  #grow(): void {
    const length = Math.max(4, this.#times.length * 2);
    const times = new Float64Array(length);
    const sequences = new Float64Array(length);
    const payloads = new Uint32Array(length);
    times.set(this.#times);
    sequences.set(this.#sequences);
    payloads.set(this.#payloads);
    this.#times = times;
    this.#sequences = sequences;
    this.#payloads = payloads;
  }
}
