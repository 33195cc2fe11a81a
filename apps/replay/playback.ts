/**
 * Where a replay stands and how it goes on: play, pause, speed, seek, step, loop. A pure function
 * of the wall clock that it is given.
 */

export const REPLAY_SPEED_MIN = 0.25;
export const REPLAY_SPEED_MAX = 64;

export interface PlaybackState {
  readonly atS: number;
  readonly playing: boolean;
  readonly speed: number;
  readonly loop: boolean;
}

export class Playback {
  readonly #startS: number;
  readonly #endS: number;
  #atS: number;
  #playing = false;
  #speed = 1;
  #loop = false;
  #wallMs = 0;

  constructor(span: { readonly startS: number; readonly endS: number }) {
    this.#startS = span.startS;
    this.#endS = Math.max(span.startS, span.endS);
    this.#atS = this.#startS;
  }

  get state(): PlaybackState {
    return { atS: this.#atS, playing: this.#playing, speed: this.#speed, loop: this.#loop };
  }

  /** Goes on to this moment of the wall clock; true when time has gone backwards by a loop. */
  advance(wallMs: number): boolean {
    const passedS = Math.max(0, wallMs - this.#wallMs) / 1000;
    this.#wallMs = wallMs;
    if (!this.#playing) return false;
    const nextS = this.#atS + passedS * this.#speed;
    if (nextS < this.#endS) {
      this.#atS = nextS;
      return false;
    }
    this.#atS = this.#loop ? this.#startS : this.#endS;
    this.#playing = this.#loop;
    return this.#loop;
  }

  /** At the end it begins anew: true when it did. */
  play(wallMs: number): boolean {
    this.advance(wallMs);
    this.#playing = true;
    if (this.#atS < this.#endS) return false;
    this.#atS = this.#startS;
    return true;
  }

  pause(wallMs: number): void {
    this.advance(wallMs);
    this.#playing = false;
  }

  setSpeed(speed: number, wallMs: number): void {
    this.advance(wallMs);
    this.#speed = Math.min(REPLAY_SPEED_MAX, Math.max(REPLAY_SPEED_MIN, speed));
  }

  setLoop(on: boolean): void {
    this.#loop = on;
  }

  /** True when time has gone backwards. */
  seek(atS: number, wallMs: number): boolean {
    this.advance(wallMs);
    const before = this.#atS;
    this.#atS = Math.min(this.#endS, Math.max(this.#startS, atS));
    return this.#atS < before;
  }
}
