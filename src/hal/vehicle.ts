/**
 * The vehicle as data: what an autopilot tells the node, and what the node may ask of it.
 *
 * Positions are in the mission's local frame: metres north and east of the mission origin on the
 * WGS84 ellipsoid's tangent plane, and altitude above mean sea level. `geodesy` converts; degrees
 * never come further up than this layer.
 */

/** A point in the mission's local frame. */
export interface LocalPosition {
  readonly northM: number;
  readonly eastM: number;
  readonly altitudeAmslM: number;
}

/** North, east, down in metres a second. */
export interface LocalVelocity {
  readonly northMps: number;
  readonly eastMps: number;
  readonly downMps: number;
}

/** What the autopilot is doing, in the words that PX4 and ArduPilot share. */
export type FlightMode = "idle" | "takeoff" | "guided" | "hold" | "rtl" | "land" | "manual";

/** One sample of a vehicle's state, normally at 10 Hz. */
export interface VehicleSample {
  readonly position: LocalPosition;
  readonly velocity: LocalVelocity;
  readonly yawRad: number;
  /** One sigma, horizontal. */
  readonly positionErrorM: number;
  /** False while there is no trustworthy position (GNSS lost and dead reckoning too old). */
  readonly positionValid: boolean;
  /** Measured height above ground (rangefinder), or undefined when out of range or fitted none. */
  readonly altitudeAglM: number | undefined;
  /** Remaining energy as a share of a full battery, [0, 1]. */
  readonly batteryRatio: number;
  /** Energy of a full battery. */
  readonly batteryFullWh: number;
  readonly powerW: number;
  /** Estimated wind, where it blows to. */
  readonly windNorthMps: number;
  readonly windEastMps: number;
  readonly mode: FlightMode;
  readonly armed: boolean;
  readonly inAir: boolean;
  /** The crew has released this vehicle for arming (switch, or release on the page). */
  readonly released: boolean;
  /** Pre-arm checks passed. */
  readonly ready: boolean;
}

/** Where the node wants the vehicle to be and how it may get there. */
export interface Setpoint {
  readonly position: LocalPosition;
  /** Feed-forward; zero for plain go-to. */
  readonly velocity: LocalVelocity;
  readonly yawRad: number;
  readonly speedMaxMps: number;
}

/** What the node asks of an autopilot. The adapter repeats it until it is acknowledged. */
export type VehicleCommand =
  | { readonly kind: "arm" }
  | { readonly kind: "disarm" }
  | { readonly kind: "takeoff"; readonly altitudeAglM: number }
  | { readonly kind: "setpoint"; readonly setpoint: Setpoint }
  | { readonly kind: "hold" }
  | { readonly kind: "rtl" }
  | { readonly kind: "land" };

/** What an on-board sensor thinks that it saw. */
export interface SensorReport {
  /** Unique on this vehicle since boot. */
  readonly sequence: number;
  readonly position: LocalPosition;
  /** Horizontal one sigma. */
  readonly errorM: number;
  /** The classifier's score, (0, 1]. */
  readonly confidence: number;
  /** Names an image on the vehicle. */
  readonly imageRef: string;
}
