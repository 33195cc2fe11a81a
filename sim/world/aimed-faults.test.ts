/** Faults that aim at what the swarm is doing, that act in a place, or that act on clocks. */
import { describe, expect, test } from "vitest";
import type { Stimulus } from "../../src/node/mod.ts";
import {
  createWorld,
  NO_RATES,
  referenceScenario,
  WORLD_EPOCH_MS,
  type FaultAction,
  type FaultAim,
  type FaultBegun,
  type World,
} from "../mod.ts";
import { FakeNode } from "./world.test-support.ts";

interface Heard {
  readonly slot: number;
  readonly nowMs: number;
  readonly input: Stimulus;
}

function open(
  script: readonly (readonly [atS: number, action: FaultAction])[],
  aim?: FaultAim<FakeNode>,
): { readonly world: World<FakeNode>; readonly heard: Heard[]; readonly begun: FaultBegun[] } {
  const heard: Heard[] = [];
  const faults = { script: script.map(([atS, action]) => ({ atS, action })), rates: NO_RATES };
  const scenario = referenceScenario({ seed: 7, vehicles: 3, overrides: { faults } });
  const factory = (seat: FakeNode["seat"]): FakeNode => {
    const node = new FakeNode(seat);
    const { step } = node;
    node.step = (now, input, emit) => {
      heard.push({ slot: seat.slot, nowMs: now, input });
      step.call(node, now, input, emit);
    };
    return node;
  };
  const world = createWorld(scenario, factory, undefined, aim);
  const begun: FaultBegun[] = [];
  world.onFault((one) => begun.push(one));
  return { world, heard, begun };
}

const strike: FaultAction = { kind: "strike", target: "heads", how: "kill", downS: 5 };

describe("a strike", () => {
  test("asks at its time who is hit, and tells of what it became", () => {
    const asked: number[] = [];
    const { world, begun } = open([[70, strike]], (target, seen) => {
      asked.push(seen.view().timeMs);
      return target === "heads" ? [2] : [];
    });
    world.runUntil(71_000);
    expect(asked).toEqual([70_000]);
    expect(begun).toEqual([{ timeMs: 70_000, action: { kind: "kill", slot: 2 } }]);
    expect(world.view().vehicles.map(({ node }) => node)).toEqual(["running", "dead", "running"]);
  });

  test("goes on in a clone; without an aim it hits nobody", () => {
    const { world } = open([[70, strike]], () => [3]);
    world.runUntil(60_000);
    const copy = world.clone();
    copy.runUntil(71_000);
    world.runUntil(71_000);
    expect(copy.traceHash()).toBe(world.traceHash());
    expect(copy.view().vehicles[2]?.node).toBe("dead");
    const calm = open([[70, strike]]);
    calm.world.runUntil(71_000);
    expect(calm.begun).toEqual([]);
  });
});

test("a split is a partition by where vehicles are then, and can be lifted", () => {
  const { world, begun } = open([[70, { kind: "split", along: "north", lastsS: 60 }]]);
  world.runUntil(71_000);
  const [active] = world.view().faults;
  expect(begun).toHaveLength(1);
  expect(active?.action).toEqual(begun[0]?.action);
  if (active?.action.kind !== "partition") throw new Error("a split becomes a partition");
  expect(active.action.groups.flat().sort()).toEqual([0, 1, 2, 3]);
  const id = world.applyFault({ kind: "split", along: "east", lastsS: 60 });
  world.liftFault(id);
  expect(world.view().faults).toHaveLength(1);
});

test("satellites are lost in the valley only, and only below its rim", () => {
  const area = { kind: "gnssLossArea", northM: 0, eastM: 0, lastsS: 60 } as const;
  const error = (action: FaultAction): number => {
    const { world } = open([[60, action]]);
    world.runUntil(100_000);
    return Math.max(...[1, 2, 3].map((slot) => world.node(slot)?.lastSample?.positionErrorM ?? 0));
  };
  expect(error({ ...area, radiusM: 5000, belowAmslM: 1e5 })).toBeGreaterThan(10);
  expect(error({ ...area, radiusM: 5000, belowAmslM: 0 })).toBeLessThan(3);
  expect(error({ ...area, northM: 9e4, radiusM: 100, belowAmslM: 1e5 })).toBeLessThan(3);
});

describe("clocks", () => {
  test("a civil time that is off is told while it lasts, to that node alone", () => {
    const { world, heard } = open([[10, { kind: "clockError", slot: 1, offsetS: -30, lastsS: 5 }]]);
    world.runUntil(20_000);
    const told = (slot: number): number[] =>
      heard.flatMap(({ slot: by, input }) =>
        by === slot && input.kind === "clock" ? [(input.timeMs - WORLD_EPOCH_MS) / 1000] : [],
      );
    expect(told(1).slice(8, 16)).toEqual([9, -20, -19, -18, -17, -16, 15, 16]);
    expect(told(2).slice(8, 16)).toEqual([9, 10, 11, 12, 13, 14, 15, 16]);
  });

  test("an oscillator that runs fast gains, without a step, and keeps what it gained", () => {
    const { world, heard } = open([[10, { kind: "clockDrift", slot: 1, ppm: 10_000, lastsS: 10 }]]);
    world.runUntil(30_000);
    const localMs = heard.flatMap(({ slot, nowMs }) => (slot === 1 ? [nowMs] : []));
    const lasts = localMs.at(-1) ?? 0;
    expect(lasts).toBeGreaterThan(30_050);
    expect(lasts).toBeLessThan(30_150);
    const steps = localMs.map((ms, i) => ms - (localMs[i - 1] ?? ms));
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...steps)).toBeLessThan(200);
  });
});
