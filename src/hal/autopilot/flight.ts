/**
 * From what the node wants and what the vehicle shows to the one thing to ask for next.
 *
 * Nothing here waits for an acknowledgement: a step is done when the vehicle's own state says so.
 * That is why a late acknowledgement does no harm: an autopilot that was armed, heard nothing and
 * disarmed itself is simply found disarmed on the ground, and is armed again.
 */
import type { VehicleCommand } from "../vehicle.ts";
import { customModeOf, flightModeOf, type CommandedMode, type Dialect } from "./dialect.ts";

/** What the node wants: the last command that is not yet history. */
export type Goal = Exclude<VehicleCommand["kind"], never> | "none";

export interface FlightView {
  readonly goal: Goal;
  readonly dialect: Dialect;
  readonly customMode: number;
  readonly armed: boolean;
  readonly inAir: boolean;
  /** Pre-arm checks, estimator, failsafes. */
  readonly ready: boolean;
  readonly released: boolean;
  /** The node has ordered arming since boot and neither disarmed nor landed after it. */
  readonly armWanted: boolean;
  readonly altitudeHomeM: number;
  readonly takeoffAltitudeM: number;
  readonly hasSetpoint: boolean;
  /** The mode that we asked for last, and the one that it replaced; -1 before the first. */
  readonly askedMode: number;
  readonly replacedMode: number;
  /** Something was asked for since this goal was set. */
  readonly asked: boolean;
}

export type FlightStep =
  | { readonly kind: "mode"; readonly mode: CommandedMode }
  | { readonly kind: "arm" }
  | { readonly kind: "disarm" }
  | { readonly kind: "takeoff" }
  | { readonly kind: "setpoint" }
  /** The goal is reached. */
  | { readonly kind: "done" }
  /** Nothing to ask for now, and why. */
  | { readonly kind: "wait"; readonly reason: WaitReason };

export type WaitReason =
  /** A pilot or a failsafe has chosen another mode: they are not fought. */
  "controlTaken" | "notReady" | "notReleased" | "armNotOrdered" | "climbing" | "inAir" | "onGround";

const wait = (reason: WaitReason): FlightStep => ({ kind: "wait", reason });

/** Take-off is over within this much of its altitude. */
const ALTITUDE_REACHED_M = 1;

export function nextStep(view: FlightView): FlightStep {
  switch (view.goal) {
    case "none":
      return { kind: "done" };
    case "arm":
      return view.armed ? { kind: "done" } : arming(view);
    case "disarm":
      // What is known of arming may be a second old, so it is asked for once in any case.
      if (!view.armed && view.asked) return { kind: "done" };
      return view.inAir ? wait("inAir") : { kind: "disarm" };
    case "takeoff":
      return takingOff(view);
    case "setpoint":
      return leading(view);
    case "hold":
    case "rtl":
    case "land":
      return stopping(view, view.goal);
    default:
      return view.goal satisfies never;
  }
}

/** GUIDED first: it is refused without a position, which arming in another mode would hide. */
function arming(view: FlightView): FlightStep {
  if (!view.armWanted) return wait("armNotOrdered");
  if (!view.released) return wait("notReleased");
  if (!view.ready) return wait("notReady");
  if (!inMode(view, "guided") && view.dialect === "ardupilot")
    return { kind: "mode", mode: "guided" };
  return { kind: "arm" };
}

function takingOff(view: FlightView): FlightStep {
  if (view.inAir) {
    if (view.altitudeHomeM >= view.takeoffAltitudeM - ALTITUDE_REACHED_M) return { kind: "done" };
    return wait(taken(view) ? "controlTaken" : "climbing");
  }
  if (!view.armed) return arming(view);
  if (!inMode(view, "guided") && view.dialect === "ardupilot") {
    // Armed by someone else in a mode of theirs.
    return taken(view) ? wait("controlTaken") : { kind: "mode", mode: "guided" };
  }
  return { kind: "takeoff" };
}

function leading(view: FlightView): FlightStep {
  if (!view.inAir) return wait("onGround");
  if (inMode(view, "guided")) return view.hasSetpoint ? { kind: "setpoint" } : { kind: "done" };
  return taken(view) ? wait("controlTaken") : { kind: "mode", mode: "guided" };
}

function stopping(view: FlightView, mode: "hold" | "rtl" | "land"): FlightStep {
  if (!view.armed || inMode(view, mode)) return { kind: "done" };
  if (!view.inAir) return wait("onGround");
  // A pilot at the sticks is never overruled; a failsafe's own return may be turned into a landing.
  const piloted = flightModeOf(view.dialect, view.customMode) === "manual" && taken(view);
  return piloted ? wait("controlTaken") : { kind: "mode", mode };
}

function inMode(view: FlightView, mode: CommandedMode): boolean {
  return view.customMode === customModeOf(view.dialect, mode);
}

/** Whether the vehicle is in a mode that nobody here has asked for. */
function taken(view: FlightView): boolean {
  const { customMode, dialect } = view;
  if (customMode === view.askedMode || customMode === view.replacedMode) return false;
  // PX4 flies its own take-off mode and then holds.
  const own = flightModeOf(dialect, customMode);
  return !(dialect === "px4" && (own === "takeoff" || own === "hold"));
}
