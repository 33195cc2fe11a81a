/**
 * What the simulated world costs without the node's own work: the bare event core, the channel, and
 * the whole world with nodes that only fly and beacon.
 *
 * The core alone bounds what any simulation can reach (10,000 nodes x 10 broadcasts/s x 9.6
 * receivers, reception is a counter and a timestamp). The world with small nodes must leave nine
 * tenths of the time at 300x (6 vehicles) and 25x (50) to the real node, hence its promises.
 */
import { SeededStream, TimeHeap } from "../src/base/mod.ts";
import { createWorld, referenceScenario } from "../sim/mod.ts";
import { FakeNode } from "../sim/world/world.test-support.ts";
import { median, printTable, type Row } from "./support/table.ts";

/** Reception only: one event a transmission, flat tables, neighbours fixed. */
function coreRealTimeFactor(nodes: number): number {
  const receivers = 9.6;
  const periodUs = 100_000;
  const stream = new SeededStream(1, "bench");
  const firstNeighbour = new Uint32Array(nodes + 1);
  for (let i = 0; i < nodes; i += 1) {
    firstNeighbour[i + 1] = firstNeighbour[i]! + (stream.chance(receivers % 1) ? 10 : 9);
  }
  const neighbours = Uint32Array.from({ length: firstNeighbour[nodes]! }, () =>
    stream.below(nodes),
  );
  const heard = new Uint32Array(nodes);
  const lastUs = new Float64Array(nodes);
  const heap = new TimeHeap({ initialCount: nodes * 2 });
  for (let i = 0; i < nodes; i += 1) heap.push(stream.below(periodUs), i);
  const run = (untilUs: number): void => {
    while (heap.nextTime() < untilUs) {
      const nowUs = heap.nextTime();
      const sender = heap.pop();
      for (let k = firstNeighbour[sender]!; k < firstNeighbour[sender + 1]!; k += 1) {
        const receiver = neighbours[k]!;
        heard[receiver]! += 1;
        lastUs[receiver] = nowUs;
      }
      heap.push(nowUs + periodUs, sender);
    }
  };
  const seconds = 50_000 / nodes;
  run(1e6);
  const startMs = performance.now();
  run(1e6 + seconds * 1e6);
  return (seconds * 1000) / (performance.now() - startMs);
}

interface WorldFigures {
  readonly factor: number;
  readonly deliveriesPerS: number;
  readonly microsPerEvent: number;
}

function worldFigures(vehicles: number, seconds: number, beaconHz: number): WorldFigures {
  const scenario = referenceScenario({ seed: 1, vehicles });
  const world = createWorld(scenario, (seat) => new FakeNode(seat, { beaconHz }));
  world.runUntil(60_000);
  const before = world.report().counters;
  const startMs = performance.now();
  world.runUntil(60_000 + seconds * 1000);
  const wallMs = performance.now() - startMs;
  const after = world.report().counters;
  return {
    factor: (seconds * 1000) / wallMs,
    deliveriesPerS: (after.receptions - before.receptions) / seconds,
    microsPerEvent: (wallMs * 1000) / (after.events - before.events),
  };
}

function cloneMs(vehicles: number): number {
  const scenario = referenceScenario({ seed: 1, vehicles });
  const world = createWorld(scenario, (seat) => new FakeNode(seat));
  world.runUntil(5_000);
  world.clone();
  return median(
    [1, 2, 3, 4, 5].map(() => {
      const startMs = performance.now();
      world.clone();
      return performance.now() - startMs;
    }),
  );
}

const medianOf = (count: number, measure: () => number): number =>
  median(Array.from({ length: count }, measure));

function worldRow(vehicles: number, seconds: number, promised: number): Row {
  const runs = [1, 2, 3].map(() => worldFigures(vehicles, seconds, 2));
  const factor = median(runs.map((run) => run.factor));
  const { deliveriesPerS, microsPerEvent } = runs[0]!;
  return {
    what: `world of ${vehicles}, beacons at 2 Hz, ${deliveriesPerS.toFixed(0)} deliveries/s`,
    measured: `${factor.toFixed(0)}x, ${microsPerEvent.toFixed(1)} us an event`,
    promised: `>= ${promised}x real time`,
    kept: factor >= promised,
  };
}

function coreRow(nodes: number, promised: number): Row {
  const factor = medianOf(3, () => coreRealTimeFactor(nodes));
  return {
    what: `event core, ${nodes} nodes x 10 Hz x 9.6 receivers`,
    measured: `${factor.toFixed(1)}x`,
    promised: `>= ${promised}x real time`,
    kept: factor >= promised,
  };
}

function cloneRow(vehicles: number): Row {
  const ms = cloneMs(vehicles);
  return {
    what: `clone of a world of ${vehicles}`,
    measured: `${ms.toFixed(0)} ms`,
    promised: "<= 100 ms",
    kept: ms <= 100,
  };
}

printTable([
  coreRow(1_000, 60),
  coreRow(10_000, 4),
  worldRow(6, 1800, 1500),
  worldRow(50, 120, 100),
  cloneRow(50),
  cloneRow(500),
]);
