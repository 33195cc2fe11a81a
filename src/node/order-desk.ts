/**
 * What a vehicle does with an order whose signature security has checked.
 *
 * | order | acts | refused when |
 * | --- | --- | --- |
 * | hold, return, land, clear-air | on receipt, by any path, without quorum or clock | older than the last one acted on |
 * | start | when the log has agreed on it | older, expired, or network time is unsure by more than 1 s |
 * | arm | when agreed, for the boot whose nonce it names | another boot, expired, unsure |
 *
 * Nothing older than this boot arms: the nonce in an arming order is this boot's or the order is
 * refused, and what a restart replays from the log names an older one. The highest order acted on
 * is kept per operator, in the store, across reboots. Bound: `OPERATORS_MAX` operators.
 */
import type { ByteReader, ByteWriter, Emit, Machine, MonotonicMs, NodeIndex } from "../base/mod.ts";
import { ByteReader as Reader, ByteWriter as Writer, NEVER, nodeId } from "../base/mod.ts";
import {
  ORDER_RULES,
  compareOrders,
  isTarget,
  type Order,
  type OrderCommand,
  type OrderName,
  type Verified,
} from "../security/mod.ts";
import type { ActingOrder, Duty } from "../swarm/mod.ts";
import type { TimeEstimate } from "./network-clock.ts";

export const OPERATORS_MAX = 16;
/** Orders other than stops need network time to one second (`time and orders`). */
const TIME_ERROR_MAX_MS = 1000;

/** Why a vehicle refused an order; the wire code stands in the log's order state. */
export const Refusal: Readonly<{
  none: 0;
  older: 1;
  expired: 2;
  timeUnsure: 3;
  otherBoot: 4;
  operatorsFull: 5;
}> = Object.freeze({
  none: 0,
  older: 1,
  expired: 2,
  timeUnsure: 3,
  otherBoot: 4,
  operatorsFull: 5,
});
export type Refusal = (typeof Refusal)[keyof typeof Refusal];

export type OrderDeskIn =
  /** By radio or from the own station; stops act now, the rest waits for agreement. */
  | { readonly kind: "received"; readonly order: Verified<Order> }
  /** The log has agreed on it. */
  | { readonly kind: "agreed"; readonly order: Verified<Order>; readonly time: TimeEstimate }
  | { readonly kind: "duty"; readonly duty: Duty }
  /** The stored record of an earlier boot. */
  | { readonly kind: "recovered"; readonly record: Uint8Array };

export type OrderDeskOut =
  | { readonly kind: "act"; readonly order: ActingOrder }
  | {
      readonly kind: "state";
      readonly order: OrderName;
      readonly state: "received" | "acting" | "done" | "refused";
      readonly reason: Refusal;
    }
  /** To be kept under the name "orders". */
  | { readonly kind: "persist"; readonly record: Uint8Array };

interface Watched {
  readonly name: OrderName;
  readonly until: readonly Duty[];
}

export class OrderDesk implements Machine<OrderDeskIn, OrderDeskOut> {
  readonly #self: NodeIndex;
  readonly #bootNonce: bigint;
  #latest: readonly OrderName[] = [];
  #mayArm = false;
  #watched: Watched | undefined;

  constructor(options: { readonly self: NodeIndex; readonly bootNonce: bigint }) {
    this.#self = options.self;
    this.#bootNonce = options.bootNonce;
  }

  /** Whether an arming order for this very boot has been agreed on. */
  get mayArm(): boolean {
    return this.#mayArm;
  }

  step(_now: MonotonicMs, input: OrderDeskIn, emit: Emit<OrderDeskOut>): void {
    switch (input.kind) {
      case "received":
        this.#receive(input.order, emit);
        return;
      case "agreed":
        this.#agree(input.order, input.time, emit);
        return;
      case "duty":
        this.#follow(input.duty, emit);
        return;
      case "recovered":
        this.#latest = readNames(new Reader(input.record));
        return;
      default:
        input satisfies never;
    }
  }

  wakeAt(): MonotonicMs {
    return NEVER;
  }

