/**
 * Layer 6: what the swarm does. Uses: base, hal. Everything else (peers, agreed changes, orders)
 * comes as plain values.
 */
export type {
  ActingOrder,
  AgreedChange,
  ClipReason,
  Detection,
  Duty,
  FaultDirective,
  PeerState,
  PlanPoint,
  Proposal,
  ReliefView,
  SegmentProgress,
  SegmentView,
  SuccessBand,
  SwarmEvent,
  SwarmIn,
  SwarmOut,
  Trust,
  Verdict,
} from "./types.ts";
