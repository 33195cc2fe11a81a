/**
 * Flies a mission with many seeds, side by side: a worker thread a core, each with worlds of its
 * own, so that what a seed decides depends on nothing but the seed. The campaign's hash is over the
 * trace hashes in the order of their seeds: the same whoever flew them, and wherever.
 */
import { createHash } from "node:crypto";
import { Worker } from "node:worker_threads";
import type { Problem } from "../../src/base/mod.ts";
import type { FlightPlan, FlightRow } from "./flight.ts";
import {
  memoryQueue,
  type GivenUp,
  type OnResult,
  type SeedQueue,
  type SeedSource,
} from "./seed-queue.ts";

/** `plan` is what a worker's thread is started with; it answers each seed with a row. */
export interface FlyingRequest<Plan = FlightPlan> {
  readonly plan: Plan;
  readonly workers: number;
  /** What a thread is told to fly a seed; the seed itself without. */
  readonly order?: (seed: number) => unknown;
  /** Before the number of a worker, where workers of several processes meet. */
  readonly namePrefix?: string;
  /** For tests: the thread to start. */
  readonly worker?: URL;
}

export interface CampaignRequest extends FlyingRequest {
  readonly seeds: readonly number[];
  readonly onRow?: OnResult<FlightRow>;
}

export interface CampaignOutcome {
  readonly rows: readonly FlightRow[];
  readonly givenUp: readonly GivenUp[];
  readonly hash: string;
  readonly wallSeconds: number;
  /** Why the campaign ended before its end. */
  readonly trouble?: Problem;
}

/** All seeds, in this process. */
export function runCampaign(request: CampaignRequest): Promise<CampaignOutcome> {
  const workers = Math.max(1, Math.min(request.workers, request.seeds.length));
  const queue = memoryQueue<FlightRow>(request.seeds, request.onRow);
  return runQueue({ ...request, workers }, queue);
}

/** Flies with so many workers of this process (none, where others fly) until the queue is over. */
export async function runQueue(
  request: FlyingRequest,
  queue: SeedQueue<FlightRow>,
): Promise<CampaignOutcome> {
  const startMs = performance.now();
  const flying = flyFrom(request, queue);
  const { results, givenUp } = await queue.finished();
  await flying;
  const rows = results.map(([, row]) => row);
  return {
    rows,
    givenUp,
    hash: hashOf(rows),
    wallSeconds: (performance.now() - startMs) / 1000,
    ...(queue.trouble === undefined ? {} : { trouble: queue.trouble }),
  };
}

/** Takes seeds with so many workers until nothing is left to fly; how many were flown here. */
export async function flyFrom<Row = FlightRow, Plan = FlightPlan>(
  request: FlyingRequest<Plan>,
  source: SeedSource<Row>,
): Promise<number> {
  const { workers, namePrefix = "" } = request;
  const flown = await Promise.all(
    Array.from({ length: workers }, (_, i) =>
      keepFlying(request, source, `${namePrefix}worker ${String(i)}`),
    ),
  );
  return flown.reduce((sum, count) => sum + count, 0);
}

/** One worker's place: when its thread ends, another takes it, until nothing is left to fly. */
async function keepFlying<Row>(
  request: FlyingRequest<unknown>,
  source: SeedSource<Row>,
  name: string,
): Promise<number> {
  let thread: Worker | undefined;
  let flown = 0;
  for (;;) {
    const seed = await source.take(name);
    if (seed === undefined) break;
    if (thread === undefined || hasEnded(thread)) thread = startThread(request);
    const end = await flyInThread<Row>(thread, request.order?.(seed) ?? seed);
    if (end.kind === "flown") {
      flown += 1;
      await source.done(name, seed, end.row);
    } else {
      thread = undefined;
      await source.lost(name, end.why);
    }
  }
  await thread?.terminate();
  return flown;
}

function startThread({ worker, plan }: FlyingRequest<unknown>): Worker {
  const entry = worker ?? new URL("./flight-worker.ts", import.meta.url);
  return new Worker(entry, { workerData: plan });
}

/** Node gives the id -1 to a thread that is no more. */
const hasEnded = (thread: Worker): boolean => thread.threadId < 0;

type FlightEnd<Row> =
  { readonly kind: "flown"; readonly row: Row } | { readonly kind: "lost"; readonly why: string };

function flyInThread<Row>(thread: Worker, order: unknown): Promise<FlightEnd<Row>> {
  return new Promise((settle) => {
    let why = "its thread ended";
    const end = (outcome: FlightEnd<Row>): void => {
      thread.off("message", onRow).off("error", onError).off("exit", onExit);
      settle(outcome);
    };
    const onRow = (row: Row): void => {
      end({ kind: "flown", row });
    };
    const onError = (error: unknown): void => {
      why = error instanceof Error ? error.message : String(error);
    };
    const onExit = (): void => {
      end({ kind: "lost", why });
    };
    thread.on("message", onRow).on("error", onError).on("exit", onExit);
    thread.postMessage(order);
  });
}

function hashOf(rows: readonly FlightRow[]): string {
  const hash = createHash("sha256");
  for (const { seed, traceHash } of rows) hash.update(`${String(seed)} ${traceHash}\n`);
  return hash.digest("hex").slice(0, 32);
}
