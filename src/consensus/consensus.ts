/**
 * One member of a cluster's log: Raft (Ongaro and Ousterhout, "In search of an understandable
 * consensus algorithm", 2014; Ongaro's thesis of the same year) with pre-vote, check-quorum,
 * snapshots, joint membership changes, and the agreed state on top.
 *
 * Departures, each for the radio or for authority:
 * - AppendEntries is broadcast, once for all followers; answers come in slots.
 * - Any member proposes; proposals are numbered, repeated and applied once.
 * - Entries that command carry signatures, verified before they are acknowledged and applied.
 * - A store that lost acknowledged records costs the vote until a leader has been caught up with.
 *
 * A step is: the input, then due timers, then one fixed sequence that draws all consequences.
 * Bounds: 64 members, 1 MiB of snapshot, 16 undecided proposals a node.
 */
import {
  after,
  problem,
  type ByteReader,
  type ByteWriter,
  type Emit,
  type Machine,
  type MonotonicMs,
  type NodeIndex,
  type SeededStream,
} from "../base/mod.ts";
import type { ConsensusTiming } from "./config.ts";
import { membersOf, type Configuration } from "./quorum.ts";
import { applyCommitted } from "./raft/applying.ts";
import {
  countVotes,
  onElectionTimeout,
  onTimeoutNow,
  onVoteReply,
  onVoteRequest,
} from "./raft/election.ts";
import { acceptLeader, acknowledgeWhenReady, leaderLives, onAppend } from "./raft/follower.ts";
import {
  advanceCommit,
  beginTransfer,
  broadcastWhenWanted,
  continueTransfer,
  onAppendReply,
  onHeartbeatTimer,
  onLaterTerm,
  onQuorumTimer,
  onRetransmitTimer,
  onSnapshotReply,
  onTickTimer,
} from "./raft/leader.ts";
import type { LogView } from "./raft/log.ts";
import { beginChange, continueChange } from "./raft/membership.ts";
import { decodeMessage, type RaftMessage } from "./raft/messages.ts";
import {
  forwardNow,
  nextSequence,
  onForward,
  onForwardTimer,
  onRefusal,
  propose,
  settleSeen,
} from "./raft/proposals.ts";
import {
  configurationOf,
  createRaft,
  send,
  tell,
  TIMER_NAMES,
  type Raft,
  type TimerName,
} from "./raft/raft-state.ts";
import { becomeFollower, tellChanges } from "./raft/roles.ts";
import { RULES, type RaftRules } from "./raft/rules.ts";
import { loadRaft, saveRaft } from "./raft/saving.ts";
import { onSnapshotChunk, replyWhenInstalled, snapshotWhenDue } from "./raft/snapshot-sending.ts";
import { flushStore, handleAnswer, recover, releaseHeld, touchState } from "./raft/store.ts";
import type { SwarmState } from "./state/swarm-state.ts";
import type { ConsensusIn, ConsensusOut, EntryVerifier, Role } from "./types.ts";

export interface ConsensusOptions {
  readonly self: NodeIndex;
  /** Which cluster's log this is; messages of others are ignored. */
  readonly cluster: number;
  readonly timing: ConsensusTiming;
  /** The members that the mission package names (`initialConfiguration`); the same everywhere. */
  readonly initial: Configuration;
  /** Ground stations of the directory: they vote only beside two vehicles. */
  readonly grounds: readonly NodeIndex[];
  readonly verify: EntryVerifier;
  /** A stream of this machine alone: it draws election timeouts. */
  readonly random: SeededStream;
  /** For tests that break one; everything else leaves it out. */
  readonly rules?: RaftRules;
}

/** What a checker, a page or the fault layer may see; a live view, nothing is copied. */
export interface ConsensusView {
  readonly self: NodeIndex;
  /** Steps taken and states loaded so far: while it stands still, nothing else here has changed. */
  readonly version: number;
  readonly role: Role;
  readonly term: number;
  readonly votedFor: NodeIndex | undefined;
  /** Whether term and vote as they are now survive a power loss. */
  readonly voteIsDurable: boolean;
  readonly leader: NodeIndex | undefined;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  /** Entries up to here survive a power loss. */
  readonly durableIndex: number;
  readonly boot: number;
  readonly log: LogView;
  readonly configuration: Configuration;
  readonly configurationIndex: number;
  readonly state: SwarmState;
}

