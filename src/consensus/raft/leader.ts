/**
 * The leader's side of replication (Raft, sections 5.3, 5.4.2), for a radio: one signed broadcast
 * serves every follower that keeps up, from `sentIndex` on. A follower with a gap says so and is
 * served alone until it has caught up, one message an acknowledgement; one that needs what is no
 * longer in the log gets the snapshot. Entries that no quorum has acknowledged in `retransmitMs`
 * are broadcast again from the least acknowledged follower on.
 */
import { after, BROADCAST, invariant, type NodeIndex } from "../../base/mod.ts";
import { encodeEntry, EntryKind, type LogEntry } from "../entry.ts";
import { membersOf } from "../quorum.ts";
import { encodeBody, type EntryBody } from "../state/bodies.ts";
import { appendEntry } from "./log-writing.ts";
import {
  APPEND_ENTRIES_MAX,
  CARRIED_OVERHEAD_BYTES,
  type CarriedEntry,
  type RaftMessage,
} from "./messages.ts";
import { configurationOf, peerOf, send, type Peer, type Raft } from "./raft-state.ts";
import { admitsTerm, becomeFollower } from "./roles.ts";
import { sendSnapshotChunk } from "./snapshot-sending.ts";

type Message<Kind extends RaftMessage["kind"]> = Extract<RaftMessage, { kind: Kind }>;

/** Broadcasts of one step; the rest goes with the next ones. */
const BROADCASTS_A_STEP = 4;

export function becomeLeader(raft: Raft): void {
  invariant(raft.role === "candidate", "only a candidate becomes leader");
  raft.role = "leader";
  raft.leader = raft.self;
  raft.leadsSinceMs = raft.now;
  raft.votes.clear();
  raft.peers = [];
  raft.sentIndex = raft.log.lastIndex;
  raft.logTimeSeenMs = raft.now;
  raft.timers.stop("election");
  raft.timers.set("heartbeat", raft.now);
  raft.timers.set("quorum", after(raft.now, raft.timing.electionTimeoutMaxMs));
  raft.timers.set("tick", after(raft.now, raft.timing.tickMs));
  updatePeers(raft);
  // Entries of earlier terms commit only under one of this term (Raft, section 8).
  appendOwn(raft, { kind: "noop" });
  raft.firstOwnIndex = raft.log.lastIndex;
}

/** Peers are the members other than this node; those that stay keep what is known of them. */
export function updatePeers(raft: Raft): void {
  const members = membersOf(configurationOf(raft)).filter((node) => node !== raft.self);
  if (members.length === raft.peers.length && members.every((n, i) => raft.peers[i]?.node === n)) {
    return;
  }
  raft.peers = members.map((node) => peerOf(raft, node) ?? newPeer(raft, node));
}

const newPeer = (raft: Raft, node: NodeIndex): Peer => ({
  node,
  match: 0,
  mode: "stream",
  next: raft.sentIndex + 1,
  heardMs: raft.now,
  servedMs: -Infinity as Raft["now"],
  snapshotIndex: 0,
  snapshotOffset: 0,
});

/** An entry of the leader itself; such entries carry no sequence and are never forwarded. */
export function appendOwn(raft: Raft, body: EntryBody): void {
  const kind = EntryKind[body.kind];
  const bytes = encodeBody(body);
  const entry = {
    kind,
    proposer: raft.self,
    sequence: 0,
    orderId: 0n,
    body: bytes,
    signatures: [],
  };
  appendAsLeader(raft, entry, encodeEntry(entry));
}

export function appendAsLeader(raft: Raft, entry: LogEntry, bytes: Uint8Array): void {
  appendEntry(raft, { term: raft.term, entry, bytes });
  if (entry.kind === EntryKind.configuration) updatePeers(raft);
  raft.broadcastWanted = true;
}

