/**
 * The division as one node knows it: who is in which cluster, and which segments are whose.
 *
 * What the mission began with stands in two tables that the nodes of one process share; what has
 * changed since is kept apart by each. Nodes that belong to every cluster (the ground) are in none:
 * their cluster is 0.
 */
import type { NodeIndex } from "../../base/mod.ts";
import { ALL_CHANNELS } from "../../hal/mod.ts";
import type { Cluster, Division } from "./division.ts";

/** A division with its tables: made once, shared by all nodes of a process. */
export interface Founding {
  readonly division: Division;
  readonly byNode: Uint16Array;
  readonly bySegment: Uint16Array;
}

export function foundingTables(division: Division): Founding {
  const last = (values: readonly number[]): number => values.at(-1) ?? -1;
  const nodes = Math.max(-1, ...division.clusters.map(({ members }) => last(members))) + 1;
  const segments = Math.max(-1, ...division.clusters.map((one) => last(one.segments))) + 1;
  const byNode = new Uint16Array(nodes);
  const bySegment = new Uint16Array(segments);
  for (const { cluster, members, segments: share } of division.clusters) {
    for (const member of members) byNode[member] = cluster;
    for (const segment of share) bySegment[segment] = cluster;
  }
  return { division, byNode, bySegment };
}

export class Partition {
  readonly #founding: Founding;

  constructor(founding: Founding) {
    this.#founding = founding;
  }

  /** Ascending by number. */
  get clusters(): readonly Cluster[] {
    return this.#founding.division.clusters;
  }

  /** Whether there is more than one cluster: with one nothing needs to be told apart. */
  get isDivided(): boolean {
    return this.clusters.length > 1;
  }

  /** 0 for who is in no cluster. */
  clusterOf(node: NodeIndex): number {
    return this.#founding.byNode[node] ?? 0;
  }

  clusterOfSegment(segment: number): number {
    return this.#founding.bySegment[segment] ?? 0;
  }

  /** The channel of a node's cluster; of one that follows every cluster, all. */
  channelOf(node: NodeIndex): number {
    if (!this.isDivided) return 0;
    const cluster = this.clusterOf(node);
    if (cluster === 0) return ALL_CHANNELS;
    return this.clusters.find((one) => one.cluster === cluster)?.channel ?? 0;
  }

  members(cluster: number): readonly NodeIndex[] {
    return this.clusters.find((one) => one.cluster === cluster)?.members ?? [];
  }
}
