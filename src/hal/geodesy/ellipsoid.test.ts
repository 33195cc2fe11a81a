import * as fc from "fast-check";
import proj4 from "proj4";
import { expect, test } from "vitest";
import {
  degFromRad,
  ecefFromGeodetic,
  geodeticFromEcef,
  latLonFromDeg,
  radFromDeg,
  WGS84_A_M,
  WGS84_B_M,
  wrapPi,
  wrapTurn,
} from "./ellipsoid.ts";

const GEOCENT = proj4("EPSG:4326", "+proj=geocent +datum=WGS84 +units=m +no_defs");

const latitude = fc.double({ min: -90, max: 90, noNaN: true });
const longitude = fc.double({ min: -180, max: 180, noNaN: true });

test("the ends of the axes", () => {
  expect(ecefFromGeodetic({ latRad: 0, lonRad: 0, heightEllipsoidM: 0 })).toEqual({
    xM: WGS84_A_M,
    yM: 0,
    zM: 0,
  });
  const pole = ecefFromGeodetic({ latRad: Math.PI / 2, lonRad: 1, heightEllipsoidM: 10 });
  expect(pole.zM).toBeCloseTo(WGS84_B_M + 10, 8);
  expect(geodeticFromEcef({ xM: 0, yM: 0, zM: -WGS84_B_M - 5 })).toMatchObject({
    latRad: -Math.PI / 2,
    lonRad: 0,
  });
});

test("as proj4 has it", () => {
  fc.assert(
    fc.property(
      latitude,
      longitude,
      fc.double({ min: -500, max: 20_000, noNaN: true }),
      (lat, lon, h) => {
        const mine = ecefFromGeodetic({ ...latLonFromDeg(lat, lon), heightEllipsoidM: h });
        const [x, y, z] = GEOCENT.forward<[number, number, number]>([lon, lat, h]);
        expect(Math.hypot(mine.xM - x, mine.yM - y, mine.zM - z)).toBeLessThan(1e-6);
      },
    ),
  );
});

test("there and back within a tenth of a micrometre, from the deep sea to orbit", () => {
  fc.assert(
    fc.property(
      latitude,
      longitude,
      fc.double({ min: -11_000, max: 3.6e7, noNaN: true }),
      (lat, lon, h) => {
        const start = { ...latLonFromDeg(lat, lon), heightEllipsoidM: h };
        const ecef = ecefFromGeodetic(start);
        const again = geodeticFromEcef(ecef);
        expect(Math.abs(again.latRad - start.latRad) * WGS84_A_M).toBeLessThan(1e-7);
        expect(Math.abs(again.heightEllipsoidM - h)).toBeLessThan(1e-7);
        const round = ecefFromGeodetic(again);
        const off = Math.hypot(round.xM - ecef.xM, round.yM - ecef.yM, round.zM - ecef.zM);
        expect(off).toBeLessThan(1e-7);
      },
    ),
  );
});

test("the centre of the Earth has some coordinates and no not-a-number", () => {
  const centre = geodeticFromEcef({ xM: 0, yM: 0, zM: 0 });
  expect(Object.values(centre).every(Number.isFinite)).toBe(true);
});

test("angles wrap, and degrees come back", () => {
  expect(wrapPi(Math.PI)).toBe(-Math.PI);
  expect(wrapTurn(-1e-20)).toBe(0);
  fc.assert(
    fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), (rad) => {
      expect(wrapPi(rad)).toBeGreaterThanOrEqual(-Math.PI);
      expect(wrapPi(rad)).toBeLessThan(Math.PI);
      expect(wrapTurn(rad)).toBeGreaterThanOrEqual(0);
      expect(wrapTurn(rad)).toBeLessThan(2 * Math.PI);
      expect(Math.cos(wrapPi(rad))).toBeCloseTo(Math.cos(rad), 9);
      expect(degFromRad(radFromDeg(rad))).toBeCloseTo(rad, 8);
    }),
  );
});
