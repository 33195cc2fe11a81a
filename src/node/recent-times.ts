/** The latest durations of something, for reports: a ring that drops the oldest. No state. */

export const RECENT_MAX = 4096;

export class RecentTimes {
  /** Grows to its bound: of ten thousand nodes few ever propose that much. */
  readonly #ring: number[] = [];
  #count = 0;

  offer(elapsedMs: number): void {
    this.#ring[this.#count % RECENT_MAX] = elapsedMs;
    this.#count += 1;
  }

  /** In no order that means anything; a copy. */
  get values(): readonly number[] {
    return [...this.#ring];
  }
}
