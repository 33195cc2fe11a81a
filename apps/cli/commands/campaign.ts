/**
 * `skein campaign MISSION`: flies a mission with many seeds on all cores, and sums up. With
 * `--nats` on several machines: this one puts the seeds and counts, or with `--worker` flies.
 */
import { availableParallelism } from "node:os";
import { PLANNER_NAMES, VEHICLES_MAX } from "../../../src/swarm/mod.ts";
import { runCampaign, type CampaignOutcome } from "../../campaign/run-campaign.ts";
import { parseSeeds, SEEDS_MAX } from "../../campaign/seeds.ts";
import type { FlightPlan, FlightRow } from "../../campaign/flight.ts";
import { reportOf, textOf, textOfServer, type CampaignServer } from "../../campaign/summary.ts";
import type { NatsPlace } from "../../campaign/over-nats.ts";
import { parseNatsAddress } from "../../../adapters/nats/address.ts";
import { ok, type Problem, type Result } from "../../../src/base/mod.ts";
import { loadSearch } from "../../mission/load-search.ts";
import { loadFaults } from "../../simulation/load-faults.ts";
import { SIGNATURES } from "../../simulation/modelled-signatures.ts";
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
import { printProblems, problemText } from "../output/problems.ts";
import { startProgress } from "../output/progress.ts";

const WORKERS_MAX = 256;
const ACK_WAIT_S = 30;
const WAIT_S = 60;

export const campaign: Command = {
  name: "campaign",
  summary: "Fly a mission with many seeds on all cores or several machines, and sum up.",
  operands: "MISSION",
  operandCount: { min: 1, max: 1 },
  options: {
    seeds: { kind: "text", value: "LIST", help: "like 1-100 or 1-20,40 (default 1-10)" },
    workers: {
      kind: "text",
      value: "N",
      help: "threads (default: one a core; a coordinator with --nats: none)",
    },
    vehicles: { kind: "text", value: "N", help: "how many vehicles (default: the mission's)" },
    duration: { kind: "text", value: "TIME", help: "of each flight (default: the mission's)" },
    planner: { kind: "text", value: "NAME", help: `one of ${PLANNER_NAMES.join(", ")}` },
    faults: { kind: "text", value: "FILE", help: "a timeline of faults: docs/guides/faults.md" },
    signatures: { kind: "text", value: "HOW", help: "real (default) or modelled: same decisions" },
    "until-found": { kind: "flag", help: "end each flight when the person is found" },
    report: { kind: "text", value: "FILE", help: "write the report with a row a flight, as JSON" },
    nats: { kind: "text", value: "URL", help: "fly on several machines: nats://host:4222" },
    worker: { kind: "flag", help: "fly for the campaign of this mission at --nats" },
    "nats-creds": { kind: "text", value: "FILE", help: "user credentials for the NATS server" },
    wait: { kind: "text", value: "TIME", help: "of a worker for a campaign (default 1m)" },
    "ack-wait": {
      kind: "text",
      value: "TIME",
      help: "a worker silent for longer loses its seed (default 30s)",
    },
  },
  examples: [
    "skein campaign missions/tiny.json5 --seeds 1-20 --until-found",
    "skein campaign missions/jacksboro-search.json5 --seeds 1-100 --signatures modelled",
    "skein campaign missions/tiny.json5 --seeds 1-8 --workers 2 --report campaign.json",
    "skein campaign missions/tiny.json5 --seeds 1-500 --nats nats://lab:4222",
    "skein campaign missions/tiny.json5 --worker --nats nats://lab:4222",
  ],
  badOutcome: "an invariant was violated, a seed could not be flown, or the report not written",
  run: runCommand,
};

async function runCommand(invocation: Invocation): Promise<ExitCode> {
  refuseIdleOptions(invocation);
  if (invocation.flag("worker")) return runWorker(invocation);
  const json = invocation.flag("json");
  const seeds = seedsOf(invocation);
  const plan = planOf(invocation, json);
  if (plan === undefined) return 2;
  const reportFile = invocation.text("report");
  const inputs = [plan.missionFile, plan.faultFile, invocation.text("nats-creds")];
  refuseBadOutputs(invocation, { inputs, outputs: ["report"] });
  const flown = await flyAll(invocation, plan, seeds);
  if (flown === undefined) return 2;
  const { outcome, workers, server } = flown;
  const report = reportOf(plan, workers, outcome, server);
  const written = reportFile === undefined || writeReport(reportFile, report);
  console.log(json ? JSON.stringify(report, null, 2) : textOf(report));
  if (outcome.trouble !== undefined) console.error(problemText(outcome.trouble));
  const isWhole = report.givenUp.length === 0 && outcome.trouble === undefined;
  return report.violated.length === 0 && isWhole && written ? 0 : 1;
}

