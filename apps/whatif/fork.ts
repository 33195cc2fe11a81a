/**
 * Two forks of one world, each in a thread of its own: the baseline as the world is, the changed
 * one with the changes. The difference between them is due to the changes and not to running ahead.
 * A thread that dies or runs out of memory fails its fork with a code; nothing else is touched.
 */
import { Worker } from "node:worker_threads";
import { problem, type Problem } from "../../src/base/mod.ts";
import type { WhatIfFuture } from "../ground/report/what-if.ts";
import type { FutureOrder } from "./future.ts";
import type { FromFuture } from "./future-worker.ts";

/** A fork of 50 vehicles takes some 300 MB; beyond this its thread ends, not the process. */
const MEMORY_MAX_MB = 1536;

export type ForkName = "baseline" | "changed";

const FRESH: WhatIfFuture = {
  state: "opening",
  atS: 0,
  speed: 0,
  outcome: null,
  trouble: "",
  traceHash: "",
  pathEveryS: 1,
  paths: [],
};

export interface ForkOptions {
  readonly onChange: () => void;
  /** For tests: the thread to start. */
  readonly worker?: URL;
  readonly memoryMaxMb?: number;
}

export class ForkPair {
  readonly #workers: ReadonlyMap<ForkName, Worker>;
  readonly #futures: Map<ForkName, WhatIfFuture>;
  readonly #onChange: () => void;
  readonly #settled: Promise<void>;
  #ended = false;

  /** `order.changes` are made in one of the two. */
  constructor(order: FutureOrder, options: ForkOptions) {
    const fresh = { ...FRESH, atS: order.saved.atMs / 1000 };
    this.#onChange = options.onChange;
    this.#futures = new Map([
      ["baseline", fresh],
      ["changed", fresh],
    ]);
    const baseline = this.#start("baseline", { ...order, changes: [] }, options);
    const changed = this.#start("changed", order, options);
    this.#workers = new Map([
      ["baseline", baseline],
      ["changed", changed],
    ]);
    this.#settled = Promise.all([exitOf(baseline), exitOf(changed)]).then(() => undefined);
  }

  get baseline(): WhatIfFuture {
    return this.#futures.get("baseline")!;
  }

  get changed(): WhatIfFuture {
    return this.#futures.get("changed")!;
  }

  get isDone(): boolean {
    return this.baseline.state === "done" && this.changed.state === "done";
  }

  /** When both threads have ended, each for whatever reason. */
  get settled(): Promise<void> {
    return this.#settled;
  }

  /** Frees both threads; what was seen so far stays. */
  async end(): Promise<void> {
    this.#ended = true;
    await Promise.all([...this.#workers.values()].map((worker) => worker.terminate()));
  }

  #start(name: ForkName, order: FutureOrder, options: ForkOptions): Worker {
    const entry = options.worker ?? new URL("./future-worker.ts", import.meta.url);
    const worker = new Worker(entry, {
      workerData: order,
      resourceLimits: { maxOldGenerationSizeMb: options.memoryMaxMb ?? MEMORY_MAX_MB },
    });
    worker.on("message", (message: FromFuture) => {
      if (message.kind === "future") this.#put(name, message.future);
      else this.#fail(name, message.problems[0]);
    });
    worker.on("error", (error: unknown) => this.#fail(name, diedOf(error)));
    worker.on("exit", () => this.#fail(name, diedOf(undefined)));
    return worker;
  }

  #put(name: ForkName, future: WhatIfFuture): void {
    this.#futures.set(name, future);
    if (!this.#ended) this.#onChange();
  }

  /** The first reason counts; one that has come to its end stays there. */
  #fail(name: ForkName, why: Problem | undefined): void {
    const future = this.#futures.get(name)!;
    if (this.#ended || future.state === "done" || future.state === "failed") return;
    this.#put(name, { ...future, state: "failed", trouble: troubleText(why ?? diedOf(undefined)) });
  }
}

const exitOf = (worker: Worker): Promise<void> =>
  new Promise((done) => {
    worker.once("exit", () => done());
  });

function diedOf(error: unknown): Problem {
  const memory = (error as { code?: string } | undefined)?.code === "ERR_WORKER_OUT_OF_MEMORY";
  if (memory) {
    const remedy = "try a shorter horizon; the live world is not touched";
    return problem("GND023", { detail: "out of memory", remedy });
  }
  const detail = error instanceof Error ? error.message : "it was ended";
  return problem("GND023", { detail, remedy: "fork again; the live world is not touched" });
}

const troubleText = ({ code, text, where, remedy }: Problem): string => {
  const place = where === "" ? "" : ` (${where})`;
  return `${code} ${text}${place}${remedy === "" ? "" : `: ${remedy}`}`;
};
