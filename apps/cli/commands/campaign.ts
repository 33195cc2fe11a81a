/** `skein campaign MISSION`: flies a mission with many seeds on all cores, and sums up. */
import { availableParallelism } from "node:os";
import { PLANNER_NAMES, VEHICLES_MAX } from "../../../src/swarm/mod.ts";
import { runCampaign } from "../../campaign/run-campaign.ts";
import { parseSeeds, SEEDS_MAX } from "../../campaign/seeds.ts";
import type { FlightPlan } from "../../campaign/flight.ts";
import { reportOf, textOf } from "../../campaign/summary.ts";
import { loadSearch } from "../../mission/load-search.ts";
import { loadFaults } from "../../simulation/load-faults.ts";
import {
  UsageError,
  durationS,
  oneOf,
  wholeNumber,
  type Command,
  type ExitCode,
  type Invocation,
} from "../command.ts";
import { refuseBadOutputs, writeReport } from "../output/outputs.ts";
import { printProblems } from "../output/problems.ts";
import { startProgress } from "../output/progress.ts";

const WORKERS_MAX = 256;
const SIGNATURES = ["real", "modelled"] as const;

export const campaign: Command = {
  name: "campaign",
  summary: "Fly a mission with many seeds, side by side on all cores, and sum up.",
  operands: "MISSION",
  operandCount: { min: 1, max: 1 },
  options: {
    seeds: { kind: "text", value: "LIST", help: "like 1-100 or 1-20,40 (default 1-10)" },
    workers: { kind: "text", value: "N", help: "threads (default: one a core)" },
    vehicles: { kind: "text", value: "N", help: "how many vehicles (default: the mission's)" },
    duration: { kind: "text", value: "TIME", help: "of each flight (default: the mission's)" },
    planner: { kind: "text", value: "NAME", help: `one of ${PLANNER_NAMES.join(", ")}` },
    faults: { kind: "text", value: "FILE", help: "a timeline of faults: docs/guides/faults.md" },
    signatures: { kind: "text", value: "HOW", help: "real (default) or modelled: same decisions" },
    "until-found": { kind: "flag", help: "end each flight when the person is found" },
    report: { kind: "text", value: "FILE", help: "write the report with a row a flight, as JSON" },
  },
  examples: [
    "skein campaign missions/tiny.json5 --seeds 1-20 --until-found",
    "skein campaign missions/jacksboro-search.json5 --seeds 1-100 --signatures modelled",
    "skein campaign missions/tiny.json5 --seeds 1-8 --workers 2 --report campaign.json",
  ],
  badOutcome: "an invariant was violated, a seed could not be flown, or the report not written",
  run: runCommand,
};

async function runCommand(invocation: Invocation): Promise<ExitCode> {
  const json = invocation.flag("json");
  const seeds = seedsOf(invocation);
  const plan = planOf(invocation, json);
  if (plan === undefined) return 2;
  const reportFile = invocation.text("report");
  const inputs = [plan.missionFile, plan.faultFile];
  refuseBadOutputs(invocation, { inputs, outputs: ["report"] });
  const cores = availableParallelism();
  const workers = wholeNumber(invocation, "workers", {
    min: 1,
    max: WORKERS_MAX,
    otherwise: cores,
  });
  const progress = startProgress({ quiet: json });
  const outcome = await runCampaign({
    plan,
    seeds,
    workers,
    onRow: (row, done) => {
      progress.show(
        done / seeds.length,
        () => `${String(done)} flown, last seed ${String(row.seed)}`,
      );
    },
  });
  progress.end();
  const report = reportOf(plan, workers, outcome);
  const written = reportFile === undefined || writeReport(reportFile, report);
  console.log(json ? JSON.stringify(report, null, 2) : textOf(report));
  return report.violated.length === 0 && report.givenUp.length === 0 && written ? 0 : 1;
}

function seedsOf(invocation: Invocation): number[] {
  const text = invocation.text("seeds") ?? "1-10";
  const seeds = parseSeeds(text);
  if (seeds !== undefined) return seeds;
  const most = String(SEEDS_MAX);
  throw new UsageError(`--seeds takes at most ${most} seeds, like 1-100 or 1-20,40, not "${text}"`);
}

/** Undefined when mission or faults do not load: every problem has been printed. */
function planOf(invocation: Invocation, json: boolean): FlightPlan | undefined {
  const [missionFile = ""] = invocation.operands;
  const limits = { min: 1, max: VEHICLES_MAX, otherwise: 0 };
  const vehicleCount = wholeNumber(invocation, "vehicles", limits);
  const loaded = loadSearch(missionFile, vehicleCount === 0 ? {} : { vehicleCount });
  if (!loaded.ok) {
    printProblems(missionFile, loaded.problems, { json });
    return undefined;
  }
  const { mission } = loaded.value;
  const faultFile = invocation.text("faults");
  const faults =
    faultFile === undefined ? undefined : loadFaults(faultFile, mission.vehicles.count);
  if (faults?.ok === false) {
    printProblems(faultFile ?? "", faults.problems, { json });
    return undefined;
  }
  return {
    missionFile,
    vehicleCount,
    planner: oneOf(invocation, "planner", PLANNER_NAMES, "massRate"),
    durationS: durationS(invocation, "duration", mission.simulation.durationS),
    untilFound: invocation.flag("until-found"),
    signatures: oneOf(invocation, "signatures", SIGNATURES, "real"),
    faultFile,
  };
}
