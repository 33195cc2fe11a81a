import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { missionFrame } from "./frame.ts";

const RAD = Math.PI / 180;
const frameAt = (latDeg: number, lonDeg: number) =>
  missionFrame({ latitudeRad: latDeg * RAD, longitudeRad: lonDeg * RAD, altitudeAmslM: 300 });

describe("degrees and metres", () => {
  test("there and back is the same place to a millimetre within 50 km, on every continent", () => {
    const origin = fc.tuple(
      fc.double({ min: -80, max: 80, noNaN: true }),
      fc.double({ min: -180, max: 180, noNaN: true }),
    );
    const offset = fc.tuple(
      fc.double({ min: -5e4, max: 5e4, noNaN: true }),
      fc.double({ min: -5e4, max: 5e4, noNaN: true }),
    );
    fc.assert(
      fc.property(origin, offset, ([latDeg, lonDeg], [northM, eastM]) => {
        const frame = frameAt(latDeg, lonDeg);
        const place = frame.toDegrees({ northM, eastM });
        const back = frame.fromDegrees(place.latDeg, place.lonDeg);
        expect(back?.northM).toBeCloseTo(northM, 3);
        expect(back?.eastM).toBeCloseTo(eastM, 3);
      }),
    );
  });

  test("a degree of latitude is some 111 km", () => {
    const north = frameAt(0, 0).fromDegrees(0.5, 0);
    expect(north?.northM).toBeGreaterThan(55_000);
    expect(north?.northM).toBeLessThan(55_500);
  });

  test("what is far away, behind the earth or no number has no place in the frame", () => {
    const frame = frameAt(36, -84);
    expect(frame.fromDegrees(38.5, -84)).toBeUndefined();
    expect(frame.fromDegrees(-36, 96)).toBeUndefined();
    expect(frame.fromDegrees(36, 95.9)).toBeUndefined();
    expect(frame.fromDegrees(Number.NaN, -84)).toBeUndefined();
    expect(frame.fromDegrees(36, 9000)).toBeUndefined();
  });
});
