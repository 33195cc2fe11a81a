/** The layers as the node holds them, and the checks of orders that it lends to consensus. */
import type { Consensus } from "../consensus/mod.ts";
import type { ClusterLogs } from "./cluster-logs.ts";
import type { Fault } from "../fault/mod.ts";
import type { Network } from "../network/mod.ts";
import type { CheckedOrder, Order, Security, Verified } from "../security/mod.ts";
import type { Swarm } from "../swarm/mod.ts";

export interface OrderReader {
  /** The order behind these bytes when an operator of this mission signed it. */
  readonly check: (bytes: Uint8Array) => Verified<CheckedOrder> | undefined;
  /** The order as it stands there, unchecked; for showing only. */
  readonly read: (bytes: Uint8Array) => Order | undefined;
}

export interface Layers {
  readonly network: Network;
  readonly security: Security;
  /** The own cluster's log. */
  readonly consensus: Consensus;
  readonly logs: ClusterLogs;
  readonly swarm: Swarm;
  readonly fault: Fault;
  readonly orders: OrderReader;
}
