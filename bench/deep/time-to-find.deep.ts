/**
 * The reference search, over seeds, in the full simulator: the real node in every vehicle, radio,
 * cryptography, batteries, crew; Skein's planner against parallel track and expanding square by the
 * same vehicles. Each seed hides one person and draws its gusts; the three plans search for the
 * same one. A run ends when the person is found, or at the horizon.
 *
 * `npm run deep -- time-to-find --budget 4h [FROM [TO]]` flies seeds FROM (1) to TO (1000) as the
 * budget allows. Every run is a line of `docs/evidence/time-to-find/FROM-TO.jsonl`; what is there
 * already at this commit is not flown again. Processes with ranges that do not meet share the work:
 * each writes a file of its own, all are judged together. The judgement goes to
 * `docs/evidence/time-to-find.md` with a plot beside it. It counts runs of this commit only.
 */
import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadSearch } from "../../apps/mission/load-search.ts";
import { openSimulation } from "../../apps/simulation/open-simulation.ts";
import { runMission } from "../../apps/simulation/run-mission.ts";
import { PLANNER_NAMES, type PlannerName } from "../../src/swarm/mod.ts";
import { judge, plotOf, textOf, type Row } from "./time-to-find-judgement.ts";
import { HORIZON_S } from "./time-to-find-stats.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const MISSION = "missions/jacksboro-search.json5";
const EVIDENCE = join(ROOT, "docs", "evidence");
const FOLDER = join(EVIDENCE, "time-to-find");

export async function run(request: {
  readonly budgetS: number;
  readonly args: readonly string[];
}): Promise<boolean> {
  const until = performance.now() + request.budgetS * 1000;
  const from = Number(request.args[0] ?? 1);
  const to = Number(request.args[1] ?? 1000);
  const commit = commitOfTree();
  const done = new Set(known(commit).map(({ seed, planner }) => `${String(seed)} ${planner}`));
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, `${String(from)}-${String(to)}.jsonl`);
  for (let seed = from; seed <= to && performance.now() < until; seed += 1) {
    for (const planner of PLANNER_NAMES) {
      if (done.has(`${String(seed)} ${planner}`)) continue;
      const row = await fly(seed, planner, commit);
      appendFileSync(file, `${JSON.stringify(row)}\n`);
      const found = row.foundAtS === null ? "not found" : `found at ${row.foundAtS.toFixed(0)} s`;
      process.stdout.write(`seed ${String(seed)} ${planner}: ${found}\n`);
    }
  }
  const judgement = judge(known(commit));
  const text = textOf(judgement, commit);
  process.stdout.write(text);
  writeFileSync(join(EVIDENCE, "time-to-find.md"), text);
  writeFileSync(join(EVIDENCE, "time-to-find.svg"), plotOf(judgement));
  return judgement.kept;
}

/** The commit of the tree that flies, "-dirty" when files that are tracked differ from it. */
function commitOfTree(): string {
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).trim();
  const changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs");
  return `${git("rev-parse", "--short=12", "HEAD")}${changed === "" ? "" : "-dirty"}`;
}

/** All runs at this commit, by any process. */
function known(commit: string): Row[] {
  if (!existsSync(FOLDER)) return [];
  const files = readdirSync(FOLDER).filter((name) => name.endsWith(".jsonl"));
  const lines = files
    .sort()
    .flatMap((name) => readFileSync(join(FOLDER, name), "utf8").split("\n"));
  const rows = lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Row);
  return rows.filter((row) => row.commit === commit);
}

async function fly(seed: number, planner: PlannerName, commit: string): Promise<Row> {
  const loaded = loadSearch(join(ROOT, MISSION));
  if (!loaded.ok) throw new Error(loaded.problems.map(({ text }) => text).join("; "));
  const simulation = openSimulation({
    loaded: loaded.value,
    seed,
    planner,
    // Decisions are those with real ones (tested), in two thirds of the time.
    signatures: "modelled",
  });
  const report = await runMission(simulation, {
    durationS: HORIZON_S,
    untilFound: true,
    missionFile: MISSION,
  });
  return {
    commit,
    seed,
    planner,
    crypto: report.crypto,
    foundAtS: report.search.foundAtS,
    simSeconds: report.simSeconds,
    wallSeconds: report.wallSeconds,
    violated: [...new Set(report.invariants.violated.map((one) => one.invariant))],
    reserveMinPct: report.vehicles.batteryReserveMinPct,
    separationMinM: report.vehicles.minSeparationM,
  };
}
