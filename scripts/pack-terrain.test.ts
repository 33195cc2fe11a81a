import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { decodeTerrain } from "../src/swarm/terrain/mod.ts";
import { corpus, describeWith } from "../test/support/requirements.ts";
import { packGrid, type GridDescription } from "./pack-terrain.ts";

const small: GridDescription = {
  rows: 2,
  cols: 3,
  spacing_deg: 0.01,
  bounds_deg: { north: 47, west: 8 },
  origin: "made up",
};

test("big-endian heights come through in order, with place and source", () => {
  const raw = Buffer.alloc(12);
  [1, -2, 300, 400, 5, 6].forEach((height, i) => raw.writeInt16BE(height, 2 * i));
  const decoded = decodeTerrain(packGrid(gzipSync(raw), small, "hill"));
  expect(decoded.ok && [...decoded.value.elevationsM]).toEqual([1, -2, 300, 400, 5, 6]);
  expect(decoded.ok && decoded.value).toMatchObject({
    name: "hill",
    northDeg: 47,
    source: "made up",
  });
});

describeWith(corpus("terrain/jacksboro.json"), "the pack that ships", (path) => {
  test("is what this script makes of the source, byte for byte", () => {
    const description = JSON.parse(readFileSync(path, "utf8")) as GridDescription;
    const gzipped = readFileSync(path.replace(/json$/u, "hgt.gz"));
    const shipped = readFileSync(
      join(import.meta.dirname, "../missions/terrain/jacksboro.terrain"),
    );
    expect(Buffer.from(packGrid(gzipped, description, "jacksboro")).equals(shipped)).toBe(true);
  });
});
