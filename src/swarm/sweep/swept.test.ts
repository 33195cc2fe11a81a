import { describe, expect, test } from "vitest";
import { mapOf } from "./sweep.test-support.ts";
import { sweptGround, sweptMass } from "./swept.ts";

const level = mapOf(() => 1e-6);
const rule = { radiusM: 33, pixelM: 2 };
/** Lanes of 500 m, `spacingM` apart, aslant so that none falls in with the raster's rows. */
const lanes = (count: number, spacingM: number) =>
  Array.from({ length: count }, (_, i) => {
    const across = (i - (count - 1) / 2) * spacingM;
    const at = (along: number) => ({
      northM: 0.8 * across + 0.6 * along,
      eastM: 0.8 * along - 0.6 * across,
    });
    return [at(-250), at(250)];
  });

describe("what a path sweeps", () => {
  test("one lane sweeps 2 r L + pi r^2", () => {
    const { areaSweptM2, massSwept, unseenShare } = sweptGround(level, lanes(1, 0), rule);
    const expected = 66 * 500 + Math.PI * 33 * 33;
    expect(areaSweptM2 / expected).toBeCloseTo(1, 2);
    expect(massSwept / (expected * 1e-6)).toBeCloseTo(1, 2);
    expect(unseenShare).toBeLessThan(0.001);
  });

  test("lanes a swath apart leave nothing unseen, lanes 90 m apart a quarter", () => {
    expect(sweptGround(level, lanes(6, 66), rule).unseenShare).toBeLessThan(0.008);
    const apart = sweptGround(level, lanes(6, 90), rule);
    expect(apart.unseenShare).toBeGreaterThan(0.2);
    expect(apart.unseenShare).toBeLessThan(0.28);
    expect(apart.massUnseen / apart.massSwept).toBeGreaterThan(0.25);
  });

  test("a gap a little narrower than a swath is unseen by the strict count alone", () => {
    const apart = lanes(2, 66 + 60);
    expect(sweptGround(level, apart, rule).unseenShare).toBeLessThan(0.001);
    const strict = sweptGround(level, apart, { ...rule, gapShare: 1 });
    expect(strict.unseenShare).toBeGreaterThan(0.2);
  });

  test("ground skipped on purpose, wider than half a swath, is no band", () => {
    expect(sweptGround(level, lanes(2, 140), rule).unseenShare).toBeLessThan(0.001);
  });

  test("overlaps count once, ground off the map nothing", () => {
    const once = sweptMass(level, lanes(1, 0), rule);
    expect(sweptMass(level, [...lanes(1, 0), ...lanes(1, 0)], rule)).toBe(once);
    const off = [
      [
        { northM: 5000, eastM: 0 },
        { northM: 5000, eastM: 100 },
      ],
    ];
    expect(sweptMass(level, off, rule)).toBe(0);
  });
});
