import { describe, expect, test } from "vitest";
import { estimate, HORIZON_S, restricted, shorterBy } from "./time-to-find-stats.ts";

describe("time to find", () => {
  test("the mean and its interval", () => {
    const values = Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? 10 : 20));
    const { mean, half } = estimate(values);
    expect(mean).toBe(15);
    expect(half).toBeCloseTo((1.96 * 5) / Math.sqrt(399), 6);
    expect(estimate([3]).half).toBe(Infinity);
  });

  test("not found counts as the horizon, later ones too", () => {
    expect([restricted(null), restricted(60), restricted(1e6)]).toEqual([HORIZON_S, 60, HORIZON_S]);
  });

  test("half the time is 50% shorter, and pairs that agree leave no doubt", () => {
    const slow = Array.from({ length: 50 }, (_, i) => 100 + i);
    const fast = slow.map((value) => value / 2);
    const { mean, half } = shorterBy(fast, slow);
    expect(mean).toBeCloseTo(0.5, 9);
    expect(half).toBeLessThan(1e-9);
  });
});
