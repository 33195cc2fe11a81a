import { describe, expect, test } from "vitest";
import { SeededStream } from "../../base/mod.ts";
import { anneal } from "./anneal.ts";
import { buildLattice } from "./lattice.ts";
import { boustrophedon } from "./start.ts";
import { hill } from "./sweep.test-support.ts";
import { Tour } from "./tour.ts";

const lattice = buildLattice(hill, { tileM: 66, angleRad: 0.3, shiftCol: 0, shiftRow: 0 });

function annealed(tileBudget: number, start: readonly number[]): Tour {
  const tour = new Tour(lattice, start);
  const random = new SeededStream(11);
  anneal(tour, { tileBudget, steps: 60_000, random, hot: 0.2, cold: 0.01, side: lattice.side });
  return tour;
}

describe("annealing", () => {
  const lanes = boustrophedon(lattice, 66 * 66 * 0.3e-6);

  test("ends as one path of its budget that is worth more than the lanes cut to it", () => {
    const tour = annealed(100, lanes);
    expect(tour.parts).toBe(1);
    expect(tour.count).toBe(100);
    expect(tour.path()).toHaveLength(100);
    expect(tour.mass()).toBeGreaterThan(new Tour(lattice, lanes.slice(0, 100)).mass());
  });

  test("grows a short start to the budget", () => {
    const middle = lanes.slice(Math.floor(lanes.length / 2));
    const tour = annealed(60, middle.slice(0, 4));
    expect(tour.count).toBe(60);
  });

  test("does not fly where nothing is, however much budget there is", () => {
    const tour = annealed(5000, lanes);
    expect(tour.count).toBeLessThan(1000);
  });
});
