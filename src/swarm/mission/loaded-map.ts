/**
 * A probability map that a team brings, on a grid of its own in the local frame, and its transfer
 * to the mission's grid.
 *
 * Transfer is by area: each cell of ours takes from each cell of theirs the share that overlaps, so
 * mass is kept, whatever the two cell sizes. What lies outside our grid is lost to it and counted
 * by the caller as outside.
 */
import { invariant } from "../../base/mod.ts";
import { polygonAreaM2, polygonContains } from "../area/mod.ts";
import type { GroundPoint, Polygon } from "../area/mod.ts";

/** Row 0 in the south, column 0 in the west. Masses sum to 1. */
export interface LoadedMap {
  readonly source: string;
  readonly southM: number;
  readonly westM: number;
  readonly cellM: number;
  readonly rows: number;
  readonly cols: number;
  readonly mass: Float64Array;
  /** Probability that the person is outside the map altogether. */
  readonly outsideShare: number;
}

export interface CellGrid {
  readonly southM: number;
  readonly westM: number;
  readonly cellM: number;
  readonly rows: number;
  readonly cols: number;
}

/** Most cells of a loaded map. */
export const LOADED_CELLS_MAX = 4_000_000;

/** The map's masses on another grid, row-major from the south-west. */
export function resampleMap(map: LoadedMap, grid: CellGrid): Float64Array {
  const out = new Float64Array(grid.rows * grid.cols);
  const rowShares = overlaps(
    { startM: map.southM, cellM: map.cellM, count: map.rows },
    { startM: grid.southM, cellM: grid.cellM, count: grid.rows },
  );
  const colShares = overlaps(
    { startM: map.westM, cellM: map.cellM, count: map.cols },
    { startM: grid.westM, cellM: grid.cellM, count: grid.cols },
  );
  for (const [row, rowParts] of rowShares.entries()) {
    for (const [col, colParts] of colShares.entries()) {
      const mass = map.mass[row * map.cols + col]!;
      if (mass === 0) continue;
      for (const { to: toRow, share: rowShare } of rowParts) {
        for (const { to: toCol, share: colShare } of colParts) {
          const cell = toRow * grid.cols + toCol;
          out[cell] = out[cell]! + mass * rowShare * colShare;
        }
      }
    }
  }
  return out;
}

interface Axis {
  readonly startM: number;
  readonly cellM: number;
  readonly count: number;
}
interface Part {
  readonly to: number;
  readonly share: number;
}

/** For each interval of one axis the intervals of the other that it overlaps, with its shares. */
function overlaps(from: Axis, to: Axis): Part[][] {
  return Array.from({ length: from.count }, (_, i) => {
    const low = from.startM + i * from.cellM;
    const high = low + from.cellM;
    const first = Math.max(0, Math.floor((low - to.startM) / to.cellM));
    const last = Math.min(to.count - 1, Math.floor((high - to.startM) / to.cellM));
    const parts: Part[] = [];
    for (let k = first; k <= last; k += 1) {
      const start = to.startM + k * to.cellM;
      const common = Math.min(high, start + to.cellM) - Math.max(low, start);
      if (common > 0) parts.push({ to: k, share: common / from.cellM });
    }
    return parts;
  });
}

/** A polygon with its share of the probability, as weighted GeoJSON gives it. */
export interface WeightedPolygon {
  readonly polygon: Polygon;
  readonly weight: number;
}

/** Spreads each polygon's weight evenly over its ground; cells are tested at 4 x 4 points. */
export function rasterize(weighted: readonly WeightedPolygon[], grid: CellGrid): Float64Array {
  invariant(grid.rows * grid.cols <= LOADED_CELLS_MAX, "a loaded map stays within its bound");
  const out = new Float64Array(grid.rows * grid.cols);
  for (const { polygon, weight } of weighted) {
    const perPoint = (weight * grid.cellM * grid.cellM) / 16 / polygonAreaM2(polygon);
    for (let cell = 0; cell < out.length; cell += 1) {
      const south = grid.southM + Math.floor(cell / grid.cols) * grid.cellM;
      const west = grid.westM + (cell % grid.cols) * grid.cellM;
      out[cell] =
        out[cell]! + perPoint * pointsInside(polygon, { northM: south, eastM: west }, grid.cellM);
    }
  }
  return out;
}

function pointsInside(polygon: Polygon, corner: GroundPoint, cellM: number): number {
  let inside = 0;
  for (let i = 0; i < 16; i += 1) {
    const northM = corner.northM + ((i >> 2) + 0.5) * (cellM / 4);
    const eastM = corner.eastM + ((i & 3) + 0.5) * (cellM / 4);
    if (polygonContains(polygon, northM, eastM)) inside += 1;
  }
  return inside;
}
