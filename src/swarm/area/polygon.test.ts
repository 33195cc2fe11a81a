import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  areaBounds,
  areaContains,
  areaDepthM,
  depthInsideM,
  distanceToRingM,
  distanceToSegmentM,
  isBeyond,
  polygonAreaM2,
  polygonContains,
  ringAreaM2,
  ringContains,
  segmentMeetsRing,
  selfCrossing,
  type GroundPoint,
  type Ring,
} from "./polygon.ts";

const at = (northM: number, eastM: number): GroundPoint => ({ northM, eastM });
const square = (sideM: number, northM = 0, eastM = 0): Ring => [
  at(northM, eastM),
  at(northM + sideM, eastM),
  at(northM + sideM, eastM + sideM),
  at(northM, eastM + sideM),
];
/** An L: the unit square's north-east quarter cut away, scaled by 100. */
const ell: Ring = [at(0, 0), at(100, 0), at(100, 50), at(50, 50), at(50, 100), at(0, 100)];
const framed = { outer: square(100), holes: [square(20, 40, 40)] };

describe("inside", () => {
  test("an L has its corner cut away", () => {
    expect(ringContains(ell, 25, 75)).toBe(true);
    expect(ringContains(ell, 75, 25)).toBe(true);
    expect(ringContains(ell, 75, 75)).toBe(false);
    expect(ringContains(ell, -1, 50)).toBe(false);
  });

  test("winding does not matter", () => {
    const points = fc.tuple(
      fc.double({ min: -20, max: 120, noNaN: true }),
      fc.double({ min: -20, max: 120, noNaN: true }),
    );
    fc.assert(
      fc.property(
        points,
        ([n, e]) => ringContains(ell, n, e) === ringContains(ell.toReversed(), n, e),
      ),
    );
  });

  test("a hole is outside, a union is inside where any of its polygons is", () => {
    expect(polygonContains(framed, 50, 50)).toBe(false);
    expect(polygonContains(framed, 10, 10)).toBe(true);
    expect(areaContains([framed, { outer: square(20, 40, 40), holes: [] }], 50, 50)).toBe(true);
    expect(areaContains([], 0, 0)).toBe(false);
  });
});

describe("distance", () => {
  test("to a segment: its ends, its middle, a segment without length", () => {
    expect(distanceToSegmentM(at(3, 4), { a: at(0, 0), b: at(0, 0) })).toBe(5);
    expect(distanceToSegmentM(at(5, 3), { a: at(0, 0), b: at(10, 0) })).toBe(3);
    expect(distanceToSegmentM(at(14, 3), { a: at(0, 0), b: at(10, 0) })).toBe(5);
  });

  test("depth is positive inside, negative outside, and measured to holes as well", () => {
    expect(depthInsideM(framed, at(20, 50))).toBe(20);
    expect(depthInsideM(framed, at(35, 50))).toBe(5);
    expect(depthInsideM(framed, at(50, 50))).toBe(-10);
    expect(depthInsideM(framed, at(50, 130))).toBe(-30);
    expect(areaDepthM([framed, { outer: square(20, 40, 40), holes: [] }], at(50, 50))).toBe(10);
    expect(areaDepthM([], at(0, 0))).toBe(-Infinity);
  });
});

describe("measures", () => {
  test("areas and bounds", () => {
    expect(ringAreaM2(ell)).toBe(7500);
    expect(polygonAreaM2(framed)).toBe(9600);
    expect(areaBounds([framed, { outer: square(10, -50, 200), holes: [] }])).toEqual({
      southM: -50,
      northM: 100,
      westM: 0,
      eastM: 210,
    });
  });

  test("a bow tie crosses itself, an L does not", () => {
    expect(selfCrossing(ell)).toBeUndefined();
    expect(selfCrossing([at(0, 0), at(100, 100), at(100, 0), at(0, 100)])).toEqual([0, 2]);
  });

  test("a leg meets a ring by an end inside or by crossing it", () => {
    const ring = square(10);
    expect(segmentMeetsRing(ring, { a: at(5, 5), b: at(50, 50) })).toBe(true);
    expect(segmentMeetsRing(ring, { a: at(-5, 5), b: at(15, 5) })).toBe(true);
    expect(segmentMeetsRing(ring, { a: at(-5, 5), b: at(-5, 50) })).toBe(false);
    expect(segmentMeetsRing(ring, { a: at(-1, -5), b: at(-1, 15) })).toBe(false);
  });
});

test("a point is beyond a ring's reach only when it is farther than that from every edge", () => {
  const ring = [
    { northM: 0, eastM: 0 },
    { northM: 100, eastM: 0 },
    { northM: 0, eastM: 100 },
  ];
  fc.assert(
    fc.property(
      fc.integer({ min: -400, max: 400 }),
      fc.integer({ min: -400, max: 400 }),
      (n, e) => {
        const point = { northM: n, eastM: e };
        if (isBeyond(ring, point, 150)) expect(distanceToRingM(ring, point)).toBeGreaterThan(150);
      },
    ),
  );
  expect(isBeyond(ring, { northM: 300, eastM: 0 }, 150)).toBe(true);
  expect(isBeyond(ring, { northM: 200, eastM: 0 }, 150)).toBe(false);
});
