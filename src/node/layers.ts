/** The layers as the node holds them: machines, and the readonly views that it needs of each. */
import type { Machine, NodeIndex } from "../base/mod.ts";
import type { Consensus, ConsensusIn, ConsensusOut, ConsensusView } from "../consensus/mod.ts";
import type { FaultIn, FaultOut, PeerHealth } from "../fault/mod.ts";
import type { Network, NetworkIn, NetworkOut } from "../network/mod.ts";
import type { CheckedOrder, Order, SecurityIn, SecurityOut, Verified } from "../security/mod.ts";
import type { SwarmIn, SwarmOut } from "../swarm/mod.ts";

export type NetworkFacts = Pick<
  Network,
  "airTime" | "counters" | "nextHopTo" | "peer" | "peers" | "presence"
>;

export type ConsensusFacts = Pick<Consensus, keyof ConsensusView | "hasQuorum" | "members">;

export interface FaultView {
  peers(): readonly PeerHealth[];
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
  readonly network: Machine<NetworkIn, NetworkOut> & NetworkFacts;
  readonly security: Machine<SecurityIn, SecurityOut>;
  readonly securityView: SecurityView;
  readonly consensus: Machine<ConsensusIn, ConsensusOut> & ConsensusFacts;
  readonly swarm: Machine<SwarmIn, SwarmOut>;
  readonly swarmView: SwarmView;
  readonly fault: Machine<FaultIn, FaultOut>;
  readonly faultView: FaultView;
}
