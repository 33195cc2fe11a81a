/**
 * Layer 2: who is near, and how to reach the rest.
 * Uses: base, hal (types).
 */
export { TrafficClass } from "./types.ts";
export type {
  AirTimeView,
  ClaimTrust,
  DropReason,
  NeighborState,
  NetworkCounters,
  NetworkIn,
  NetworkOut,
  PeerRow,
  PlanPoint,
  PresenceTable,
  SelfNotes,
} from "./types.ts";
