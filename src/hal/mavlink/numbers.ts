/**
 * Numbers of the MAVLink dialects that Skein uses, under their own names.
 *
 * Source: `common` and `ardupilotmega` dialects; ArduCopter's mode.h for the modes; PX4's
 * px4_custom_mode.h for the halves of its custom mode.
 */

export const MAV_CMD = {
  NAV_LOITER_UNLIM: 17,
  NAV_RETURN_TO_LAUNCH: 20,
  NAV_LAND: 21,
  NAV_TAKEOFF: 22,
  DO_SET_MODE: 176,
  DO_CHANGE_SPEED: 178,
  DO_REPOSITION: 192,
  COMPONENT_ARM_DISARM: 400,
  SET_MESSAGE_INTERVAL: 511,
  REQUEST_MESSAGE: 512,
  REQUEST_AUTOPILOT_CAPABILITIES: 520,
} as const;

export const MAV_RESULT = {
  ACCEPTED: 0,
  TEMPORARILY_REJECTED: 1,
  DENIED: 2,
  UNSUPPORTED: 3,
  FAILED: 4,
  IN_PROGRESS: 5,
} as const;

export const MAV_AUTOPILOT = { ARDUPILOT: 3, INVALID: 8, PX4: 12 } as const;

export const MAV_TYPE = { QUADROTOR: 2, GCS: 6, ONBOARD_CONTROLLER: 18 } as const;

export const MAV_STATE = { STANDBY: 3, ACTIVE: 4, CRITICAL: 5 } as const;

export const MAV_MODE_FLAG = { CUSTOM_MODE: 1, GUIDED: 8, STABILIZE: 16, ARMED: 128 } as const;

export const MAV_COMP_ID = { AUTOPILOT1: 1, MISSIONPLANNER: 190, ONBOARD_COMPUTER: 191 } as const;

export const MAV_LANDED_STATE = { ON_GROUND: 1, IN_AIR: 2, TAKEOFF: 3, LANDING: 4 } as const;

export const MAV_FRAME = {
  GLOBAL: 0,
  LOCAL_NED: 1,
  GLOBAL_RELATIVE_ALT: 3,
  GLOBAL_INT: 5,
  GLOBAL_RELATIVE_ALT_INT: 6,
  LOCAL_OFFSET_NED: 7,
} as const;

export const MAV_SEVERITY = { CRITICAL: 2, WARNING: 4, INFO: 6 } as const;

export const MAV_PARAM_TYPE = { INT32: 6, REAL32: 9 } as const;

export const MAV_MISSION_RESULT = { ACCEPTED: 0, UNSUPPORTED: 3, INVALID_SEQUENCE: 13 } as const;

/** DISTANCE_SENSOR.orientation of one that looks down. */
export const ORIENTATION_DOWN = 25;

/** SYS_STATUS: the autopilot would let itself be armed. */
export const SENSOR_PREARM_CHECK = 0x10000000;

export const EKF = {
  ATTITUDE: 0x1,
  VELOCITY_HORIZ: 0x2,
  VELOCITY_VERT: 0x4,
  POS_HORIZ_REL: 0x8,
  POS_HORIZ_ABS: 0x10,
  POS_VERT_ABS: 0x20,
  CONST_POS_MODE: 0x80,
  PRED_POS_HORIZ_REL: 0x100,
  PRED_POS_HORIZ_ABS: 0x200,
} as const;

/** POSITION_TARGET_TYPEMASK: a bit that is set says "ignore". */
export const IGNORE = {
  POSITION: 0x007,
  VELOCITY: 0x038,
  ACCELERATION: 0x1c0,
  YAW: 0x400,
  YAW_RATE: 0x800,
} as const;

export const COPTER_MODE = {
  STABILIZE: 0,
  ALT_HOLD: 2,
  AUTO: 3,
  GUIDED: 4,
  LOITER: 5,
  RTL: 6,
  LAND: 9,
  POSHOLD: 16,
  BRAKE: 17,
  SMART_RTL: 21,
} as const;

export const PX4_MAIN = { MANUAL: 1, ALTCTL: 2, POSCTL: 3, AUTO: 4, OFFBOARD: 6 } as const;

export const PX4_AUTO = { TAKEOFF: 2, LOITER: 3, RTL: 5, LAND: 6 } as const;
