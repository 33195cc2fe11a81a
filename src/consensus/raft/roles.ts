/**
 * Changing role and term: the only places where they change.
 *
 * Terms are 32 bits and never fall, so whoever raises them without end uses them up. What others
 * say raises the term of a member by at most 65,536 and 16 for each second on its clock: more than
 * elections need (one takes a third of a second at the least), and at that rate the terms last for
 * eight years. Who is further behind than that catches up as its allowance grows.
 */
import { after, problem, type NodeIndex } from "../../base/mod.ts";
import type { Role } from "../types.ts";
import { touchState } from "./store.ts";
import { configurationIndexOf, configurationOf, tell, type Raft } from "./raft-state.ts";

/** The last term there is: nobody stands any more. The cluster needs a new mission package then. */
export const TERM_LAST = 0xffffffff;
const TERMS_AT_ONCE = 65_536;
const TERMS_A_SECOND = 16;
const MS_PER_S = 1000;

/** Whether a higher term that `from` speaks of may be taken over; what is taken over counts. */
export function admitsTerm(raft: Raft, from: NodeIndex, term: number): boolean {
  const allowed = TERMS_AT_ONCE + Math.floor(raft.now / MS_PER_S) * TERMS_A_SECOND;
  const taken = raft.termsTaken + Math.max(0, term - raft.term);
  if (taken > allowed) {
    tell(raft, problem("CON025"), from);
    return false;
  }
  raft.termsTaken = taken;
  return true;
}

/** Moves to a higher term, in which nobody has been voted for yet. */
export function adoptTerm(raft: Raft, term: number): void {
  if (term <= raft.term) return;
  raft.term = term;
  raft.votedFor = undefined;
  raft.leader = undefined;
  raft.held = [];
  raft.matched = 0;
  raft.ackedMatch = 0;
  raft.refusal = undefined;
  raft.ackWanted = false;
  raft.timers.stop("ack");
  touchState(raft);
}

export function becomeFollower(raft: Raft, term: number, leader: NodeIndex | undefined): void {
  adoptTerm(raft, term);
  if (raft.role === "leader") raft.peers = [];
  raft.role = "follower";
  raft.leader = leader;
  raft.transferTo = undefined;
  raft.goal = undefined;
  raft.votes.clear();
  for (const name of ["heartbeat", "broadcast", "retransmit", "quorum", "tick"] as const) {
    raft.timers.stop(name);
  }
  restartElectionTimer(raft);
}

/** Randomised, so that one of several usually stands first (Raft, section 5.2). */
export function restartElectionTimer(raft: Raft): void {
  const { electionTimeoutMinMs, electionTimeoutMaxMs } = raft.timing;
  const waitMs = raft.random.between(electionTimeoutMinMs, electionTimeoutMaxMs);
  raft.timers.set("election", after(raft.now, waitMs));
}

/** Tells the node what changed in this step: once, at its end. */
export function tellChanges(raft: Raft): void {
  const { told, role, term, leader } = raft;
  if (told.role !== role || told.term !== term || told.leader !== leader) {
    raft.emit({ kind: "role", role, term, leader });
  }
  const configurationIndex = configurationIndexOf(raft);
  if (told.configurationIndex !== configurationIndex) {
    const { outgoing, voters, nonVoters } = configurationOf(raft);
    const joint = outgoing.length > 0;
    raft.emit({ kind: "configuration", index: configurationIndex, voters, nonVoters, joint });
  }
  raft.told = { role, term, leader, configurationIndex };
}

/**
 * Who hears its leader does not help to disturb it (Ongaro 2014, section 4.2.3, which says so of
 * votes; here it holds for a leader of a later term as well). A leader is missed by its quorum.
 */
export function followsLivingLeader(raft: Raft): boolean {
  if (raft.role === "leader") return true;
  const protectedUntil = after(raft.heardLeaderMs, raft.timing.electionTimeoutMinMs);
  return raft.leader !== undefined && raft.now < protectedUntil;
}

export const isCandidate = (role: Role): boolean => role === "preCandidate" || role === "candidate";
