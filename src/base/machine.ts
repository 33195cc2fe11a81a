/**
 * The one shape of everything that acts in Skein.
 *
 * A machine is pure: it has no clock, no socket and no randomness of its own. Time, inputs and
 * answers are handed to `step`, which runs to completion and emits all its outputs before it
 * returns. `save` and `load` are the one mechanism behind snapshots, forks and recovery.
 */
import type { ByteReader, ByteWriter } from "./bytes.ts";
import { invariant } from "./invariant.ts";
import type { MonotonicMs } from "./units.ts";

/** Appends one output to the caller's queue. Calling `step` from inside an emit is forbidden. */
export type Emit<Out> = (output: Out) => void;

export interface Machine<In, Out> {
  /** Synchronous; all outputs are emitted by the time it returns. */
  step(now: MonotonicMs, input: In, emit: Emit<Out>): void;
  /** When the machine wants to be stepped with a wake next; `NEVER` when idle. */
  wakeAt(): MonotonicMs;
  save(to: ByteWriter): void;
  load(from: ByteReader): void;
}

/** Named deadlines of a machine, as data: the minimum is its `wakeAt`. */
export class Timers<Name extends string> {
  readonly #names: readonly Name[];
  readonly #deadlinesMs: Float64Array;
  /** The least deadline; NaN when it is to be looked for again. Asked after every step. */
  #soonestMs = Infinity;

  constructor(names: readonly Name[]) {
    this.#names = names;
    this.#deadlinesMs = new Float64Array(names.length).fill(Infinity);
  }

  set(name: Name, at: MonotonicMs): void {
    this.#put(this.#slot(name), at);
  }

  stop(name: Name): void {
    this.#put(this.#slot(name), Infinity);
  }

  at(name: Name): MonotonicMs {
    return (this.#deadlinesMs[this.#slot(name)] ?? Infinity) as MonotonicMs;
  }

  /** True once per setting: a timer that has run out is stopped by asking. */
  due(name: Name, now: MonotonicMs): boolean {
    if (this.at(name) > now) return false;
    this.stop(name);
    return true;
  }

  next(): MonotonicMs {
    if (Number.isNaN(this.#soonestMs)) this.#soonestMs = this.#least();
    return this.#soonestMs as MonotonicMs;
  }

  save(to: ByteWriter): void {
    for (const at of this.#deadlinesMs) to.f64(at);
  }

  load(from: ByteReader): void {
    for (let i = 0; i < this.#deadlinesMs.length; i += 1) this.#deadlinesMs[i] = from.f64();
    this.#soonestMs = NaN;
  }

  #put(slot: number, at: number): void {
    const before = this.#deadlinesMs[slot]!;
    this.#deadlinesMs[slot] = at;
    if (at <= this.#soonestMs) this.#soonestMs = at;
    else if (before === this.#soonestMs) this.#soonestMs = NaN;
  }

  #least(): number {
    let soonest = Infinity;
    for (let i = 0; i < this.#deadlinesMs.length; i += 1) {
      soonest = Math.min(soonest, this.#deadlinesMs[i]!);
    }
    return soonest;
  }

  #slot(name: Name): number {
    const slot = this.#names.indexOf(name);
    invariant(slot >= 0, "a timer is named in its machine's table");
    return slot;
  }
}
