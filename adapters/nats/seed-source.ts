/**
 * A worker's view of a campaign over NATS JetStream: seeds come from a work-queue stream and stay
 * with the worker for as long as it says that it is at work; results go into a key-value store,
 * where the first of a seed is kept and every other refused by the server (a put that expects the
 * key to be new). A seed is acknowledged after its result is stored, never before: one that was
 * acknowledged has a result, and one without a result is still in the stream.
 *
 * Bounds: one seed a worker; a server that is away is waited for during `patienceMs`.
 */
import { JetStreamApiError, type Consumer, type JsMsg } from "@nats-io/jetstream";
import type { KV } from "@nats-io/kv";
import { compareBytes, problem, type Problem, type ProblemCode } from "../../src/base/mod.ts";
import { messageOf, type NatsLink } from "./link.ts";
import {
  CONSUMER,
  decodeSeed,
  encodeSettled,
  keyOf,
  namesOf,
  type CampaignNames,
  type Expected,
  type Settled,
} from "./wire.ts";

/** One request for a seed stands for this long; the least that the client takes. */
const PULL_MS = 1000;
const RETRY_MS = 250;
/** A stream of seeds that is missing for this long belongs to a campaign that is over. */
const OVER_MS = 2000;
const WRONG_LAST_SEQUENCE = 10_071;
const STREAM_NOT_FOUND = 10_059;
/** How a seed is given up whose workers never said why. */
export const SILENT = "each worker that had it fell silent";

export interface SourceOptions<Value> {
  readonly link: NatsLink;
  readonly expected: Expected<Value>;
  /** Deliveries after which a seed is given up. */
  readonly triesMax: number;
  /** How often a worker says that it is still at its seed. */
  readonly heartbeatMs: number;
  readonly patienceMs: number;
}

interface Held {
  readonly seed: number;
  message: JsMsg;
}

export class NatsSeedSource<Value> {
  readonly #options: SourceOptions<Value>;
  readonly #names: CampaignNames;
  readonly #held = new Map<string, Held>();
  readonly #refused = new Map<ProblemCode, number>();
  readonly #ended = Promise.withResolvers<undefined>();
  readonly #heartbeat: NodeJS.Timeout;
  #consumer: Consumer | undefined;
  #store: KV | undefined;
  #isOver = false;
  #awaySinceMs: number | undefined;
  #missingSinceMs: number | undefined;
  #trouble: Problem | undefined;

