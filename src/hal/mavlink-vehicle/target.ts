/**
 * Targets of ground stations (messages 84 and 86, MAV_CMD_DO_REPOSITION) as setpoints in the
 * mission's frame. What cannot be meant (not-a-number, a frame that is unknown, a place out of
 * reach) is `undefined`.
 */
import { cos, hypot, sin } from "../../base/mod.ts";
import { latLonFromDeg } from "../geodesy/ellipsoid.ts";
import { FRAME_REACH_M, type LocalFrame } from "../geodesy/frame.ts";
import type { MavlinkMessageOf } from "../mavlink/messages.ts";
import { IGNORE, MAV_FRAME } from "../mavlink/numbers.ts";
import type { LocalPosition, LocalVelocity, Setpoint, VehicleSample } from "../vehicle.ts";

export type PositionTarget =
  MavlinkMessageOf<"setPositionTargetLocalNed"> | MavlinkMessageOf<"setPositionTargetGlobalInt">;

export interface TargetContext {
  readonly sample: VehicleSample;
  /** Origin of local coordinates and zero of relative altitudes. */
  readonly home: LocalPosition;
  readonly frame: LocalFrame;
  readonly speedMaxMps: number;
}

/** A target that only gives a velocity is flown as a point this far ahead. */
const LOOK_AHEAD_S = 2;
const ALTITUDE_MAX_M = 20_000;
const STILL: LocalVelocity = { northMps: 0, eastMps: 0, downMps: 0 };

export function setpointOfTarget(
  message: PositionTarget,
  context: TargetContext,
): Setpoint | undefined {
  const uses = (ignored: number): boolean => (message.typeMask & ignored) === 0;
  const { vx, vy, vz } = message;
  const moving = uses(IGNORE.VELOCITY) && [vx, vy, vz].every(isReal);
  const velocity = moving ? { northMps: vx, eastMps: vy, downMps: vz } : STILL;
  if (!uses(IGNORE.POSITION) && !moving) return undefined;
  const position = uses(IGNORE.POSITION)
    ? pointOf(message, context)
    : aheadOf(context.sample.position, velocity);
  const yawRad = uses(IGNORE.YAW) && isReal(message.yaw) ? message.yaw : context.sample.yawRad;
  return reachable({ position, velocity, yawRad, speedMaxMps: context.speedMaxMps });
}

export function setpointOfReposition(
  { x, y, z, frame }: MavlinkMessageOf<"commandInt">,
  context: TargetContext,
): Setpoint | undefined {
  const position = globalPoint({ latInt: x, lonInt: y, alt: z, frame }, context);
  const { yawRad } = context.sample;
  return reachable({ position, velocity: STILL, yawRad, speedMaxMps: context.speedMaxMps });
}

function reachable(
  setpoint: Omit<Setpoint, "position"> & { readonly position: LocalPosition | undefined },
): Setpoint | undefined {
  const { position } = setpoint;
  if (position === undefined) return undefined;
  const near = hypot(position.northM, position.eastM) < FRAME_REACH_M;
  const sane = Math.abs(position.altitudeAmslM) < ALTITUDE_MAX_M;
  return near && sane ? { ...setpoint, position } : undefined;
}

const isReal = (value: number): boolean => Number.isFinite(value);

function aheadOf(
  from: LocalPosition,
  { northMps, eastMps, downMps }: LocalVelocity,
): LocalPosition {
  return moved(from, northMps * LOOK_AHEAD_S, eastMps * LOOK_AHEAD_S, downMps * LOOK_AHEAD_S);
}

function moved(from: LocalPosition, northM: number, eastM: number, downM: number): LocalPosition {
  return {
    northM: from.northM + northM,
    eastM: from.eastM + eastM,
    altitudeAmslM: from.altitudeAmslM - downM,
  };
}

/** MAV_FRAME_BODY_NED and BODY_OFFSET_NED: forward, right, down of the vehicle. */
const BODY_FRAMES: ReadonlySet<number> = new Set([8, 9]);

function pointOf(message: PositionTarget, context: TargetContext): LocalPosition | undefined {
  if (message.kind === "setPositionTargetGlobalInt") {
    const { latInt, lonInt, alt, coordinateFrame } = message;
    return globalPoint({ latInt, lonInt, alt, frame: coordinateFrame }, context);
  }
  const { x, y, z, coordinateFrame } = message;
  const { position, yawRad } = context.sample;
  if (![x, y, z].every(isReal)) return undefined;
  if (coordinateFrame === MAV_FRAME.LOCAL_NED) return moved(context.home, x, y, z);
  if (coordinateFrame === MAV_FRAME.LOCAL_OFFSET_NED) return moved(position, x, y, z);
  if (!BODY_FRAMES.has(coordinateFrame)) return undefined;
  const [c, s] = [cos(yawRad), sin(yawRad)];
  return moved(position, x * c - y * s, x * s + y * c, z);
}

interface GlobalPoint {
  readonly latInt: number;
  readonly lonInt: number;
  readonly alt: number;
  readonly frame: number;
}

/** Both spellings of a frame are read in both messages, as ArduPilot does. */
const ABOVE_SEA: ReadonlySet<number> = new Set([MAV_FRAME.GLOBAL, MAV_FRAME.GLOBAL_INT]);
const ABOVE_HOME: ReadonlySet<number> = new Set([
  MAV_FRAME.GLOBAL_RELATIVE_ALT,
  MAV_FRAME.GLOBAL_RELATIVE_ALT_INT,
]);

function globalPoint(
  { latInt, lonInt, alt, frame }: GlobalPoint,
  context: TargetContext,
): LocalPosition | undefined {
  const real = isReal(alt) && Math.abs(latInt) <= 9e8 && Math.abs(lonInt) <= 1.8e9;
  if (!real || !(ABOVE_SEA.has(frame) || ABOVE_HOME.has(frame))) return undefined;
  const altitudeAmslM = ABOVE_HOME.has(frame) ? alt + context.home.altitudeAmslM : alt;
  return context.frame.localFromAmsl(latLonFromDeg(latInt / 1e7, lonInt / 1e7), altitudeAmslM);
}
