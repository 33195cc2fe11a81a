/**
 * Which segment next: the most probability gained a second.
 *
 * For the exponential detection law the best way to spread effort over time is to search always
 * where the marginal gain a second is greatest (Stone, Theory of Optimal Search, 1975, ch. 2: the
 * uniformly optimal plan is the locally optimal one). A vehicle also has to get there: so gain is
 * divided by transit and search together, over a look-ahead of up to three segments (beam search),
 * within what the battery can still do and get home from. Segments that others hold or have
 * announced are left out. A segment that was searched comes back by itself when the posterior is
 * worth it. Deterministic: ties go to the lower id.
 */
import type { SegmentId } from "../../base/mod.ts";
import { exp } from "../../base/mod.ts";
import type { GroundPoint } from "../area/mod.ts";
import { CLIMB_COST_S_PER_M, LANDING_S, legSpeed, MARGIN_RATIO } from "../energy/energy.ts";
import type { Wind } from "../energy/energy.ts";
import { COVERAGE_UNIT, leftAt, type SearchMap } from "../map/mod.ts";

import type { PriorMap, SearchGround } from "../map/mod.ts";
import type { ProgressTable } from "../search/progress.ts";
import { LANES_MAX, layoutOf, PASSES_MAX, turnS } from "./segments.ts";
import type { Layout, SearchPlan } from "./segments.ts";

/** What a planner may know when it chooses. */
export interface PlannerView {
  readonly plan: SearchPlan;
  readonly map: SearchMap;
  readonly progress: ProgressTable;
  /** Where the vehicle is, or will be when it is free. */
  readonly at: GroundPoint;
  /** Slot among the mission's vehicles, [0, vehicles). */
  readonly slot: number;
  readonly slots: number;
  /** Cruise seconds that may be spent until touch-down. */
  readonly usableS: number;
  readonly home: GroundPoint;
  readonly wind: Wind;
  /** Held or announced by others. */
  readonly taken: (segment: SegmentId) => boolean;
}

/** A lane and the way it is flown. */
export interface LaneRun {
  readonly lane: number;
  readonly reversed: boolean;
}

export interface Choice {
  readonly segment: SegmentId;
  readonly pass: number;
  readonly runs: readonly LaneRun[];
  /** Segments that the vehicle expects to take after this one. */
  readonly next: readonly SegmentId[];
}

export interface SearchPlanner {
  readonly name: string;
  divide(world: SearchGround, prior: PriorMap): SearchPlan;
  /** What to search next; undefined when nothing fits into the battery. */
  choose(view: PlannerView): Choice | undefined;
}

/** What is left of a segment and what it is worth; valid while its key is. */
interface Offer {
  readonly pass: number;
  readonly lanes: number;
  readonly revision: number;
  readonly layout: Layout;
  readonly gain: number;
  readonly timeS: number;
  /** Ends of the first and last remaining lane: where it can be entered and left. */
  readonly gates: readonly GroundPoint[];
  readonly groundM: number;
}

const BEAM = 8;
const DEPTH = 3;
/** A segment is begun only if at least this share of it can be flown on this battery. */
const SHARE_MIN = 0.3;

interface Step {
  readonly id: number;
  readonly gain: number;
  readonly timeS: number;
  readonly end: GroundPoint;
  readonly endGroundM: number;
  readonly spentS: number;
  readonly whole: boolean;
}

interface Path {
  readonly ids: readonly number[];
  readonly gain: number;
  readonly timeS: number;
  readonly last: Step;
}

/** The planner that Skein flies. It keeps a cache of offers for one plan, map and table. */
export function massRatePlanner(
  divide: (world: SearchGround, prior: PriorMap) => SearchPlan,
): SearchPlanner {
  let cached: { readonly map: SearchMap; readonly offers: (Offer | undefined)[] } | undefined;
  return {
    name: "massRate",
    divide,
    choose: (view) => {
      if (cached?.map !== view.map) cached = { map: view.map, offers: [] };
      return choose(view, cached.offers);
    },
  };
}

