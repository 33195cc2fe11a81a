/** One flight of a drill: what is asked of a worker, and the row that comes back. */
import type { ScriptedFault } from "../../sim/mod.ts";
import { NO_RATES } from "../../sim/mod.ts";
import { loadSearch } from "../mission/load-search.ts";
import { openSimulation, type Simulation } from "../simulation/open-simulation.ts";
import { runMission } from "../simulation/run-mission.ts";
import { rounded } from "./fault-words.ts";
import { noteOf, type NotedEvent } from "./noted.ts";
import { LeaseWatch, type OrphanRow } from "./watch-leases.ts";
import { SideWatch, type SideRow } from "./watch-sides.ts";

/** The same for all flights of a drill; plain data, sent to workers. */
export interface FlightCommon {
  readonly missionFile: string;
  readonly vehicleCount: number;
  readonly signatures: "real" | "modelled";
}

export interface FlightJob {
  readonly seed: number;
  readonly faults: readonly ScriptedFault[];
  /** Of every reception, always. */
  readonly lossRatio: number;
  readonly durationS: number;
  readonly handOver: boolean;
}

export interface DrillRow {
  readonly traceHash: string;
  readonly wallSeconds: number;
  /** [seconds, middle of the success band]. */
  readonly posCurve: readonly (readonly [number, number])[];
  readonly posFinal: number;
  readonly deliveryRatio: number;
  readonly commitP99Ms: number | null;
  readonly foundAtS: number | null;
  readonly lost: number;
  /** Vehicles that a fault killed. */
  readonly killed: number;
  readonly violated: readonly {
    readonly invariant: string;
    readonly atS: number;
    readonly detail: string;
  }[];
  /** Faults as they began, those that aim with whom they hit. */
  readonly begun: readonly ScriptedFault[];
  readonly orphans: readonly OrphanRow[];
  readonly sides: readonly SideRow[];
  readonly events: readonly NotedEvent[];
}

const CURVE_PERIOD_S = 5;
const VIOLATIONS_KEPT = 50;
const EVENTS_MAX = 400;
const BEGUN_MAX = 10_000;

/** Flies one job; throws only when the drill was not checked before. */
export async function fly(common: FlightCommon, job: FlightJob): Promise<DrillRow> {
  const simulation = open(common, job);
  const { world, vehicles } = simulation;
  const begun: ScriptedFault[] = [];
  world.onFault(({ timeMs, action }) => {
    if (begun.length < BEGUN_MAX) begun.push({ atS: rounded(timeMs / 1000), action });
  });
  const leases = new LeaseWatch(world, [0, ...vehicles]);
  const sides = new SideWatch(world);
  const events: NotedEvent[] = [];
  world.onEvent((event) => {
    const note = noteOf(event);
    if (note !== undefined && events.length < EVENTS_MAX) events.push(note);
  });
  const curve: (readonly [number, number])[] = [[0, 0]];
  const { missionFile } = common;
  const { durationS } = job;
  const report = await runMission(simulation, {
    durationS,
    missionFile,
    onProgress: (timeS) => {
      leases.tick();
      sides.tick(timeS);
      if (timeS % CURVE_PERIOD_S === 0) curve.push([timeS, posOf(simulation)]);
    },
  });
  sides.end(report.simSeconds);
  const { search, vehicles: fleet, invariants, network, consensus } = report;
  return {
    traceHash: report.traceHash,
    wallSeconds: report.wallSeconds,
    posCurve: curve,
    posFinal: posOf(simulation),
    deliveryRatio: network.deliveryRatio,
    commitP99Ms: consensus.commitMs.p99,
    foundAtS: search.foundAtS,
    lost: fleet.lost,
    killed: new Set(begun.flatMap(({ action }) => (action.kind === "kill" ? action.slot : [])))
      .size,
    violated: invariants.violated.slice(0, VIOLATIONS_KEPT),
    begun,
    orphans: leases.rows,
    sides: sides.rows,
    events,
  };
}

function open(common: FlightCommon, job: FlightJob): Simulation {
  const { missionFile, vehicleCount, signatures } = common;
  const loaded = loadSearch(missionFile, { vehicleCount });
  if (!loaded.ok) throw new Error(loaded.problems.map(({ text }) => text).join("; "));
  return openSimulation({
    loaded: loaded.value,
    seed: job.seed,
    vehicleCount,
    signatures,
    handOver: job.handOver,
    faults: { script: job.faults, rates: { ...NO_RATES, lossRatio: job.lossRatio } },
  });
}

/** Middle of the band that the ground station shows. */
function posOf({ world }: Simulation): number {
  const band = world.node(0)?.layers.swarm.success ?? { low: 0, high: 0 };
  return Number(((band.low + band.high) / 2).toFixed(5));
}
