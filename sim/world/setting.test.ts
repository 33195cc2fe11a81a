import { expect, test } from "vitest";
import { padsAround } from "../scenarios/reference.ts";
import { padGrid } from "./setting.ts";

test("a vehicle's pad is found among ten thousand, and none beside them", () => {
  const pads = padsAround({ northM: 0, eastM: 0 }, 10_000, 14);
  const grid = padGrid(pads);
  for (const pad of [0, 99, 4321, 9999]) {
    const { northM, eastM } = pads[pad]!;
    expect(grid.near(northM + 2, eastM - 3, 6, [])).toEqual([pad]);
  }
  expect(grid.near(-100, 0, 6, [])).toEqual([]);
});
