/**
 * Segments: the pieces of search that are leased, each a few minutes' flight of parallel lanes.
 *
 * The plan is a pure function of the mission and its ground, so every node has the same segments
 * under the same ids and only ids travel. A segment has two layouts: passes with an even number
 * fly the first, odd ones the second, turned by a quarter where the shape allows, so that a second
 * pass does not look along the same lines again. Layouts of odd passes are made when first needed.
 *
 * Bounds: `SEGMENTS_MAX` segments, `LANES_MAX` lanes a layout (a u32 of bits that is never full).
 */
import { invariant, SEGMENTS_MAX } from "../../base/mod.ts";
import type { SegmentId } from "../../base/mod.ts";
import { segmentId } from "../../base/mod.ts";
import { cellAt, laneSpacingM } from "../map/mod.ts";
import type { PriorMap, SearchGround } from "../map/mod.ts";
import { lanesOf } from "./lanes.ts";
import type { Lane, Strip } from "./lanes.ts";

/** A segment that was swept so often is done: nobody is sent there again. */
export const PASSES_MAX = 200;
export const LANES_MAX = 31;

export interface Layout {
  readonly lanes: readonly Lane[];
  /** Seconds to fly all lanes and the turns between them. */
  readonly timeS: number;
  readonly climbM: number;
}

export interface Segment {
  readonly id: SegmentId;
  /** Middle of the even layout. */
  readonly northM: number;
  readonly eastM: number;
  readonly even: Layout;
  /** Strips of odd passes, cut into lanes on first use. */
  readonly oddStrips: readonly Strip[];
}

export interface SearchPlan {
  readonly world: SearchGround;
  readonly prior: PriorMap;
  readonly segments: readonly Segment[];
  /** Odd layouts made so far, by segment id. */
  readonly odd: (Layout | undefined)[];
}

/** What the lanes of a pass are; passes count from 0. */
export function layoutOf(plan: SearchPlan, id: SegmentId, pass: number): Layout {
  const segment = plan.segments[id];
  invariant(segment !== undefined, "a segment id lies in the plan");
  if (pass % 2 === 0 || segment.oddStrips.length === 0) return segment.even;
  const known = plan.odd[id];
  if (known !== undefined) return known;
  const made = layout(plan.world, plan.prior, segment.oddStrips);
  const usable = made.lanes.length > 0 ? made : segment.even;
  plan.odd[id] = usable;
  return usable;
}

/** Seconds from the end of one lane to the start of the next, `spacingM` beside it. */
export function turnS(world: SearchGround, spacingM: number): number {
  const { cruiseMps, accelerationMaxMps2 } = world.mission.vehicles;
  // Braking to a stop and gaining speed again each lose half of v/a against flying on; the step
  // sideways is flown from and to rest.
  return cruiseMps / accelerationMaxMps2 + 2 * Math.sqrt(spacingM / accelerationMaxMps2);
}

export function layout(world: SearchGround, prior: PriorMap, strips: readonly Strip[]): Layout {
  const all = strips.flatMap((strip) => lanesOf(world, prior, strip));
  const lanes = all.length <= LANES_MAX ? all : longest(all);
  let timeS = 0;
  let climbM = 0;
  lanes.forEach((lane, i) => {
    timeS += lane.timeS + (i > 0 ? turnS(world, lane.spacingM) : 0);
    climbM += lane.climbM;
  });
  return { lanes, timeS, climbM };
}

/** Zones can cut strips into more runs than a mask has bits: the longest stay, in their order. */
function longest(lanes: readonly Lane[]): Lane[] {
  const order = lanes.map((lane, i) => ({ i, lengthM: lane.lengthM }));
  order.sort((x, y) => y.lengthM - x.lengthM || x.i - y.i);
  const kept = new Set(order.slice(0, LANES_MAX).map((item) => item.i));
  return lanes.filter((_, i) => kept.has(i));
}

/** Gathers segments under rising ids; those without a lane are left out. */
export function gather(
  world: SearchGround,
  prior: PriorMap,
  shapes: readonly { readonly even: readonly Strip[]; readonly odd: readonly Strip[] }[],
): SearchPlan {
  const segments: Segment[] = [];
  for (const shape of shapes) {
    const even = layout(world, prior, shape.even);
    if (even.lanes.length === 0) continue;
    invariant(
      segments.length < SEGMENTS_MAX,
      "a plan has at most 8,192 segments, as many as the log keeps",
    );
    segments.push({
      id: segmentId(segments.length),
      ...middle(even.lanes),
      even,
      oddStrips: shape.odd,
    });
  }
  return { world, prior, segments, odd: segments.map(() => undefined) };
}

function middle(lanes: readonly Lane[]): { readonly northM: number; readonly eastM: number } {
  let northM = 0;
  let eastM = 0;
  for (const lane of lanes) {
    northM += (lane.a.northM + lane.b.northM) / 2;
    eastM += (lane.a.eastM + lane.b.eastM) / 2;
  }
  return { northM: northM / lanes.length, eastM: eastM / lanes.length };
}

