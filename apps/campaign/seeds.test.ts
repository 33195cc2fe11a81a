import { expect, test } from "vitest";
import { parseSeeds, SEEDS_MAX, seedsText } from "./seeds.ts";

test("seeds are single numbers and ranges, each once, in order", () => {
  expect(parseSeeds("7")).toEqual([7]);
  expect(parseSeeds("3-5, 1,4")).toEqual([1, 3, 4, 5]);
});

test("what is no list of seeds, or too long a one, is none", () => {
  const bad = [
    "",
    "a",
    "5-3",
    "1-",
    "-1",
    "1.5",
    "1e3",
    "99999999999",
    `1-${String(SEEDS_MAX + 1)}`,
  ];
  for (const text of bad) expect(parseSeeds(text)).toBeUndefined();
  expect(parseSeeds("1-60000,100000-160000")).toBeUndefined();
});

test("seeds are written as short as they are read", () => {
  for (const text of ["7", "1-3,5", "1-2,4-5,9", "0-99999"]) {
    expect(seedsText(parseSeeds(text) ?? [])).toBe(text);
  }
});
