/**
 * Safety mode, then liveness mode, over many seeds: clusters of one to seven members under loss,
 * duplication, reordering, partitions, power losses with a lost or torn tail, rotten records,
 * hand-overs, membership changes and reloads from saved bytes.
 */
import { describe, expect, test } from "vitest";
import { heal, stir, troubleOf, type Turmoil } from "./turmoil.test-support.ts";

const SEEDS = 180;

function lives(seed: number, more: Partial<Turmoil>): void {
  const world = stir(troubleOf(seed, more));
  const because = `seed ${String(seed)}`;
  expect(world.checker.violations, because).toEqual([]);
  heal(world);
  expect(world.checker.violations, because).toEqual([]);
  expect(world.doubled, because).toEqual([]);
  expect(world.lost(), because).toEqual([]);
  const applied = world.members.map((member) => member.machine.appliedIndex);
  expect(new Set(applied).size, `${because}: ${applied.join(" ")}`).toBe(1);
  const digests = world.members.map((member) => member.machine.state.digest().low);
  expect(new Set(digests).size, because).toBe(1);
}

describe("whatever happens, what was agreed stays agreed, and peace brings agreement", () => {
  for (let from = 0; from < SEEDS; from += 60) {
    test(`seeds ${String(from)} to ${String(from + 59)}`, () => {
      for (let seed = from; seed < from + 60; seed += 1) lives(seed, {});
    });
  }

  test("one member's log rots again and again", () => {
    for (let seed = 10_000; seed < 10_050; seed += 1) lives(seed, { rot: 0.5, changes: 0 });
    // A flipped bit in a length was once taken for a record cut short, and the vote kept.
    lives(30_291, { rot: 0.5, changes: 0 });
  });

  test("twenty members and many changes", () => {
    for (let seed = 0; seed < 4; seed += 1) {
      lives(seed, { count: 20, changes: 0.2, durationMs: 2_000, loss: 0.05 });
    }
  });

  test("the same seed twice is the same run", () => {
    const twice = [0, 1].map(() => {
      const world = stir(troubleOf(11));
      return [world.steps, world.sent, world.sentBytes, world.checker.checked];
    });
    expect(twice[0]).toEqual(twice[1]);
  });

  test("a run with a member saved and loaded at every turn is the same run", () => {
    const plain = stir(troubleOf(25, { durationMs: 1_500 }));
    const copied = stir(troubleOf(25, { durationMs: 1_500, reloadEvery: 7 }));
    expect([copied.steps, copied.sentBytes]).toEqual([plain.steps, plain.sentBytes]);
  });
});
