/**
 * The logs that a node follows: a vehicle its cluster's, the ground every cluster's.
 *
 * Each log has records of its own in the store and tickets of its own. In a swarm of one cluster
 * both are consensus's as they are; in a larger one names are led by the cluster, and the tickets'
 * high bits say whose they are (an answer carries nothing else).
 */
import {
  invariant,
  nodeIndex,
  type ByteReader,
  type ByteWriter,
  type MonotonicMs,
  type NodeIndex,
} from "../base/mod.ts";
import type { Consensus } from "../consensus/mod.ts";
import type { RecoveredStore, StoreRequest } from "../hal/mod.ts";

const NOBODY = 0xffff;
/** Tickets of one log; a node's own are below as well. */
const TICKETS = 0x100000000;

/** One cluster's log and what this node has drawn from it. */
export interface ClusterLog {
  /** 0 where the swarm is one cluster. */
  readonly cluster: number;
  readonly consensus: Consensus;
  leader: NodeIndex | undefined;
  members: readonly NodeIndex[];
  epochMembers: readonly NodeIndex[];
  /** When it wants its next wake; undefined when it has stepped since it was asked. */
  wakesAt: MonotonicMs | undefined;
}

export function clusterLog(cluster: number, consensus: Consensus): ClusterLog {
  const nobody: readonly NodeIndex[] = [];
  return {
    cluster,
    consensus,
    leader: undefined,
    members: nobody,
    epochMembers: nobody,
    wakesAt: undefined,
  };
}

export class ClusterLogs {
  readonly #make: (cluster: number) => ClusterLog;
  #logs: readonly ClusterLog[];
  /** Of clusters that this node has left: what it voted there still binds it. */
  #left: readonly ClusterLog[] = [];

  constructor(clusters: readonly number[], make: (cluster: number) => ClusterLog) {
    invariant(clusters.length > 0, "a node follows a log");
    this.#make = make;
    this.#logs = clusters.map(make);
  }

  /** Follows one more cluster; the log when it is new here. */
  follow(cluster: number): ClusterLog | undefined {
    if (this.#logs.some((log) => log.cluster === cluster)) return undefined;
    const log = this.#make(cluster);
    this.#logs = [...this.#logs, log];
    return log;
  }

  /** Goes over to another cluster; whether its log is new here, or one that was left before. */
  move(cluster: number): { readonly home: ClusterLog; readonly isNew: boolean } {
    const known = this.#left.find((log) => log.cluster === cluster);
    const home = known ?? this.#make(cluster);
    this.#left = [...this.#left.filter((log) => log !== known), this.home];
    this.#logs = [home];
    return { home, isNew: known === undefined };
  }

  /** The own cluster's; on a node that follows all of them the first. */
  get home(): ClusterLog {
    return this.#logs[0]!;
  }

  get all(): readonly ClusterLog[] {
    return this.#logs;
  }

  /** The log that a store's answer is for, that of a cluster left behind too. */
  ofCluster(cluster: number): ClusterLog | undefined {
    return [...this.#logs, ...this.#left].find((log) => log.cluster === cluster);
  }

  /** The log that a message of consensus is for, by the cluster in its bytes 1 and 2. */
  ofMessage(message: Uint8Array): ClusterLog | undefined {
    if (this.home.cluster === 0) return this.home;
    const cluster = ((message[1] ?? 0) << 8) | (message[2] ?? 0);
    return this.#logs.find((log) => log.cluster === cluster);
  }

  /** Everyone in any of these logs, ascending. */
  get members(): readonly NodeIndex[] {
    if (this.#logs.length === 1) return this.home.members;
    return [...new Set(this.#logs.flatMap(({ members }) => members))].sort((a, b) => a - b);
  }

  wakeAt(): MonotonicMs {
    let soonest = (this.home.wakesAt ??= this.home.consensus.wakeAt());
    for (const log of this.#logs) {
      const at = (log.wakesAt ??= log.consensus.wakeAt());
      if (at < soonest) soonest = at;
    }
    return soonest;
  }

  save(to: ByteWriter): void {
    for (const logs of [this.#logs, this.#left]) {
      to.u16(logs.length);
      for (const { cluster } of logs) to.u16(cluster);
    }
    for (const log of [...this.#logs, ...this.#left]) {
      log.consensus.save(to);
      to.u16(log.leader ?? NOBODY);
      for (const list of [log.members, log.epochMembers]) {
        to.u16(list.length);
        for (const member of list) to.u16(member);
      }
    }
  }

  load(from: ByteReader): void {
    const list = (): readonly NodeIndex[] =>
      Array.from({ length: from.u16() }, () => nodeIndex(from.u16()));
    const known = [...this.#logs, ...this.#left];
    const named = (): readonly ClusterLog[] =>
      Array.from({ length: from.u16() }, () => {
        const cluster = from.u16();
        return known.find((log) => log.cluster === cluster) ?? this.#make(cluster);
      });
    this.#logs = named();
    this.#left = named();
    for (const log of [...this.#logs, ...this.#left]) {
      log.consensus.load(from);
      const leader = from.u16();
      log.leader = leader === NOBODY ? undefined : nodeIndex(leader);
      log.members = list();
      log.epochMembers = list();
      log.wakesAt = undefined;
    }
  }
}

const prefixOf = (cluster: number): string => (cluster === 0 ? "" : `cluster-${String(cluster)}-`);

/** What the store holds of one log, under the names that consensus knows. */
export function storeOf(cluster: number, store: RecoveredStore): RecoveredStore {
  const prefix = prefixOf(cluster);
  if (prefix === "") return store;
  return store
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ name, records }) => ({ name: name.slice(prefix.length), records }));
}

/** A log's request as the store gets it. */
export function outward(
  cluster: number,
  ticket: number,
  request: StoreRequest,
): { readonly ticket: number; readonly request: StoreRequest } {
  if (cluster === 0) return { ticket, request };
  const name = `${prefixOf(cluster)}${request.name}`;
  return { ticket: cluster * TICKETS + ticket, request: { ...request, name } };
}

/** Whose an answered ticket is: cluster 0 also for the node's own. */
export const inward = (ticket: number): { readonly cluster: number; readonly ticket: number } => ({
  cluster: Math.floor(ticket / TICKETS),
  ticket: ticket % TICKETS,
});
