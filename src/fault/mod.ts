/**
 * Layer 7: what has gone wrong, and what is still possible.
 * Uses: base, hal (types), network (types). It does not need the layers between.
 */
export { Fault, type FaultConfig } from "./fault.ts";
export type {
  Evidence,
  FaultDirective,
  FaultEvent,
  FaultIn,
  FaultOut,
  HeldLease,
  LossKind,
  PeerHealth,
  PeerVerdict,
  Rung,
} from "./types.ts";
