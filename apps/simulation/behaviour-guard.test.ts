import { expect, test } from "vitest";
import { BehaviourGuard, GuardWatch, newGuardMemory } from "./behaviour-guard.ts";

const PARTS = [undefined, undefined, undefined] as never as [never, never, never];

test("the watch sees how long one call lasts, and forgets it when it ends", () => {
  const memory = newGuardMemory();
  const watch = new GuardWatch(memory);
  const guard = new BehaviourGuard(memory);
  const seen: number[] = [];
  const look = (nowMs: number): void => {
    seen.push(watch.insideForMs(nowMs));
  };
  const behaviour = guard.watch({
    name: "mine",
    params: {},
    memory: () => look(100),
    step: () => {
      look(200);
      look(900);
    },
  });
  look(0);
  behaviour.memory();
  look(150);
  behaviour.step(...PARTS);
  look(1000);
  behaviour.step(...PARTS);
  // Each call is timed from when it was first seen.
  expect(seen).toEqual([0, 0, 0, 0, 700, 0, 0, 700]);
});

test("a step that throws has ended", () => {
  const memory = newGuardMemory();
  const watch = new GuardWatch(memory);
  const behaviour = new BehaviourGuard(memory).watch({
    name: "mine",
    params: {},
    memory: () => undefined,
    step: () => {
      watch.insideForMs(1);
      throw new Error("oh");
    },
  });
  expect(() => behaviour.step(...PARTS)).toThrow("oh");
  expect(watch.insideForMs(5000)).toBe(0);
});
