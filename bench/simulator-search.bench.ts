/**
 * The whole product against the clock: the real node in every vehicle and on the ground, real
 * cryptography (each transmission opened and verified once, every receiver charged), flight, radio
 * and checkers. The radio scenario is the mission's own; deliveries a second are stated, because a
 * number of vehicles alone says nothing.
 *
 * Each figure is the median of several stretches of one run after its start, with the fastest
 * beside it: what else runs on the machine only ever slows a stretch down.
 */
import { join } from "node:path";
import { loadSearch } from "../apps/mission/load-search.ts";
import { openSimulation, type Simulation } from "../apps/simulation/open-simulation.ts";
import { ScriptedOperator } from "../apps/simulation/scripted-operator.ts";
import { median, printTable, type Row } from "./support/table.ts";

interface Stretch {
  readonly factor: number;
  readonly deliveriesPerS: number;
}

interface Promised {
  readonly mission: string;
  readonly vehicles: number;
  readonly warmS: number;
  readonly stretchS: number;
  readonly stretches: number;
  readonly factor: number;
}

function open({ mission, vehicles }: Promised): Simulation {
  const loaded = loadSearch(join(import.meta.dirname, "..", "missions", mission));
  if (!loaded.ok) throw new Error(loaded.problems.map(({ text }) => text).join("; "));
  return openSimulation({ loaded: loaded.value, seed: 7, vehicleCount: vehicles });
}

function run(simulation: Simulation, operator: ScriptedOperator, toS: number): Stretch {
  const { world } = simulation;
  const fromS = world.timeMs / 1000;
  const before = world.report().network.delivered;
  const startMs = performance.now();
  for (let timeS = fromS + 1; timeS <= toS; timeS += 1) {
    world.runUntil(timeS * 1000);
    operator.tick(timeS);
  }
  const wallS = (performance.now() - startMs) / 1000;
  const delivered = world.report().network.delivered - before;
  return { factor: (toS - fromS) / wallS, deliveriesPerS: delivered / (toS - fromS) };
}

function measure(promised: Promised): Row[] {
  const simulation = open(promised);
  const operator = new ScriptedOperator({
    world: simulation.world,
    script: simulation.loaded.mission.operator,
    seed: 7,
    vehicles: simulation.vehicles,
  });
  run(simulation, operator, promised.warmS);
  const stretches = Array.from({ length: promised.stretches }, (_, i) =>
    run(simulation, operator, promised.warmS + (i + 1) * promised.stretchS),
  );
  const factors = stretches.map((stretch) => stretch.factor);
  const factor = median(factors);
  const deliveriesPerS = stretches[0]?.deliveriesPerS ?? 0;
  const { radioScenario, network, invariants } = simulation.world.report();
  const name = `${promised.vehicles} vehicles`;
  const radio = `${radioScenario.band}, ${radioScenario.powerDbm} dBm, MCS ${radioScenario.mcs}`;
  return [
    {
      what: `${name}, ${simulation.crypto}, ${radio}`,
      measured: `${factor.toFixed(0)}x real time, fastest ${Math.max(...factors).toFixed(0)}x`,
      promised: `>= ${promised.factor}x`,
      kept: factor >= promised.factor,
    },
    {
      what: `${name}: deliveries/s, receivers a frame, delivered, busiest second`,
      measured: [
        deliveriesPerS.toFixed(0),
        radioScenario.meanReceivers.toFixed(1),
        `${(100 * network.deliveryRatio).toFixed(1)}%`,
        `${(100 * network.airtimeMax).toFixed(0)}%`,
      ].join(", "),
      promised: "",
      kept: true,
    },
    {
      what: `${name}: invariants violated`,
      measured: String(invariants.violated.length),
      promised: "0",
      kept: invariants.violated.length === 0,
    },
  ];
}

printTable([
  ...measure({
    mission: "jacksboro-search.json5",
    vehicles: 6,
    warmS: 120,
    stretchS: 300,
    stretches: 4,
    factor: 300,
  }),
  ...measure({
    mission: "fleet-50.json5",
    vehicles: 50,
    warmS: 20,
    stretchS: 20,
    stretches: 3,
    factor: 25,
  }),
]);
