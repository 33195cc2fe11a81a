import { describe, expect, test } from "vitest";
import {
  distanceOfShareM,
  fitLogNormal,
  normalQuantile,
  ownDistances,
  publishedDistances,
} from "./distances.ts";

describe("the published tables", () => {
  // mu (of ln km) and sigma as the data set's README recomputed them.
  test.each([
    ["flat", "temperate", 0.40083, 1.17294],
    ["flat", "dry", 0.93498, 1.04815],
    ["mountainous", "temperate", 0.98594, 1.18411],
    ["mountainous", "dry", 1.17471, 1.0738],
  ] as const)("%s %s", (environment, climate, mu, sigma) => {
    const table = publishedDistances(environment, climate);
    expect(table.mu - Math.log(1000)).toBeCloseTo(mu, 5);
    expect(table.sigma).toBeCloseTo(sigma, 5);
    expect(table.source).toContain("SAREnv");
  });

  test("a share of the table gives its distance, others lie between, beyond by slope", () => {
    const table = publishedDistances("mountainous", "temperate");
    expect(distanceOfShareM(table, 0.75)).toBe(5800);
    const between = distanceOfShareM(table, 0.6);
    expect(between).toBeGreaterThan(3100);
    expect(between).toBeLessThan(5800);
    expect(distanceOfShareM(table, 0.1)).toBeLessThan(1100);
    expect(distanceOfShareM(table, 0.99)).toBeGreaterThan(18300);
  });
});

test("a log-normal table is fitted exactly", () => {
  const quantiles = [0.1, 0.5, 0.9].map((share) => ({
    share,
    distanceM: Math.exp(7 + 0.8 * normalQuantile(share)),
  }));
  const { mu, sigma } = fitLogNormal(quantiles);
  expect(mu).toBeCloseTo(7, 12);
  expect(sigma).toBeCloseTo(0.8, 12);
  expect(ownDistances(quantiles, "a team").source).toBe("a team");
});

test("normal quantiles agree with published percentage points (AS 241, table 1)", () => {
  expect(normalQuantile(0.25)).toBeCloseTo(-0.6744897501960817, 14);
  expect(normalQuantile(0.001)).toBeCloseTo(-3.090232306167814, 13);
  expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 14);
  expect(normalQuantile(0.5)).toBe(0);
  expect(() => normalQuantile(1)).toThrow("inside 0 to 1");
});
