/**
 * Flies a mission with many seeds, side by side: a worker thread a core, each with worlds of its
 * own, so that what a seed decides depends on nothing but the seed. The campaign's hash is over the
 * trace hashes in the order of their seeds: the same whoever flew them.
 */
import { createHash } from "node:crypto";
import { Worker } from "node:worker_threads";
import type { FlightPlan, FlightRow } from "./flight.ts";
import { memoryQueue, type GivenUp, type SeedQueue } from "./seed-queue.ts";

export interface CampaignRequest {
  readonly plan: FlightPlan;
  readonly seeds: readonly number[];
  readonly workers: number;
  readonly onRow?: (row: FlightRow, done: number) => void;
  /** For tests: the thread to start. */
  readonly worker?: URL;
}

export interface CampaignOutcome {
  readonly rows: readonly FlightRow[];
  readonly givenUp: readonly GivenUp[];
  readonly hash: string;
  readonly wallSeconds: number;
}

export async function runCampaign(request: CampaignRequest): Promise<CampaignOutcome> {
  const startMs = performance.now();
  const queue = memoryQueue<FlightRow>(request.seeds);
  const count = Math.max(1, Math.min(request.workers, request.seeds.length));
  await Promise.all(
    Array.from({ length: count }, (_, i) => keepFlying(request, queue, `worker ${String(i)}`)),
  );
  const rows = queue.results.map(([, row]) => row);
  return {
    rows,
    givenUp: queue.givenUp,
    hash: hashOf(rows),
    wallSeconds: (performance.now() - startMs) / 1000,
  };
}

/** One worker's place: when its thread ends, another takes it, until nothing is left to fly. */
async function keepFlying(
  request: CampaignRequest,
  queue: SeedQueue<FlightRow>,
  name: string,
): Promise<void> {
  for (let lives = 1; !queue.isFinished; lives += 1) {
    const ended = await flyInThread(request, queue, `${name}.${String(lives)}`);
    if (ended === "idle") return;
  }
}

/** Ends as "idle" when no seed waits, as "lost" when the thread died over one. */
function flyInThread(
  request: CampaignRequest,
  queue: SeedQueue<FlightRow>,
  name: string,
): Promise<"idle" | "lost"> {
  const first = queue.take(name);
  if (first === undefined) return Promise.resolve("idle");
  const entry = request.worker ?? new URL("./flight-worker.ts", import.meta.url);
  const worker = new Worker(entry, { workerData: request.plan });
  let idle = false;
  worker.on("message", (row: FlightRow) => {
    if (queue.done(row.seed, row)) request.onRow?.(row, queue.results.length);
    const next = queue.take(name);
    if (next !== undefined) {
      worker.postMessage(next);
      return;
    }
    idle = true;
    void worker.terminate();
  });
  let why = "its thread ended";
  worker.on("error", (error: unknown) => {
    why = error instanceof Error ? error.message : String(error);
  });
  worker.postMessage(first);
  return new Promise((settle) => {
    worker.once("exit", () => {
      queue.lost(name, why);
      settle(idle ? "idle" : "lost");
    });
  });
}

function hashOf(rows: readonly FlightRow[]): string {
  const hash = createHash("sha256");
  for (const { seed, traceHash } of rows) hash.update(`${String(seed)} ${traceHash}\n`);
  return hash.digest("hex").slice(0, 32);
}
