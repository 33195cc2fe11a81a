/**
 * Lanes: straight strips flown at lane height over the ground, and what each sweeps.
 *
 * A lane stands for a strip of ground as wide as its spacing. Its effort W x length is spread
 * evenly over the strip, cell by cell by overlapping area, which keeps C = W L / A honest for any
 * spacing and any phase of the grid. Lanes are axis-aligned: overlap is then exact, and every node
 * computes the same whole units.
 */
import { cellAt, COVERAGE_UNIT } from "../map/mod.ts";
import type { MapGrid, PriorMap, SearchGround } from "../map/mod.ts";
import { areaDepthM, depthInsideM, isBeyond, zoneBandHolds } from "../area/mod.ts";
import type { GroundPoint } from "../area/mod.ts";
import type { Ground } from "../terrain/mod.ts";

/** One strip of ground: along `axis` from `fromM` to `toM`, centred at `crossM`. */
export interface Strip {
  /** Direction of flight. */
  readonly axis: "north" | "east";
  readonly crossM: number;
  readonly fromM: number;
  readonly toM: number;
  readonly widthM: number;
}

export interface Lane {
  readonly a: GroundPoint;
  readonly b: GroundPoint;
  readonly lengthM: number;
  readonly spacingM: number;
  /** Ground heights under the ends. */
  readonly groundAM: number;
  readonly groundBM: number;
  /** Seconds from end to end at cruise, held up where the ground climbs faster than the vehicle. */
  readonly timeS: number;
  /** Metres climbed on the way, both directions' mean. */
  readonly climbM: number;
  /** Cells under the strip and what one sweep adds to each, in units of `COVERAGE_UNIT`. */
  readonly cells: Uint32Array;
  readonly units: Uint16Array;
}

/** A lane shorter than this is not worth its turn. */
const LANE_MIN_M = 40;

/** Lanes of a strip: it is cut where ground may not be searched; each run becomes a lane. */
export function lanesOf(world: SearchGround, prior: PriorMap, strip: Strip): Lane[] {
  const { cellM } = prior.grid;
  const lanes: Lane[] = [];
  const count = Math.max(1, Math.round((strip.toM - strip.fromM) / cellM));
  const step = (strip.toM - strip.fromM) / count;
  let start = -1;
  for (let i = 0; i <= count; i += 1) {
    const part = { fromM: strip.fromM + i * step, toM: strip.fromM + (i + 1) * step };
    const open = i < count && partOpen(world, prior, { ...strip, ...part });
    if (open && start < 0) start = i;
    if (open || start < 0) continue;
    const run = { ...strip, fromM: strip.fromM + start * step, toM: strip.fromM + i * step };
    start = -1;
    if (run.toM - run.fromM >= LANE_MIN_M) lanes.push(lane(world, prior, run));
  }
  return lanes;
}

const pointOf = (strip: Strip, alongM: number): GroundPoint =>
  strip.axis === "north"
    ? { northM: alongM, eastM: strip.crossM }
    : { northM: strip.crossM, eastM: alongM };

/** Half a cell and this much stay between a lane's end and the fence. */
const FENCE_MARGIN_M = 15;
/** No lane comes closer to a zone: the envelope stops a vehicle 10 m before one. */
const ZONE_MARGIN_M = 15;

function partOpen(world: SearchGround, prior: PriorMap, part: Strip): boolean {
  const middleM = (part.fromM + part.toM) / 2;
  const point = pointOf(part, middleM);
  const cell = cellAt(prior.grid, point.northM, point.eastM);
  if (cell < 0 || prior.sweepM[cell] === 0) return false;
  const line = [part.fromM, middleM, part.toM].map((alongM) => pointOf(part, alongM));
  if (!line.every((at) => isClearOfZones(world, at))) return false;
  const { fence } = world.mission.limits;
  if (fence.length === 0) return true;
  return areaDepthM(fence, point) >= prior.grid.cellM / 2 + FENCE_MARGIN_M;
}

function isClearOfZones({ mission, ground }: SearchGround, point: GroundPoint): boolean {
  if (mission.zones.length === 0) return true;
  const groundAmslM = ground.heightAmslM(point.northM, point.eastM);
  return mission.zones.every(
    (zone) =>
      isBeyond(zone.polygon.outer, point, ZONE_MARGIN_M) ||
      !zoneBandHolds(zone, groundAmslM + mission.sensor.aglM, groundAmslM) ||
      depthInsideM(zone.polygon, point) <= -ZONE_MARGIN_M,
  );
}

