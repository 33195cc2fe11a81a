/**
 * The MAVLink messages that Skein reads and writes, as a table: id, CRC_EXTRA, fields in wire order
 * (by falling size, extensions last as declared). Everything else (types, codec, layout document)
 * follows from it.
 *
 * Source: the `common` and `ardupilotmega` dialects (mavlink/mavlink, message_definitions/v1.0).
 * Names are those of the dialects in camel case, units theirs too: `lat` and `lon` in degE7, `alt`
 * in millimetres, unless a field says otherwise. They never leave `hal`. Over 400 lines since it is
 * a table; `messages.test.ts` holds it against node-mavlink's.
 */

export const MESSAGES = {
  /** HEARTBEAT */
  heartbeat: {
    id: 0,
    crcExtra: 50,
    extensions: 0,
    fields: [
      ["customMode", "u32"],
      ["type", "u8"],
      ["autopilot", "u8"],
      ["baseMode", "u8"],
      ["systemStatus", "u8"],
      ["mavlinkVersion", "u8"],
    ],
  },
  /** SYS_STATUS */
  sysStatus: {
    id: 1,
    crcExtra: 124,
    extensions: 3,
    fields: [
      ["onboardControlSensorsPresent", "u32"],
      ["onboardControlSensorsEnabled", "u32"],
      ["onboardControlSensorsHealth", "u32"],
      ["load", "u16"],
      ["voltageBattery", "u16"],
      ["currentBattery", "i16"],
      ["dropRateComm", "u16"],
      ["errorsComm", "u16"],
      ["errorsCount1", "u16"],
      ["errorsCount2", "u16"],
      ["errorsCount3", "u16"],
      ["errorsCount4", "u16"],
      ["batteryRemaining", "i8"],
      ["onboardControlSensorsPresentExtended", "u32"],
      ["onboardControlSensorsEnabledExtended", "u32"],
      ["onboardControlSensorsHealthExtended", "u32"],
    ],
  },
  /** SYSTEM_TIME */
  systemTime: {
    id: 2,
    crcExtra: 137,
    extensions: 0,
    fields: [
      ["timeUnixUsec", "u64"],
      ["timeBootMs", "u32"],
    ],
  },
  /** PING */
  ping: {
    id: 4,
    crcExtra: 237,
    extensions: 0,
    fields: [
      ["timeUsec", "u64"],
      ["seq", "u32"],
      ["targetSystem", "u8"],
      ["targetComponent", "u8"],
    ],
  },
  /** SET_MODE */
  setMode: {
    id: 11,
    crcExtra: 89,
    extensions: 0,
    fields: [
      ["customMode", "u32"],
      ["targetSystem", "u8"],
      ["baseMode", "u8"],
    ],
  },
  /** PARAM_REQUEST_READ */
  paramRequestRead: {
    id: 20,
    crcExtra: 214,
    extensions: 0,
    fields: [
      ["paramIndex", "i16"],
      ["targetSystem", "u8"],
      ["targetComponent", "u8"],
      ["paramId", "char[16]"],
    ],
  },
  /** PARAM_REQUEST_LIST */
  paramRequestList: {
    id: 21,
    crcExtra: 159,
    extensions: 0,
    fields: [
      ["targetSystem", "u8"],
      ["targetComponent", "u8"],
    ],
  },
  /** PARAM_VALUE */
  paramValue: {
    id: 22,
    crcExtra: 220,
    extensions: 0,
    fields: [
      ["paramValue", "f32"],
      ["paramCount", "u16"],
      ["paramIndex", "u16"],
      ["paramId", "char[16]"],
      ["paramType", "u8"],
    ],
  },
  /** PARAM_SET */
  paramSet: {
    id: 23,
    crcExtra: 168,
    extensions: 0,
    fields: [
      ["paramValue", "f32"],
      ["targetSystem", "u8"],
      ["targetComponent", "u8"],
      ["paramId", "char[16]"],
      ["paramType", "u8"],
    ],
  },
  /** GPS_RAW_INT */
  gpsRawInt: {
    id: 24,
    crcExtra: 24,
    extensions: 6,
    fields: [
      ["timeUsec", "u64"],
      ["lat", "i32"],
      ["lon", "i32"],
      ["alt", "i32"],
      ["eph", "u16"],
      ["epv", "u16"],
      ["vel", "u16"],
      ["cog", "u16"],
      ["fixType", "u8"],
      ["satellitesVisible", "u8"],
      ["altEllipsoid", "i32"],
      ["hAcc", "u32"],
      ["vAcc", "u32"],
      ["velAcc", "u32"],
      ["hdgAcc", "u32"],
      ["yaw", "u16"],
    ],
  },
  /** ATTITUDE */
  attitude: {
    id: 30,
    crcExtra: 39,
    extensions: 0,
    fields: [
      ["timeBootMs", "u32"],
      ["roll", "f32"],
      ["pitch", "f32"],
      ["yaw", "f32"],
      ["rollspeed", "f32"],
      ["pitchspeed", "f32"],
      ["yawspeed", "f32"],
    ],
  },
  /** LOCAL_POSITION_NED */
  localPositionNed: {
    id: 32,
    crcExtra: 185,
    extensions: 0,
    fields: [
      ["timeBootMs", "u32"],
      ["x", "f32"],
      ["y", "f32"],
      ["z", "f32"],
      ["vx", "f32"],
      ["vy", "f32"],
      ["vz", "f32"],
    ],
  },
  /** GLOBAL_POSITION_INT */
  globalPositionInt: {
    id: 33,
    crcExtra: 104,
    extensions: 0,
    fields: [
      ["timeBootMs", "u32"],
      ["lat", "i32"],
      ["lon", "i32"],
      ["alt", "i32"],
      ["relativeAlt", "i32"],
      ["vx", "i16"],
      ["vy", "i16"],
      ["vz", "i16"],
      ["hdg", "u16"],
    ],
  },
  /** MISSION_REQUEST */
  missionRequest: {
    id: 40,
    crcExtra: 230,
    extensions: 1,
    fields: [
      ["seq", "u16"],
      ["targetSystem", "u8"],
      ["targetComponent", "u8"],
      ["missionType", "u8"],
    ],
  },
  /** MISSION_CURRENT */
  missionCurrent: {
    id: 42,
    crcExtra: 28,
    extensions: 3,
    fields: [
      ["seq", "u16"],
      ["total", "u16"],
      ["missionState", "u8"],
      ["missionMode", "u8"],
    ],
  },
  /** MISSION_REQUEST_LIST */
  missionRequestList: {
    id: 43,
    crcExtra: 132,
    extensions: 1,
    fields: [
      ["targetSystem", "u8"],
      ["targetComponent", "u8"],
      ["missionType", "u8"],
    ],
  },
  /** MISSION_COUNT */
  missionCount: {
    id: 44,
    crcExtra: 221,
    extensions: 1,
    fields: [
      ["count", "u16"],
      ["targetSystem", "u8"],
      ["targetComponent", "u8"],
      ["missionType", "u8"],
    ],
  },
  /** MISSION_CLEAR_ALL */
  missionClearAll: {
    id: 45,
    crcExtra: 232,
    extensions: 1,
    fields: [
      ["targetSystem", "u8"],
      ["targetComponent", "u8"],
      ["missionType", "u8"],
    ],
  },
  /** MISSION_ACK */
  missionAck: {
    id: 47,
    crcExtra: 153,
    extensions: 1,
    fields: [
      ["targetSystem", "u8"],
      ["targetComponent", "u8"],
      ["type", "u8"],
      ["missionType", "u8"],
    ],
  },
  /** GPS_GLOBAL_ORIGIN */
  gpsGlobalOrigin: {
    id: 49,
    crcExtra: 39,
    extensions: 1,
    fields: [
      ["latitude", "i32"],
      ["longitude", "i32"],
      ["altitude", "i32"],
      ["timeUsec", "u64"],
    ],
  },
  /** MISSION_REQUEST_INT */
  missionRequestInt: {
    id: 51,
    crcExtra: 196,
    extensions: 1,
    fields: [
      ["seq", "u16"],
      ["targetSystem", "u8"],
      ["targetComponent", "u8"],
      ["missionType", "u8"],
    ],
  },
  /** RC_CHANNELS */
  rcChannels: {
    id: 65,
    crcExtra: 118,
    extensions: 0,
    fields: [
      ["timeBootMs", "u32"],
      ["chan1Raw", "u16"],
      ["chan2Raw", "u16"],
      ["chan3Raw", "u16"],
      ["chan4Raw", "u16"],
      ["chan5Raw", "u16"],
      ["chan6Raw", "u16"],
      ["chan7Raw", "u16"],
      ["chan8Raw", "u16"],
      ["chan9Raw", "u16"],
      ["chan10Raw", "u16"],
      ["chan11Raw", "u16"],
      ["chan12Raw", "u16"],
      ["chan13Raw", "u16"],
      ["chan14Raw", "u16"],
      ["chan15Raw", "u16"],
      ["chan16Raw", "u16"],
      ["chan17Raw", "u16"],
      ["chan18Raw", "u16"],
      ["chancount", "u8"],
      ["rssi", "u8"],
    ],
  },
  /** REQUEST_DATA_STREAM */
  requestDataStream: {
    id: 66,
    crcExtra: 148,
    extensions: 0,
    fields: [
      ["reqMessageRate", "u16"],
      ["targetSystem", "u8"],
      ["targetComponent", "u8"],
      ["reqStreamId", "u8"],
      ["startStop", "u8"],
    ],
  },
  /** MISSION_ITEM_INT */
  missionItemInt: {
    id: 73,
    crcExtra: 38,
    extensions: 1,
    fields: [
      ["param1", "f32"],
      ["param2", "f32"],
      ["param3", "f32"],
      ["param4", "f32"],
      ["x", "i32"],
      ["y", "i32"],
      ["z", "f32"],
      ["seq", "u16"],
      ["command", "u16"],
      ["targetSystem", "u8"],
      ["targetComponent", "u8"],
      ["frame", "u8"],
      ["current", "u8"],
      ["autocontinue", "u8"],
      ["missionType", "u8"],
    ],
  },
  /** VFR_HUD */
  vfrHud: {
    id: 74,
    crcExtra: 20,
    extensions: 0,
    fields: [
      ["airspeed", "f32"],
      ["groundspeed", "f32"],
      ["alt", "f32"],
      ["climb", "f32"],
      ["heading", "i16"],
      ["throttle", "u16"],
    ],
  },
  /** COMMAND_INT */
  commandInt: {
    id: 75,
    crcExtra: 158,
    extensions: 0,
    fields: [
      ["param1", "f32"],
      ["param2", "f32"],
      ["param3", "f32"],
      ["param4", "f32"],
      ["x", "i32"],
      ["y", "i32"],
      ["z", "f32"],
      ["command", "u16"],
      ["targetSystem", "u8"],
      ["targetComponent", "u8"],
      ["frame", "u8"],
      ["current", "u8"],
      ["autocontinue", "u8"],
    ],
  },
  /** COMMAND_LONG */
  commandLong: {
    id: 76,
    crcExtra: 152,
    extensions: 0,
    fields: [
      ["param1", "f32"],
      ["param2", "f32"],
      ["param3", "f32"],
      ["param4", "f32"],
      ["param5", "f32"],
      ["param6", "f32"],
      ["param7", "f32"],
      ["command", "u16"],
      ["targetSystem", "u8"],
      ["targetComponent", "u8"],
      ["confirmation", "u8"],
    ],
  },
  /** COMMAND_ACK */
  commandAck: {
    id: 77,
    crcExtra: 143,
    extensions: 4,
    fields: [
      ["command", "u16"],
      ["result", "u8"],
      ["progress", "u8"],
      ["resultParam2", "i32"],
      ["targetSystem", "u8"],
      ["targetComponent", "u8"],
    ],
  },
  /** SET_POSITION_TARGET_LOCAL_NED */
  setPositionTargetLocalNed: {
    id: 84,
    crcExtra: 143,
    extensions: 0,
    fields: [
      ["timeBootMs", "u32"],
      ["x", "f32"],
      ["y", "f32"],
      ["z", "f32"],
      ["vx", "f32"],
      ["vy", "f32"],
      ["vz", "f32"],
      ["afx", "f32"],
      ["afy", "f32"],
      ["afz", "f32"],
      ["yaw", "f32"],
      ["yawRate", "f32"],
      ["typeMask", "u16"],
      ["targetSystem", "u8"],
      ["targetComponent", "u8"],
      ["coordinateFrame", "u8"],
    ],
  },
  /** SET_POSITION_TARGET_GLOBAL_INT */
  setPositionTargetGlobalInt: {
    id: 86,
    crcExtra: 5,
    extensions: 0,
    fields: [
      ["timeBootMs", "u32"],
      ["latInt", "i32"],
      ["lonInt", "i32"],
      ["alt", "f32"],
      ["vx", "f32"],
      ["vy", "f32"],
      ["vz", "f32"],
      ["afx", "f32"],
      ["afy", "f32"],
      ["afz", "f32"],
      ["yaw", "f32"],
      ["yawRate", "f32"],
      ["typeMask", "u16"],
      ["targetSystem", "u8"],
      ["targetComponent", "u8"],
      ["coordinateFrame", "u8"],
    ],
  },
  /** POSITION_TARGET_GLOBAL_INT */
  positionTargetGlobalInt: {
    id: 87,
    crcExtra: 150,
    extensions: 0,
    fields: [
      ["timeBootMs", "u32"],
      ["latInt", "i32"],
      ["lonInt", "i32"],
      ["alt", "f32"],
      ["vx", "f32"],
      ["vy", "f32"],
      ["vz", "f32"],
      ["afx", "f32"],
      ["afy", "f32"],
      ["afz", "f32"],
      ["yaw", "f32"],
      ["yawRate", "f32"],
      ["typeMask", "u16"],
      ["coordinateFrame", "u8"],
    ],
  },
  /** RADIO_STATUS */
  radioStatus: {
    id: 109,
    crcExtra: 185,
    extensions: 0,
    fields: [
      ["rxerrors", "u16"],
      ["fixed", "u16"],
      ["rssi", "u8"],
      ["remrssi", "u8"],
      ["txbuf", "u8"],
      ["noise", "u8"],
      ["remnoise", "u8"],
    ],
  },
  /** TIMESYNC */
  timesync: {
    id: 111,
    crcExtra: 34,
    extensions: 0,
    fields: [
      ["tc1", "i64"],
      ["ts1", "i64"],
    ],
  },
  /** DISTANCE_SENSOR */
  distanceSensor: {
    id: 132,
    crcExtra: 85,
    extensions: 4,
    fields: [
      ["timeBootMs", "u32"],
      ["minDistance", "u16"],
      ["maxDistance", "u16"],
      ["currentDistance", "u16"],
      ["type", "u8"],
      ["id", "u8"],
      ["orientation", "u8"],
      ["covariance", "u8"],
      ["horizontalFov", "f32"],
      ["verticalFov", "f32"],
      ["quaternion", "f32[4]"],
      ["signalQuality", "u8"],
    ],
  },
  /** BATTERY_STATUS */
  batteryStatus: {
    id: 147,
    crcExtra: 154,
    extensions: 5,
    fields: [
      ["currentConsumed", "i32"],
      ["energyConsumed", "i32"],
      ["temperature", "i16"],
      ["voltages", "u16[10]"],
      ["currentBattery", "i16"],
      ["id", "u8"],
      ["batteryFunction", "u8"],
      ["type", "u8"],
      ["batteryRemaining", "i8"],
      ["timeRemaining", "i32"],
      ["chargeState", "u8"],
      ["voltagesExt", "u16[4]"],
      ["mode", "u8"],
      ["faultBitmask", "u32"],
    ],
  },
  /** AUTOPILOT_VERSION */
  autopilotVersion: {
    id: 148,
    crcExtra: 178,
    extensions: 1,
    fields: [
      ["capabilities", "u64"],
      ["uid", "u64"],
      ["flightSwVersion", "u32"],
      ["middlewareSwVersion", "u32"],
      ["osSwVersion", "u32"],
      ["boardVersion", "u32"],
      ["vendorId", "u16"],
      ["productId", "u16"],
      ["flightCustomVersion", "u8[8]"],
      ["middlewareCustomVersion", "u8[8]"],
      ["osCustomVersion", "u8[8]"],
      ["uid2", "u8[18]"],
    ],
  },
  /** WIND */
  wind: {
    id: 168,
    crcExtra: 1,
    extensions: 0,
    fields: [
      ["direction", "f32"],
      ["speed", "f32"],
      ["speedZ", "f32"],
    ],
  },
  /** EKF_STATUS_REPORT */
  ekfStatusReport: {
    id: 193,
    crcExtra: 71,
    extensions: 1,
    fields: [
      ["velocityVariance", "f32"],
      ["posHorizVariance", "f32"],
      ["posVertVariance", "f32"],
      ["compassVariance", "f32"],
      ["terrainAltVariance", "f32"],
      ["flags", "u16"],
      ["airspeedVariance", "f32"],
    ],
  },
  /** WIND_COV */
  windCov: {
    id: 231,
    crcExtra: 105,
    extensions: 0,
    fields: [
      ["timeUsec", "u64"],
      ["windX", "f32"],
      ["windY", "f32"],
      ["windZ", "f32"],
      ["varHoriz", "f32"],
      ["varVert", "f32"],
      ["windAlt", "f32"],
      ["horizAccuracy", "f32"],
      ["vertAccuracy", "f32"],
    ],
  },
  /** HOME_POSITION */
  homePosition: {
    id: 242,
    crcExtra: 104,
    extensions: 1,
    fields: [
      ["latitude", "i32"],
      ["longitude", "i32"],
      ["altitude", "i32"],
      ["x", "f32"],
      ["y", "f32"],
      ["z", "f32"],
      ["q", "f32[4]"],
      ["approachX", "f32"],
      ["approachY", "f32"],
      ["approachZ", "f32"],
      ["timeUsec", "u64"],
    ],
  },
  /** EXTENDED_SYS_STATE */
  extendedSysState: {
    id: 245,
    crcExtra: 130,
    extensions: 0,
    fields: [
      ["vtolState", "u8"],
      ["landedState", "u8"],
    ],
  },
  /** STATUSTEXT */
  statustext: {
    id: 253,
    crcExtra: 83,
    extensions: 2,
    fields: [
      ["severity", "u8"],
      ["text", "char[50]"],
      ["id", "u16"],
      ["chunkSeq", "u8"],
    ],
  },
} as const;

export type MavlinkKind = keyof typeof MESSAGES;

type Scalar = "u8" | "i8" | "u16" | "i16" | "u32" | "i32" | "u64" | "i64" | "f32" | "f64";

/** 64-bit integers are bigints, character arrays text up to the first zero, others numbers. */
type ValueOf<T extends string> = T extends "u64" | "i64"
  ? bigint
  : T extends `char[${number}]`
    ? string
    : T extends Scalar
      ? number
      : readonly number[];

type FieldsOf<K extends MavlinkKind> = (typeof MESSAGES)[K]["fields"][number];

/** The fields of one message. */
export type MavlinkFields<K extends MavlinkKind> = {
  readonly [F in FieldsOf<K> as F[0]]: ValueOf<F[1]>;
};

export type MavlinkMessageOf<K extends MavlinkKind> = MavlinkFields<K> & { readonly kind: K };

/** Any message of the table, told apart by `kind`. */
export type MavlinkMessage = { [K in MavlinkKind]: MavlinkMessageOf<K> }[MavlinkKind];