/** A box of the grid that becomes one segment. */
export interface Box {
  readonly southM: number;
  readonly westM: number;
  readonly heightM: number;
  readonly widthM: number;
}

/** Parallel strips that fill a box exactly, spaced at most `spacingM` where the bound allows. */
export function fill(box: Box, axis: "north" | "east", spacingM: number): Strip[] {
  const acrossM = axis === "north" ? box.widthM : box.heightM;
  const alongFromM = axis === "north" ? box.southM : box.westM;
  const alongM = axis === "north" ? box.heightM : box.widthM;
  const crossFromM = axis === "north" ? box.westM : box.southM;
  const count = Math.max(1, Math.min(LANES_MAX - 1, Math.round(acrossM / spacingM)));
  const widthM = acrossM / count;
  return Array.from({ length: count }, (_, i) => ({
    axis,
    crossM: crossFromM + (i + 0.5) * widthM,
    fromM: alongFromM,
    toM: alongFromM + alongM,
    widthM,
  }));
}

/** Lanes of a block are about this many times as long as it is wide: turns cost time. */
const ASPECT = 3;

/**
 * Compact blocks over the whole grid: squares of whole cells, each cut along the axis that climbs
 * less into blocks whose lanes take about `plan.segmentS`, spaced by the sweep width of the
 * square's commonest cover. Odd passes fly the same axis half a spacing aside.
 */
export function blocks(world: SearchGround, prior: PriorMap): SearchPlan {
  const { grid } = prior;
  const { plan, sensor, vehicles } = world.mission;
  const openM = plan.laneSpacingRatio * sensor.sweepWidthM.open;
  const sideM = Math.sqrt(plan.segmentS * vehicles.cruiseMps * openM * ASPECT);
  const cells = Math.max(2, Math.round(sideM / grid.cellM));
  const shapes: Shape[] = [];
  for (let row = 0; row < grid.rows; row += cells) {
    for (let col = 0; col < grid.cols; col += cells) {
      const box = {
        southM: grid.southM + row * grid.cellM,
        westM: grid.westM + col * grid.cellM,
        heightM: Math.min(cells, grid.rows - row) * grid.cellM,
        widthM: Math.min(cells, grid.cols - col) * grid.cellM,
      };
      shapes.push(...blocksOf(world, prior, box));
    }
  }
  return gather(world, prior, shapes);
}

interface Shape {
  readonly even: readonly Strip[];
  readonly odd: readonly Strip[];
}

function blocksOf(world: SearchGround, prior: PriorMap, box: Box): Shape[] {
  const { plan, sensor, vehicles } = world.mission;
  const sweepM = commonestSweepM(prior, box);
  if (sweepM === 0) return [];
  const spacingM = laneSpacingM(plan.laneSpacingRatio, sweepM, sensor);
  const north = fill(box, "north", spacingM);
  const east = fill(box, "east", spacingM);
  const northClimbs = climbOf(world, prior, north) <= climbOf(world, prior, east);
  const axis = northClimbs ? "north" : "east";
  const lanes = northClimbs ? north : east;
  const lengthM = northClimbs ? box.heightM : box.widthM;
  const laneS = lengthM / vehicles.cruiseMps + turnS(world, spacingM);
  const each = Math.max(2, Math.min(LANES_MAX - 1, Math.round(plan.segmentS / laneS)));
  return slices(box, axis, Math.max(1, Math.round(lanes.length / each))).map((slice) => {
    const even = fill(slice, axis, spacingM);
    const odd = even.map((strip) => ({ ...strip, crossM: strip.crossM + strip.widthM / 2 }));
    return { even, odd };
  });
}

/** The box cut across the axis into equal parts. */
function slices(box: Box, axis: "north" | "east", parts: number): Box[] {
  return Array.from({ length: parts }, (_, i) =>
    axis === "north"
      ? { ...box, westM: box.westM + (i * box.widthM) / parts, widthM: box.widthM / parts }
      : { ...box, southM: box.southM + (i * box.heightM) / parts, heightM: box.heightM / parts },
  );
}

function climbOf(world: SearchGround, prior: PriorMap, strips: readonly Strip[]): number {
  let climbM = 0;
  for (const strip of strips) {
    for (const lane of lanesOf(world, prior, strip)) climbM += lane.climbM;
  }
  return climbM;
}

/** The sweep width that most cells of the box have; 0 when none is searchable. */
function commonestSweepM(prior: PriorMap, box: Box): number {
  const { grid, sweepM } = prior;
  const counts: { widthM: number; count: number }[] = [];
  for (let n = box.southM + grid.cellM / 2; n < box.southM + box.heightM; n += grid.cellM) {
    for (let e = box.westM + grid.cellM / 2; e < box.westM + box.widthM; e += grid.cellM) {
      const widthM = sweepM[cellAt(grid, n, e)] ?? 0;
      if (widthM === 0) continue;
      const known = counts.find((item) => item.widthM === widthM);
      if (known === undefined) counts.push({ widthM, count: 1 });
      else known.count += 1;
    }
  }
  counts.sort((x, y) => y.count - x.count || y.widthM - x.widthM);
  return counts[0]?.widthM ?? 0;
}
