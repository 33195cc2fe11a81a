/**
 * The map before the search: probability of area (POA) on a grid over the mission's area.
 *
 * Each cell takes the distance law's density, integrated by sub-samples (64 a cell near the last
 * known position, where the density is steep, else 4), times the stated weights of terrain and
 * linear features. Weights move mass inside the area only: the area as a whole keeps the mass that
 * the distance law gives it, and what lies beyond is kept as `outside`, because no flight reaches
 * it. A loaded map (`loadedPrior`) brings its own masses instead.
 *
 * Bounds: at most `CELLS_MAX` cells.
 */
import { invariant, tan } from "../../base/mod.ts";
import { areaBounds, areaContains, distanceToSegmentM, zoneForbids } from "../area/mod.ts";
import type { Cover, Mission } from "../mission/mod.ts";
import { slopeTangent } from "../terrain/mod.ts";
import type { Ground } from "../terrain/mod.ts";
import { distanceLaw } from "./distance.ts";
import { passEffect } from "./pod.ts";
import type { DistanceLaw } from "./distance.ts";

export const CELLS_MAX: number = 1 << 20;

/** Row 0 in the south, column 0 in the west, row-major. */
export interface MapGrid {
  readonly southM: number;
  readonly westM: number;
  readonly cellM: number;
  readonly rows: number;
  readonly cols: number;
}

/** What is known of the ground to be searched; the same on every node of a mission. */
export interface SearchGround {
  readonly mission: Mission;
  readonly ground: Ground;
  readonly coverAt: (northM: number, eastM: number) => Cover;
}

export interface PriorMap {
  readonly grid: MapGrid;
  /** Probability of each cell; zero where not searchable. */
  readonly mass: Float64Array;
  /** Sweep width over each cell at lane height, metres; zero where not searchable. */
  readonly sweepM: Float64Array;
  /** Exponent a unit of coverage of each cell: `passEffect` of lanes spaced as planned. */
  readonly effect: Float64Array;
  /** What no lane can reach: beyond the area, or inside a zone. All masses and this sum to 1. */
  readonly outside: number;
}

export const cellNorthM = (grid: MapGrid, cell: number): number =>
  grid.southM + (Math.floor(cell / grid.cols) + 0.5) * grid.cellM;

export const cellEastM = (grid: MapGrid, cell: number): number =>
  grid.westM + ((cell % grid.cols) + 0.5) * grid.cellM;

/** The cell that holds a point, or -1. */
export function cellAt(grid: MapGrid, northM: number, eastM: number): number {
  const row = Math.floor((northM - grid.southM) / grid.cellM);
  const col = Math.floor((eastM - grid.westM) / grid.cellM);
  const inside = row >= 0 && row < grid.rows && col >= 0 && col < grid.cols;
  return inside ? row * grid.cols + col : -1;
}

/** The grid over the area, its lines at whole multiples of the cell from the origin. */
export function gridOver(mission: Mission): MapGrid {
  const bounds = areaBounds(mission.area);
  const { cellM } = mission.plan;
  const southM = Math.floor(bounds.southM / cellM) * cellM;
  const westM = Math.floor(bounds.westM / cellM) * cellM;
  const rows = Math.max(1, Math.ceil((bounds.northM - southM) / cellM));
  const cols = Math.max(1, Math.ceil((bounds.eastM - westM) / cellM));
  invariant(rows * cols <= CELLS_MAX, "a search map has at most a million cells");
  return { southM, westM, cellM, rows, cols };
}

/** Computes the prior from the mission's distance table and weights. */
export function computedPrior(world: SearchGround): PriorMap {
  const { mission } = world;
  const grid = gridOver(mission);
  const law = distanceLaw(mission.distances.quantiles);
  const count = grid.rows * grid.cols;
  const mass = new Float64Array(count);
  const sweepM = sweepWidths(world, grid);
  let reachable = 0;
  let weighted = 0;
  for (let cell = 0; cell < count; cell += 1) {
    if (sweepM[cell] === 0) continue;
    const plain = cellMass(law, grid, cell, mission);
    const value = plain * weightAt(world, cellNorthM(grid, cell), cellEastM(grid, cell));
    mass[cell] = value;
    reachable += plain;
    weighted += value;
  }
  const scale = weighted > 0 ? Math.min(1, reachable) / weighted : 0;
  for (let cell = 0; cell < count; cell += 1) mass[cell] = mass[cell]! * scale;
  const effect = effects(world.mission, sweepM);
  return { grid, mass, sweepM, effect, outside: Math.max(0, 1 - reachable) };
}

/** Takes a loaded map's masses (same grid, any scale) with a share that lies outside it. */
export function loadedPrior(
  world: SearchGround,
  loaded: { readonly mass: ArrayLike<number>; readonly outside: number },
): PriorMap {
  const grid = gridOver(world.mission);
  const count = grid.rows * grid.cols;
  invariant(loaded.mass.length === count, "a loaded map has the cells of the mission's grid");
  const sweepM = sweepWidths(world, grid);
  let total = 0;
  for (let cell = 0; cell < count; cell += 1) total += loaded.mass[cell]!;
  invariant(total > 0, "a loaded map holds some probability");
  const mass = new Float64Array(count);
  let reachable = 0;
  for (let cell = 0; cell < count; cell += 1) {
    if (sweepM[cell] === 0) continue;
    const share = (loaded.mass[cell]! / total) * (1 - loaded.outside);
    mass[cell] = share;
    reachable += share;
  }
  const effect = effects(world.mission, sweepM);
  return { grid, mass, sweepM, effect, outside: 1 - reachable };
}

