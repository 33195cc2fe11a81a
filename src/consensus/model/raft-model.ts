/**
 * The reference model: Raft's specification (Ongaro's `raft.tla`, with persistence and joint
 * configurations) as guarded actions over plain data. The checker translates each observed step of
 * the implementation into zero or more of these actions in a fixed order; an action whose guard
 * does not hold is a violation, named by the invariant that the guard protects.
 *
 * The model has no messages: whatever was received, a vote is right when the voter was free, a
 * leader when a quorum voted, an append when the leader of that term made that entry after that
 * predecessor, a commit when a quorum holds the entry durably. That is stronger than looking at
 * the outcome: a wrong step is found when it is taken, not when it has led to two histories.
 *
 * Actions change the model in place. Bounds: 16,384 indexes of history behind the newest commit.
 */
import type { NodeIndex } from "../../base/mod.ts";
import { sameDigest, type Digest } from "../digest.ts";
import { isQuorum, type Configuration } from "../quorum.ts";

/** The names of `design`: S1 and S6 in full, and what the model adds. */
export type RaftInvariant =
  | "VoteOnce"
  | "ElectionSafety"
  | "ElectionQuorum"
  | "LogMatching"
  | "LeaderAppendsOnly"
  | "LeaderCompleteness"
  | "StateMachineSafety"
  | "CommitQuorum"
  | "CommitOwnTerm"
  | "CommittedStays"
  | "Authority"
  | "Determinism";

export type ModelAction =
  | {
      readonly kind: "vote";
      readonly node: NodeIndex;
      readonly term: number;
      readonly candidate: NodeIndex;
    }
  | {
      readonly kind: "lead";
      readonly node: NodeIndex;
      readonly term: number;
      readonly configuration: Configuration;
      /** Term of the new leader's entry at an index; `undefined` where it has none. */
      readonly termAt: (index: number) => number | undefined;
    }
  | {
      readonly kind: "append";
      readonly node: NodeIndex;
      readonly index: number;
      readonly term: number;
      readonly digest: Digest;
      readonly prevTerm: number | undefined;
      /** The entry is of the node's present term. */
      readonly asLeader: boolean;
    }
  | { readonly kind: "truncate"; readonly node: NodeIndex; readonly index: number }
  | {
      readonly kind: "persist";
      readonly node: NodeIndex;
      readonly term: number;
      readonly index: number;
    }
  | {
      readonly kind: "commit";
      readonly node: NodeIndex;
      readonly index: number;
      readonly term: number;
      readonly digest: Digest;
    }
  | {
      readonly kind: "leaderCommit";
      readonly node: NodeIndex;
      readonly index: number;
      readonly entryTerm: number;
      readonly currentTerm: number;
      readonly configuration: Configuration;
    };

interface MadeEntry {
  readonly term: number;
  readonly digest: Digest;
  readonly prevTerm: number | undefined;
}

interface HeldEntry {
  readonly term: number;
  index: number;
}

export interface RaftModel {
  readonly votes: Map<number, Map<NodeIndex, NodeIndex>>;
  readonly leaders: Map<number, NodeIndex>;
  /** By index: the entries that leaders made there, at most one a term. */
  readonly made: Map<number, MadeEntry[]>;
  /** By index: what was committed. */
  readonly committed: Map<number, { readonly term: number; readonly digest: Digest }>;
  /** By the committing leader's term: the last index it committed. */
  readonly committedIn: Map<number, number>;
  /** By node: the last index it held durably in each of its latest terms. */
  readonly held: Map<NodeIndex, HeldEntry[]>;
  lastCommitted: number;
  forgottenBelow: number;
}

const HISTORY_INDEXES = 16_384;
const HELD_TERMS = 8;

export const createModel = (): RaftModel => ({
  votes: new Map(),
  leaders: new Map(),
  made: new Map(),
  committed: new Map(),
  committedIn: new Map(),
  held: new Map(),
  lastCommitted: 0,
  forgottenBelow: 0,
});

/** Takes the action if its guard holds, else names the invariant that it would break. */
export function next(model: RaftModel, action: ModelAction): RaftInvariant | undefined {
  switch (action.kind) {
    case "vote":
      return vote(model, action);
    case "lead":
      return lead(model, action);
    case "append":
      return append(model, action);
    case "truncate":
      return action.index < lastCommittedHeld(model, action.node) ? "CommittedStays" : undefined;
    case "persist":
      persist(model, action);
      return undefined;
    case "commit":
      return commit(model, action);
    case "leaderCommit":
      return leaderCommit(model, action);
    default:
      return action satisfies never;
  }
}

