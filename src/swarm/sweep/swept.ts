/**
 * What paths truly sweep, by geometry on a fine raster: ground within the detection radius of any
 * leg, its mass, and the ground left unseen inside the searched band.
 *
 * The band is the morphological closing of the swept ground by a disc (Serra, 1982): every gap
 * narrower than the disc belongs to it, be it the space between lanes flown too far apart, a missed
 * corner or a pocket. By the strict count the disc is a swath wide: what no further swath fits into
 * was to be searched. The planner closes gaps of up to half a swath. Distances are exact Euclidean
 * transforms (Felzenszwalb and Huttenlocher, 2012), linear in pixels.
 */
import { invariant } from "../../base/mod.ts";
import type { GroundPoint } from "../area/mod.ts";
import { eachRow, type Capsule } from "./capsule.ts";
import { densityAt, type DensityMap } from "./lattice.ts";

export interface SweptGround {
  readonly massSwept: number;
  readonly areaSweptM2: number;
  /** Ground of the band that holds some probability and that no swath covers. */
  readonly areaUnseenM2: number;
  readonly massUnseen: number;
  /** The same as a share of the band's ground that holds some probability. */
  readonly unseenShare: number;
}

/** The mass alone: no band, and so many times faster. */
export function sweptMass(
  map: DensityMap,
  paths: readonly (readonly GroundPoint[])[],
  rule: SweepRule,
): number {
  const raster = rasterFor(map, rule);
  const swept = paintPaths(raster, paths, rule.radiusM);
  let mass = 0;
  for (let i = 0; i < swept.length; i += 1) if (swept[i] === 1) mass += pixelMass(map, raster, i);
  return mass;
}

function pixelMass(map: DensityMap, raster: Raster, pixel: number): number {
  const { pixelM } = raster;
  const northM = raster.southM + (Math.floor(pixel / raster.cols) + 0.5) * pixelM;
  const eastM = raster.westM + ((pixel % raster.cols) + 0.5) * pixelM;
  return densityAt(map, northM, eastM) * pixelM * pixelM;
}

export interface SweepRule {
  readonly radiusM: number;
  /** Side of a pixel; 5 m errs by a thousandth of a swath's mass. */
  readonly pixelM: number;
  /** Gaps narrower than this share of a swath belong to the band; `GAP_SHARE` when absent. */
  readonly gapShare?: number;
}

/**
 * Lanes up to 1.5 swaths apart are one band with unseen ground between them; ground skipped on
 * purpose, a tile or more, is not.
 */
const GAP_SHARE = 0.5;
const PIXELS_MAX = 40_000_000;

/** Measures the union of all paths over the map. */
export function sweptGround(
  map: DensityMap,
  paths: readonly (readonly GroundPoint[])[],
  rule: SweepRule,
): SweptGround {
  const raster = rasterFor(map, rule);
  const swept = paintPaths(raster, paths, rule.radiusM);
  const closed = closing(raster, swept, (rule.gapShare ?? GAP_SHARE) * rule.radiusM);
  const pixelM2 = rule.pixelM * rule.pixelM;
  let [massSwept, massUnseen, areaSwept, seen, unseen] = [0, 0, 0, 0, 0];
  for (let i = 0; i < swept.length; i += 1) {
    if (closed[i] === 0) continue;
    const mass = pixelMass(map, raster, i);
    const counts = mass > 0 ? 1 : 0;
    if (swept[i] === 1) {
      massSwept += mass;
      areaSwept += 1;
      seen += counts;
    } else {
      massUnseen += mass;
      unseen += counts;
    }
  }
  return {
    massSwept,
    massUnseen,
    areaSweptM2: areaSwept * pixelM2,
    areaUnseenM2: unseen * pixelM2,
    unseenShare: unseen / Math.max(1, seen + unseen),
  };
}

/** 1 in the band of the paths: their swaths and every gap too narrow for another one. */
export function bandOf(
  raster: Raster,
  paths: readonly (readonly GroundPoint[])[],
  radiusM: number,
): Uint8Array {
  return closing(raster, paintPaths(raster, paths, radiusM), GAP_SHARE * radiusM);
}

export interface Raster {
  readonly rows: number;
  readonly cols: number;
  readonly southM: number;
  readonly westM: number;
  readonly pixelM: number;
}

