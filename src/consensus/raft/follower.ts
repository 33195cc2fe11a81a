/**
 * The follower's side of replication (Raft, section 5.3). An entry whose authority cannot be
 * verified is not taken, nor anything behind it, and the message does not count as a sign of life:
 * followers do not listen to a leader that forges for the rest of its term, and elect another. The
 * same holds for one that contradicts what is committed: no message makes a member break a promise.
 *
 * Acknowledgements wait for the store, and for a slot of their own, so that fifty of them do not
 * meet on the air. With nothing new, followers take turns.
 */
import { after, problem, type NodeIndex } from "../../base/mod.ts";
import { EntryKind, type LogEntry } from "../entry.ts";
import { decodeBody } from "../state/bodies.ts";
import { appendEntry } from "./log-writing.ts";
import type { CarriedEntry, RaftMessage } from "./messages.ts";
import { succeeds } from "../quorum.ts";
import { rankOf, send, tell, type Raft } from "./raft-state.ts";
import { admitsTerm, becomeFollower, followsLivingLeader, restartElectionTimer } from "./roles.ts";
import { truncateStored } from "./store.ts";

type Message<Kind extends RaftMessage["kind"]> = Extract<RaftMessage, { kind: Kind }>;

/**
 * Whether `from` leads the message's term here. A stale leader is told the newer term, so that
 * it steps down (also one that only this node has left behind). One of a later term is followed
 * when the present leader is heard no more (a departure from the paper, where the term alone
 * decides): otherwise one message of any member would be enough to take the cluster over.
 */
export function acceptLeader(raft: Raft, from: NodeIndex, term: number): boolean {
  if (term < raft.term) {
    const { matched: match, log } = raft;
    const [hintIndex, hintTerm] = [log.lastIndex, log.lastTerm];
    const reply = { term: raft.term, accepted: false, match, hintIndex, hintTerm };
    send(raft, from, { kind: "appendReply", ...reply });
    return false;
  }
  if (term === raft.term && (raft.role === "leader" || term === raft.distrustedTerm)) return false;
  if (term > raft.term) {
    if (raft.leader !== from && followsLivingLeader(raft)) return false;
    if (!admitsTerm(raft, from, term)) return false;
  }
  if (term > raft.term || raft.role !== "follower" || raft.leader !== from) {
    becomeFollower(raft, term, from);
  }
  return true;
}

export function leaderLives(raft: Raft): void {
  raft.heardLeaderMs = raft.now;
  restartElectionTimer(raft);
}

export function onAppend(raft: Raft, from: NodeIndex, message: Message<"append">): void {
  if (!acceptLeader(raft, from, message.term)) return;
  const { prevIndex, prevTerm } = message;
  if (!raft.rules.continues(raft.log, prevIndex, prevTerm)) {
    leaderLives(raft);
    const hintIndex = raft.log.conflict(Math.max(prevIndex - 1, 0), prevTerm);
    raft.refusal = { hintIndex, hintTerm: raft.log.termAt(hintIndex) ?? 0 };
    acknowledgeInSlot(raft, message.round);
    return;
  }
  const taken = takeEntries(raft, from, message);
  if (taken === message.entries.length) leaderLives(raft);
  const matched = prevIndex + taken;
  const repeated = message.entries.length > 0 && matched === raft.matched;
  const news = matched > raft.matched && isPrompt(raft, message.round);
  raft.matched = Math.max(raft.matched, matched);
  raft.commit = Math.max(raft.commit, Math.min(message.commit, raft.matched));
  raft.refusal = undefined;
  const turn = (message.round + rankOf(raft)) % raft.timing.idleAckEvery === 0;
  const silent = raft.now - raft.ackedMs >= idleAckMs(raft);
  if (news || repeated || (turn && silent)) acknowledgeInSlot(raft, message.round);
}

/**
 * Of a large cluster a share answers new entries at once, another one each round: enough to commit.
 * The others' next answer says it, too; what no quorum has answered comes again, and all answer.
 */
export function answersNow(
  round: number,
  follower: { readonly rank: number; readonly members: number; readonly share: number },
): boolean {
  const { rank, members } = follower;
  const many = Math.ceil(follower.share * members);
  return (rank + round * many) % members < many;
}

const isPrompt = (raft: Raft, round: number): boolean =>
  answersNow(round, {
    rank: rankOf(raft),
    members: memberCount(raft),
    share: raft.timing.promptShare,
  });

