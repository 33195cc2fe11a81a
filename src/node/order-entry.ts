/**
 * Orders and the log: which entry an operator's order becomes, and the check by which every member
 * refuses an entry that no operator ordered.
 *
 * The entry carries the whole signed order as its signature, so that authority is checked from the
 * order itself: the head that proposed it adds nothing and can change nothing.
 */
import { mix32, problem, type NodeIndex, type Problem } from "../base/mod.ts";
import {
  EntryKind,
  decodeBody,
  encodeBody,
  kindOf,
  needsAuthority,
  type EntryBody,
  type EntryDraft,
  type LogEntry,
} from "../consensus/mod.ts";
import { compareBytes } from "../base/mod.ts";
import type { CheckedOrder, Order, OrderCommand, OrderName, Verified } from "../security/mod.ts";

const MILLI = 1000;
const CM_PER_M = 100;
/** The latch of clear-air everywhere, and of its end, which lifts every volume as well. */
const CLEAR_AIR_LATCH = 1;
/**
 * Volumes have latches of their own, so that a snapshot brings the earlier ones too. The state has
 * 16; of two volumes whose sequences differ by a multiple of 14 a snapshot brings the newer.
 */
const VOLUME_LATCHES = 14;

/** Operator, all 64 bits of it, and session, mixed to 32. */
function issuerHash({ operator, session }: OrderName): number {
  const high = Number(operator >> 32n);
  const low = Number(BigInt.asUintN(32, operator));
  return mix32(mix32(mix32(high) ^ low) ^ session);
}

/**
 * 64 bits that name an order in the log: hash of operator and session 32, sequence 32. Operators of
 * two authorities may have the same ordinal, so no bits of an operator alone tell them apart.
 */
export function orderKey(name: OrderName): bigint {
  return (BigInt(issuerHash(name)) << 32n) | BigInt(name.sequence);
}

/** A clue's id in the log is shorter: the same, folded. */
const clueId = (name: OrderName): number => (issuerHash(name) ^ mix32(name.sequence)) >>> 0;

function latchOf(
  { sequence }: OrderName,
  { lift, volume }: Extract<OrderCommand, { readonly kind: "clearAir" }>,
): number {
  if (lift || volume === undefined) return CLEAR_AIR_LATCH;
  return CLEAR_AIR_LATCH + 1 + (sequence % VOLUME_LATCHES);
}

/** The body that the log keeps of an order; `bytes` is the signed order itself. */
export function bodyOfOrder(order: Order, bytes: Uint8Array): EntryBody {
  const { command } = order;
  switch (command.kind) {
    case "confirm":
      return { kind: "verdict", id: command.detectionId, verdict: "confirmed" };
    case "dismiss":
      return { kind: "verdict", id: command.detectionId, verdict: "dismissed" };
    case "lookAgain":
      return { kind: "verdict", id: command.detectionId, verdict: "lookAgain" };
    case "evict":
      return { kind: "evict", node: command.member, reason: 1 };
    case "start":
      return { kind: "mission", phase: "started", revision: order.missionRevision };
    case "addClue":
      return {
        kind: "clue",
        id: clueId(order),
        position: {
          northCm: Math.round(command.clue.northM * CM_PER_M),
          eastCm: Math.round(command.clue.eastM * CM_PER_M),
          altitudeAmslCm: 0,
        },
        errorCm: Math.round(command.clue.radiusM * CM_PER_M),
        weightMilli: Math.round(command.clue.likelihoodRatio * MILLI),
      };
    case "clearAir":
      return {
        kind: "latch",
        latch: latchOf(order, command),
        set: !command.lift,
        aglMaxCm: Math.round(command.ceilingAglM * CM_PER_M),
        byNetworkTimeMs: Math.max(0, Math.round(command.byMs)),
      };
    case "hold":
    case "return":
    case "land":
    case "arm":
    case "release":
    case "plan":
    case "parameter":
    case "divide":
      return { kind: "order", order: bytes };
    default:
      return command satisfies never;
  }
}

/** What the operator's node proposes for an order that it has signed. */
export function draftOfOrder(order: Order, bytes: Uint8Array, operatorNode: NodeIndex): EntryDraft {
  const body = bodyOfOrder(order, bytes);
  const inBody = body.kind === "order";
  return {
    kind: kindOf(body),
    body: encodeBody(body),
    orderId: orderKey(order),
    signatures: inBody ? [] : [{ signer: operatorNode, bytes }],
  };
}

/** The bytes of the order that stands behind an entry, if any. */
export function orderBytesOf(entry: LogEntry): Uint8Array | undefined {
  if (entry.kind !== EntryKind.order) return entry.signatures[0]?.bytes;
  const body = decodeBody(EntryKind.order, entry.body);
  return body.ok && body.value.kind === "order" ? body.value.order : undefined;
}

/** Reads and checks a signed order; `undefined` when it is not one that an operator gave. */
export type OrderCheck = (bytes: Uint8Array) => Verified<CheckedOrder> | undefined;

/**
 * Why an entry lacks the authority that its kind needs, or `undefined` when all is well: the order
 * must verify, name this very entry, and say what the body says.
 */
export function refuseEntry(entry: LogEntry, check: OrderCheck): Problem | undefined {
  if (!needsAuthority(entry.kind)) return undefined;
  const bytes = orderBytesOf(entry);
  const order = bytes === undefined ? undefined : check(bytes)?.order;
  if (bytes === undefined || order === undefined) return problem("NOD001");
  if (orderKey(order) !== entry.orderId) return problem("NOD002");
  const wanted = bodyOfOrder(order, bytes);
  const same = kindOf(wanted) === entry.kind && compareBytes(encodeBody(wanted), entry.body) === 0;
  return same ? undefined : problem("NOD002");
}
