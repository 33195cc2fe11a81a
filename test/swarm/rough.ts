/**
 * A rough search of real nodes: faults of every kind that a swarm must live through, drawn by the
 * seed, and the world saved and loaded in mid-search. Shared by the short test and the deep run.
 *
 * Batteries that drop and satellites that vanish are left out: with them a low reserve or a drifted
 * vehicle is the fault's own doing, and "nothing violated" would mean nothing. They have stories of
 * their own in `hard-days.test.ts`.
 */
import { ByteReader, ByteWriter } from "../../src/base/mod.ts";
import { ScriptedOperator } from "../../apps/simulation/scripted-operator.ts";
import type { Simulation } from "../../apps/simulation/open-simulation.ts";
import { NO_RATES, withTripwire, type FaultPlan } from "../../sim/mod.ts";
import { open } from "./flown.ts";

const VEHICLES = 4;

export interface Rough {
  readonly seed: number;
  /** World seconds at which it is saved, and at which it ends; faults end a minute earlier. */
  readonly saveS: number;
  readonly endS: number;
}

export interface RoughResult {
  readonly hash: string;
  readonly loadedHash: string;
  readonly violated: readonly string[];
  /** Faults that began, by the report of the world's own view, sampled once a second. */
  readonly faultKinds: readonly string[];
  readonly sweptKm2: number;
  /** Commit indices of those whose node runs at the end. */
  readonly commits: readonly number[];
}

function planOf({ endS }: Rough): FaultPlan {
  const rates = {
    ...NO_RATES,
    killPerHour: 6,
    rebootPerHour: 60,
    linkCutPerHour: 90,
    partitionPerHour: 40,
    lossBurstPerHour: 90,
    stuckSensorPerHour: 40,
    hostilePerHour: 60,
    slowCpuPerHour: 60,
    windowMeanS: 20,
    fromS: 40,
    toS: endS - 60,
    lossRatio: 0.05,
  };
  return { script: [], rates };
}

/** From `fromS` on, second by second, with clock and randomness of the host forbidden. */
function run(simulation: Simulation, operator: ScriptedOperator, toS: number): Set<string> {
  const { world } = simulation;
  const kinds = new Set<string>();
  withTripwire(() => {
    for (let timeS = world.timeMs / 1000 + 1; timeS <= toS; timeS += 1) {
      world.runUntil(timeS * 1000);
      operator.tick(timeS);
      for (const { action } of world.view().faults) kinds.add(action.kind);
    }
  });
  return kinds;
}

function start(rough: Rough): { simulation: Simulation; operator: ScriptedOperator } {
  const { seed } = rough;
  const faults = planOf(rough);
  const { simulation } = open("tiny.json5", { seed, vehicleCount: VEHICLES, faults });
  const { world, vehicles, loaded } = simulation;
  const script = { ...loaded.mission.operator, reviewS: Infinity };
  return { simulation, operator: new ScriptedOperator({ world, script, seed, vehicles }) };
}

export function flyRough(rough: Rough): RoughResult {
  const first = start(rough);
  const kinds = run(first.simulation, first.operator, rough.saveS);
  const to = new ByteWriter({ initialBytes: 1 << 20 });
  first.simulation.world.save(to);
  // Nobody at the page from here on, so that both worlds are given the same.
  const rest = (world: Simulation["world"]): string => {
    withTripwire(() => {
      world.runUntil(rough.endS * 1000);
    });
    return world.traceHash();
  };
  const second = start(rough).simulation.world;
  second.load(new ByteReader(to.take()));
  const { world, vehicles } = first.simulation;
  const hash = rest(world);
  const report = world.report();
  const running = [0, ...vehicles].flatMap((slot) => world.node(slot) ?? []);
  return {
    hash,
    loadedHash: rest(second),
    violated: report.invariants.violated.map(
      ({ invariant, atS, slots, detail }) =>
        `${invariant} of ${slots.join(",")} at ${String(atS)} s: ${detail}`,
    ),
    faultKinds: [...kinds].sort((a, b) => (a < b ? -1 : 1)),
    sweptKm2: report.search.areaSweptKm2,
    commits: running.map((node) => node.layers.consensus.commitIndex),
  };
}