/** The largest index that a quorum holds durably becomes the commit index. */
export function advanceCommit(raft: Raft): void {
  const own = raft.rules.acknowledgeable(raft.log.lastIndex, raft.durableIndex);
  const matchOf = (node: NodeIndex): number =>
    node === raft.self ? own : (peerOf(raft, node)?.match ?? 0);
  const candidates = [own, ...raft.peers.map((peer) => peer.match)]
    .filter((index) => index > raft.commit)
    .sort((a, b) => b - a);
  const configuration = configurationOf(raft);
  for (const index of candidates) {
    if (!raft.rules.decides(configuration, (node) => matchOf(node) >= index)) continue;
    if (!raft.rules.mayCommit(raft.log.termAt(index) ?? 0, raft.term)) return;
    const before = raft.commit;
    raft.commit = index;
    raft.retransmits = 0;
    raft.broadcastWanted = true;
    noteOrders(raft, before);
    tellProposers(raft, before);
    return;
  }
}

function noteOrders(raft: Raft, before: number): void {
  for (let index = before + 1; index <= raft.commit; index += 1) {
    if ((raft.log.at(index)?.entry.orderId ?? 0n) !== 0n) raft.orderCommitted = true;
  }
}

const PROPOSERS_TOLD = 2;

/** Who proposed what was just committed waits for it: told alone, because links repeat that. */
function tellProposers(raft: Raft, before: number): void {
  const proposers: NodeIndex[] = [];
  for (let index = before + 1; index <= raft.commit; index += 1) {
    const entry = raft.log.at(index)?.entry;
    if (entry === undefined || entry.sequence === 0) continue;
    if (!proposers.includes(entry.proposer)) proposers.push(entry.proposer);
  }
  // Of many, all are told by the next broadcast: that is one frame.
  if (proposers.length > PROPOSERS_TOLD) return;
  for (const proposer of proposers) tellProgress(raft, proposer);
}

/**
 * The commit index and what this one follower has not acknowledged yet, unless that is large: it
 * has probably arrived, and if not, a gap is the answer.
 */
export function tellProgress(raft: Raft, node: NodeIndex): void {
  const peer = peerOf(raft, node);
  if (peer?.mode !== "stream" || peer.match < raft.log.baseIndex) return;
  const missing = raft.log.at(peer.match + 1)?.bytes.length ?? 0;
  const sent = Math.max(raft.sentIndex, raft.log.baseIndex);
  const first = missing > raft.timing.batchMaxBytes ? sent + 1 : peer.match + 1;
  sendEntries(raft, node, first);
}

export function onHeartbeatTimer(raft: Raft): void {
  broadcastAppend(raft);
  // A follower with a gap answers the broadcast and is served then; one that waits for a chunk of
  // a snapshot may have nothing to answer with.
  for (const peer of raft.peers) if (peer.mode === "snapshot") serveAlone(raft, peer);
}

/** Wanted broadcasts leave at once, but never closer than `broadcastGapMs`. */
export function broadcastWhenWanted(raft: Raft): void {
  if (!raft.broadcastWanted || raft.peers.length === 0) return;
  const due = after(raft.broadcastMs, raft.timing.broadcastGapMs);
  if (raft.now < due) raft.timers.set("broadcast", due);
  else broadcastAppend(raft);
}

function broadcastAppend(raft: Raft): void {
  if (raft.peers.length === 0) return;
  raft.timers.set("heartbeat", after(raft.now, nextHeartbeatMs(raft)));
  raft.timers.stop("broadcast");
  raft.broadcastWanted = false;
  raft.broadcastMs = raft.now;
  raft.sentIndex = Math.max(raft.sentIndex, raft.log.baseIndex);
  for (let i = 0; i < BROADCASTS_A_STEP; i += 1) {
    raft.round = (raft.round + 1) & 0xffff;
    raft.sentIndex += sendEntries(raft, BROADCAST, raft.sentIndex + 1);
    if (raft.sentIndex >= raft.log.lastIndex) break;
  }
  if (raft.sentIndex < raft.log.lastIndex) {
    raft.broadcastWanted = true;
    raft.timers.set("broadcast", after(raft.now, raft.timing.broadcastGapMs));
  }
  const open = raft.log.lastIndex > raft.commit;
  if (open) raft.timers.set("retransmit", after(raft.now, retransmitAfterMs(raft)));
  else raft.timers.stop("retransmit");
}

