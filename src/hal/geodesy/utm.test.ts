import * as fc from "fast-check";
import proj4 from "proj4";
import { describe, expect, test } from "vitest";
import { degFromRad, latLonFromDeg } from "./ellipsoid.ts";
import { distanceBetweenM } from "./geodesic.ts";
import { latLonFromUtm, utmFromLatLon, utmZone } from "./utm.ts";

const latitude = fc.double({ min: -80, max: 84, noNaN: true });
const longitude = fc.double({ min: -180, max: 179.999, noNaN: true });

test("as proj4 has it, within a millimetre", () => {
  fc.assert(
    fc.property(latitude, longitude, (lat, lon) => {
      const mine = utmFromLatLon(latLonFromDeg(lat, lon));
      if (!mine.ok) throw new Error(mine.problem.text);
      const { zone, hemisphere, eastingM, northingM } = mine.value;
      const south = hemisphere === "south" ? " +south" : "";
      const projection = `+proj=utm +zone=${String(zone)}${south} +datum=WGS84 +units=m`;
      const [x, y] = proj4<[number, number]>("EPSG:4326", projection, [lon, lat]);
      expect(Math.hypot(eastingM - x, northingM - y)).toBeLessThan(1e-3);
    }),
  );
});

test("there and back within a hundredth of a millimetre, a zone further too", () => {
  fc.assert(
    fc.property(latitude, longitude, fc.integer({ min: -1, max: 1 }), (lat, lon, off) => {
      const place = latLonFromDeg(lat, lon);
      const zone = ((utmZone(place) - 1 + off + 60) % 60) + 1;
      const utm = utmFromLatLon(place, zone);
      if (!utm.ok) throw new Error(utm.problem.text);
      const again = latLonFromUtm(utm.value);
      if (!again.ok) throw new Error(again.problem.text);
      expect(distanceBetweenM(place, again.value)).toBeLessThan(1e-5);
    }),
  );
});

describe("zones", () => {
  test.each([
    [0, -180, 1],
    [0, 179.9, 60],
    [0, 180, 1],
    [33.2, -98.2, 14],
    [60, 4, 32],
    [55, 4, 31],
    [65, 4, 31],
    [75, 5, 31],
    [75, 10, 33],
    [75, 25, 35],
    [75, 35, 37],
    [75, 45, 38],
    [75, -5, 30],
  ])("at %d, %d: zone %d", (lat, lon, zone) => {
    expect(utmZone(latLonFromDeg(lat, lon))).toBe(zone);
  });
});

describe("what the projection does not cover is a problem", () => {
  test("polar latitudes and not-a-number", () => {
    for (const lat of [85, -81, NaN]) {
      expect(utmFromLatLon(latLonFromDeg(lat, 0))).toMatchObject({ problem: { code: "HAL001" } });
    }
  });

  test("a place far from the zone asked for", () => {
    const far = utmFromLatLon(latLonFromDeg(10, 100), 14);
    expect(far).toMatchObject({ problem: { code: "HAL002" } });
  });

  test("coordinates that no zone has", () => {
    const good = { zone: 14, hemisphere: "north", eastingM: 5e5, northingM: 4e6 } as const;
    expect(latLonFromUtm(good).ok).toBe(true);
    for (const wrong of [
      { zone: 0 },
      { zone: 61 },
      { zone: 1.5 },
      { eastingM: 5e6 },
      { northingM: -1e4 },
    ]) {
      expect(latLonFromUtm({ ...good, ...wrong })).toMatchObject({ problem: { code: "HAL002" } });
    }
  });
});

test("the central meridian is straight", () => {
  const mine = utmFromLatLon(latLonFromDeg(40, -99));
  expect(mine.ok && mine.value.eastingM).toBeCloseTo(500_000, 6);
  const again = latLonFromUtm({ zone: 14, hemisphere: "south", eastingM: 5e5, northingM: 1e7 });
  expect(again.ok && degFromRad(again.value.latRad)).toBeCloseTo(0, 9);
});
