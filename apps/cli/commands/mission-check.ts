/** `skein mission check FILE`: every problem of a mission file at once, or what it would do. */
import { polygonAreaM2, type Mission } from "../../../src/swarm/mod.ts";
import { loadSearch } from "../../mission/load-search.ts";
import type { Command, ExitCode } from "../command.ts";
import { plainField } from "../output/plain-text.ts";
import { printProblems } from "../output/problems.ts";

export const missionCheck: Command = {
  name: "mission check",
  summary: "List every problem of a mission file, with its place and remedy.",
  operands: "FILE",
  operandCount: { min: 1, max: 1 },
  options: {},
  examples: [
    "skein mission check missions/jacksboro-search.json5",
    "skein mission check my-search.json5 --json",
  ],
  run: async ({ operands, flag }): Promise<ExitCode> => {
    const [file = ""] = operands;
    const loaded = loadSearch(file);
    if (!loaded.ok) {
      printProblems(file, loaded.problems, { json: flag("json") });
      return 2;
    }
    const { mission, prior } = loaded.value;
    const summary = summaryOf(mission, prior.outside);
    if (flag("json")) console.log(JSON.stringify({ ok: true, ...summary }, null, 2));
    else printSummary(file, summary);
    return Promise.resolve(0);
  },
};

interface Summary {
  readonly name: string;
  readonly revision: number;
  readonly areaKm2: number;
  readonly vehicles: number;
  readonly zones: number;
  readonly probabilityInArea: number;
  readonly distances: string;
  readonly sweepWidth: string;
}

function summaryOf(mission: Mission, outside: number): Summary {
  const areaM2 = mission.area.reduce((sum, polygon) => sum + polygonAreaM2(polygon), 0);
  return {
    name: mission.name,
    revision: mission.revision,
    areaKm2: Math.round(areaM2 / 10_000) / 100,
    vehicles: mission.vehicles.count,
    zones: mission.zones.length,
    probabilityInArea: Math.round((1 - outside) * 1000) / 1000,
    distances: mission.distances.source,
    sweepWidth: mission.sensor.sweepWidthSource,
  };
}

function printSummary(file: string, summary: Summary): void {
  console.log(`${file}: good`);
  console.log(`  ${plainField(summary.name)}, revision ${String(summary.revision)}`);
  console.log(`  area ${String(summary.areaKm2)} km2, ${String(summary.zones)} zones`);
  console.log(`  ${String(summary.vehicles)} vehicles`);
  console.log(`  probability inside the area ${String(summary.probabilityInArea)}`);
  console.log(`  distances: ${summary.distances}`);
  console.log(`  sweep width: ${summary.sweepWidth}`);
}
