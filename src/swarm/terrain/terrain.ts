/**
 * Ground height over the mission's local frame.
 *
 * Elevations come as a grid in latitude and longitude (row 0 north, column 0 west, cell centres)
 * and stay in it: resampling would shave the summits. A query maps (north, east) to (row, column)
 * by the terms n, e, e^2 and n e of the exact frame's expansion about the origin (what is left out
 * is of third order, below a third of a metre within 20 km) and interpolates bilinearly. Beyond
 * the grid's edge the nearest edge height is given; `contains` tells.
 *
 * Heights are what the grid's source says: SRTM sees tree tops and errs by up to 16 m.
 */
import { invariant } from "../../base/mod.ts";
import { ellipsoidFromAmsl, LocalFrame } from "../../hal/mod.ts";
import type { GroundBounds, GroundPoint } from "../area/mod.ts";

/** Anything that knows how high the ground is: the planner's grid, or the world's own truth. */
export interface Ground {
  /** Above mean sea level. */
  heightAmslM(northM: number, eastM: number): number;
}

/** A grid of elevations as it is stored; `elevationsM` is row-major. */
export interface ElevationGrid {
  readonly name: string;
  readonly source: string;
  readonly licence: string;
  readonly rows: number;
  readonly cols: number;
  /** Outer edges of the north-west cell. */
  readonly northDeg: number;
  readonly westDeg: number;
  readonly spacingDeg: number;
  readonly elevationsM: Int16Array;
}

export interface TerrainGrid extends Ground {
  readonly grid: ElevationGrid;
  /** Box in which every point lies inside the grid. */
  readonly bounds: GroundBounds;
  /** Size of a cell at the origin. */
  readonly cellNorthM: number;
  readonly cellEastM: number;
  contains(northM: number, eastM: number): boolean;
}

const RAD_PER_DEG = Math.PI / 180;

/** Where the local frame's plane touches, and how high it lies. */
export interface GridOrigin {
  readonly latitudeRad: number;
  readonly longitudeRad: number;
  readonly altitudeAmslM: number;
}

/** Coefficients of (north, east) -> (row, column) in cells, cell centres at integers. */
interface Placement {
  readonly row0: number;
  readonly rowPerNorth: number;
  readonly rowPerEastSquared: number;
  readonly col0: number;
  readonly colPerEast: number;
  readonly colPerNorthEast: number;
}

/** Distance at which the expansion is taken from the exact frame. */
const EXPANSION_M = 8000;

function place(grid: ElevationGrid, origin: GridOrigin): Placement {
  const where = { latRad: origin.latitudeRad, lonRad: origin.longitudeRad };
  const frame = new LocalFrame(where, ellipsoidFromAmsl(origin.altitudeAmslM, where));
  const spacingRad = grid.spacingDeg * RAD_PER_DEG;
  const at = (northM: number, eastM: number): { readonly row: number; readonly col: number } => {
    const { latRad, lonRad } = frame.latLonFromPlane(northM, eastM);
    const row = (grid.northDeg * RAD_PER_DEG - latRad) / spacingRad - 0.5;
    return { row, col: (lonRad - grid.westDeg * RAD_PER_DEG) / spacingRad - 0.5 };
  };
  const h = EXPANSION_M;
  const center = at(0, 0);
  const [north, south, east, west] = [at(h, 0), at(-h, 0), at(0, h), at(0, -h)];
  return {
    row0: center.row,
    rowPerNorth: (north.row - south.row) / (2 * h),
    rowPerEastSquared: ((east.row + west.row) / 2 - center.row) / (h * h),
    col0: center.col,
    colPerEast: (east.col - west.col) / (2 * h),
    colPerNorthEast: (at(h, h).col - at(-h, h).col) / (2 * h * h),
  };
}

/** Places a grid in the local frame of `origin`. */
export function terrainGrid(grid: ElevationGrid, origin: GridOrigin): TerrainGrid {
  const { rows, cols, elevationsM } = grid;
  invariant(rows >= 2 && cols >= 2, "a terrain grid has at least two rows and columns");
  invariant(elevationsM.length === rows * cols, "a terrain grid holds rows x cols elevations");
  const p = place(grid, origin);
  const rowAt = (n: number, e: number): number =>
    p.row0 + p.rowPerNorth * n + p.rowPerEastSquared * e * e;
  const colAt = (n: number, e: number): number =>
    p.col0 + (p.colPerEast + p.colPerNorthEast * n) * e;
  return {
    grid,
    bounds: innerBounds(p, grid),
    cellNorthM: -1 / p.rowPerNorth,
    cellEastM: 1 / p.colPerEast,
    contains: (northM, eastM) => {
      const row = rowAt(northM, eastM);
      const col = colAt(northM, eastM);
      return row >= -0.5 && row <= rows - 0.5 && col >= -0.5 && col <= cols - 0.5;
    },
    heightAmslM: (northM, eastM) => {
      const row = Math.min(rows - 1, Math.max(0, rowAt(northM, eastM)));
      const col = Math.min(cols - 1, Math.max(0, colAt(northM, eastM)));
      const r = Math.min(rows - 2, Math.floor(row));
      const c = Math.min(cols - 2, Math.floor(col));
      const fr = row - r;
      const fc = col - c;
      const i = r * cols + c;
      const upper = elevationsM[i]! * (1 - fc) + elevationsM[i + 1]! * fc;
      const lower = elevationsM[i + cols]! * (1 - fc) + elevationsM[i + cols + 1]! * fc;
      return upper * (1 - fr) + lower * fr;
    },
  };
}