/**
 * Vehicles wait for the commit of an order with nothing left to acknowledge, so that nobody misses
 * a broadcast that told of it: the next one comes early, once.
 */
function nextHeartbeatMs(raft: Raft): number {
  const early = raft.orderCommitted;
  raft.orderCommitted = false;
  return early ? raft.timing.retransmitMs : raft.timing.leaderHeartbeatMs;
}

/** Doubles from one repetition to the next, so that a full channel is not filled with echoes. */
export function retransmitAfterMs(raft: Raft): number {
  const { retransmitMs, leaderHeartbeatMs } = raft.timing;
  return Math.min(leaderHeartbeatMs, retransmitMs * (1 << Math.min(raft.retransmits, 4)));
}

/** Sends what fits from `first` on and returns how many entries that was. */
function sendEntries(raft: Raft, to: NodeIndex, first: number): number {
  const prevTerm = raft.log.termAt(first - 1);
  invariant(prevTerm !== undefined, "entries are sent from what the log still has");
  const entries: CarriedEntry[] = [];
  let room = raft.timing.batchMaxBytes;
  for (let index = first; entries.length < APPEND_ENTRIES_MAX; index += 1) {
    const slot = raft.log.at(index);
    if (slot === undefined) break;
    room -= slot.bytes.length + CARRIED_OVERHEAD_BYTES;
    if (room < 0 && entries.length > 0) break;
    entries.push({ term: slot.term, entry: slot.entry, bytes: slot.bytes });
  }
  const { term, round, commit } = raft;
  const message = { term, round, prevIndex: first - 1, prevTerm, commit, entries };
  send(raft, to, { kind: "append", ...message }, to === BROADCAST);
  return entries.length;
}

/** Nobody of a quorum has answered: say it again, from the least match of those that keep up. */
export function onRetransmitTimer(raft: Raft): void {
  if (raft.log.lastIndex <= raft.commit) return;
  let least = raft.sentIndex;
  for (const peer of raft.peers) {
    if (peer.mode === "stream" && isActive(raft, peer)) least = Math.min(least, peer.match);
  }
  raft.sentIndex = Math.max(least, raft.log.baseIndex);
  raft.retransmits += 1;
  broadcastAppend(raft);
}

export const isActive = (raft: Raft, peer: Peer): boolean =>
  raft.now - peer.heardMs < raft.timing.electionTimeoutMaxMs;

export function onAppendReply(raft: Raft, from: NodeIndex, reply: Message<"appendReply">): void {
  const peer = peerOf(raft, from);
  if (peer === undefined || raft.role !== "leader" || reply.term !== raft.term) return;
  peer.heardMs = raft.now;
  if (!reply.accepted) {
    onGap(raft, peer, reply);
    return;
  }
  if (reply.match > raft.log.lastIndex) return;
  peer.match = Math.max(peer.match, reply.match);
  if (peer.mode === "stream") return;
  peer.next = Math.max(peer.next, peer.match + 1);
  if (peer.match >= Math.min(raft.sentIndex, raft.log.lastIndex)) peer.mode = "stream";
  else if (peer.match + 1 === peer.next) serveAlone(raft, peer);
}

/** A leader has at least so many of the longest election timeouts, whatever terms are named. */
const UNDISTURBED_TIMEOUTS = 5;

/**
 * A follower is in a later term: it stood or voted where nobody won, and takes nothing from this
 * leader until there is another. Only a leader needs to know, and not at once (a departure from
 * the paper): one member that names later terms must not keep the others without a leader. Where
 * a quorum has gone on, it is missed by check-quorum long before.
 */
export function onLaterTerm(raft: Raft, from: NodeIndex, term: number): void {
  const undisturbedMs = UNDISTURBED_TIMEOUTS * raft.timing.electionTimeoutMaxMs;
  if (raft.role !== "leader" || raft.now - raft.leadsSinceMs < undisturbedMs) return;
  if (peerOf(raft, from) === undefined || !admitsTerm(raft, from, term)) return;
  becomeFollower(raft, term, undefined);
}

