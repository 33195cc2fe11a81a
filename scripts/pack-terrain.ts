/**
 * Packs an elevation grid into `missions/terrain/NAME.terrain`.
 *
 *   node_modules/.bin/node scripts/pack-terrain.ts GRID.hgt.gz GRID.json OUT.terrain
 *
 * GRID.json gives rows, cols, spacing_deg, bounds_deg (north, west) and origin; GRID.hgt.gz is gzip
 * of raw big-endian int16 metres, north to south, west to east. The pack that ships was made from
 * the Jacksboro grid with the bounds corrected in latitude as its description explains.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { gunzipSync } from "node:zlib";
import { encodeTerrain } from "../src/swarm/terrain/mod.ts";

export interface GridDescription {
  readonly rows: number;
  readonly cols: number;
  readonly spacing_deg: number;
  readonly bounds_deg: { readonly north: number; readonly west: number };
  readonly origin: string;
}

const LICENCE =
  "elevations: public domain (NASA/USGS SRTM); packaging of the source: matplotlib licence";

/** The pack of a gzipped grid. */
export function packGrid(
  gzipped: Uint8Array,
  description: GridDescription,
  name: string,
): Uint8Array {
  const raw = gunzipSync(gzipped);
  const elevationsM = new Int16Array(raw.length / 2);
  for (let i = 0; i < elevationsM.length; i += 1) elevationsM[i] = raw.readInt16BE(2 * i);
  return encodeTerrain({
    name,
    source: description.origin,
    licence: LICENCE,
    rows: description.rows,
    cols: description.cols,
    northDeg: description.bounds_deg.north,
    westDeg: description.bounds_deg.west,
    spacingDeg: description.spacing_deg,
    elevationsM,
  });
}

if (import.meta.main) {
  const [gridPath, descriptionPath, outPath] = process.argv.slice(2);
  if (gridPath === undefined || descriptionPath === undefined || outPath === undefined) {
    process.stderr.write("usage: pack-terrain.ts GRID.hgt.gz GRID.json OUT.terrain\n");
    process.exitCode = 2;
  } else {
    const description = JSON.parse(readFileSync(descriptionPath, "utf8")) as GridDescription;
    const packed = packGrid(readFileSync(gridPath), description, basename(outPath, ".terrain"));
    writeFileSync(outPath, packed);
    process.stdout.write(`${outPath}: ${String(packed.length)} bytes\n`);
  }
}
