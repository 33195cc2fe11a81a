import { describe, expect, test } from "vitest";
import { Checker } from "../../base/mod.ts";
import { distanceToRingM, ringAreaM2 } from "../area/mod.ts";
import { missionFrame } from "./frame.ts";
import { circleRing, readArea, readDegrees, readPlace, readZones } from "./read-places.ts";

const frame = missionFrame({ latitudeRad: 0.8, longitudeRad: 0.1, altitudeAmslM: 400 });
const DEG = 180 / Math.PI;

/** Reads with a fresh checker and tells the codes of the problems found. */
function codes(read: (checker: Checker) => unknown): readonly string[] {
  const checker = new Checker();
  read(checker);
  const checked = checker.finish(0);
  return checked.ok ? [] : checked.problems.map(({ code }) => code);
}
const context = (checker: Checker) => ({
  checker,
  frame,
  center: { northM: 100, eastM: 0 },
  ringRadius: (share: number) => 1000 * share,
});

describe("places", () => {
  test("degrees and metres name the same origin", () => {
    const checker = new Checker();
    const value = { latDeg: 0.8 * DEG, lonDeg: 0.1 * DEG };
    const place = readPlace(checker, frame, { value, where: "p" });
    expect(Math.abs(place.northM) + Math.abs(place.eastM)).toBeLessThan(1e-6);
    expect(readPlace(checker, frame, { value: { northM: 5, eastM: -6 }, where: "p" })).toEqual({
      northM: 5,
      eastM: -6,
    });
    expect(checker.count).toBe(0);
  });

  test("half a place, a far place and no place are problems", () => {
    expect(codes((c) => readPlace(c, frame, { value: { northM: 5 }, where: "p" }))).toEqual([
      "CHK001",
    ]);
    expect(
      codes((c) => readPlace(c, frame, { value: { northM: 5e6, eastM: 0 }, where: "p" })),
    ).toEqual(["CHK003"]);
    expect(codes((c) => readPlace(c, frame, { value: null, where: "p" }))).toEqual(["CHK002"]);
    expect(codes((c) => readDegrees(c, { latDeg: 99, lonDeg: 0 }, "p"))).toEqual(["CHK003"]);
  });
});

describe("areas", () => {
  test("a circle as a ring has the circle's area and stays within a hair of its radius", () => {
    const ring = circleRing({ northM: 7, eastM: 9 }, 250);
    expect(ringAreaM2(ring)).toBeCloseTo(Math.PI * 250 * 250, 4);
    expect(distanceToRingM(ring, { northM: 7, eastM: 9 })).toBeGreaterThan(249);
  });

  test("circle and ring lie about the last known position unless told otherwise", () => {
    const area = readArea(context(new Checker()), { ring: { share: 0.5 } }, "area");
    expect(ringAreaM2(area[0]!.outer)).toBeCloseTo(Math.PI * 500 * 500, 3);
    expect(distanceToRingM(area[0]!.outer, { northM: 100, eastM: 0 })).toBeGreaterThan(498);
  });

  test("a file that nobody resolved, and two shapes at once, are problems", () => {
    expect(codes((c) => readArea(context(c), { file: "x.kml" }, "area"))).toEqual(["MIS007"]);
    const both = { circle: { radiusM: 50 }, ring: { share: 0.5 } };
    expect(codes((c) => readArea(context(c), both, "area"))).toEqual(["MIS003"]);
  });

  test("a zone of two polygons is two zones of one name and one pair of limits", () => {
    const corner = (northM: number, eastM: number) => ({ northM, eastM });
    const outer = [corner(0, 0), corner(9, 0), corner(9, 9)];
    const value = { name: "z", polygons: [{ outer }, { outer }], floorAglM: 30 };
    const zones = readZones(context(new Checker()), value, "z");
    expect(zones.map(({ name, floor }) => [name, floor?.altitudeM])).toEqual([
      ["z", 30],
      ["z", 30],
    ]);
  });
});
