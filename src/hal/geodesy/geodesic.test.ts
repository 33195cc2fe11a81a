import * as fc from "fast-check";
import geographiclib from "geographiclib-geodesic";
import { describe, expect, test } from "vitest";
import { degFromRad, latLonFromDeg, radFromDeg } from "./ellipsoid.ts";
import { destination, distanceBetweenM, geodesicBetween } from "./geodesic.ts";

const KARNEY = geographiclib.Geodesic.WGS84;
const latitude = fc.double({ min: -89, max: 89, noNaN: true });
const longitude = fc.double({ min: -180, max: 180, noNaN: true });
const azimuth = fc.double({ min: 0, max: 359.999, noNaN: true });

describe("against Karney's algorithm", () => {
  test("up to 50 km within a tenth of a millimetre, bearings within one at the end", () => {
    const near = fc.double({ min: 0.01, max: 50_000, noNaN: true });
    fc.assert(
      fc.property(latitude, longitude, azimuth, near, (lat, lon, azi, metres) => {
        const end = KARNEY.Direct(lat, lon, azi, metres);
        const [lat2, lon2] = [end.lat2 ?? NaN, end.lon2 ?? NaN];
        const mine = geodesicBetween(latLonFromDeg(lat, lon), latLonFromDeg(lat2, lon2));
        expect(Math.abs(mine.distanceM - metres)).toBeLessThan(1e-4);
        const across = Math.sin(mine.bearingRad - radFromDeg(azi)) * metres;
        expect(Math.abs(across)).toBeLessThan(1e-3);
        const arriving = Math.sin(mine.finalBearingRad - radFromDeg(end.azi2 ?? NaN)) * metres;
        expect(Math.abs(arriving)).toBeLessThan(1e-3);
        const there = destination(latLonFromDeg(lat, lon), radFromDeg(azi), metres);
        expect(distanceBetweenM(there, latLonFromDeg(lat2, lon2))).toBeLessThan(1e-3);
      }),
    );
  });

  test("up to 15,000 km within a millimetre", () => {
    const far = fc.double({ min: 0, max: 15_000_000, noNaN: true });
    fc.assert(
      fc.property(latitude, longitude, azimuth, far, (lat, lon, azi, metres) => {
        const end = KARNEY.Direct(lat, lon, azi, metres);
        const from = latLonFromDeg(lat, lon);
        const to = latLonFromDeg(end.lat2 ?? NaN, end.lon2 ?? NaN);
        expect(Math.abs(distanceBetweenM(from, to) - metres)).toBeLessThan(1e-3);
        expect(distanceBetweenM(destination(from, radFromDeg(azi), metres), to)).toBeLessThan(1e-3);
      }),
    );
  });
});

test("the same place, the equator and the pole", () => {
  const here = latLonFromDeg(12, 34);
  expect(geodesicBetween(here, here)).toEqual({ distanceM: 0, bearingRad: 0, finalBearingRad: 0 });
  const equator = geodesicBetween(latLonFromDeg(0, 10), latLonFromDeg(0, 11));
  expect(equator.distanceM).toBeCloseTo(111_319.491, 3);
  expect(degFromRad(equator.bearingRad)).toBeCloseTo(90, 9);
  const quarter = distanceBetweenM(latLonFromDeg(0, 0), latLonFromDeg(90, 0));
  expect(quarter).toBeCloseTo(10_001_965.729, 3);
});

test("across the date line the short way is taken", () => {
  const line = geodesicBetween(latLonFromDeg(0, 179.9), latLonFromDeg(0, -179.9));
  expect(line.distanceM).toBeCloseTo(22_263.898, 3);
  const end = destination(latLonFromDeg(0, 179.9), radFromDeg(90), 22_263.898);
  expect(degFromRad(end.lonRad)).toBeCloseTo(-179.9, 6);
});

test("nearly antipodal places end in bounded time within a hundredth of the distance", () => {
  const exact = KARNEY.Inverse(0.1, 0, -0.3, 179.8).s12 ?? NaN;
  const mine = distanceBetweenM(latLonFromDeg(0.1, 0), latLonFromDeg(-0.3, 179.8));
  expect(Math.abs(mine / exact - 1)).toBeLessThan(0.01);
});
