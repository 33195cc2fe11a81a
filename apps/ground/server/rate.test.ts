import { expect, test } from "vitest";
import { bucket } from "./rate.ts";

test("a burst at once, then the average", () => {
  const tokens = bucket({ perSecond: 10, burst: 3 });
  expect([0, 0, 0, 0].map((ms) => tokens.take(ms))).toEqual([true, true, true, false]);
  expect(tokens.take(99)).toBe(false);
  expect(tokens.take(200)).toBe(true);
});

test("a clock that stands or steps back gives nothing", () => {
  const tokens = bucket({ perSecond: 1000, burst: 1 });
  expect(tokens.take(500)).toBe(true);
  expect(tokens.take(400)).toBe(false);
});
