/**
 * The log and the vote in durable storage, by ask and answer.
 *
 * Handlers change memory and raise versions; `flushStore` at the end of a step asks for what has
 * changed; answers raise `stateDurable` and `durableIndex`, and only these two let votes and
 * acknowledgements leave. The store keeps order within a name; between names the order is made
 * here: a snapshot is durable before the log under it is replaced.
 */
import { BROADCAST, invariant, problem, type NodeIndex } from "../../base/mod.ts";
import type { RecoveredStore, StoreAnswer, StoreRequest } from "../../hal/mod.ts";
import type { RaftMessage } from "./messages.ts";
import { encodeMessage } from "./messages.ts";
import { appendEntry, cutLog } from "./log-writing.ts";
import { configurationOf, tell, type PendingAsk, type Raft } from "./raft-state.ts";
import {
  entryRecord,
  headerRecord,
  LOG_NAME,
  readStore,
  SNAPSHOT_NAME,
  snapshotRecord,
  STATE_NAME,
  stateRecord,
  type Recovered,
} from "./records.ts";
import { restoreSnapshot } from "./snapshot-bytes.ts";

const HELD_MAX = 64;

/** Term, vote, boot count or rejoining changed: to be durable before any promise leaves. */
export function touchState(raft: Raft): void {
  raft.stateVersion += 1;
}

/** A message that makes a promise waits until the state of now is durable; the oldest drops. */
export function sendWhenDurable(raft: Raft, to: NodeIndex, message: RaftMessage): void {
  if (raft.held.length >= HELD_MAX) raft.held.shift();
  const bytes = encodeMessage(raft.cluster, message);
  raft.held.push({ version: raft.stateVersion, to, bytes });
}

export function releaseHeld(raft: Raft): void {
  const kept: Raft["held"] = [];
  for (const waiting of raft.held) {
    const { to, bytes } = waiting;
    if (!raft.rules.voteMayLeave(waiting.version, raft.stateDurable)) kept.push(waiting);
    else raft.emit({ kind: "send", to, bytes, sign: to === BROADCAST, repeated: false });
  }
  raft.held = kept;
}

function ask(raft: Raft, what: PendingAsk["what"], upTo: number, request: StoreRequest): void {
  raft.ticket += 1;
  raft.asks.push({ ticket: raft.ticket, what, upTo });
  raft.emit({ kind: "ask", ticket: raft.ticket, request });
}

/** Asks for all that changed in this step. */
export function flushStore(raft: Raft): void {
  if (raft.broken) return;
  if (raft.stateVersion > raft.stateAsked) askForState(raft);
  const last = raft.log.lastIndex;
  if (raft.logBlocked || raft.askedIndex >= last) return;
  const records = entryRecords(raft, raft.askedIndex + 1);
  raft.askedIndex = last;
  ask(raft, "append", last, { kind: "append", name: LOG_NAME, records });
}

function askForState(raft: Raft): void {
  raft.stateAsked = raft.stateVersion;
  const { term, votedFor, boot } = raft;
  const record = stateRecord({ term, votedFor, boot, rejoining: raft.rejoinNonce !== 0 });
  ask(raft, "state", raft.stateVersion, { kind: "replace", name: STATE_NAME, records: [record] });
}

function entryRecords(raft: Raft, first: number): readonly Uint8Array[] {
  const records: Uint8Array[] = [];
  for (let index = first; index <= raft.log.lastIndex; index += 1) {
    const slot = raft.log.at(index);
    invariant(slot !== undefined, "what is stored is in the log");
    records.push(entryRecord(index, slot));
  }
  return records;
}

/** Cuts the log above `index`, in memory and in the store. */
export function truncateStored(raft: Raft, index: number): void {
  cutLog(raft, index);
  raft.durableIndex = Math.min(raft.durableIndex, index);
  for (const pending of raft.asks) {
    if (pending.what === "append" || pending.what === "log") {
      pending.upTo = Math.min(pending.upTo, index);
    }
  }
  if (raft.askedIndex <= index) return;
  raft.askedIndex = index;
  if (raft.logBlocked || raft.broken) return;
  const keepCount = 1 + index - raft.storedBase;
  ask(raft, "truncate", index, { kind: "truncate", name: LOG_NAME, keepCount });
}

/** Replaces the stored log by the one in memory. */
export function replaceStoredLog(raft: Raft): void {
  const { baseIndex, baseTerm, lastIndex } = raft.log;
  raft.storedBase = baseIndex;
  raft.askedIndex = lastIndex;
  raft.logBlocked = false;
  const records = [headerRecord(baseIndex, baseTerm), ...entryRecords(raft, baseIndex + 1)];
  ask(raft, "log", lastIndex, { kind: "replace", name: LOG_NAME, records });
}

export function storeSnapshot(raft: Raft): void {
  invariant(raft.snapshot !== undefined, "a snapshot is stored after it is taken");
  const record = snapshotRecord(raft.snapshot);
  const request: StoreRequest = { kind: "replace", name: SNAPSHOT_NAME, records: [record] };
  ask(raft, "snapshot", raft.snapshot.lastIndex, request);
}

