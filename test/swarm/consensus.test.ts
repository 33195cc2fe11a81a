/**
 * Consensus at length: the same trouble as in the unit tests over many more seeds, larger clusters,
 * and the promise of SPECIFICATION on commit latency in the pinned radio scenario.
 */
import { describe, expect, test } from "vitest";
import { heal, stir, troubleOf, type Turmoil } from "../../src/consensus/turmoil.test-support.ts";
import { valueDraft, World } from "../../src/consensus/world.test-support.ts";

function lives(seed: number, more: Partial<Turmoil>): void {
  const world = stir(troubleOf(seed, more));
  const because = `seed ${String(seed)}`;
  heal(world, 12_000);
  expect(world.checker.violations, because).toEqual([]);
  expect([world.doubled, world.lost()], because).toEqual([[], []]);
  const applied = world.members.map((member) => member.machine.appliedIndex);
  expect(new Set(applied).size, `${because}: ${applied.join(" ")}`).toBe(1);
}

describe("safety under trouble, agreement after it", () => {
  for (let from = 20_000; from < 21_500; from += 500) {
    test(`seeds ${String(from)} to ${String(from + 499)}`, () => {
      for (let seed = from; seed < from + 500; seed += 1) {
        lives(seed, seed % 2 === 0 ? {} : { rot: 0.4, changes: 0 });
      }
    });
  }

  test("clusters of 10 to 50", () => {
    for (let seed = 0; seed < 5; seed += 1) {
      lives(seed, { count: 10 + 10 * seed, durationMs: 2_000, loss: 0.1, splits: 0.05 });
    }
  });
});

describe("commit latency at 5% loss, 2 to 8 ms a hop", () => {
  for (const count of [6, 50]) {
    test(`${String(count)} members: p99 at the proposer within 50 ms`, () => {
      const elapsedMs: number[] = [];
      const world = new World({
        count,
        seed: 5,
        loss: 0.05,
        delayMinMs: 2,
        delayMaxMs: 8,
        linkRepeats: true,
        listen: (_node, out) => {
          if (out.kind === "proposalState" && out.state === "applied")
            elapsedMs.push(out.elapsedMs);
        },
      });
      world.settle();
      for (let i = 0; i < 300; i += 1) {
        world.propose(i % count, valueDraft(`k${String(i % 60)}`, i));
        world.run(world.nowMs + 50);
      }
      world.run(world.nowMs + 1_000);
      elapsedMs.sort((a, b) => a - b);
      expect(elapsedMs).toHaveLength(300);
      expect(elapsedMs[296]).toBeLessThanOrEqual(50);
    });
  }
});
