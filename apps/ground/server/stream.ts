/**
 * The vehicles as binary frames: where each is, which the page draws ten times a second (kind 1),
 * and how each fares, which changes slowly (kind 2). Layout in `docs/protocols/state-stream.md`,
 * golden bytes in `vectors/state-stream`; little-endian, because every browser is.
 *
 * Bounds: a value beyond its field is clamped to the field's end, never wrapped. Positions reach
 * 21,474 km, heights 3,276 m above and below the mission's origin, speeds 327 m/s.
 */
import type { VehicleRow, VehicleStatus } from "../report/view.ts";
import { STALE_S, type Severity } from "./severity.ts";

export const FRAME_HEADER_BYTES = 16;
export const FRAME_VEHICLE_BYTES = 20;
export const HEALTH_ROW_BYTES = 16;
export const FRAME_VERSION = 1;

/** The place of a status in this list is its number on the wire: append only. */
export const STATUS_CODES: readonly VehicleStatus[] = [
  "waiting",
  "ready",
  "searching",
  "transit",
  "lookingAgain",
  "overhead",
  "returning",
  "charging",
  "holding",
  "landing",
  "outOfRange",
  "lost",
];

const MAGIC_S = 0x53;
const MAGIC_K = 0x4b;
const KIND_VEHICLES = 1;
const KIND_HEALTH = 2;
/** Minutes left of a vehicle that does not fly. */
const NO_MINUTES = -0x8000;
/** Told of late: no moment to count an age from. */
const FRESH = 0xffff;
const NO_CLUSTER = 0xffff;
const SILENT_S = 3;
const FULL_TURN_RAD = 2 * Math.PI;

export type FrameVehicle = Pick<
  VehicleRow,
  | "index"
  | "status"
  | "position"
  | "velocity"
  | "altitudeAmslM"
  | "headingRad"
  | "armed"
  | "leader"
  | "needs"
>;

export interface FrameMoment {
  readonly sequence: number;
  readonly missionTimeS: number;
  readonly originAltitudeAmslM: number;
  readonly vehicles: readonly FrameVehicle[];
}

export function encodeFrame(moment: FrameMoment): Uint8Array {
  const count = moment.vehicles.length;
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + count * FRAME_VEHICLE_BYTES);
  const view = new DataView(bytes.buffer);
  writeHeader(bytes, KIND_VEHICLES, moment);
  moment.vehicles.forEach((vehicle, i) => {
    const at = FRAME_HEADER_BYTES + i * FRAME_VEHICLE_BYTES;
    writeVehicle(view, at, vehicle, moment.originAltitudeAmslM);
  });
  return bytes;
}

function writeHeader(
  bytes: Uint8Array,
  kind: number,
  moment: Pick<FrameMoment, "sequence" | "missionTimeS">,
): void {
  const view = new DataView(bytes.buffer);
  bytes[0] = MAGIC_S;
  bytes[1] = MAGIC_K;
  bytes[2] = FRAME_VERSION;
  bytes[3] = kind;
  view.setUint32(4, moment.sequence >>> 0, true);
  view.setBigUint64(8, BigInt(Math.max(0, Math.round(moment.missionTimeS * 1000))), true);
}

export interface HealthRow extends Pick<
  VehicleRow,
  | "index"
  | "batteryRatio"
  | "linkQuality"
  | "lastHeardS"
  | "hops"
  | "minutesLeft"
  | "toldS"
  | "positionAgeS"
  | "released"
> {
  readonly severity: Severity;
  /** The cluster it belongs to, null for none. */
  readonly cluster: number | null;
}

export interface HealthMoment {
  readonly sequence: number;
  readonly missionTimeS: number;
  readonly rows: readonly HealthRow[];
}

const SEVERITY_CODES: readonly Severity[] = ["well", "warning", "alarm"];

/** How each vehicle fares, as a frame of its own. */
export function encodeHealth(moment: HealthMoment): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + moment.rows.length * HEALTH_ROW_BYTES);
  const view = new DataView(bytes.buffer);
  writeHeader(bytes, KIND_HEALTH, moment);
  moment.rows.forEach((row, i) => {
    writeHealth(view, FRAME_HEADER_BYTES + i * HEALTH_ROW_BYTES, row, moment.missionTimeS);
  });
  return bytes;
}

function writeHealth(view: DataView, at: number, row: HealthRow, nowS: number): void {
  const { minutesLeft, linkQuality, lastHeardS } = row;
  // In sixteenths: a link that flickers by less is not news for thousands of pages a minute.
  const heard = lastHeardS > SILENT_S ? 0 : Math.max(1, Math.ceil(linkQuality * 16));
  view.setUint32(at, row.index, true);
  view.setUint8(at + 4, Math.max(0, Math.min(100, Math.round(row.batteryRatio * 100))));
  view.setUint8(at + 5, Math.min(16, heard));
  view.setUint8(at + 6, Math.min(255, row.hops));
  view.setUint8(at + 7, SEVERITY_CODES.indexOf(row.severity) | (row.released ? 4 : 0));
  const minutes = minutesLeft === null ? NO_MINUTES : within(Math.floor(minutesLeft), 0x7fff);
  view.setInt16(at + 8, minutes, true);
  view.setUint16(at + 10, momentOf(nowS, row.toldS), true);
  view.setUint16(at + 12, momentOf(nowS, row.positionAgeS), true);
  view.setUint16(at + 14, row.cluster ?? NO_CLUSTER, true);
}

/** The second of the mission at which an old word was told; it stays the same as it grows old. */
function momentOf(nowS: number, ageS: number): number {
  if (ageS <= STALE_S) return FRESH;
  return Math.max(0, Math.min(FRESH - 1, Math.round(nowS - ageS)));
}

function writeVehicle(view: DataView, at: number, vehicle: FrameVehicle, zeroM: number): void {
  view.setUint32(at, vehicle.index, true);
  view.setInt32(at + 4, within(vehicle.position.eastM * 100, 0x7fffffff), true);
  view.setInt32(at + 8, within(vehicle.position.northM * 100, 0x7fffffff), true);
  view.setInt16(at + 12, within((vehicle.altitudeAmslM - zeroM) * 10, 0x7fff), true);
  view.setInt16(at + 14, within(vehicle.velocity.eastMps * 100, 0x7fff), true);
  view.setInt16(at + 16, within(vehicle.velocity.northMps * 100, 0x7fff), true);
  view.setUint16(at + 18, stateOf(vehicle), true);
}

function stateOf(vehicle: FrameVehicle): number {
  const turns = vehicle.headingRad / FULL_TURN_RAD;
  const heading = Math.round((turns - Math.floor(turns)) * 256) & 0xff;
  const flags =
    (vehicle.armed ? 0x10 : 0) | (vehicle.leader ? 0x20 : 0) | (vehicle.needs === "" ? 0 : 0x40);
  return STATUS_CODES.indexOf(vehicle.status) | flags | (heading << 8);
}

function within(value: number, limit: number): number {
  if (Number.isNaN(value)) return 0;
  return Math.max(-limit, Math.min(limit, Math.round(value)));
}
