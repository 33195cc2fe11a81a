/** The whole of a member as bytes: forks and snapshots of a simulated world. */
import {
  invariant,
  nodeIndex,
  type ByteReader,
  type ByteWriter,
  type MonotonicMs,
  type NodeIndex,
} from "../../base/mod.ts";
import { decodeEntry, ENTRY_MAX_BYTES } from "../entry.ts";
import type { MembershipChange, Role } from "../types.ts";
import { SNAPSHOT_MAX_BYTES } from "./messages.ts";
import type { IncomingSnapshot, PendingAsk, Peer, Proposal, Raft } from "./raft-state.ts";
import type { StoredSnapshot } from "./records.ts";
import { readConfiguration, writeConfiguration } from "./snapshot-bytes.ts";

const ROLES: readonly Role[] = ["starting", "follower", "preCandidate", "candidate", "leader"];
const MODES: readonly Peer["mode"][] = ["stream", "catchUp", "snapshot"];
const ASKS: readonly PendingAsk["what"][] = ["state", "append", "truncate", "log", "snapshot"];
const NOBODY = 0xffff;

/** Plain numbers of the state, saved as they stand. */
const NUMBERS = [
  "term",
  "boot",
  "commit",
  "applied",
  "ticket",
  "stateVersion",
  "stateAsked",
  "stateDurable",
  "bootVersion",
  "durableIndex",
  "askedIndex",
  "storedBase",
  "selfVoteVersion",
  "termsTaken",
  "rejoinNonce",
  "rejoinTerm",
  "rejoinIndex",
  "round",
  "sentIndex",
  "retransmits",
  "firstOwnIndex",
  "distrustedTerm",
  "matched",
  "ackedMatch",
  "sequenceCount",
  "forwardBackoff",
] as const;
const FLAGS = [
  "halted",
  "logBlocked",
  "broken",
  "transferElection",
  "broadcastWanted",
  "orderCommitted",
  "ackWanted",
  "snapshotReplyWanted",
] as const;
const TIMES = [
  "heardLeaderMs",
  "leadsSinceMs",
  "broadcastMs",
  "goalUntilMs",
  "transferUntilMs",
  "logTimeSeenMs",
  "ackedMs",
] as const;

export function saveRaft(raft: Raft, to: ByteWriter): void {
  raft.random.save(to);
  raft.timers.save(to);
  raft.log.save(to);
  raft.machine.save(to);
  to.u8(ROLES.indexOf(raft.role));
  for (const name of NUMBERS) to.safe(raft[name]);
  for (const name of FLAGS) to.bool(raft[name]);
  for (const name of TIMES) to.f64(raft[name]);
  for (const node of [raft.votedFor, raft.leader, raft.transferTo]) writeNode(to, node);
  to.u16(raft.configurations.length);
  for (const placed of raft.configurations) {
    writeConfiguration(to.u32(placed.index), placed.configuration);
  }
  saveStoreWork(raft, to);
  savePeers(raft, to);
  saveRest(raft, to);
}

function saveStoreWork(raft: Raft, to: ByteWriter): void {
  writeMaybe(to, raft.snapshot, (each) =>
    to.u32(each.lastIndex).u32(each.lastTerm).blob(each.bytes),
  );
  to.u16(raft.asks.length);
  for (const each of raft.asks) {
    to.safe(each.ticket).u8(ASKS.indexOf(each.what)).safe(each.upTo);
  }
  to.u16(raft.held.length);
  for (const each of raft.held) to.safe(each.version).u16(each.to).blob(each.bytes);
}

function savePeers(raft: Raft, to: ByteWriter): void {
  to.u16(raft.votes.size);
  for (const [node, granted] of raft.votes) to.u16(node).bool(granted);
  to.u16(raft.peers.length);
  for (const peer of raft.peers) {
    to.u16(peer.node).u32(peer.match).u8(MODES.indexOf(peer.mode)).u32(peer.next);
    to.f64(peer.heardMs).f64(peer.servedMs).u32(peer.snapshotIndex).u32(peer.snapshotOffset);
  }
}

