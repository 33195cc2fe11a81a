/** The world with small nodes under every fault there is: each seed one answer. Real: `rough`. */
import { describe, expect, test } from "vitest";
import {
  createWorld,
  NO_RATES,
  referenceScenario,
  withTripwire,
  type Scenario,
  type World,
} from "../../sim/mod.ts";
import { FakeNode } from "../../sim/world/world.test-support.ts";

const RATES: Scenario["faults"]["rates"] = {
  ...NO_RATES,
  killPerHour: 4,
  rebootPerHour: 40,
  linkCutPerHour: 40,
  partitionPerHour: 30,
  lossBurstPerHour: 40,
  stuckSensorPerHour: 40,
  gnssLossPerHour: 20,
  lowBatteryPerHour: 10,
  hostilePerHour: 40,
  slowCpuPerHour: 40,
  windowMeanS: 30,
  fromS: 30,
  toS: 500,
  lossRatio: 0.05,
};

function rough(seed: number, vehicles = 8): World<FakeNode> {
  const late = referenceScenario({ seed, vehicles });
  const nodes = late.nodes.map((node, i) => (i === vehicles ? { ...node, startS: 120 } : node));
  const scenario = { ...late, nodes, faults: { script: [], rates: RATES } };
  return createWorld(scenario, (seat) => new FakeNode(seat));
}

const hashAfter = (world: World<FakeNode>, ms: number): string => {
  withTripwire(() => world.runUntil(ms));
  return world.traceHash();
};

describe("eight vehicles, every fault", () => {
  test.each([1, 2, 3, 4])("seed %i: twice the same, and its clone as well", (seed) => {
    const first = rough(seed);
    first.runUntil(250_000 + 1_234 * seed);
    const clone = first.clone();
    const hash = hashAfter(first, 400_000);
    expect(hashAfter(rough(seed), 400_000)).toBe(hash);
    expect(hashAfter(clone, 400_000)).toBe(hash);
    expect(clone.report()).toEqual(first.report());
  });

  test("different seeds differ", () => {
    const hashes = [1, 2, 3].map((seed) => hashAfter(rough(seed), 120_000));
    expect(new Set(hashes).size).toBe(3);
  });

  test("after the faults the world heals: whoever lives hears everybody who lives", () => {
    const world = rough(5);
    world.runUntil(540_000);
    const alive = world.view().vehicles.filter((vehicle) => vehicle.node === "running");
    expect(alive.length).toBeGreaterThan(5);
    const before = alive.map(({ slot }) => world.node(slot)!.heard);
    world.runUntil(550_000);
    alive.forEach(({ slot }, i) => {
      const perSecond = (world.node(slot)!.heard - before[i]!) / 10;
      // Others beacon at 2 Hz; 5% are always lost, some to distance and collisions.
      expect(perSecond).toBeGreaterThan(1.2 * (alive.length - 1));
    });
  });
});

describe("fifty vehicles in one cell", () => {
  test("hear nearly all of each other's beacons", () => {
    const scenario = referenceScenario({ seed: 2, vehicles: 50 });
    const world = createWorld(scenario, (seat) => new FakeNode(seat, { beaconHz: 4 }));
    world.runUntil(30_000);
    const { network, radioScenario } = world.report();
    expect(radioScenario.meanReceivers).toBeGreaterThan(45);
    expect(network.deliveryRatio).toBeGreaterThan(0.9);
    expect(network.airtimeMax).toBeGreaterThan(0.03);
    expect(network.airtimeMax).toBeLessThan(0.2);
  });
});
