import { expect, test } from "vitest";
import { Listeners } from "./listeners.ts";

const nobody = (): [] => [];

test("samples come at the multiples of their period, however far time jumps", () => {
  const listeners = new Listeners();
  const times: number[] = [];
  listeners.onSample(100, 250_000, ({ timeMs }) => times.push(timeMs));
  listeners.sampleUntil(299_999, nobody);
  expect(times).toEqual([]);
  listeners.sampleUntil(520_000, nobody);
  expect(times).toEqual([300, 400, 500]);
});

test("a world that was loaded at another time samples from there on", () => {
  const listeners = new Listeners();
  const times: number[] = [];
  listeners.onSample(100, 0, ({ timeMs }) => times.push(timeMs));
  listeners.moveTo(950_000);
  listeners.sampleUntil(1_000_000, nobody);
  expect(times).toEqual([1000]);
});

test("everyone is told of a fault that begins", () => {
  const listeners = new Listeners();
  const told: string[] = [];
  listeners.onFault(({ action }) => told.push(action.kind));
  listeners.onFault(({ timeMs }) => told.push(String(timeMs)));
  listeners.fault({ timeMs: 7, action: { kind: "kill", slot: 1 } });
  expect(told).toEqual(["kill", "7"]);
});
