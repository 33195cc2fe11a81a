/** `skein drill FILE ...`: flies hard days and judges what each claims to hold. */
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join, relative, resolve, sep } from "node:path";
import { loadDrill, type LoadedDrill } from "../../drill/load-drill.ts";
import { pageOf } from "../../drill/page.ts";
import { runDrill, type DrillReport } from "../../drill/run-drill.ts";
import type { Reproduction } from "../../drill/shrink.ts";
import { textOf } from "../../drill/summary.ts";
import {
  durationS,
  wholeNumber,
  type Command,
  type ExitCode,
  type Invocation,
} from "../command.ts";
import { refuseBadOutputs } from "../output/outputs.ts";
import { printProblems } from "../output/problems.ts";
import { startProgress } from "../output/progress.ts";

const FILES_MAX = 100;
const WORKERS_MAX = 256;
const BUDGET_S = 300;

export const drill: Command = {
  name: "drill",
  summary: "Fly hard days, judge what must hold in them, and shrink what fails.",
  operands: "FILE ...",
  operandCount: { min: 1, max: FILES_MAX },
  options: {
    workers: { kind: "text", value: "N", help: "threads (default: one a core)" },
    report: { kind: "text", value: "FILE", help: "write what was found as a page (HTML)" },
    reproduction: { kind: "text", value: "FILE", help: "write the first shrunk drill (JSON5)" },
    budget: { kind: "text", value: "TIME", help: "wall time to shrink a failure (default 5m)" },
    "no-shrink": { kind: "flag", help: "do not look for the smallest drill that fails" },
  },
  examples: [
    "skein drill missions/drills/every-head-once.json5",
    "skein drill missions/drills/*.json5 --report drills.html",
    "skein drill my-drill.json5 --budget 20m --reproduction smallest.json5",
  ],
  badOutcome: "a hypothesis does not hold, a seed could not be flown, or a file not written",
  run: runCommand,
};

async function runCommand(invocation: Invocation): Promise<ExitCode> {
  const json = invocation.flag("json");
  const loaded = loadAll(invocation.operands, json);
  if (loaded === undefined) return 2;
  const inputs = loaded.flatMap(({ file, missionFile }) => [file, missionFile]);
  refuseBadOutputs(invocation, { inputs, outputs: ["report", "reproduction"] });
  const workers = wholeNumber(invocation, "workers", {
    min: 1,
    max: WORKERS_MAX,
    otherwise: availableParallelism(),
  });
  const budgetS = durationS(invocation, "budget", BUDGET_S);
  const shrinkForS = invocation.flag("no-shrink") ? undefined : budgetS;
  const reports: DrillReport[] = [];
  for (const one of loaded) {
    const report = await fly(one, { workers, shrinkForS, json });
    reports.push(report);
    if (!json) console.log(textOf(report));
  }
  const isWritten = write(invocation, reports);
  if (json) console.log(JSON.stringify({ drills: reports }, null, 2));
  return isWritten && reports.every(({ passed }) => passed) ? 0 : 1;
}

/** Undefined when one does not load: the problems of all have been printed. */
function loadAll(files: readonly string[], json: boolean): readonly LoadedDrill[] | undefined {
  const loaded: LoadedDrill[] = [];
  for (const file of files) {
    const one = loadDrill(file);
    if (one.ok) loaded.push(one.value);
    else printProblems(file, one.problems, { json });
  }
  return loaded.length === files.length ? loaded : undefined;
}

interface How {
  readonly workers: number;
  readonly shrinkForS: number | undefined;
  readonly json: boolean;
}

async function fly(loaded: LoadedDrill, { workers, shrinkForS, json }: How): Promise<DrillReport> {
  const progress = startProgress({ quiet: json });
  const report = await runDrill({
    loaded,
    workers,
    ...(shrinkForS === undefined ? {} : { shrinkForS }),
    onProgress: (share, note) => {
      progress.show(share, () => `${loaded.drill.name}: ${note}`);
    },
  });
  progress.end();
  return report;
}

/** The page and the first reproduction; false when one could not be written, as has been said. */
function write(invocation: Invocation, reports: readonly DrillReport[]): boolean {
  const page = invocation.text("report");
  const wanted = invocation.text("reproduction");
  const failed = reports.find(({ reproduction }) => reproduction !== undefined);
  let isWritten = page === undefined || put(page, pageOf(reports));
  if (wanted === undefined || failed?.reproduction === undefined) return isWritten;
  if (put(wanted, documentOf(failed, failed.reproduction, wanted))) {
    console.error(`skein: see it fail again with: skein drill ${wanted}`);
  } else isWritten = false;
  return isWritten;
}

/** Its mission is named from where it will be. */
function documentOf(report: DrillReport, { drill }: Reproduction, to: string): string {
  const mission = resolve(dirname(report.file), report.mission);
  const fromThere = relative(dirname(resolve(to)), mission)
    .split(sep)
    .join("/");
  return `${JSON.stringify({ ...drill, mission: fromThere }, null, 2)}\n`;
}

function put(file: string, text: string): boolean {
  try {
    writeFileSync(file, text);
    return true;
  } catch (error) {
    console.error(`skein: ${join(file)} could not be written: ${(error as Error).message}`);
    return false;
  }
}
