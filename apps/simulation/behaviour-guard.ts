/**
 * What a thread that runs a user's behaviour tells the thread that watches it.
 *
 * JavaScript cannot be interrupted from within, and metering reaches no loop inside the engine (an
 * expression that backtracks, a list of a billion). So the run is in a worker, and two numbers in
 * shared memory say how often the behaviour's code was entered and whether it is in there now: one
 * that stays in for longer than `STEP_WALL_MAX_MS` never comes out. A step takes microseconds; the
 * bound is far above what a sleeping or loaded machine adds, and no bound on a slow world.
 */
import type { Behaviour } from "../../src/swarm/mod.ts";

export const STEP_WALL_MAX_MS = 10_000;

const ENTERED = 0;
const INSIDE = 1;
const BYTES = 8;

export const newGuardMemory = (): SharedArrayBuffer => new SharedArrayBuffer(BYTES);

/** The side of the watched thread. */
export class BehaviourGuard {
  readonly #numbers: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#numbers = new Int32Array(memory);
  }

  enter(): void {
    Atomics.add(this.#numbers, ENTERED, 1);
    Atomics.store(this.#numbers, INSIDE, 1);
  }

  leave(): void {
    Atomics.store(this.#numbers, INSIDE, 0);
  }

  /** The behaviour, with word of each time it is entered and left. */
  watch(behaviour: Behaviour): Behaviour {
    const within = <T>(act: () => T): T => {
      this.enter();
      try {
        return act();
      } finally {
        this.leave();
      }
    };
    return Object.freeze({
      ...behaviour,
      memory: () => within(() => behaviour.memory()),
      // What it returns, a promise say, is the runner's to judge.
      step: (...given: Parameters<Behaviour["step"]>) => within(() => behaviour.step(...given)),
    });
  }
}

/** The side of the watching thread: asked now and then, says since when nothing has moved. */
export class GuardWatch {
  readonly #numbers: Int32Array;
  #entered = -1;
  #sinceMs = 0;

  constructor(memory: SharedArrayBuffer) {
    this.#numbers = new Int32Array(memory);
  }

  /** How long the thread has been in the same call of the behaviour; 0 when it is not in one. */
  insideForMs(nowMs: number): number {
    const entered = Atomics.load(this.#numbers, ENTERED);
    if (Atomics.load(this.#numbers, INSIDE) === 0 || entered !== this.#entered) {
      this.#entered = entered;
      this.#sinceMs = nowMs;
      return 0;
    }
    return nowMs - this.#sinceMs;
  }
}
