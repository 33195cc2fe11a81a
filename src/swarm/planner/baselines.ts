/**
 * The two plans that a search without a map flies, on the same interface, to be beaten.
 *
 * Parallel track: the area inside the 75% ring is cut into bands from south to north, one band a
 * vehicle, each flown in long lanes; who has finished helps where work is left. Expanding square:
 * one square spiral from the last known position, cut into pieces that the vehicles take in order
 * (IAMSAR Manual vol. II, patterns PS and SS; several vehicles share one pattern, which is kinder
 * to it than one spiral each). Both space lanes by the same rule as the planner, over the area's
 * commonest cover, avoid the same zones and begin again when they have finished.
 */
import type { SegmentId } from "../../base/mod.ts";
import { homeCostS } from "../energy/energy.ts";
import type { PriorMap, SearchGround } from "../map/mod.ts";
import { distanceM, massRatePlanner, remainingLanes, runsFrom } from "./planner.ts";
import type { Choice, PlannerView, SearchPlanner } from "./planner.ts";
import { blocks, gather, LANES_MAX, layoutOf, PASSES_MAX, turnS } from "./segments.ts";
import type { Strip } from "./lanes.ts";

/** Skein's own planner over compact blocks. */
export const skeinPlanner = (): SearchPlanner => massRatePlanner(blocks);

interface Shape {
  readonly even: readonly Strip[];
  readonly odd: readonly Strip[];
}

function spacingOf(world: SearchGround, prior: PriorMap): number {
  const counts = new Map<number, number>();
  for (const widthM of prior.sweepM) {
    if (widthM > 0) counts.set(widthM, (counts.get(widthM) ?? 0) + 1);
  }
  let spacingM = world.mission.sensor.sweepWidthM.open;
  let most = 0;
  for (const [widthM, count] of counts) {
    if (count <= most) continue;
    most = count;
    spacingM = widthM;
  }
  return spacingM * world.mission.plan.laneSpacingRatio;
}

/** The distance within which three quarters of people are found. */
function ring75M(world: SearchGround): number {
  const rows = world.mission.distances.quantiles;
  const row = rows.find((quantile) => quantile.share >= 0.75);
  return (row ?? rows[rows.length - 1]!).distanceM;
}

/** A track that a battery ends is taken up again from the piece that was not finished. */
const TRACK_PIECE_M = 800;

function parallelShapes(world: SearchGround, prior: PriorMap): readonly Shape[] {
  const { mission } = world;
  const centre = mission.lastKnownPosition;
  const radiusM = ring75M(world);
  const spacingM = spacingOf(world, prior);
  const bandM = (2 * radiusM) / mission.vehicles.count;
  const shapes: Shape[] = [];
  for (let band = 0; band < mission.vehicles.count; band += 1) {
    const box = {
      southM: centre.northM - radiusM + band * bandM,
      westM: centre.eastM - radiusM,
      heightM: bandM,
      widthM: 2 * radiusM,
    };
    // Each track is cut to the ring and is a segment of its own, in pieces flown as one line.
    for (const strip of bandStrips(box, spacingM)) {
      const dn = strip.crossM - centre.northM;
      const half = Math.sqrt(Math.max(0, radiusM * radiusM - dn * dn));
      if (half < spacingM) continue;
      const track = { ...strip, fromM: centre.eastM - half, toM: centre.eastM + half };
      shapes.push({ even: cut(track, TRACK_PIECE_M), odd: [] });
    }
  }
  return shapes;
}

function bandStrips(
  box: { southM: number; westM: number; heightM: number; widthM: number },
  spacingM: number,
): Strip[] {
  const count = Math.max(1, Math.round(box.heightM / spacingM));
  const widthM = box.heightM / count;
  return Array.from({ length: count }, (_, i) => ({
    axis: "east" as const,
    crossM: box.southM + (i + 0.5) * widthM,
    fromM: box.westM,
    toM: box.westM + box.widthM,
    widthM,
  }));
}

/** Lanes of the parallel track are long: this share of one is enough to begin it. */
const SHARE_MIN = 0.1;

function fits(view: PlannerView, id: SegmentId): boolean {
  const { mission, ground } = view.plan.world;
  const layout = layoutOf(view.plan, id, view.progress.pass[id]!);
  const remaining = remainingLanes(layout, view.progress.lanes[id]!);
  const lane = layout.lanes[remaining[0]!]!;
  const near = distanceM(view.at, lane.a) < distanceM(view.at, lane.b) ? lane.a : lane.b;
  const wayS = distanceM(view.at, near) / mission.vehicles.cruiseMps;
  const homeS = homeCostS(mission, ground, [near, view.home], view.wind);
  return view.usableS > wayS + homeS + SHARE_MIN * lane.timeS + turnS(view.plan.world, 0);
}

/**
 * Of the first `among` free segments in `order` with the fewest passes the nearest that fits: a
 * vehicle that shares a pattern does not cross it for the sake of its order.
 */
