/**
 * The operator's side of an order: sent, received by n of m, agreed, acting, done or refused. It is
 * kept by every node, so that a second ground station shows the same; the node that signed an order
 * repeats it until every target has answered. Bound: the newest `ORDERS_MAX` orders.
 */
import {
  NEVER,
  after,
  nodeIndex,
  type ByteReader,
  type ByteWriter,
  type MonotonicMs,
  type NodeIndex,
} from "../base/mod.ts";
import { ORDER_RULES, type Order } from "../security/mod.ts";
import { bodyOfOrder, orderKey } from "./order-entry.ts";

export const ORDERS_MAX = 64;
/** Gaps between repetitions of an order that somebody has not answered. */
const REPEAT_AFTER_MS = [150, 300, 600, 1000, 2000, 4000, 8000] as const;
/** From then on, while the order may still act: who comes into reach shall have it soon. */
const REPEAT_ON_MS = 4000;
/** What latches does not expire; after this long the log is left to carry it. */
const REPEAT_LATCH_MS = 600_000;

export type OrderStep = "sent" | "received" | "agreed" | "acting" | "done" | "refused";
/** Those that the log keeps of a vehicle. */
export type LoggedStep = Extract<OrderStep, "acting" | "done" | "refused">;
const STEPS: readonly OrderStep[] = ["sent", "received", "agreed", "acting", "done", "refused"];
/** Codes in a saved book; steps only rise, and nothing follows `done`. */
const OrderStepCode: Readonly<Record<OrderStep, number>> = Object.freeze({
  sent: 0,
  received: 1,
  agreed: 2,
  acting: 3,
  done: 4,
  refused: 5,
});

export interface OrderProgressRow {
  readonly vehicle: NodeIndex;
  readonly step: OrderStep;
  /** A problem code when refused, else empty. */
  readonly reason: string;
  /** When this node learned of the step. */
  readonly at: MonotonicMs;
}

/** One target's standing; `actedAt` is when this node learned that it acts, or NEVER. */
export interface OrderRow extends OrderProgressRow {
  readonly actedAt: MonotonicMs;
}

export interface OrderRecord {
  readonly order: Order;
  /** As it was signed; a stop in its short form. */
  readonly bytes: Uint8Array;
  readonly at: MonotonicMs;
  readonly rows: readonly OrderRow[];
}

interface OpenOrder extends OrderRecord {
  readonly own: boolean;
  rows: readonly OrderRow[];
  repeats: number;
  repeatAt: MonotonicMs;
}

/** A word that was lost on the air is said again when its order is, no more often than this. */
const SAY_AGAIN_MS = 3000;

export class OrderBook {
  readonly #read: (bytes: Uint8Array) => Order | undefined;
  readonly #most: number;
  #orders: OpenOrder[] = [];

  /** `read` decodes an order's bytes again when a saved book is loaded; `most` orders are kept. */
  constructor(read: (bytes: Uint8Array) => Order | undefined, most: number = ORDERS_MAX) {
    this.#read = read;
    this.#most = most;
  }

  get records(): readonly OrderRecord[] {
    return this.#orders;
  }