  save(to: ByteWriter): void {
    to.bool(this.#mayArm);
    writeNames(to, this.#latest);
    to.bool(this.#watched !== undefined);
    if (this.#watched === undefined) return;
    writeNames(to, [this.#watched.name]);
    to.u8(this.#watched.until.length);
    for (const duty of this.#watched.until) to.text(duty);
  }

  load(from: ByteReader): void {
    this.#mayArm = from.bool();
    this.#latest = readNames(from);
    this.#watched = undefined;
    if (!from.bool()) return;
    const [name] = readNames(from);
    const until: Duty[] = [];
    for (let count = from.u8(); count > 0; count -= 1) until.push(from.text(32) as Duty);
    if (name !== undefined) this.#watched = { name, until };
  }

  #receive(order: Verified<Order>, emit: Emit<OrderDeskOut>): void {
    if (!isTarget(order, this.#self)) return;
    if (!ORDER_RULES[order.command.kind].stop) {
      emit({ kind: "state", order, state: "received", reason: Refusal.none });
      return;
    }
    const seen = this.#latestOf(order);
    if (seen !== undefined && compareOrders(seen, order) === 0) return;
    this.#actUnlessOlder(order, emit);
  }

  #agree(order: Verified<Order>, time: TimeEstimate, emit: Emit<OrderDeskOut>): void {
    if (!isTarget(order, this.#self)) return;
    const rule = ORDER_RULES[order.command.kind];
    if (rule.stop) {
      this.#receive(order, emit);
      return;
    }
    const refusal = this.#refusalOf(order, time);
    if (refusal !== Refusal.none) {
      emit({ kind: "state", order, state: "refused", reason: refusal });
      return;
    }
    if (order.command.kind === "arm") {
      this.#mayArm = true;
      emit({ kind: "act", order: { kind: "arm" } });
      emit({ kind: "state", order, state: "acting", reason: Refusal.none });
      return;
    }
    if (rule.moves) this.#actUnlessOlder(order, emit);
    else this.#act(order, emit);
  }

  #refusalOf(order: Order, time: TimeEstimate): Refusal {
    if (order.command.kind === "arm" && !this.#isForThisBoot(order.command)) {
      return Refusal.otherBoot;
    }
    if (!(time.errorMs <= TIME_ERROR_MAX_MS)) return Refusal.timeUnsure;
    return time.timeMs - time.errorMs > order.validUntil ? Refusal.expired : Refusal.none;
  }

  #isForThisBoot(command: Extract<OrderCommand, { readonly kind: "arm" }>): boolean {
    return command.bindings.some(
      ({ vehicle, bootNonce }) => vehicle === this.#self && bootNonce === this.#bootNonce,
    );
  }

  #actUnlessOlder(order: Order, emit: Emit<OrderDeskOut>): void {
    const seen = this.#latestOf(order);
    if (seen !== undefined && compareOrders(seen, order) >= 0) {
      emit({ kind: "state", order, state: "refused", reason: Refusal.older });
      return;
    }
    if (seen === undefined && this.#latest.length >= OPERATORS_MAX) {
      if (!ORDER_RULES[order.command.kind].stop) {
        emit({ kind: "state", order, state: "refused", reason: Refusal.operatorsFull });
        return;
      }
    } else {
      this.#remember(order, emit);
    }
    this.#act(order, emit);
  }

  #remember(order: Order, emit: Emit<OrderDeskOut>): void {
    const { operator, session, sequence } = order;
    const kept = this.#latest.filter((name) => name.operator !== operator);
    this.#latest = [...kept, { operator, session, sequence }];
    const to = new Writer();
    writeNames(to, this.#latest);
    emit({ kind: "persist", record: to.take() });
  }

  #act(order: Order, emit: Emit<OrderDeskOut>): void {
    for (const acting of actingOf(order.command)) emit({ kind: "act", order: acting });
    const until = DONE_WHEN[order.command.kind];
    emit({
      kind: "state",
      order,
      state: until === undefined ? "done" : "acting",
      reason: Refusal.none,
    });
    const { operator, session, sequence } = order;
    if (until !== undefined) this.#watched = { name: { operator, session, sequence }, until };
  }

  #follow(duty: Duty, emit: Emit<OrderDeskOut>): void {
    if (this.#watched?.until.includes(duty) !== true) return;
    emit({ kind: "state", order: this.#watched.name, state: "done", reason: Refusal.none });
    this.#watched = undefined;
  }

  #latestOf(order: OrderName): OrderName | undefined {
    return this.#latest.find(({ operator }) => operator === order.operator);
  }
}

/** Duties that end an order; orders that are not listed are done when acted on. */
const DONE_WHEN: Readonly<Partial<Record<OrderCommand["kind"], readonly Duty[]>>> = Object.freeze({
  hold: ["hold", "grounded"],
  return: ["grounded"],
  land: ["grounded"],
  start: ["search", "behaviour"],
});

/** What the swarm layer is told. Verdicts, clues and plans reach it through the log's own entries. */
function actingOf(command: OrderCommand): readonly ActingOrder[] {
  switch (command.kind) {
    case "hold":
    case "return":
    case "land":
    case "start":
    case "release":
      return [{ kind: command.kind }];
    case "clearAir":
      return [clearAirOf(command)];
    case "arm":
    case "addClue":
    case "plan":
    case "parameter":
    case "confirm":
    case "dismiss":
    case "lookAgain":
    case "evict":
      return [];
    default:
      return command satisfies never;
  }
}

function clearAirOf(command: Extract<OrderCommand, { readonly kind: "clearAir" }>): ActingOrder {
  if (command.lift) return { kind: "liftClearAir" };
  switch (command.manner) {
    case "below":
      return { kind: "clearAir", ceilingAglM: command.ceilingAglM, volume: command.volume };
    case "land":
      return { kind: "clearAir", ceilingAglM: 0, volume: command.volume };
    case "leave":
      return { kind: "return" };
    default:
      return command.manner satisfies never;
  }
}

function writeNames(to: ByteWriter, names: readonly OrderName[]): void {
  to.u8(names.length);
  for (const { operator, session, sequence } of names) {
    to.u64(operator).u32(session).u32(sequence);
  }
}

function readNames(from: ByteReader): readonly OrderName[] {
  const names: OrderName[] = [];
  for (let count = Math.min(from.u8(), OPERATORS_MAX); count > 0; count -= 1) {
    const operator = nodeId(from.u64());
    const session = from.u32();
    names.push({ operator, session, sequence: from.u32() });
  }
  return from.failed ? [] : names;
}
