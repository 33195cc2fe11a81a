/**
 * The search as this vehicle does it: which segment, told to whom, swept how far.
 */
import { segmentId } from "../../base/mod.ts";
import type { SegmentId } from "../../base/mod.ts";
import type { GroundPoint } from "../area/mod.ts";
import { homeOf, isInShare, ownerOf } from "../core.ts";
import type { Core, Step } from "../core.ts";
import { HOME_SLACK_S, homeCostS, legCostS, usableS } from "../energy/energy.ts";
import type { PlannerView } from "../planner/planner.ts";
import { routeBetween } from "../planner/route.ts";
import { layoutOf } from "../planner/segments.ts";
import type { LaneTask } from "../behaviours/define.ts";
import { giveBack, inherit, inheritedChoice, takeUp } from "./inherit.ts";
import { encodeSwarmMessage } from "./message.ts";
import { fullMask, mergeProgress, plausible, progressOf } from "./progress.ts";
import { freshIntents, mustYield, noteSkip, RENEW_MS, SKIP_MS, taskOf, WHOLE } from "./tasks.ts";
import type { Task } from "./tasks.ts";
import type { Proposal, SegmentProgress } from "../types.ts";

/** A refused or empty choice is not repeated sooner. */
const CHOOSE_EVERY_MS = 2_000;
/** In a larger swarm, who waits on the ground asks less often: each asks of more segments. */
const SLOTS_FEW = 12;

/** What the planner sees, from where the vehicle is. */
export function plannerView(core: Core, nowMs: number): PlannerView | undefined {
  const { config, state } = core;
  const { sample, flight } = state;
  if (sample === undefined) return undefined;
  const announced = new Set<number>();
  for (const { intent } of freshIntents(state.tasks, nowMs)) {
    for (const segment of intent.segments) announced.add(segment);
  }
  for (const { segment, lane, untilMs } of state.tasks.skips) {
    if (lane === WHOLE && untilMs > nowMs) announced.add(segment);
  }
  return {
    plan: config.plan,
    map: core.map,
    progress: core.table,
    at: sample.position,
    slot: config.slot,
    slots: config.slots,
    usableS: usableS(config.world.mission, sample.batteryRatio) / Math.max(0.9, flight.powerRatio),
    home: homeOf(core),
    wind: { northMps: sample.windNorthMps, eastMps: sample.windEastMps },
    taken: (segment) => {
      if (!isInShare(core, segment)) return true;
      const owner = ownerOf(core, segment);
      return (owner !== undefined && owner !== config.self) || announced.has(segment);
    },
  };
}

/** Whether there is something to search, asked on the ground; claims nothing. */
export function wouldSearch(core: Core, nowMs: number): boolean {
  const { flight } = core.state;
  const everyMs =
    CHOOSE_EVERY_MS * Math.max(1, (core.config.crowd ?? core.config.slots) / SLOTS_FEW);
  if (nowMs - flight.workMs < everyMs) return flight.hasWork;
  flight.workMs = nowMs;
  const view = plannerView(core, nowMs);
  flight.hasWork = view !== undefined && core.config.planner.choose(view) !== undefined;
  return flight.hasWork;
}

/** Keeps a task in hand; true when there is one. */
export function keepTask(core: Core, step: Step): boolean {
  const { tasks } = core.state;
  if (mustYield(tasks, core.config.self, step.nowMs)) dropTask(core);
  skipSwept(core, step);
  if (tasks.task === undefined) chooseTask(core, step);
  const { task } = tasks;
  if (task === undefined) return false;
  inherit(core, step);
  if (step.nowMs - task.renewedMs >= RENEW_MS) {
    task.renewedMs = step.nowMs;
    const { segment, pass } = task;
    const mine = ownerOf(core, segment) === core.config.self;
    // A lease that ran out while nobody could be asked is claimed anew.
    const proposal: Proposal = mine
      ? { kind: "renew", progress: progressOf(core.table, segment) }
      : { kind: "claim", segment, pass };
    step.emit({ kind: "propose", proposal });
  }
  return true;
}

