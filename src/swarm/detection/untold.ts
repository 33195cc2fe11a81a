/**
 * Own detections that the log does not have yet. A proposal is given up after a while, and just
 * where a vehicle searches farthest it is out of a head's reach; a person who was seen must not be
 * forgotten for that. So each is proposed again until the log has agreed on it, also over a
 * snapshot that comes in between. Bound: `UNTOLD_MAX`, the least sure goes first.
 */
import type { Core, Step } from "../core.ts";
import type { Detection } from "../types.ts";
import { noteDetection } from "./detections.ts";

export const UNTOLD_MAX = 32;
/** Consensus gives a proposal up after ten seconds. */
export const TELL_AGAIN_MS = 11_000;

export function tellDetection(core: Core, step: Step, detection: Detection): void {
  const { state } = core;
  const all = [...state.untold, { detection, proposedMs: step.nowMs }];
  if (all.length > UNTOLD_MAX) {
    const least = all.reduce((a, b) => (b.detection.confidence < a.detection.confidence ? b : a));
    all.splice(all.indexOf(least), 1);
  }
  state.untold = all;
  step.emit({ kind: "propose", proposal: { kind: "detection", detection } });
}

export function forgetTold(core: Core, id: number): void {
  const { state } = core;
  if (state.untold.length === 0) return;
  state.untold = state.untold.filter(({ detection }) => detection.id !== id);
}

export function tellAgain(core: Core, step: Step): void {
  const { state } = core;
  for (const { detection, proposedMs } of state.untold) {
    if (step.nowMs - proposedMs < TELL_AGAIN_MS) continue;
    state.untold = state.untold.map((one) =>
      one.detection === detection ? { detection, proposedMs: step.nowMs } : one,
    );
    step.emit({ kind: "propose", proposal: { kind: "detection", detection } });
  }
}

/** A snapshot has replaced what the log says: what it cannot know yet is kept beside it. */
export function keepUntold(core: Core, nowMs: number): void {
  const { state } = core;
  for (const { detection } of state.untold) {
    state.sightings = noteDetection(state.sightings, detection, nowMs);
  }
}
