/**
 * Changing the members (Ongaro 2014, chapter 4). The leader has a goal: what it was told, or what
 * the roster in the agreed state asks for (those who joined are in, those expelled or gone are
 * out). It goes there one configuration entry at a time: newcomers first as nonVoters until they
 * have caught up (section 4.2.1), then a joint configuration of old and new voters, then the new
 * one alone (section 4.3); each only when the one before is committed (section 4.1 and its
 * correction: and an entry of the leader's own term as well).
 */
import { after, problem, type NodeIndex } from "../../base/mod.ts";
import {
  initialConfiguration,
  isJoint,
  isMember,
  isVoter,
  membersOf,
  sortedIndexes,
  type Configuration,
} from "../quorum.ts";
import { CONFIGURATION_MEMBERS_MAX } from "../state/bodies.ts";
import type { MembershipChange } from "../types.ts";
import { appendOwn, isActive } from "./leader.ts";
import { configurationIndexOf, configurationOf, peerOf, tell, type Raft } from "./raft-state.ts";
import { becomeFollower } from "./roles.ts";

/** A change that has not come to its end by then is given up. */
const GOAL_MS = 30_000;
/** Entries a newcomer may be behind and still be given a vote. */
const CAUGHT_UP_ENTRIES = 32;

export function beginChange(raft: Raft, change: MembershipChange): void {
  if (raft.role !== "leader") {
    tell(raft, problem("CON009"));
    return;
  }
  const count = new Set([...change.voters, ...change.nonVoters]).size;
  const overlap = change.voters.some((node) => change.nonVoters.includes(node));
  const possible = change.voters.length > 0 && count <= CONFIGURATION_MEMBERS_MAX && !overlap;
  if (!possible || raft.goal !== undefined) {
    tell(raft, problem("CON010"));
    return;
  }
  raft.goal = change;
  raft.goalUntilMs = after(raft.now, GOAL_MS);
}

/** At the end of each of the leader's steps: the next configuration, if it is time for one. */
export function continueChange(raft: Raft): void {
  const settled = configurationIndexOf(raft) <= raft.commit && raft.commit >= raft.firstOwnIndex;
  if (!settled || raft.transferTo !== undefined) return;
  const now = configurationOf(raft);
  if (isJoint(now)) {
    appendOwn(raft, { kind: "configuration", ...now, outgoing: [] });
    return;
  }
  if (!isVoter(now, raft.self)) {
    // A leader that has led itself out (section 4.2.2) hands over to those who remain.
    becomeFollower(raft, raft.term, undefined);
    return;
  }
  dropOldGoal(raft);
  const next = nextConfiguration(raft, now, raft.goal ?? rosterGoal(raft, now));
  if (next !== undefined) appendOwn(raft, { kind: "configuration", ...next });
  else raft.goal = goalReached(raft.goal, now) ? undefined : raft.goal;
}

function dropOldGoal(raft: Raft): void {
  if (raft.goal === undefined || raft.now < raft.goalUntilMs) return;
  raft.goal = undefined;
  tell(raft, problem("CON010", { detail: "a newcomer did not catch up in time" }));
}

const goalReached = (goal: MembershipChange | undefined, now: Configuration): boolean =>
  goal !== undefined &&
  same(sortedIndexes(goal.voters), now.voters) &&
  same(sortedIndexes(goal.nonVoters), now.nonVoters);

/** The next step from `now` to the goal, or `undefined` when there is none to take yet. */
export function nextConfiguration(
  raft: Raft,
  now: Configuration,
  goal: MembershipChange,
): Configuration | undefined {
  const newcomers = [...goal.voters, ...goal.nonVoters].filter((node) => !isMember(now, node));
  if (newcomers.length > 0) {
    return { ...now, nonVoters: sortedIndexes([...now.nonVoters, ...newcomers]) };
  }
  const ready = goal.voters.filter((node) => isVoter(now, node) || hasCaughtUp(raft, node));
  const waiting = goal.voters.filter((node) => !ready.includes(node));
  // What was asked for as a whole is done as a whole; the roster's newcomers come one by one.
  if (raft.goal !== undefined && waiting.length > 0) return undefined;
  // Nobody gives way to a newcomer that is not there yet, except those who are gone.
  const staying = now.voters.filter(
    (node) => waiting.length > 0 && !goal.voters.includes(node) && !isGone(raft, node),
  );
  const voters = sortedIndexes([...ready, ...staying]);
  const nonVoters = sortedIndexes([
    ...goal.nonVoters.filter((node) => !staying.includes(node)),
    ...waiting,
  ]);
  if (voters.length === 0) return undefined;
  if (!same(voters, now.voters)) return { outgoing: now.voters, voters, nonVoters };
  return same(nonVoters, now.nonVoters) ? undefined : { outgoing: [], voters, nonVoters };
}

function hasCaughtUp(raft: Raft, node: NodeIndex): boolean {
  const peer = peerOf(raft, node);
  if (peer === undefined || !isActive(raft, peer)) return false;
  return peer.match > 0 && peer.match + CAUGHT_UP_ENTRIES >= raft.commit;
}

/** Whom the roster wants in: vehicles vote, the ground when there are just two of them. */
function rosterGoal(raft: Raft, now: Configuration): MembershipChange {
  const roster = raft.machine.members;
  if (roster.size === 0) return now;
  const isPresent = (node: NodeIndex): boolean => roster.get(node)?.standing === "present";
  const isGround = (node: NodeIndex): boolean =>
    raft.grounds.includes(node) || roster.get(node)?.role === "ground";
  const present = roster.entries().filter(([, row]) => row.standing === "present");
  const members = membersOf(now);
  const newcomers = present.map(([node]) => node).filter((node) => !members.includes(node));
  // Those who are in stay in; who comes to a full configuration waits for a place.
  const wanted = sortedIndexes(
    [...members, ...newcomers]
      .filter((node) => !isGone(raft, node))
      .slice(0, CONFIGURATION_MEMBERS_MAX),
  );
  const flies = (node: NodeIndex): boolean =>
    !isGround(node) && (now.voters.includes(node) || isPresent(node));
  const goal = initialConfiguration({
    vehicles: wanted.filter(flies),
    ground: wanted.filter(isGround),
  });
  const listening = wanted.filter((node) => !isGround(node) && !flies(node));
  return { voters: goal.voters, nonVoters: sortedIndexes([...goal.nonVoters, ...listening]) };
}

function isGone(raft: Raft, node: NodeIndex): boolean {
  const standing = raft.machine.members.get(node)?.standing;
  return standing === "evicted" || standing === "left";
}

const same = (a: readonly NodeIndex[], b: readonly NodeIndex[]): boolean =>
  a.length === b.length && a.every((node, at) => node === b[at]);
