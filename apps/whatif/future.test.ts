/** Forks of a flown world: the same without a change, another with one, and nothing shared. */
import { beforeAll, describe, expect, test } from "vitest";
import { ByteWriter } from "../../src/base/mod.ts";
import type { WhatIfChange } from "../ground/report/what-if.ts";
import { loadSearch } from "../mission/load-search.ts";
import { openSimulation, type Simulation } from "../simulation/open-simulation.ts";
import { ScriptedOperator } from "../simulation/scripted-operator.ts";
import { fingerprintOf, openFuture, type Future, type FutureOrder } from "./future.ts";

const MISSION = "missions/tiny.json5";
const AT_S = 100;
const AHEAD_S = 90;

interface Live {
  readonly simulation: Simulation;
  readonly operator: ScriptedOperator;
  timeS: number;
}

function begin(): Live {
  const loaded = loadSearch(MISSION);
  if (!loaded.ok) throw new Error("the tiny mission is good");
  const simulation = openSimulation({ loaded: loaded.value, seed: 3 });
  const { world, vehicles } = simulation;
  const script = loaded.value.mission.operator;
  const operator = new ScriptedOperator({ world, script, seed: 3, vehicles });
  return { simulation, operator, timeS: 0 };
}

function flyTo(live: Live, timeS: number): void {
  while (live.timeS < timeS) {
    live.timeS += 1;
    live.simulation.world.runUntil(live.timeS * 1000);
    live.operator.tick(live.timeS);
  }
}

const written = (write: (to: ByteWriter) => void): Uint8Array => {
  const writer = new ByteWriter();
  write(writer);
  return writer.take();
};

function orderFrom({ simulation, operator }: Live): FutureOrder {
  const { world, loaded } = simulation;
  return {
    recipe: {
      missionFile: MISSION,
      seed: 3,
      vehicleCount: undefined,
      faultFile: undefined,
      planner: "massRate",
      fingerprint: fingerprintOf(loaded),
    },
    saved: {
      atMs: world.timeMs,
      world: written((to) => world.save(to)),
      operator: { kind: "script", state: written((to) => operator.save(to)) },
    },
    changes: [],
    untilMs: world.timeMs + AHEAD_S * 1000,
    hidesSubject: false,
  };
}

function open(order: FutureOrder): Future {
  const opened = openFuture(order);
  if (!opened.ok) throw new Error(opened.problems.map(({ text }) => text).join());
  return opened.value;
}

function flown(order: FutureOrder): Future {
  const future = open(order);
  while (!future.isDone) future.second(() => 0);
  return future;
}

describe("a world of two, forked after 100 seconds", () => {
  let live: Live;
  let order: FutureOrder;
  let baseline: Future;
  const changed = (...changes: readonly WhatIfChange[]): Future => flown({ ...order, changes });

  beforeAll(() => {
    live = begin();
    flyTo(live, AT_S);
    order = orderFrom(live);
    baseline = flown(order);
  });

  test("without a change decides what the world itself decides later", () => {
    expect(open(order).traceHash).toBe(live.simulation.world.traceHash());
    flyTo(live, AT_S + AHEAD_S);
    expect(baseline.traceHash).toBe(live.simulation.world.traceHash());
    expect(flown(order).view()).toEqual(baseline.view());
  });

  test("tells where it is, a curve that rises from the fork, and each vehicle's way", () => {
    const view = baseline.view();
    expect(view).toMatchObject({ state: "done", atS: AT_S + AHEAD_S });
    const { curve, lost, segments, segmentsUnsearched, violationCount } = view.outcome!;
    expect(curve[0]?.[0]).toBe(AT_S);
    expect(curve.at(-1)?.[0]).toBe(AT_S + AHEAD_S);
    expect(curve.at(-1)![2]).toBeGreaterThan(curve[0]![2]);
    expect([lost, violationCount]).toEqual([[], 0]);
    expect(segmentsUnsearched).toBeLessThan(segments);
    expect(view.paths.map(({ vehicle }) => vehicle)).toEqual([1, 2]);
    expect(view.paths[0]?.points.length).toBe(3 * (1 + Math.floor(AHEAD_S / view.pathEveryS)));
  });

  test("with a vehicle lost searches less", () => {
    const { outcome } = changed({ kind: "kill", vehicles: [1] }).view();
    expect(outcome?.lost).toEqual([1]);
    expect(outcome?.pos.high).toBeLessThan(baseline.view().outcome!.pos.high);
    const { outcome: drawn } = changed({ kind: "killSome", count: 1 }).view();
    expect(drawn?.lost.length).toBe(1);
  });

  test("with an order to return has everybody home, and nobody armed again by itself", () => {
    const back = changed({ kind: "order", order: { kind: "return", targets: "all" } }).view();
    expect(back.outcome).toMatchObject({ landings: 2, landedOut: [], lost: [] });
    expect(back.outcome?.reserveMin).toBeGreaterThan(0.2);
  });

  test("with a sign of the person elsewhere flies elsewhere", () => {
    const position = { northM: -150, eastM: -150 };
    const clue = { kind: "clue", position, errorM: 60 } as const;
    // Long enough for each vehicle to have chosen its next segment.
    const long = { ...order, untilMs: 280_000, hidesSubject: true };
    const { paths } = flown({ ...long, changes: [{ kind: "order", order: clue }] }).view();
    expect(paths).not.toEqual(flown(long).view().paths);
  });

  test.each<WhatIfChange>([
    { kind: "wind", speedMps: 9, fromDeg: 270, gustMps: 2 },
    { kind: "lowBattery", vehicles: [2], ratio: 0.22 },
    { kind: "cut", a: 0, b: 1 },
    { kind: "partition", group: [1] },
    { kind: "loseGnss", vehicles: [1] },
    { kind: "planner", planner: "parallelTrack" },
  ])("with $kind goes its own way", (change) => {
    expect(changed(change).traceHash).not.toBe(baseline.traceHash);
  });

  test("where the truth must not show, what cameras see of the person is missing", () => {
    // By then the person has been seen in this run.
    const long = { ...order, untilMs: 400_000 };
    expect(flown({ ...long, hidesSubject: true }).traceHash).not.toBe(flown(long).traceHash);
  });

  test("is refused when the mission's files have changed meanwhile", () => {
    const recipe = { ...order.recipe, fingerprint: "of another file" };
    const opened = openFuture({ ...order, recipe });
    expect(opened.ok ? [] : opened.problems.map(({ code }) => code)).toEqual(["GND026"]);
  });
});
