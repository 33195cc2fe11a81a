/**
 * Elections: pre-vote, then vote (Ongaro 2014, sections 3.4, 9.6), with voters that protect a
 * leader they have just heard (section 4.2.3), and hand-over on the leader's wish (section 3.10).
 */
import { BROADCAST, type NodeIndex } from "../../base/mod.ts";
import { isVoter, membersOf } from "../quorum.ts";
import { becomeLeader } from "./leader.ts";
import type { RaftMessage } from "./messages.ts";
import { configurationOf, mayTakePart, send, type Raft } from "./raft-state.ts";
import {
  admitsTerm,
  adoptTerm,
  becomeFollower,
  followsLivingLeader,
  isCandidate,
  restartElectionTimer,
  TERM_LAST,
} from "./roles.ts";
import { sendWhenDurable, touchState } from "./store.ts";

type Message<Kind extends RaftMessage["kind"]> = Extract<RaftMessage, { kind: Kind }>;

/** The election timer ran out: nobody has led for a while. */
export function onElectionTimeout(raft: Raft): void {
  restartElectionTimer(raft);
  if (raft.role === "leader" || raft.role === "starting") return;
  raft.leader = undefined;
  if (!mayStand(raft)) {
    raft.role = "follower";
    return;
  }
  raft.role = "preCandidate";
  raft.transferElection = false;
  raft.votes.clear();
  raft.votes.set(raft.self, true);
  if (wins(raft)) standForElection(raft, false);
  else requestVotes(raft, raft.term + 1, true);
}

/**
 * Also one whose newest configuration leaves it out stands while that is not committed: it may be
 * the only one left with an entry that the others need to go on (Ongaro 2014, section 4.2.2).
 */
function mayStand(raft: Raft): boolean {
  if (!mayTakePart(raft) || raft.halted || raft.term >= TERM_LAST) return false;
  const inForce = raft.configurations.filter((placed, at, all) => {
    const newest = at === all.length - 1;
    return newest || (all[at + 1]?.index ?? 0) > raft.commit;
  });
  return inForce.some((placed) => isVoter(placed.configuration, raft.self));
}

function standForElection(raft: Raft, transfer: boolean): void {
  adoptTerm(raft, raft.term + 1);
  raft.role = "candidate";
  raft.votedFor = raft.self;
  raft.transferElection = transfer;
  touchState(raft);
  raft.selfVoteVersion = raft.stateVersion;
  raft.votes.clear();
  restartElectionTimer(raft);
  requestVotes(raft, raft.term, false);
}

/** One signed broadcast; a real one waits until the candidate's own vote is durable. */
function requestVotes(raft: Raft, term: number, preVote: boolean): void {
  const { lastIndex, lastTerm } = raft.log;
  const transfer = raft.transferElection;
  const message = { kind: "voteRequest", term, preVote, transfer, lastIndex, lastTerm } as const;
  if (preVote) send(raft, BROADCAST, message, true);
  else sendWhenDurable(raft, BROADCAST, message);
}

/** Called when a vote came in or the own one became durable. */
export function countVotes(raft: Raft): void {
  if (!isCandidate(raft.role)) return;
  if (raft.role === "candidate" && !raft.votes.has(raft.self)) {
    const durable = raft.rules.voteMayLeave(raft.selfVoteVersion, raft.stateDurable);
    if (durable && mayTakePart(raft)) raft.votes.set(raft.self, true);
  }
  if (!wins(raft)) return;
  if (raft.role === "preCandidate") standForElection(raft, false);
  else becomeLeader(raft);
}

const wins = (raft: Raft): boolean =>
  raft.rules.decides(configurationOf(raft), (node) => raft.votes.get(node) === true);

export function onVoteRequest(raft: Raft, from: NodeIndex, request: Message<"voteRequest">): void {
  const handsOver = request.transfer && (raft.role !== "leader" || raft.transferTo === from);
  if (!handsOver && followsLivingLeader(raft)) return;
  if (request.preVote) {
    answerPreVote(raft, from, request);
    return;
  }
  if (request.term < raft.term) {
    refuseVote(raft, from, false);
    return;
  }
  if (request.term > raft.term) {
    if (!admitsTerm(raft, from, request.term)) return;
    becomeFollower(raft, request.term, undefined);
  }
  const free = raft.rules.mayVote(raft.votedFor, from) && raft.leader === undefined;
  if (!free || !raft.rules.upToDate(request, raft.log)) {
    refuseVote(raft, from, false);
    return;
  }
  if (!mayTakePart(raft)) return;
  if (raft.votedFor !== from) {
    raft.votedFor = from;
    touchState(raft);
  }
  restartElectionTimer(raft);
  sendWhenDurable(raft, from, {
    kind: "voteReply",
    term: raft.term,
    preVote: false,
    granted: true,
  });
}

const MEMBERS_FEW = 12;

function answerPreVote(raft: Raft, from: NodeIndex, request: Message<"voteRequest">): void {
  const worth = request.term > raft.term && raft.rules.upToDate(request, raft.log);
  if (!worth || !mayTakePart(raft)) {
    refuseVote(raft, from, true);
    return;
  }
  // One that may win is given the time to: many that stand together crowd the air.
  const isMany = membersOf(configurationOf(raft)).length > MEMBERS_FEW;
  if (isMany && raft.role === "follower") restartElectionTimer(raft);
  send(raft, from, { kind: "voteReply", term: request.term, preVote: true, granted: true });
}

function refuseVote(raft: Raft, to: NodeIndex, preVote: boolean): void {
  send(raft, to, { kind: "voteReply", term: raft.term, preVote, granted: false });
}

export function onVoteReply(raft: Raft, from: NodeIndex, reply: Message<"voteReply">): void {
  if (!reply.granted && reply.term > raft.term) {
    // Of use to who asked only: nobody else has to hear of terms from voters.
    if (isCandidate(raft.role) && admitsTerm(raft, from, reply.term)) {
      becomeFollower(raft, reply.term, undefined);
    }
    return;
  }
  const asked = raft.role === "preCandidate" ? raft.term + 1 : raft.term;
  const expected = reply.preVote === (raft.role === "preCandidate") && isCandidate(raft.role);
  if (!expected || (reply.granted && reply.term !== asked)) return;
  if (reply.term === asked) raft.votes.set(from, reply.granted);
  countVotes(raft);
}

/** The leader asks this follower to stand at once. */
export function onTimeoutNow(raft: Raft, from: NodeIndex, term: number): void {
  if (term !== raft.term || raft.leader !== from || raft.role !== "follower") return;
  if (mayStand(raft)) standForElection(raft, true);
}
