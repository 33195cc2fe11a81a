/** The shapes that Foxglove draws, made of a recorded vehicle: pose, arrow with its number, fix. */

export interface RecordedVehicle {
  readonly index: number;
  readonly state: string;
  readonly northM: number;
  readonly eastM: number;
  readonly altitudeAmslM: number;
  readonly latDeg: number;
  readonly lonDeg: number;
  /** Clockwise from north. */
  readonly yawRad: number;
  readonly batteryRatio: number;
  /** One sigma, horizontal. */
  readonly positionErrorM: number;
}

/** Of all positions. */
export const FRAME = "mission";

export interface Stamp {
  readonly sec: number;
  readonly nsec: number;
}

export const stamp = (ns: bigint): Stamp => ({
  sec: Number(ns / 1_000_000_000n),
  nsec: Number(ns % 1_000_000_000n),
});

export const rounded = (metres: number): number => Math.round(metres * 100) / 100;

export interface Pose {
  readonly position: { readonly x: number; readonly y: number; readonly z: number };
  readonly orientation: {
    readonly x: number;
    readonly y: number;
    readonly z: number;
    readonly w: number;
  };
}

/** East, north, up; yaw turns from east to the left, so north is a quarter turn. */
export function poseOf({ northM, eastM, altitudeAmslM, yawRad }: RecordedVehicle): Pose {
  const half = (Math.PI / 2 - yawRad) / 2;
  return {
    position: { x: rounded(eastM), y: rounded(northM), z: rounded(altitudeAmslM) },
    orientation: { x: 0, y: 0, z: Math.sin(half), w: Math.cos(half) },
  };
}

const WHITE = { r: 0.9, g: 0.93, b: 0.96, a: 1 };
const FLYING = { r: 0.44, g: 0.84, b: 0.6, a: 1 };
const LOST = { r: 1, g: 0.48, b: 0.42, a: 1 };
/** Drawn large: a mission is kilometres wide. */
const ARROW_M = 40;

export function entityOf(vehicle: RecordedVehicle, timestamp: Stamp): unknown {
  const pose = poseOf(vehicle);
  const { index, state } = vehicle;
  return {
    timestamp,
    frame_id: FRAME,
    id: `vehicle ${String(index)}`,
    lifetime: { sec: 0, nsec: 0 },
    frame_locked: false,
    metadata: [{ key: "state", value: state }],
    arrows: [
      {
        pose,
        shaft_length: ARROW_M * 0.6,
        shaft_diameter: ARROW_M * 0.15,
        head_length: ARROW_M * 0.4,
        head_diameter: ARROW_M * 0.35,
        color: state === "lost" ? LOST : FLYING,
      },
    ],
    texts: [
      {
        pose,
        billboard: true,
        font_size: 14,
        scale_invariant: true,
        color: WHITE,
        text: String(index),
      },
    ],
  };
}

export function fixOf(vehicle: RecordedVehicle, timestamp: Stamp): unknown {
  const variance = vehicle.positionErrorM * vehicle.positionErrorM;
  return {
    timestamp,
    frame_id: FRAME,
    latitude: vehicle.latDeg,
    longitude: vehicle.lonDeg,
    altitude: rounded(vehicle.altitudeAmslM),
    position_covariance: [variance, 0, 0, 0, variance, 0, 0, 0, 4 * variance],
    position_covariance_type: 1,
  };
}
