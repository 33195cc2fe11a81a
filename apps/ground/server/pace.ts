/** Where a world should be by the wall clock, how fast it is asked to run, and how fast it does. */

const MEASURED_EVERY_MS = 1000;

/** One moment on both clocks. */
export interface ClockPair {
  readonly worldMs: number;
  readonly wallMs: number;
}

export class Pace {
  #paused = false;
  #speed: number;
  #reachedSpeed: number;
  #anchor: ClockPair;
  #measured: ClockPair;

  constructor(now: ClockPair, speed: number) {
    this.#speed = speed;
    this.#reachedSpeed = speed;
    this.#anchor = now;
    this.#measured = now;
  }

  get paused(): boolean {
    return this.#paused;
  }

  get speed(): number {
    return this.#speed;
  }

  get reachedSpeed(): number {
    return this.#reachedSpeed;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(now: ClockPair): void {
    this.#paused = false;
    this.#anchor = now;
  }

  runAt(speed: number, now: ClockPair): void {
    this.#speed = speed;
    this.#anchor = now;
  }

  /** The world time that goes with this wall time. */
  targetMs(wallMs: number): number {
    return this.#anchor.worldMs + (wallMs - this.#anchor.wallMs) * this.#speed;
  }

  /** From here on these two go together: what was not reached is let go. */
  anchor(now: ClockPair): void {
    this.#anchor = now;
  }

  measure(now: ClockPair): void {
    const passedMs = now.wallMs - this.#measured.wallMs;
    if (passedMs < MEASURED_EVERY_MS) return;
    this.#reachedSpeed = (now.worldMs - this.#measured.worldMs) / passedMs;
    this.#measured = now;
  }
}
