/**
 * Timing and sizes of a cluster, and the relations between them that safety of operation (never
 * safety of agreement, which depends on no timing) rests on.
 */
import { fail, ok, problem, type Result } from "../base/mod.ts";

export interface ConsensusTiming {
  /** An idle leader speaks this often; missing three to six of them is an election. */
  readonly leaderHeartbeatMs: number;
  readonly electionTimeoutMinMs: number;
  readonly electionTimeoutMaxMs: number;
  /** A member that has just started waits so many times longer: it must hear who is there. */
  readonly firstElectionFactor: number;
  /** Entries not yet acknowledged by a quorum are broadcast again after this. */
  readonly retransmitMs: number;
  /** Least distance of two broadcasts: what comes meanwhile shares one. */
  readonly broadcastGapMs: number;
  /** Acknowledgements of one broadcast are spread: each follower waits its slot. */
  readonly ackSlotMs: number;
  /** A follower with nothing new acknowledges one in so many heartbeats, in turn. */
  readonly idleAckEvery: number;
  /** Share of the followers that acknowledge new entries at once, (0.5, 1]. */
  readonly promptShare: number;
  /** A forwarded proposal is sent again after this, doubling up to eight times it. */
  readonly forwardRetryMs: number;
  /** A proposal not agreed on by then is given up (it may still be agreed on). */
  readonly proposalTimeoutMs: number;
  /** Distance of the clock entries for leases, while any lease is open. */
  readonly tickMs: number;
  /** A lease that is not renewed for so long (in log time) is free. The same on all members. */
  readonly leaseMs: number;
  /** Entries of one message together; a larger entry goes alone and is fragmented below. */
  readonly batchMaxBytes: number;
  readonly snapshotChunkBytes: number;
  /** A snapshot is taken after so many applied entries. */
  readonly snapshotEntries: number;
  /** Entries kept behind a snapshot for members that are only a little late. */
  readonly keepEntries: number;
}

export const DEFAULT_TIMING: ConsensusTiming = Object.freeze({
  leaderHeartbeatMs: 100,
  electionTimeoutMinMs: 300,
  electionTimeoutMaxMs: 600,
  firstElectionFactor: 1,
  retransmitMs: 20,
  broadcastGapMs: 3,
  ackSlotMs: 0.25,
  idleAckEvery: 3,
  promptShare: 1,
  forwardRetryMs: 25,
  proposalTimeoutMs: 10_000,
  tickMs: 2_000,
  leaseMs: 60_000,
  batchMaxBytes: 900,
  snapshotChunkBytes: 900,
  snapshotEntries: 512,
  keepEntries: 64,
});

type Rule = readonly [
  sentence: string,
  holds: (timing: ConsensusTiming, members: number) => boolean,
];

/** A cluster as the manager keeps it: who does not say how many are meant by this. */
const MEMBERS_USUAL = 50;

const RULES: readonly Rule[] = [
  [
    "every value is a finite number above zero",
    (t) => Object.values(t).every((value: number) => Number.isFinite(value) && value > 0),
  ],
  [
    "electionTimeoutMinMs is at least three leaderHeartbeatMs",
    (t) => t.electionTimeoutMinMs >= 3 * t.leaderHeartbeatMs,
  ],
  [
    "electionTimeoutMaxMs is at least 1.5 times electionTimeoutMinMs",
    (t) => t.electionTimeoutMaxMs >= 1.5 * t.electionTimeoutMinMs,
  ],
  [
    "a quorum's idle acknowledgements arrive within electionTimeoutMaxMs",
    (t) => (t.idleAckEvery + 1) * t.leaderHeartbeatMs <= t.electionTimeoutMaxMs,
  ],
  ["promptShare is in (0.5, 1]", (t) => t.promptShare > 0.5 && t.promptShare <= 1],
  ["retransmitMs is below leaderHeartbeatMs", (t) => t.retransmitMs < t.leaderHeartbeatMs],
  ["broadcastGapMs is below retransmitMs", (t) => t.broadcastGapMs < t.retransmitMs],
  [
    "one ackSlotMs for each member fits into retransmitMs",
    (t, members) => members * t.ackSlotMs < t.retransmitMs,
  ],
  ["leaseMs is at least four tickMs", (t) => t.leaseMs >= 4 * t.tickMs],
  ["batchMaxBytes is in [200, 16000]", (t) => t.batchMaxBytes >= 200 && t.batchMaxBytes <= 16_000],
  [
    "snapshotChunkBytes is in [100, 1000]",
    (t) => t.snapshotChunkBytes >= 100 && t.snapshotChunkBytes <= 1_000,
  ],
  ["keepEntries is at most snapshotEntries", (t) => t.keepEntries <= t.snapshotEntries],
];

/** The timing, or `CON022` with every relation that does not hold. */
export function parseTiming(
  given: Partial<ConsensusTiming>,
  members: number = MEMBERS_USUAL,
): Result<ConsensusTiming> {
  const timing = { ...DEFAULT_TIMING, ...given };
  const broken = RULES.filter(([, holds]) => !holds(timing, members)).map(([sentence]) => sentence);
  if (broken.length === 0) return ok(Object.freeze(timing));
  return fail(problem("CON022", { detail: broken.join("; "), remedy: "make these hold" }));
}
