/**
 * Snapshots on the air (Raft, section 7), from both ends: chunks that fit one datagram, each asked
 * for by the follower's last answer, so that nothing but the follower's own pace floods the air.
 */
import { fail, ok, problem, type NodeIndex, type Result } from "../../base/mod.ts";
import type { LogEntry } from "../entry.ts";
import type { SwarmState } from "../state/swarm-state.ts";
import { isWarranted } from "../state/warrants.ts";
import { compactConfigurations } from "./log-writing.ts";
import type { RaftMessage } from "./messages.ts";
import { send, tell, type IncomingSnapshot, type Peer, type Raft } from "./raft-state.ts";
import { restoreSnapshot, takeSnapshot } from "./snapshot-bytes.ts";
import { storeSnapshot } from "./store.ts";

type Message<Kind extends RaftMessage["kind"]> = Extract<RaftMessage, { kind: Kind }>;

/** The next chunk for a peer; a newer snapshot starts from its beginning. */
export function sendSnapshotChunk(raft: Raft, peer: Peer): void {
  const snapshot = raft.snapshot;
  if (snapshot === undefined) return;
  if (peer.snapshotIndex !== snapshot.lastIndex) {
    peer.snapshotIndex = snapshot.lastIndex;
    peer.snapshotOffset = 0;
  }
  const offset = peer.snapshotOffset;
  const chunk = snapshot.bytes.slice(offset, offset + raft.timing.snapshotChunkBytes);
  const { lastIndex, lastTerm } = snapshot;
  const totalBytes = snapshot.bytes.length;
  if (chunk.length === 0) return;
  const message = { term: raft.term, lastIndex, lastTerm, totalBytes, offset, chunk };
  send(raft, peer.node, { kind: "snapshot", ...message });
}

/** Takes a snapshot when enough was applied since the last one. */
export function snapshotWhenDue(raft: Raft): void {
  const since = raft.applied - (raft.snapshot?.lastIndex ?? 0);
  const storing = raft.asks.some((pending) => pending.what === "snapshot");
  if (since < raft.timing.snapshotEntries || storing || raft.logBlocked || raft.broken) return;
  raft.snapshot = takeSnapshot(raft);
  compactConfigurations(raft, raft.snapshot.lastIndex);
  storeSnapshot(raft);
}

/** A chunk from the leader; the caller has accepted the sender as such. */
export function onSnapshotChunk(raft: Raft, from: NodeIndex, chunk: Message<"snapshot">): void {
  if (chunk.lastIndex <= raft.commit) {
    // What it ends at is here already: the answer brings the leader back to entries.
    if (chunk.lastIndex > raft.durableIndex) return;
    replySnapshot(raft, from, chunk.lastIndex, chunk.totalBytes);
    return;
  }
  const incoming = assemble(raft.incoming, chunk);
  raft.incoming = incoming;
  if (incoming.received < incoming.bytes.length) {
    replySnapshot(raft, from, chunk.lastIndex, incoming.received);
    return;
  }
  raft.incoming = undefined;
  const installed = install(raft, incoming);
  if (installed.ok) raft.snapshotReplyWanted = true;
  else {
    // Like an entry without authority: nothing of it is taken, nor anything else from its sender.
    if (installed.problem.code === "CON005") raft.distrustedTerm = raft.term;
    tell(raft, installed.problem, from);
  }
}

function replySnapshot(raft: Raft, to: NodeIndex, lastIndex: number, offset: number): void {
  send(raft, to, { kind: "snapshotReply", term: raft.term, lastIndex, offset });
}

/** In order only: anything else is answered with what is wanted next. */
function assemble(
  before: IncomingSnapshot | undefined,
  chunk: Message<"snapshot">,
): IncomingSnapshot {
  const same =
    before?.lastIndex === chunk.lastIndex &&
    before.lastTerm === chunk.lastTerm &&
    before.bytes.length === chunk.totalBytes;
  const incoming = same
    ? before
    : {
        lastIndex: chunk.lastIndex,
        lastTerm: chunk.lastTerm,
        bytes: new Uint8Array(chunk.totalBytes),
        received: 0,
      };
  if (chunk.offset === incoming.received) {
    incoming.bytes.set(chunk.chunk, chunk.offset);
    incoming.received += chunk.chunk.length;
  }
  return incoming;
}

/** The state is the snapshot's from now on; acknowledged when it is durable. */
function install(raft: Raft, incoming: IncomingSnapshot): Result<undefined> {
  const { lastIndex, lastTerm, bytes } = incoming;
  const keepsTail = raft.log.termAt(lastIndex) === lastTerm;
  const later = raft.configurations.filter((placed) => placed.index > lastIndex);
  const isAuthorised = (entry: LogEntry): boolean =>
    raft.rules.unauthorised(raft.verify, entry) === undefined;
  const admits = (state: SwarmState): boolean => isWarranted(state, isAuthorised);
  const outcome = restoreSnapshot(raft, { lastIndex, lastTerm, bytes }, admits);
  if (outcome === "damaged") return fail(problem("CON021"));
  if (outcome === "unwarranted") return fail(problem("CON005", { where: "a snapshot" }));
  if (keepsTail) raft.configurations.push(...later);
  else {
    raft.log.reset(lastIndex, lastTerm);
    raft.durableIndex = 0;
    raft.askedIndex = lastIndex;
    for (const pending of raft.asks) {
      if (pending.what === "append" || pending.what === "log") pending.upTo = 0;
    }
    raft.logBlocked = true;
  }
  raft.matched = keepsTail ? Math.max(raft.matched, lastIndex) : lastIndex;
  storeSnapshot(raft);
  raft.emit({ kind: "restored", index: lastIndex });
  return ok(undefined);
}

/** Says that the snapshot is installed once nothing of it can be lost. */
export function replyWhenInstalled(raft: Raft): void {
  const index = raft.snapshot?.lastIndex;
  if (!raft.snapshotReplyWanted || index === undefined || raft.leader === undefined) return;
  if (raft.durableIndex < index) return;
  raft.snapshotReplyWanted = false;
  replySnapshot(raft, raft.leader, index, raft.snapshot?.bytes.length ?? 0);
}
