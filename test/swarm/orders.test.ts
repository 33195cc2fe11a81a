/** Orders as an operator lives them: stops without a quorum, clear-air, what comes of a reload. */
import { beforeAll, describe, expect, test } from "vitest";
import { networkTimeMs, nodeIndex, type NodeIndex } from "../../src/base/mod.ts";
import type { Node } from "../../src/node/mod.ts";
import { orderId, type OrderCommand } from "../../src/security/mod.ts";
import { ScriptedOperator } from "../../apps/simulation/scripted-operator.ts";
import type { Simulation } from "../../apps/simulation/open-simulation.ts";
import { WORLD_EPOCH_MS } from "../../sim/mod.ts";
import { open } from "./flown.ts";

const give = (simulation: Simulation, command: OrderCommand, targets: "all" | number[]): void => {
  simulation.world.operator({
    command,
    targets: targets === "all" ? "all" : targets.map(nodeIndex),
    validForMs: 30_000,
    supersedes: undefined,
  });
};

/** A world in which everybody is in the air and searches. */
function searching(): Simulation {
  const { simulation } = open("tiny.json5", { seed: 4, vehicleCount: 4 });
  const { world, vehicles, loaded } = simulation;
  const script = { ...loaded.mission.operator, reviewS: 100_000 };
  const operator = new ScriptedOperator({ world, script, seed: 4, vehicles });
  for (let timeS = 1; timeS <= 60; timeS += 1) {
    world.runUntil(timeS * 1000);
    operator.tick(timeS);
  }
  return simulation;
}

const duties = ({ world, vehicles }: Simulation): (string | undefined)[] =>
  vehicles.map((slot) => world.node(slot)?.duty);

/** By each vehicle's own word, milliseconds after the key. */
function acting(given: Simulation, command: OrderCommand): number[] {
  const { world } = given;
  const at = world.timeMs;
  const times = new Map<number, number>();
  world.onEvent(({ timeMs, slot, event: { detail } }) => {
    if (detail.kind !== "order" || detail.vehicle !== slot || detail.state !== "acting") return;
    if (!times.has(slot)) times.set(slot, timeMs - at);
  });
  give(given, command, "all");
  world.runUntil(at + 1000);
  return [...times.values()];
}

let simulation: Simulation;
beforeAll(() => {
  simulation = searching();
});

describe("one key for all", () => {
  test("hold is acted on by all within 300 ms of world time, start ends it", () => {
    const { world } = simulation;
    expect(duties(simulation)).toEqual(["search", "search", "search", "search"]);
    const times = acting(simulation, { kind: "hold" });
    expect(times).toHaveLength(4);
    expect(Math.max(...times)).toBeLessThan(300);
    expect(duties(simulation)).toEqual(["hold", "hold", "hold", "hold"]);
    give(simulation, { kind: "start" }, "all");
    world.runUntil(world.timeMs + 3000);
    expect(duties(simulation)).toEqual(["search", "search", "search", "search"]);
  });

  test("clear-air brings everybody below the ceiling and holds until it is lifted", () => {
    const { world } = simulation;
    const clear = (lift: boolean): OrderCommand => ({
      kind: "clearAir",
      lift,
      manner: "below",
      ceilingAglM: 44,
      byMs: networkTimeMs(WORLD_EPOCH_MS + world.timeMs + 60_000),
      volume: undefined,
    });
    give(simulation, clear(false), "all");
    world.runUntil(world.timeMs + 40_000);
    const heights = world.view().vehicles.map(({ altitudeAglM }) => altitudeAglM);
    for (const height of heights) expect(height).toBeLessThan(46);
    give(simulation, clear(true), "all");
    world.runUntil(world.timeMs + 30_000);
    const after = world.view().vehicles.map(({ altitudeAglM }) => altitudeAglM);
    expect(Math.max(...after)).toBeGreaterThan(47);
    expect(world.view().violations).toEqual([]);
  });
});

