/**
 * Reading the binary vehicle frame (`docs/protocols/ground-stream.md`). The numbers of the statuses
 * are those of the server's table; the shared golden bytes hold both to it.
 */
import type { VehicleStatus } from "../../report/view.ts";

export interface FrameVehicle {
  readonly index: number;
  readonly northM: number;
  readonly eastM: number;
  readonly altitudeAmslM: number;
  readonly northMps: number;
  readonly eastMps: number;
  readonly headingRad: number;
  readonly status: VehicleStatus;
  readonly armed: boolean;
  readonly leader: boolean;
  readonly needsHand: boolean;
}

export interface Frame {
  readonly sequence: number;
  readonly missionTimeMs: number;
  readonly vehicles: readonly FrameVehicle[];
}

const HEADER_BYTES = 16;
const VEHICLE_BYTES = 20;
const STATUSES: readonly VehicleStatus[] = [
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

/** The frame, or undefined when the bytes are of another version. */
export function decodeFrame(bytes: ArrayBuffer, originAltitudeAmslM: number): Frame | undefined {
  const view = new DataView(bytes);
  const body = bytes.byteLength - HEADER_BYTES;
  if (body < 0 || body % VEHICLE_BYTES !== 0) return undefined;
  if (view.getUint32(0) !== 0x534b0101) return undefined;
  const vehicles: FrameVehicle[] = [];
  for (let at = HEADER_BYTES; at < bytes.byteLength; at += VEHICLE_BYTES) {
    const state = view.getUint16(at + 18, true);
    vehicles.push({
      index: view.getUint32(at, true),
      eastM: view.getInt32(at + 4, true) / 100,
      northM: view.getInt32(at + 8, true) / 100,
      altitudeAmslM: originAltitudeAmslM + view.getInt16(at + 12, true) / 10,
      eastMps: view.getInt16(at + 14, true) / 100,
      northMps: view.getInt16(at + 16, true) / 100,
      headingRad: ((state >> 8) * 2 * Math.PI) / 256,
      status: STATUSES[state & 0xf] ?? "lost",
      armed: (state & 0x10) !== 0,
      leader: (state & 0x20) !== 0,
      needsHand: (state & 0x40) !== 0,
    });
  }
  return {
    sequence: view.getUint32(4, true),
    missionTimeMs: Number(view.getBigUint64(8, true)),
    vehicles,
  };
}
