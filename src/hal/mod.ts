/**
 * Layer 1, hardware as data: vehicles, radios, stores, entropy, geodesy, MAVLink.
 * Uses: base.
 */
export type {
  FlightMode,
  LocalPosition,
  LocalVelocity,
  SensorReport,
  Setpoint,
  VehicleCommand,
  VehicleSample,
} from "./vehicle.ts";
export { ALL_CHANNELS, CLUSTER_RADIO, COMMON_RADIO } from "./ports.ts";
export type {
  AccessClass,
  ChannelReport,
  EntropySource,
  OutgoingDatagram,
  RadioIndex,
  ReceivedDatagram,
  RecoveredStore,
  StoreAnswer,
  StoreRequest,
} from "./ports.ts";
export {
  degFromRad,
  ecefFromGeodetic,
  geodeticFromEcef,
  latLonFromDeg,
  radFromDeg,
  wrapPi,
  wrapTurn,
  type Ecef,
  type Geodetic,
  type LatLon,
} from "./geodesy/ellipsoid.ts";
export { enuFromNed, LocalFrame, nedFromEnu, type Enu, type Ned } from "./geodesy/frame.ts";
export {
  aglFromAmsl,
  amslFromAgl,
  amslFromEllipsoid,
  amslFromHome,
  ellipsoidFromAmsl,
  geoidHeightM,
  homeFromAmsl,
} from "./geodesy/geoid.ts";
export {
  destination,
  distanceBetweenM,
  geodesicBetween,
  type Geodesic,
} from "./geodesy/geodesic.ts";
export { latLonFromUtm, utmFromLatLon, utmZone, type Utm } from "./geodesy/utm.ts";
export { latLonFromMgrs, mgrsFromLatLon, type MgrsSquare } from "./geodesy/mgrs.ts";
export { encodeFrame, mavlink, type FrameHeader } from "./mavlink/codec.ts";
export type {
  MavlinkFields,
  MavlinkKind,
  MavlinkMessage,
  MavlinkMessageOf,
} from "./mavlink/messages.ts";
export { MavlinkParser, type MavlinkCounts, type MavlinkFrame } from "./mavlink/parser.ts";
export {
  Autopilot,
  type AutopilotEvent,
  type AutopilotIn,
  type AutopilotOptions,
  type AutopilotOut,
} from "./autopilot/autopilot.ts";
export {
  ARDUPILOT_FAILSAFES,
  PX4_FAILSAFES,
  type Dialect,
  type FailsafeParameter,
} from "./autopilot/dialect.ts";
export {
  MavlinkVehicle,
  type MavlinkVehicleIn,
  type MavlinkVehicleOptions,
  type MavlinkVehicleOut,
} from "./mavlink-vehicle/vehicle.ts";
