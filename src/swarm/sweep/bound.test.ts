import { describe, expect, test } from "vitest";
import { sweptMassBound } from "./bound.ts";
import { mapOf } from "./sweep.test-support.ts";
import { sweptMass } from "./swept.ts";

const radiusM = 33;
const level = mapOf(() => 1e-6);
const total = (map: { readonly mass: ArrayLike<number> }): number =>
  Array.from(map.mass).reduce((sum, mass) => sum + mass, 0);

/** The densest ground of that area, in order. */
function densest(
  map: { readonly mass: ArrayLike<number>; readonly cellM: number },
  areaM2: number,
): number {
  let cells = areaM2 / (map.cellM * map.cellM);
  let sum = 0;
  for (const mass of Array.from(map.mass).sort((a, b) => b - a)) {
    sum += mass * Math.max(0, Math.min(1, cells));
    cells -= 1;
  }
  return sum;
}

describe("the bound", () => {
  test("on level ground is the area that the paths can sweep", () => {
    const bound = sweptMassBound(level, { pathCount: 3, teamLengthM: 4000, radiusM });
    expect(bound).toBeCloseTo(1e-6 * (66 * 4000 + 3 * Math.PI * 33 * 33), 9);
  });

  test("never exceeds the map", () => {
    const bound = sweptMassBound(level, { pathCount: 1, teamLengthM: 1e6, radiusM });
    expect(bound).toBeCloseTo(total(level), 9);
  });

  test("is below the densest ground where rich cells lie scattered among poor ones", () => {
    const scattered = mapOf((n, e) => {
      const [row, col] = [Math.floor((n + 600) / 30), Math.floor((e + 600) / 30)];
      return row % 5 === 0 && col % 5 === 0 ? 1e-5 : 1e-7;
    });
    const team = { pathCount: 1, teamLengthM: 1000, radiusM };
    const area = 66 * 1000 + Math.PI * 33 * 33;
    const bound = sweptMassBound(scattered, team);
    expect(bound).toBeLessThan(0.97 * densest(scattered, area));
    // A line through the rich cells of one row stays below it.
    const line = [
      { northM: 15, eastM: -500 },
      { northM: 15, eastM: 500 },
    ];
    const flown = sweptMass(scattered, [line], { radiusM, pixelM: 2 });
    expect(flown).toBeLessThan(bound);
    expect(flown).toBeGreaterThan(0.1 * bound);
  });
});
