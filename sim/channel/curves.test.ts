import { expect, test } from "vitest";
import { SeededStream } from "../../src/base/mod.ts";
import { fadingOf, pathCurve, pathGain, ratioOfDb } from "./curves.ts";

const db = (ratio: number): number => 10 * Math.log10(ratio);

test("decibels to ratios, within and beyond the table", () => {
  const stream = new SeededStream(1, "db");
  for (let i = 0; i < 5000; i += 1) {
    const value = stream.between(-160, 60);
    expect(Math.abs(db(ratioOfDb(value)) - value)).toBeLessThan(0.017);
  }
  expect(ratioOfDb(0)).toBe(1);
});

test("log-distance gain as the formula has it, near, far and at the table's ends", () => {
  const curve = pathCurve(47.7, 2.05);
  expect(pathCurve(47.7, 2.05)).toBe(curve);
  const stream = new SeededStream(2, "metres");
  const places = [1, 63.9, 64, 65, 16_383.9, 16_384, 40_000];
  for (let i = 0; i < 5000; i += 1) places.push(stream.between(1, 20_000));
  for (const distanceM of places) {
    const wantedDb = -(47.7 + 20.5 * Math.log10(distanceM));
    expect(Math.abs(db(pathGain(curve, distanceM)) - wantedDb)).toBeLessThan(0.01);
  }
});

test("a Rician channel has mean power one at every K", () => {
  for (const kDb of [0, 6, 7.3, 12, 20, 25]) {
    const { steady, scatter } = fadingOf(kDb);
    expect(steady * steady + 2 * scatter * scatter).toBeCloseTo(1, 12);
    const k = (steady * steady) / (2 * scatter * scatter);
    expect(Math.abs(db(k) - Math.min(20, kDb))).toBeLessThan(0.04);
  }
});
