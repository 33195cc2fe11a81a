/** The layers as the node holds them: machines, and the readonly views that it needs of each. */
import type { Machine, MonotonicMs, NodeIndex, SegmentId } from "../base/mod.ts";
import type { ConsensusIn, ConsensusOut } from "../consensus/mod.ts";
import type { FaultIn, FaultOut, PeerVerdict } from "../fault/mod.ts";
import type { NetworkIn, NetworkOut, PeerRow, PlanPoint, PresenceTable } from "../network/mod.ts";
import type { CheckedOrder, Order, SecurityIn, SecurityOut, Verified } from "../security/mod.ts";
import type { SwarmIn, SwarmOut } from "../swarm/mod.ts";

export interface NetworkView {
  presence(): PresenceTable;
  peer(index: NodeIndex): PeerRow | undefined;
  planOf(index: NodeIndex): readonly PlanPoint[];
}

export interface ConsensusView {
  readonly leader: NodeIndex | undefined;
  readonly leading: boolean;
  readonly quorum: boolean;
  readonly joint: boolean;
  readonly voters: readonly NodeIndex[];
  readonly nonVoters: readonly NodeIndex[];
  readonly evicted: readonly NodeIndex[];
  readonly lost: readonly NodeIndex[];
  readonly epoch: number | undefined;
  readonly evictedSinceEpoch: boolean;
  readonly started: boolean;
  readonly revision: number;
  readonly leases: readonly { readonly owner: NodeIndex; readonly segment: SegmentId }[];
}

export interface FaultView {
  readonly dead: readonly { readonly peer: NodeIndex; readonly since: MonotonicMs }[];
  verdict(peer: NodeIndex): PeerVerdict;
}

export interface SecurityView {
  readonly bootNonce: bigint;
  checkOrder(bytes: Uint8Array): Verified<CheckedOrder> | undefined;
  readOrder(bytes: Uint8Array): Order | undefined;
}

export interface SwarmView {
  /** Share of a full battery that the way home costs. */
  readonly homeRatio: number;
}

/** One node's layers; `create-node.ts` builds them, tests may replace any. */
export interface Layers {
  readonly network: Machine<NetworkIn, NetworkOut>;
  readonly networkView: NetworkView;
  readonly security: Machine<SecurityIn, SecurityOut>;
  readonly securityView: SecurityView;
  readonly consensus: Machine<ConsensusIn, ConsensusOut>;
  readonly consensusView: ConsensusView;
  readonly swarm: Machine<SwarmIn, SwarmOut>;
  readonly swarmView: SwarmView;
  readonly fault: Machine<FaultIn, FaultOut>;
  readonly faultView: FaultView;
}
