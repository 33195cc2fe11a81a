import { describe, expect, test } from "vitest";
import { testSeedQueue } from "./seed-queue-contract.test-support.ts";
import { memoryQueue } from "./seed-queue.ts";

describe("the queue in memory", () => {
  testSeedQueue((seeds, onResult) => {
    const queue = memoryQueue(seeds, onResult);
    return Promise.resolve({ queue, elsewhere: queue, close: () => Promise.resolve() });
  });

  test("of no seeds is over at once", async () => {
    const queue = memoryQueue<string>([]);
    expect(await queue.take("a")).toBeUndefined();
    expect(await queue.finished()).toEqual({ results: [], givenUp: [] });
  });
});
