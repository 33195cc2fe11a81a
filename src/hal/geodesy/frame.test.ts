import * as fc from "fast-check";
import geodesic from "geographiclib-geodesic";
import { expect, test } from "vitest";
import { InvariantError } from "../../base/mod.ts";
import { degFromRad, ecefFromGeodetic, latLonFromDeg } from "./ellipsoid.ts";
import { enuFromNed, LocalFrame, nedFromEnu } from "./frame.ts";

const JACKSBORO = latLonFromDeg(33.22, -98.16);
const places = fc
  .tuple(
    fc.double({ min: -89, max: 89, noNaN: true }),
    fc.double({ min: -180, max: 180, noNaN: true }),
  )
  .map(([lat, lon]) => latLonFromDeg(lat, lon));
const upTo50Km = fc.double({ min: -35_000, max: 35_000, noNaN: true });

test("the origin is nought, and the axes point where they are named", () => {
  const frame = new LocalFrame(JACKSBORO, 300);
  const { northM, eastM } = frame.planeFromLatLon(JACKSBORO);
  expect(Math.hypot(northM, eastM)).toBeLessThan(1e-8);
  const north = frame.planeFromLatLon(latLonFromDeg(33.23, -98.16));
  expect(north.northM).toBeGreaterThan(1100);
  expect(Math.abs(north.eastM)).toBeLessThan(1e-6);
  const east = frame.planeFromLatLon(latLonFromDeg(33.22, -98.15));
  expect(east.eastM).toBeGreaterThan(900);
  const above = ecefFromGeodetic({ ...JACKSBORO, heightEllipsoidM: 420 });
  expect(frame.enuFromEcef(above).upM).toBeCloseTo(120, 7);
});

test("there and back anywhere on Earth within a micrometre", () => {
  fc.assert(
    fc.property(places, upTo50Km, upTo50Km, (origin, northM, eastM) => {
      const frame = new LocalFrame(origin, 250);
      const again = frame.planeFromLatLon(frame.latLonFromPlane(northM, eastM));
      expect(Math.hypot(again.northM - northM, again.eastM - eastM)).toBeLessThan(1e-6);
    }),
  );
});

test("altitudes above the sea pass through and come back through the ellipsoid", () => {
  fc.assert(
    fc.property(places, upTo50Km, upTo50Km, (origin, northM, eastM) => {
      const frame = new LocalFrame(origin, 100);
      const local = { northM, eastM, altitudeAmslM: 512.5 };
      const again = frame.localFromGeodetic(frame.geodeticFromLocal(local));
      expect(again.altitudeAmslM).toBeCloseTo(512.5, 6);
      expect(again.northM).toBeCloseTo(northM, 5);
      expect(again.eastM).toBeCloseTo(eastM, 5);
    }),
  );
});

/** The plane is short by d^3 / 6 R^2: the promise is tested against Karney's geodesics. */
test("distances from the origin are true to the stated bound", () => {
  for (const [lat, lon, distance, bound] of [
    [33.22, -98.16, 10_000, 0.005],
    [33.22, -98.16, 50_000, 0.55],
    [-45, 170, 10_000, 0.005],
    [80, 10, 50_000, 0.55],
    [0, 0, 50_000, 0.55],
  ] as const) {
    const frame = new LocalFrame(latLonFromDeg(lat, lon));
    for (const azimuth of [0, 45, 90, 200, 300]) {
      const end = geodesic.Geodesic.WGS84.Direct(lat, lon, azimuth, distance);
      const local = frame.planeFromLatLon(latLonFromDeg(end.lat2 ?? NaN, end.lon2 ?? NaN));
      const off = distance - Math.hypot(local.northM, local.eastM);
      expect(Math.abs(off)).toBeLessThan(bound);
    }
  }
});

test("vertical flight stays vertical", () => {
  const frame = new LocalFrame(JACKSBORO, 300);
  const place = frame.latLonFromPlane(8000, -5000);
  const low = frame.localFromGeodetic({ ...place, heightEllipsoidM: 300 });
  const high = frame.localFromGeodetic({ ...place, heightEllipsoidM: 900 });
  expect(high.northM).toBe(low.northM);
  expect(high.altitudeAmslM - low.altitudeAmslM).toBeCloseTo(600, 9);
});

test("the two axis conventions turn into each other; ECEF and ENU too", () => {
  const enu = { eastM: 1, northM: 2, upM: 3 };
  expect(nedFromEnu(enu)).toEqual({ northM: 2, eastM: 1, downM: -3 });
  expect(enuFromNed(nedFromEnu(enu))).toEqual(enu);
  const frame = new LocalFrame(JACKSBORO, 300);
  const again = frame.enuFromEcef(frame.ecefFromEnu({ eastM: 100, northM: -200, upM: 30 }));
  expect(again.eastM).toBeCloseTo(100, 7);
  expect(again.northM).toBeCloseTo(-200, 7);
  expect(again.upM).toBeCloseTo(30, 7);
});

test("degrees given for radians, and positions out of reach, break an invariant", () => {
  expect(() => new LocalFrame({ latRad: 33.22, lonRad: -98 })).toThrow(InvariantError);
  expect(() => new LocalFrame(JACKSBORO).latLonFromPlane(1.1e6, 0)).toThrow(InvariantError);
  expect(degFromRad(JACKSBORO.latRad)).toBeCloseTo(33.22, 12);
});