  constructor(options: SourceOptions<Value>) {
    this.#options = options;
    this.#names = namesOf(options.expected.campaign);
    this.#heartbeat = setInterval(() => {
      for (const { message } of this.#held.values()) message.working();
    }, options.heartbeatMs);
  }

  get trouble(): Problem | undefined {
    return this.#trouble;
  }

  /** Messages that were none of this campaign's seeds, by the code of their problem. */
  get refused(): ReadonlyMap<ProblemCode, number> {
    return this.#refused;
  }

  async take(worker: string): Promise<number | undefined> {
    for (;;) {
      const message = await this.#next();
      if (this.#isOver) return undefined;
      if (message === undefined) {
        if (!(await this.#stands())) this.end();
        continue;
      }
      const seed = await this.#accept(worker, message);
      if (seed !== undefined) return seed;
    }
  }

  async done(worker: string, seed: number, value: Value): Promise<boolean> {
    const isFirst = await this.settle({ kind: "flown", seed, by: worker, value });
    this.#letGo(worker, seed)?.ack();
    return isFirst;
  }

  async lost(worker: string, why: string): Promise<void> {
    const held = this.#held.get(worker);
    if (held === undefined) return;
    const { seed } = held;
    if (held.message.info.deliveryCount < this.#options.triesMax) {
      this.#letGo(worker, seed)?.nak();
      return;
    }
    await this.settle({ kind: "givenUp", seed, by: worker, why });
    this.#letGo(worker, seed)?.ack();
  }

  /** Stores how a seed ended; false when that was known already, or the campaign is over. */
  async settle(settled: Settled<Value>): Promise<boolean> {
    const key = keyOf(settled.seed);
    const bytes = encodeSettled(this.#options.expected.campaign, settled);
    const untilMs = performance.now() + this.#options.patienceMs;
    for (;;) {
      try {
        const store = await this.#open();
        try {
          await store.put(key, bytes, { previousSeq: 0 });
          return true;
        } catch (error) {
          if (!hasCode(error, WRONG_LAST_SEQUENCE)) throw error;
          // The first attempt may have come through without its answer.
          const stored = await store.get(key);
          return stored !== null && compareBytes(stored.value, bytes) === 0;
        }
      } catch (error) {
        if (performance.now() > untilMs) this.#giveUp(messageOf(error));
        if (this.#isOver || !(await this.#stands())) return false;
        await pause(RETRY_MS);
      }
    }
  }

  /** Whoever waits for a seed learns that there is none. */
  end(): void {
    this.#isOver = true;
    this.#ended.resolve(undefined);
  }

  close(): void {
    this.end();
    clearInterval(this.#heartbeat);
  }

  async #next(): Promise<JsMsg | undefined> {
    if (this.#isOver) return undefined;
    try {
      const { stream } = this.#names;
      this.#consumer ??= await this.#options.link.client.consumers.get(stream, CONSUMER);
      const pull = this.#consumer.next({ expires: PULL_MS });
      pull.catch(() => undefined);
      return (await Promise.race([pull, this.#ended.promise])) ?? undefined;
    } catch {
      await pause(RETRY_MS);
      return undefined;
    }
  }

  /** The seed that the message asks to fly; undefined when there is nothing to fly in it. */
  async #accept(worker: string, message: JsMsg): Promise<number | undefined> {
    const { expected, triesMax } = this.#options;
    const read = decodeSeed({ subject: message.subject, bytes: message.data }, expected);
    if (!read.ok) {
      const { code } = read.problem;
      this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1);
      message.term();
      return undefined;
    }
    const seed = read.value;
    if (await this.#needsNoFlight(seed, message)) return undefined;
    if (message.info.deliveryCount > triesMax) {
      await this.settle({ kind: "givenUp", seed, by: worker, why: SILENT });
      message.ack();
      return undefined;
    }
    this.#held.set(worker, { seed, message });
    return seed;
  }

  /**
   * Is the seed in the air in this process, or settled? Asked each time: a server that was killed
   * may not remember that it has given the seed out before.
   */
  async #needsNoFlight(seed: number, message: JsMsg): Promise<boolean> {
    const flying = [...this.#held.values()].find((held) => held.seed === seed);
    if (flying !== undefined) {
      flying.message = message;
      return true;
    }
    try {
      const store = await this.#open();
      if ((await store.get(keyOf(seed))) === null) return false;
      message.ack();
      return true;
    } catch {
      return false;
    }
  }

  #letGo(worker: string, seed: number): JsMsg | undefined {
    const held = this.#held.get(worker);
    if (held?.seed !== seed) return undefined;
    this.#held.delete(worker);
    return held.message;
  }

  async #open(): Promise<KV> {
    this.#store ??= await this.#options.link.stores.open(this.#names.bucket);
    return this.#store;
  }

  /** False when the campaign is over, or its server was away for too long. */
  async #stands(): Promise<boolean> {
    const nowMs = performance.now();
    try {
      await this.#options.link.manager.streams.info(this.#names.stream);
      this.#awaySinceMs = undefined;
      this.#missingSinceMs = undefined;
      return true;
    } catch (error) {
      if (hasCode(error, STREAM_NOT_FOUND)) {
        this.#missingSinceMs ??= nowMs;
        await pause(RETRY_MS);
        return nowMs - this.#missingSinceMs < OVER_MS;
      }
      this.#awaySinceMs ??= nowMs;
      const isClosed = this.#options.link.connection.isClosed();
      if (!isClosed && nowMs - this.#awaySinceMs < this.#options.patienceMs) {
        await pause(RETRY_MS);
        return true;
      }
      this.#giveUp(messageOf(error));
      return false;
    }
  }

  #giveUp(detail: string): void {
    this.#trouble ??= goneProblem(this.#options.link, detail);
    this.end();
  }
}

export function goneProblem(link: NatsLink, detail: string): Problem {
  const remedy = "the same command goes on where the campaign stood, once the server is back";
  return problem("CAM011", { where: link.server, detail, remedy });
}

export const hasCode = (error: unknown, code: number): boolean =>
  error instanceof JetStreamApiError && error.code === code;

export const isStreamMissing = (error: unknown): boolean => hasCode(error, STREAM_NOT_FOUND);

export const pause = (ms: number): Promise<void> =>
  new Promise((settle) => {
    setTimeout(settle, ms);
  });
