/**
 * The few parameters that a presented vehicle has, by ArduPilot's names. Each does what it says.
 */
import { mavlink } from "../mavlink/codec.ts";
import type { MavlinkMessageOf } from "../mavlink/messages.ts";
import { MAV_PARAM_TYPE } from "../mavlink/numbers.ts";

export interface VehicleParameter {
  readonly name: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly integer: boolean;
}

/**
 * All failsafes are off until someone sets them, as the node that flies a simulated vehicle has its
 * own; a ground station that leaves must not bring the swarm home.
 */
export const VEHICLE_PARAMETERS: readonly VehicleParameter[] = [
  { name: "BATT_FS_LOW_ACT", value: 0, min: 0, max: 2, integer: true },
  { name: "FS_EKF_ACTION", value: 0, min: 0, max: 1, integer: true },
  { name: "FS_GCS_ENABLE", value: 0, min: 0, max: 1, integer: true },
  { name: "FS_GCS_TIMEOUT", value: 5, min: 2, max: 120, integer: false },
  { name: "SYSID_THISMAV", value: 1, min: 1, max: 255, integer: true },
  { name: "WPNAV_SPEED", value: 1000, min: 20, max: 2000, integer: false },
];

export const parameterIndex = (name: string): number =>
  VEHICLE_PARAMETERS.findIndex((parameter) => parameter.name === name);

/** The value as it will be held: within its range, whole when it counts something. */
export function admitted({ min, max, integer }: VehicleParameter, value: number): number {
  const inside = Math.min(max, Math.max(min, Number.isNaN(value) ? min : value));
  return Math.fround(integer ? Math.round(inside) : inside);
}

export function paramValue(index: number, value: number): MavlinkMessageOf<"paramValue"> {
  const parameter = VEHICLE_PARAMETERS[index]!;
  return mavlink("paramValue", {
    paramId: parameter.name,
    paramValue: value,
    paramType: parameter.integer ? MAV_PARAM_TYPE.INT32 : MAV_PARAM_TYPE.REAL32,
    paramCount: VEHICLE_PARAMETERS.length,
    paramIndex: index,
  });
}