function chooseTask(core: Core, step: Step): void {
  const { tasks } = core.state;
  if (step.nowMs - tasks.chosenMs < CHOOSE_EVERY_MS) return;
  const heirs = inheritedTask(core, step.nowMs);
  if (heirs === undefined) giveBack(core, step);
  const task = heirs ?? plannedTask(core, step.nowMs);
  if (task === undefined) {
    tasks.chosenMs = step.nowMs;
    return;
  }
  tasks.task = task;
  const { segment, pass } = task;
  takeUp(core, segment);
  step.emit({ kind: "propose", proposal: { kind: "claim", segment, pass } });
  tellIntentSoon(core);
}

function inheritedTask(core: Core, nowMs: number): Task | undefined {
  const view = plannerView(core, nowMs);
  const choice = view === undefined ? undefined : inheritedChoice(core, view);
  return choice === undefined ? undefined : taskOf(choice, core.state.tasks.skips, nowMs);
}

/** Segments asked for in a row before one gives up for now. */
const ASK_MAX = 8;

/** A choice of which some lane can be flown; segments of which none can are barred for a while. */
function plannedTask(core: Core, nowMs: number): Task | undefined {
  const { tasks } = core.state;
  for (let i = 0; i < ASK_MAX; i += 1) {
    const view = plannerView(core, nowMs);
    const choice = view === undefined ? undefined : core.config.planner.choose(view);
    if (choice === undefined) return undefined;
    const task = taskOf(choice, tasks.skips, nowMs);
    if (task !== undefined) return task;
    noteSkip(tasks, { segment: choice.segment, lane: WHOLE, untilMs: nowMs + SKIP_MS }, nowMs);
  }
  return undefined;
}

/** The next intent goes out at once: others plan around it. */
export const tellIntentSoon = (core: Core): void => {
  core.state.gossip.intentMs = Math.min(core.state.gossip.intentMs, -1e9);
};

/** Passes over lanes that someone else has swept meanwhile; ends the task when none is left. */
function skipSwept(core: Core, step: Step): void {
  const { task } = core.state.tasks;
  if (task === undefined) return;
  const pass = core.table.pass[task.segment]!;
  const lanes = core.table.lanes[task.segment]!;
  if (pass !== task.pass) {
    finishTask(core, step);
    return;
  }
  while (task.run < task.runs.length && ((lanes >>> task.runs[task.run]!.lane) & 1) === 1) {
    task.run += 1;
  }
  if (task.run >= task.runs.length) finishTask(core, step);
}

/** Gives the lease back, complete or with what is left of it free for another. */
function finishTask(core: Core, step: Step): void {
  const { tasks } = core.state;
  const { task } = tasks;
  if (task === undefined) return;
  tasks.task = undefined;
  tasks.chosenMs = -1e9;
  const progress = progressOf(core.table, task.segment);
  const complete = progress.pass > task.pass;
  const kind = complete ? "complete" : "release";
  step.emit({ kind: "propose", proposal: { kind, progress } });
}

/** Leaving the search (battery, order, fault): what is left of every lease is free at once. */
export function releaseTask(core: Core, step: Step): void {
  finishTask(core, step);
  giveBack(core, step);
}

/** Someone else has it: nothing to give back. */
export function dropTask(core: Core): void {
  core.state.tasks.task = undefined;
  core.state.tasks.chosenMs = -1e9;
}

/** The lane that the search behaviour is to fly now. */
export function laneTask(core: Core): LaneTask | undefined {
  const { task } = core.state.tasks;
  const run = task?.runs[task.run];
  const { sample } = core.state;
  if (task === undefined || run === undefined || sample === undefined) return undefined;
  const lane = layoutOf(core.config.plan, task.segment, task.pass).lanes[run.lane]!;
  const [from, to] = run.reversed ? [lane.b, lane.a] : [lane.a, lane.b];
  return {
    segment: task.segment,
    pass: task.pass,
    lane: run.lane,
    from,
    to,
    spacingM: lane.spacingM,
    route: routeTo(core, from),
  };
}

