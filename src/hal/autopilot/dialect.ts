/**
 * Where ArduPilot (Copter) and PX4 say the same thing differently: modes, take-off altitude, and
 * integers in parameters. Everything else in this folder knows neither.
 *
 * | matter | ArduPilot | PX4 |
 * |---|---|---|
 * | external control | GUIDED, entered at any time | OFFBOARD, entered while setpoints stream |
 * | hold | BRAKE: LOITER would take the throttle from a stick that nobody holds | AUTO.LOITER |
 * | custom mode | one number | main mode << 16, sub mode << 24 |
 * | take-off altitude (param 7) | above home | above mean sea level |
 * | an integer parameter | its value as a float | its bits in the float's place |
 * | estimator | EKF_STATUS_REPORT | not asked: a global position is only sent when there is one |
 * | wind | WIND: direction it comes from | WIND_COV: vector it blows to |
 */
import { mavlink } from "../mavlink/codec.ts";
import type { MavlinkMessageOf } from "../mavlink/messages.ts";
import {
  COPTER_MODE,
  MAV_CMD,
  MAV_MODE_FLAG,
  MAV_PARAM_TYPE,
  PX4_AUTO,
  PX4_MAIN,
} from "../mavlink/numbers.ts";
import type { FlightMode } from "../vehicle.ts";

export type Dialect = "ardupilot" | "px4";

/** Modes that Skein puts a vehicle into. */
export type CommandedMode = "guided" | "hold" | "rtl" | "land";

/** An autopilot parameter that must have a value before the vehicle flies. */
export interface FailsafeParameter {
  /** At most 16 characters. */
  readonly name: string;
  readonly value: number;
  readonly integer: boolean;
}

/**
 * What the vehicle does by itself: return when the agent's heartbeats stop (it speaks as the ground
 * station), return on a low battery, land when the estimator fails.
 */
export const ARDUPILOT_FAILSAFES: readonly FailsafeParameter[] = [
  { name: "FS_GCS_ENABLE", value: 1, integer: true },
  { name: "FS_GCS_TIMEOUT", value: 5, integer: false },
  { name: "BATT_FS_LOW_ACT", value: 2, integer: true },
  { name: "FS_EKF_ACTION", value: 1, integer: true },
];

/** The same by PX4's names: data link loss, low battery and offboard loss all return. */
export const PX4_FAILSAFES: readonly FailsafeParameter[] = [
  { name: "NAV_DLL_ACT", value: 2, integer: true },
  { name: "COM_LOW_BAT_ACT", value: 3, integer: true },
  { name: "COM_OBL_RC_ACT", value: 3, integer: true },
];

const px4Mode = (main: number, sub = 0): number => main * 0x10000 + sub * 0x1000000;

const ARDUPILOT_MODES: Readonly<Record<CommandedMode, number>> = {
  guided: COPTER_MODE.GUIDED,
  hold: COPTER_MODE.BRAKE,
  rtl: COPTER_MODE.RTL,
  land: COPTER_MODE.LAND,
};

const PX4_MODES: Readonly<Record<CommandedMode, number>> = {
  guided: px4Mode(PX4_MAIN.OFFBOARD),
  hold: px4Mode(PX4_MAIN.AUTO, PX4_AUTO.LOITER),
  rtl: px4Mode(PX4_MAIN.AUTO, PX4_AUTO.RTL),
  land: px4Mode(PX4_MAIN.AUTO, PX4_AUTO.LAND),
};

/** The number that HEARTBEAT.custom_mode shows in that mode. */
export function customModeOf(dialect: Dialect, mode: CommandedMode): number {
  return dialect === "px4" ? PX4_MODES[mode] : ARDUPILOT_MODES[mode];
}

const ARDUPILOT_WORDS: ReadonlyMap<number, FlightMode> = new Map<number, FlightMode>([
  [COPTER_MODE.GUIDED, "guided"],
  [COPTER_MODE.LOITER, "hold"],
  [COPTER_MODE.BRAKE, "hold"],
  [COPTER_MODE.RTL, "rtl"],
  [COPTER_MODE.SMART_RTL, "rtl"],
  [COPTER_MODE.LAND, "land"],
]);

const PX4_WORDS: ReadonlyMap<number, FlightMode> = new Map<number, FlightMode>([
  [PX4_MODES.guided, "guided"],
  [PX4_MODES.hold, "hold"],
  [PX4_MODES.rtl, "rtl"],
  [PX4_MODES.land, "land"],
  [px4Mode(PX4_MAIN.AUTO, PX4_AUTO.TAKEOFF), "takeoff"],
]);

/** What the autopilot is doing, in the words shared by both; what has none is "manual". */
export function flightModeOf(dialect: Dialect, customMode: number): FlightMode {
  const words = dialect === "px4" ? PX4_WORDS : ARDUPILOT_WORDS;
  return words.get(customMode) ?? "manual";
}

/** MAV_CMD_DO_SET_MODE for a mode. */
export function setModeCommand(
  dialect: Dialect,
  mode: CommandedMode,
): MavlinkMessageOf<"commandLong"> {
  const custom = customModeOf(dialect, mode);
  const px4 = dialect === "px4";
  return mavlink("commandLong", {
    command: MAV_CMD.DO_SET_MODE,
    param1: MAV_MODE_FLAG.CUSTOM_MODE,
    param2: px4 ? (custom >> 16) & 0xff : custom,
    param3: px4 ? (custom >> 24) & 0xff : 0,
  });
}

/** What MAV_CMD_NAV_TAKEOFF wants in param 7. */
export function takeoffAltitudeM(
  dialect: Dialect,
  altitudeHomeM: number,
  homeAmslM: number,
): number {
  return dialect === "px4" ? altitudeHomeM + homeAmslM : altitudeHomeM;
}

const BITS = new DataView(new ArrayBuffer(4));

/** PARAM_SET.param_value and param_type. */
export function parameterValue(
  dialect: Dialect,
  { value, integer }: FailsafeParameter,
): { readonly paramValue: number; readonly paramType: number } {
  if (!integer) return { paramValue: Math.fround(value), paramType: MAV_PARAM_TYPE.REAL32 };
  if (dialect === "ardupilot") return { paramValue: value, paramType: MAV_PARAM_TYPE.INT32 };
  BITS.setInt32(0, value);
  return { paramValue: BITS.getFloat32(0), paramType: MAV_PARAM_TYPE.INT32 };
}
