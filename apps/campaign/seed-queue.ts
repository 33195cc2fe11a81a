/**
 * Which seed is flown by whom: seeds go out, their results come back, and the seeds of a worker
 * that is gone go out again. Every result is counted once, by its seed, however often it comes.
 *
 * `SeedQueue` is the contract; this is the queue in memory. Bound: a seed is handed out at most
 * `TRIES_MAX` times, then given up and named in the result.
 */
export const TRIES_MAX = 3;

/** A seed that ended every worker which flew it, and how it ended the last. */
export interface GivenUp {
  readonly seed: number;
  readonly why: string;
}

export interface SeedQueue<Result> {
  /** The next seed for a worker; undefined when none waits (others may still be flown). */
  take(worker: string): number | undefined;
  /** A seed's result; false when it was known already. */
  done(seed: number, result: Result): boolean;
  /** The worker is gone: what it had goes out again, or is given up. */
  lost(worker: string, why: string): void;
  /** Whether nothing waits and nothing is being flown. */
  readonly isFinished: boolean;
  /** Ascending by seed. */
  readonly results: readonly (readonly [seed: number, result: Result])[];
  readonly givenUp: readonly GivenUp[];
}

export function memoryQueue<Result>(seeds: Iterable<number>): SeedQueue<Result> {
  const waiting = [...new Set(seeds)].sort((a, b) => a - b);
  const flown = new Map<number, string>();
  const tries = new Map<number, number>();
  const results = new Map<number, Result>();
  const givenUp: GivenUp[] = [];
  return {
    take: (worker) => {
      const seed = waiting.shift();
      if (seed === undefined) return undefined;
      flown.set(seed, worker);
      tries.set(seed, (tries.get(seed) ?? 0) + 1);
      return seed;
    },
    done: (seed, result) => {
      flown.delete(seed);
      if (results.has(seed)) return false;
      results.set(seed, result);
      return true;
    },
    lost: (worker, why) => {
      for (const [seed, by] of flown) {
        if (by !== worker) continue;
        flown.delete(seed);
        if ((tries.get(seed) ?? 0) < TRIES_MAX) waiting.unshift(seed);
        else givenUp.push({ seed, why });
      }
    },
    get isFinished() {
      return waiting.length === 0 && flown.size === 0;
    },
    get results() {
      return [...results].sort(([a], [b]) => a - b);
    },
    get givenUp() {
      return givenUp.toSorted((a, b) => a.seed - b.seed);
    },
  };
}
