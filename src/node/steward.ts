/**
 * Duties of the head beside replicating the log: opening key epochs, taking in members that have
 * come, letting go of members that are dead. Every duty is a proposal to the log; a head can be
 * late with it and can do nothing alone.
 *
 * | duty | when |
 * | --- | --- |
 * | open an epoch | the log has none, or somebody was evicted or taken in since the last |
 * | take in | a verified beacon of an admitted node that is in no configuration |
 * | declare lost | the detector has called a member dead, or out of everyone's range (see below) |
 * | let go | a member has been dead for `LET_GO_AFTER_MS`; it may come back by `take in` |
 *
 * What a lost member holds becomes free: a segment that two search is harmless, one that nobody
 * has is not.
 */
import {
  NEVER,
  after,
  type ByteReader,
  type ByteWriter,
  type MonotonicMs,
  type NodeIndex,
} from "../base/mod.ts";
import { CONFIGURATION_MEMBERS_MAX, initialConfiguration } from "../consensus/mod.ts";

const LET_GO_AFTER_MS = 30_000;
/** So many are taken in by one change: they must all have caught up before it goes on. */
const TOGETHER_MAX = 8;
/** A duty that has not shown in the log after this is proposed again. */
const RETRY_MS = 3_000;
/** Per member: how long the head waits for sessions before it hands out a key without all. */
const SESSION_WAIT_MS = 400;

export interface ClusterFacts {
  readonly leading: boolean;
  /** Whether there are other clusters: the beacon key is theirs too, and none rolls it alone. */
  readonly isDivided: boolean;
  readonly joint: boolean;
  readonly voters: readonly NodeIndex[];
  readonly nonVoters: readonly NodeIndex[];
  /** Ground stations of the mission: they vote beside exactly two vehicles, else they listen. */
  readonly grounds: readonly NodeIndex[];
  readonly evicted: readonly NodeIndex[];
  /** Members that the log holds for lost. */
  readonly lost: readonly NodeIndex[];
  /** The last epoch in the log, or undefined. */
  readonly epoch: number | undefined;
  /** Evictions in the log after that epoch. */
  readonly evictedSinceEpoch: boolean;
  /** Members of the cluster that were none when that epoch was agreed on: they cannot read it. */
  readonly joinedSinceEpoch: boolean;
  /** Admitted nodes whose signed beacons are being heard. */
  readonly present: readonly NodeIndex[];
  /** Peers with which this node has a session. */
  readonly sessions: number;
  /** Peers that the detector calls dead, with the time of its verdict. */
  readonly dead: readonly { readonly peer: NodeIndex; readonly since: MonotonicMs }[];
  /** Peers that nobody hears, though their link was to end: out of range, or dead unseen. */
  readonly absent: readonly { readonly peer: NodeIndex }[];
}

export type Duty =
  | {
      readonly kind: "openEpoch";
      readonly epoch: number;
      readonly members: readonly NodeIndex[];
      readonly rollBeacon: boolean;
    }
  | {
      readonly kind: "membership";
      readonly voters: readonly NodeIndex[];
      readonly nonVoters: readonly NodeIndex[];
    }
  | { readonly kind: "declare"; readonly peer: NodeIndex; readonly action: "lost" | "back" };

export class Steward {
  #leadsSince: MonotonicMs = NEVER;
  #epochRetryAt: MonotonicMs = 0 as MonotonicMs;
  #memberRetryAt: MonotonicMs = 0 as MonotonicMs;
  #declareRetryAt: MonotonicMs = 0 as MonotonicMs;

  /** What the head should do now; nothing on a node that does not lead, and so has no facts. */
  tend(now: MonotonicMs, facts: ClusterFacts | undefined): readonly Duty[] {
    if (facts?.leading !== true) {
      this.#leadsSince = NEVER;
      return [];
    }
    const duties: Duty[] = [];
    if (this.#leadsSince === NEVER) this.#leadsSince = now;
    const isReady = facts.evictedSinceEpoch || this.#canHandOut(now, facts);
    const epoch = isReady && now >= this.#epochRetryAt ? epochDuty(facts) : undefined;
    if (epoch !== undefined) {
      duties.push(epoch);
      this.#epochRetryAt = after(now, RETRY_MS);
    }
    const membership = now >= this.#memberRetryAt ? membershipDuty(now, facts) : undefined;
    if (membership !== undefined) {
      duties.push(membership);
      this.#memberRetryAt = after(now, RETRY_MS);
    }
    const declared = now >= this.#declareRetryAt ? declareDuties(facts) : [];
    if (declared.length > 0) {
      duties.push(...declared);
      this.#declareRetryAt = after(now, RETRY_MS);
    }
    return duties;
  }

  /**
   * Keys travel over sessions: an epoch that opens before most members have theirs leaves them
   * unable to read what it seals. Who has none after a fair time asks for the key later.
   */
  #canHandOut(now: MonotonicMs, facts: ClusterFacts): boolean {
    const members = facts.voters.length + facts.nonVoters.length;
    return facts.sessions >= members - 1 || now - this.#leadsSince >= SESSION_WAIT_MS * members;
  }

