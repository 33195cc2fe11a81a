/**
 * The WGS84 ellipsoid and the way between geodetic coordinates and Earth-centred ones.
 *
 * Source: NGA.STND.0036 (World Geodetic System 1984), section 4 and appendix; the inverse is
 * Bowring's (Survey Review 23, 1976) in reduced latitude, iterated three times, which leaves less
 * than 1e-8 m from the deep sea to geostationary orbit.
 */
import { atan2, cos, hypot, sin } from "../../base/mod.ts";

/** Semi-major axis. */
export const WGS84_A_M = 6378137;
/** Flattening. */
export const WGS84_F: number = 1 / 298.257223563;
/** Semi-minor axis. */
export const WGS84_B_M: number = WGS84_A_M * (1 - WGS84_F);
/** First eccentricity squared. */
export const WGS84_E2: number = WGS84_F * (2 - WGS84_F);

/** A point by latitude and longitude alone. */
export interface LatLon {
  /** North positive, [-pi/2, pi/2]. */
  readonly latRad: number;
  /** East positive. */
  readonly lonRad: number;
}

/** A point with its height above the ellipsoid (what GNSS measures; not above the sea). */
export interface Geodetic extends LatLon {
  readonly heightEllipsoidM: number;
}

/** Earth-centred, Earth-fixed: x through (0, 0), y through (0, 90 E), z through the north pole. */
export interface Ecef {
  readonly xM: number;
  readonly yM: number;
  readonly zM: number;
}

const RAD_PER_DEG = 0.017453292519943295;

export const radFromDeg = (deg: number): number => deg * RAD_PER_DEG;
export const degFromRad = (rad: number): number => rad / RAD_PER_DEG;

/** A latitude and longitude in degrees, as people and files write them. */
export const latLonFromDeg = (latDeg: number, lonDeg: number): LatLon => ({
  latRad: radFromDeg(latDeg),
  lonRad: radFromDeg(lonDeg),
});

const TURN_RAD = 6.283185307179586;

/** The same angle in [-pi, pi). */
export function wrapPi(rad: number): number {
  return rad - TURN_RAD * Math.floor(rad / TURN_RAD + 0.5);
}

/** The same angle in [0, 2 pi). */
export function wrapTurn(rad: number): number {
  const wrapped = rad - TURN_RAD * Math.floor(rad / TURN_RAD);
  return wrapped >= TURN_RAD || wrapped < 0 ? 0 : wrapped;
}

export function ecefFromGeodetic(point: Geodetic): Ecef {
  const sinLat = sin(point.latRad);
  const cosLat = cos(point.latRad);
  const normalM = WGS84_A_M / Math.sqrt(1 - WGS84_E2 * sinLat * sinLat);
  const acrossM = (normalM + point.heightEllipsoidM) * cosLat;
  return {
    xM: acrossM * cos(point.lonRad),
    yM: acrossM * sin(point.lonRad),
    zM: (normalM * (1 - WGS84_E2) + point.heightEllipsoidM) * sinLat,
  };
}

/** Second eccentricity squared. */
const EP2 = WGS84_E2 / (1 - WGS84_E2);

export function geodeticFromEcef({ xM, yM, zM }: Ecef): Geodetic {
  const acrossM = hypot(xM, yM);
  let latRad = 0;
  // Sine and cosine of the reduced latitude, first guessed as that of a point on the ellipsoid.
  let sinReduced = zM * WGS84_A_M;
  let cosReduced = acrossM * WGS84_B_M;
  for (let i = 0; i < 3; i += 1) {
    const length = hypot(sinReduced, cosReduced);
    const s = length === 0 ? 0 : sinReduced / length;
    const c = length === 0 ? 1 : cosReduced / length;
    const up = zM + EP2 * WGS84_B_M * s * s * s;
    const across = acrossM - WGS84_E2 * WGS84_A_M * c * c * c;
    latRad = atan2(up, across);
    sinReduced = (1 - WGS84_F) * up;
    cosReduced = across;
  }
  const sinLat = sin(latRad);
  const cosLat = cos(latRad);
  const root = Math.sqrt(1 - WGS84_E2 * sinLat * sinLat);
  // This form of the height is well conditioned at the poles and at the equator alike.
  const heightEllipsoidM = acrossM * cosLat + zM * sinLat - WGS84_A_M * root;
  return { latRad, lonRad: atan2(yM, xM), heightEllipsoidM };
}
