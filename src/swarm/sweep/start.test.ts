import { describe, expect, test } from "vitest";
import { buildLattice } from "./lattice.ts";
import { boustrophedon } from "./start.ts";
import { disc, mapOf } from "./sweep.test-support.ts";

const place = { tileM: 66, angleRad: 0, shiftCol: 0, shiftRow: 0 };

describe("the first tour", () => {
  test("at no price flies each tile that holds anything once, tile to neighbouring tile", () => {
    const lattice = buildLattice(disc, place);
    const path = boustrophedon(lattice, 0);
    const flown = new Set(path);
    expect(flown.size).toBe(path.length);
    lattice.mass.forEach((mass, tile) => {
      if (mass > 0) expect(flown.has(tile)).toBe(true);
    });
    for (let i = 1; i < path.length; i += 1) {
      expect([1, lattice.side]).toContain(Math.abs(path[i]! - path[i - 1]!));
    }
  });

  test("a price leaves the poor margins out, too high a price everything", () => {
    const lattice = buildLattice(
      mapOf((n, e) => 1e-6 / (1 + (n * n + e * e) / 1e5)),
      place,
    );
    const all = boustrophedon(lattice, 0);
    const rich = boustrophedon(lattice, 66 * 66 * 0.4e-6);
    expect(rich.length).toBeGreaterThan(20);
    expect(rich.length).toBeLessThan(all.length / 2);
    expect(boustrophedon(lattice, 1)).toEqual([]);
  });
});