/** The way to a lane is found once, from where the vehicle was when it was given the lane. */
function routeTo(core: Core, to: GroundPoint): readonly GroundPoint[] {
  const { tasks, sample } = core.state;
  const { task } = tasks;
  const key = `${String(task?.segment)}/${String(task?.pass)}/${String(task?.run)}`;
  if (tasks.route?.key === key) return tasks.route.corners;
  const a = sample!.position;
  const corners = routeBetween(core.config.world, { a, b: to, aglM: core.layerAglM });
  tasks.route = { key, corners };
  return corners;
}

/** The behaviour has flown its lane. */
export function laneFlown(core: Core, step: Step, seen: boolean): void {
  const { tasks } = core.state;
  const { task } = tasks;
  const run = task?.runs[task.run];
  if (task === undefined || run === undefined) return;
  task.run += 1;
  const { segment, pass } = task;
  if (!seen)
    noteSkip(tasks, { segment, lane: run.lane, untilMs: step.nowMs + SKIP_MS }, step.nowMs);
  else {
    learn(core, step, { segment, pass, lanes: (1 << run.lane) >>> 0 });
    const rows = [progressOf(core.table, segment)];
    step.emit({ kind: "message", bytes: encodeSwarmMessage({ kind: "progress", rows }) });
  }
  if (task.run >= task.runs.length) finishTask(core, step);
  else if (!reachesNext(core)) core.state.flight.mustGoHome = true;
}

/** Whether the next lane can be flown to its end and home from there: half a lane is no lane. */
function reachesNext(core: Core): boolean {
  const { state, config } = core;
  const { mission, ground } = config.world;
  const next = laneTask(core);
  const { sample, flight } = state;
  if (next === undefined || sample === undefined) return true;
  const home = homeOf(core);
  const wind = { northMps: sample.windNorthMps, eastMps: sample.windEastMps };
  const wayS = legCostS(mission, ground, { a: sample.position, b: next.from }, wind);
  const laneS = legCostS(mission, ground, { a: next.from, b: next.to }, wind);
  const homeS = homeCostS(mission, ground, [next.to, home], wind) + HOME_SLACK_S;
  return flight.usableS > wayS + laneS + homeS;
}

/** Merges progress from anywhere; says when a segment has been searched through. */
export function learn(core: Core, step: Step, told: SegmentProgress): void {
  const { plan } = core.config;
  if (!plausible(plan, told)) {
    step.emit({ kind: "event", event: { kind: "refused", code: "SWM008" } });
    return;
  }
  const before = core.table.pass[told.segment]!;
  if (!mergeProgress(plan, core, told)) return;
  if (core.table.pass[told.segment]! === before) return;
  const owner = ownerOf(core, told.segment) ?? core.config.self;
  step.emit({
    kind: "event",
    event: { kind: "segmentSearched", segment: told.segment, owner },
  });
}

/** A row of the table for anti-entropy, by cursor; only rows that say something. */
export function rowsFrom(core: Core, count: number): SegmentProgress[] {
  const rows: SegmentProgress[] = [];
  const { gossip } = core.state;
  const all = core.table.pass.length;
  for (let i = 0; i < all && rows.length < count; i += 1) {
    const id = gossip.cursor % all;
    gossip.cursor = (gossip.cursor + 1) % all;
    if (core.table.pass[id] !== 0 || core.table.lanes[id] !== 0) {
      rows.push(progressOf(core.table, segmentId(id)));
    }
  }
  return rows;
}

/** Share of a segment's present pass that is swept, for the page. */
export function sweptShare(core: Core, segment: SegmentId): number {
  const layout = layoutOf(core.config.plan, segment, core.table.pass[segment]!);
  let bits = core.table.lanes[segment]!;
  let done = 0;
  for (; bits !== 0; bits = (bits & (bits - 1)) >>> 0) done += 1;
  return fullMask(layout) === 0 ? 0 : done / layout.lanes.length;
}
