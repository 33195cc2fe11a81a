/** One flight of a campaign: what is asked of a worker, and the row that comes back. */
import { loadFaults } from "../simulation/load-faults.ts";
import { loadSearch } from "../mission/load-search.ts";
import { openSimulation } from "../simulation/open-simulation.ts";
import { runMission } from "../simulation/run-mission.ts";
import type { PlannerName } from "../../src/swarm/mod.ts";

/** The same for all flights of a campaign; plain data, sent to workers. */
export interface FlightPlan {
  readonly missionFile: string;
  /** 0 for the mission's own. */
  readonly vehicleCount: number;
  readonly planner: PlannerName;
  readonly durationS: number;
  readonly untilFound: boolean;
  readonly signatures: "real" | "modelled";
  readonly faultFile: string | undefined;
}

export interface FlightRow {
  readonly seed: number;
  readonly traceHash: string;
  readonly simSeconds: number;
  readonly wallSeconds: number;
  readonly foundAtS: number | null;
  /** Success band at the end. */
  readonly posFinal: readonly [low: number, high: number];
  readonly lost: number;
  readonly batterySwaps: number;
  readonly minSeparationM: number | null;
  readonly batteryReserveMinPct: number | null;
  /** Names of the invariants that were violated, each once. */
  readonly violated: readonly string[];
}

/** Flies one seed; throws only when the plan was not checked before. */
export async function fly(plan: FlightPlan, seed: number): Promise<FlightRow> {
  const { missionFile, vehicleCount, planner, signatures, durationS, untilFound } = plan;
  const loaded = loadSearch(missionFile, vehicleCount === 0 ? {} : { vehicleCount });
  if (!loaded.ok) throw new Error(loaded.problems.map(({ text }) => text).join("; "));
  const count = loaded.value.mission.vehicles.count;
  const faults = plan.faultFile === undefined ? undefined : loadFaults(plan.faultFile, count);
  if (faults?.ok === false) throw new Error(faults.problems.map(({ text }) => text).join("; "));
  const simulation = openSimulation({
    loaded: loaded.value,
    seed,
    vehicleCount: count,
    planner,
    signatures,
    ...(faults === undefined ? {} : { faults: faults.value }),
  });
  const report = await runMission(simulation, { durationS, missionFile, untilFound });
  const { search, vehicles, invariants } = report;
  return {
    seed,
    traceHash: report.traceHash,
    simSeconds: report.simSeconds,
    wallSeconds: report.wallSeconds,
    foundAtS: search.foundAtS,
    posFinal: [search.posFinal[0], search.posFinal[1]],
    lost: vehicles.lost,
    batterySwaps: vehicles.batterySwaps,
    minSeparationM: vehicles.minSeparationM,
    batteryReserveMinPct: vehicles.batteryReserveMinPct,
    violated: [...new Set(invariants.violated.map((one) => one.invariant))],
  };
}
