/** `skein run MISSION`: flies a mission in the simulator and writes its report. */
import { readJson5File } from "../../../adapters/import/mod.ts";
import { PLANNER_NAMES, VEHICLES_MAX } from "../../../src/swarm/mod.ts";
import { ok } from "../../../src/base/mod.ts";
import { loadSearch } from "../../mission/load-search.ts";
import { loadBehaviour } from "../../simulation/load-behaviour.ts";
import { loadFaults } from "../../simulation/load-faults.ts";
import { SIGNATURES } from "../../simulation/modelled-signatures.ts";
import { openSimulation, type Simulation } from "../../simulation/open-simulation.ts";
import { startRecording, type RunAsked } from "../../simulation/record.ts";
import { openWatchers } from "../../simulation/watchers.ts";
import type { RunReport } from "../../simulation/report.ts";
import { fileDigest } from "../../simulation/run-identity.ts";
import { runMission } from "../../simulation/run-mission.ts";
import {
  durationS,
  oneOf,
  wholeNumber,
  type Command,
  type ExitCode,
  type Invocation,
} from "../command.ts";
import { guardOfThread, isGuarded, runGuarded } from "../guarded/guarded-run.ts";
import { printProblems, problemText } from "../output/problems.ts";
import { refuseBadOutputs, writeReport } from "../output/outputs.ts";
import { startProgress } from "../output/progress.ts";

export const run: Command = {
  name: "run",
  summary: "Fly a mission in the simulator, with every vehicle a real node, and report.",
  operands: "MISSION",
  operandCount: { min: 1, max: 1 },
  options: {
    vehicles: { kind: "text", value: "N", help: "how many vehicles (default: the mission's)" },
    seed: { kind: "text", value: "N", help: "names the run; the same seed repeats it (default 1)" },
    duration: { kind: "text", value: "TIME", help: "like 90s, 28m, 4h (default: the mission's)" },
    report: { kind: "text", value: "FILE", help: "write the report as JSON" },
    record: { kind: "text", value: "FILE", help: "record the run as MCAP" },
    faults: { kind: "text", value: "FILE", help: "a timeline of faults: docs/guides/faults.md" },
    behaviour: { kind: "text", value: "FILE", help: "fly this behaviour instead of the search" },
    planner: { kind: "text", value: "NAME", help: `one of ${PLANNER_NAMES.join(", ")}` },
    signatures: { kind: "text", value: "HOW", help: "real (default) or modelled: same decisions" },
    foxglove: { kind: "text", value: "PORT", help: "show the run to Foxglove, paced to real time" },
    "until-found": { kind: "flag", help: "end when the person is found and confirmed" },
    mavlink: { kind: "text", value: "URL", help: "show vehicles to ground stations over MAVLink" },
  },
  examples: [
    "skein run missions/jacksboro-search.json5 --seed 7 --duration 4h --report out.json",
    "skein run missions/tiny.json5 --record out.mcap",
    "skein run missions/tiny.json5 --behaviour examples/behaviours/orbit.ts",
    "skein run missions/jacksboro-search.json5 --faults missions/faults/hard-day.json5",
    "skein run missions/jacksboro-search.json5 --vehicles 50 --signatures modelled",
    "skein run missions/tiny.json5 --mavlink udp://127.0.0.1:14550",
  ],
  badOutcome:
    "an invariant was violated, a behaviour was parked, or a file could not be written;\n" +
    "     that nobody was found is no bad outcome",
  run: runCommand,
};

/** A behaviour is code of the user's: it flies in a thread that this one can end. */
async function runCommand(invocation: Invocation): Promise<ExitCode> {
  const behaviour = invocation.text("behaviour");
  if (behaviour === undefined || isGuarded()) return runHere(invocation);
  return runGuarded(behaviour, process.argv.slice(2), { json: invocation.flag("json") });
}

