import { describe, expect, test } from "vitest";
import { memoryQueue, TRIES_MAX } from "./seed-queue.ts";

describe("a queue of seeds", () => {
  test("hands each out once, in order, and is finished when all have come back", () => {
    const queue = memoryQueue<string>([3, 1, 2, 2]);
    expect([queue.take("a"), queue.take("b"), queue.take("a")]).toEqual([1, 2, 3]);
    expect(queue.take("b")).toBeUndefined();
    expect(queue.isFinished).toBe(false);
    for (const seed of [2, 3, 1]) expect(queue.done(seed, `flight ${String(seed)}`)).toBe(true);
    expect(queue.isFinished).toBe(true);
    expect(queue.results.map(([seed]) => seed)).toEqual([1, 2, 3]);
  });

  test("gives the seeds of a lost worker to another, and counts a late result once", () => {
    const queue = memoryQueue<string>([1, 2]);
    queue.take("a");
    queue.take("b");
    queue.lost("a", "gone");
    expect(queue.take("b")).toBe(1);
    expect(queue.done(1, "by b")).toBe(true);
    expect(queue.done(1, "by a, late")).toBe(false);
    expect(queue.results).toEqual([[1, "by b"]]);
  });

  test("gives a seed up that ends every worker", () => {
    const queue = memoryQueue<string>([7]);
    for (let i = 0; i < TRIES_MAX; i += 1) {
      expect(queue.take("w")).toBe(7);
      queue.lost("w", "out of memory");
    }
    expect(queue.take("w")).toBeUndefined();
    expect([queue.isFinished, queue.givenUp]).toEqual([true, [{ seed: 7, why: "out of memory" }]]);
  });
});
