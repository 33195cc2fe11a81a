/**
 * `skein what-if MISSION`: flies a mission to a moment, forks the world there, runs one fork as it
 * is and one with the changes, and shows both beside each other.
 */
import { readJson5File } from "../../../adapters/import/mod.ts";
import { ByteWriter } from "../../../src/base/mod.ts";
import { PLANNER_NAMES, VEHICLES_MAX } from "../../../src/swarm/mod.ts";
import type { WhatIfChange, WhatIfHorizon } from "../../ground/report/what-if.ts";
import { loadSearch } from "../../mission/load-search.ts";
import { loadFaults } from "../../simulation/load-faults.ts";
import { openSimulation } from "../../simulation/open-simulation.ts";
import { ScriptedOperator } from "../../simulation/scripted-operator.ts";
import { problemsOf } from "../../whatif/changes.ts";
import { ForkPair } from "../../whatif/fork.ts";
import { fingerprintOf, type FutureOrder, type WorldRecipe } from "../../whatif/future.ts";
import { horizonOf } from "../../whatif/horizon.ts";
import {
  changeOfWords,
  CHANGES_MAX,
  HORIZON_MAX_S,
  HORIZON_MIN_S,
  readChanges,
} from "../../whatif/read-changes.ts";
import { whatIfReport, whatIfText, type WhatIfReport } from "../../whatif/report.ts";
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

const AT_S = 600;
const HORIZON_S = 600;

export const whatIf: Command = {
  name: "what-if",
  summary: "Fork a flown search, change something in one fork, and show both outcomes.",
  operands: "MISSION",
  operandCount: { min: 1, max: 1 },
  options: {
    at: { kind: "text", value: "TIME", help: "when to fork (default 10m)" },
    horizon: { kind: "text", value: "TIME", help: "how far to run, or `reserves` (default 10m)" },
    change: { kind: "text", value: "LIST", help: "like kill:3,4 or `wind:12@270 hold:2`" },
    changes: { kind: "text", value: "FILE", help: "a file of changes: docs/guides/what-if.md" },
    seed: { kind: "text", value: "N", help: "names the run; hides the person (default 1)" },
    vehicles: { kind: "text", value: "N", help: "how many vehicles (default: the mission's)" },
    planner: { kind: "text", value: "NAME", help: `one of ${PLANNER_NAMES.join(", ")}` },
    faults: { kind: "text", value: "FILE", help: "a timeline of faults: docs/guides/faults.md" },
    report: { kind: "text", value: "FILE", help: "write the report as JSON" },
  },
  examples: [
    "skein what-if missions/tiny.json5 --at 2m --horizon 3m --change kill:1",
    "skein what-if missions/jacksboro-search.json5 --at 20m --change kill:3,4 --horizon 30m",
    'skein what-if missions/jacksboro-search.json5 --change "wind:12@270 return:2" --json',
    "skein what-if missions/jacksboro-search.json5 --change gnss:2 --horizon reserves",
  ],
  badOutcome: "a fork failed, the change violated an invariant, or the report was not written",
  run: runCommand,
};

async function runCommand(invocation: Invocation): Promise<ExitCode> {
  const [file = ""] = invocation.operands;
  const json = invocation.flag("json");
  const changes = changesOf(invocation, json);
  const reportFile = invocation.text("report");
  const inputs = [file, invocation.text("faults"), invocation.text("changes")];
  refuseBadOutputs(invocation, { inputs, outputs: ["report"] });
  const horizonS = horizonAsked(invocation);
  const atS = Math.round(durationS(invocation, "at", AT_S));
  if (changes === undefined) return 2;
  const flown = flyTo(invocation, { file, json, atS, changes });
  if (flown === undefined) return 2;
  const report = await forked(flown, { horizonS, changes, json });
  const written = reportFile === undefined || writeReport(reportFile, report);
  console.log(json ? JSON.stringify(report, null, 2) : whatIfText(report));
  const harmless = report.difference !== null && report.difference.violations <= 0;
  return harmless && written ? 0 : 1;
}

function horizonAsked(invocation: Invocation): WhatIfHorizon {
  if (invocation.text("horizon") === "reserves") return "reserves";
  const horizonS = Math.round(durationS(invocation, "horizon", HORIZON_S));
  if (horizonS >= HORIZON_MIN_S && horizonS <= HORIZON_MAX_S) return horizonS;
  throw new UsageError(`--horizon takes \`reserves\` or a duration from 1m to 2h`);
}

/** Undefined when the file is not usable: every problem has been printed. */
function changesOf(invocation: Invocation, json: boolean): readonly WhatIfChange[] | undefined {
  const words = (invocation.text("change") ?? "").split(/\s+/u).filter((word) => word !== "");
  const named = words.map((word) => {
    const change = changeOfWords(word);
    if (change !== undefined) return change;
    const kinds = "kill:3,4 battery:3=20% cut:0-3 wind:12@270 planner:NAME hold:2 clue:N,E,M";
    throw new UsageError(`--change does not know "${word}"; it takes words like ${kinds}`);
  });
  const file = invocation.text("changes");
  const given = file === undefined ? [] : fileChanges(file, json);
  if (given === undefined) return undefined;
  const all = [...named, ...given];
  if (all.length > 0 && all.length <= CHANGES_MAX) return all;
  throw new UsageError(`--change and --changes together take 1 to ${CHANGES_MAX} changes`);
}