function choose(view: PlannerView, offers: (Offer | undefined)[]): Choice | undefined {
  const start: Step = {
    id: -1,
    gain: 0,
    timeS: 0,
    end: view.at,
    endGroundM: view.plan.world.ground.heightAmslM(view.at.northM, view.at.eastM),
    spentS: 0,
    whole: true,
  };
  const free: number[] = [];
  for (const { id } of view.plan.segments) {
    if (view.progress.pass[id]! < PASSES_MAX && !view.taken(id)) free.push(id);
  }
  for (const id of free) offers[id] = offerOf(view, id, offers[id]);
  let paths: Path[] = [{ ids: [], gain: 0, timeS: 0, last: start }];
  let best: Path | undefined;
  for (let depth = 0; depth < DEPTH; depth += 1) {
    const grown: Path[] = [];
    for (const path of paths) grow(view, { free, offers, path, into: grown });
    grown.sort((x, y) => rate(y) - rate(x) || comparePaths(x, y));
    const top = grown[0];
    if (top === undefined) break;
    // A longer path replaces a shorter one's choice only through its better rate from there on:
    // the deepest level that could be filled decides.
    best = top;
    paths = grown.slice(0, BEAM);
  }
  if (best === undefined) return undefined;
  const [first, ...next] = best.ids as SegmentId[];
  const offer = offers[first!]!;
  const runs = runsFrom(offer.layout, offer.lanes, view.at);
  return { segment: first!, pass: offer.pass, runs, next };
}

const rate = (path: Path): number => path.gain / path.timeS;

function comparePaths(x: Path, y: Path): number {
  for (let i = 0; i < Math.min(x.ids.length, y.ids.length); i += 1) {
    if (x.ids[i] !== y.ids[i]) return x.ids[i]! - y.ids[i]!;
  }
  return x.ids.length - y.ids.length;
}

interface Growth {
  readonly free: readonly number[];
  readonly offers: readonly (Offer | undefined)[];
  readonly path: Path;
  readonly into: Path[];
}

/** Adds the path's best `BEAM` continuations (at the first level all that fit compete). */
function grow(view: PlannerView, { free, offers, path, into }: Growth): void {
  if (!path.last.whole) return;
  const steps: { readonly step: Step; readonly rate: number }[] = [];
  for (const id of free) {
    const offer = offers[id];
    if (offer === undefined || offer.gain <= 0 || path.ids.includes(id)) continue;
    const step = stepTo(view, path.last, id, offer);
    if (step === undefined) continue;
    const together = (path.gain + step.gain) / (path.timeS + step.timeS);
    steps.push({ step, rate: together });
  }
  steps.sort((x, y) => y.rate - x.rate || x.step.id - y.step.id);
  for (const { step } of steps.slice(0, BEAM)) {
    into.push({
      ids: [...path.ids, step.id],
      gain: path.gain + step.gain,
      timeS: path.timeS + step.timeS,
      last: step,
    });
  }
}

function stepTo(view: PlannerView, from: Step, id: number, offer: Offer): Step | undefined {
  const { mission } = view.plan.world;
  let gate = offer.gates[0]!;
  let best = Infinity;
  for (const candidate of offer.gates) {
    const distance = distanceM(from.end, candidate);
    if (distance >= best) continue;
    best = distance;
    gate = candidate;
  }
  const climbM = Math.abs(offer.groundM - from.endGroundM);
  const { groundMps } = legSpeed(mission, { a: from.end, b: gate }, view.wind);
  const transitS = Math.max(best / groundMps, climbM / mission.vehicles.climbMaxMps) + 2;
  const arriveS = from.spentS + transitS + climbM * CLIMB_COST_S_PER_M;
  const homeS = roughHomeS(view, gate);
  const share = Math.min(1, (view.usableS - arriveS - homeS) / offer.timeS);
  if (share < SHARE_MIN) return undefined;
  return {
    id,
    gain: offer.gain * share,
    timeS: transitS + offer.timeS * share,
    end: offer.gates[offer.gates.length - 1]!,
    endGroundM: offer.groundM,
    spentS: arriveS + offer.timeS * share,
    whole: share === 1,
  };
}

