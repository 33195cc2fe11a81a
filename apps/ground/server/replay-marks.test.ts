import { expect, test } from "vitest";
import type { RunEvent } from "../../replay/recorded-run.ts";
import { marksOf } from "./replay-marks.ts";

const event = (atS: number, kind: string, more: Partial<RunEvent> = {}): RunEvent => ({
  atS,
  kind,
  vehicle: 0,
  severity: "info",
  text: kind,
  detail: {},
  cause: undefined,
  ...more,
});

test("the ground's word counts once; orders, decisions and events are told apart", () => {
  const events = [
    event(1, "leaderElected"),
    event(1, "leaderElected", { vehicle: 2 }),
    event(5, "sessionOpened"),
    event(6, "detection", { cause: 12 }),
    event(7, "refused", { severity: "warning" }),
    event(8, "verdict", { detail: { id: 0x20000, verdict: "confirmed" } }),
    event(9, "suspect", { severity: "warning" }),
  ];
  const orders = [{ atS: 2, id: "1", kind: "start", about: "", targets: [1, 2] }];
  expect(
    marksOf({ events, orders }).map(({ atS, kind, text, cause }) => [atS, kind, text, cause]),
  ).toEqual([
    [1, "decision", "leaderElected", null],
    [2, "order", "start to 1, 2", null],
    [6, "event", "detection", 12],
    [8, "decision", "detection 2-1: confirmed", null],
    [9, "event", "suspect", null],
  ]);
});

test("of too many, information goes first, evenly; alarms and orders stay", () => {
  const events = Array.from({ length: 4000 }, (_, i) =>
    event(i, "segmentClaimed", i % 40 === 0 ? { severity: "alarm" } : {}),
  );
  const orders = [{ atS: 5.5, id: "1", kind: "hold", about: "", targets: [1] }];
  const marks = marksOf({ events, orders });
  expect(marks.length).toBeLessThanOrEqual(1500);
  expect(marks.filter(({ severity }) => severity === "alarm")).toHaveLength(100);
  expect(marks.some(({ kind }) => kind === "order")).toBe(true);
  const early = marks.filter(({ atS }) => atS < 2000).length;
  expect(Math.abs(early - marks.length / 2)).toBeLessThan(10);
});
