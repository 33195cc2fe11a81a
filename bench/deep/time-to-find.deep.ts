/**
 * The reference search, over seeds, in the full simulator: the real node in every vehicle, radio,
 * cryptography, batteries, crew; Skein's planner against parallel track and expanding square by the
 * same vehicles. Each seed hides one person and draws its gusts; the three plans search for the
 * same one.
 *
 * `npm run deep -- time-to-find --budget 4h [FROM [TO]]` flies seeds FROM (1) to TO (1000) as the
 * budget allows. Every run is appended to `docs/evidence/time-to-find.jsonl`; what is there
 * already for this commit's planners is not flown again, so that it can be done in pieces.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadSearch } from "../../apps/mission/load-search.ts";
import { openSimulation } from "../../apps/simulation/open-simulation.ts";
import { runMission } from "../../apps/simulation/run-mission.ts";
import { PLANNER_NAMES, type PlannerName } from "../../src/swarm/mod.ts";
import {
  estimate,
  HORIZON_S,
  minutes,
  percent,
  restricted,
  shorterBy,
} from "./time-to-find-stats.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const MISSION = "missions/jacksboro-search.json5";
const FILE = join(ROOT, "docs", "evidence", "time-to-find.jsonl");

interface Row {
  readonly seed: number;
  readonly planner: PlannerName;
  readonly foundAtS: number | null;
  readonly simSeconds: number;
  readonly violated: readonly string[];
  readonly reserveMinPct: number | null;
  readonly separationMinM: number | null;
}

export async function run(request: {
  readonly budgetS: number;
  readonly args: readonly string[];
}): Promise<boolean> {
  const until = performance.now() + request.budgetS * 1000;
  const from = Number(request.args[0] ?? 1);
  const to = Number(request.args[1] ?? 1000);
  const rows = known();
  for (let seed = from; seed <= to && performance.now() < until; seed += 1) {
    for (const planner of PLANNER_NAMES) {
      if (rows.some((row) => row.seed === seed && row.planner === planner)) continue;
      const row = await fly(seed, planner);
      rows.push(row);
      mkdirSync(join(FILE, ".."), { recursive: true });
      appendFileSync(FILE, `${JSON.stringify(row)}\n`);
      process.stdout.write(`seed ${seed} ${planner}: ${row.foundAtS ?? "not found"}\n`);
    }
  }
  return judge(rows);
}

function known(): Row[] {
  if (!existsSync(FILE)) return [];
  const lines = readFileSync(FILE, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Row);
}

async function fly(seed: number, planner: PlannerName): Promise<Row> {
  const loaded = loadSearch(join(ROOT, MISSION));
  if (!loaded.ok) throw new Error(loaded.problems.map(({ text }) => text).join("; "));
  const simulation = openSimulation({ loaded: loaded.value, seed, planner });
  const report = await runMission(simulation, {
    durationS: HORIZON_S,
    untilFound: true,
    missionFile: MISSION,
  });
  return {
    seed,
    planner,
    foundAtS: report.search.foundAtS,
    simSeconds: report.simSeconds,
    violated: [...new Set(report.invariants.violated.map((one) => one.invariant))],
    reserveMinPct: report.vehicles.batteryReserveMinPct,
    separationMinM: report.vehicles.minSeparationM,
  };
}

/** Complete seeds only: all three plans flown. */
function judge(rows: readonly Row[]): boolean {
  const of = (planner: PlannerName): ReadonlyMap<number, Row> =>
    new Map(rows.filter((row) => row.planner === planner).map((row) => [row.seed, row]));
  const all = PLANNER_NAMES.map(of);
  const seeds = [...all[0]!.keys()].filter((seed) => all.every((part) => part.has(seed)));
  const times = all.map((part) => seeds.map((seed) => restricted(part.get(seed)!.foundAtS)));
  PLANNER_NAMES.forEach((planner, i) => {
    const found = seeds.map((seed) => (all[i]!.get(seed)!.foundAtS === null ? 0 : 1));
    process.stdout.write(
      `${planner.padEnd(16)} ${seeds.length} seeds, ` +
        `found within 4 h ${percent(estimate(found))}, ` +
        `restricted mean ${minutes(estimate(times[i]!))}\n`,
    );
  });
  const [mine, parallel, square] = times;
  const against = [shorterBy(mine!, parallel!), shorterBy(mine!, square!)];
  process.stdout.write(`shorter than parallel track by ${percent(against[0]!)}\n`);
  process.stdout.write(`shorter than expanding square by ${percent(against[1]!)}\n`);
  const broken = rows.filter((row) => row.violated.length > 0);
  for (const row of broken) {
    process.stdout.write(`seed ${row.seed} ${row.planner} violated ${row.violated.join(", ")}\n`);
  }
  return against[0]!.mean >= 0.25 && against[1]!.mean > 0 && broken.length === 0;
}
