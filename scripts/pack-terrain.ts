/**
 * Packs an elevation grid into `missions/terrain/NAME.terrain`.
 *
 *   node_modules/.bin/node scripts/pack-terrain.ts GRID.hgt.gz GRID.json OUT.terrain
 *
 * GRID.json gives rows, cols, spacing_deg and bounds_deg (north, west); GRID.hgt.gz is gzip of raw
 * big-endian int16 metres, north to south, west to east. The pack that ships was made from the
 * Jacksboro grid with the bounds corrected in latitude as its description explains.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { encodeTerrain } from "../src/swarm/terrain/mod.ts";

interface GridDescription {
  readonly rows: number;
  readonly cols: number;
  readonly spacing_deg: number;
  readonly bounds_deg: { readonly north: number; readonly west: number };
  readonly origin: string;
}

const [gridPath, descriptionPath, outPath] = process.argv.slice(2);
if (gridPath === undefined || descriptionPath === undefined || outPath === undefined) {
  process.stderr.write("usage: pack-terrain.ts GRID.hgt.gz GRID.json OUT.terrain\n");
  process.exit(2);
}
const description = JSON.parse(readFileSync(descriptionPath, "utf8")) as GridDescription;
const raw = gunzipSync(readFileSync(gridPath));
const elevationsM = new Int16Array(raw.length / 2);
elevationsM.forEach((_, i) => (elevationsM[i] = raw.readInt16BE(2 * i)));
const packed = encodeTerrain({
  name: outPath.replace(/^.*\//, "").replace(/\.terrain$/, ""),
  source: description.origin,
  licence:
    "elevations: public domain (NASA/USGS SRTM); packaging of the source: matplotlib licence",
  rows: description.rows,
  cols: description.cols,
  northDeg: description.bounds_deg.north,
  westDeg: description.bounds_deg.west,
  spacingDeg: description.spacing_deg,
  elevationsM,
});
writeFileSync(outPath, packed);
process.stdout.write(`${outPath}: ${String(packed.length)} bytes\n`);
