/** State of all vehicles in flat slabs by slot; every field is saved. */
import type { ByteReader, ByteWriter } from "../../src/base/mod.ts";
import type { FlightMode } from "../../src/hal/mod.ts";
import { loadSlabs, saveSlabs, type Slab } from "../core/mod.ts";

export const MODES: readonly FlightMode[] = [
  "idle",
  "takeoff",
  "guided",
  "hold",
  "rtl",
  "land",
  "manual",
];
/** Numbers of the modes in the slab. */
export const MODE = {
  idle: 0,
  takeoff: 1,
  guided: 2,
  hold: 3,
  rtl: 4,
  land: 5,
  manual: 6,
} as const;

/** Why the autopilot is in its mode: by command, or by one of its own failsafes. */
export const CAUSE = { command: 0, silence: 1, battery: 2, position: 3 } as const;

const REALS = [
  "northM",
  "eastM",
  "altitudeM",
  "velocityNorthMps",
  "velocityEastMps",
  "velocityUpMps",
  "pushNorthMps2",
  "pushEastMps2",
  "pushUpMps2",
  "yawRad",
  "gustNorthMps",
  "gustEastMps",
  "gustUpMps",
  "errorNorthM",
  "errorEastM",
  "errorUpM",
  "odometerM",
  "speedMps",
  "aglM",
  "batteryWh",
  "powerW",
  "targetNorthM",
  "targetEastM",
  "targetAltitudeM",
  "feedNorthMps",
  "feedEastMps",
  "feedUpMps",
  "targetYawRad",
  "targetSpeedMps",
  "setpointAgeS",
  "modeAgeS",
  "homeNorthM",
  "homeEastM",
  "homeAltitudeM",
  "powerUpS",
  "gnssLostS",
  "heldAltitudeM",
  "heldAglM",
  "heldBatteryRatio",
  "touchdownRatio",
] as const;
const FLAGS = [
  "mode",
  "cause",
  "armed",
  "inAir",
  "released",
  "powered",
  "lost",
  "gnssOut",
  "stuckBarometer",
  "stuckRangefinder",
  "stuckBattery",
  "setpointFresh",
  "landedEvent",
] as const;

export type RealField = (typeof REALS)[number];
export type FlagField = (typeof FLAGS)[number];

export type FlightSlab = Readonly<Record<RealField, Float64Array>> &
  Readonly<Record<FlagField, Uint8Array>>;

export function flightSlab(count: number): FlightSlab {
  const slab: Record<string, Float64Array | Uint8Array> = {};
  for (const field of REALS) slab[field] = new Float64Array(count);
  for (const field of FLAGS) slab[field] = new Uint8Array(count);
  return slab as unknown as FlightSlab;
}

const fieldsOf = (slab: FlightSlab): readonly Slab[] => [
  ...REALS.map((field) => slab[field]),
  ...FLAGS.map((field) => slab[field]),
];

export const saveFlight = (slab: FlightSlab, to: ByteWriter): void => saveSlabs(fieldsOf(slab), to);

export const loadFlight = (slab: FlightSlab, from: ByteReader): void =>
  loadSlabs(fieldsOf(slab), from);
