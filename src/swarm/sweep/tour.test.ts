import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SeededStream } from "../../base/mod.ts";
import { buildLattice } from "./lattice.ts";
import { hill } from "./sweep.test-support.ts";
import { Tour } from "./tour.ts";

const lattice = buildLattice(hill, { tileM: 66, angleRad: 0.2, shiftCol: 0, shiftRow: 0 });
const { side } = lattice;
const middle = (side / 2) * side + side / 2;
const start = [middle, middle + 1, middle + 2, middle + 3];

/** The path is connected, visits no tile twice, and its mass is that of a tour built afresh. */
function sound(tour: Tour): void {
  const path = tour.path();
  expect(new Set(path).size).toBe(path.length);
  for (let i = 1; i < path.length; i += 1) {
    expect([1, side]).toContain(Math.abs(path[i]! - path[i - 1]!));
  }
  if (tour.parts === 1) {
    expect(path.length).toBe(tour.count);
    expect(tour.mass()).toBeCloseTo(new Tour(lattice, path).mass(), 12);
  } else expect(path.length).toBeLessThan(tour.count);
}

/** One random move of any kind; the gain that it announced, or undefined when none was made. */
function randomMove(tour: Tour, random: SeededStream): number | undefined {
  const tile = tour.visitedAt(random.below(tour.count));
  const step = [1, -1, side, -side][random.below(4)]!;
  const next = tour.neighbours(tile)[random.below(2)]!;
  switch (random.below(7)) {
    case 0: {
      const across = next >= 0 && (Math.abs(next - tile) === 1) !== (Math.abs(step) === 1);
      const gain = across ? tour.bumpGain(tile, next, step) : -Infinity;
      if (gain === -Infinity) return undefined;
      tour.bump(tile, next, step);
      return gain;
    }
    case 1: {
      const foot = next < 0 ? undefined : tour.bumpFoot(tile, next);
      if (foot === undefined) return undefined;
      const gain = tour.shrinkGain(tile, next, foot);
      tour.shrink(tile, next, foot);
      return gain;
    }
    case 2: {
      const target = tour.cornerTarget(tile);
      if (target < 0) return undefined;
      const gain = tour.cornerGain(tile, target);
      tour.moveCorner(tile, target);
      return gain;
    }
    case 3: {
      const gain = tour.flipGain(tile);
      if (gain === -Infinity) return undefined;
      const parts = tour.flipParts(tile);
      tour.flip(tile, parts);
      return gain;
    }
    case 4: {
      const gain = tour.ringGain(tile + step);
      if (gain === undefined) return undefined;
      tour.toggleRing(tile + step);
      return gain;
    }
    case 5: {
      if (!tour.isEnd(tile)) return undefined;
      if (tour.isFree(tile + step)) {
        const gain = tour.growGain(tile, tile + step);
        tour.grow(tile, tile + step);
        return gain;
      }
      const bite = tour.bite(tile, tile + step);
      if (bite === undefined) return undefined;
      tour.applyBite(tile, tile + step, bite);
      return bite.gain;
    }
    default: {
      if (!tour.isEnd(tile) || tour.cutGain(tile) === -Infinity) return undefined;
      const gain = tour.cutGain(tile);
      tour.cut(tile);
      return gain;
    }
  }
}

describe("moves", () => {
  test("any sequence keeps a path and rings, and every announced gain comes true", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        const tour = new Tour(lattice, start);
        const random = new SeededStream(seed);
        for (let i = 0; i < 1500; i += 1) {
          const before = tour.mass();
          const gain = randomMove(tour, random);
          if (gain !== undefined) expect(tour.mass() - before).toBeCloseTo(gain, 12);
          if (i % 100 === 0) sound(tour);
        }
        sound(tour);
        tour.dropRings();
        expect(tour.parts).toBe(1);
        sound(tour);
      }),
      { numRuns: 15 },
    );
  });

  test("a bump over one edge and back leaves the path as it was", () => {
    const tour = new Tour(lattice, start);
    const mass = tour.mass();
    tour.bump(middle + 1, middle + 2, side);
    expect(tour.path()).toHaveLength(6);
    const foot = tour.bumpFoot(middle + 1 + side, middle + 2 + side)!;
    tour.shrink(middle + 1 + side, middle + 2 + side, foot);
    expect(tour.path()).toEqual(start);
    expect(tour.mass()).toBeCloseTo(mass, 14);
  });

  test("a path that visits a tile twice is refused", () => {
    expect(() => new Tour(lattice, [middle, middle + 1, middle])).toThrow("twice");
  });
});
