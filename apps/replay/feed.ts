/**
 * A recording's messages, as time passes over them: what lies between two moments goes out in its
 * order; after a leap the newest message of each channel goes out once, so that whoever listens
 * sees the moment whole.
 */
import type { ReadChannel, ReadMessage } from "../../adapters/recording/mod.ts";
import type { RecordedRun } from "./recorded-run.ts";

export interface FeedTo {
  message(channel: number, atNs: bigint, json: Uint8Array): void;
  time(atNs: bigint): void;
}

/** A leap longer than this is no playing. */
const LEAP_S = 20;

export class ReplayFeed {
  readonly channels: readonly ReadChannel[];
  readonly #run: RecordedRun;
  readonly #to: FeedTo;
  readonly #places: ReadonlyMap<number, number>;
  #atNs: bigint | undefined;

  /** A channel's number for the listener is its place in `channels`. */
  constructor(run: RecordedRun, to: FeedTo) {
    this.#run = run;
    this.#to = to;
    this.channels = run.reader.channels;
    this.#places = new Map(this.channels.map(({ id }, place) => [id, place]));
  }

  /** Time is here now. */
  moveTo(atS: number): void {
    const toNs = this.#run.nsAt(atS);
    const fromNs = this.#atNs;
    if (fromNs === toNs) return;
    this.#atNs = toNs;
    this.#to.time(toNs);
    const leap = fromNs === undefined || toNs < fromNs || toNs - fromNs > BigInt(LEAP_S) * NS_PER_S;
    if (leap) this.#tellNewest(toNs);
    else this.#tellBetween(fromNs, toNs);
  }

  #tellBetween(fromNs: bigint, toNs: bigint): void {
    const { reader } = this.#run;
    reader.chunks.forEach(({ startNs, endNs }, chunk) => {
      if (startNs > toNs || endNs <= fromNs) return;
      for (const message of reader.messagesOf(chunk)) {
        if (message.timeNs > fromNs && message.timeNs <= toNs) this.#tell(message);
      }
    });
  }

  #tellNewest(toNs: bigint): void {
    const { reader } = this.#run;
    const newest = new Map<number, ReadMessage>();
    // Chunks follow each other in time: the last ones before the moment hold what is seldom told.
    const before = reader.chunks.flatMap(({ startNs }, chunk) => (startNs <= toNs ? [chunk] : []));
    for (const chunk of [...before.slice(0, 1), ...before.slice(1).slice(-CHUNKS_BACK)]) {
      for (const message of reader.messagesOf(chunk)) {
        if (message.timeNs <= toNs) newest.set(message.channel.id, message);
      }
    }
    for (const message of newest.values()) this.#tell(message);
  }

  #tell({ channel, timeNs, data }: ReadMessage): void {
    const place = this.#places.get(channel.id);
    if (place !== undefined) this.#to.message(place, timeNs, data);
  }
}

const NS_PER_S = 1_000_000_000n;
/** The first chunk, which holds the mission, and so many before the moment. */
const CHUNKS_BACK = 2;
