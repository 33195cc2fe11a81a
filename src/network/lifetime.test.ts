import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { distanceM, HORIZON_S, lifetimeS, positionAt, rangeM, type Motion } from "./lifetime.ts";

const motion = (over: Partial<Motion> = {}): Motion => ({
  northM: 0,
  eastM: 0,
  altitudeM: 100,
  northMps: 0,
  eastMps: 0,
  downMps: 0,
  plan: [],
  ...over,
});

const point = (northM: number, eastM: number, afterS: number): Motion["plan"][number] => ({
  northM,
  eastM,
  altitudeM: 100,
  afterS,
});

describe("range from the margin over the sensitivity", () => {
  test("20.5 dB of margin are ten times the distance in the air (n = 2.05)", () => {
    expect(rangeM(100, 0.94 + 3 + 20.5, { onGround: false })).toBeCloseTo(1000, 6);
    expect(rangeM(100, 0.94 + 3 + 23, { onGround: true })).toBeCloseTo(1000, 6);
  });

  test("below the margin the present distance is the edge, and no range is beyond 50 km", () => {
    expect(rangeM(500, 2, { onGround: false })).toBe(500);
    expect(rangeM(0, -5, { onGround: false })).toBe(1);
    expect(rangeM(1000, 80, { onGround: false })).toBe(50_000);
  });
});

describe("lifetime", () => {
  const still = motion();

  test("flying apart at 10 m/s with 300 m to the edge: 30 s", () => {
    const leaving = motion({ northM: 700, northMps: 10 });
    expect(lifetimeS(still, leaving, 1000)).toBeCloseTo(30, 9);
    expect(lifetimeS(leaving, still, 1000)).toBeCloseTo(30, 9);
  });

  test("side by side, approaching, hovering: no end within the horizon", () => {
    const [a, b] = [motion({ eastMps: 12 }), motion({ northM: 200, eastMps: 12 })];
    expect(lifetimeS(a, b, 300)).toBe(Infinity);
    expect(lifetimeS(still, motion({ northM: 900, northMps: -5 }), 1000)).toBe(Infinity);
    expect(lifetimeS(still, motion({ northM: 1000 }), 1000)).toBe(Infinity);
  });

  test("at the edge it ends at once when moving out, later when it first comes nearer", () => {
    expect(lifetimeS(still, motion({ northM: 1000, northMps: 1 }), 1000)).toBe(0);
    expect(lifetimeS(still, motion({ northM: 5000, northMps: -1 }), 1000)).toBe(0);
    // Enters at the edge going in, crosses 2,000 m of reach at 50 m/s.
    const through = motion({ northM: 1000, northMps: -50 });
    expect(lifetimeS(still, through, 1000)).toBeCloseTo(40, 6);
    const tangent = motion({ northM: 1000, eastMps: 10 });
    expect(lifetimeS(still, tangent, 1000)).toBe(Infinity);
  });

  test("a plan overrides the velocity: out, and back before the edge", () => {
    const turning = motion({ northMps: 20, plan: [point(400, 0, 20), point(0, 0, 40)] });
    expect(lifetimeS(still, turning, 500)).toBe(Infinity);
    const away = motion({ northMps: -20, plan: [point(0, 0, 10), point(1000, 0, 30)] });
    expect(lifetimeS(still, away, 500)).toBeCloseTo(20, 9);
  });

  test("agrees with small steps along both motions", () => {
    const coordinate = fc.integer({ min: -800, max: 800 });
    const arbitrary = fc.record({
      northM: coordinate,
      eastM: coordinate,
      altitudeM: fc.integer({ min: 0, max: 200 }),
      northMps: fc.integer({ min: -20, max: 20 }),
      eastMps: fc.integer({ min: -20, max: 20 }),
      downMps: fc.integer({ min: -3, max: 3 }),
      plan: fc.oneof(
        fc.constant([]),
        fc
          .tuple(coordinate, coordinate, fc.integer({ min: 1, max: 30 }))
          .map(([n, e, s]) => [point(n, e, s), point(e, n, s + 20)]),
      ),
    });
    fc.assert(
      fc.property(arbitrary, arbitrary, (a, b) => {
        const reachM = 1000;
        fc.pre(distanceM(a, b) < reachM - 1);
        const predicted = lifetimeS(a, b, reachM);
        const apartM = (atS: number): number => {
          const [an, ae, ah] = positionAt(a, atS);
          const [bn, be, bh] = positionAt(b, atS);
          return Math.hypot(an - bn, ae - be, ah - bh);
        };
        for (let s = 0; s < Math.min(predicted, HORIZON_S); s += 0.25) {
          expect(apartM(s)).toBeLessThanOrEqual(reachM + 1e-6);
        }
        if (predicted < HORIZON_S) expect(apartM(predicted)).toBeCloseTo(reachM, 3);
      }),
      { numRuns: 200 },
    );
  });
});
