/** Work for the layers of a node, and what a node keeps of each: its emit and its next wake. */
import type { Emit, MonotonicMs } from "../base/mod.ts";
import type { ConsensusIn, ConsensusOut } from "../consensus/mod.ts";
import type { FaultIn, FaultOut } from "../fault/mod.ts";
import type { NetworkIn, NetworkOut } from "../network/mod.ts";
import type { SecurityIn, SecurityOut } from "../security/mod.ts";
import type { SwarmIn, SwarmOut } from "../swarm/mod.ts";
import type { ClusterLog } from "./cluster-logs.ts";
import {
  routeConsensus,
  routeFault,
  routeNetwork,
  routeSecurity,
  routeSwarm,
  type Hands,
} from "./routes.ts";

export type Work =
  | { readonly to: "network"; readonly input: NetworkIn }
  | { readonly to: "security"; readonly input: SecurityIn }
  | { readonly to: "consensus"; readonly input: ConsensusIn; readonly log: ClusterLog }
  | { readonly to: "swarm"; readonly input: SwarmIn }
  | { readonly to: "fault"; readonly input: FaultIn };

/** When each layer wants its next wake; logs keep their own. */
export type LayerWakes = Record<Exclude<Work["to"], "consensus">, MonotonicMs | undefined>;

export const noWakes = (): LayerWakes => ({
  network: undefined,
  security: undefined,
  swarm: undefined,
  fault: undefined,
});

export interface LayerEmits {
  readonly network: Emit<NetworkOut>;
  readonly security: Emit<SecurityOut>;
  readonly consensus: Emit<ConsensusOut>;
  readonly swarm: Emit<SwarmOut>;
  readonly fault: Emit<FaultOut>;
}

/** One function a layer for a node's whole life: a delivery makes none. */
export const emitsTo = (hands: Hands): LayerEmits => ({
  network: (out) => {
    routeNetwork(out, hands);
  },
  security: (out) => {
    routeSecurity(out, hands);
  },
  consensus: (out) => {
    routeConsensus(out, hands);
  },
  swarm: (out) => {
    routeSwarm(out, hands);
  },
  fault: (out) => {
    routeFault(out, hands);
  },
});
