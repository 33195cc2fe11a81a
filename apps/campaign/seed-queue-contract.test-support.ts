/** What every queue of seeds keeps, in memory or over a server; each test opens a queue anew. */
import { expect, test } from "vitest";
import { TRIES_MAX, type OnResult, type SeedQueue, type SeedSource } from "./seed-queue.ts";

export interface OpenedQueue {
  readonly queue: SeedQueue<string>;
  /** What a worker elsewhere sees of it; the queue itself where there is no elsewhere. */
  readonly elsewhere: SeedSource<string>;
  readonly close: () => Promise<void>;
}

export type OpenQueue = (
  seeds: readonly number[],
  onResult?: OnResult<string>,
) => Promise<OpenedQueue>;

export function testSeedQueue(open: OpenQueue): void {
  test("hands each seed out once, in order, and is over when all have come back", async () => {
    const counted: string[] = [];
    const { queue, elsewhere, close } = await open([3, 1, 2, 2], (result, settled) => {
      counted.push(`${String(settled)}: ${result}`);
    });
    expect(await queue.take("a")).toBe(1);
    expect(await elsewhere.take("b")).toBe(2);
    expect(await queue.done("a", 1, "flight 1")).toBe(true);
    expect(await queue.take("a")).toBe(3);
    expect(await elsewhere.done("b", 2, "flight 2")).toBe(true);
    const late = elsewhere.take("b");
    expect(await queue.done("a", 3, "flight 3")).toBe(true);
    expect(await queue.finished()).toEqual({
      results: [1, 2, 3].map((seed) => [seed, `flight ${String(seed)}`]),
      givenUp: [],
    });
    expect(counted.toSorted()).toEqual(["1: flight 1", "2: flight 2", "3: flight 3"]);
    expect(await queue.take("a")).toBeUndefined();
    await close();
    expect(await late).toBeUndefined();
    expect([queue.trouble, elsewhere.trouble]).toEqual([undefined, undefined]);
  });

  test("gives a lost worker's seed to who waits, and counts a late result once", async () => {
    const { queue, elsewhere, close } = await open([1, 2]);
    expect(await queue.take("a")).toBe(1);
    expect(await elsewhere.take("b")).toBe(2);
    expect(await elsewhere.done("b", 2, "by b")).toBe(true);
    const waits = elsewhere.take("b");
    await queue.lost("a", "gone");
    expect(await waits).toBe(1);
    expect(await elsewhere.done("b", 1, "by b")).toBe(true);
    expect(await queue.done("a", 1, "by a, late")).toBe(false);
    const { results } = await queue.finished();
    expect(results).toEqual([
      [1, "by b"],
      [2, "by b"],
    ]);
    await close();
  });

  test("gives a seed up that ends every worker, and says how it ended the last", async () => {
    const { queue, elsewhere, close } = await open([7]);
    for (let i = 1; i <= TRIES_MAX; i += 1) {
      expect(await elsewhere.take("w")).toBe(7);
      await elsewhere.lost("w", `out of memory, ${String(i)}`);
    }
    expect(await queue.finished()).toEqual({
      results: [],
      givenUp: [{ seed: 7, why: `out of memory, ${String(TRIES_MAX)}` }],
    });
    expect(await queue.done("w", 7, "too late")).toBe(false);
    await close();
  });
}
