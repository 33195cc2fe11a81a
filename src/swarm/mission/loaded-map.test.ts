import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rasterize, resampleMap, type LoadedMap } from "./loaded-map.ts";

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);

const map = (changes: Partial<LoadedMap> & Pick<LoadedMap, "mass">): LoadedMap => ({
  source: "team",
  southM: 0,
  westM: 0,
  cellM: 100,
  rows: 2,
  cols: 2,
  outsideShare: 0,
  ...changes,
});

const box = (southM: number, westM: number, sideM: number) => [
  { northM: southM, eastM: westM },
  { northM: southM, eastM: westM + sideM },
  { northM: southM + sideM, eastM: westM + sideM },
  { northM: southM + sideM, eastM: westM },
];

describe("a team's map on another grid", () => {
  test("on its own grid is itself, south first", () => {
    const mass = Float64Array.of(0.1, 0.2, 0.3, 0.4);
    expect([...resampleMap(map({ mass }), map({ mass }))]).toEqual([...mass]);
  });

  test("each cell gives by the area that overlaps", () => {
    const mass = Float64Array.of(0, 0, 0, 1);
    const shifted = { southM: 75, westM: 50, cellM: 100, rows: 2, cols: 2 };
    const [sw, se, nw, ne] = resampleMap(map({ mass }), shifted);
    expect([sw, se, nw, ne]).toEqual([0.75 * 0.5, 0.75 * 0.5, 0.25 * 0.5, 0.25 * 0.5]);
  });

  test("mass is kept whatever the cell sizes, as long as the grid covers the map", () => {
    const cell = fc.double({ min: 7, max: 400, noNaN: true });
    const masses = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
      minLength: 6,
      maxLength: 6,
    });
    fc.assert(
      fc.property(cell, cell, masses, (theirs, ours, values) => {
        const mass = Float64Array.from(values);
        const given = map({ mass, cellM: theirs, rows: 3, cols: 2 });
        const count = Math.ceil((3 * theirs) / ours) + 2;
        const grid = { southM: -ours / 3, westM: -ours / 2, cellM: ours, rows: count, cols: count };
        expect(sum(resampleMap(given, grid))).toBeCloseTo(sum(mass), 9);
      }),
      { numRuns: 50 },
    );
  });

  test("what lies outside the grid is lost to it", () => {
    const mass = Float64Array.of(0.25, 0.25, 0.25, 0.25);
    const west = { southM: 0, westM: -100, cellM: 100, rows: 2, cols: 2 };
    expect(sum(resampleMap(map({ mass }), west))).toBeCloseTo(0.5, 12);
  });
});

describe("weighted polygons", () => {
  test("spread their weight evenly over their own ground", () => {
    const grid = { southM: 0, westM: 0, cellM: 100, rows: 2, cols: 3 };
    const mass = rasterize(
      [
        { polygon: { outer: box(0, 0, 200), holes: [] }, weight: 0.8 },
        { polygon: { outer: box(0, 200, 100), holes: [] }, weight: 0.2 },
      ],
      grid,
    );
    expect([...mass].map((value) => Number(value.toFixed(9)))).toEqual([
      0.2, 0.2, 0.2, 0.2, 0.2, 0,
    ]);
  });

  test("a hole holds nothing, and what it would have held lies around it", () => {
    const polygon = { outer: box(0, 0, 300), holes: [box(100, 100, 100)] };
    const grid = { southM: 0, westM: 0, cellM: 100, rows: 3, cols: 3 };
    const mass = rasterize([{ polygon, weight: 1 }], grid);
    expect(mass[4]).toBe(0);
    expect(mass[0]).toBeCloseTo(1 / 8, 12);
  });
});
