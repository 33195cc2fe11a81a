/**
 * The coordinator's side of a campaign over NATS JetStream: puts the seeds into a work-queue
 * stream, reads results from the key-value store in the order in which the server took them, and
 * counts each seed once.
 *
 * Everything is found again by looking, twice a second, at what the server holds: a seed that has
 * neither a result nor a message in the stream is put again (a message lost, forged or purged), a
 * store that is gone is made anew, a result that is none is erased and its seed flown again. So a
 * server that was killed, a coordinator that was killed, and a garbled store need no case of their
 * own. The campaign stays on the server until `close({ drop: true })`: the same campaign opened
 * again goes on where it stood.
 */
import {
  AckPolicy,
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  type StoredMsg,
  type StreamInfo,
} from "@nats-io/jetstream";
import { nanos } from "@nats-io/transport-node";
import {
  fail,
  invariant,
  ok,
  problem,
  type Problem,
  type ProblemCode,
  type Result,
  utf8Decode,
} from "../../src/base/mod.ts";
import { messageOf, type NatsLink } from "./link.ts";
import {
  goneProblem,
  hasCode,
  isStreamMissing,
  NatsSeedSource,
  pause,
  SILENT,
} from "./seed-source.ts";
import {
  ANNOUNCEMENT_KEY,
  ANNOUNCEMENT_MAX_BYTES,
  CONSUMER,
  decodeSettled,
  encodeSeed,
  namesOf,
  SEED_MAX_BYTES,
  subjectOf,
  type CampaignNames,
  type Expected,
} from "./wire.ts";

const LOOK_MS = 500;
/** Requests that are under way at a time. */
const BATCH = 64;
/** A campaign that nobody ends is forgotten by the server after this. */
const KEPT_MS = 30 * 24 * 3600 * 1000;
/** Looks in a row that find seeds in the stream and nobody who may have them. */
const STUCK_LOOKS = 4;
const HELD_MAX = 10_000;
const SUBJECT_TAKEN = 10_077;

export interface QueueOptions<Value> {
  readonly link: NatsLink;
  readonly expected: Expected<Value>;
  /** What workers are to know of the campaign, as text. */
  readonly announcement: string;
  /** A seed whose worker was silent for this long goes out again. */
  readonly ackWaitMs: number;
  readonly triesMax: number;
  readonly patienceMs: number;
  readonly onResult?: (value: Value, settled: number) => void;
}

export interface NatsOutcome<Value> {
  readonly results: readonly (readonly [seed: number, value: Value])[];
  readonly givenUp: readonly { readonly seed: number; readonly why: string }[];
}

export class NatsSeedQueue<Value> {
  readonly #options: QueueOptions<Value>;
  readonly #names: CampaignNames;
  readonly #source: NatsSeedSource<Value>;
  readonly #results = new Map<number, Value>();
  readonly #givenUp = new Map<number, string>();
  readonly #workers = new Set<string>();
  readonly #refused = new Map<ProblemCode, number>();
  readonly #looking: Promise<void>;
  #store: { readonly created: string; readSeq: number } = { created: "", readSeq: 0 };
  #stuckLooks = 0;
  #awaySinceMs: number | undefined;
  #isClosed = false;
  #trouble: Problem | undefined;

  /** Fails when the server cannot keep the campaign; nothing has been started then. */
  static async open<Value>(options: QueueOptions<Value>): Promise<Result<NatsSeedQueue<Value>>> {
    invariant(
      options.announcement.length <= ANNOUNCEMENT_MAX_BYTES,
      "an announcement fits into the store",
    );
    try {
      await prepare(options);
      return ok(new NatsSeedQueue(options));
    } catch (error) {
      const detail = messageOf(error);
      const remedy = "let this user make streams and key-value stores on the server";
      return fail(problem("CAM004", { where: options.link.server, detail, remedy }));
    }
  }

  private constructor(options: QueueOptions<Value>) {
    this.#options = options;
    const { link, expected, triesMax, patienceMs, ackWaitMs } = options;
    this.#names = namesOf(expected.campaign);
    const heartbeatMs = ackWaitMs / 3;
    this.#source = new NatsSeedSource({ link, expected, triesMax, patienceMs, heartbeatMs });
    this.#looking = this.#look();
  }

  get trouble(): Problem | undefined {
    return this.#trouble ?? this.#source.trouble;
  }

