/**
 * The decisions on which Raft's safety hangs, one function each, so that each can be read beside
 * its section of the paper and so that a test can break exactly one and see the checkers find it.
 * Nobody outside tests passes other rules than `RULES`.
 */
import type { NodeIndex, Problem } from "../../base/mod.ts";
import { needsAuthority, type LogEntry } from "../entry.ts";
import { isQuorum, type Configuration } from "../quorum.ts";
import type { EntryVerifier } from "../types.ts";
import type { LogView } from "./log.ts";

export interface RaftRules {
  /** One vote a term (Raft, section 5.2; S1 VoteOnce). */
  mayVote(votedFor: NodeIndex | undefined, candidate: NodeIndex): boolean;
  /** The candidate's log is at least as up to date as the voter's (section 5.4.1). */
  upToDate(candidate: { lastIndex: number; lastTerm: number }, own: LogView): boolean;
  /** The consistency check of AppendEntries (section 5.3). */
  continues(log: LogView, prevIndex: number, prevTerm: number): boolean;
  /** A leader counts replicas only for entries of its own term (section 5.4.2). */
  mayCommit(entryTerm: number, currentTerm: number): boolean;
  /** Elections and commitment; both majorities while joint (Ongaro 2014, section 4.3). */
  decides(configuration: Configuration, has: (node: NodeIndex) => boolean): boolean;
  /** What a follower may acknowledge, and a leader count of its own: only what is durable. */
  acknowledgeable(matched: number, durable: number): number;
  /** Whether a vote may leave the node: term and vote are durable (section 5.2, figure 2). */
  voteMayLeave(asked: number, durable: number): boolean;
  /** Why an entry may not be acknowledged or applied; only kinds with authority are asked about. */
  unauthorised(verify: EntryVerifier, entry: LogEntry): Problem | undefined;
}

export const RULES: RaftRules = Object.freeze({
  mayVote: (votedFor, candidate) => votedFor === undefined || votedFor === candidate,
  upToDate: (candidate, own) =>
    candidate.lastTerm > own.lastTerm ||
    (candidate.lastTerm === own.lastTerm && candidate.lastIndex >= own.lastIndex),
  continues: (log, prevIndex, prevTerm) =>
    prevIndex < log.baseIndex || log.termAt(prevIndex) === prevTerm,
  mayCommit: (entryTerm, currentTerm) => entryTerm === currentTerm,
  decides: isQuorum,
  acknowledgeable: Math.min,
  voteMayLeave: (asked, durable) => durable >= asked,
  unauthorised: (verify, entry) => (needsAuthority(entry.kind) ? verify(entry) : undefined),
} satisfies RaftRules);
