import { expect, test } from "vitest";
import { Pace } from "./pace.ts";

test("the target follows the wall clock times the speed, from the last anchor on", () => {
  const pace = new Pace({ worldMs: 1000, wallMs: 50 }, 10);
  expect(pace.targetMs(150)).toBe(2000);
  pace.runAt(2, { worldMs: 2000, wallMs: 150 });
  expect(pace.targetMs(250)).toBe(2200);
  pace.anchor({ worldMs: 2100, wallMs: 250 });
  expect(pace.targetMs(251)).toBe(2102);
});

test("a pause stands outside time: what passed meanwhile is not caught up", () => {
  const pace = new Pace({ worldMs: 0, wallMs: 0 }, 1);
  pace.pause();
  expect(pace.paused).toBe(true);
  pace.resume({ worldMs: 100, wallMs: 60_000 });
  expect(pace.paused).toBe(false);
  expect(pace.targetMs(60_001)).toBe(101);
});

test("the reached speed is measured over a second of the wall clock", () => {
  const pace = new Pace({ worldMs: 0, wallMs: 0 }, 20);
  pace.measure({ worldMs: 900, wallMs: 999 });
  expect(pace.reachedSpeed).toBe(20);
  pace.measure({ worldMs: 3000, wallMs: 1000 });
  expect(pace.reachedSpeed).toBe(3);
});
