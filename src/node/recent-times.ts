/** The latest durations of something, for reports: a ring that drops the oldest. No state. */

export const RECENT_MAX = 4096;

export class RecentTimes {
  readonly #slab = new Float64Array(RECENT_MAX);
  #count = 0;

  offer(elapsedMs: number): void {
    this.#slab[this.#count % RECENT_MAX] = elapsedMs;
    this.#count += 1;
  }

  /** In no order that means anything; a copy. */
  get values(): readonly number[] {
    return [...this.#slab.subarray(0, Math.min(this.#count, RECENT_MAX))];
  }
}
