/**
 * Keeps the clusters of a swarm on a ground station: shows the cluster manager who is where every
 * few seconds, and makes of its answer the order that an operator's key signs.
 *
 * Vehicles are where their work is: one that searches at its own position, any other (on its pad,
 * on its way) with the share of its cluster, so that a change of battery moves nobody. Who has been
 * declared dead does not count. After an order it waits for the logs to agree on it.
 *
 * It orders changes of shares only: a vehicle can be moved by an order (`mover.ts`), but clusters
 * that are founded or go over whole in flight do not reach the ground's keys reliably under loss.
 */
import {
  NEVER,
  after,
  nodeIndex,
  type ByteReader,
  type ByteWriter,
  type MonotonicMs,
  type NodeIndex,
} from "../base/mod.ts";
import type { PeerRow } from "../network/mod.ts";
import type { OrderDraft } from "../security/mod.ts";
import {
  look,
  worthsOf,
  type Cluster,
  type ManagedVehicle,
  type Partition,
  type Swarm,
  type Wishes,
  type Worth,
} from "../swarm/mod.ts";

export const LOOK_EVERY_MS = 5_000;
/** An order that no log has agreed on by then is given up, and the next look goes by what is. */
const ORDER_WAIT_MS = 30_000;
const ORDER_VALID_MS = 30_000;
const HEARD_WITHIN_MS = 10_000;

export interface Known {
  readonly dead: ReadonlySet<NodeIndex>;
  readonly peer: (index: NodeIndex) => PeerRow | undefined;
}

export class ClusterKeeper {
  readonly #partition: Partition;
  readonly #swarm: Pick<Swarm, "intents" | "plan" | "worthLeft">;
  #lookAt: MonotonicMs = 0 as MonotonicMs;
  #ordered = 0;
  #waitUntil: MonotonicMs = NEVER;
  #wishes: Wishes = new Map();
  #worths: readonly Worth[] | undefined;

  constructor(partition: Partition, swarm: Pick<Swarm, "intents" | "plan" | "worthLeft">) {
    this.#partition = partition;
    this.#swarm = swarm;
  }

  /** The next division as a draft, when there is to be one. */
  look(now: MonotonicMs, known: Known): OrderDraft | undefined {
    const { revision } = this.#partition;
    const isOpen = this.#ordered > revision && now < this.#waitUntil;
    if (now < this.#lookAt || isOpen) return undefined;
    this.#lookAt = after(now, LOOK_EVERY_MS);
    const { division } = this.#partition;
    const worths = this.#worthsLeft();
    const vehicles = division.clusters.flatMap((cluster) => this.#placesOf(cluster, worths, known));
    const { changed, wishes } = look(division, vehicles, worths, this.#wishes, "segments");
    this.#wishes = wishes;
    if (changed.length === 0) return undefined;
    this.#ordered = revision + 1;
    this.#waitUntil = after(now, ORDER_WAIT_MS);
    return {
      command: { kind: "divide", revision: revision + 1, clusters: changed },
      targets: "all",
      validForMs: ORDER_VALID_MS,
      supersedes: undefined,
    };
  }

  #worthsLeft(): readonly Worth[] {
    this.#worths ??= worthsOf(this.#swarm.plan);
    return this.#worths.map((one) => ({ ...one, worth: this.#swarm.worthLeft(one.id) }));
  }

  #placesOf(cluster: Cluster, worths: readonly Worth[], known: Known): readonly ManagedVehicle[] {
    const share = cluster.segments.map((id) => worths[id]!);
    const count = Math.max(1, share.length);
    const northM = share.reduce((sum, one) => sum + one.northM / count, 0);
    const eastM = share.reduce((sum, one) => sum + one.eastM / count, 0);
    const searching = new Set(
      this.#swarm.intents.filter(({ intent }) => intent.duty === "search").map(({ from }) => from),
    );
    return cluster.members
      .filter((index) => !known.dead.has(index))
      .map((index) => {
        const row = searching.has(index) ? known.peer(index) : undefined;
        const isPlaced = row?.positionValid === true && row.beaconAgeMs <= HEARD_WITHIN_MS;
        return isPlaced ? { index, ...row.position } : { index, northM, eastM };
      });
  }

  save(to: ByteWriter): void {
    to.f64(this.#lookAt).u32(this.#ordered).f64(this.#waitUntil).u16(this.#wishes.size);
    for (const [index, wish] of this.#wishes) to.u16(index).u16(wish.to).u8(wish.looks);
  }

  load(from: ByteReader): void {
    this.#lookAt = from.f64() as MonotonicMs;
    this.#ordered = from.u32();
    this.#waitUntil = from.f64() as MonotonicMs;
    const wishes = Array.from({ length: from.u16() }, () => {
      const index = nodeIndex(from.u16());
      const to = from.u16();
      return [index, { to, looks: from.u8() }] as const;
    });
    this.#wishes = new Map(wishes);
  }
}
