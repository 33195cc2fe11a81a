import { describe, expect, test } from "vitest";
import { createWorld, referenceScenario } from "../mod.ts";
import { HOSTILE_MAX } from "./disturbances.ts";
import { figureOf } from "./view.ts";
import { FakeNode } from "./world.test-support.ts";

describe("what a world shows", () => {
  const scenario = referenceScenario({ seed: 5, vehicles: 2 });
  const world = createWorld(scenario, (seat) => new FakeNode(seat));

  test("before anything flew, what has no figure is null", () => {
    const report = world.report();
    expect(report.vehicles).toEqual({
      lost: 0,
      batterySwaps: 0,
      minSeparationM: null,
      minClearanceM: null,
      batteryReserveMinPct: null,
    });
    expect(report.network).toMatchObject({ sent: 0, delivered: 0, deliveryRatio: 0 });
    expect(report.radioScenario).toMatchObject({ band: "2.44 GHz", powerDbm: 20, mcs: 1 });
    expect(report.search.timeToDetectS).toBeNull();
  });

  test("truth about each vehicle, the base and the subject", () => {
    world.runUntil(90_000);
    const view = world.view();
    expect(view.timeMs).toBe(90_000);
    expect(view.vehicles.map(({ slot, state, mode }) => ({ slot, state, mode }))).toEqual([
      { slot: 1, state: "flying", mode: "guided" },
      { slot: 2, state: "flying", mode: "guided" },
    ]);
    expect(view.base.pads).toEqual([-1, -1]);
    expect(view.base).toMatchObject({ batteriesReady: 4, crewBusy: 0 });
    expect(view.subject?.position).toMatchObject({ northM: 700, eastM: 500 });
    expect(view.counters.transmissions).toBeGreaterThan(400);
    expect(view.counters.receptions).toBeLessThanOrEqual(view.counters.transmissions * 2);
  });

  test("more hostile radios than there is room for are ignored", () => {
    const fork = world.clone();
    for (let i = 0; i < HOSTILE_MAX + 3; i += 1) {
      const at = { northM: 10 * i, eastM: 0 };
      fork.applyFault({ kind: "hostile", ...at, mode: "garbage", rateHz: 10, lastsS: 5 });
    }
    const before = fork.view().counters.transmissions;
    const heard = world.view().counters.transmissions;
    fork.runUntil(94_000);
    world.runUntil(94_000);
    const extra = fork.view().counters.transmissions - before;
    const usual = world.view().counters.transmissions - heard;
    expect(extra - usual).toBeGreaterThan(HOSTILE_MAX * 10 * 3);
    expect(extra - usual).toBeLessThan(HOSTILE_MAX * 10 * 5);
  });

  test("infinite figures are none", () => {
    expect([figureOf(Infinity), figureOf(3)]).toEqual([null, 3]);
  });
});
