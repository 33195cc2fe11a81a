/**
 * A vehicle sample as the messages that ArduCopter would send, in MAVLink's units.
 */
import { atan2, hypot } from "../../base/mod.ts";
import { degFromRad, wrapTurn, type LatLon } from "../geodesy/ellipsoid.ts";
import type { LocalFrame } from "../geodesy/frame.ts";
import { mavlink } from "../mavlink/codec.ts";
import type { MavlinkKind, MavlinkMessage, MavlinkMessageOf } from "../mavlink/messages.ts";
import {
  COPTER_MODE,
  EKF,
  MAV_AUTOPILOT,
  MAV_LANDED_STATE,
  MAV_MODE_FLAG,
  MAV_STATE,
  MAV_TYPE,
  ORIENTATION_DOWN,
  SENSOR_PREARM_CHECK,
} from "../mavlink/numbers.ts";
import type { LocalPosition, VehicleSample } from "../vehicle.ts";

export interface Report {
  readonly sample: VehicleSample;
  readonly frame: LocalFrame;
  readonly home: LocalPosition;
  readonly customMode: number;
  /** Since the vehicle's start, in its own time. */
  readonly bootMs: number;
  /** Rides in AUTOPILOT_VERSION.uid, so that ground stations tell vehicles apart. */
  readonly systemId: number;
}

export function degE7(place: LatLon): { readonly lat: number; readonly lon: number } {
  return {
    lat: Math.round(degFromRad(place.latRad) * 1e7),
    lon: Math.round(degFromRad(place.lonRad) * 1e7),
  };
}

const placeE7 = ({ frame }: Report, { northM, eastM }: LocalPosition) =>
  degE7(frame.latLonFromPlane(northM, eastM));

const bootMsOf = ({ bootMs }: Report): number => Math.floor(bootMs) % 0x100000000;
const bootUs = ({ bootMs }: Report): bigint => BigInt(Math.floor(bootMs * 1000));

export function heartbeat({ sample, customMode }: Report): MavlinkMessageOf<"heartbeat"> {
  const guided = customMode === COPTER_MODE.GUIDED ? MAV_MODE_FLAG.GUIDED : 0;
  const armed = sample.armed ? MAV_MODE_FLAG.ARMED : 0;
  return mavlink("heartbeat", {
    customMode,
    type: MAV_TYPE.QUADROTOR,
    autopilot: MAV_AUTOPILOT.ARDUPILOT,
    baseMode: MAV_MODE_FLAG.CUSTOM_MODE | MAV_MODE_FLAG.STABILIZE | guided | armed,
    systemStatus: sample.armed ? MAV_STATE.ACTIVE : MAV_STATE.STANDBY,
    mavlinkVersion: 3,
  });
}

/** Four cells; the open-circuit curve of a lithium battery taken as a line. */
const CELLS = 4;
const cellV = (ratio: number): number => 3.5 + 0.7 * ratio;
const packV = ({ sample }: Report): number => CELLS * cellV(sample.batteryRatio);
const packA = (report: Report): number => report.sample.powerW / packV(report);

/** Gyro, accelerometer, magnetometer, pressure, GPS, attitude, motors, estimator, battery. */
const SENSORS = 0x0220fc2f;

function sysStatus(report: Report): MavlinkMessage {
  const { sample } = report;
  const gps = sample.positionValid ? 0 : 0x20;
  return mavlink("sysStatus", {
    onboardControlSensorsPresent: SENSORS + SENSOR_PREARM_CHECK,
    onboardControlSensorsEnabled: SENSORS + SENSOR_PREARM_CHECK,
    onboardControlSensorsHealth: SENSORS - gps + (sample.ready ? SENSOR_PREARM_CHECK : 0),
    voltageBattery: packV(report) * 1000,
    currentBattery: packA(report) * 100,
    batteryRemaining: sample.batteryRatio * 100,
  });
}

function globalPositionInt(report: Report): MavlinkMessage {
  const { sample, home } = report;
  const { position, velocity } = sample;
  return mavlink("globalPositionInt", {
    timeBootMs: bootMsOf(report),
    ...placeE7(report, position),
    alt: position.altitudeAmslM * 1000,
    relativeAlt: (position.altitudeAmslM - home.altitudeAmslM) * 1000,
    vx: velocity.northMps * 100,
    vy: velocity.eastMps * 100,
    vz: velocity.downMps * 100,
    hdg: headingCdeg(sample.yawRad),
  });
}

/** [0, 35999]. */
const headingCdeg = (yawRad: number): number =>
  Math.round(degFromRad(wrapTurn(yawRad)) * 100) % 36_000;

/** The origin of local positions is home, as an autopilot's estimator has it. */
function localPositionNed(report: Report): MavlinkMessage {
  const { sample, home } = report;
  return mavlink("localPositionNed", {
    timeBootMs: bootMsOf(report),
    x: sample.position.northM - home.northM,
    y: sample.position.eastM - home.eastM,
    z: home.altitudeAmslM - sample.position.altitudeAmslM,
    vx: sample.velocity.northMps,
    vy: sample.velocity.eastMps,
    vz: sample.velocity.downMps,
  });
}

const FIX_3D = 3;
const FIX_NONE = 1;

function gpsRawInt(report: Report): MavlinkMessage {
  const { sample } = report;
  const speedMps = hypot(sample.velocity.northMps, sample.velocity.eastMps);
  return mavlink("gpsRawInt", {
    timeUsec: bootUs(report),
    fixType: sample.positionValid ? FIX_3D : FIX_NONE,
    ...placeE7(report, sample.position),
    alt: sample.position.altitudeAmslM * 1000,
    eph: 120,
    epv: 200,
    vel: speedMps * 100,
    cog: headingCdeg(atan2(sample.velocity.eastMps, sample.velocity.northMps)),
    satellitesVisible: sample.positionValid ? 10 : 0,
    hAcc: sample.positionErrorM * 1000,
  });
}

