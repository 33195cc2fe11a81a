/**
 * Proposals: from any member to the leader, until they are seen in the log (Ongaro 2014, section
 * 6.3). A proposer numbers its entries over boots and repeats what is undecided; the leader does
 * not append twice what it has, and the agreed state applies each number once.
 */
import { after, problem, type NodeIndex, type Problem, type ProblemCode } from "../../base/mod.ts";
import {
  encodeEntry,
  entryFits,
  EntryKind,
  PROPOSALS_IN_FLIGHT_MAX,
  type LogEntry,
} from "../entry.ts";
import { isMember, membersOf } from "../quorum.ts";
import { CONFIGURATION_MEMBERS_MAX, decodeBody, type EntryBody } from "../state/bodies.ts";
import type { EntryDraft, ProposalState } from "../types.ts";
import { appendAsLeader, onRetransmitTimer, retransmitAfterMs, tellProgress } from "./leader.ts";
import { CARRIED_OVERHEAD_BYTES, type CarriedEntry, type RaftMessage } from "./messages.ts";
import { configurationOf, send, tell, type Proposal, type Raft } from "./raft-state.ts";

const BOOT_UNIT = 0x100000000;
/** Oldest undecided to newest: within the duplicate window of the agreed state. */
const SPAN_MAX = 2 * PROPOSALS_IN_FLIGHT_MAX - 1;
const BACKOFF_MAX = 8;
const FORWARDS_A_TRY = 4;

export const nextSequence = (raft: Raft): number => raft.boot * BOOT_UNIT + raft.sequenceCount + 1;

export function propose(raft: Raft, draft: EntryDraft): void {
  const sequence = draft.sequence ?? nextSequence(raft);
  const entry: LogEntry = {
    kind: draft.kind,
    proposer: raft.self,
    sequence,
    orderId: draft.orderId ?? 0n,
    body: draft.body,
    signatures: draft.signatures ?? [],
  };
  const trouble = refusesDraft(raft, entry);
  if (trouble !== undefined) {
    raft.emit({
      kind: "proposalState",
      sequence,
      state: "refused",
      elapsedMs: 0,
      problem: trouble,
    });
    return;
  }
  raft.sequenceCount = sequence % BOOT_UNIT;
  raft.proposals.push({ sequence, entry, bytes: encodeEntry(entry), atMs: raft.now });
  raft.emit({ kind: "proposalState", sequence, state: "queued", elapsedMs: 0 });
  raft.forwardBackoff = 1;
  raft.timers.set("forward", raft.now);
}

function refusesDraft(raft: Raft, entry: LogEntry): Problem | undefined {
  if (raft.role === "starting") return problem("CON006", { detail: "the store is not read yet" });
  if (entry.sequence < nextSequence(raft)) return problem("CON007");
  const oldest = raft.proposals[0]?.sequence ?? entry.sequence;
  const full = raft.proposals.length >= PROPOSALS_IN_FLIGHT_MAX;
  if (full || entry.sequence - oldest > SPAN_MAX) return problem("CON006");
  if (entry.sequence >= (raft.boot + 1) * BOOT_UNIT) return problem("CON007");
  return unacceptable(raft, entry);
}

/** Why an entry cannot be put into the log by anyone. */
function unacceptable(raft: Raft, entry: LogEntry): Problem | undefined {
  const own = entry.kind === EntryKind.noop || entry.kind === EntryKind.configuration;
  if (own || entry.kind === EntryKind.tick) {
    return problem("CON002", { detail: "only a leader makes such entries" });
  }
  if (!entryFits(entry)) return problem("CON002", { detail: "larger than an entry may be" });
  const body = decodeBody(entry.kind, entry.body);
  if (!body.ok) return body.problem;
  if (raft.machine.isEvicted(entry.proposer)) return problem("CON023");
  if (findsNoPlace(raft, entry, body.value)) {
    return problem("CON015", { detail: "the configuration is full" });
  }
  const unauthorised = raft.rules.unauthorised(raft.verify, entry);
  return unauthorised && problem("CON005", { detail: unauthorised.text });
}

/** Who would join a configuration that is full is told so, instead of waiting unheard. */
function findsNoPlace(raft: Raft, { proposer }: LogEntry, body: EntryBody): boolean {
  if (body.kind !== "member" || body.action !== "joined") return false;
  const members = membersOf(configurationOf(raft));
  return members.length >= CONFIGURATION_MEMBERS_MAX && !members.includes(proposer);
}

/** The forward timer: appends here when leading, else sends what is undecided to the leader. */
export function onForwardTimer(raft: Raft): void {
  giveUpOld(raft);
  if (raft.proposals.length === 0) return;
  const { forwardRetryMs } = raft.timing;
  raft.timers.set("forward", after(raft.now, forwardRetryMs * raft.forwardBackoff));
  if (raft.bootVersion > raft.stateDurable || raft.leader === undefined) return;
  if (raft.leader === raft.self) {
    appendProposals(raft);
    return;
  }
  raft.forwardBackoff = Math.min(BACKOFF_MAX, raft.forwardBackoff * 2);
  forward(raft, raft.leader);
}

/** What is undecided goes to the leader of now, without waiting for the timer. */
export function forwardNow(raft: Raft): void {
  raft.forwardBackoff = 1;
  onForwardTimer(raft);
}

