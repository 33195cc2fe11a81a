import { expect, test } from "vitest";
import { median, quantile } from "./table.ts";

test("quantiles are samples, by the nearest rank, whatever the order they came in", () => {
  const samples = [15, 20, 35, 40, 50].reverse();
  expect([0.05, 0.3, 0.4, 0.5, 1].map((share) => quantile(samples, share))).toEqual([
    15, 20, 20, 35, 50,
  ]);
  expect(median([3, 1, 2, 10])).toBe(2);
  expect(quantile([], 0.5)).toBeNaN();
});
