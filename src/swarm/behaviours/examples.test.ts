import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import boids from "../../../examples/behaviours/boids.ts";
import followTheLeader from "../../../examples/behaviours/follow-the-leader.ts";
import lookHere from "../../../examples/behaviours/look-here.ts";
import orbit from "../../../examples/behaviours/orbit.ts";
import spreadOut from "../../../examples/behaviours/spread-out.ts";
import { Flock } from "../flock.test-support.ts";
import { testGround, testMission } from "../mission.test-support.ts";
import { checkBehaviour } from "./define.ts";
import type { Behaviour } from "./define.ts";

const ALL = { orbit, followTheLeader, boids, spreadOut, lookHere };
const FILES = ["orbit", "follow-the-leader", "boids", "spread-out", "look-here"];

function flown(behaviour: Behaviour, count: number, seconds: number): Flock {
  const flock = new Flock({ world: testGround(testMission()), count, behaviour: { behaviour } });
  flock.start();
  flock.run(seconds);
  const parked = flock.events("behaviour").map((one) => one.event);
  expect(
    parked.filter((event) => event.kind === "behaviour" && event.state.startsWith("parked")),
  ).toEqual([]);
  expect(flock.separation).toBeGreaterThanOrEqual(1);
  return flock;
}

const gap = (flock: Flock, i: number, k: number): number => {
  const a = flock.craft[i]!.body;
  const b = flock.craft[k]!.body;
  return Math.hypot(a.n - b.n, a.e - b.e);
};

describe("examples", () => {
  test.each(FILES)("%s has at most 30 lines", (name) => {
    const url = new URL(`../../../examples/behaviours/${name}.ts`, import.meta.url);
    expect(readFileSync(url, "utf8").trimEnd().split("\n").length).toBeLessThanOrEqual(30);
  });

  test.each(Object.entries(ALL))("%s is a behaviour", (_name, behaviour) => {
    expect(checkBehaviour(behaviour).ok).toBe(true);
  });

  test("orbit circles the last known position", () => {
    const flock = flown(orbit, 1, 150);
    const angles = new Set<number>();
    flock.run(60, () => {
      const { n, e } = flock.craft[0]!.body;
      expect(Math.abs(Math.hypot(n, e) - 40)).toBeLessThan(12);
      angles.add(Math.floor((Math.atan2(e, n) + Math.PI) / 0.8));
      return false;
    });
    expect(angles.size).toBeGreaterThanOrEqual(7);
  });

  test("follow-the-leader keeps a row", () => {
    const flock = flown(followTheLeader, 3, 220);
    expect(gap(flock, 0, 1)).toBeLessThan(70);
    expect(gap(flock, 1, 2)).toBeLessThan(70);
    expect(gap(flock, 0, 1)).toBeGreaterThan(10);
  });

  test("boids stay together and keep moving", () => {
    const flock = flown(boids, 5, 200);
    const before = flock.craft.map((one) => ({ ...one.body }));
    flock.run(15);
    for (let i = 0; i < 5; i += 1) {
      expect(gap(flock, 0, i)).toBeLessThan(300);
      const { n, e } = flock.craft[i]!.body;
      expect(Math.hypot(n - before[i]!.n, e - before[i]!.e)).toBeGreaterThan(1);
    }
  });

  test("spread-out spreads", () => {
    const flock = flown(spreadOut, 5, 300);
    let nearest = Infinity;
    for (let i = 0; i < 5; i += 1)
      for (let k = 0; k < i; k += 1) nearest = Math.min(nearest, gap(flock, i, k));
    expect(nearest).toBeGreaterThan(120);
  });

  test("look-here agrees on a point and faces it", () => {
    const flock = flown(lookHere, 3, 120);
    const agreed = flock.log.filter((change) => change.kind === "value");
    expect(agreed.length).toBeGreaterThan(0);
    const [northM, eastM] = agreed[agreed.length - 1]!.value as [number, number];
    for (const one of flock.craft) {
      const wanted = Math.atan2(eastM - one.body.e, northM - one.body.n);
      expect(Math.abs(one.setpoint!.yawRad - wanted)).toBeLessThan(0.1);
    }
  });
});