describe("clear-air sends everybody home", () => {
  test("lifted, with fresh batteries and switches thrown, nobody goes up without a new Go", () => {
    const own = searching();
    const { world, vehicles } = own;
    const clear = (lift: boolean): OrderCommand => ({
      kind: "clearAir",
      lift,
      manner: "leave",
      ceilingAglM: 0,
      byMs: networkTimeMs(WORLD_EPOCH_MS + world.timeMs + 60_000),
      volume: undefined,
    });
    const flying = (): number[] =>
      world.view().vehicles.flatMap(({ slot, state }) => (state === "flying" ? [slot] : []));
    give(own, clear(false), "all");
    world.runUntil(world.timeMs + 300_000);
    give(own, clear(true), "all");
    world.runUntil(world.timeMs + 60_000);
    // As many as the base has had batteries for.
    const fresh = world.view().vehicles.flatMap((each) => (each.released ? [each.slot] : []));
    expect(fresh).not.toEqual([]);
    expect(flying()).toEqual([]);
    const nonces = world.node(0)!.bootNonces;
    const bindings = vehicles.map((vehicle) => ({ vehicle, bootNonce: nonces.get(vehicle)! }));
    give(own, { kind: "start" }, "all");
    give(own, { kind: "arm", bindings, takeoffAltitudeAglM: 40 }, "all");
    world.runUntil(world.timeMs + 60_000);
    expect(flying()).toEqual(fresh);
  });
});

describe("the operator's side holds no quorum", () => {
  let near = nodeIndex(1);

  test("a stop acts on whoever can hear it; a start waits for agreement", () => {
    const { world, vehicles } = simulation;
    // The one that is nearest to the station, wherever the search has led them.
    const { base } = simulation.loaded.mission;
    const awayM = (slot: NodeIndex): number => {
      const at = world.view().vehicles.find((each) => each.slot === slot)!.position;
      return Math.hypot(at.northM - base.position.northM, at.eastM - base.position.eastM);
    };
    near = vehicles.toSorted((a, b) => awayM(a) - awayM(b))[0]!;
    const groups = [[0, near], vehicles.filter((slot) => slot !== near)];
    world.applyFault({ kind: "partition", groups, lastsS: 600 });
    world.runUntil(world.timeMs + 5000);
    give(simulation, { kind: "hold" }, "all");
    world.runUntil(world.timeMs + 3000);
    const held = vehicles.map((slot) => (slot === near ? "hold" : "search"));
    expect(duties(simulation)).toEqual(held);
    give(simulation, { kind: "start" }, [near]);
    world.runUntil(world.timeMs + 5000);
    expect(duties(simulation)).toEqual(held);
  });

  test("when the cut heals the stop reaches the others as well", () => {
    const { world } = simulation;
    world.liftFaults(["partition"]);
    world.runUntil(world.timeMs + 20_000);
    const hold = world
      .node(0)
      ?.orders.find(({ order, at }) => order.command.kind === "hold" && at > 100_000);
    expect(hold?.rows.map(({ vehicle }) => vehicle)).toEqual([1, 2, 3, 4]);
    // The nearest vehicle acted too; the newer start has ended that.
    for (const { actedAt } of hold?.rows ?? []) expect(actedAt).toBeLessThan(Infinity);
    const cutOff = hold?.rows.filter(({ vehicle }) => vehicle !== near) ?? [];
    for (const { step } of cutOff) expect(["acting", "done"]).toContain(step);
    const theirs = duties(simulation).filter((_, i) => simulation.vehicles[i] !== near);
    expect(theirs).toEqual(["hold", "hold", "hold"]);
  });
});

describe("the checker of orders", () => {
  test("believes signed bytes, and no others", () => {
    const { proof, world } = simulation;
    const node = world.node(1)!;
    const record = node.orders.find(({ order }) => order.command.kind === "hold")!;
    const id = orderId(record.order);
    expect(proof(node, id)).toEqual({ kind: "hold", targets: "all" });
    expect(proof(node, `${id}0`)).toBeUndefined();
    const bytes = Uint8Array.from(record.bytes);
    bytes[bytes.length - 1]! ^= 1;
    const forger = { orders: [{ ...record, bytes }] };
    expect(proof(forger as unknown as Node, id)).toBeUndefined();
  });
});
