/**
 * Everything one member of a cluster knows, in one plain object that `Consensus` owns. The files
 * beside this one are functions over it, one duty each; `now` and `emit` are those of the step.
 */
import {
  invariant,
  type SeededStream,
  Timers,
  type Emit,
  type MonotonicMs,
  type NodeIndex,
  type Problem,
} from "../../base/mod.ts";
import type { ConsensusTiming } from "../config.ts";
import type { LogEntry } from "../entry.ts";
import { membersOf, type Configuration } from "../quorum.ts";
import { SwarmState } from "../state/swarm-state.ts";
import type { ConsensusOut, EntryVerifier, MembershipChange, Role } from "../types.ts";
import { RaftLog } from "./log.ts";
import { encodeMessage, type RaftMessage } from "./messages.ts";
import type { StoredSnapshot } from "./records.ts";
import type { RaftRules } from "./rules.ts";

export const TIMER_NAMES = [
  "election",
  "heartbeat",
  "broadcast",
  "retransmit",
  "ack",
  "quorum",
  "forward",
  "tick",
  "rejoin",
] as const;
export type TimerName = (typeof TIMER_NAMES)[number];

/** What a leader knows of a follower. */
export interface Peer {
  readonly node: NodeIndex;
  /** Known to be durable there and equal to this log. */
  match: number;
  /**
   * `stream`: served by broadcasts. `catchUp`: lacks what was broadcast, served alone from `next`
   * on, one message an acknowledgement. `snapshot`: lacks what is no longer in the log.
   */
  mode: "stream" | "catchUp" | "snapshot";
  next: number;
  heardMs: MonotonicMs;
  /** When something was last sent to this one only. */
  servedMs: MonotonicMs;
  snapshotIndex: number;
  snapshotOffset: number;
}

export interface PendingAsk {
  readonly ticket: number;
  readonly what: "state" | "append" | "truncate" | "log" | "snapshot";
  /** state: version; append, log: last index in it; snapshot: its index. */
  upTo: number;
}

export interface Proposal {
  readonly sequence: number;
  readonly entry: LogEntry;
  readonly bytes: Uint8Array;
  readonly atMs: MonotonicMs;
}

export interface PlacedConfiguration {
  /** Index of its entry; the base of the log for the one in the snapshot or the first one. */
  readonly index: number;
  readonly configuration: Configuration;
}

export interface Raft {
  readonly self: NodeIndex;
  readonly cluster: number;
  readonly timing: ConsensusTiming;
  readonly rules: RaftRules;
  readonly verify: EntryVerifier;
  readonly grounds: readonly NodeIndex[];
  readonly random: SeededStream;
  readonly timers: Timers<TimerName>;
  readonly log: RaftLog;
  readonly machine: SwarmState;
  now: MonotonicMs;
  emit: Emit<ConsensusOut>;

  role: Role;
  term: number;
  votedFor: NodeIndex | undefined;
  boot: number;
  leader: NodeIndex | undefined;
  commit: number;
  applied: number;
  /** A committed entry lacked authority here: nothing is applied any more. */
  halted: boolean;
  /** Ascending by index, never empty; the last one is in force (Raft, section 6). */
  configurations: PlacedConfiguration[];
  snapshot: StoredSnapshot | undefined;

  // the store
  ticket: number;
  asks: PendingAsk[];
  stateVersion: number;
  stateAsked: number;
  stateDurable: number;
  /** The version that holds this boot's count: before it is durable nothing is proposed. */
  bootVersion: number;
  durableIndex: number;
  askedIndex: number;
  /** Base of the log as it lies in the store. */
  storedBase: number;
  /** The stored log waits to be replaced: nothing is appended to it meanwhile. */
  logBlocked: boolean;
  /** The store failed or lost the vote: no vote, no acknowledgement, no candidacy. */
  broken: boolean;

  // elections
  votes: Map<NodeIndex, boolean>;
  selfVoteVersion: number;
  transferElection: boolean;
  held: { readonly version: number; readonly to: NodeIndex; readonly bytes: Uint8Array }[];
  heardLeaderMs: MonotonicMs;
  /** By how many terms others' words have raised this member's. */
  termsTaken: number;
  /** Zero, or the nonce under which this node asks to vote again after losing records. */
  rejoinNonce: number;
  rejoinTerm: number;
  rejoinIndex: number;

  // leader
  leadsSinceMs: MonotonicMs;
  peers: Peer[];
  round: number;
  sentIndex: number;
  firstOwnIndex: number;
  broadcastMs: MonotonicMs;
  /** Repetitions since the commit index last moved. */
  retransmits: number;
  broadcastWanted: boolean;
  /** An order was committed and no broadcast has said so yet. */
  orderCommitted: boolean;
  goal: MembershipChange | undefined;
  goalUntilMs: MonotonicMs;
  transferTo: NodeIndex | undefined;
  transferUntilMs: MonotonicMs;
  logTimeSeenMs: MonotonicMs;

