import { expect, test } from "vitest";
import { ByteReader, ByteWriter } from "../../src/base/mod.ts";
import { indexOf, Neighbours } from "./neighbours.ts";

const S = 1_000_000;

/** Four on a line, 400 m from each to the next. */
const line = (): { readonly northM: Float64Array; readonly eastM: Float64Array } => ({
  northM: Float64Array.of(0, 400, 800, 1200),
  eastM: new Float64Array(4),
});

const slotsOf = (all: Neighbours, slot: number, nowUs: number): number[] => [
  ...all.of(slot, nowUs).slots,
];

test("a list has who is in reach, in rising order, and is looked at anew each four seconds", () => {
  const places = line();
  const all = new Neighbours(places, 500);
  expect(slotsOf(all, 1, 0)).toEqual([0, 2]);
  places.northM[3] = 600;
  expect(slotsOf(all, 1, 3.9 * S)).toEqual([0, 2]);
  expect(slotsOf(all, 1, 4 * S)).toEqual([0, 2, 3]);
  expect(indexOf(all.of(1, 4 * S), 3)).toBe(2);
  expect(indexOf(all.of(1, 4 * S), 1)).toBe(-1);
});

test("what is known of a link is taken over by the next list", () => {
  const places = line();
  const all = new Neighbours(places, 500);
  const before = all.of(1, 0);
  before.gain[1] = 7;
  before.untilUs[1] = 9 * S;
  before.profileM[1] = 123;
  places.northM[0] = 5000;
  const after = all.of(1, 5 * S);
  expect([...after.slots]).toEqual([2]);
  expect([after.gain[0], after.untilUs[0], after.profileM[0]]).toEqual([7, 9 * S, 123]);
});

test("who was carried elsewhere is forgotten by itself and by the others, at once", () => {
  const places = line();
  const all = new Neighbours(places, 500);
  for (const slot of [0, 1, 2]) all.of(slot, 0).untilUs.fill(9 * S);
  places.northM[1] = 800;
  all.forget(1);
  expect(slotsOf(all, 1, 0.1 * S)).toEqual([2, 3]);
  expect([...all.of(1, 0.1 * S).untilUs]).toEqual([-Infinity, -Infinity]);
  const two = all.of(2, 0.1 * S);
  expect(two.untilUs[indexOf(two, 1)]).toBe(-Infinity);
  expect(slotsOf(all, 0, 0.1 * S)).toEqual([]);
});

test("saved lists come back as they were, those from an earlier look too", () => {
  const places = line();
  const all = new Neighbours(places, 500);
  all.of(1, 0).gain.fill(3);
  all.of(1, 0).untilUs.fill(20 * S);
  all.of(2, 5 * S).gain.fill(4);
  const writer = new ByteWriter();
  all.save(writer);
  const copy = new Neighbours(places, 500);
  const reader = new ByteReader(writer.take());
  copy.load(reader);
  expect(reader.finish()).toBeUndefined();
  for (const slot of [0, 1, 2, 3]) expect(copy.of(slot, 6 * S)).toEqual(all.of(slot, 6 * S));
  expect([...copy.of(1, 6 * S).gain]).toEqual([3, 3]);
});
