/**
 * Layer 4, what the swarm agrees on: one Raft log a cluster, and the state that it builds.
 * Uses: base, and the store's port of hal.
 */
export type {
  Authentication,
  ConsensusIn,
  ConsensusOut,
  EntryDraft,
  EntryVerifier,
  MembershipChange,
  ProposalState,
  Role,
} from "./types.ts";
export {
  EntryKind,
  decodeEntry,
  encodeEntry,
  needsAuthority,
  type EntrySignature,
  type LogEntry,
} from "./entry.ts";
export {
  CONFIGURATION_MEMBERS_MAX,
  decodeBody,
  encodeBody,
  kindOf,
  type AgreedDetection,
  type AgreedVerdict,
  type EntryBody,
  type FixedPosition,
  type LeaseAction,
  type MemberAction,
  type MemberRole,
  type MissionPhase,
  type OrderProgress,
  type SweepProgress,
} from "./state/bodies.ts";
export type { ApplyOutcome, StateChange } from "./state/changes.ts";
export { Consensus, type ConsensusOptions, type ConsensusView } from "./consensus.ts";
export { storedBoots } from "./raft/records.ts";
export { parseTiming, type ConsensusTiming } from "./config.ts";
export {
  initialConfiguration,
  isQuorum,
  majority,
  membersOf,
  type Configuration,
} from "./quorum.ts";
export { SwarmState, type MissionState } from "./state/swarm-state.ts";
export type { DetectionRow, LatchRow, MemberRow, OrderRow, SegmentRow } from "./state/rows.ts";
export { NO_OWNER } from "./state/rows.ts";
export { RaftChecker, type RaftViolation } from "./model/checker.ts";
export type { RaftInvariant } from "./model/raft-model.ts";
