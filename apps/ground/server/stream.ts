/**
 * The vehicles of one moment as a binary frame: what the page draws ten times a second. Layout in
 * `docs/protocols/ground-stream.md`, golden bytes in `vectors/ground-stream`; little-endian,
 * because every browser is.
 *
 * Bounds: a value beyond its field is clamped to the field's end, never wrapped. Positions reach
 * 21,474 km, heights 3,276 m above and below the mission's origin, speeds 327 m/s.
 */
import type { VehicleRow, VehicleStatus } from "../report/view.ts";

export const FRAME_HEADER_BYTES = 16;
export const FRAME_VEHICLE_BYTES = 20;
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
  bytes[0] = MAGIC_S;
  bytes[1] = MAGIC_K;
  bytes[2] = FRAME_VERSION;
  bytes[3] = KIND_VEHICLES;
  view.setUint32(4, moment.sequence >>> 0, true);
  view.setBigUint64(8, BigInt(Math.max(0, Math.round(moment.missionTimeS * 1000))), true);
  moment.vehicles.forEach((vehicle, i) => {
    const at = FRAME_HEADER_BYTES + i * FRAME_VEHICLE_BYTES;
    writeVehicle(view, at, vehicle, moment.originAltitudeAmslM);
  });
  return bytes;
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