async function loadWatched(path: string): ReturnType<typeof loadBehaviour> {
  const guard = guardOfThread();
  guard?.enter();
  const loaded = await loadBehaviour(path);
  guard?.leave();
  return loaded.ok && guard !== undefined ? ok(guard.watch(loaded.value)) : loaded;
}

async function runHere(invocation: Invocation): Promise<ExitCode> {
  const [file = ""] = invocation.operands;
  const json = invocation.flag("json");
  const asked = wholeNumber(invocation, "vehicles", { min: 1, max: VEHICLES_MAX, otherwise: 0 });
  // Read with the number asked for, so that the mission's own limits are checked against it.
  const loaded = loadSearch(file, asked === 0 ? {} : { vehicleCount: asked });
  if (!loaded.ok) return refused(file, loaded.problems, json);
  const vehicleCount = loaded.value.mission.vehicles.count;
  const faultFile = invocation.text("faults");
  const faults = faultFile === undefined ? undefined : loadFaults(faultFile, vehicleCount);
  if (faults !== undefined && !faults.ok) return refused(faultFile ?? "", faults.problems, json);
  const behaviourFile = invocation.text("behaviour");
  const behaviour = behaviourFile === undefined ? undefined : await loadWatched(behaviourFile);
  if (behaviour !== undefined && !behaviour.ok) {
    return refused(behaviourFile ?? "", [behaviour.problem], json);
  }
  refuseBadOutputs(invocation, {
    inputs: [file, faultFile, behaviourFile],
    outputs: ["report", "record"],
  });
  const simulation = openSimulation({
    loaded: loaded.value,
    seed: wholeNumber(invocation, "seed", { min: 0, max: 2 ** 53 - 1, otherwise: 1 }),
    vehicleCount,
    planner: oneOf(invocation, "planner", PLANNER_NAMES, "massRate"),
    signatures: oneOf(invocation, "signatures", SIGNATURES, "real"),
    ...(faults === undefined ? {} : { faults: faults.value }),
    ...(behaviour === undefined ? {} : { behaviour: behaviour.value }),
  });
  const faultText = faultFile === undefined ? "" : textOfFaults(faultFile);
  return fly(simulation, { invocation, file, json, faultText });
}

/** As it was read, for the recording: whoever repeats the run needs no second file. */
function textOfFaults(path: string): string {
  const read = readJson5File(path);
  return read.ok ? JSON.stringify(read.value) : "";
}

interface Flight {
  readonly invocation: Invocation;
  readonly file: string;
  readonly json: boolean;
  readonly faultText: string;
}

async function fly(simulation: Simulation, flight: Flight): Promise<ExitCode> {
  const { invocation, file, json } = flight;
  const { mission } = simulation.loaded;
  const duration = durationS(invocation, "duration", mission.simulation.durationS);
  const recordFile = invocation.text("record");
  const watched = await openWatchers(simulation, {
    mavlink: invocation.text("mavlink"),
    foxglovePort:
      invocation.text("foxglove") === undefined
        ? undefined
        : wholeNumber(invocation, "foxglove", { min: 0, max: 65_535, otherwise: 0 }),
  });
  if (!watched.ok) return refused(watched.problem.where, [watched.problem], json);
  const { sinks, pace } = watched.value;
  const recording =
    recordFile === undefined && sinks.length === 0
      ? undefined
      : startRecording(simulation, askedOf(flight, duration), {
          ...(recordFile === undefined ? {} : { path: recordFile }),
          sinks,
        });
  if (recording?.ok === false) {
    await watched.value.close();
    return refused(recordFile ?? "", [recording.problem], json);
  }
  if (pace !== undefined && !json) {
    for (const line of watched.value.announcements) console.error(`skein: ${line}`);
    console.error(`skein: paced to real time; this run takes ${clock(duration)}`);
  }
  const progress = startProgress({ quiet: json });
  const report = await runMission(simulation, {
    durationS: duration,
    missionFile: file,
    untilFound: invocation.flag("until-found"),
    onProgress: (timeS, note) => {
      progress.show(timeS / duration, note);
    },
    ...(pace === undefined ? {} : { pace }),
  });
  progress.end();
  await watched.value.close();
  const recorded = recording?.value.end(report);
  if (recorded?.ok === false) console.error(problemText(recorded.problem));
  const reportFile = invocation.text("report");
  const written = reportFile === undefined || writeReport(reportFile, report);
  if (json) console.log(JSON.stringify(report, null, 2));
  else printReport(report);
  const flownWell = report.invariants.violated.length === 0 && !report.behaviour?.parked.length;
  return flownWell && written && recorded?.ok !== false ? 0 : 1;
}