function sweepWidths(world: SearchGround, grid: MapGrid): Float64Array {
  const { mission, coverAt } = world;
  const sweepM = new Float64Array(grid.rows * grid.cols);
  for (let cell = 0; cell < sweepM.length; cell += 1) {
    const northM = cellNorthM(grid, cell);
    const eastM = cellEastM(grid, cell);
    if (!searchable(world, northM, eastM)) continue;
    // A sensor that sees nothing under leaf still passes over it; the width stays positive so
    // that zero keeps meaning "not to be flown".
    sweepM[cell] = Math.max(0.1, mission.sensor.sweepWidthM[coverAt(northM, eastM)]);
  }
  return sweepM;
}

function effects({ plan, sensor }: Mission, sweepM: Float64Array): Float64Array {
  const known = new Map<number, number>([[0, 1]]);
  return sweepM.map((widthM) => {
    const spacingM = laneSpacingM(plan.laneSpacingRatio, widthM, sensor);
    const effect =
      known.get(widthM) ?? passEffect({ sweepM: widthM, footprintM: sensor.footprintM, spacingM });
    known.set(widthM, effect);
    return effect;
  });
}

/**
 * Lanes lie at least this share of the footprint apart: where cover lets little be seen, several
 * thin passes, each where it is then worth most, find sooner than one dense one.
 */
const VIEW_SHARE = 0.85;

/** Distance of the lanes of a pass over ground with this sweep width. */
export const laneSpacingM = (
  ratio: number,
  sweepM: number,
  sensor: { readonly footprintM: number },
): number => Math.max(ratio * sweepM, VIEW_SHARE * sensor.footprintM);

/** Whether lanes may pass over the point: in the area, in the fence, in no zone at lane height. */
export function searchable(world: SearchGround, northM: number, eastM: number): boolean {
  const { mission, ground } = world;
  if (!areaContains(mission.area, northM, eastM)) return false;
  const { fence } = mission.limits;
  if (fence.length > 0 && !areaContains(fence, northM, eastM)) return false;
  if (mission.zones.length === 0) return true;
  const groundAmslM = ground.heightAmslM(northM, eastM);
  const altitudeAmslM = groundAmslM + mission.sensor.aglM;
  const point = { northM, eastM, altitudeAmslM, groundAmslM };
  return !mission.zones.some((zone) => zoneForbids(zone, point));
}

/** Cells closer than this to the last known position are integrated finely. */
const FINE_WITHIN_CELLS = 12;

const square = (x: number): number => x * x;

function cellMass(law: DistanceLaw, grid: MapGrid, cell: number, mission: Mission): number {
  const dn = cellNorthM(grid, cell) - mission.lastKnownPosition.northM;
  const de = cellEastM(grid, cell) - mission.lastKnownPosition.eastM;
  const near = dn * dn + de * de < square(FINE_WITHIN_CELLS * grid.cellM);
  const side = near ? 8 : 2;
  const step = grid.cellM / side;
  let sum = 0;
  for (let i = 0; i < side * side; i += 1) {
    const n = dn - grid.cellM / 2 + (Math.floor(i / side) + 0.5) * step;
    const e = de - grid.cellM / 2 + ((i % side) + 0.5) * step;
    sum += law.densityPerM2(Math.sqrt(n * n + e * e));
  }
  return sum * step * step;
}

/** Ground this much lower than its surroundings at this distance counts as drainage. */
const DRAINAGE_DEPTH_M = 4;
const DRAINAGE_REACH_M = 150;

function weightAt(world: SearchGround, northM: number, eastM: number): number {
  const { mission, ground } = world;
  const { weights } = mission;
  let weight = 1;
  const slope = slopeTangent(ground, { northM, eastM }, mission.plan.cellM * 2);
  if (slope > tan(weights.steepAboveRad)) weight *= weights.steepWeight;
  if (isDrainage(ground, northM, eastM)) weight *= weights.drainageWeight;
  if (nearFeature(mission, northM, eastM)) weight *= weights.featureWeight;
  return weight;
}

function isDrainage(ground: Ground, northM: number, eastM: number): boolean {
  const around =
    ground.heightAmslM(northM + DRAINAGE_REACH_M, eastM) +
    ground.heightAmslM(northM - DRAINAGE_REACH_M, eastM) +
    ground.heightAmslM(northM, eastM + DRAINAGE_REACH_M) +
    ground.heightAmslM(northM, eastM - DRAINAGE_REACH_M);
  return ground.heightAmslM(northM, eastM) < around / 4 - DRAINAGE_DEPTH_M;
}

function nearFeature(mission: Mission, northM: number, eastM: number): boolean {
  const point = { northM, eastM };
  for (const feature of mission.features) {
    for (let i = 0; i + 1 < feature.points.length; i += 1) {
      const ends = { a: feature.points[i]!, b: feature.points[i + 1]! };
      if (distanceToSegmentM(point, ends) <= mission.weights.featureReachM) return true;
    }
  }
  return false;
}
