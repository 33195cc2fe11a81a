/**
 * Flies a recorded run again from its seed and holds each trace hash against the recording's. What
 * would make a difference that is no fault of the run (other code, another mission, another Node,
 * commands from outside) is told as a problem before anything flies.
 */
import { ok, problem, type Checked, type Problem } from "../../src/base/mod.ts";
import { PLANNER_NAMES } from "../../src/swarm/mod.ts";
import { parseFaults, type FaultPlan } from "../../sim/mod.ts";
import { loadSearch } from "../mission/load-search.ts";
import { loadBehaviour } from "../simulation/load-behaviour.ts";
import { openSimulation, type Simulation } from "../simulation/open-simulation.ts";
import { codeDigest, fileDigest, missionDigest } from "../simulation/run-identity.ts";
import { runMission } from "../simulation/run-mission.ts";
import type { RecordedRun } from "./recorded-run.ts";

export interface VerifyOptions {
  /** Instead of the path that the recording names. */
  readonly missionFile?: string | undefined;
  /** Flies although the code or Node is another, or commands came from outside. */
  readonly anyway?: boolean;
  readonly onProgress?: (share: number) => void;
}

/** Equal until `untilS`, where the recording ends; or first different at `atS`. */
export type Verdict =
  | { readonly kind: "equal"; readonly hashes: number; readonly untilS: number }
  | {
      readonly kind: "different";
      readonly atS: number;
      /** Up to here the hashes are equal; null when none is. */
      readonly equalUntilS: number | null;
      readonly recorded: string;
      readonly flown: string;
    };

export async function verifyRun(
  recorded: RecordedRun,
  options: VerifyOptions = {},
): Promise<Checked<Verdict>> {
  const reasons = options.anyway === true ? [] : identityProblems(recorded.run);
  const lacking = lackOf(recorded);
  const problems = [...(lacking === undefined ? [] : [lacking]), ...reasons];
  if (problems.length > 0) return { ok: false, problems };
  const again = await simulationOf(recorded.run, options);
  return again.ok ? ok(await fly(recorded, again.value, options)) : again;
}

/** Why a difference would say nothing about the run. */
function identityProblems(run: RecordedRun["run"]): readonly Problem[] {
  const problems: Problem[] = [];
  const code = codeDigest();
  if (run["code"] !== code) {
    const commit = run["commit"] ?? "";
    const detail = `${run["code"] ?? "unknown"}${commit === "" ? "" : `, at ${commit}`}`;
    const remedy = "check out that code; or compare anyway, by --anyway";
    problems.push(problem("REC007", { detail, remedy, where: "code" }));
  }
  if (run["node"] !== process.versions.node) {
    const detail = `${run["node"] ?? "unknown"}, this is ${process.versions.node}`;
    const remedy = "use that version; or compare anyway, by --anyway";
    problems.push(problem("REC009", { detail, remedy, where: "node" }));
  }
  if (run["outside"] === "true") {
    const remedy = "record a run without --mavlink; or compare anyway, by --anyway";
    problems.push(problem("REC010", { remedy, where: "outside" }));
  }
  return problems;
}

function lackOf({ run, trace }: RecordedRun): Problem | undefined {
  const remedy = "record the run anew";
  if (trace.length === 0) {
    return problem("REC011", { detail: "no trace hashes", remedy, where: "/skein/trace" });
  }
  const needed = ["missionFile", "missionDigest", "seed", "vehicles", "durationS"];
  const missing = needed.filter((key) => (run[key] ?? "") === "");
  if (missing.length === 0) return undefined;
  return problem("REC011", { detail: missing.join(", "), remedy, where: "skein.run" });
}

async function simulationOf(
  run: RecordedRun["run"],
  { missionFile }: VerifyOptions,
): Promise<Checked<Simulation>> {
  const vehicleCount = (run["vehicles"] ?? "").split(",").length;
  const path = missionFile ?? run["missionFile"] ?? "";
  const loaded = loadSearch(path, { vehicleCount });
  if (!loaded.ok) return loaded;
  const digest = missionDigest(loaded.value);
  if (digest !== run["missionDigest"]) {
    const remedy = "give the file that was flown, by --mission";
    return { ok: false, problems: [problem("REC008", { remedy, where: path })] };
  }
  const faults = faultsOf(run["faults"] ?? "", vehicleCount);
  if (faults?.ok === false) return faults;
  const behaviour = await behaviourOf(run);
  if (behaviour?.ok === false) return behaviour;
  return ok(
    openSimulation({
      loaded: loaded.value,
      seed: Number(run["seed"]),
      vehicleCount,
      planner: PLANNER_NAMES.find((name) => name === run["planner"]) ?? "massRate",
      ...(faults === undefined ? {} : { faults: faults.value }),
      ...(behaviour === undefined ? {} : { behaviour: behaviour.value }),
    }),
  );
}

function faultsOf(text: string, vehicleCount: number): Checked<FaultPlan> | undefined {
  if (text === "") return undefined;
  try {
    return parseFaults(JSON.parse(text) as unknown, { nodeCount: vehicleCount + 1 });
  } catch {
    const remedy = "record the run anew";
    return { ok: false, problems: [problem("REC011", { detail: "faults", remedy })] };
  }
}

type LoadedBehaviour = Extract<Awaited<ReturnType<typeof loadBehaviour>>, { ok: true }>["value"];

async function behaviourOf(run: RecordedRun["run"]): Promise<Checked<LoadedBehaviour> | undefined> {
  const path = run["behaviourFile"] ?? "";
  if (path === "") return undefined;
  const loaded = await loadBehaviour(path);
  if (!loaded.ok) return { ok: false, problems: [loaded.problem] };
  if (fileDigest(path) === run["behaviourDigest"]) return ok(loaded.value);
  const remedy = "restore the behaviour that was flown";
  return { ok: false, problems: [problem("REC008", { remedy, where: path })] };
}

async function fly(
  { run, trace }: RecordedRun,
  simulation: Simulation,
  { onProgress }: VerifyOptions,
): Promise<Verdict> {
  const { world } = simulation;
  const expected = new Map(trace.map(({ atS, hash }) => [Math.round(atS * 1000), hash]));
  const untilS = trace.at(-1)?.atS ?? 0;
  let equalUntilS: number | null = null;
  let hashes = 0;
  let difference: Extract<Verdict, { readonly kind: "different" }> | undefined;
  world.onSample(1000, ({ timeMs }) => {
    const recorded = expected.get(Math.round(timeMs));
    if (recorded === undefined || difference !== undefined) return;
    const flown = world.traceHash();
    if (flown === recorded) {
      equalUntilS = timeMs / 1000;
      hashes += 1;
    } else difference = { kind: "different", atS: timeMs / 1000, equalUntilS, recorded, flown };
  });
  await runMission(simulation, {
    durationS: Math.min(untilS, Number(run["durationS"])),
    missionFile: run["missionFile"] ?? "",
    untilFound: run["untilFound"] === "true",
    stop: () => difference !== undefined,
    onProgress: (timeS) => onProgress?.(timeS / untilS),
  });
  return difference ?? { kind: "equal", hashes, untilS };
}
