/**
 * The division as one node knows it: who is in which cluster, and which segments are whose.
 *
 * What the mission began with stands in two tables that the nodes of one process share; what has
 * changed since is kept apart by each. Nodes that belong to every cluster (the ground) are in none:
 * their cluster is 0. A node that a division moves stays where it is, to itself, until it has left
 * the old log (`settle`); to all others it is in its new cluster at once.
 *
 * Bound: one row a vehicle, a segment and a cluster that has changed.
 */
import {
  nodeIndex,
  segmentId,
  type ByteReader,
  type ByteWriter,
  type NodeIndex,
} from "../../base/mod.ts";
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
  readonly #self: NodeIndex | undefined;
  #revision = 0;
  #own: number;
  #changed = new Map<number, Cluster>();
  #nodes = new Map<NodeIndex, number>();
  #segments = new Map<number, number>();
  #clusters: readonly Cluster[];

  constructor(founding: Founding, self?: NodeIndex) {
    this.#founding = founding;
    this.#self = self;
    this.#clusters = founding.division.clusters;
    this.#own = self === undefined ? 0 : (founding.byNode[self] ?? 0);
  }

  get revision(): number {
    return this.#revision;
  }

  /** Those that have members, ascending by number. */
  get clusters(): readonly Cluster[] {
    return this.#clusters;
  }

  get division(): Division {
    return { revision: this.#revision, clusters: this.#clusters };
  }

  /** Whether the swarm began as more than one cluster: with one nothing needs to be told apart. */
  get isDivided(): boolean {
    return this.#founding.division.clusters.length > 1;
  }

  /** The cluster that this node is to be in; another than `clusterOf` says while it moves. */
  get assigned(): number {
    return this.#self === undefined ? 0 : this.#tableOf(this.#self);
  }

  /** The cluster that this node is in. */
  get own(): number {
    return this.#own;
  }

  /** 0 for who is in no cluster. */
  clusterOf(node: NodeIndex): number {
    return node === this.#self ? this.#own : this.#tableOf(node);
  }

  clusterOfSegment(segment: number): number {
    return this.#segments.get(segment) ?? this.#founding.bySegment[segment] ?? 0;
  }

  /** The channel of a node's cluster; of one that follows every cluster, all. */
  channelOf(node: NodeIndex): number {
    if (!this.isDivided) return 0;
    const cluster = this.clusterOf(node);
    return cluster === 0 ? ALL_CHANNELS : (this.#find(cluster)?.channel ?? 0);
  }

  members(cluster: number): readonly NodeIndex[] {
    return this.#find(cluster)?.members ?? [];
  }

  /** Who the first voters of a cluster's log were, as far as this node may count itself one. */
  founders(cluster: number): readonly NodeIndex[] {
    const first = this.#founding.division.clusters.find((one) => one.cluster === cluster);
    if (first !== undefined) return first.members;
    const now = this.#find(cluster);
    // Whoever comes later has no vote in it before its log says so.
    const isFounder = now?.since === this.#revision;
    return (now?.members ?? []).filter((member) => isFounder || member !== this.#self);
  }

  /** Takes a division that is newer; false when it is not, or cannot be. */
  apply(revision: number, clusters: readonly Cluster[]): boolean {
    if (!this.isDivided || revision <= this.#revision) return false;
    this.#revision = revision;
    for (const one of clusters) this.#changed.set(one.cluster, one);
    for (const { cluster, members, segments } of clusters) {
      for (const member of members) this.#nodes.set(member, cluster);
      for (const segment of segments) this.#segments.set(segment, cluster);
    }
    this.#merge();
    return true;
  }

  /** The own move is done. */
  settle(): void {
    this.#own = this.assigned;
  }

  save(to: ByteWriter): void {
    to.u32(this.#revision).u16(this.#own).u16(this.#changed.size);
    for (const { cluster, since, channel, members, segments } of this.#changed.values()) {
      to.u16(cluster).u32(since).u8(channel).u16(members.length);
      for (const member of members) to.u16(member);
      to.u16(segments.length);
      for (const segment of segments) to.u16(segment);
    }
    to.u16(this.#nodes.size);
    for (const [node, cluster] of this.#nodes) to.u16(node).u16(cluster);
    to.u16(this.#segments.size);
    for (const [segment, cluster] of this.#segments) to.u16(segment).u16(cluster);
  }

  load(from: ByteReader): void {
    const many = <T>(read: () => T): readonly T[] => Array.from({ length: from.u16() }, read);
    this.#revision = from.u32();
    this.#own = from.u16();
    const changed = many(() => ({
      cluster: from.u16(),
      since: from.u32(),
      channel: from.u8(),
      members: many(() => nodeIndex(from.u16())),
      segments: many(() => segmentId(from.u16())),
    }));
    this.#changed = new Map(changed.map((one) => [one.cluster, one]));
    this.#nodes = new Map(many(() => [nodeIndex(from.u16()), from.u16()] as const));
    this.#segments = new Map(many(() => [from.u16(), from.u16()] as const));
    this.#merge();
  }

  #tableOf(node: NodeIndex): number {
    return this.#nodes.get(node) ?? this.#founding.byNode[node] ?? 0;
  }

  #find(cluster: number): Cluster | undefined {
    return this.#clusters.find((one) => one.cluster === cluster);
  }

  #merge(): void {
    const all = new Map(this.#founding.division.clusters.map((one) => [one.cluster, one]));
    for (const [cluster, one] of this.#changed) all.set(cluster, one);
    this.#clusters = [...all.values()]
      .filter(({ members }) => members.length > 0)
      .sort((a, b) => a.cluster - b.cluster);
  }
}
