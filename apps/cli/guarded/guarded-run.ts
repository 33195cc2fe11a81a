/**
 * A command in a thread of its own, for a run that executes a user's behaviour.
 *
 * What a behaviour can do to a thread it cannot do to the process: a loop that nothing meters is
 * ended from outside (`SWM011`, see `behaviour-guard.ts`); memory without end, `process.exit` and
 * an error that nobody takes end the thread, and the run is told as ended (`SWM010`). Bound: the
 * thread's heap `HEAP_MAX_MB`, the process's memory `MEMORY_MAX_BYTES` (buffers are no heap).
 *
 * This keeps a mistake from costing the session. It is no sandbox: a behaviour may read and write
 * files like any program its user runs.
 */
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { problem, type Problem } from "../../../src/base/mod.ts";
import {
  BehaviourGuard,
  GuardWatch,
  newGuardMemory,
  STEP_WALL_MAX_MS,
} from "../../simulation/behaviour-guard.ts";
import type { ExitCode } from "../command.ts";
import { printProblems, problemText } from "../output/problems.ts";

const HEAP_MAX_MB = 2048;
const MEMORY_MAX_BYTES = 4 * 1024 * 1024 * 1024;
const LOOK_MS = 250;

interface GuardedOrder {
  readonly kind: "guardedRun";
  readonly argv: readonly string[];
  readonly memory: SharedArrayBuffer;
}

interface Done {
  readonly kind: "done";
  readonly code: ExitCode;
}

function orderOfThread(): GuardedOrder | undefined {
  if (isMainThread) return undefined;
  const given = workerData as Partial<GuardedOrder> | null;
  return given?.kind === "guardedRun" ? (given as GuardedOrder) : undefined;
}

export const isGuarded = (): boolean => orderOfThread() !== undefined;

/** The watched side, in a guarded thread. */
export function guardOfThread(): BehaviourGuard | undefined {
  const order = orderOfThread();
  return order === undefined ? undefined : new BehaviourGuard(order.memory);
}

/** In the guarded thread: runs the command and tells its exit code. */
export async function runOrdered(
  main: (argv: readonly string[]) => Promise<ExitCode>,
): Promise<void> {
  const order = orderOfThread();
  if (order === undefined) return;
  const done: Done = { kind: "done", code: await main(order.argv) };
  parentPort?.postMessage(done);
}

/** In the main thread: runs `skein` with these words in a guarded one. */
export function runGuarded(
  behaviourFile: string,
  argv: readonly string[],
  options: { readonly json: boolean; readonly stepWallMaxMs?: number },
): Promise<ExitCode> {
  const { stepWallMaxMs = STEP_WALL_MAX_MS } = options;
  const order: GuardedOrder = { kind: "guardedRun", argv, memory: newGuardMemory() };
  const watch = new GuardWatch(order.memory);
  const worker = new Worker(new URL("./guarded-thread.ts", import.meta.url), {
    workerData: order,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MAX_MB },
  });
  const found: { code?: ExitCode; problem?: Problem } = {};
  const end = (code: "SWM010" | "SWM011", detail: string): void => {
    found.problem ??= problem(code, { where: behaviourFile, detail });
    void worker.terminate();
  };
  const timer = setInterval(() => {
    if (watch.insideForMs(performance.now()) > stepWallMaxMs) {
      end("SWM011", `one call took more than ${String(stepWallMaxMs / 1000)} s`);
    } else if (process.memoryUsage.rss() > MEMORY_MAX_BYTES) {
      end("SWM010", `it used more than ${String(MEMORY_MAX_BYTES / 2 ** 30)} GB of memory`);
    }
  }, LOOK_MS);
  worker.on("message", (message: Done) => {
    found.code = message.code;
  });
  worker.on("error", (error: unknown) => end("SWM010", wordsOf(error)));
  return new Promise((settle) => {
    worker.once("exit", (exitCode) => {
      clearInterval(timer);
      if (found.code === undefined) {
        found.problem ??= problem("SWM010", { where: behaviourFile, detail: howEnded(exitCode) });
      }
      if (found.problem !== undefined) tell(behaviourFile, found.problem, options.json);
      settle(found.problem === undefined ? (found.code ?? 1) : 1);
    });
  });
}

function tell(file: string, why: Problem, json: boolean): void {
  if (json) printProblems(file, [why], { json });
  else console.error(`${file}: the run was ended\n${problemText(why)}`);
}

/** 13 is Node's own for a module that awaits what never comes. */
const howEnded = (exitCode: number): string =>
  exitCode === 13 ? "it waits for what never comes" : `with exit code ${String(exitCode)}`;

function wordsOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.split("\n")[0]?.slice(0, 200) ?? "";
}
