/**
 * What a node does about a new division: it takes it over when its log has agreed on it, follows
 * new clusters where it follows all, and moves when it is itself in another one.
 *
 * | step | what |
 * | --- | --- |
 * | agreed | the order is in the own cluster's log: everyone else stands where it says at once |
 * | leave | sweeps and leases are given back, "left" is proposed to the old log, in which we stay |
 * | gone | the old log has a configuration without us, or `LEAVE_MAX_MS` have passed |
 * | arrive | the new cluster's log, keys and channel; its head takes us in when it hears us |
 *
 * Orders taken over are kept, so that a node that restarts stands where it stood. Bound: the newest
 * `KEPT_MAX` divisions.
 */
import { NEVER, after, type ByteReader, type ByteWriter, type MonotonicMs } from "../base/mod.ts";
import type { OrderCommand } from "../security/mod.ts";
import type { Partition } from "../swarm/mod.ts";

export type DivideCommand = Extract<OrderCommand, { readonly kind: "divide" }>;

/** What the node lends. */
export interface MoverHands {
  now(): MonotonicMs;
  /** The share has changed: what is not in it is given back. */
  shares(): void;
  /** "I leave", proposed to the own log. */
  leave(): void;
  /** Whether the own log has a configuration without this node. */
  hasLeft(): boolean;
  /** To the log, the keys and the channel of this cluster. */
  arrive(cluster: number): void;
  /** A cluster that was founded, for who follows every cluster. */
  follow(cluster: number): void;
  keep(records: readonly Uint8Array[]): void;
}

/** A log that cannot let go (its quorum is gone) is left all the same. */
export const LEAVE_MAX_MS = 15_000;
const LEAVE_AGAIN_MS = 3_000;
const KEPT_MAX = 128;

export class Mover {
  readonly #partition: Partition;
  readonly #followsAll: boolean;
  readonly #hands: MoverHands;
  #kept: readonly Uint8Array[];
  /** When the move began; NEVER while there is none. */
  #sinceMs: MonotonicMs = NEVER;
  #leaveAt: MonotonicMs = NEVER;

  constructor(
    options: {
      readonly partition: Partition;
      readonly followsAll: boolean;
      readonly kept: readonly Uint8Array[];
    },
    hands: MoverHands,
  ) {
    this.#partition = options.partition;
    this.#followsAll = options.followsAll;
    this.#kept = options.kept;
    this.#hands = hands;
  }

  get isMoving(): boolean {
    return this.#sinceMs !== NEVER;
  }

  /** A log has agreed on a division. */
  divided(command: DivideCommand, bytes: Uint8Array): void {
    const { revision, clusters } = command;
    if (!this.#partition.apply(revision, clusters)) return;
    this.#kept = [...this.#kept, bytes].slice(-KEPT_MAX);
    this.#hands.keep(this.#kept);
    if (this.#followsAll) {
      for (const { cluster, members } of clusters) {
        if (members.length > 0) this.#hands.follow(cluster);
      }
    }
    this.#hands.shares();
    this.#begin();
  }

  /** Asked a few times a second. */
  tend(): void {
    if (!this.isMoving) return;
    const now = this.#hands.now();
    if (this.#hands.hasLeft() || now - this.#sinceMs >= LEAVE_MAX_MS) {
      this.#sinceMs = NEVER;
      this.#leaveAt = NEVER;
      this.#partition.settle();
      this.#hands.arrive(this.#partition.assigned);
      this.#hands.shares();
    } else if (now >= this.#leaveAt) {
      this.#leaveAt = after(now, LEAVE_AGAIN_MS);
      this.#hands.leave();
    }
  }

  save(to: ByteWriter): void {
    to.f64(this.#sinceMs).f64(this.#leaveAt).u16(this.#kept.length);
    for (const record of this.#kept) to.blob(record);
    this.#partition.save(to);
  }

  load(from: ByteReader): void {
    this.#sinceMs = from.f64() as MonotonicMs;
    this.#leaveAt = from.f64() as MonotonicMs;
    this.#kept = Array.from({ length: from.u16() }, () => from.blob());
    this.#partition.load(from);
  }

  /** A later division may send a node on, or back, before it has left. */
  #begin(): void {
    const { assigned, own } = this.#partition;
    if (assigned === own) {
      this.#sinceMs = NEVER;
      this.#leaveAt = NEVER;
    } else if (!this.isMoving) {
      this.#sinceMs = this.#hands.now();
      this.#leaveAt = this.#sinceMs;
    }
  }
}