  /** Notes an order once; `targets` are the vehicles that shall answer. */
  open(options: {
    readonly order: Order;
    readonly bytes: Uint8Array;
    readonly own: boolean;
    readonly now: MonotonicMs;
    readonly targets: readonly NodeIndex[];
  }): void {
    const { order, bytes, own, now, targets } = options;
    if (this.#find(orderKey(order)) !== undefined) return;
    const rows = targets.map((vehicle) => ({
      vehicle,
      step: "sent" as const,
      reason: "",
      at: now,
      actedAt: NEVER,
    }));
    const repeatAt = own ? after(now, REPEAT_AFTER_MS[0]) : NEVER;
    this.#orders.push({ order, bytes, own, at: now, rows, repeats: 0, repeatAt });
    if (this.#orders.length > this.#most) this.#orders.shift();
  }

  /** A vehicle's word on an order. Steps only go forward, done ends; true when it was news. */
  note(key: bigint, word: OrderProgressRow): boolean {
    const { vehicle, step } = word;
    const open = this.#find(key);
    const row = open?.rows.find((one) => one.vehicle === vehicle);
    if (open === undefined || row === undefined) return false;
    if (row.step === "done" || OrderStepCode[step] <= OrderStepCode[row.step]) return false;
    const acts = step === "acting" || step === "done";
    const actedAt = acts && row.actedAt === NEVER ? word.at : row.actedAt;
    open.rows = open.rows.map((one) => (one === row ? { ...word, actedAt } : one));
    return true;
  }

  /** What a vehicle has said that it did with an order; `undefined` when it only received it. */
  wordOf(
    key: bigint,
    vehicle: NodeIndex,
  ): { readonly step: LoggedStep; readonly reason: string } | undefined {
    const row = this.#find(key)?.rows.find((one) => one.vehicle === vehicle);
    if (row === undefined) return undefined;
    const { step, reason } = row;
    return step === "acting" || step === "done" || step === "refused"
      ? { step, reason }
      : undefined;
  }

  /** The same for saying it again to who asks again: at most every few seconds. */
  wordAgain(
    key: bigint,
    vehicle: NodeIndex,
    now: MonotonicMs,
  ): { readonly step: LoggedStep; readonly reason: string } | undefined {
    const word = this.wordOf(key, vehicle);
    const open = this.#find(key);
    const row = open?.rows.find((one) => one.vehicle === vehicle);
    if (word === undefined || open === undefined || row === undefined) return undefined;
    if (now - row.at < SAY_AGAIN_MS) return undefined;
    open.rows = open.rows.map((one) => (one === row ? { ...one, at: now } : one));
    return word;
  }

  /** Whether the log keeps this order as such; others change the state by entries of their own. */
  isLogged(key: bigint): boolean {
    const open = this.#find(key);
    return open !== undefined && bodyOfOrder(open.order, open.bytes).kind === "order";
  }

  /** A log has it: every target among its members that has not gone further is at `agreed`. */
  agreed(key: bigint, at: MonotonicMs, members?: readonly NodeIndex[]): void {
    for (const { vehicle } of this.#find(key)?.rows ?? []) {
      if (members?.includes(vehicle) === false) continue;
      this.note(key, { vehicle, step: "agreed", reason: "", at });
    }
  }

  /** Orders of this node that are due for repetition, with their bytes. */
  due(now: MonotonicMs): readonly { readonly order: Order; readonly bytes: Uint8Array }[] {
    const repeated: { readonly order: Order; readonly bytes: Uint8Array }[] = [];
    for (const open of this.#orders) {
      if (open.repeatAt > now) continue;
      open.repeats += 1;
      const gapMs = REPEAT_AFTER_MS[open.repeats] ?? gapWhile(open, now);
      const answered = open.rows.every(({ step }) => heard(open.order, step));
      open.repeatAt = answered || gapMs === undefined ? NEVER : after(now, gapMs);
      if (!answered) repeated.push({ order: open.order, bytes: open.bytes });
    }
    return repeated;
  }

  wakeAt(): MonotonicMs {
    let soonest: MonotonicMs = NEVER;
    for (const { repeatAt } of this.#orders) if (repeatAt < soonest) soonest = repeatAt;
    return soonest;
  }

  save(to: ByteWriter): void {
    to.u16(this.#orders.length);
    for (const open of this.#orders) {
      to.blob(open.bytes).bool(open.own).f64(open.at).u8(open.repeats).f64(open.repeatAt);
      to.u16(open.rows.length);
      for (const { vehicle, step, reason, at, actedAt } of open.rows) {
        to.u16(vehicle).u8(OrderStepCode[step]).text(reason).f64(at).f64(actedAt);
      }
    }
  }

  load(from: ByteReader): void {
    this.#orders = [];
    for (let count = Math.min(from.u16(), this.#most); count > 0; count -= 1) {
      const bytes = from.blob(16_000);
      const own = from.bool();
      const at = from.f64() as MonotonicMs;
      const repeats = from.u8();
      const repeatAt = from.f64() as MonotonicMs;
      const rows = readRows(from);
      const order = this.#read(bytes);
      if (order !== undefined)
        this.#orders.push({ order, bytes, own, at, rows, repeats, repeatAt });
    }
  }

  #find(key: bigint): OpenOrder | undefined {
    return this.#orders.find(({ order }) => orderKey(order) === key);
  }
}

function readRows(from: ByteReader): readonly OrderRow[] {
  const rows: OrderRow[] = [];
  for (let count = from.u16(); count > 0 && !from.failed; count -= 1) {
    const vehicle = nodeIndex(from.u16());
    const step = STEPS[from.u8()] ?? "sent";
    const reason = from.text(16);
    const at = from.f64() as MonotonicMs;
    rows.push({ vehicle, step, reason, at, actedAt: from.f64() as MonotonicMs });
  }
  return rows;
}

/** To a repetition that is still of use, by this node's clock, on which the order was signed. */
function gapWhile({ order, at }: OpenOrder, now: MonotonicMs): number | undefined {
  const { latches } = ORDER_RULES[order.command.kind];
  const validMs = latches ? REPEAT_LATCH_MS : order.validUntil - order.issuedAt;
  return now + REPEAT_ON_MS < at + validMs ? REPEAT_ON_MS : undefined;
}

/** Agreement alone shows no reception of a stop; the vehicle's own word does. */
function heard(order: Order, step: OrderStep): boolean {
  const enough: OrderStep = ORDER_RULES[order.command.kind].stop ? "acting" : "received";
  return OrderStepCode[step] >= OrderStepCode[enough];
}