/** A raster over the map with room for swaths that lie partly outside of it. */
export function rasterFor(map: DensityMap, rule: SweepRule): Raster {
  const marginM = 4 * rule.radiusM;
  const rows = Math.ceil((map.rows * map.cellM + 2 * marginM) / rule.pixelM);
  const cols = Math.ceil((map.cols * map.cellM + 2 * marginM) / rule.pixelM);
  invariant(rows * cols <= PIXELS_MAX, "a swept raster stays within its bound");
  return {
    rows,
    cols,
    southM: map.southM - marginM,
    westM: map.westM - marginM,
    pixelM: rule.pixelM,
  };
}

/** 1 where a pixel's middle lies within the radius of a path. */
export function paintPaths(
  raster: Raster,
  paths: readonly (readonly GroundPoint[])[],
  radiusM: number,
): Uint8Array {
  const out = new Uint8Array(raster.rows * raster.cols);
  for (const path of paths) {
    path.forEach((to, i) => {
      const capsule = capsuleOf(raster, { from: path[Math.max(0, i - 1)]!, to, radiusM });
      eachRow(capsule, raster.rows, (row, low, high) => {
        const first = Math.max(0, Math.ceil(low));
        const last = Math.min(raster.cols - 1, Math.floor(high));
        if (first <= last) out.fill(1, row * raster.cols + first, row * raster.cols + last + 1);
      });
    });
  }
  return out;
}

/** A leg's swath in pixels of the raster. */
function capsuleOf(
  { southM, westM, pixelM }: Raster,
  leg: { readonly from: GroundPoint; readonly to: GroundPoint; readonly radiusM: number },
): Capsule {
  return {
    y0: (leg.from.northM - southM) / pixelM - 0.5,
    x0: (leg.from.eastM - westM) / pixelM - 0.5,
    y1: (leg.to.northM - southM) / pixelM - 0.5,
    x1: (leg.to.eastM - westM) / pixelM - 0.5,
    radius: leg.radiusM / pixelM,
  };
}

/** 1 in the closing of the set by a disc. */
function closing(raster: Raster, set: Uint8Array, radiusM: number): Uint8Array {
  const radius2 = (radiusM / raster.pixelM) * (radiusM / raster.pixelM);
  const outward = distancesSquared(raster, set, 1);
  const dilated = set.map((_, i) => (outward[i]! <= radius2 ? 1 : 0));
  const inward = distancesSquared(raster, dilated, 0);
  return set.map((value, i) => (value === 1 || inward[i]! > radius2 ? 1 : 0));
}

/** Squared distance in pixels to the nearest pixel of that value. */
function distancesSquared(raster: Raster, set: Uint8Array, value: 0 | 1): Float64Array {
  const { rows, cols } = raster;
  const far = (rows + cols) * (rows + cols);
  const out = Float64Array.from(set, (each) => (each === value ? 0 : far));
  const size = Math.max(rows, cols);
  const work = {
    line: new Float64Array(size),
    vertex: new Int32Array(size),
    bound: new Float64Array(size + 1),
  };
  for (let col = 0; col < cols; col += 1)
    transform(out, { start: col, stride: cols, count: rows }, work);
  for (let row = 0; row < rows; row += 1) {
    transform(out, { start: row * cols, stride: 1, count: cols }, work);
  }
  return out;
}

interface Line {
  readonly start: number;
  readonly stride: number;
  readonly count: number;
}

/** Lower envelope of the parabolas rooted on one line (their section 2). */
function transform(
  values: Float64Array,
  { start, stride, count }: Line,
  {
    line,
    vertex,
    bound,
  }: { readonly line: Float64Array; readonly vertex: Int32Array; readonly bound: Float64Array },
): void {
  for (let i = 0; i < count; i += 1) line[i] = values[start + i * stride]!;
  let k = 0;
  vertex[0] = 0;
  bound[0] = -Infinity;
  bound[1] = Infinity;
  const meet = (q: number, v: number): number =>
    (line[q]! + q * q - (line[v]! + v * v)) / (2 * q - 2 * v);
  for (let q = 1; q < count; q += 1) {
    let s = meet(q, vertex[k]!);
    while (s <= bound[k]!) {
      k -= 1;
      s = meet(q, vertex[k]!);
    }
    k += 1;
    vertex[k] = q;
    bound[k] = s;
    bound[k + 1] = Infinity;
  }
  k = 0;
  for (let q = 0; q < count; q += 1) {
    while (bound[k + 1]! < q) k += 1;
    const v = vertex[k]!;
    values[start + q * stride] = (q - v) * (q - v) + line[v]!;
  }
}
