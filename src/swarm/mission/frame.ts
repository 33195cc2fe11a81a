/**
 * The mission's local frame as its files and exports need it: degrees in, metres north and east
 * out, and back. The plane lies at the height of the ground at the origin, so that distances on the
 * ground are distances in the plane.
 */
import { ellipsoidFromAmsl, latLonFromDeg, LocalFrame } from "../../hal/mod.ts";
import type { GroundPoint } from "../area/mod.ts";
import type { MissionOrigin } from "./mission.ts";

export interface MissionFrame {
  /** Undefined when the place is too far away for this frame, or no place at all. */
  fromDegrees(latDeg: number, lonDeg: number): GroundPoint | undefined;
  toDegrees(point: GroundPoint): { readonly latDeg: number; readonly lonDeg: number };
}

const DEG_PER_RAD = 180 / Math.PI;
/** The tangent plane stops being useful beyond this (half a metre of error at 50 km). */
export const FRAME_PLACE_REACH_M = 100_000;
/** Before projecting: places on the far side of the earth project onto the plane as well. */
const FAR_DEG = 3;

/** The frame that every part of a mission shares. */
export function localFrameOf(origin: MissionOrigin): LocalFrame {
  const place = { latRad: origin.latitudeRad, lonRad: origin.longitudeRad };
  return new LocalFrame(place, ellipsoidFromAmsl(origin.altitudeAmslM, place));
}

export function missionFrame(origin: MissionOrigin): MissionFrame {
  const frame = localFrameOf(origin);
  const originLatDeg = origin.latitudeRad * DEG_PER_RAD;
  return {
    fromDegrees: (latDeg, lonDeg) => {
      if (!(Math.abs(latDeg - originLatDeg) <= FAR_DEG && Math.abs(lonDeg) <= 360))
        return undefined;
      const { northM, eastM } = frame.planeFromLatLon(latLonFromDeg(latDeg, lonDeg));
      const near =
        Math.abs(northM) <= FRAME_PLACE_REACH_M && Math.abs(eastM) <= FRAME_PLACE_REACH_M;
      return near ? { northM, eastM } : undefined;
    },
    toDegrees: ({ northM, eastM }) => {
      const { latRad, lonRad } = frame.latLonFromPlane(northM, eastM);
      return { latDeg: latRad * DEG_PER_RAD, lonDeg: lonRad * DEG_PER_RAD };
    },
  };
}