type Action<Kind extends ModelAction["kind"]> = Extract<ModelAction, { kind: Kind }>;

/** S1: one vote a term, whatever happened in between (also a power loss). */
function vote(model: RaftModel, action: Action<"vote">): RaftInvariant | undefined {
  const inTerm = model.votes.get(action.term) ?? new Map<NodeIndex, NodeIndex>();
  const before = inTerm.get(action.node);
  if (before !== undefined && before !== action.candidate) return "VoteOnce";
  inTerm.set(action.node, action.candidate);
  model.votes.set(action.term, inTerm);
  return undefined;
}

function lead(model: RaftModel, action: Action<"lead">): RaftInvariant | undefined {
  const before = model.leaders.get(action.term);
  if (before !== undefined && before !== action.node) return "ElectionSafety";
  if (before === action.node) return undefined;
  model.leaders.set(action.term, action.node);
  const inTerm = model.votes.get(action.term);
  const voted = (node: NodeIndex): boolean => inTerm?.get(node) === action.node;
  if (!isQuorum(action.configuration, voted)) return "ElectionQuorum";
  // Log matching makes the last committed entry stand for all before it.
  let last = 0;
  for (const [term, index] of model.committedIn) {
    if (term < action.term) last = Math.max(last, index);
  }
  const entry = model.committed.get(last);
  const there = action.termAt(last);
  if (entry !== undefined && there !== entry.term) return "LeaderCompleteness";
  return undefined;
}

/** (index, term) names one entry with one predecessor; by induction, one whole history. */
function append(model: RaftModel, action: Action<"append">): RaftInvariant | undefined {
  if (action.index <= model.forgottenBelow) return undefined;
  const there = model.made.get(action.index) ?? [];
  const made = there.find((entry) => entry.term === action.term);
  if (made === undefined) {
    if (!action.asLeader || model.leaders.get(action.term) !== action.node) {
      return "LeaderAppendsOnly";
    }
    const { term, digest, prevTerm } = action;
    model.made.set(action.index, [...there, { term, digest, prevTerm }]);
    return undefined;
  }
  const samePredecessor = made.prevTerm === undefined || made.prevTerm === action.prevTerm;
  return sameDigest(made.digest, action.digest) && samePredecessor ? undefined : "LogMatching";
}

function lastCommittedHeld(model: RaftModel, node: NodeIndex): number {
  // Only what a quorum was needed for is protected: a node's own durable share of it.
  let last = 0;
  for (const held of model.held.get(node) ?? []) {
    const committed = model.committedIn.get(held.term) ?? 0;
    last = Math.max(last, Math.min(held.index, committed));
  }
  return last;
}

function persist(model: RaftModel, action: Action<"persist">): void {
  const held = model.held.get(action.node) ?? [];
  const inTerm = held.find((each) => each.term === action.term);
  if (inTerm !== undefined) inTerm.index = Math.max(inTerm.index, action.index);
  else held.push({ term: action.term, index: action.index });
  if (held.length > HELD_TERMS) held.shift();
  model.held.set(action.node, held);
}

/** S6, state-machine safety: one entry an index, for everyone and for good. */
function commit(model: RaftModel, action: Action<"commit">): RaftInvariant | undefined {
  if (action.index <= model.forgottenBelow) return undefined;
  const before = model.committed.get(action.index);
  if (before !== undefined) {
    const same = before.term === action.term && sameDigest(before.digest, action.digest);
    return same ? undefined : "StateMachineSafety";
  }
  const { term, digest } = action;
  model.committed.set(action.index, { term, digest });
  model.lastCommitted = Math.max(model.lastCommitted, action.index);
  forget(model);
  return undefined;
}

function forget(model: RaftModel): void {
  while (model.forgottenBelow < model.lastCommitted - HISTORY_INDEXES) {
    model.forgottenBelow += 1;
    model.made.delete(model.forgottenBelow);
    model.committed.delete(model.forgottenBelow);
  }
}

/** Section 5.4.2, and durable majorities of every configuration in force. */
function leaderCommit(model: RaftModel, action: Action<"leaderCommit">): RaftInvariant | undefined {
  if (action.entryTerm !== action.currentTerm) return "CommitOwnTerm";
  const holds = (node: NodeIndex): boolean =>
    (model.held.get(node) ?? []).some(
      (held) => held.term === action.currentTerm && held.index >= action.index,
    );
  if (!isQuorum(action.configuration, holds)) return "CommitQuorum";
  const before = model.committedIn.get(action.currentTerm) ?? 0;
  model.committedIn.set(action.currentTerm, Math.max(before, action.index));
  return undefined;
}
