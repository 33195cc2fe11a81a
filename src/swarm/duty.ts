/**
 * What a vehicle does now, decided from facts alone, ten times a second.
 *
 * Read from top to bottom: the first line that applies decides. What brings a vehicle down comes
 * before what keeps it up, people come before plans, and the way home comes before any behaviour:
 * that is how the energy limit cannot be bypassed.
 */
import type { Duty } from "./types.ts";

export interface DutyFacts {
  readonly inAir: boolean;
  readonly manual: boolean;
  readonly positionValid: boolean;
  /** Orders that act. */
  readonly started: boolean;
  readonly armGranted: boolean;
  readonly holdOrdered: boolean;
  readonly returnOrdered: boolean;
  readonly landOrdered: boolean;
  readonly clearAirHere: boolean;
  readonly clearAirLands: boolean;
  /** Inside a volume that is to be left. */
  readonly clearAirLeaves: boolean;
  /** Directives of the fault layer, with their reasons. */
  readonly faultLand: string | undefined;
  readonly faultReturn: string | undefined;
  readonly faultHold: string | undefined;
  /** The battery allows the way home and no more. Stays until it has landed. */
  readonly mustGoHome: boolean;
  /** Touch-down was begun and is not taken back. */
  readonly touchingDown: boolean;
  /** Released by the crew since it last landed, checks passed, battery fresh enough. */
  readonly mayLaunch: boolean;
  /** Not yet at its layer since it left the pad. */
  readonly climbing: boolean;
  /** This vehicle is the one for eyes overhead, or for a closer look. */
  readonly eyes: boolean;
  readonly look: boolean;
  readonly found: boolean;
  /** The user's behaviour flies instead of the search. */
  readonly ownBehaviour: boolean;
  readonly behaviourParked: boolean;
  /** The planner has something that fits into the battery. */
  readonly hasWork: boolean;
}

export interface DutyChoice {
  readonly duty: Duty;
  readonly reason: string;
}

const choice = (duty: Duty, reason: string): DutyChoice => ({ duty, reason });

export function decideDuty(f: DutyFacts): DutyChoice {
  if (f.manual) return choice("manual", "a pilot flies");
  if (!f.inAir) return onGround(f);
  if (f.faultLand !== undefined) return choice("land", f.faultLand);
  if (f.landOrdered) return choice("land", "ordered");
  if (f.clearAirHere && f.clearAirLands) return choice("land", "clear-air");
  if (f.touchingDown) return choice("return", "touching down");
  if (!f.positionValid) return choice("hold", "no position");
  if (f.mustGoHome) return choice("return", "battery");
  if (f.clearAirHere) return choice("hold", "clear-air");
  if (f.clearAirLeaves) return choice("return", "clear-air");
  if (f.returnOrdered) return choice("return", "ordered");
  if (f.faultReturn !== undefined) return choice("return", f.faultReturn);
  if (f.climbing) return choice("takeoff", "climbing");
  if (f.holdOrdered) return choice("hold", "ordered");
  if (f.faultHold !== undefined) return choice("hold", f.faultHold);
  return work(f);
}

function work(f: DutyFacts): DutyChoice {
  if (!f.started) return choice("hold", "not started");
  if (f.eyes) return choice("eyes", "found");
  if (f.found) return choice("return", "found");
  if (f.look) return choice("look", "look again");
  if (f.behaviourParked) return choice("hold", "behaviour parked");
  if (f.ownBehaviour) return choice("behaviour", "started");
  if (f.hasWork) return choice("search", "started");
  return choice("return", "nothing left that this battery reaches");
}

/** Nothing arms by itself: started, granted in this boot, and released by the crew. */
function onGround(f: DutyFacts): DutyChoice {
  if (!f.started) return choice("grounded", "not started");
  if (!f.armGranted) return choice("grounded", "not granted in this boot");
  const kept =
    f.holdOrdered || f.returnOrdered || f.landOrdered || f.clearAirHere || f.clearAirLeaves;
  if (kept) return choice("grounded", "ordered");
  if (f.faultLand !== undefined || f.faultReturn !== undefined || f.faultHold !== undefined) {
    return choice("grounded", "fault");
  }
  if (!f.positionValid) return choice("grounded", "no position");
  if (!f.mayLaunch) return choice("grounded", "not released or not ready");
  if (f.found && !f.eyes) return choice("grounded", "found");
  if (f.behaviourParked) return choice("grounded", "behaviour parked");
  if (!f.eyes && !f.look && !f.ownBehaviour && !f.hasWork) return choice("grounded", "no work");
  return choice("arming", "released");
}
