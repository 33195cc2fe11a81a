/**
 * The mission's local frame as its files and exports need it: degrees in, metres north and east
 * out, and back. East, north and up of the WGS84 tangent plane at the origin (the standard
 * rotation of earth-centred coordinates, e.g. Hofmann-Wellenhof, "GNSS", 2008, section 8.2), for
 * points on the ellipsoid.
 */
import { atan2, cos, sin } from "../../base/mod.ts";
import type { GroundPoint } from "../area/mod.ts";

export interface MissionFrame {
  readonly originLatDeg: number;
  readonly originLonDeg: number;
  /** Undefined when the place is too far away for this frame. */
  fromDegrees(latDeg: number, lonDeg: number): GroundPoint | undefined;
  toDegrees(point: GroundPoint): { readonly latDeg: number; readonly lonDeg: number };
}

// WGS84 (NIMA TR8350.2).
const SEMI_MAJOR_M = 6_378_137;
const ECCENTRICITY_SQUARED = 6.694_379_990_141_33e-3;
const RAD_PER_DEG = Math.PI / 180;
const REACH_M = 100_000;

interface EarthPoint {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

function onEllipsoid(latitudeRad: number, longitudeRad: number): EarthPoint {
  const sine = sin(latitudeRad);
  const cosine = cos(latitudeRad);
  const n = SEMI_MAJOR_M / Math.sqrt(1 - ECCENTRICITY_SQUARED * sine * sine);
  return {
    x: n * cosine * cos(longitudeRad),
    y: n * cosine * sin(longitudeRad),
    z: n * (1 - ECCENTRICITY_SQUARED) * sine,
  };
}

/** The frame whose origin is at these degrees. */
export function missionFrame(originLatDeg: number, originLonDeg: number): MissionFrame {
  const lat = originLatDeg * RAD_PER_DEG;
  const lon = originLonDeg * RAD_PER_DEG;
  const origin = onEllipsoid(lat, lon);
  const [sinLat, cosLat, sinLon, cosLon] = [sin(lat), cos(lat), sin(lon), cos(lon)];
  const fromDegrees = (latDeg: number, lonDeg: number): GroundPoint | undefined => {
    if (!(Math.abs(latDeg) <= 90 && Math.abs(lonDeg) <= 360)) return undefined;
    const p = onEllipsoid(latDeg * RAD_PER_DEG, lonDeg * RAD_PER_DEG);
    const [dx, dy, dz] = [p.x - origin.x, p.y - origin.y, p.z - origin.z];
    if (dx * dx + dy * dy + dz * dz > REACH_M * REACH_M * 2) return undefined;
    const eastM = -sinLon * dx + cosLon * dy;
    const northM = -sinLat * (cosLon * dx + sinLon * dy) + cosLat * dz;
    return Math.abs(eastM) <= REACH_M && Math.abs(northM) <= REACH_M
      ? { northM, eastM }
      : undefined;
  };
  const toDegrees = (point: GroundPoint): { latDeg: number; lonDeg: number } => {
    // The point on the ellipsoid lies below the plane by about d^2/(2R); three rounds of finding
    // that depth from the latitude so far leave less than a millimetre within the reach.
    let up = 0;
    let place = { latitudeRad: lat, longitudeRad: lon, heightM: 0 };
    for (let i = 0; i < 4; i += 1) {
      place = toGeodetic({
        x: origin.x - sinLon * point.eastM - sinLat * cosLon * point.northM + cosLat * cosLon * up,
        y: origin.y + cosLon * point.eastM - sinLat * sinLon * point.northM + cosLat * sinLon * up,
        z: origin.z + cosLat * point.northM + sinLat * up,
      });
      up -= place.heightM;
    }
    return { latDeg: place.latitudeRad / RAD_PER_DEG, lonDeg: place.longitudeRad / RAD_PER_DEG };
  };
  return { originLatDeg, originLonDeg, fromDegrees, toDegrees };
}

/** Earth-centred to geodetic by Bowring's iteration (1976), near the surface. */
function toGeodetic(p: EarthPoint): {
  readonly latitudeRad: number;
  readonly longitudeRad: number;
  readonly heightM: number;
} {
  const flat = Math.sqrt(p.x * p.x + p.y * p.y);
  let latitudeRad = atan2(p.z, flat * (1 - ECCENTRICITY_SQUARED));
  let n = SEMI_MAJOR_M;
  for (let i = 0; i < 4; i += 1) {
    const sine = sin(latitudeRad);
    n = SEMI_MAJOR_M / Math.sqrt(1 - ECCENTRICITY_SQUARED * sine * sine);
    latitudeRad = atan2(p.z + ECCENTRICITY_SQUARED * n * sine, flat);
  }
  const sine = sin(latitudeRad);
  const cosine = cos(latitudeRad);
  const heightM = flat * cosine + p.z * sine - n * (1 - ECCENTRICITY_SQUARED * sine * sine);
  return { latitudeRad, longitudeRad: atan2(p.y, p.x), heightM };
}