function askedOf({ invocation, file, faultText }: Flight, duration: number): RunAsked {
  const behaviourFile = invocation.text("behaviour") ?? "";
  return {
    missionFile: file,
    durationS: duration,
    untilFound: invocation.flag("until-found"),
    faults: faultText,
    behaviourFile,
    behaviourDigest: behaviourFile === "" ? "" : fileDigest(behaviourFile),
    outside: invocation.text("mavlink") !== undefined,
  };
}

function refused(
  file: string,
  problems: Parameters<typeof printProblems>[1],
  json: boolean,
): ExitCode {
  printProblems(file, problems, { json });
  return 2;
}

function printReport(report: RunReport): void {
  console.log(reportText(report));
}

/** A run in a dozen lines; of a flown behaviour, what became of it in place of a search. */
export function reportText(report: RunReport): string {
  const { vehicles, consensus, network, invariants, behaviour } = report;
  return [
    `${report.mission}, seed ${String(report.seed)}: ${outcomeOf(report)}`,
    `  simulated ${clock(report.simSeconds)} at ${String(report.realTimeFactor)}x real time`,
    ...(behaviour === null ? searchLines(report) : parkedLines(behaviour.parked)),
    `  ${String(vehicles.count)} vehicles, ${String(vehicles.lost)} lost, ` +
      `${String(vehicles.batterySwaps)} battery swaps`,
    `  commit p50 ${ms(consensus.commitMs.p50)}, p99 ${ms(consensus.commitMs.p99)}`,
    `  delivery ${(network.deliveryRatio * 100).toFixed(1)}%, crypto ${report.crypto}`,
    `  invariants: ${String(invariants.checked.length)} checked, ` +
      `${String(invariants.violated.length)} violated`,
    ...invariants.violated.slice(0, 5).map((one) => `    ${one.invariant}: ${one.detail}`),
    `  trace ${report.traceHash}`,
  ].join("\n");
}

function outcomeOf({ search, behaviour, vehicles }: RunReport): string {
  if (behaviour !== null) {
    const parked = behaviour.parked.length;
    const count = parked === 0 ? "none" : `${String(parked)} of ${String(vehicles.count)}`;
    return `behaviour ${behaviour.name}, ${count} parked`;
  }
  return search.foundAtS === null ? "not found" : `found after ${clock(search.foundAtS)}`;
}

function searchLines({ search }: RunReport): readonly string[] {
  return [
    `  POS ${search.posFinal.map((p) => `${(p * 100).toFixed(1)}%`).join(" to ")}`,
    `  swept ${String(search.areaSweptKm2)} km2, ${String(search.detections.length)} detections`,
  ];
}

const parkedLines = (parked: NonNullable<RunReport["behaviour"]>["parked"]): readonly string[] =>
  parked.map(
    ({ vehicle, atS, code, reason }) =>
      `  vehicle ${String(vehicle)} parked after ${clock(atS)}: ${code} ${reason}`,
  );

const ms = (value: number | null): string => (value === null ? "-" : `${String(value)} ms`);

function clock(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const pad = (value: number): string => String(value).padStart(2, "0");
  return `${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}:${pad(Math.floor(seconds % 60))}`;
}
