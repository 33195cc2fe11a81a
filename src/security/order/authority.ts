/**
 * Signing and checking orders. An order is signed by its operator's composite key, Ed25519 half and
 * ML-DSA half over one representative (`composite.ts`), bound to the mission by the context.
 *
 * A stop-type order acts on its Ed25519 half; an order that cannot be taken back waits for both.
 * Checking is the only way to a `Verified<CheckedOrder>`, here and for every entry of the log.
 */
import {
  ByteReader,
  ByteWriter,
  fail,
  networkTimeMs,
  nodeId,
  ok,
  problem,
  utf8Encode,
  type MissionId,
  type NetworkTimeMs,
  type NodeIndex,
  type Result,
} from "../../base/mod.ts";
import type { OperatorKeys } from "../credential/fleet.ts";
import type { Directory } from "../credential/package.ts";
import { compositeSign, compositeVerify } from "../crypto/composite.ts";
import type { CryptoProvider } from "../provider.ts";
import { markVerified, type Verified } from "../verified.ts";
import { checkDraft, decodeOrder, decodeSignedOrder, encodeOrder } from "./codec.ts";
import {
  ORDER_RULES,
  compareOrders,
  type CheckedOrder,
  type Order,
  type OrderDraft,
  type OrderName,
  type SignedOrder,
} from "./order.ts";

/** Agreed time and how far it may be off. */
export interface ClockReading {
  readonly timeMs: NetworkTimeMs;
  /** Infinity when there is no agreed time. */
  readonly errorMs: number;
}

/** Order expiry needs the time to this much. */
export const CLOCK_NEEDED_MS = 1000;

function contextOf(mission: MissionId): Uint8Array {
  const to = new ByteWriter({ initialBytes: 32 });
  return to.raw(utf8Encode("skein order 1")).u32(mission).take();
}

/** Numbers, dates and signs a draft; targets are sorted, because one order has one encoding. */
export function signOrder(
  provider: CryptoProvider,
  input: {
    readonly draft: OrderDraft;
    readonly keys: OperatorKeys;
    readonly mission: MissionId;
    readonly missionRevision: number;
    readonly session: number;
    readonly sequence: number;
    readonly now: NetworkTimeMs;
  },
): Result<SignedOrder> {
  const { draft, keys, now } = input;
  const drafted = checkDraft(draft.command, draft.targets);
  if (!drafted.ok) return drafted;
  const issuedAt = Math.max(0, Math.floor(now));
  const order: Order = {
    operator: keys.id,
    session: input.session,
    sequence: input.sequence,
    issuedAt: networkTimeMs(issuedAt),
    validUntil: networkTimeMs(issuedAt + Math.max(0, Math.floor(draft.validForMs))),
    targets: draft.targets === "all" ? "all" : [...new Set(draft.targets)].sort((a, b) => a - b),
    missionRevision: input.missionRevision,
    supersedes: draft.supersedes,
    command: draft.command,
  };
  const body = encodeOrder(order);
  const read = decodeOrder(body);
  if (!read.ok) return read;
  const signature = compositeSign(provider, keys.key, body, contextOf(input.mission));
  return ok({ order: read.value, body, ...signature });
}

/**
 * Who ordered it, and may they: parses, finds the operator, checks the signature. The time is not
 * looked at (see `admitByTime`), so that a log can be checked again years later.
 */
export function checkOrder(
  provider: CryptoProvider,
  directory: Directory,
  bytes: Uint8Array,
): Result<Verified<CheckedOrder>> {
  const decoded = decodeSignedOrder(bytes);
  if (!decoded.ok) return decoded;
  const signed = decoded.value;
  const { order, body, ed25519, mldsa } = signed;
  const operator = directory.operator(order.operator);
  if (operator === undefined || directory.isRevoked(order.operator)) {
    return fail(problem("SEC023"));
  }
  const context = contextOf(directory.missionId);
  const parts = { message: body, context, ed25519, mldsa };
  if (!compositeVerify(provider, operator.key, parts)) return fail(problem("SEC024"));
  if (mldsa === undefined && ORDER_RULES[order.command.kind].composite) {
    return fail(problem("SEC025"));
  }
  const assurance = mldsa === undefined ? "classical" : "composite";
  return ok(markVerified({ ...signed, order: markVerified(order), assurance }));
}

/**
 * Expiry. What latches stands until it is lifted and does not expire. Other stop-type orders act
 * whatever the clock says, unless a sure clock says that they have expired; all others need the
 * time to a second.
 */
export function admitByTime(order: Order, clock: ClockReading): Result<true> {
  const { stop, latches } = ORDER_RULES[order.command.kind];
  if (latches) return ok(true);
  if (clock.errorMs > CLOCK_NEEDED_MS) return stop ? ok(true) : fail(problem("SEC027"));
  const early = clock.timeMs + clock.errorMs + CLOCK_NEEDED_MS < order.issuedAt;
  const late = clock.timeMs - clock.errorMs > order.validUntil;
  if (late || (early && !stop)) return fail(problem("SEC026"));
  return ok(true);
}

/**
 * What must not command a vehicle that has booted since, or that another boot was meant for: to arm
 * it, or to say that its crew has stepped back.
 */
export function admitArming(
  order: Order,
  self: { readonly index: NodeIndex; readonly bootNonce: bigint },
): Result<true> {
  const { command } = order;
  if (command.kind !== "arm" && command.kind !== "release") return ok(true);
  const binding = command.bindings.find((one) => one.vehicle === self.index);
  return binding?.bootNonce === self.bootNonce ? ok(true) : fail(problem("SEC029"));
}

/**
 * The newest order of each operator among those that one desk compares. An older one that arrives
 * or is agreed later does not undo a newer: `start` committed after `hold` was flooded stays
 * refused. Bounded by the directory's operators. What must hold across boots goes through the store
 * by `records()` before it is acted on, and comes back by `restore`.
 */
export class OrderGate {
  readonly #newest: OrderName[] = [];

  /** `repeated`: this very order is the newest. */
  stance(order: OrderName): "fresh" | "repeated" | "older" {
    const known = this.#newest.find((one) => one.operator === order.operator);
    const age = known === undefined ? 1 : compareOrders(order, known);
    if (age === 0) return "repeated";
    return age > 0 ? "fresh" : "older";
  }

  /** Remembers an order that is fresh. */
  note({ operator, session, sequence }: OrderName): void {
    const at = this.#newest.findIndex((one) => one.operator === operator);
    this.#newest[at < 0 ? this.#newest.length : at] = { operator, session, sequence };
  }

  /** One record an operator, 16 bytes each. */
  records(): Uint8Array[] {
    return this.#newest.map((name) =>
      new ByteWriter({ initialBytes: 16 })
        .u64(name.operator)
        .u32(name.session)
        .u32(name.sequence)
        .take(),
    );
  }

  /** Records of another length are passed over. */
  restore(records: readonly Uint8Array[]): void {
    this.#newest.length = 0;
    for (const record of records) {
      const name = readRecord(record);
      if (name !== undefined) this.#newest.push(name);
    }
  }
}

function readRecord(record: Uint8Array): OrderName | undefined {
  if (record.length !== 16) return undefined;
  const from = new ByteReader(record);
  return { operator: nodeId(from.u64()), session: from.u32(), sequence: from.u32() };
}
