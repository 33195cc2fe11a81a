import * as fc from "fast-check";
import oracle from "mgrs";
import { describe, expect, test } from "vitest";
import { latLonFromDeg, radFromDeg } from "./ellipsoid.ts";
import { distanceBetweenM } from "./geodesic.ts";
import { latLonFromMgrs, mgrsFromLatLon } from "./mgrs.ts";

/** In steps of a metre: a breath beside a meridian the zone is a matter of taste. */
const latitude = fc.integer({ min: -79_90000, max: 83_90000 }).map((units) => units / 1e5);
const longitude = fc.integer({ min: -179_90000, max: 179_90000 }).map((units) => units / 1e5);

/** Zone, band, square and figures of a reference. */
function parts(text: string): { square: string; east: number; north: number } {
  const figures = /\d*$/.exec(text.slice(3))?.[0] ?? "";
  const half = figures.length / 2;
  const square = text.slice(0, text.length - figures.length).padStart(5, "0");
  return { square, east: Number(figures.slice(0, half)), north: Number(figures.slice(half)) };
}

test("as the npm package mgrs has it, but for a metre where the series differ", () => {
  fc.assert(
    fc.property(latitude, longitude, (lat, lon) => {
      const mine = mgrsFromLatLon(latLonFromDeg(lat, lon));
      if (!mine.ok) throw new Error(mine.problem.text);
      const [a, b] = [parts(mine.value), parts(oracle.forward([lon, lat], 5))];
      // At the edge of a square of 100 km the metre may change the letters.
      const edge = (x: number): boolean => x < 2 || x > 99_997;
      if (edge(a.east) || edge(a.north)) return;
      expect(a.square).toBe(b.square);
      expect(Math.abs(a.east - b.east)).toBeLessThanOrEqual(1);
      expect(Math.abs(a.north - b.north)).toBeLessThanOrEqual(1);
    }),
    { numRuns: 1000 },
  );
});

test("a reference decodes to a square that holds the place, at every size", () => {
  const digits = fc.constantFrom(
    0 as const,
    1 as const,
    2 as const,
    3 as const,
    4 as const,
    5 as const,
  );
  fc.assert(
    fc.property(latitude, longitude, digits, (lat, lon, count) => {
      const place = latLonFromDeg(lat, lon);
      const text = mgrsFromLatLon(place, count);
      if (!text.ok) throw new Error(text.problem.text);
      const square = latLonFromMgrs(text.value);
      if (!square.ok) throw new Error(`${text.value}: ${square.problem.text}`);
      expect(square.value.sizeM).toBe(10 ** (5 - count));
      // Half a diagonal, and the scale factor.
      expect(distanceBetweenM(square.value.place, place)).toBeLessThan(
        square.value.sizeM * 0.715 + 1e-3,
      );
    }),
    { numRuns: 1000 },
  );
});

describe("well-known places", () => {
  test.each([
    [38.8977, -77.0365, "18SUJ2339407395"],
    [-33.8568, 151.2153, "56HLH3490052288"],
    [60, 4, "32VKM2128861953"],
    [0, 0, "31NAA6602100000"],
  ])("%d, %d is %s", (lat, lon, text) => {
    const mine = mgrsFromLatLon(latLonFromDeg(lat, lon));
    expect(mine).toEqual({ ok: true, value: text });
    expect(oracle.forward([lon, lat], 5).slice(0, 5)).toBe(text.slice(0, 5));
  });
});

test("spaces and small letters are read", () => {
  expect(latLonFromMgrs("18s uj 23394 07396")).toEqual(latLonFromMgrs("18SUJ2339407396"));
});

describe("what names no place is a problem", () => {
  test.each([
    "",
    "18SUJ123",
    "18SUJ123456789012",
    "0SUJ12",
    "61SUJ12",
    "18IUJ12",
    "18SIJ12",
    "18SUW12",
    "17SUJ12",
    "18SUN12",
    "hello",
    `18SUJ${"1".repeat(100)}`,
  ])("%s", (text) => {
    expect(latLonFromMgrs(text)).toMatchObject({ ok: false, problem: { code: "HAL003" } });
  });

  test("polar latitudes", () => {
    for (const latDeg of [84.1, -80.1, NaN]) {
      const place = { latRad: radFromDeg(latDeg), lonRad: 0 };
      expect(mgrsFromLatLon(place)).toMatchObject({ problem: { code: "HAL001" } });
    }
  });

  test("any text is read or refused, never thrown at", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9]{0,3}[A-Za-z ]{0,4}[0-9 ]{0,12}$/), (text) => {
        const result = latLonFromMgrs(text);
        if (!result.ok) expect(result.problem.code).toMatch(/^HAL00[23]$/);
      }),
      { numRuns: 2000 },
    );
  });
});