/** Without the ground under the way: the monitor that sends vehicles home knows it better. */
function roughHomeS(view: PlannerView, from: GroundPoint): number {
  const { mission, ground } = view.plan.world;
  const climbM = Math.abs(
    ground.heightAmslM(from.northM, from.eastM) -
      ground.heightAmslM(view.home.northM, view.home.eastM),
  );
  const { groundMps, powerRatio } = legSpeed(mission, { a: from, b: view.home }, view.wind);
  const flatS = (distanceM(from, view.home) / groundMps) * powerRatio + LANDING_S;
  return flatS * (1 + MARGIN_RATIO) + climbM * (CLIMB_COST_S_PER_M + 0.1);
}

function offerOf(view: PlannerView, id: number, known: Offer | undefined): Offer {
  const { plan, map, progress } = view;
  const pass = progress.pass[id]!;
  const lanes = progress.lanes[id]!;
  // Neighboring segments share cells: what is swept there changes what is left here.
  const { revision } = map;
  const fresh = known?.pass === pass && known.lanes === lanes && known.revision === revision;
  if (fresh) return known;
  const layout = layoutOf(plan, id as SegmentId, pass);
  const remaining = remainingLanes(layout, lanes);
  const first = layout.lanes[remaining[0]!]!;
  const last = layout.lanes[remaining[remaining.length - 1]!]!;
  let timeS = 0;
  let climbM = 0;
  for (const i of remaining) {
    const lane = layout.lanes[i]!;
    timeS += lane.timeS + turnS(plan.world, lane.spacingM);
    climbM += lane.climbM;
  }
  return {
    pass,
    lanes,
    revision,
    layout,
    gain: gainOf(map, layout, remaining),
    timeS: timeS + climbM * CLIMB_COST_S_PER_M,
    gates: [first.a, first.b, last.a, last.b],
    groundM: first.groundAM,
  };
}

export function remainingLanes(layout: Layout, done: number): number[] {
  const remaining: number[] = [];
  for (let i = 0; i < Math.min(LANES_MAX, layout.lanes.length); i += 1) {
    if (((done >>> i) & 1) === 0) remaining.push(i);
  }
  return remaining;
}

/** Probability (not scaled by the total) that sweeping these lanes would find. */
export function gainOf(map: SearchMap, layout: Layout, remaining: readonly number[]): number {
  const added = new Map<number, number>();
  for (const i of remaining) {
    const lane = layout.lanes[i]!;
    for (let k = 0; k < lane.cells.length; k += 1) {
      const cell = lane.cells[k]!;
      added.set(cell, (added.get(cell) ?? 0) + lane.units[k]!);
    }
  }
  let gain = 0;
  for (const [cell, units] of added) {
    gain += leftAt(map, cell) * (1 - exp(-units * COVERAGE_UNIT * map.prior.effect[cell]!));
  }
  return gain;
}

/** The remaining lanes to and fro, entered at the gate that is nearest. */
export function runsFrom(layout: Layout, done: number, at: GroundPoint): LaneRun[] {
  const forward = remainingLanes(layout, done);
  const first = layout.lanes[forward[0]!]!;
  const last = layout.lanes[forward[forward.length - 1]!]!;
  const gates = [first.a, first.b, last.a, last.b].map((gate) => distanceM(at, gate));
  let nearest = 0;
  gates.forEach((distance, i) => {
    if (distance < gates[nearest]!) nearest = i;
  });
  const order = nearest < 2 ? forward : forward.toReversed();
  let from = at;
  return order.map((lane, i) => {
    const { a, b } = layout.lanes[lane]!;
    const reversed = i === 0 ? nearest % 2 === 1 : distanceM(from, b) < distanceM(from, a);
    from = reversed ? a : b;
    return { lane, reversed };
  });
}

export function distanceM(a: GroundPoint, b: GroundPoint): number {
  const dn = a.northM - b.northM;
  const de = a.eastM - b.eastM;
  return Math.sqrt(dn * dn + de * de);
}
