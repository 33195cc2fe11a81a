/**
 * Raft's timing as nodes use it: for a mesh of a few hops instead of consensus's own defaults,
 * which are those of one quiet link. Every timing that leaves here holds the relations of
 * `parseTiming`.
 */
import { invariant } from "../base/mod.ts";
import { parseTiming, type ConsensusTiming } from "../consensus/mod.ts";

/**
 * A mesh of a few hops: every broadcast is flooded, so an idle leader speaks four times a second
 * and not ten, and a broadcast is given the time of three hops before it is repeated.
 *
 * All vehicles answer an order at once, each with entries of its own. Broadcasts closer than this,
 * acknowledgements in one slot and forwards that are repeated before their answer can be back fill
 * a cell of seven for half a second and lose a quarter of its frames (`bench/orders.bench.ts`: with
 * 3, 0.25, 25 and 60 ms a start took 391 ms at p99, with these 159 ms; a lone commit waits 9 ms
 * longer).
 */
const FEW: Partial<ConsensusTiming> = Object.freeze({
  leaderHeartbeatMs: 250,
  electionTimeoutMinMs: 800,
  electionTimeoutMaxMs: 1600,
  retransmitMs: 100,
  broadcastGapMs: 30,
  ackSlotMs: 3,
  forwardRetryMs: 250,
});

/** Beyond this many members every one more adds its share of air to an election and to a round. */
const MEMBERS_FEW = 12;

/** Answers of all members follow a broadcast, one frame and its acknowledgement after another. */
function many(members: number): Partial<ConsensusTiming> {
  return {
    leaderHeartbeatMs: 500,
    electionTimeoutMinMs: 1600,
    // Below 16 members the spread that ends a split vote asks for more than their air does.
    electionTimeoutMaxMs: Math.max(1.5 * 1600, 1600 + 50 * members),
    firstElectionFactor: 2.5,
    retransmitMs: 5 * members,
    ackSlotMs: 2,
    promptShare: 0.7,
    broadcastGapMs: 2 * members,
    forwardRetryMs: 4 * members,
  };
}

/** The timing of a cluster that so many vehicles found (at most 64); `wished` goes before it. */
export function clusterTiming(
  founders: number,
  wished: Partial<ConsensusTiming> = {},
): ConsensusTiming {
  const shipped = founders <= MEMBERS_FEW ? FEW : many(founders);
  const timing = parseTiming({ ...shipped, ...wished }, founders);
  invariant(timing.ok, "the timing of a cluster holds its relations");
  return timing.value;
}