  // follower
  /** In this term the leader sent something unauthorised: it is not listened to. */
  distrustedTerm: number;
  matched: number;
  ackedMatch: number;
  ackedMs: MonotonicMs;
  ackWanted: boolean;
  refusal: { readonly hintIndex: number; readonly hintTerm: number } | undefined;
  incoming: IncomingSnapshot | undefined;
  snapshotReplyWanted: boolean;

  // proposals of this node
  proposals: Proposal[];
  sequenceCount: number;
  forwardBackoff: number;

  told: { role: Role; term: number; leader: NodeIndex | undefined; configurationIndex: number };
}

export interface IncomingSnapshot {
  readonly lastIndex: number;
  readonly lastTerm: number;
  readonly bytes: Uint8Array;
  received: number;
}

export interface RaftOptions {
  readonly self: NodeIndex;
  /** Which cluster's log this is; other clusters' messages are ignored. */
  readonly cluster: number;
  readonly timing: ConsensusTiming;
  readonly rules: RaftRules;
  readonly verify: EntryVerifier;
  readonly random: SeededStream;
  readonly initial: Configuration;
  readonly grounds: readonly NodeIndex[];
}

const LONG_AGO = -Infinity as MonotonicMs;

export function createRaft(options: RaftOptions): Raft {
  return {
    ...knowledge(options),
    ...storeFields(),
    ...electionFields(),
    ...leaderFields(),
    ...followerFields(),
    proposals: [],
    sequenceCount: 0,
    forwardBackoff: 1,
    told: { role: "starting", term: 0, leader: undefined, configurationIndex: -1 },
  };
}

function knowledge(options: RaftOptions) {
  const { self, cluster, timing, rules, verify, random, grounds, initial } = options;
  return {
    ...{ self, cluster, timing, rules, verify, random, grounds },
    timers: new Timers<TimerName>(TIMER_NAMES),
    log: new RaftLog(),
    machine: new SwarmState(timing.leaseMs),
    now: 0 as MonotonicMs,
    emit: (): void => invariant(false, "outputs are emitted within a step"),
    role: "starting" as Role,
    term: 0,
    votedFor: undefined,
    boot: 0,
    leader: undefined,
    commit: 0,
    applied: 0,
    halted: false,
    configurations: [{ index: 0, configuration: initial }],
    snapshot: undefined,
  };
}

const storeFields = () => ({
  ticket: 0,
  asks: [],
  stateVersion: 0,
  stateAsked: 0,
  stateDurable: 0,
  bootVersion: 0,
  durableIndex: 0,
  askedIndex: 0,
  storedBase: 0,
  logBlocked: false,
  broken: false,
});

const electionFields = () => ({
  votes: new Map<NodeIndex, boolean>(),
  selfVoteVersion: 0,
  transferElection: false,
  held: [],
  heardLeaderMs: LONG_AGO,
  termsTaken: 0,
  rejoinNonce: 0,
  rejoinTerm: 0,
  rejoinIndex: 0,
});

const leaderFields = () => ({
  leadsSinceMs: LONG_AGO,
  peers: [],
  round: 0,
  sentIndex: 0,
  firstOwnIndex: 0,
  broadcastMs: LONG_AGO,
  retransmits: 0,
  broadcastWanted: false,
  orderCommitted: false,
  goal: undefined,
  goalUntilMs: LONG_AGO,
  transferTo: undefined,
  transferUntilMs: LONG_AGO,
  logTimeSeenMs: 0 as MonotonicMs,
});

const followerFields = () => ({
  distrustedTerm: 0,
  matched: 0,
  ackedMatch: 0,
  ackedMs: LONG_AGO,
  ackWanted: false,
  refusal: undefined,
  incoming: undefined,
  snapshotReplyWanted: false,
});

/** The configuration in force: the last one in the log, committed or not. */
export function configurationOf(raft: Raft): Configuration {
  const last = raft.configurations.at(-1);
  invariant(last !== undefined, "there is always a configuration");
  return last.configuration;
}

export const configurationIndexOf = (raft: Raft): number => raft.configurations.at(-1)?.index ?? 0;

/** This node's place among the members: its slot for acknowledgements. */
export function rankOf(raft: Raft): number {
  return Math.max(0, membersOf(configurationOf(raft)).indexOf(raft.self));
}

export const peerOf = (raft: Raft, node: NodeIndex): Peer | undefined =>
  raft.peers.find((peer) => peer.node === node);

/** To one node or, signed, to all. */
export function send(raft: Raft, to: NodeIndex, message: RaftMessage, sign = false): void {
  const repeated = message.kind === "appendReply" && message.accepted;
  raft.emit({ kind: "send", to, bytes: encodeMessage(raft.cluster, message), sign, repeated });
}

export function tell(raft: Raft, problem: Problem, peer?: NodeIndex): void {
  raft.emit(peer === undefined ? { kind: "problem", problem } : { kind: "problem", problem, peer });
}

/** Whether the store is in order and this boot may vote and stand. */
export const mayTakePart = (raft: Raft): boolean => !raft.broken && raft.rejoinNonce === 0;
