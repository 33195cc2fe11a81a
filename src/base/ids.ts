/**
 * Identities. `NodeId` is the 64-bit id that the authority writes into a credential and that
 * survives key rotation; `NodeIndex` is the node's slot in the mission's directory, the small
 * integer that flat tables and headers use.
 */
import { invariant } from "./invariant.ts";

/** 64-bit credential id. */
export type NodeId = bigint & { readonly __id: "node" };
/** Slot in the mission's directory, [0, 61439]; what is above addresses clusters and everyone. */
export type NodeIndex = number & { readonly __id: "nodeIndex" };
/** 32-bit mission id. */
export type MissionId = number & { readonly __id: "mission" };
/** Index of a search segment in the agreed plan, [0, 65534]. */
export type SegmentId = number & { readonly __id: "segment" };

/** The reserved index that addresses every node in reach. */
export const BROADCAST: NodeIndex = 0xffff as NodeIndex;

/** Directories are smaller than this: the indices from here on address groups of nodes. */
export const NODES_MAX = 0xf000;
/** Clusters count from 1 to this. */
export const CLUSTERS_MAX = 0xffe;

/** The index that addresses all members of a cluster, and whoever follows every cluster. */
export function clusterAddress(cluster: number): NodeIndex {
  invariant(cluster >= 1 && cluster <= CLUSTERS_MAX, "a cluster has a number from 1 to 4,094");
  return (NODES_MAX + cluster) as NodeIndex;
}

/** Whether an index addresses many: a cluster or, as `BROADCAST`, all. */
export const addressesMany = (index: number): boolean => index >= NODES_MAX;

export function nodeId(value: bigint): NodeId {
  invariant(value >= 0n && value < 1n << 64n, "a node id is an unsigned 64-bit integer");
  return value as NodeId;
}

export function nodeIndex(value: number): NodeIndex {
  invariant(Number.isInteger(value) && value >= 0 && value <= 0xffff, "a node index is a u16");
  return value as NodeIndex;
}

export function missionId(value: number): MissionId {
  invariant(Number.isInteger(value) && value >= 0 && value <= 0xffffffff, "a mission id is a u32");
  return value as MissionId;
}

/** A plan has no more segments, and the log keeps a row for each that was touched. */
export const SEGMENTS_MAX = 8_192;

export function segmentId(value: number): SegmentId {
  invariant(Number.isInteger(value) && value >= 0 && value <= 0xffff, "a segment id is a u16");
  return value as SegmentId;
}
