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