/** An answer to one of the asks; unknown tickets are another machine's or another boot's. */
export function handleAnswer(raft: Raft, answer: StoreAnswer): void {
  const at = raft.asks.findIndex((pending) => pending.ticket === answer.ticket);
  const pending = raft.asks[at];
  if (pending === undefined) return;
  raft.asks.splice(at, 1);
  if (answer.outcome !== "done") {
    if (!raft.broken) tell(raft, problem("CON019", { detail: answer.outcome }));
    raft.broken = true;
    return;
  }
  switch (pending.what) {
    case "state":
      raft.stateDurable = Math.max(raft.stateDurable, pending.upTo);
      return;
    case "append":
    case "log":
      raft.durableIndex = Math.max(raft.durableIndex, pending.upTo);
      return;
    case "snapshot":
      snapshotIsDurable(raft, pending.upTo);
      return;
    case "truncate":
      return;
    default:
      pending.what satisfies never;
  }
}

/** Only now may the log let go of what the snapshot holds. */
function snapshotIsDurable(raft: Raft, index: number): void {
  if (raft.snapshot?.lastIndex !== index) return;
  const keepFrom = Math.max(raft.log.baseIndex, index - raft.timing.keepEntries);
  if (!raft.logBlocked && raft.log.termAt(keepFrom) !== undefined) raft.log.compact(keepFrom);
  replaceStoredLog(raft);
}

/** The node keeps records of its own in the same store. */
const isOwn = (name: string): boolean =>
  name === STATE_NAME || name === LOG_NAME || name === SNAPSHOT_NAME;

/** Takes up what the store held. The first input of every boot. */
export function recover(raft: Raft, store: RecoveredStore): void {
  const found = readStore(store);
  const virgin = store.every(({ name, records }) => !isOwn(name) || records.length === 0);
  if (found.state !== undefined) {
    raft.term = found.state.term;
    raft.votedFor = found.state.votedFor;
    raft.boot = found.state.boot;
  } else if (!virgin) {
    // Without the vote nobody can say whom this node has promised what: it follows, and is silent.
    tell(raft, problem("CON019", { detail: "the vote is lost", remedy: "admit the node anew" }));
    raft.broken = true;
  }
  raft.boot += 1;
  if (virgin) {
    // Before any other record: a log that outlived the power without it would mean a lost vote.
    touchState(raft);
    askForState(raft);
  }
  recoverLog(raft, found);
  if (found.damage !== "none") tell(raft, problem("CON018", { detail: found.damage }));
  const alone = configurationOf(raft).voters.every((voter) => voter === raft.self);
  const doubtful = found.damage === "rotten" || found.state?.rejoining === true;
  if (doubtful && !alone) raft.rejoinNonce = raft.boot;
  if (!virgin) touchState(raft);
  raft.bootVersion = raft.stateVersion;
}

function recoverLog(raft: Raft, found: Recovered): void {
  const snapshot = found.snapshot;
  const restored = snapshot !== undefined && restoreSnapshot(raft, snapshot) === "restored";
  if (snapshot !== undefined && !restored) {
    tell(raft, problem("CON021"));
    raft.broken = true;
  }
  const snapshotIndex = restored ? snapshot.lastIndex : 0;
  if ((found.log?.baseIndex ?? 0) > snapshotIndex && !raft.broken) {
    tell(
      raft,
      problem("CON019", { detail: "the snapshot is lost", remedy: "admit the node anew" }),
    );
    raft.broken = true;
  }
  if (restored) raft.emit({ kind: "restored", index: snapshotIndex });
  const usable = usableLog(found, snapshotIndex);
  if (usable === undefined) {
    raft.log.reset(raft.snapshot?.lastIndex ?? 0, raft.snapshot?.lastTerm ?? 0);
    if (!raft.broken) replaceStoredLog(raft);
    raft.durableIndex = raft.log.baseIndex;
    return;
  }
  raft.log.reset(usable.baseIndex, usable.baseTerm);
  for (const carried of usable.entries) appendEntry(raft, carried);
  raft.storedBase = usable.baseIndex;
  raft.askedIndex = raft.log.lastIndex;
  raft.durableIndex = raft.log.lastIndex;
  raft.term = Math.max(raft.term, raft.log.lastTerm);
  if (found.damage !== "none" && !raft.broken) replaceStoredLog(raft);
}

/** The stored log when it fits the snapshot; otherwise the snapshot alone counts. */
function usableLog(found: Recovered, snapshotIndex: number): LogOf<Recovered> | undefined {
  const log = found.log;
  if (log === undefined || log.baseIndex > snapshotIndex) return undefined;
  const last = log.baseIndex + log.entries.length;
  if (last < snapshotIndex) return undefined;
  const at = snapshotIndex - log.baseIndex;
  const term = at === 0 ? log.baseTerm : log.entries[at - 1]?.term;
  const fits = snapshotIndex === 0 || term === found.snapshot?.lastTerm;
  return fits ? log : undefined;
}

type LogOf<T extends { readonly log: unknown }> = Exclude<T["log"], undefined>;