const NAVIGATING =
  EKF.ATTITUDE |
  EKF.VELOCITY_HORIZ |
  EKF.VELOCITY_VERT |
  EKF.POS_HORIZ_REL |
  EKF.POS_HORIZ_ABS |
  EKF.POS_VERT_ABS |
  EKF.PRED_POS_HORIZ_REL |
  EKF.PRED_POS_HORIZ_ABS;
const LOST = EKF.ATTITUDE | EKF.VELOCITY_VERT | EKF.POS_VERT_ABS | EKF.CONST_POS_MODE;

function landedState({ sample }: Report): number {
  if (!sample.inAir) return MAV_LANDED_STATE.ON_GROUND;
  if (sample.mode === "takeoff") return MAV_LANDED_STATE.TAKEOFF;
  return sample.mode === "land" ? MAV_LANDED_STATE.LANDING : MAV_LANDED_STATE.IN_AIR;
}

/** The reach of a common laser rangefinder. */
const RANGEFINDER_MAX_CM = 12_000;

/** A rangefinder that sees nothing says more than its reach. */
function distanceSensor(report: Report): MavlinkMessage {
  const { altitudeAglM } = report.sample;
  return mavlink("distanceSensor", {
    timeBootMs: bootMsOf(report),
    minDistance: 10,
    maxDistance: RANGEFINDER_MAX_CM,
    currentDistance: altitudeAglM === undefined ? RANGEFINDER_MAX_CM + 100 : altitudeAglM * 100,
    orientation: ORIENTATION_DOWN,
  });
}

function homePosition(report: Report): MavlinkMessage {
  const { lat, lon } = placeE7(report, report.home);
  return mavlink("homePosition", {
    latitude: lat,
    longitude: lon,
    altitude: report.home.altitudeAmslM * 1000,
    q: [1, 0, 0, 0],
    timeUsec: bootUs(report),
  });
}

/** WIND tells where it comes from. */
function wind({ sample }: Report): MavlinkMessage {
  const { windNorthMps, windEastMps } = sample;
  return mavlink("wind", {
    direction: degFromRad(wrapTurn(atan2(-windEastMps, -windNorthMps))),
    speed: hypot(windNorthMps, windEastMps),
  });
}

const CELL_UNKNOWN = 0xffff;

function batteryStatus(report: Report): MavlinkMessage {
  const cellMv = Math.round(cellV(report.sample.batteryRatio) * 1000);
  return mavlink("batteryStatus", {
    voltages: Array.from({ length: 10 }, (_, i) => (i < CELLS ? cellMv : CELL_UNKNOWN)),
    currentBattery: packA(report) * 100,
    currentConsumed: -1,
    energyConsumed: -1,
    temperature: 0x7fff,
    batteryRemaining: report.sample.batteryRatio * 100,
  });
}

function vfrHud({ sample }: Report): MavlinkMessage {
  const groundMps = hypot(sample.velocity.northMps, sample.velocity.eastMps);
  return mavlink("vfrHud", {
    airspeed: groundMps,
    groundspeed: groundMps,
    heading: Math.floor(headingCdeg(sample.yawRad) / 100),
    alt: sample.position.altitudeAmslM,
    climb: -sample.velocity.downMps,
  });
}

/** Speaks MAVLink 2, COMMAND_INT, integer missions, both setpoint messages. */
const CAPABILITIES = 2n + 4n + 8n + 128n + 256n + 8192n;
/** 4.6.2, official release: the version whose behaviour is presented. */
const VERSION = 0x040602ff;

function autopilotVersion({ systemId }: Report): MavlinkMessage {
  return mavlink("autopilotVersion", {
    capabilities: CAPABILITIES,
    flightSwVersion: VERSION,
    uid: BigInt(systemId),
  });
}

/** A stick position that nobody holds: there is no receiver. */
function rcChannels(report: Report): MavlinkMessage {
  return mavlink("rcChannels", { timeBootMs: bootMsOf(report), rssi: 255 });
}

/** The messages that can be asked for. */
const REPORTS: Partial<Readonly<Record<MavlinkKind, (report: Report) => MavlinkMessage>>> = {
  heartbeat,
  sysStatus,
  systemTime: (report) => mavlink("systemTime", { timeBootMs: bootMsOf(report) }),
  gpsRawInt,
  attitude: (report) =>
    mavlink("attitude", { timeBootMs: bootMsOf(report), yaw: report.sample.yawRad }),
  localPositionNed,
  globalPositionInt,
  rcChannels,
  vfrHud,
  distanceSensor,
  batteryStatus,
  autopilotVersion,
  wind,
  homePosition,
  gpsGlobalOrigin: (report) => {
    const { lat, lon } = placeE7(report, report.home);
    const altitude = report.home.altitudeAmslM * 1000;
    return mavlink("gpsGlobalOrigin", { latitude: lat, longitude: lon, altitude });
  },
  extendedSysState: (report) => mavlink("extendedSysState", { landedState: landedState(report) }),
  ekfStatusReport: (report) =>
    mavlink("ekfStatusReport", { flags: report.sample.positionValid ? NAVIGATING : LOST }),
  missionCurrent: () => mavlink("missionCurrent", {}),
};

export const REPORTABLE: readonly MavlinkKind[] = Object.keys(REPORTS) as MavlinkKind[];

/** The message of that kind, or `undefined` when this vehicle has none. */
export function reportOf(kind: MavlinkKind, report: Report): MavlinkMessage | undefined {
  return REPORTS[kind]?.(report);
}