function lane(world: SearchGround, prior: PriorMap, strip: Strip): Lane {
  const a = pointOf(strip, strip.fromM);
  const b = pointOf(strip, strip.toM);
  const { cruiseMps, climbMaxMps } = world.mission.vehicles;
  const profile = legProfile(world.ground, a, b, { cruiseMps, climbMaxMps });
  const swept = sweptCells(prior, strip);
  return {
    a,
    b,
    lengthM: strip.toM - strip.fromM,
    spacingM: strip.widthM,
    groundAM: world.ground.heightAmslM(a.northM, a.eastM),
    groundBM: world.ground.heightAmslM(b.northM, b.eastM),
    timeS: profile.timeS,
    climbM: profile.climbM,
    ...swept,
  };
}

export interface LegProfile {
  readonly lengthM: number;
  readonly timeS: number;
  /** Half of all height changes: what one direction climbs on average. */
  readonly climbM: number;
}

const PROFILE_STEP_M = 50;
const PROFILE_SAMPLES_MAX = 512;

/** Time and climb of a leg that follows the ground. */
export function legProfile(
  ground: Ground,
  a: GroundPoint,
  b: GroundPoint,
  limits: { readonly cruiseMps: number; readonly climbMaxMps: number },
): LegProfile {
  const dn = b.northM - a.northM;
  const de = b.eastM - a.eastM;
  const lengthM = Math.sqrt(dn * dn + de * de);
  const wanted = Math.ceil(lengthM / PROFILE_STEP_M);
  const count = Math.max(1, Math.min(PROFILE_SAMPLES_MAX, wanted));
  let timeS = 0;
  let climbM = 0;
  let before = ground.heightAmslM(a.northM, a.eastM);
  for (let i = 1; i <= count; i += 1) {
    const t = i / count;
    const height = ground.heightAmslM(a.northM + dn * t, a.eastM + de * t);
    const change = Math.abs(height - before);
    timeS += Math.max(lengthM / count / limits.cruiseMps, change / limits.climbMaxMps);
    climbM += change / 2;
    before = height;
  }
  return { lengthM, timeS, climbM };
}

interface Swept {
  readonly cells: Uint32Array;
  readonly units: Uint16Array;
}

function sweptCells(prior: PriorMap, strip: Strip): Swept {
  const { grid, sweepM } = prior;
  const across = [strip.crossM - strip.widthM / 2, strip.crossM + strip.widthM / 2] as const;
  const along = [strip.fromM, strip.toM] as const;
  const [south, north] = strip.axis === "north" ? along : across;
  const [west, east] = strip.axis === "north" ? across : along;
  const cells: number[] = [];
  const units: number[] = [];
  const rowTo = Math.min(grid.rows - 1, Math.floor((north - grid.southM) / grid.cellM));
  const colTo = Math.min(grid.cols - 1, Math.floor((east - grid.westM) / grid.cellM));
  for (
    let row = Math.max(0, Math.floor((south - grid.southM) / grid.cellM));
    row <= rowTo;
    row += 1
  ) {
    const high = overlapM(grid, grid.southM + row * grid.cellM, south, north);
    for (
      let col = Math.max(0, Math.floor((west - grid.westM) / grid.cellM));
      col <= colTo;
      col += 1
    ) {
      const wide = overlapM(grid, grid.westM + col * grid.cellM, west, east);
      const cell = row * grid.cols + col;
      const coverage = (sweepM[cell]! / strip.widthM) * ((high * wide) / (grid.cellM * grid.cellM));
      const whole = Math.min(0xffff, Math.round(coverage / COVERAGE_UNIT));
      if (whole === 0) continue;
      cells.push(cell);
      units.push(whole);
    }
  }
  return { cells: Uint32Array.from(cells), units: Uint16Array.from(units) };
}

function overlapM(grid: MapGrid, cellFromM: number, fromM: number, toM: number): number {
  return Math.max(0, Math.min(cellFromM + grid.cellM, toM) - Math.max(cellFromM, fromM));
}
