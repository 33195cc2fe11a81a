/**
 * The log entry: the unit of agreement, golden since version 1 (`docs/protocols/log-entry.md`).
 *
 * An entry names who proposed it and with which sequence (so that a retry is applied once), which
 * order stands behind it, and carries that order as it was signed. The signature is the order's
 * own, over the order's bytes: a leader cannot make an entry of a kind with authority that no
 * operator ordered. Proposer and sequence are covered by no signature (`log-entry.md` says what a
 * lying leader can do with that).
 *
 * Bounds: body 16,000 B, 16 signatures of at most 6,000 B: what stands there is a whole signed
 * order (`docs/protocols/order.md`), of at most 5,937 B with both halves of its signature.
 */
import {
  ByteReader,
  ByteWriter,
  fail,
  invariant,
  nodeIndex,
  ok,
  problem,
  type NodeIndex,
  type Result,
} from "../base/mod.ts";

export const ENTRY_VERSION = 1;
export const ENTRY_BODY_MAX_BYTES = 16_000;
export const ENTRY_SIGNATURES_MAX = 16;
export const ENTRY_SIGNATURE_MAX_BYTES = 6_000;
export const ENTRY_MAX_BYTES: number =
  25 + ENTRY_BODY_MAX_BYTES + ENTRY_SIGNATURES_MAX * (4 + ENTRY_SIGNATURE_MAX_BYTES);
/** Proposals of one node that may be undecided at a time; the duplicate window is twice that. */
export const PROPOSALS_IN_FLIGHT_MAX = 16;

/** Wire codes of what can be agreed. A code once given is never given again. */
export const EntryKind = {
  noop: 0,
  configuration: 1,
  tick: 2,
  member: 3,
  evict: 4,
  mission: 5,
  plan: 6,
  clue: 7,
  lease: 8,
  order: 9,
  orderState: 10,
  detection: 11,
  verdict: 12,
  epoch: 13,
  pad: 14,
  latch: 15,
  value: 16,
} as const;
export type EntryKind = (typeof EntryKind)[keyof typeof EntryKind];

const ENTRY_KIND_LAST = EntryKind.value;

/** Kinds that command or expel: they need a signature besides the proposer's word. */
const WITH_AUTHORITY: readonly EntryKind[] = [
  EntryKind.evict,
  EntryKind.mission,
  EntryKind.plan,
  EntryKind.clue,
  EntryKind.order,
  EntryKind.verdict,
  EntryKind.latch,
];

export const needsAuthority = (kind: EntryKind): boolean => WITH_AUTHORITY.includes(kind);

export interface EntrySignature {
  /** Directory slot of the station at which the order was signed. */
  readonly signer: NodeIndex;
  /** The whole signed order (`docs/protocols/order.md`). */
  readonly bytes: Uint8Array;
}

export interface LogEntry {
  readonly kind: EntryKind;
  readonly proposer: NodeIndex;
  /** boot count x 2^32 + count within the boot: grows over reboots. */
  readonly sequence: number;
  readonly orderId: bigint;
  readonly body: Uint8Array;
  readonly signatures: readonly EntrySignature[];
}

/** Whether every part is within its bound: what is not would be refused by every reader. */
export const entryFits = ({ body, signatures }: LogEntry): boolean =>
  body.length <= ENTRY_BODY_MAX_BYTES &&
  signatures.length <= ENTRY_SIGNATURES_MAX &&
  signatures.every(({ bytes }) => bytes.length <= ENTRY_SIGNATURE_MAX_BYTES);

/** The bytes of an entry that fits, as they stand in messages and in the store. */
export function encodeEntry(entry: LogEntry): Uint8Array {
  invariant(entryFits(entry), "an entry is within its bounds before it is written");
  const to = new ByteWriter({ initialBytes: 64 + entry.body.length, maxBytes: ENTRY_MAX_BYTES });
  to.u8(ENTRY_VERSION).u8(entry.kind).u16(entry.proposer).safe(entry.sequence);
  to.u64(entry.orderId).u16(entry.body.length).raw(entry.body);
  to.u8(entry.signatures.length);
  for (const signature of entry.signatures) {
    to.u16(signature.signer).u16(signature.bytes.length).raw(signature.bytes);
  }
  return to.take();
}

/** The entry, or `CON001`. Consumes all of `bytes`. */
export function decodeEntry(bytes: Uint8Array): Result<LogEntry> {
  const from = new ByteReader(bytes);
  const entry = readEntry(from);
  const trouble = from.finish();
  if (trouble !== undefined) return fail(problem("CON001", { where: trouble.where }));
  return ok(entry);
}

function readEntry(from: ByteReader): LogEntry {
  if (from.u8() !== ENTRY_VERSION) from.refuse();
  const kind = from.u8();
  if (kind > ENTRY_KIND_LAST) from.refuse();
  const proposer = nodeIndex(from.u16());
  const sequence = from.safe();
  const orderId = from.u64();
  const bodyBytes = from.u16();
  if (bodyBytes > ENTRY_BODY_MAX_BYTES) from.refuse();
  const body = from.raw(bodyBytes);
  const signatures = readSignatures(from);
  return { kind: kind as EntryKind, proposer, sequence, orderId, body, signatures };
}

function readSignatures(from: ByteReader): readonly EntrySignature[] {
  const count = from.u8();
  if (count > ENTRY_SIGNATURES_MAX) from.refuse();
  const signatures: EntrySignature[] = [];
  for (let i = 0; i < count && !from.failed; i += 1) {
    const signer = nodeIndex(from.u16());
    const length = from.u16();
    if (length > ENTRY_SIGNATURE_MAX_BYTES) from.refuse();
    signatures.push({ signer, bytes: from.raw(length) });
  }
  return signatures;
}