  /** Messages and results that were none of this campaign, by the code of their problem. */
  get refused(): ReadonlyMap<ProblemCode, number> {
    const all = new Map(this.#refused);
    for (const [code, count] of this.#source.refused) all.set(code, (all.get(code) ?? 0) + count);
    return all;
  }

  /** How many workers brought results. */
  get workerCount(): number {
    return this.#workers.size;
  }

  take(worker: string): Promise<number | undefined> {
    return this.#source.take(worker);
  }

  done(worker: string, seed: number, value: Value): Promise<boolean> {
    return this.#source.done(worker, seed, value);
  }

  lost(worker: string, why: string): Promise<void> {
    return this.#source.lost(worker, why);
  }

  async finished(): Promise<NatsOutcome<Value>> {
    await this.#looking;
    const bySeed = ([a]: readonly [number, unknown], [b]: readonly [number, unknown]): number =>
      a - b;
    return {
      results: [...this.#results].sort(bySeed),
      givenUp: [...this.#givenUp].sort(bySeed).map(([seed, why]) => ({ seed, why })),
    };
  }

  /** With `drop` the server forgets the campaign. */
  async close({ drop }: { readonly drop: boolean }): Promise<void> {
    this.#isClosed = true;
    this.#source.close();
    await this.#looking;
    if (!drop) return;
    const { streams } = this.#options.link.manager;
    for (const stream of [this.#names.stream, this.#names.bucketStream]) {
      // What cannot be dropped is forgotten by the server after `KEPT_MS`.
      await streams.delete(stream).catch(() => false);
    }
  }

  get #missing(): number {
    return this.#options.expected.seeds.size - this.#results.size - this.#givenUp.size;
  }

  /** Looks at what the server holds until all is settled, or the server was away too long. */
  async #look(): Promise<void> {
    for (;;) {
      try {
        await this.#lookOnce();
        this.#awaySinceMs = undefined;
      } catch (error) {
        this.#onAway(error);
      }
      if (this.#missing === 0 || this.#isClosed || this.trouble !== undefined) break;
      await pause(LOOK_MS);
    }
    this.#source.end();
  }

  async #lookOnce(): Promise<void> {
    const { link } = this.#options;
    const { stream } = this.#names;
    const queue = await this.#madeAnew(() => link.manager.streams.info(stream));
    await this.#readResults();
    // A seed leaves the stream after its result is stored: what lacks both is gone.
    if (queue.state.messages < this.#missing) await this.#putAgain();
    else await this.#giveUpWhatNobodyCanHave();
  }

  async #putAgain(): Promise<void> {
    const { link, expected } = this.#options;
    const { campaign } = expected;
    const { streams } = link.manager;
    const { state } = await streams.info(this.#names.stream, { subjects_filter: ">" });
    const waiting = state.subjects ?? {};
    await this.#readResults();
    const gone = this.#unsettled().filter((seed) => !(subjectOf(campaign, seed) in waiting));
    await inBatches(gone, (seed) => this.#put(seed));
  }

  /** Seeds that were delivered as often as may be, each time to a worker that fell silent. */
  async #giveUpWhatNobodyCanHave(): Promise<void> {
    if (this.#missing === 0) return;
    const { consumers } = this.#options.link.manager;
    const { num_pending, num_ack_pending } = await consumers.info(this.#names.stream, CONSUMER);
    this.#stuckLooks = num_pending === 0 && num_ack_pending === 0 ? this.#stuckLooks + 1 : 0;
    if (this.#stuckLooks < STUCK_LOOKS) return;
    await inBatches(this.#unsettled(), (seed) =>
      this.#source.settle({ kind: "givenUp", seed, by: "coordinator", why: SILENT }),
    );
  }

  #unsettled(): number[] {
    const { seeds } = this.#options.expected;
    return [...seeds].filter((seed) => !this.#isSettled(seed)).sort((a, b) => a - b);
  }

  async #put(seed: number): Promise<void> {
    const { campaign } = this.#options.expected;
    try {
      const { client } = this.#options.link;
      await client.publish(subjectOf(campaign, seed), encodeSeed(campaign, seed));
    } catch (error) {
      // It is there, after all.
      if (!hasCode(error, SUBJECT_TAKEN)) throw error;
    }
  }

  async #readResults(): Promise<void> {
    const { bucketStream } = this.#names;
    const { streams } = this.#options.link.manager;
    const info = await this.#madeAnew(() => streams.info(bucketStream));
    const { first_seq, last_seq } = info.state;
    // Another store, or one that a crash set back: all of it is read again.
    if (info.created !== this.#store.created || last_seq < this.#store.readSeq) {
      this.#store = { created: info.created, readSeq: 0 };
    }
    const from = Math.max(this.#store.readSeq + 1, first_seq);
    const wanted = Array.from({ length: Math.max(0, last_seq + 1 - from) }, (_, i) => from + i);
    for (let i = 0; i < wanted.length; i += BATCH) {
      const batch = wanted.slice(i, i + BATCH);
      const read = await Promise.all(batch.map((seq) => streams.getMessage(bucketStream, { seq })));
      for (const message of read) if (message !== null) await this.#count(message);
      this.#store.readSeq = batch.at(-1) ?? this.#store.readSeq;
    }
  }

  async #count(message: StoredMsg): Promise<void> {
    const { expected, link, onResult } = this.#options;
    const key = message.subject.slice(`$KV.${this.#names.bucket}.`.length);
    if (key === ANNOUNCEMENT_KEY) return;
    const read = decodeSettled({ key, bytes: message.data }, expected);
    if (!read.ok) {
      const { code } = read.problem;
      this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1);
      // As long as it stands there, the server refuses the result of whoever flew the seed.
      await link.manager.streams.deleteMessage(this.#names.bucketStream, message.seq);
      return;
    }
    const settled = read.value;
    if (this.#isSettled(settled.seed)) return;
    if (settled.kind === "givenUp") {
      this.#givenUp.set(settled.seed, settled.why);
      return;
    }
    this.#workers.add(settled.by);
    this.#results.set(settled.seed, settled.value);
    onResult?.(settled.value, this.#results.size + this.#givenUp.size);
  }

  #isSettled(seed: number): boolean {
    return this.#results.has(seed) || this.#givenUp.has(seed);
  }

  /** What the server knows of a stream; streams that are missing are made first. */
  async #madeAnew(info: () => Promise<StreamInfo>): Promise<StreamInfo> {
    try {
      return await info();
    } catch (error) {
      if (!isStreamMissing(error) || this.#isClosed) throw error;
      await prepare(this.#options);
      return info();
    }
  }

  #onAway(error: unknown): void {
    const { link, patienceMs } = this.#options;
    const nowMs = performance.now();
    this.#awaySinceMs ??= nowMs;
    if (nowMs - this.#awaySinceMs < patienceMs && !link.connection.isClosed()) return;
    this.#trouble = goneProblem(link, messageOf(error));
  }
}

/** Makes what a campaign needs on the server; what is there already stays. */
async function prepare(options: Omit<QueueOptions<unknown>, "onResult">): Promise<void> {
  const { link, expected, announcement, ackWaitMs, triesMax } = options;
  const { bucket, stream, subjects } = namesOf(expected.campaign);
  const store = await link.stores.create(bucket, {
    history: 1,
    maxValueSize: ANNOUNCEMENT_MAX_BYTES,
    storage: StorageType.File,
    ttl: KEPT_MS,
  });
  const known = await store.get(ANNOUNCEMENT_KEY);
  if (known === null || utf8Decode(known.value) !== announcement) {
    await store.put(ANNOUNCEMENT_KEY, announcement);
  }
  const { streams, consumers } = link.manager;
  await streams.add({
    name: stream,
    subjects: [subjects],
    retention: RetentionPolicy.Workqueue,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    discard_new_per_subject: true,
    max_msgs_per_subject: 1,
    // Room for as much again that is no seed, until a worker has refused it.
    max_msgs: 2 * expected.seeds.size + BATCH,
    max_msg_size: SEED_MAX_BYTES,
    max_age: nanos(KEPT_MS),
  });
  await consumers.add(stream, {
    durable_name: CONSUMER,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ackWaitMs),
    // One delivery more than flights: the one that says that a seed is given up.
    max_deliver: triesMax + 1,
    max_ack_pending: HELD_MAX,
  });
}

async function inBatches(
  seeds: readonly number[],
  each: (seed: number) => Promise<unknown>,
): Promise<void> {
  for (let i = 0; i < seeds.length; i += BATCH) {
    await Promise.all(seeds.slice(i, i + BATCH).map(each));
  }
}
