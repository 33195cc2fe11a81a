import { expect, test } from "vitest";
import type { Lane } from "../../../src/swarm/mod.ts";
import { outlineOf } from "./outlines.ts";

const lane = (a: readonly [number, number], b: readonly [number, number]): Lane => ({
  a: { northM: a[0], eastM: a[1] },
  b: { northM: b[0], eastM: b[1] },
  lengthM: 0,
  spacingM: 40,
  groundAM: 0,
  groundBM: 0,
  timeS: 0,
  climbM: 0,
  cells: new Uint32Array(),
  units: new Uint16Array(),
});

const corners = (lanes: readonly Lane[]): (readonly [number, number])[] =>
  outlineOf(lanes).map(({ northM, eastM }) => [northM, eastM]);

test("two lanes to the north are one rectangle, half a spacing wider", () => {
  expect(corners([lane([0, 0], [100, 0]), lane([100, 40], [0, 40])])).toEqual([
    [0, -20],
    [0, 20],
    [0, 20],
    [0, 60],
    [100, 60],
    [100, 20],
    [100, 20],
    [100, -20],
  ]);
});

test("lanes to the east of different length make steps; pieces of one line are joined", () => {
  const ring = corners([lane([0, 0], [0, 100]), lane([40, 0], [40, 30]), lane([40, 60], [40, 90])]);
  expect(ring).toContainEqual([-20, 100]);
  expect(ring).toContainEqual([60, 90]);
  expect(ring).not.toContainEqual([60, 30]);
});

test("no lanes, no outline", () => {
  expect(outlineOf([])).toEqual([]);
});