function appendProposals(raft: Raft): void {
  if (!mayAppend(raft)) return;
  for (const proposal of raft.proposals) {
    if (isPending(raft, raft.self, proposal.sequence)) continue;
    appendAsLeader(raft, proposal.entry, proposal.bytes);
  }
}

const mayAppend = (raft: Raft): boolean =>
  raft.role === "leader" && raft.transferTo === undefined && !raft.broken;

/** In messages of `batchMaxBytes`, the oldest first; what does not fit into four waits. */
function forward(raft: Raft, leader: NodeIndex): void {
  let from = 0;
  for (let i = 0; i < FORWARDS_A_TRY && from < raft.proposals.length; i += 1) {
    const previous = raft.proposals[from - 1]?.sequence ?? 0;
    const entries = batchFrom(raft, from);
    from += entries.length;
    send(raft, leader, { kind: "forward", term: raft.term, previous, entries });
  }
}

function batchFrom(raft: Raft, from: number): readonly CarriedEntry[] {
  const entries: CarriedEntry[] = [];
  let room = raft.timing.batchMaxBytes;
  for (const { entry, bytes } of raft.proposals.slice(from)) {
    room -= bytes.length + CARRIED_OVERHEAD_BYTES;
    if (room < 0 && entries.length > 0) break;
    entries.push({ term: 0, entry, bytes });
  }
  return entries;
}

function giveUpOld(raft: Raft): void {
  const before = raft.now - raft.timing.proposalTimeoutMs;
  for (const proposal of raft.proposals.filter((each) => each.atMs <= before)) {
    settle(raft, proposal.sequence, "refused", problem("CON008"));
  }
}

/** Whether it is decided already, or in the log and on its way. */
function isPending(raft: Raft, proposer: NodeIndex, sequence: number): boolean {
  if (raft.machine.hasSeen(proposer, sequence)) return true;
  for (let index = raft.log.lastIndex; index > raft.applied; index -= 1) {
    const entry = raft.log.at(index)?.entry;
    if (entry?.proposer === proposer && entry.sequence === sequence) return true;
  }
  return false;
}

export function onForward(
  raft: Raft,
  from: NodeIndex,
  message: Extract<RaftMessage, { kind: "forward" }>,
): void {
  if (!mayAppend(raft)) return;
  // One node's proposals enter the log in the order in which it made them: what overtook waits for
  // the retry.
  const { previous } = message;
  if (previous > 0 && !isPending(raft, from, previous)) return;
  for (const { entry, bytes } of message.entries) {
    if (entry.proposer !== from || entry.sequence === 0) {
      tell(raft, problem("CON017"), from);
      continue;
    }
    if (isPending(raft, from, entry.sequence)) {
      askedAgain(raft, from, entry.sequence);
      continue;
    }
    const trouble = unacceptable(raft, entry) ?? strangerMay(raft, entry);
    if (trouble === undefined) appendAsLeader(raft, entry, bytes);
    else {
      refuseForwarded(raft, from, entry.sequence, trouble);
      return;
    }
  }
}

/** Decided already: it has missed the news. Not yet: a quorum may have missed the broadcast. */
function askedAgain(raft: Raft, from: NodeIndex, sequence: number): void {
  if (raft.machine.hasSeen(from, sequence)) tellProgress(raft, from);
  else if (raft.now - raft.broadcastMs >= retransmitAfterMs(raft) / 2) onRetransmitTimer(raft);
}

/** Someone outside the cluster can ask for one thing only: to join it. */
function strangerMay(raft: Raft, entry: LogEntry): Problem | undefined {
  const member = isMember(configurationOf(raft), entry.proposer);
  return member || entry.kind === EntryKind.member ? undefined : problem("CON004");
}

function refuseForwarded(raft: Raft, to: NodeIndex, sequence: number, trouble: Problem): void {
  const code = Number(trouble.code.slice(3));
  send(raft, to, { kind: "refusal", term: raft.term, sequence, code });
}

const REFUSALS: Readonly<Record<number, ProblemCode>> = {
  2: "CON002",
  4: "CON004",
  5: "CON005",
  15: "CON015",
  23: "CON023",
};

export function onRefusal(
  raft: Raft,
  from: NodeIndex,
  message: Extract<RaftMessage, { kind: "refusal" }>,
): void {
  const code = REFUSALS[message.code];
  if (from !== raft.leader || message.term !== raft.term || code === undefined) return;
  settle(raft, message.sequence, "refused", problem(code, { detail: "said by the leader" }));
}

/** A proposal of this node is decided; others' and those given up are none of its business. */
export function settle(
  raft: Raft,
  sequence: number,
  state: ProposalState,
  trouble?: Problem,
): void {
  const proposal = raft.proposals.find((each) => each.sequence === sequence);
  if (proposal === undefined) return;
  raft.proposals = raft.proposals.filter((each) => each !== proposal);
  const elapsedMs = raft.now - proposal.atMs;
  const told = { kind: "proposalState", sequence, state, elapsedMs } as const;
  raft.emit(trouble === undefined ? told : { ...told, problem: trouble });
}

/** After a snapshot: what it contains was decided without this node seeing how. */
export function settleSeen(raft: Raft): void {
  const seen = (proposal: Proposal): boolean => raft.machine.hasSeen(raft.self, proposal.sequence);
  for (const proposal of raft.proposals.filter(seen)) settle(raft, proposal.sequence, "applied");
}
