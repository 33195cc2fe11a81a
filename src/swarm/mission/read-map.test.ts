import { readFileSync } from "node:fs";
import { join } from "node:path";
import JSON5 from "json5";
import { describe, expect, test } from "vitest";
import { resampleMap, type LoadedMap } from "./loaded-map.ts";
import { parseMission } from "./parse.ts";

const tiny = readFileSync(join(import.meta.dirname, "../../../missions/tiny.json5"), "utf8");

/** The tiny mission's map with these keys, or the codes of the problems. */
function mapOf(map: unknown): LoadedMap | readonly string[] {
  const parsed = parseMission({ ...JSON5.parse<object>(tiny), map });
  if (!parsed.ok) return parsed.problems.map((p) => `${p.code} ${p.where}`);
  return parsed.value.loadedMap!;
}
const grid = { rows: 2, cols: 3, values: Float64Array.from([1, 2, 3, 4, 5, 6]) };
const corner = (northM: number, eastM: number) => ({ northM, eastM });
const square = (m: number) => [corner(0, 0), corner(m, 0), corner(m, m), corner(0, m)];

describe("a grid of numbers", () => {
  test("is laid with its middle on the centre, rows from where it says, its mass made 1", () => {
    const map = mapOf({ source: "s", cellM: 30, rowsFrom: "north", center: corner(50, 0), grid });
    expect(map).toMatchObject({ rows: 2, cols: 3, southM: 20, westM: -45, outsideShare: 0 });
    expect([...(map as LoadedMap).mass].map((mass) => Math.round(21 * mass))).toEqual([
      4, 5, 6, 1, 2, 3,
    ]);
  });

  test.each([
    [{ source: "s", rowsFrom: "south" }, "CHK001 map.file"],
    [{ source: "s", file: "x.npy" }, "MIS007 map.file"],
    [{ source: "s", rowsFrom: "east", grid }, "CHK006 map.rowsFrom"],
    [{ source: "s", rowsFrom: "south", grid: { ...grid, rows: 3 } }, "CHK001 map.file"],
    [
      { source: "s", rowsFrom: "south", grid: { ...grid, values: new Float64Array(6) } },
      "MIS005 map",
    ],
    [{ rowsFrom: "south", grid }, "CHK001 map.source"],
  ])("case %#", (value, problem) => {
    expect(mapOf(value)).toContain(problem);
  });
});

describe("weighted polygons", () => {
  test("spread their weight over their ground", () => {
    const weighted = [
      { polygon: { outer: square(100) }, weight: 3 },
      { polygon: { outer: square(200) }, weight: 1 },
    ];
    const map = mapOf({ source: "s", cellM: 50, weighted }) as LoadedMap;
    expect([map.rows, map.cols]).toEqual([4, 4]);
    expect(map.mass[0]).toBeCloseTo((3 / 4 + 1 / 16) / 4, 9);
    expect(map.mass[15]).toBeCloseTo(1 / 16 / 4, 9);
  });

  test("cells too small for the area are refused", () => {
    const weighted = [{ polygon: { outer: square(50_000) }, weight: 1 }];
    expect(mapOf({ source: "s", cellM: 1, weighted })).toContain("CHK005 map.cellM");
    expect(mapOf({ source: "s", weighted: [] })).toContain("CHK005 map.weighted");
  });
});

describe("transfer to another grid", () => {
  const map = mapOf({ source: "s", cellM: 30, rowsFrom: "south", grid }) as LoadedMap;
  const total = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0);

  test.each([7, 30, 50, 200])("keeps the mass with cells of %i m", (cellM) => {
    const wide = { southM: -300, westM: -300, cellM, rows: 100, cols: 100 };
    expect(total(resampleMap(map, wide))).toBeCloseTo(1, 12);
  });

  test("onto its own grid changes nothing, and what lies outside is lost", () => {
    expect([...resampleMap(map, map)]).toEqual(
      [...map.mass].map((mass): unknown => expect.closeTo(mass, 12)),
    );
    const half = { ...map, rows: 1 };
    expect(total(resampleMap(map, half))).toBeCloseTo((1 + 2 + 3) / 21, 12);
  });
});
