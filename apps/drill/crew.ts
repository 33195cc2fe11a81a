/**
 * Who flies the flights of a drill: the workers of a campaign, kept from one batch to the next, so
 * that shrinking does not start new threads for each of its rounds. Every batch is a queue of its
 * own (`apps/campaign/seed-queue.ts`) that goes by the numbers of its jobs; one batch at a time.
 */
import { flyFrom } from "../campaign/run-campaign.ts";
import { memoryQueue, type SeedQueue, type SeedSource } from "../campaign/seed-queue.ts";
import type { DrillRow, FlightCommon, FlightJob } from "./flight.ts";

export interface CrewOptions {
  readonly common: FlightCommon;
  readonly workers: number;
  /** For tests: the thread to start. */
  readonly worker?: URL;
}

export interface Flown {
  /** In the order of the jobs; undefined where no worker came to its end. */
  readonly rows: readonly (DrillRow | undefined)[];
  readonly givenUp: readonly { readonly job: FlightJob; readonly why: string }[];
}

export interface Crew {
  readonly fly: (
    jobs: readonly FlightJob[],
    onRow?: (done: number, of: number) => void,
  ) => Promise<Flown>;
  /** Ends the threads. */
  readonly end: () => Promise<void>;
}

export function startCrew(options: CrewOptions): Crew {
  const relay = new Relay();
  const worker = options.worker ?? new URL("./flight-worker.ts", import.meta.url);
  let jobs: readonly FlightJob[] = [];
  const flying = flyFrom<DrillRow, FlightCommon>(
    {
      plan: options.common,
      workers: Math.max(1, options.workers),
      worker,
      order: (number) => jobs[number],
    },
    relay,
  );
  return {
    fly: async (batch, onRow) => {
      if (batch.length === 0) return { rows: [], givenUp: [] };
      jobs = batch;
      const numbers = batch.map((_, i) => i);
      const queue = memoryQueue<DrillRow>(numbers, (_, done) => onRow?.(done, batch.length));
      relay.begin(queue);
      const { results, givenUp } = await queue.finished();
      const rows = new Map(results);
      return {
        rows: numbers.map((number) => rows.get(number)),
        givenUp: givenUp.flatMap(({ seed: number, why }) => {
          const job = batch[number];
          return job === undefined ? [] : [{ job, why }];
        }),
      };
    },
    end: async () => {
      relay.close();
      await flying;
    },
  };
}

/** One queue after another as a single source that ends when it is closed. */
class Relay implements SeedSource<DrillRow> {
  readonly trouble = undefined;
  #queue: SeedQueue<DrillRow> | undefined;
  #isClosed = false;
  readonly #idle: (() => void)[] = [];

  begin(queue: SeedQueue<DrillRow>): void {
    this.#queue = queue;
    this.#wake();
  }

  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  async take(worker: string): Promise<number | undefined> {
    while (!this.#isClosed) {
      const queue = this.#queue;
      const number = await queue?.take(worker);
      if (number !== undefined) return number;
      // This batch is over: wait for the next, unless it has begun meanwhile.
      if (queue === this.#queue) await this.#change();
    }
    return undefined;
  }

  async done(worker: string, number: number, row: DrillRow): Promise<boolean> {
    return (await this.#queue?.done(worker, number, row)) ?? false;
  }

  async lost(worker: string, why: string): Promise<void> {
    await this.#queue?.lost(worker, why);
  }

  async #change(): Promise<void> {
    if (this.#isClosed) return;
    await new Promise<void>((settle) => {
      this.#idle.push(settle);
    });
  }

  #wake(): void {
    for (const settle of this.#idle.splice(0)) settle();
  }
}
