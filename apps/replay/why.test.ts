import { expect, test } from "vitest";
import type { RunCause, RunEvent } from "./recorded-run.ts";
import { chainOf, clock, findWhy, whyLines } from "./why.ts";

const step = (id: number, from?: number): RunCause => ({
  id,
  atS: id,
  node: id === 1 ? 0 : 3,
  stimulus: id === 1 ? "operator" : "message",
  about: "",
  from,
});

const causes = new Map(
  [step(1), step(2, 1), step(5, 2), step(8, 9), step(9, 8)].map((c) => [c.id, c]),
);

test("a chain goes from what happened back to its root", () => {
  expect(chainOf({ causes }, 5)?.map(({ id }) => id)).toEqual([5, 2, 1]);
  expect(whyLines({ causes }, 5)).toEqual([
    "0:00:05.000 vehicle 3: a message came",
    "because 0:00:02.000 vehicle 3: a message came",
    "because 0:00:01.000 the ground: the operator's wish",
  ]);
});

test("a step that the recording does not have is no chain, and a circle ends", () => {
  expect(chainOf({ causes }, 77)).toBeUndefined();
  expect(chainOf({ causes }, 8)?.map(({ id }) => id)).toEqual([8, 9]);
});

const event = (atS: number, vehicle: number, kind: string): RunEvent => ({
  atS,
  vehicle,
  kind,
  severity: "info",
  text: `${kind} at ${atS}`,
  detail: {},
  cause: undefined,
});

const events = [
  event(10, 3, "duty"),
  event(20, 3, "detection"),
  event(30, 0, "found"),
  event(40, 3, "duty"),
  event(50, 0, "found"),
];

test.each([
  ["found", 30],
  ["found@45", 30],
  ["found@0:50", 50],
  ["3@12", 10],
  ["3@0:00:39.5", 10],
  ["3", 40],
  ["detection@190s", 20],
  ["3@5", undefined],
  ["nothing", undefined],
  ["3@soon", undefined],
])("%s is meant as the event at %s", (wish, atS) => {
  expect(findWhy({ events }, wish)?.atS).toBe(atS);
});

test("a time is told to the millisecond", () => {
  expect(clock(3725.0625)).toBe("1:02:05.063");
});
