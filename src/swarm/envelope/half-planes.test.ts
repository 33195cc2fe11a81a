import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { brakingSpeedMps, excessMps, LIMITS_MAX, nearestAllowed, speedOf } from "./half-planes.ts";
import type { SpeedLimit } from "./half-planes.ts";

const limit = (angle: number, maxMps: number): SpeedLimit => ({
  north: Math.cos(angle),
  east: Math.sin(angle),
  maxMps,
  reason: "test",
});

const arbitraryLimit = fc
  .tuple(
    fc.double({ min: 0, max: 6.28, noNaN: true }),
    fc.double({ min: -2, max: 14, noNaN: true }),
  )
  .map(([angle, maxMps]) => limit(angle, maxMps));

const arbitraryVelocity = fc.record({
  northMps: fc.double({ min: -12, max: 12, noNaN: true }),
  eastMps: fc.double({ min: -12, max: 12, noNaN: true }),
});

describe("the nearest allowed velocity", () => {
  test("is allowed, and no point of a fine grid is allowed and nearer", () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryLimit, { maxLength: 6 }),
        arbitraryVelocity,
        (limits, wanted) => {
          const found = nearestAllowed(wanted, limits, 12);
          expect(speedOf(found)).toBeLessThanOrEqual(12 + 1e-6);
          const shortened = nearestAllowed(wanted, [], 12);
          const cost = (v: typeof found) =>
            Math.hypot(v.northMps - shortened.northMps, v.eastMps - shortened.eastMps);
          const allowed = limits.every((one) => excessMps(one, found) <= 1e-5);
          for (let n = -12; n <= 12; n += 0.75) {
            for (let e = -12; e <= 12; e += 0.75) {
              const v = { northMps: n, eastMps: e };
              if (speedOf(v) > 12 || limits.some((one) => excessMps(one, v) > 0)) continue;
              // Where something is allowed, something allowed was found, and nothing is nearer.
              expect(allowed).toBe(true);
              expect(cost(v)).toBeGreaterThanOrEqual(cost(found) - 1e-4);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test("without a common point it gives way to the worst limit", () => {
    const squeezed = nearestAllowed(
      { northMps: 5, eastMps: 0 },
      [limit(0, -2), limit(Math.PI, -1)],
      12,
    );
    expect(excessMps(limit(0, -2), squeezed)).toBeLessThan(2.01);
    expect(speedOf(squeezed)).toBeLessThan(3);
  });

  test("of more limits than it weighs it keeps the tightest", () => {
    const many = Array.from({ length: LIMITS_MAX + 20 }, (_, i) =>
      limit(i * 0.2, 11 - (i === 30 ? 10 : 0)),
    );
    const found = nearestAllowed({ northMps: 9, eastMps: 3 }, many, 12);
    expect(excessMps(many[30]!, found)).toBeLessThanOrEqual(1e-5);
  });

  test("parallel limits have no corner and do no harm", () => {
    const found = nearestAllowed({ northMps: 9, eastMps: 4 }, [limit(0, 3), limit(0, 5)], 12);
    expect(found.northMps).toBeCloseTo(3, 9);
    expect(found.eastMps).toBeCloseTo(4, 9);
  });
});

describe("braking", () => {
  test("the speed allowed stops within the gap, reaction included", () => {
    for (const gap of [0, 0.5, 3, 20, 150]) {
      const v = brakingSpeedMps(gap, 2, 0.5);
      expect(v * 0.5 + (v * v) / 4).toBeCloseTo(gap, 6);
    }
  });

  test("past the boundary it is a gentle retreat", () => {
    expect(brakingSpeedMps(-2, 2, 0.5)).toBe(-1);
    expect(brakingSpeedMps(-200, 2, 0.5)).toBe(-3);
  });
});
