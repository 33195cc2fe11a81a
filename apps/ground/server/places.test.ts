import mgrs from "mgrs";
import { expect, test } from "vitest";
import { placeNamer } from "./places.ts";

const RAD_PER_DEG = Math.PI / 180;

const originAt = (latDeg: number, lonDeg: number) => ({
  latitudeRad: latDeg * RAD_PER_DEG,
  longitudeRad: lonDeg * RAD_PER_DEG,
  altitudeAmslM: 529,
});

test("a place is told in degrees, UTM and MGRS, as another program has it", () => {
  const place = placeNamer(originAt(36.3642, -84.2133))({ northM: 0, eastM: 0 });
  expect(place.latLon).toMatch(/^36\.36420.? N,? 84\.21330.? W$/u);
  expect(place.mgrs.replaceAll(" ", "")).toBe(mgrs.forward([-84.2133, 36.3642], 5));
  expect(place.mgrs).toMatch(/^16S [A-Z]{2} \d{5} \d{5}$/u);
  expect(place.utm).toMatch(/^16S \d{6} \d{7}$/u);
});

test("beyond the grids the words say so", () => {
  const place = placeNamer(originAt(88, 0))({ northM: 0, eastM: 0 });
  expect(place.mgrs).toBe("beyond MGRS");
});
