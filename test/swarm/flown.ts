/** Flies a mission for the whole-swarm tests and hands over the report with what was seen. */
import { join } from "node:path";
import type { NodeEvent } from "../../src/node/mod.ts";
import { loadSearch } from "../../apps/mission/load-search.ts";
import {
  openSimulation,
  type Simulation,
  type SimulationOptions,
} from "../../apps/simulation/open-simulation.ts";
import type { RunReport } from "../../apps/simulation/report.ts";
import { runMission, type RunOptions } from "../../apps/simulation/run-mission.ts";

const MISSIONS = join(import.meta.dirname, "..", "..", "missions");

export interface SeenEvent {
  readonly timeS: number;
  readonly slot: number;
  readonly detail: NodeEvent["detail"];
}

export interface Flown {
  readonly simulation: Simulation;
  readonly report: RunReport;
  readonly events: readonly SeenEvent[];
}

/** A simulation of a shipped mission, with every event noted. */
export function open(
  mission: string,
  options: Omit<SimulationOptions, "loaded">,
): { readonly simulation: Simulation; readonly events: SeenEvent[] } {
  const loaded = loadSearch(join(MISSIONS, mission));
  if (!loaded.ok) throw new Error(loaded.problems.map(({ text }) => text).join("; "));
  const simulation = openSimulation({ loaded: loaded.value, ...options });
  const events: SeenEvent[] = [];
  simulation.world.onEvent(({ timeMs, slot, event }) => {
    events.push({ timeS: timeMs / 1000, slot, detail: event.detail });
  });
  return { simulation, events };
}

export async function fly(
  mission: string,
  options: Omit<SimulationOptions, "loaded"> & Pick<RunOptions, "durationS" | "untilFound">,
): Promise<Flown> {
  const { durationS, untilFound, ...rest } = options;
  const { simulation, events } = open(mission, rest);
  const report = await runMission(simulation, {
    durationS,
    missionFile: mission,
    ...(untilFound === undefined ? {} : { untilFound }),
  });
  return { simulation, report, events };
}