interface Flown {
  readonly outcome: CampaignOutcome;
  readonly workers: number;
  readonly server?: CampaignServer;
}

/** In this process, or wherever workers are; undefined when it could not start, which was said. */
async function flyAll(
  invocation: Invocation,
  plan: FlightPlan,
  seeds: readonly number[],
): Promise<Flown | undefined> {
  const json = invocation.flag("json");
  const place = placeOf(invocation);
  const workers = workersOf(invocation, place === undefined ? availableParallelism() : 0);
  const ackWaitS = durationS(invocation, "ack-wait", ACK_WAIT_S);
  const progress = startProgress({ quiet: json });
  const onRow = (row: FlightRow, done: number): void => {
    const text = `${String(done)} flown, last seed ${String(row.seed)}`;
    progress.show(done / seeds.length, () => text);
  };
  if (place === undefined) {
    const outcome = await runCampaign({ plan, seeds, workers, onRow });
    progress.end();
    return { outcome, workers };
  }
  if (!place.ok) {
    startFailed(invocation, [place.problem]);
    return undefined;
  }
  const { coordinate } = await import("../../campaign/over-nats.ts");
  const request = { place: place.value, plan, seeds, workers, ackWaitS, onRow };
  const served = await coordinate(request);
  progress.end();
  if (!served.ok) {
    startFailed(invocation, [served.problem]);
    return undefined;
  }
  const { outcome, campaign, refused } = served.value;
  return { outcome, workers: served.value.workers, server: { campaign, refused } };
}

async function runWorker(invocation: Invocation): Promise<ExitCode> {
  const json = invocation.flag("json");
  const plan = planOf(invocation, json);
  if (plan === undefined) return 2;
  const place = placeOf(invocation);
  if (place === undefined) throw new UsageError("--worker needs --nats URL");
  const workers = Math.max(1, workersOf(invocation, availableParallelism()));
  const waitS = durationS(invocation, "wait", WAIT_S);
  if (!place.ok) {
    startFailed(invocation, [place.problem]);
    return 2;
  }
  const { serve } = await import("../../campaign/over-nats.ts");
  const served = await serve({ place: place.value, files: plan, workers, waitS });
  if (!served.ok) {
    startFailed(invocation, served.problems);
    return 2;
  }
  const { campaign, flown, refused, trouble } = served.value;
  if (json) console.log(JSON.stringify({ ok: trouble === undefined, ...served.value }, null, 2));
  else console.log(`flew ${String(flown)} seeds; ${textOfServer({ campaign, refused })}`);
  if (trouble !== undefined) console.error(problemText(trouble));
  return trouble === undefined ? 0 : 1;
}

/** Options that would do nothing where they stand are a misunderstanding. */
function refuseIdleOptions(invocation: Invocation): void {
  const isGiven = (name: string): boolean =>
    invocation.flag(name) || invocation.text(name) !== undefined;
  if (!isGiven("nats")) {
    const idle = ["worker", "nats-creds", "wait", "ack-wait"].find(isGiven);
    if (idle !== undefined) throw new UsageError(`--${idle} needs --nats URL`);
  }
  if (invocation.flag("worker")) {
    const idle = THE_CAMPAIGNS_OWN.find(isGiven);
    if (idle === undefined) return;
    throw new UsageError(`--${idle} is the coordinator's to say, not a worker's`);
  }
  if (isGiven("wait")) throw new UsageError("--wait is for a --worker");
}

const THE_CAMPAIGNS_OWN = [
  "seeds",
  "vehicles",
  "duration",
  "planner",
  "signatures",
  "until-found",
  "report",
  "ack-wait",
];

function workersOf(invocation: Invocation, otherwise: number): number {
  const min = invocation.text("nats") === undefined ? 1 : 0;
  return wholeNumber(invocation, "workers", { min, max: WORKERS_MAX, otherwise });
}

/** Undefined without `--nats`. */
function placeOf(invocation: Invocation): Result<NatsPlace> | undefined {
  const url = invocation.text("nats");
  if (url === undefined) return undefined;
  const address = parseNatsAddress(url);
  if (!address.ok) return address;
  const credentialsFile = invocation.text("nats-creds");
  const say = (text: string): void => {
    console.error(`skein: ${text}`);
  };
  return ok({ address: address.value, credentialsFile, say });
}

function startFailed(invocation: Invocation, problems: readonly Problem[]): void {
  printProblems("campaign", problems, { json: invocation.flag("json") });
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