  wakeAt(): MonotonicMs {
    return NEVER;
  }

  save(to: ByteWriter): void {
    to.f64(this.#leadsSince)
      .f64(this.#epochRetryAt)
      .f64(this.#memberRetryAt)
      .f64(this.#declareRetryAt);
  }

  load(from: ByteReader): void {
    this.#leadsSince = from.f64() as MonotonicMs;
    this.#epochRetryAt = from.f64() as MonotonicMs;
    this.#memberRetryAt = from.f64() as MonotonicMs;
    this.#declareRetryAt = from.f64() as MonotonicMs;
  }
}

function epochDuty(facts: ClusterFacts): Duty | undefined {
  const { epoch, evictedSinceEpoch, joinedSinceEpoch, joint, isDivided } = facts;
  const settled = epoch !== undefined && !evictedSinceEpoch && !joinedSinceEpoch;
  if (settled || joint) return undefined;
  const members = [...facts.voters, ...facts.nonVoters]
    .filter((member) => !facts.evicted.includes(member))
    .sort((a, b) => a - b);
  return {
    kind: "openEpoch",
    epoch: (epoch ?? 0) + 1,
    members,
    rollBeacon: evictedSinceEpoch && !isDivided,
  };
}

/** One change at a time: expel, then take in, then let go. */
function membershipDuty(now: MonotonicMs, facts: ClusterFacts): Duty | undefined {
  const { voters, nonVoters, evicted, present, dead, joint } = facts;
  if (joint) return undefined;
  const known = [...voters, ...nonVoters];
  const expelled = known.find((member) => evicted.includes(member));
  const gone = voters.find((member) => isLongDead(now, member, dead));
  const leaver = expelled ?? gone;
  if (expelled !== undefined || (leaver !== undefined && voters.length > 1)) {
    return membershipOf(facts, (member) => member !== leaver);
  }
  const room = CONFIGURATION_MEMBERS_MAX - known.length;
  // Clusters that go over to another arrive together; elsewhere vehicles come one by one.
  const atOnce = Math.min(room, facts.isDivided ? TOGETHER_MAX : 1);
  const newcomers = present
    .filter((peer) => !known.includes(peer) && !evicted.includes(peer))
    .slice(0, atOnce);
  return newcomers.length === 0 ? undefined : membershipOf(facts, () => true, newcomers);
}

/** Who votes and who listens, by role and not by when one came: Raft's own rule for its roster. */
function membershipOf(
  { voters, nonVoters, grounds }: ClusterFacts,
  stays: (member: NodeIndex) => boolean,
  newcomers: readonly NodeIndex[] = [],
): Duty {
  const isGround = (member: NodeIndex): boolean => grounds.includes(member);
  const staying = voters.filter(stays);
  const listening = nonVoters.filter(stays);
  const voting = [...staying, ...newcomers];
  const goal = initialConfiguration({
    vehicles: voting.filter((member) => !isGround(member)),
    ground: [...voting, ...listening].filter(isGround),
  });
  const learners = listening.filter((member) => !isGround(member));
  const silent = [...goal.nonVoters, ...learners].sort((a, b) => a - b);
  // A cluster of ground stations alone has nobody else to vote.
  if (goal.voters.length === 0) return { kind: "membership", voters: voting, nonVoters: listening };
  return { kind: "membership", voters: goal.voters, nonVoters: silent };
}

const isLongDead = (now: MonotonicMs, member: NodeIndex, dead: ClusterFacts["dead"]): boolean =>
  dead.some(({ peer, since }) => peer === member && now - since >= LET_GO_AFTER_MS);

function declareDuties(facts: ClusterFacts): readonly Duty[] {
  const members = [...facts.voters, ...facts.nonVoters];
  const gone = [...facts.dead, ...facts.absent];
  const lost = gone
    .map(({ peer }) => peer)
    .filter((peer) => members.includes(peer) && !facts.lost.includes(peer));
  const back = facts.lost.filter(
    (peer) => facts.present.includes(peer) && !gone.some((one) => one.peer === peer),
  );
  return [
    ...lost.map((peer) => ({ kind: "declare" as const, peer, action: "lost" as const })),
    ...back.map((peer) => ({ kind: "declare" as const, peer, action: "back" as const })),
  ];
}
