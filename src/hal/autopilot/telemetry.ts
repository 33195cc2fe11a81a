/**
 * What an autopilot's messages say about the vehicle, gathered into one record, and the sample that
 * the node gets out of it. The record is plain data: it is saved as it stands.
 *
 * MAVLink's units end here: degE7, millimetres, centimetres a second and centidegrees go in, the
 * mission's local frame comes out.
 */
import { cos, hypot, sin } from "../../base/mod.ts";
import { radFromDeg, wrapPi } from "../geodesy/ellipsoid.ts";
import type { LocalFrame } from "../geodesy/frame.ts";
import type { MavlinkMessage, MavlinkMessageOf } from "../mavlink/messages.ts";
import {
  EKF,
  MAV_LANDED_STATE,
  MAV_MODE_FLAG,
  ORIENTATION_DOWN,
  SENSOR_PREARM_CHECK,
} from "../mavlink/numbers.ts";
import type { FlightMode, VehicleSample } from "../vehicle.ts";
import { flightModeOf, type Dialect } from "./dialect.ts";

/** Times are the receiver's, in monotonic milliseconds; minus infinity means never. */
export interface Telemetry {
  customMode: number;
  armed: boolean;
  landedState: number;
  placeAtMs: number;
  latRad: number;
  lonRad: number;
  altitudeAmslM: number;
  northMps: number;
  eastMps: number;
  downMps: number;
  yawRad: number;
  homeKnown: boolean;
  homeAmslM: number;
  ekfFlags: number;
  prearmHealthy: boolean;
  positionErrorM: number;
  aglAtMs: number;
  altitudeAglM: number;
  batteryRatio: number;
  batteryV: number;
  currentA: number;
  windNorthMps: number;
  windEastMps: number;
  /** The autopilot's own time since boot, to notice that it has started again. */
  bootMs: number;
}

export function noTelemetry(): Telemetry {
  return {
    customMode: -1,
    armed: false,
    landedState: 0,
    placeAtMs: -Infinity,
    latRad: 0,
    lonRad: 0,
    altitudeAmslM: 0,
    northMps: 0,
    eastMps: 0,
    downMps: 0,
    yawRad: 0,
    homeKnown: false,
    homeAmslM: 0,
    ekfFlags: 0,
    prearmHealthy: false,
    positionErrorM: POSITION_ERROR_UNKNOWN_M,
    aglAtMs: -Infinity,
    altitudeAglM: 0,
    batteryRatio: 1,
    batteryV: 0,
    currentA: 0,
    windNorthMps: 0,
    windEastMps: 0,
    bootMs: 0,
  };
}

/** One sigma of a plain GNSS receiver, used while none is reported. */
const POSITION_ERROR_UNKNOWN_M = 2.5;
/** User-equivalent range error by which a bare dilution of precision is multiplied. */
const RANGE_ERROR_M = 1.5;

/** Takes a message into the record; messages that say nothing about the vehicle change nothing. */
export function observe(telemetry: Telemetry, message: MavlinkMessage, nowMs: number): void {
  switch (message.kind) {
    case "heartbeat":
      telemetry.customMode = message.customMode;
      telemetry.armed = (message.baseMode & MAV_MODE_FLAG.ARMED) !== 0;
      return;
    case "globalPositionInt":
      observePlace(telemetry, message, nowMs);
      return;
    case "attitude":
      telemetry.yawRad = wrapPi(finiteOr(message.yaw, telemetry.yawRad));
      return;
    case "extendedSysState":
      telemetry.landedState = message.landedState;
      return;
    case "homePosition":
      telemetry.homeKnown = true;
      telemetry.homeAmslM = message.altitude / 1000;
      return;
    case "ekfStatusReport":
      telemetry.ekfFlags = message.flags;
      return;
    case "gpsRawInt":
      telemetry.positionErrorM = positionErrorM(message.hAcc, message.eph);
      return;
    case "sysStatus":
      observeSystem(telemetry, message);
      return;
    case "batteryStatus":
      observeBattery(telemetry, message.batteryRemaining);
      return;
    case "distanceSensor":
      observeGround(telemetry, message, nowMs);
      return;
    case "wind":
      // It is told where the wind comes from.
      observeWind(telemetry, {
        northMps: -message.speed * cos(radFromDeg(message.direction)),
        eastMps: -message.speed * sin(radFromDeg(message.direction)),
      });
      return;
    case "windCov":
      observeWind(telemetry, { northMps: message.windX, eastMps: message.windY });
      return;
    default:
      return;
  }
}

/** Per cent; -1 when it is not known. */
function observeBattery(telemetry: Telemetry, remaining: number): void {
  if (remaining >= 0) telemetry.batteryRatio = Math.min(1, remaining / 100);
}

/** What no vehicle flies in is no wind. */
const WIND_MAX_MPS = 100;

function observeWind(
  telemetry: Telemetry,
  wind: { readonly northMps: number; readonly eastMps: number },
): void {
  const real = hypot(wind.northMps, wind.eastMps) <= WIND_MAX_MPS;
  telemetry.windNorthMps = real ? wind.northMps : 0;
  telemetry.windEastMps = real ? wind.eastMps : 0;
}

const finiteOr = (value: number, otherwise: number): number =>
  Number.isFinite(value) ? value : otherwise;

function observePlace(
  telemetry: Telemetry,
  message: MavlinkMessageOf<"globalPositionInt">,
  nowMs: number,
): void {
  telemetry.placeAtMs = nowMs;
  telemetry.bootMs = message.timeBootMs;
  telemetry.latRad = radFromDeg(message.lat / 1e7);
  telemetry.lonRad = radFromDeg(message.lon / 1e7);
  telemetry.altitudeAmslM = message.alt / 1000;
  telemetry.northMps = message.vx / 100;
  telemetry.eastMps = message.vy / 100;
  telemetry.downMps = message.vz / 100;
  if (message.hdg !== HEADING_UNKNOWN) telemetry.yawRad = wrapPi(radFromDeg(message.hdg / 100));
}

