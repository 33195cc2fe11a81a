import { describe, expect, test } from "vitest";
import { buildLattice, densityAt, tileCenter } from "./lattice.ts";
import { disc, mapOf } from "./sweep.test-support.ts";

const level = mapOf(() => 1e-6);
const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);

describe("the lattice", () => {
  test.each([0, 0.3, 1.2])("at angle %f holds the map's whole mass", (angleRad) => {
    const lattice = buildLattice(disc, { tileM: 60, angleRad, shiftCol: 0.3, shiftRow: 0.7 });
    expect(sum(lattice.mass) / sum(Array.from(disc.mass))).toBeCloseTo(1, 3);
  });

  test("a tile's four corners are what a square has beyond its disc: 1 - pi/4", () => {
    const lattice = buildLattice(level, { tileM: 60, angleRad: 0, shiftCol: 0, shiftRow: 0 });
    const tile = (lattice.side / 2) * lattice.side + lattice.side / 2;
    const corners = [...lattice.cornerMass.subarray(4 * tile, 4 * tile + 4)];
    expect(lattice.mass[tile]).toBeCloseTo(60 * 60 * 1e-6, 12);
    for (const corner of corners) {
      // 16 samples a side know the corner to a seventh.
      expect(Math.abs(corner / lattice.mass[tile]! - (1 - Math.PI / 4) / 4)).toBeLessThan(0.008);
    }
  });

  test("neighbouring tiles lie a tile apart, turned by the angle", () => {
    const lattice = buildLattice(level, { tileM: 60, angleRad: 0.5, shiftCol: 0, shiftRow: 0 });
    const a = tileCenter(lattice, 5 * lattice.side + 5);
    const b = tileCenter(lattice, 5 * lattice.side + 6);
    expect(b.eastM - a.eastM).toBeCloseTo(60 * Math.cos(0.5), 9);
    expect(b.northM - a.northM).toBeCloseTo(60 * Math.sin(0.5), 9);
  });
});

test("beyond the map there is nothing", () => {
  expect(densityAt(level, 0, 0)).toBeCloseTo(1e-6, 15);
  expect(densityAt(level, 601, 0)).toBe(0);
  expect(densityAt(level, 0, -601)).toBe(0);
});
