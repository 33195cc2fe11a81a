/**
 * Which seed is flown by whom: seeds go out, their results come back, and the seeds of a worker
 * that is gone go out again. Every result is counted once, by its seed, however often it comes.
 *
 * `SeedQueue` is the contract (its tests: `seed-queue-contract.test-support.ts`), kept by the
 * queue in memory here and by the one over NATS JetStream (`adapters/nats`). Bound: a seed is
 * flown at most `TRIES_MAX` times, then given up and named in the result.
 */
import type { Problem } from "../../src/base/mod.ts";

export const TRIES_MAX = 3;

/** A seed that ended every worker which flew it, and how it ended the last. */
export interface GivenUp {
  readonly seed: number;
  readonly why: string;
}

/** What a worker sees of a queue. A worker has at most one seed. */
export interface SeedSource<Result> {
  /** The next seed, once there is one; undefined when nothing is left to fly. */
  take(worker: string): Promise<number | undefined>;
  /** A seed's result; false when the seed was settled already. */
  done(worker: string, seed: number, result: Result): Promise<boolean>;
  /** The worker is gone: what it had goes out again, or is given up. */
  lost(worker: string, why: string): Promise<void>;
  /** Why nothing more can be had from here, though the campaign is not over. */
  readonly trouble: Problem | undefined;
}

export interface QueueOutcome<Result> {
  /** Ascending by seed. */
  readonly results: readonly (readonly [seed: number, result: Result])[];
  readonly givenUp: readonly GivenUp[];
}

export interface SeedQueue<Result> extends SeedSource<Result> {
  /** Once every seed has its result or was given up, or there is `trouble`. */
  finished(): Promise<QueueOutcome<Result>>;
}

/** Called with each result as it is counted, and with how many seeds are settled. */
export type OnResult<Result> = (result: Result, settled: number) => void;

export function memoryQueue<Result>(
  seeds: Iterable<number>,
  onResult?: OnResult<Result>,
): SeedQueue<Result> {
  const waiting = [...new Set(seeds)].sort((a, b) => a - b);
  const total = waiting.length;
  const held = new Map<string, number>();
  const tries = new Map<number, number>();
  const results = new Map<number, Result>();
  const givenUp = new Map<number, string>();
  const idle: (() => void)[] = [];
  const isFinished = (): boolean => results.size + givenUp.size === total;
  const changed = async (): Promise<void> =>
    new Promise((settle) => {
      idle.push(settle);
    });
  const tell = (): void => {
    for (const settle of idle.splice(0)) settle();
  };
  return {
    trouble: undefined,
    take: async (worker) => {
      while (waiting.length === 0 && !isFinished()) await changed();
      const seed = waiting.shift();
      if (seed === undefined) return undefined;
      held.set(worker, seed);
      tries.set(seed, (tries.get(seed) ?? 0) + 1);
      return seed;
    },
    done: (worker, seed, result) => {
      if (held.get(worker) === seed) held.delete(worker);
      if (results.has(seed) || givenUp.has(seed)) return Promise.resolve(false);
      results.set(seed, result);
      onResult?.(result, results.size + givenUp.size);
      tell();
      return Promise.resolve(true);
    },
    lost: (worker, why) => {
      const seed = held.get(worker);
      held.delete(worker);
      if (seed === undefined || results.has(seed)) return Promise.resolve();
      if ((tries.get(seed) ?? 0) < TRIES_MAX) waiting.unshift(seed);
      else givenUp.set(seed, why);
      tell();
      return Promise.resolve();
    },
    finished: async () => {
      while (!isFinished()) await changed();
      return outcomeOf(results, givenUp);
    },
  };
}

export function outcomeOf<Result>(
  results: ReadonlyMap<number, Result>,
  givenUp: ReadonlyMap<number, string>,
): QueueOutcome<Result> {
  return {
    results: [...results].sort(([a], [b]) => a - b),
    givenUp: [...givenUp].sort(([a], [b]) => a - b).map(([seed, why]) => ({ seed, why })),
  };
}
