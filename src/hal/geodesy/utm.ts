/**
 * Universal Transverse Mercator, by Krueger's series to the sixth order in the third flattening
 * (Karney, "Transverse Mercator with an accuracy of a few nanometers", J. Geodesy 85, 2011,
 * equations 7-36). Zones and their exceptions over Norway and Svalbard: NGA.SIG.0012.
 *
 * Polar regions (UPS) are not covered: a latitude outside [80 S, 84 N] is a problem.
 */
import { atan2, cos, exp, fail, ln, ok, problem, sin, type Result } from "../../base/mod.ts";
import {
  degFromRad,
  radFromDeg,
  WGS84_A_M,
  WGS84_E2,
  WGS84_F,
  wrapPi,
  type LatLon,
} from "./ellipsoid.ts";

export interface Utm {
  /** [1, 60]. */
  readonly zone: number;
  readonly hemisphere: "north" | "south";
  readonly eastingM: number;
  readonly northingM: number;
}

const SCALE = 0.9996;
const FALSE_EASTING_M = 500_000;
const FALSE_NORTHING_M = 10_000_000;
const N = WGS84_F / (2 - WGS84_F);
const N2 = N * N;
const N3 = N2 * N;
const N4 = N3 * N;
const N5 = N4 * N;
const N6 = N5 * N;

/** Radius of the sphere with the meridian's length (equation 14). */
const RECTIFYING_M = (WGS84_A_M / (1 + N)) * (1 + N2 / 4 + N4 / 64 + N6 / 256);

/** Equation 35: from conformal to rectifying. */
const ALPHA: readonly number[] = [
  N / 2 - (2 * N2) / 3 + (5 * N3) / 16 + (41 * N4) / 180 - (127 * N5) / 288 + (7891 * N6) / 37800,
  (13 * N2) / 48 - (3 * N3) / 5 + (557 * N4) / 1440 + (281 * N5) / 630 - (1983433 * N6) / 1935360,
  (61 * N3) / 240 - (103 * N4) / 140 + (15061 * N5) / 26880 + (167603 * N6) / 181440,
  (49561 * N4) / 161280 - (179 * N5) / 168 + (6601661 * N6) / 7257600,
  (34729 * N5) / 80640 - (3418889 * N6) / 1995840,
  (212378941 * N6) / 319334400,
];

/** Equation 36: back. */
const BETA: readonly number[] = [
  N / 2 - (2 * N2) / 3 + (37 * N3) / 96 - N4 / 360 - (81 * N5) / 512 + (96199 * N6) / 604800,
  N2 / 48 + N3 / 15 - (437 * N4) / 1440 + (46 * N5) / 105 - (1118711 * N6) / 3870720,
  (17 * N3) / 480 - (37 * N4) / 840 - (209 * N5) / 4480 + (5569 * N6) / 90720,
  (4397 * N4) / 161280 - (11 * N5) / 504 - (830251 * N6) / 7257600,
  (4583 * N5) / 161280 - (108847 * N6) / 3991680,
  (20648693 * N6) / 638668800,
];

const sinh = (x: number): number => (exp(x) - exp(-x)) / 2;
const cosh = (x: number): number => (exp(x) + exp(-x)) / 2;
const asinh = (x: number): number => (x < 0 ? -asinh(-x) : ln(x + Math.sqrt(x * x + 1)));
const atanh = (x: number): number => 0.5 * ln((1 + x) / (1 - x));
const E = Math.sqrt(WGS84_E2);

/** The zone of a place, with the exceptions 32V, 31X, 33X, 35X and 37X. */
export function utmZone({ latRad, lonRad }: LatLon): number {
  // A nanodegree of grace: radians made of whole degrees must not fall into the zone before.
  const latDeg = degFromRad(latRad) + 1e-9;
  const lonDeg = degFromRad(wrapPi(lonRad)) + 1e-9;
  if (latDeg >= 56 && latDeg < 64 && lonDeg >= 3 && lonDeg < 12) return 32;
  if (latDeg >= 72 && lonDeg >= 0 && lonDeg < 42) {
    return lonDeg < 9 ? 31 : lonDeg < 21 ? 33 : lonDeg < 33 ? 35 : 37;
  }
  return (Math.floor((lonDeg + 180) / 6) % 60) + 1;
}

