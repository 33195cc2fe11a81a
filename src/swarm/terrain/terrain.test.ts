import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { corpus, describeWith } from "../../../test/support/requirements.ts";
import { missionFrame } from "../mission/mod.ts";
import { decodeTerrain, elevationBytes } from "./pack.ts";
import {
  flatGround,
  highestOnLegM,
  lineOfSight,
  sightClearanceM,
  slopeTangent,
  terrainGrid,
  type ElevationGrid,
} from "./terrain.ts";

const RAD = Math.PI / 180;
const PACK = join(import.meta.dirname, "../../../missions/terrain/jacksboro.terrain");

function jacksboro(): ElevationGrid {
  const decoded = decodeTerrain(readFileSync(PACK));
  if (!decoded.ok) throw new Error(decoded.problem.text);
  return decoded.value;
}

const ORIGIN = { latitudeRad: 36.3642 * RAD, longitudeRad: -84.2133 * RAD, altitudeAmslM: 529 };
const frame = missionFrame(ORIGIN);

/** A small plane that rises 10 m a row to the south and 1 m a column to the east. */
const plane: ElevationGrid = {
  name: "plane",
  source: "test",
  licence: "none",
  rows: 20,
  cols: 30,
  northDeg: 47,
  westDeg: 8,
  spacingDeg: 1 / 1200,
  elevationsM: Int16Array.from({ length: 600 }, (_, i) => 10 * Math.floor(i / 30) + (i % 30)),
};
const center = {
  latitudeRad: (47 - 10 / 1200) * RAD,
  longitudeRad: (8 + 15 / 1200) * RAD,
  altitudeAmslM: 0,
};

describe("the shipped grid", () => {
  test("is the source's grid, height for height", () => {
    const hash = createHash("sha256").update(elevationBytes(jacksboro().elevationsM));
    expect(hash.digest("hex")).toBe(
      "c20666cccbd4f64195f57defed558bccda25d32c0f6a3dba1dccb4aacef25652",
    );
  });

  test.each([
    ["Cross Mountain summit", 36.19833, -84.23056, 1076],
    ["Jacksboro, the town", 36.3298, -84.1838, 327],
    ["La Follette, the town", 36.3828, -84.1199, 325],
    ["Cove Lake, Caryville", 36.309, -84.212, 318],
  ])("%s is where it is and as high as it is", (_, latDeg, lonDeg, heightM) => {
    const place = frame.fromDegrees(latDeg, lonDeg)!;
    const height = terrainGrid(jacksboro(), ORIGIN).heightAmslM(place.northM, place.eastM);
    expect(Math.abs(height - heightM)).toBeLessThan(4);
  });

  test("a cell's centre gives the cell's height up to 22 km from the origin", () => {
    const grid = jacksboro();
    const terrain = terrainGrid(grid, ORIGIN);
    const cell = fc.tuple(fc.integer({ min: 0, max: 343 }), fc.integer({ min: 0, max: 402 }));
    fc.assert(
      fc.property(cell, ([row, col]) => {
        const latDeg = grid.northDeg - (row + 0.5) * grid.spacingDeg;
        const lonDeg = grid.westDeg + (col + 0.5) * grid.spacingDeg;
        const place = frame.fromDegrees(latDeg, lonDeg)!;
        const height = terrain.heightAmslM(place.northM, place.eastM);
        // A third of a metre beside the centre on ground that rises at most 1 in 1.
        expect(Math.abs(height - grid.elevationsM[row * grid.cols + col]!)).toBeLessThan(0.5);
      }),
    );
  });
});

describeWith(corpus("terrain/jacksboro.json"), "the description beside the source", (path) => {
  interface Description {
    readonly sha256_uncompressed: string;
    readonly spot_values: readonly {
      readonly row: number;
      readonly col: number;
      readonly z: number;
    }[];
    readonly bounds_deg: { readonly north: number; readonly west: number };
  }
  const description = JSON.parse(readFileSync(path, "utf8")) as Description;

  test("agrees in bounds, hash and spot values", () => {
    const grid = jacksboro();
    expect([grid.northDeg, grid.westDeg]).toEqual([
      description.bounds_deg.north,
      description.bounds_deg.west,
    ]);
    for (const { row, col, z } of description.spot_values) {
      expect(grid.elevationsM[row * grid.cols + col]).toBe(z);
    }
  });
});

describe("a plane", () => {
  const terrain = terrainGrid(plane, center);

  test("is met exactly between its cells", () => {
    // The origin is the corner between rows 9 and 10, columns 14 and 15.
    expect(terrain.heightAmslM(0, 0)).toBeCloseTo(95 + 14.5, 2);
    expect(terrain.heightAmslM(-terrain.cellNorthM, 0)).toBeCloseTo(105 + 14.5, 2);
    expect(terrain.heightAmslM(0, terrain.cellEastM)).toBeCloseTo(95 + 15.5, 2);
  });

  test("holds its edge height beyond its edge, and says that it ended", () => {
    expect(terrain.heightAmslM(1e5, -1e5)).toBe(0);
    expect(terrain.heightAmslM(-1e5, 1e5)).toBe(190 + 29);
    expect(terrain.contains(0, 0)).toBe(true);
    expect(terrain.contains(1e4, 0)).toBe(false);
    const { southM, northM, westM, eastM } = terrain.bounds;
    for (const n of [southM, northM]) {
      for (const e of [westM, eastM]) expect(terrain.contains(n * 0.999, e * 0.999)).toBe(true);
    }
  });

  test("has one slope", () => {
    const perNorth = 10 / terrain.cellNorthM;
    const perEast = 1 / terrain.cellEastM;
    const expected = Math.sqrt(perNorth * perNorth + perEast * perEast);
    expect(slopeTangent(terrain, { northM: 0, eastM: 0 }, 100)).toBeCloseTo(expected, 3);
    expect(slopeTangent(flatGround(10), { northM: 0, eastM: 0 }, 100)).toBe(0);
  });
});

describe("sight", () => {
  /** A wall 100 m high across the way at north 1000. */
  const wall = { heightAmslM: (northM: number) => (Math.abs(northM - 1000) < 20 ? 100 : 0) };
  const leg = { a: { northM: 0, eastM: 0 }, b: { northM: 2000, eastM: 0 }, stepM: 10 };
  const raised = (altitudeAmslM: number) => ({
    a: { ...leg.a, altitudeAmslM },
    b: { ...leg.b, altitudeAmslM },
    stepM: 10,
  });

  test("passes over a wall and not through it", () => {
    expect(highestOnLegM(wall, leg)).toBe(100);
    expect(lineOfSight(wall, raised(90))).toBe(false);
    expect(lineOfSight(wall, raised(110))).toBe(true);
  });

  test("the earth bulges: 1 km each way over a 4/3 earth takes 5.9 cm", () => {
    const sea = flatGround(0);
    const clearance = sightClearanceM(sea, raised(10));
    expect(10 - clearance).toBeCloseTo((1000 * 1000) / (2 * 6_371_000 * (4 / 3)), 3);
  });

  test("a leg without length has no ground between its ends", () => {
    const point = { ...leg.a, altitudeAmslM: 0 };
    expect(sightClearanceM(wall, { a: point, b: point, stepM: 10 })).toBe(Infinity);
  });
});