function saveRest(raft: Raft, to: ByteWriter): void {
  writeMaybe(to, raft.goal, (goal) => {
    writeConfiguration(to, { outgoing: [], ...goal });
  });
  writeMaybe(to, raft.refusal, (each) => to.u32(each.hintIndex).u32(each.hintTerm));
  writeMaybe(to, raft.incoming, (each) =>
    to.u32(each.lastIndex).u32(each.lastTerm).blob(each.bytes).u32(each.received),
  );
  to.u16(raft.proposals.length);
  for (const each of raft.proposals) to.safe(each.sequence).blob(each.bytes).f64(each.atMs);
  const { told } = raft;
  to.u8(ROLES.indexOf(told.role)).u32(told.term);
  writeNode(to, told.leader);
  to.i32(told.configurationIndex);
}

export function loadRaft(raft: Raft, from: ByteReader): void {
  raft.random.load(from);
  raft.timers.load(from);
  raft.log.load(from);
  raft.machine.load(from);
  raft.role = ROLES[from.u8()] ?? "starting";
  for (const name of NUMBERS) raft[name] = from.safe();
  for (const name of FLAGS) raft[name] = from.bool();
  for (const name of TIMES) raft[name] = from.f64() as MonotonicMs;
  raft.votedFor = readNode(from);
  raft.leader = readNode(from);
  raft.transferTo = readNode(from);
  raft.configurations = readList(from, () => ({
    index: from.u32(),
    configuration: readConfiguration(from),
  }));
  loadStoreWork(raft, from);
  loadPeers(raft, from);
  loadRest(raft, from);
  invariant(!from.failed, "a saved member is loaded whole");
}

function loadStoreWork(raft: Raft, from: ByteReader): void {
  raft.snapshot = readMaybe<StoredSnapshot>(from, () => ({
    lastIndex: from.u32(),
    lastTerm: from.u32(),
    bytes: from.blob(SNAPSHOT_MAX_BYTES),
  }));
  raft.asks = readList<PendingAsk>(from, () => ({
    ticket: from.safe(),
    what: ASKS[from.u8()] ?? "state",
    upTo: from.safe(),
  }));
  raft.held = readList(from, () => ({
    version: from.safe(),
    to: nodeIndex(from.u16()),
    bytes: from.blob(),
  }));
}

function loadPeers(raft: Raft, from: ByteReader): void {
  raft.votes = new Map(readList(from, () => [nodeIndex(from.u16()), from.bool()] as const));
  raft.peers = readList<Peer>(from, () => ({
    node: nodeIndex(from.u16()),
    match: from.u32(),
    mode: MODES[from.u8()] ?? "stream",
    next: from.u32(),
    heardMs: from.f64() as MonotonicMs,
    servedMs: from.f64() as MonotonicMs,
    snapshotIndex: from.u32(),
    snapshotOffset: from.u32(),
  }));
}

function loadRest(raft: Raft, from: ByteReader): void {
  raft.goal = readMaybe<MembershipChange>(from, () => readConfiguration(from));
  raft.refusal = readMaybe(from, () => ({ hintIndex: from.u32(), hintTerm: from.u32() }));
  raft.incoming = readMaybe<IncomingSnapshot>(from, () => ({
    lastIndex: from.u32(),
    lastTerm: from.u32(),
    bytes: from.blob(SNAPSHOT_MAX_BYTES),
    received: from.u32(),
  }));
  raft.proposals = readList<Proposal>(from, () => {
    const sequence = from.safe();
    const bytes = from.blob(ENTRY_MAX_BYTES);
    const entry = decodeEntry(bytes);
    invariant(entry.ok, "a saved proposal is an entry");
    return { sequence, bytes, entry: entry.value, atMs: from.f64() as MonotonicMs };
  });
  raft.told = {
    role: ROLES[from.u8()] ?? "starting",
    term: from.u32(),
    leader: readNode(from),
    configurationIndex: from.i32(),
  };
}

function writeNode(to: ByteWriter, node: NodeIndex | undefined): void {
  to.u16(node ?? NOBODY);
}

function readNode(from: ByteReader): NodeIndex | undefined {
  const node = from.u16();
  return node === NOBODY ? undefined : nodeIndex(node);
}

function writeMaybe<T>(to: ByteWriter, value: T | undefined, write: (value: T) => void): void {
  to.bool(value !== undefined);
  if (value !== undefined) write(value);
}

const readMaybe = <T>(from: ByteReader, read: () => T): T | undefined =>
  from.bool() ? read() : undefined;

function readList<T>(from: ByteReader, read: () => T): T[] {
  const count = from.u16();
  const list: T[] = [];
  for (let i = 0; i < count && !from.failed; i += 1) list.push(read());
  return list;
}
