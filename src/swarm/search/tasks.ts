/**
 * The segment that this vehicle searches: choosing, leasing, flying lane by lane, giving back.
 *
 * A segment is claimed through the log and flown to at once; until the log has spoken the lease is
 * tentative, and without a quorum it stays so: searching twice is harmless, an unowned segment is
 * not. Another owner in the log ends it. Between two tentative ones that meet over the radio the
 * lower index keeps it.
 */
import type { NodeIndex, SegmentId } from "../../base/mod.ts";
import type { GroundPoint } from "../area/mod.ts";
import type { LaneRun, Choice } from "../planner/planner.ts";
import type { Intent } from "./message.ts";

/** Intents older than this are forgotten. */
export const INTENT_KEPT_MS = 8_000;
/** A lease is told to live on at this pace; agreed leases run out after a minute. */
export const RENEW_MS = 15_000;
/** A lane that could not be flown low and true is left alone for this long. */
export const SKIP_MS: number = 20 * 60_000;
const SKIPS_MAX = 64;

export interface Task {
  readonly segment: SegmentId;
  readonly pass: number;
  readonly runs: readonly LaneRun[];
  readonly next: readonly SegmentId[];
  /** Position in `runs`. */
  run: number;
  held: boolean;
  renewedMs: number;
}

export interface HeardIntent {
  readonly from: NodeIndex;
  readonly intent: Intent;
  readonly atMs: number;
}

/** In place of a lane: no lane of the segment can be flown for now. */
export const WHOLE = -1;

export interface Skip {
  readonly segment: SegmentId;
  readonly lane: number;
  readonly untilMs: number;
}

/** A segment whose owner is gone. */
export interface Orphan {
  readonly segment: SegmentId;
  readonly sinceMs: number;
}

/** One of them that this vehicle has claimed beside its own. */
export interface Inherited {
  readonly segment: SegmentId;
  readonly claimedMs: number;
  renewedMs: number;
}

/** Everything about tasks; plain, so that it can be saved. */
export interface TaskState {
  task: Task | undefined;
  chosenMs: number;
  intents: HeardIntent[];
  skips: Skip[];
  /** Segments whose owner is gone, and those of them that this vehicle has taken on. */
  orphans: Orphan[];
  inherited: Inherited[];
  /** The way to the present lane. */
  route: { readonly key: string; readonly corners: readonly GroundPoint[] } | undefined;
}

export const taskState = (): TaskState => ({
  task: undefined,
  chosenMs: -1e9,
  intents: [],
  skips: [],
  orphans: [],
  inherited: [],
  route: undefined,
});

export function taskOf(choice: Choice, skips: readonly Skip[], nowMs: number): Task | undefined {
  const runs = choice.runs.filter(
    (run) =>
      !skips.some(
        (skip) => skip.segment === choice.segment && skip.lane === run.lane && skip.untilMs > nowMs,
      ),
  );
  if (runs.length === 0) return undefined;
  return { ...choice, runs, run: 0, held: false, renewedMs: nowMs };
}

export function noteSkip(state: TaskState, skip: Skip, nowMs: number): void {
  state.skips = state.skips.filter((one) => one.untilMs > nowMs).slice(-(SKIPS_MAX - 1));
  state.skips.push(skip);
}

/** One row a peer, in the order of their indexes; stale rows go when a new peer comes. */
export function noteIntent(state: TaskState, heard: HeardIntent): void {
  const row = state.intents.findIndex((one) => one.from === heard.from);
  if (row >= 0) {
    state.intents[row] = heard;
    return;
  }
  state.intents = state.intents.filter((one) => heard.atMs - one.atMs < INTENT_KEPT_MS);
  state.intents.push(heard);
  state.intents.sort((x, y) => x.from - y.from);
}

export const freshIntents = (state: TaskState, nowMs: number): readonly HeardIntent[] =>
  state.intents.filter((one) => nowMs - one.atMs < INTENT_KEPT_MS);

/** Whether a peer with the better right is on our tentative segment. */
export function mustYield(state: TaskState, self: NodeIndex, nowMs: number): boolean {
  const { task } = state;
  if (task === undefined || task.held) return false;
  return freshIntents(state, nowMs).some(
    (one) => one.from < self && one.intent.segments[0] === task.segment,
  );
}