function takeNext(
  view: PlannerView,
  order: readonly SegmentId[],
  among: number,
): Choice | undefined {
  let fewest = 255;
  for (const id of order) fewest = Math.min(fewest, view.progress.pass[id]!);
  if (fewest >= PASSES_MAX) return undefined;
  const open = order.filter((id) => view.progress.pass[id] === fewest && !view.taken(id));
  let best: Choice | undefined;
  let nearestM = Infinity;
  for (const id of open.slice(0, among)) {
    const layout = layoutOf(view.plan, id, fewest);
    const runs = runsFrom(layout, view.progress.lanes[id]!, view.at);
    const lane = layout.lanes[runs[0]!.lane]!;
    const wayM = distanceM(view.at, runs[0]!.reversed ? lane.b : lane.a);
    if (wayM >= nearestM || !fits(view, id)) continue;
    nearestM = wayM;
    best = { segment: id, pass: fewest, runs, next: [] };
  }
  return best;
}

export function parallelTrackPlanner(): SearchPlanner {
  return {
    name: "parallelTrack",
    divide: (world, prior) => gather(world, prior, parallelShapes(world, prior)),
    choose: (view) => {
      const ids = view.plan.segments.map((segment) => segment.id);
      const from = Math.floor((view.slot * ids.length) / view.slots);
      return takeNext(view, [...ids.slice(from), ...ids.slice(0, from)], 1);
    },
  };
}

function spiralStrips(world: SearchGround, prior: PriorMap): Strip[] {
  const { mission } = world;
  const centre = mission.lastKnownPosition;
  const spacingM = spacingOf(world, prior);
  const { grid } = prior;
  const reachM =
    Math.max(
      grid.southM + grid.rows * grid.cellM - centre.northM,
      centre.northM - grid.southM,
      grid.westM + grid.cols * grid.cellM - centre.eastM,
      centre.eastM - grid.westM,
    ) + spacingM;
  const strips: Strip[] = [];
  // Ring k: four legs at k spacings from the centre, each beginning where the one before ended.
  for (let k = 0; k * spacingM < reachM; k += 1) {
    const r = k * spacingM;
    const half = spacingM / 2;
    const base = { widthM: spacingM };
    if (k === 0) {
      strips.push({
        ...base,
        axis: "east",
        crossM: centre.northM,
        fromM: centre.eastM - half,
        toM: centre.eastM + half,
      });
      continue;
    }
    const { northM, eastM } = centre;
    strips.push({
      ...base,
      axis: "north",
      crossM: eastM + r,
      fromM: northM - r + half,
      toM: northM + r + half,
    });
    strips.push({
      ...base,
      axis: "east",
      crossM: northM + r,
      fromM: eastM - r - half,
      toM: eastM + r - half,
    });
    strips.push({
      ...base,
      axis: "north",
      crossM: eastM - r,
      fromM: northM - r - half,
      toM: northM + r - half,
    });
    strips.push({
      ...base,
      axis: "east",
      crossM: northM - r,
      fromM: eastM - r + half,
      toM: eastM + r + half,
    });
  }
  return strips;
}

function spiralShapes(world: SearchGround, prior: PriorMap): readonly Shape[] {
  const { plan, vehicles } = world.mission;
  const pieceM = plan.segmentS * vehicles.cruiseMps;
  const shapes: Shape[] = [];
  let group: Strip[] = [];
  let lengthM = 0;
  for (const strip of spiralStrips(world, prior).flatMap((leg) => cut(leg, pieceM))) {
    group.push(strip);
    lengthM += strip.toM - strip.fromM;
    if (lengthM < pieceM && group.length < LANES_MAX) continue;
    shapes.push({ even: group, odd: [] });
    group = [];
    lengthM = 0;
  }
  if (group.length > 0) shapes.push({ even: group, odd: [] });
  return shapes;
}

function cut(strip: Strip, pieceM: number): Strip[] {
  const count = Math.max(1, Math.round((strip.toM - strip.fromM) / pieceM));
  const step = (strip.toM - strip.fromM) / count;
  return Array.from({ length: count }, (_, i) => ({
    ...strip,
    fromM: strip.fromM + i * step,
    toM: strip.fromM + (i + 1) * step,
  }));
}

export function expandingSquarePlanner(): SearchPlanner {
  return {
    name: "expandingSquare",
    divide: (world, prior) => gather(world, prior, spiralShapes(world, prior)),
    choose: (view) => {
      const ids = view.plan.segments.map((segment) => segment.id);
      return takeNext(view, ids, 2 * view.slots);
    },
  };
}

export type PlannerName = "massRate" | "parallelTrack" | "expandingSquare";

export const PLANNER_NAMES: readonly PlannerName[] = Object.freeze([
  "massRate",
  "parallelTrack",
  "expandingSquare",
] as const);

/** By the name that a command line gives; a fresh one each time, because planners cache. */
export function plannerNamed(name: PlannerName): SearchPlanner {
  switch (name) {
    case "massRate":
      return skeinPlanner();
    case "parallelTrack":
      return parallelTrackPlanner();
    case "expandingSquare":
      return expandingSquarePlanner();
    default:
      return name satisfies never;
  }
}
