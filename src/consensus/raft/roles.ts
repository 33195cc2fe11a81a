/** Changing role and term: the only places where they change. */
import { after, type NodeIndex } from "../../base/mod.ts";
import type { Role } from "../types.ts";
import { touchState } from "./store.ts";
import { configurationIndexOf, configurationOf, type Raft } from "./raft-state.ts";

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

export const isCandidate = (role: Role): boolean => role === "preCandidate" || role === "candidate";
