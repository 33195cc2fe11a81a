/**
 * Layer 2: who is near, and how to reach the rest.
 * Uses: base, hal (types).
 */
export { Network, type NetworkSetup } from "./network.ts";
export { CLUSTER_CHANNELS, planChannels, type Centre } from "./channels.ts";
export { NETWORK_DEFAULTS, type NetworkConfig } from "./state.ts";
export { BeaconFlag, claimsOf, type BeaconClaims } from "./beacon.ts";
export { DATAGRAM_BYTES_MAX, HOP_SEAL_BYTES, PACKET_BYTES_MAX } from "./packet.ts";
export { TrafficClass } from "./types.ts";
export type {
  AirTimeView,
  ClaimTrust,
  DropReason,
  MeshChannel,
  NeighborState,
  NetworkCounters,
  NetworkIn,
  NetworkOut,
  PeerRow,
  PlanPoint,
  PresenceTable,
  SelfNotes,
} from "./types.ts";