const HEADING_UNKNOWN = 0xffff;
const U16_UNKNOWN = 0xffff;

function positionErrorM(hAccMm: number, ephCenti: number): number {
  if (hAccMm > 0 && hAccMm < 0xffffffff) return hAccMm / 1000;
  return ephCenti === U16_UNKNOWN ? POSITION_ERROR_UNKNOWN_M : (ephCenti / 100) * RANGE_ERROR_M;
}

function observeSystem(telemetry: Telemetry, message: MavlinkMessageOf<"sysStatus">): void {
  // As unsigned: the flag is below the sign bit.
  telemetry.prearmHealthy = (message.onboardControlSensorsHealth & SENSOR_PREARM_CHECK) !== 0;
  if (message.voltageBattery !== U16_UNKNOWN) telemetry.batteryV = message.voltageBattery / 1000;
  if (message.currentBattery >= 0) telemetry.currentA = message.currentBattery / 100;
  observeBattery(telemetry, message.batteryRemaining);
}

function observeGround(
  telemetry: Telemetry,
  message: MavlinkMessageOf<"distanceSensor">,
  nowMs: number,
): void {
  if (message.orientation !== ORIENTATION_DOWN) return;
  const inRange =
    message.currentDistance > message.minDistance && message.currentDistance < message.maxDistance;
  if (!inRange) return;
  telemetry.aglAtMs = nowMs;
  telemetry.altitudeAglM = message.currentDistance / 100;
}

/** A position older than this is no longer one; the same for a height above ground. */
const FRESH_MS = 1000;
const EKF_ABSOLUTE = EKF.POS_HORIZ_ABS | EKF.PRED_POS_HORIZ_ABS;

/** Whether the estimator stands behind the position. */
export function positionValid(telemetry: Telemetry, dialect: Dialect, nowMs: number): boolean {
  if (nowMs - telemetry.placeAtMs > FRESH_MS) return false;
  if (dialect === "px4") return true;
  const flags = telemetry.ekfFlags;
  return (flags & EKF.POS_HORIZ_ABS) !== 0 && (flags & EKF.CONST_POS_MODE) === 0;
}

/**
 * Whether it would arm and take external control. The pre-arm flag alone comes too early on
 * ArduPilot: GUIDED is refused until both position flags of the estimator are there.
 */
export function autopilotReady(telemetry: Telemetry, dialect: Dialect, nowMs: number): boolean {
  const estimator = dialect === "px4" || (telemetry.ekfFlags & EKF_ABSOLUTE) === EKF_ABSOLUTE;
  return telemetry.prearmHealthy && estimator && positionValid(telemetry, dialect, nowMs);
}

export function inAir(telemetry: Telemetry): boolean {
  return telemetry.armed && telemetry.landedState >= MAV_LANDED_STATE.IN_AIR;
}

/** Height above the take-off point; 0 while home is unknown. */
export function altitudeHomeM(telemetry: Telemetry): number {
  return telemetry.homeKnown ? telemetry.altitudeAmslM - telemetry.homeAmslM : 0;
}

export interface SampleContext {
  readonly frame: LocalFrame;
  readonly dialect: Dialect;
  readonly nowMs: number;
  readonly linkUp: boolean;
  readonly released: boolean;
  /** Failsafes are set and read back. */
  readonly failsafesSet: boolean;
  readonly batteryFullWh: number;
}

/** A place further from the mission than this is a fault of the autopilot or of the mission. */
const REACH_RAD = 0.1;
/** The same for an altitude. */
const ALTITUDE_MAX_M = 20_000;

export function sampleOf(telemetry: Telemetry, context: SampleContext): VehicleSample {
  const { frame, dialect, nowMs } = context;
  const { latRad, lonRad } = frame.origin;
  const near =
    hypot(telemetry.latRad - latRad, wrapPi(telemetry.lonRad - lonRad)) < REACH_RAD &&
    Math.abs(telemetry.altitudeAmslM) < ALTITUDE_MAX_M;
  const place = near
    ? frame.localFromAmsl(telemetry, telemetry.altitudeAmslM)
    : { northM: 0, eastM: 0, altitudeAmslM: telemetry.altitudeAmslM };
  const { northMps, eastMps, downMps } = telemetry;
  return {
    position: place,
    velocity: { northMps, eastMps, downMps },
    yawRad: telemetry.yawRad,
    positionErrorM: telemetry.positionErrorM,
    positionValid: near && context.linkUp && positionValid(telemetry, dialect, nowMs),
    altitudeAglM: nowMs - telemetry.aglAtMs <= FRESH_MS ? telemetry.altitudeAglM : undefined,
    batteryRatio: telemetry.batteryRatio,
    batteryFullWh: context.batteryFullWh,
    powerW: telemetry.batteryV * telemetry.currentA,
    windNorthMps: telemetry.windNorthMps,
    windEastMps: telemetry.windEastMps,
    mode: modeOf(telemetry, dialect),
    armed: telemetry.armed,
    inAir: inAir(telemetry),
    released: context.released,
    ready:
      context.linkUp && context.failsafesSet && near && autopilotReady(telemetry, dialect, nowMs),
  };
}

function modeOf(telemetry: Telemetry, dialect: Dialect): FlightMode {
  if (!telemetry.armed) return "idle";
  const mode = flightModeOf(dialect, telemetry.customMode);
  const climbing = telemetry.landedState === MAV_LANDED_STATE.TAKEOFF;
  return mode === "guided" && climbing ? "takeoff" : mode;
}