export class Consensus implements Machine<ConsensusIn, ConsensusOut>, ConsensusView {
  readonly #raft: Raft;
  #version = 0;

  constructor(options: ConsensusOptions) {
    this.#raft = createRaft({ ...options, rules: options.rules ?? RULES });
  }

  get self(): NodeIndex {
    return this.#raft.self;
  }

  get role(): Role {
    return this.#raft.role;
  }

  get term(): number {
    return this.#raft.term;
  }

  get votedFor(): NodeIndex | undefined {
    return this.#raft.votedFor;
  }

  get voteIsDurable(): boolean {
    return this.#raft.stateDurable >= this.#raft.stateVersion;
  }

  get leader(): NodeIndex | undefined {
    return this.#raft.leader;
  }

  get commitIndex(): number {
    return this.#raft.commit;
  }

  get appliedIndex(): number {
    return this.#raft.applied;
  }

  get durableIndex(): number {
    return this.#raft.durableIndex;
  }

  get boot(): number {
    return this.#raft.boot;
  }

  get log(): LogView {
    return this.#raft.log;
  }

  get configuration(): Configuration {
    return configurationOf(this.#raft);
  }

  get configurationIndex(): number {
    return this.#raft.configurations.at(-1)?.index ?? 0;
  }

  get members(): readonly NodeIndex[] {
    return membersOf(this.configuration);
  }

  /** The agreed state as this member has applied it. */
  get state(): SwarmState {
    return this.#raft.machine;
  }

  /** The sequence that the next proposal takes: sign over it, then propose at once. */
  get nextSequence(): number {
    return nextSequence(this.#raft);
  }

  /** Own proposals that are not decided yet. */
  get undecided(): number {
    return this.#raft.proposals.length;
  }

  /** Whether agreement can go on as seen from here: a leader was heard lately, or this leads. */
  hasQuorum(now: MonotonicMs): boolean {
    const { role, leader, heardLeaderMs, timing } = this.#raft;
    if (role === "leader") return true;
    return leader !== undefined && now - heardLeaderMs < timing.electionTimeoutMaxMs;
  }

  wakeAt(): MonotonicMs {
    return this.#raft.timers.next();
  }

  get version(): number {
    return this.#version;
  }

  step(now: MonotonicMs, input: ConsensusIn, emit: Emit<ConsensusOut>): void {
    const raft = this.#raft;
    this.#version += 1;
    raft.now = now;
    raft.emit = emit;
    takeInput(raft, input);
    if (raft.role === "starting") return;
    runTimers(raft);
    drawConsequences(raft);
  }

  save(to: ByteWriter): void {
    saveRaft(this.#raft, to);
  }

  load(from: ByteReader): void {
    this.#version += 1;
    loadRaft(this.#raft, from);
  }
}

function takeInput(raft: Raft, input: ConsensusIn): void {
  if (input.kind === "recovered") {
    if (raft.role !== "starting") return;
    recover(raft, input.store);
    becomeFollower(raft, raft.term, undefined);
    const waitMs = (raft.timers.at("election") - raft.now) * raft.timing.firstElectionFactor;
    raft.timers.set("election", after(raft.now, waitMs));
    if (raft.rejoinNonce !== 0) raft.timers.set("rejoin", raft.now);
    return;
  }
  switch (input.kind) {
    case "message":
      onMessage(raft, input.from, input.bytes);
      return;
    case "propose":
      propose(raft, input.draft);
      return;
    case "membership":
      beginChange(raft, input.change);
      return;
    case "transfer":
      if (raft.role === "leader") beginTransfer(raft, input.to);
      return;
    case "answer":
      handleAnswer(raft, input.answer);
      return;
    case "wake":
      return;
    default:
      input satisfies never;
  }
}

function onMessage(raft: Raft, from: NodeIndex, bytes: Uint8Array): void {
  if (raft.role === "starting" || from === raft.self) return;
  if (raft.machine.isEvicted(from)) {
    tell(raft, problem("CON023"), from);
    return;
  }
  const decoded = decodeMessage(raft.cluster, bytes);
  if (!decoded.ok) tell(raft, decoded.problem, from);
  else if (decoded.value === undefined) return;
  else onRaftMessage(raft, from, decoded.value);
}

function onRaftMessage(raft: Raft, from: NodeIndex, message: RaftMessage): void {
  switch (message.kind) {
    case "voteRequest":
      onVoteRequest(raft, from, message);
      return;
    case "voteReply":
      onVoteReply(raft, from, message);
      return;
    case "append":
      onAppend(raft, from, message);
      return;
    case "appendReply":
      if (message.term > raft.term) onLaterTerm(raft, from, message.term);
      else onAppendReply(raft, from, message);
      return;
    case "snapshot":
      if (!acceptLeader(raft, from, message.term)) return;
      leaderLives(raft);
      onSnapshotChunk(raft, from, message);
      settleSeen(raft);
      return;
    case "snapshotReply":
      onSnapshotReply(raft, from, message);
      return;
    case "forward":
      onForward(raft, from, message);
      return;
    case "refusal":
      onRefusal(raft, from, message);
      return;
    case "timeoutNow":
      onTimeoutNow(raft, from, message.term);
      return;
    case "rejoin":
      onRejoin(raft, from, message.nonce);
      return;
    case "rejoinReply":
      onRejoinReply(raft, message);
      return;
    default:
      message satisfies never;
  }
}

/** What each timer does, in the order in which those due together are run. */
const TIMER_WORK: Readonly<Record<TimerName, (raft: Raft) => void>> = {
  election: onElectionTimeout,
  heartbeat: onHeartbeatTimer,
  // Being due is all: the consequences are drawn at the end of the step.
  broadcast: () => undefined,
  retransmit: onRetransmitTimer,
  ack: () => undefined,
  quorum: onQuorumTimer,
  forward: onForwardTimer,
  tick: onTickTimer,
  rejoin: onRejoinTimer,
};

function runTimers(raft: Raft): void {
  for (const name of TIMER_NAMES) if (raft.timers.due(name, raft.now)) TIMER_WORK[name](raft);
}

/** In this order, because each can cause the next; what comes back to an earlier one waits. */
function drawConsequences(raft: Raft): void {
  countVotes(raft);
  if (raft.role === "leader") advanceCommit(raft);
  applyCommitted(raft);
  if (raft.role === "leader") {
    continueTransfer(raft);
    continueChange(raft);
  }
  finishRejoin(raft);
  snapshotWhenDue(raft);
  // A new leader is worth a try at once.
  if (raft.leader !== raft.told.leader && raft.leader !== undefined) forwardNow(raft);
  flushStore(raft);
  releaseHeld(raft);
  if (raft.role === "leader") broadcastWhenWanted(raft);
  else {
    acknowledgeWhenReady(raft);
    replyWhenInstalled(raft);
  }
  tellChanges(raft);
}

const REJOIN_RETRY_MS = 200;

/**
 * After losing acknowledged records: asks the leader, under a nonce of this boot, how long its log
 * is now. Whatever this node had acknowledged to that leader or an earlier one is in that log, so
 * once it is here again and durable, voting is safe (the argument stands in the protocol's page).
 */
function onRejoinTimer(raft: Raft): void {
  if (raft.rejoinNonce === 0) return;
  raft.timers.set("rejoin", after(raft.now, REJOIN_RETRY_MS));
  if (raft.leader === undefined || raft.rejoinTerm === raft.term) return;
  send(raft, raft.leader, { kind: "rejoin", term: raft.term, nonce: raft.rejoinNonce });
}

function onRejoin(raft: Raft, from: NodeIndex, nonce: number): void {
  if (raft.role !== "leader") return;
  const { term, log } = raft;
  send(raft, from, { kind: "rejoinReply", term, nonce, lastIndex: log.lastIndex });
}

function onRejoinReply(raft: Raft, reply: Extract<RaftMessage, { kind: "rejoinReply" }>): void {
  if (reply.term !== raft.term || reply.nonce !== raft.rejoinNonce) return;
  raft.rejoinTerm = reply.term;
  raft.rejoinIndex = reply.lastIndex;
}

function finishRejoin(raft: Raft): void {
  if (raft.rejoinNonce === 0 || raft.rejoinTerm !== raft.term) return;
  if (Math.min(raft.matched, raft.durableIndex) < raft.rejoinIndex) return;
  raft.rejoinNonce = 0;
  raft.timers.stop("rejoin");
  touchState(raft);
}