function fileChanges(file: string, json: boolean): readonly WhatIfChange[] | undefined {
  const read = readJson5File(file);
  const changes = read.ok
    ? readChanges(read.value)
    : { ok: false as const, problems: [read.problem] };
  if (changes.ok) return changes.value;
  printProblems(file, changes.problems, { json });
  return undefined;
}

/** A world at the moment of the fork. */
interface Flown {
  readonly recipe: WorldRecipe;
  readonly simulation: ReturnType<typeof openSimulation>;
  readonly operator: ScriptedOperator;
}

interface Wanted {
  readonly file: string;
  readonly json: boolean;
  readonly atS: number;
  readonly changes: readonly WhatIfChange[];
}

/** Undefined when a file does not load or a change names what is not there: it has been printed. */
function flyTo(invocation: Invocation, { file, json, atS, changes }: Wanted): Flown | undefined {
  const limits = { min: 1, max: VEHICLES_MAX, otherwise: 0 };
  const asked = wholeNumber(invocation, "vehicles", limits);
  const seed = wholeNumber(invocation, "seed", { min: 0, max: 2 ** 53 - 1, otherwise: 1 });
  const planner = oneOf(invocation, "planner", PLANNER_NAMES, "massRate");
  const loaded = loadSearch(file, asked === 0 ? {} : { vehicleCount: asked });
  if (!loaded.ok) {
    printProblems(file, loaded.problems, { json });
    return undefined;
  }
  const vehicleCount = loaded.value.mission.vehicles.count;
  const faultFile = invocation.text("faults");
  const faults = faultFile === undefined ? undefined : loadFaults(faultFile, vehicleCount);
  if (faults?.ok === false) {
    printProblems(faultFile ?? "", faults.problems, { json });
    return undefined;
  }
  const simulation = openSimulation({
    loaded: loaded.value,
    seed,
    vehicleCount,
    planner,
    ...(faults === undefined ? {} : { faults: faults.value }),
  });
  const { world, vehicles } = simulation;
  const wrong = problemsOf(changes, vehicles);
  if (wrong.length > 0) {
    printProblems("--change", wrong, { json });
    return undefined;
  }
  const script = loaded.value.mission.operator;
  const operator = new ScriptedOperator({ world, script, seed, vehicles });
  flySeconds({ world, operator, atS, json });
  const recipe: WorldRecipe = {
    missionFile: file,
    seed,
    vehicleCount: asked === 0 ? undefined : asked,
    faultFile,
    planner,
    fingerprint: fingerprintOf(loaded.value),
  };
  return { recipe, simulation, operator };
}

function flySeconds(flight: {
  readonly world: Flown["simulation"]["world"];
  readonly operator: ScriptedOperator;
  readonly atS: number;
  readonly json: boolean;
}): void {
  const { world, operator, atS, json } = flight;
  const progress = startProgress({ quiet: json });
  for (let timeS = 1; timeS <= atS; timeS += 1) {
    world.runUntil(timeS * 1000);
    operator.tick(timeS);
    progress.show(timeS / atS, () => `${Math.floor(timeS / 60)} min simulated`);
  }
  progress.end();
}

async function forked(
  { recipe, simulation, operator }: Flown,
  asked: {
    readonly horizonS: WhatIfHorizon;
    readonly changes: readonly WhatIfChange[];
    readonly json: boolean;
  },
): Promise<WhatIfReport> {
  const { world, vehicles } = simulation;
  const { changes } = asked;
  const startMs = performance.now();
  const writer = new ByteWriter({ initialBytes: 1 << 20 });
  world.save(writer);
  const saved = writer.take();
  const pauseMs = performance.now() - startMs;
  const state = new ByteWriter();
  operator.save(state);
  const ground = world.node(0);
  const horizonS =
    ground === undefined ? HORIZON_MIN_S : horizonOf(asked.horizonS, ground, world.timeMs);
  const order: FutureOrder = {
    recipe,
    saved: { atMs: world.timeMs, world: saved, operator: { kind: "script", state: state.take() } },
    changes,
    untilMs: world.timeMs + horizonS * 1000,
    hidesSubject: false,
  };
  const pair = await run(order, asked.json);
  const { missionFile: mission, seed } = recipe;
  const atS = world.timeMs / 1000;
  const facts = { mission, seed, vehicles: vehicles.length, atS, horizonS, changes };
  return whatIfReport({ ...facts, pauseMs, savedBytes: saved.length }, pair);
}

async function run(order: FutureOrder, json: boolean): Promise<ForkPair> {
  const progress = startProgress({ quiet: json });
  const spanS = (order.untilMs - order.saved.atMs) / 1000;
  const pair = new ForkPair(order, {
    onChange: () => {
      const reachedS = Math.min(pair.baseline.atS, pair.changed.atS) - order.saved.atMs / 1000;
      progress.show(reachedS / spanS, () => `${Math.floor(reachedS / 60)} min ahead`);
    },
  });
  await pair.settled;
  progress.end();
  return pair;
}