const centralMeridianRad = (zone: number): number => radFromDeg(6 * zone - 183);

/** Equations 7-11. `zone` may be given to stay in one zone across its border. */
export function utmFromLatLon(place: LatLon, zone: number = utmZone(place)): Result<Utm> {
  const { latRad } = place;
  if (!(latRad >= radFromDeg(-80.5) && latRad <= radFromDeg(84.5))) return fail(problem("HAL001"));
  const lambda = wrapPi(place.lonRad - centralMeridianRad(zone));
  if (Math.abs(lambda) > radFromDeg(30)) return fail(problem("HAL002"));
  const sinLat = sin(latRad);
  const tau = sinLat / cos(latRad);
  const sigma = sinh(E * atanh(E * sinLat));
  const conformal = tau * Math.sqrt(1 + sigma * sigma) - sigma * Math.sqrt(1 + tau * tau);
  const cosLambda = cos(lambda);
  const xi = atan2(conformal, cosLambda);
  const eta = asinh(sin(lambda) / Math.sqrt(conformal * conformal + cosLambda * cosLambda));
  let x = eta;
  let y = xi;
  ALPHA.forEach((alpha, j) => {
    const k = 2 * (j + 1);
    x += alpha * cos(k * xi) * sinh(k * eta);
    y += alpha * sin(k * xi) * cosh(k * eta);
  });
  const south = latRad < 0;
  return ok({
    zone,
    hemisphere: south ? "south" : "north",
    eastingM: FALSE_EASTING_M + SCALE * RECTIFYING_M * x,
    northingM: (south ? FALSE_NORTHING_M : 0) + SCALE * RECTIFYING_M * y,
  });
}

/** Equations 12-21. */
export function latLonFromUtm({ zone, hemisphere, eastingM, northingM }: Utm): Result<LatLon> {
  const inside =
    Number.isInteger(zone) &&
    zone >= 1 &&
    zone <= 60 &&
    eastingM > -2_900_000 &&
    eastingM < 3_900_000 &&
    northingM >= -100 &&
    northingM <= 10_000_100;
  if (!inside) return fail(problem("HAL002"));
  const north = hemisphere === "south" ? northingM - FALSE_NORTHING_M : northingM;
  const xi = north / (SCALE * RECTIFYING_M);
  const eta = (eastingM - FALSE_EASTING_M) / (SCALE * RECTIFYING_M);
  let x = eta;
  let y = xi;
  BETA.forEach((beta, j) => {
    const k = 2 * (j + 1);
    x -= beta * cos(k * xi) * sinh(k * eta);
    y -= beta * sin(k * xi) * cosh(k * eta);
  });
  const across = sinh(x);
  const cosY = cos(y);
  const conformal = sin(y) / Math.sqrt(across * across + cosY * cosY);
  const latRad = atan2(latitudeTangent(conformal), 1);
  return ok({ latRad, lonRad: wrapPi(centralMeridianRad(zone) + atan2(across, cosY)) });
}

/** Newton's method on equation 7; three rounds reach the last place. */
function latitudeTangent(conformal: number): number {
  let tau = conformal;
  for (let round = 0; round < 4; round += 1) {
    const root = Math.sqrt(1 + tau * tau);
    const sigma = sinh(E * atanh((E * tau) / root));
    const guess = tau * Math.sqrt(1 + sigma * sigma) - sigma * root;
    tau +=
      ((conformal - guess) / Math.sqrt(1 + guess * guess)) *
      ((1 + (1 - WGS84_E2) * tau * tau) / ((1 - WGS84_E2) * root));
  }
  return tau;
}