/** A leader must hear a quorum within the longest election timeout: three tries, one to spare. */
const idleAckMs = ({ timing }: Raft): number =>
  Math.max(timing.leaderHeartbeatMs, timing.electionTimeoutMaxMs / 4);

/** Takes the entries that are new, as far as they are authorised; returns how many hold here. */
function takeEntries(raft: Raft, from: NodeIndex, message: Message<"append">): number {
  let index = message.prevIndex;
  for (const [taken, carried] of message.entries.entries()) {
    index += 1;
    if (index <= raft.log.baseIndex || raft.log.termAt(index) === carried.term) continue;
    // A leader never changes what it has sent in its term, nor anyone what is committed.
    const settled = Math.max(raft.commit, raft.matched);
    const contradicts = index <= settled || carried.term < termBefore(raft, index);
    const isOwn = carried.term === message.term;
    const trouble = contradicts
      ? problem("CON024")
      : (unacceptable(raft, index, carried) ??
        misattributed(carried.entry, isOwn ? from : undefined));
    if (trouble !== undefined) {
      tell(raft, trouble, from);
      raft.distrustedTerm = raft.term;
      return taken;
    }
    if (index <= raft.log.lastIndex) truncateStored(raft, index - 1);
    appendEntry(raft, carried);
  }
  return message.entries.length;
}

/** Never `undefined` here: the entry before is in the log, or is the base. */
const termBefore = (raft: Raft, index: number): number => raft.log.termAt(index - 1) ?? 0;

function unacceptable(
  raft: Raft,
  index: number,
  carried: CarriedEntry,
): ReturnType<typeof problem> | undefined {
  const { entry } = carried;
  const unauthorised = raft.rules.unauthorised(raft.verify, entry);
  if (unauthorised !== undefined) return problem("CON005", { detail: unauthorised.text });
  if (entry.kind !== EntryKind.configuration) return undefined;
  const body = decodeBody(entry.kind, entry.body);
  const usable = body.ok && body.value.kind === "configuration" && body.value.voters.length > 0;
  if (!usable) return problem("CON002");
  const before = raft.configurations.filter((placed) => placed.index < index).at(-1);
  const follows = before === undefined || succeeds(before.configuration, body.value);
  return follows ? undefined : problem("CON022");
}

/**
 * What a leader makes itself it signs with its own name (`leader`: who leads the entry's term,
 * where that is known here), and nobody's proposals go without a number.
 */
function misattributed(
  entry: LogEntry,
  leader: NodeIndex | undefined,
): ReturnType<typeof problem> | undefined {
  const made = LEADERS_OWN.includes(entry.kind);
  if (made !== (entry.sequence === 0)) return problem("CON002");
  return made && leader !== undefined && entry.proposer !== leader ? problem("CON017") : undefined;
}

const LEADERS_OWN: readonly EntryKind[] = [EntryKind.noop, EntryKind.configuration, EntryKind.tick];

function acknowledgeInSlot(raft: Raft, round: number): void {
  raft.ackWanted = true;
  if (raft.timers.at("ack") !== Infinity) return;
  // The order turns with the round, so that no follower is always last.
  const slot = (rankOf(raft) + round) % Math.max(1, memberCount(raft));
  raft.timers.set("ack", after(raft.now, slot * raft.timing.ackSlotMs));
}

const memberCount = (raft: Raft): number => {
  const last = raft.configurations.at(-1)?.configuration;
  return last === undefined ? 1 : last.voters.length + last.nonVoters.length;
};

/** After the slot has come: at once when all is durable, else what is, and the rest later. */
export function acknowledgeWhenReady(raft: Raft): void {
  if (raft.leader === undefined || raft.role !== "follower" || raft.broken) return;
  const match = raft.rules.acknowledgeable(raft.matched, raft.durableIndex);
  const slotCame = raft.ackWanted && raft.timers.at("ack") === Infinity;
  if (!slotCame || !raft.rules.voteMayLeave(raft.stateVersion, raft.stateDurable)) return;
  if (match < raft.matched && match <= raft.ackedMatch && raft.refusal === undefined) return;
  const { term, refusal } = raft;
  const hint = refusal ?? { hintIndex: 0, hintTerm: 0 };
  const accepted = refusal === undefined;
  send(raft, raft.leader, { kind: "appendReply", term, accepted, match, ...hint });
  raft.refusal = undefined;
  raft.ackedMatch = match;
  raft.ackedMs = raft.now;
  raft.ackWanted = match < raft.matched;
}