/** The follower lacks something or has something else: serve it from where the logs may agree. */
function onGap(raft: Raft, peer: Peer, reply: Message<"appendReply">): void {
  const agree = raft.log.conflict(reply.hintIndex, reply.hintTerm);
  // While it is being served it also refuses broadcasts: only going further back is news then.
  const news = peer.mode === "stream" || agree + 1 < peer.next;
  if (!news && raft.now - peer.servedMs < raft.timing.retransmitMs) return;
  // Below what it had acknowledged: an old answer, or a store that lost records. Either way the
  // follower says anew what it has.
  peer.match = Math.min(peer.match, agree);
  peer.next = agree + 1;
  serveAlone(raft, peer);
}

/** Called for a peer that is not served by the broadcasts. */
export function serveAlone(raft: Raft, peer: Peer): void {
  peer.servedMs = raft.now;
  if (peer.next > raft.log.baseIndex) {
    peer.mode = "catchUp";
    peer.next += sendEntries(raft, peer.node, peer.next);
    return;
  }
  peer.mode = "snapshot";
  sendSnapshotChunk(raft, peer);
}

export function onSnapshotReply(
  raft: Raft,
  from: NodeIndex,
  reply: Message<"snapshotReply">,
): void {
  const peer = peerOf(raft, from);
  if (peer === undefined || raft.role !== "leader" || reply.term !== raft.term) return;
  peer.heardMs = raft.now;
  if (peer.mode !== "snapshot" || reply.lastIndex !== peer.snapshotIndex) return;
  const total = raft.snapshot?.bytes.length ?? 0;
  if (reply.offset === peer.snapshotOffset && reply.offset < total) return;
  if (reply.offset < total) {
    peer.snapshotOffset = reply.offset;
    sendSnapshotChunk(raft, peer);
    return;
  }
  peer.match = Math.max(peer.match, reply.lastIndex);
  peer.next = peer.match + 1;
  serveAlone(raft, peer);
}

/** A leader that a quorum does not hear steps down (Ongaro 2014, section 6.2). */
export function onQuorumTimer(raft: Raft): void {
  raft.timers.set("quorum", after(raft.now, raft.timing.electionTimeoutMinMs));
  const hears = (node: NodeIndex): boolean => {
    const peer = peerOf(raft, node);
    return node === raft.self || (peer !== undefined && isActive(raft, peer));
  };
  if (!raft.rules.decides(configurationOf(raft), hears)) becomeFollower(raft, raft.term, undefined);
}

/** Keeps the clock for leases going while any is open. */
export function onTickTimer(raft: Raft): void {
  raft.timers.set("tick", after(raft.now, raft.timing.tickMs));
  if (raft.machine.openLeases === 0 || raft.commit < raft.firstOwnIndex) return;
  const elapsedMs = Math.round(raft.now - raft.logTimeSeenMs);
  if (elapsedMs > 0) {
    appendOwn(raft, { kind: "tick", logTimeMs: raft.machine.logTimeMs + elapsedMs });
  }
}

/** Hands over to the follower that has the most, or to the one wanted, once it has everything. */
export function beginTransfer(raft: Raft, wanted: NodeIndex | undefined): void {
  const voters = configurationOf(raft).voters;
  const able = raft.peers.filter((peer) => voters.includes(peer.node) && isActive(raft, peer));
  const best = able.reduce<Peer | undefined>(
    (most, peer) => (most === undefined || peer.match > most.match ? peer : most),
    undefined,
  );
  raft.transferTo = able.find((peer) => peer.node === wanted)?.node ?? best?.node;
  raft.transferUntilMs = after(raft.now, raft.timing.electionTimeoutMinMs);
}

export function continueTransfer(raft: Raft): void {
  if (raft.transferTo === undefined) return;
  if (raft.now >= raft.transferUntilMs) {
    raft.transferTo = undefined;
    return;
  }
  const peer = peerOf(raft, raft.transferTo);
  if (peer === undefined || peer.match < raft.log.lastIndex) return;
  send(raft, peer.node, { kind: "timeoutNow", term: raft.term });
  raft.transferUntilMs = after(raft.now, raft.timing.electionTimeoutMinMs);
}