/** A box inside the grid's curved outline: edges taken where the expansion bends inwards most. */
function innerBounds(p: Placement, grid: ElevationGrid): GroundBounds {
  let northM = (-0.5 - p.row0) / p.rowPerNorth;
  let southM = (grid.rows - 0.5 - p.row0) / p.rowPerNorth;
  const shrink = 1 + Math.abs((p.colPerNorthEast / p.colPerEast) * Math.max(-southM, northM));
  const westM = (-0.5 - p.col0) / p.colPerEast / shrink;
  const eastM = (grid.cols - 0.5 - p.col0) / p.colPerEast / shrink;
  const reachM = Math.max(-westM, eastM);
  const bend = (p.rowPerEastSquared * reachM * reachM) / -p.rowPerNorth;
  northM -= Math.abs(bend);
  southM += Math.abs(bend);
  return { southM, northM, westM, eastM };
}

/** Level ground, for missions without terrain. */
export function flatGround(altitudeAmslM: number): Ground {
  return { heightAmslM: () => altitudeAmslM };
}

/** Steepness by central differences over `spanM`: 0 level, pi/2 never reached. */
export function slopeTangent(ground: Ground, at: GroundPoint, spanM: number): number {
  const { northM, eastM } = at;
  const half = spanM / 2;
  const dn = ground.heightAmslM(northM + half, eastM) - ground.heightAmslM(northM - half, eastM);
  const de = ground.heightAmslM(northM, eastM + half) - ground.heightAmslM(northM, eastM - half);
  return Math.sqrt(dn * dn + de * de) / spanM;
}

/** A leg on the ground and how closely it is sampled. */
export interface GroundLeg {
  readonly a: GroundPoint;
  readonly b: GroundPoint;
  readonly stepM: number;
}

/** Most samples that one leg is given; longer legs are sampled more coarsely. */
const LEG_SAMPLES_MAX = 4096;

function legSamples(leg: GroundLeg): number {
  const dn = leg.b.northM - leg.a.northM;
  const de = leg.b.eastM - leg.a.eastM;
  const wanted = Math.ceil(Math.sqrt(dn * dn + de * de) / leg.stepM);
  return Math.max(1, Math.min(LEG_SAMPLES_MAX, wanted));
}

/** Highest ground under a straight leg, ends included. */
export function highestOnLegM(ground: Ground, leg: GroundLeg): number {
  const count = legSamples(leg);
  let highest = -Infinity;
  for (let i = 0; i <= count; i += 1) {
    const t = i / count;
    const northM = leg.a.northM + (leg.b.northM - leg.a.northM) * t;
    const eastM = leg.a.eastM + (leg.b.eastM - leg.a.eastM) * t;
    highest = Math.max(highest, ground.heightAmslM(northM, eastM));
  }
  return highest;
}

/** A point with a height, as antennas and eyes have it. */
export interface SightPoint extends GroundPoint {
  readonly altitudeAmslM: number;
}

// Mean earth radius; rays bend with the usual 4/3 earth for radio (ITU-R P.834).
const EARTH_RADIUS_M = 6_371_000;
const RADIO_EARTH_FACTOR = 4 / 3;

/**
 * Least height of the ray from a to b over the ground, the earth's bulge taken off: negative
 * where terrain stands in the way. Ends themselves are not judged.
 */
export function sightClearanceM(
  ground: Ground,
  sight: { readonly a: SightPoint; readonly b: SightPoint; readonly stepM: number },
): number {
  const { a, b } = sight;
  const dn = b.northM - a.northM;
  const de = b.eastM - a.eastM;
  const distanceM = Math.sqrt(dn * dn + de * de);
  const count = legSamples(sight);
  const bulge = 1 / (2 * EARTH_RADIUS_M * RADIO_EARTH_FACTOR);
  let least = Infinity;
  for (let i = 1; i < count; i += 1) {
    const t = i / count;
    const ray = a.altitudeAmslM + (b.altitudeAmslM - a.altitudeAmslM) * t;
    const drop = distanceM * t * distanceM * (1 - t) * bulge;
    const height = ground.heightAmslM(a.northM + dn * t, a.eastM + de * t);
    least = Math.min(least, ray - drop - height);
  }
  return least;
}

/** Whether the ray from a to b passes over the ground. */
export function lineOfSight(
  ground: Ground,
  sight: { readonly a: SightPoint; readonly b: SightPoint; readonly stepM: number },
): boolean {
  return sightClearanceM(ground, sight) > 0;
}
