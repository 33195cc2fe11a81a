import mgrs from "mgrs";
import { expect, test } from "vitest";
import { degreesText, placeNamer } from "./places.ts";

const RAD_PER_DEG = Math.PI / 180;

test("a place is told in degrees, UTM and MGRS, as another program has it", () => {
  const nameOf = placeNamer({
    latitudeRad: 36.3642 * RAD_PER_DEG,
    longitudeRad: -84.2133 * RAD_PER_DEG,
  });
  const place = nameOf({ northM: 0, eastM: 0 });
  expect(place.latLon).toBe("36.36420° N 84.21330° W");
  expect(place.mgrs.replaceAll(" ", "")).toBe(mgrs.forward([-84.2133, 36.3642], 5));
  expect(place.mgrs).toMatch(/^16S [A-Z]{2} \d{5} \d{5}$/u);
  expect(place.utm).toMatch(/^16 north \d{6} \d{7}$/u);
});

test("the south and the east have their letters", () => {
  expect(degreesText({ latDeg: -1.5, lonDeg: 2.25 })).toBe("1.50000° S 2.25000° E");
});

test("beyond the grids the words say so", () => {
  const nameOf = placeNamer({ latitudeRad: 88 * RAD_PER_DEG, longitudeRad: 0 });
  expect(nameOf({ northM: 0, eastM: 0 }).mgrs).toBe("beyond MGRS");
});
