/**
 * Segments whose owner is gone: somebody takes the lease at once, though everyone is busy, and
 * flies it next. Without that a segment that was half searched waits until somebody's next choice
 * happens to fall on it, and until then nobody answers for it.
 *
 * The log says that a lease became free because its owner was lost, expelled or silent too long;
 * every vehicle hears it at the same entry. The nearest that can still reach it claims first: each
 * waits `TURN_MS` for every peer in the air that is nearer, long enough to see a claim agreed. No
 * message is added; two that claim at once race in the log, as for any segment.
 *
 * An heir keeps at most `INHERITED_MAX` leases beside its own. When it next chooses it takes one of
 * them, or gives back what its battery does not reach.
 */
import type { SegmentId } from "../../base/mod.ts";
import { homeCostS, legCostS } from "../energy/energy.ts";
import type { Core, Step } from "../core.ts";
import { homeOf, ownerOf } from "../core.ts";
import { distanceM, type Choice, type PlannerView } from "../planner/planner.ts";
import { PASSES_MAX } from "../planner/segments.ts";
import type { Proposal } from "../types.ts";
import { progressOf } from "./progress.ts";
import { RENEW_MS, type Orphan } from "./tasks.ts";

export const INHERITED_MAX = 4;
/** Orphans remembered; the oldest is forgotten for a new one. */
export const ORPHANS_KEPT = 64;
/** A claim is agreed on and heard within this, at the loss that searches see. */
const TURN_MS = 150;
const TURNS_MAX = 20;
/** An orphan that nobody near has taken by then is left to everyone's next choice. */
const FORGET_MS = 20_000;
/** A claim that has not been agreed on by then was lost, or went to somebody else. */
const UNANSWERED_MS = 5_000;

/** The log has taken this segment from an owner that is gone. */
export function noteOrphan(core: Core, segment: SegmentId, nowMs: number): void {
  if (core.config.passive || segment >= core.owners.length) return;
  const { tasks } = core.state;
  const others = tasks.orphans.filter((one) => one.segment !== segment);
  tasks.orphans = [...others.slice(-(ORPHANS_KEPT - 1)), { segment, sinceMs: nowMs }];
}

/** Each round of one that searches: takes what is its turn to take, and keeps what it has. */
export function inherit(core: Core, step: Step): void {
  const { tasks } = core.state;
  keepInherited(core, step);
  if (tasks.orphans.length === 0) return;
  tasks.orphans = tasks.orphans.filter((one) => isOpen(core, one, step.nowMs));
  for (const { segment, sinceMs } of tasks.orphans) {
    if (tasks.inherited.length >= INHERITED_MAX) return;
    if (tasks.inherited.some((one) => one.segment === segment)) continue;
    if (step.nowMs - sinceMs < turnMs(core, segment) || !reaches(core, segment)) continue;
    tasks.inherited.push({ segment, claimedMs: step.nowMs, renewedMs: step.nowMs });
    const { pass } = progressOf(core.table, segment);
    step.emit({ kind: "propose", proposal: { kind: "claim", segment, pass } });
  }
}

/** Nobody has it, some of it is left, and it is not long ago. */
function isOpen(core: Core, { segment, sinceMs }: Orphan, nowMs: number): boolean {
  if (nowMs - sinceMs >= FORGET_MS || core.table.pass[segment]! >= PASSES_MAX) return false;
  return ownerOf(core, segment) === undefined && core.state.tasks.task?.segment !== segment;
}

/** What went to another, or was never agreed on, is let go of; the rest is renewed. */
function keepInherited(core: Core, step: Step): void {
  const { tasks } = core.state;
  tasks.inherited = tasks.inherited.filter(({ segment, claimedMs }) => {
    const owner = ownerOf(core, segment);
    if (owner === undefined) return step.nowMs - claimedMs < UNANSWERED_MS;
    return owner === core.config.self;
  });
  for (const one of tasks.inherited) {
    if (step.nowMs - one.renewedMs < RENEW_MS) continue;
    one.renewedMs = step.nowMs;
    const progress = progressOf(core.table, one.segment);
    step.emit({ kind: "propose", proposal: { kind: "renew", progress } });
  }
}

/** One turn for each peer in the air that is nearer; of equals the lower index goes first. */
function turnMs(core: Core, segment: SegmentId): number {
  const { sample, tracks } = core.state;
  const middle = core.config.plan.segments[segment]!;
  if (sample === undefined) return Infinity;
  const ownM = distanceM(sample.position, middle);
  const nearer = tracks.filter(({ index, position, inAir }) => {
    const peerM = distanceM(position, middle);
    return inAir && (peerM < ownM || (peerM === ownM && index < core.config.self));
  });
  return Math.min(TURNS_MAX, nearer.length) * TURN_MS;
}

/** There, half of it, and home: on what is left after the task in hand nobody can say yet. */
function reaches(core: Core, segment: SegmentId): boolean {
  const { state, config } = core;
  const { sample, flight } = state;
  const middle = config.plan.segments[segment];
  if (sample === undefined || middle === undefined || flight.mustGoHome) return false;
  const { mission, ground } = config.world;
  const wind = { northMps: sample.windNorthMps, eastMps: sample.windEastMps };
  const wayS = legCostS(mission, ground, { a: sample.position, b: middle }, wind);
  const homeS = homeCostS(mission, ground, [middle, homeOf(core)], wind);
  return flight.usableS > wayS + middle.even.timeS / 2 + homeS;
}

/** The next segment, if one was inherited and can be searched from here. */
export function inheritedChoice(core: Core, view: PlannerView): Choice | undefined {
  const { inherited } = core.state.tasks;
  if (inherited.length === 0) return undefined;
  const isMine = (segment: SegmentId): boolean => inherited.some((one) => one.segment === segment);
  return core.config.planner.choose({ ...view, taken: (segment) => !isMine(segment) });
}

/** It has become the task in hand: one lease, not two. */
export function takeUp(core: Core, segment: SegmentId): void {
  const { tasks } = core.state;
  tasks.inherited = tasks.inherited.filter((one) => one.segment !== segment);
}

/** Gives back every lease that it inherited and has not begun. */
export function giveBack(core: Core, step: Step): void {
  const { tasks } = core.state;
  for (const { segment } of tasks.inherited) {
    const progress = progressOf(core.table, segment);
    const proposal: Proposal = { kind: "release", progress };
    step.emit({ kind: "propose", proposal });
  }
  tasks.inherited = [];
}
