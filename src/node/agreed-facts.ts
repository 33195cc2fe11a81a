/** What the agreed state says, in the words of those who ask the node for it. */
import type { NodeIndex, SegmentId } from "../base/mod.ts";
import {
  NO_OWNER,
  decodeEntry,
  type Consensus,
  type ConsensusView,
  type SwarmState,
} from "../consensus/mod.ts";
import type { AgreedChange } from "../swarm/mod.ts";
import type { KeptOrder } from "./order-flow.ts";
import { orderBytesOf } from "./order-entry.ts";
import type { ClusterFacts } from "./steward.ts";
import { changeForSwarm, fromAgreedDetection } from "./translate.ts";

export function heldLeases(
  state: SwarmState,
): readonly { readonly owner: NodeIndex; readonly segment: SegmentId }[] {
  const held: { readonly owner: NodeIndex; readonly segment: SegmentId }[] = [];
  for (const [segment, { owner }] of state.segments.entries()) {
    if (owner !== NO_OWNER) held.push({ owner, segment });
  }
  return held;
}

export function lastEpoch(state: SwarmState): number | undefined {
  const last = state.epochs.entries().at(-1);
  return last === undefined ? undefined : Number(last[0]);
}

const membersThat = (state: SwarmState, standing: string): readonly NodeIndex[] =>
  state.members
    .entries()
    .filter(([, row]) => row.standing === standing)
    .map(([member]) => member);

export const evictedMembers = (state: SwarmState): readonly NodeIndex[] =>
  membersThat(state, "evicted");

/** The steward's facts that the log holds. */
export function agreedFacts(
  consensus: Consensus,
): Omit<
  ClusterFacts,
  "grounds" | "present" | "dead" | "absent" | "sessions" | "joinedSinceEpoch" | "isDivided"
> {
  const { configuration, role, state } = consensus;
  return {
    leading: role === "leader",
    joint: configuration.outgoing.length > 0,
    voters: configuration.voters,
    nonVoters: configuration.nonVoters,
    evicted: evictedMembers(state),
    lost: membersThat(state, "lost"),
    epoch: lastEpoch(state),
    evictedSinceEpoch: state.evictedSinceEpoch,
  };
}

/** The orders that the state keeps, and those behind what it keeps: phase, latches, evictions. */
export function keptOrders(state: SwarmState): readonly KeptOrder[] {
  const kept = state.orders.entries().map(([key, { order }]) => ({ key, bytes: order }));
  const behind = state.warrants.entries().flatMap(([, bytes]) => {
    const entry = decodeEntry(bytes);
    const order = entry.ok ? orderBytesOf(entry.value) : undefined;
    return entry.ok && order !== undefined ? [{ key: entry.value.orderId, bytes: order }] : [];
  });
  return [...kept, ...behind];
}

/** The whole state as changes from nothing, for a swarm layer that starts anew. */
export function changesOf(state: SwarmState): readonly AgreedChange[] {
  const changes: AgreedChange[] = [];
  for (const [segment, { owner, pass, lanes }] of state.segments.entries()) {
    const progress = { segment, pass, lanes };
    if (pass > 0 || lanes > 0) changes.push({ kind: "progress", progress, by: owner });
    if (owner !== NO_OWNER) changes.push({ kind: "claimed", segment, owner });
  }
  for (const [id, { detection, verdict }] of state.detections.entries()) {
    changes.push({ kind: "detection", detection: fromAgreedDetection(detection) });
    if (verdict !== "open") changes.push({ kind: "verdict", id, verdict });
  }
  for (const [id, { position, errorCm, weightMilli }] of state.clues.entries()) {
    const clue = { kind: "clue", id, position, errorCm, weightMilli } as const;
    const change = changeForSwarm(clue, NO_OWNER);
    if (change !== undefined) changes.push(change);
  }
  for (const [pad, owner] of state.pads.entries()) changes.push({ kind: "padClaimed", pad, owner });
  for (const [key, { value, by }] of state.values.entries()) {
    changes.push({ kind: "value", key, value, by });
  }
  return changes;
}

type DetectionEntries = ReturnType<SwarmState["detections"]["entries"]>;

/** Several clusters' logs as one, for who shows them all; each fact is gathered when asked for. */
export interface AgreedView {
  /** Started when any has been: an order to start reaches them one after another. */
  readonly phase: SwarmState["mission"]["phase"];
  /** By id. */
  readonly detections: DetectionEntries;
  readonly clusters: number;
  /** Clusters whose head is known here. */
  readonly headed: number;
  /** Entries committed, as far as this node knows. */
  readonly commits: number;
  detection(id: number): DetectionEntries[number][1] | undefined;
  isHead(node: NodeIndex): boolean;
  isEvicted(node: NodeIndex): boolean;
}

const PHASE_RANK = ["planned", "paused", "started", "ended"] as const;

export function agreedView(logs: readonly ConsensusView[]): AgreedView {
  return {
    get phase() {
      const ranks = logs.map(({ state }) => PHASE_RANK.indexOf(state.mission.phase));
      return PHASE_RANK[Math.max(...ranks)] ?? "planned";
    },
    get detections() {
      return logs.flatMap(({ state }) => state.detections.entries()).sort(([a], [b]) => a - b);
    },
    clusters: logs.length,
    get headed() {
      return logs.filter(({ leader }) => leader !== undefined).length;
    },
    get commits() {
      return logs.reduce((total, { commitIndex }) => total + commitIndex, 0);
    },
    detection: (id) => {
      for (const { state } of logs) {
        const row = state.detections.get(id);
        if (row !== undefined) return row;
      }
      return undefined;
    },
    isHead: (node) => logs.some(({ leader }) => leader === node),
    isEvicted: (node) => logs.some(({ state }) => state.isEvicted(node)),
  };
}
