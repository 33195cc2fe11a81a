/**
 * What a vehicle does with an order whose signature security has checked.
 *
 * | order | acts | refused when |
 * | --- | --- | --- |
 * | hold, return, land, clear-air | on receipt, without quorum or clock | older or surely expired |
 * | start | when the log has agreed | older, expired, or time unsure by more than 1 s |
 * | arm, release | when agreed, for the boot whose nonce it names | another boot, expired, unsure |
 *
 * Nothing older than this boot arms: the nonce in an arming order is this boot's or the order is
 * refused, and what a restart replays from the log names an older one. The newest order acted on is
 * kept per operator, in the store, across reboots (`OrderGate`).
 */
import { NEVER, nodeId } from "../base/mod.ts";
import type {
  ByteReader,
  ByteWriter,
  Emit,
  Machine,
  MonotonicMs,
  NodeIndex,
  ProblemCode,
} from "../base/mod.ts";
import {
  ORDER_RULES,
  OrderGate,
  admitArming,
  admitByTime,
  isTarget,
  type Order,
  type OrderCommand,
  type OrderName,
  type Verified,
} from "../security/mod.ts";
import type { ActingOrder, Duty } from "../swarm/mod.ts";
import type { TimeEstimate } from "./network-clock.ts";

export type OrderDeskIn =
  /** By radio or from the own station; stops act now, the rest waits for agreement. */
  | { readonly kind: "received"; readonly order: Verified<Order>; readonly time: TimeEstimate }
  /** The log has agreed on it. */
  | { readonly kind: "agreed"; readonly order: Verified<Order>; readonly time: TimeEstimate }
  | { readonly kind: "duty"; readonly duty: Duty }
  /** The stored records of an earlier boot. */
  | { readonly kind: "recovered"; readonly records: readonly Uint8Array[] };

export type OrderDeskOut =
  | { readonly kind: "act"; readonly order: ActingOrder }
  | {
      readonly kind: "state";
      readonly order: OrderName;
      readonly state: "received" | "acting" | "done" | "refused";
      /** Empty unless refused. */
      readonly reason: ProblemCode | "";
    }
  /** To be kept under the name "orders". */
  | { readonly kind: "persist"; readonly records: readonly Uint8Array[] };

interface Watched {
  readonly name: OrderName;
  readonly until: readonly Duty[];
}

export class OrderDesk implements Machine<OrderDeskIn, OrderDeskOut> {
  readonly #self: NodeIndex;
  readonly #bootNonce: bigint;
  readonly #gate = new OrderGate();
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
        this.#receive(input.order, input.time, emit);
        return;
      case "agreed":
        this.#agree(input.order, input.time, emit);
        return;
      case "duty":
        this.#follow(input.duty, emit);
        return;
      case "recovered":
        this.#gate.restore(input.records);
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
    const records = this.#gate.records();
    to.u16(records.length);
    for (const record of records) to.blob(record);
    to.bool(this.#watched !== undefined);
    if (this.#watched === undefined) return;
    const { name, until } = this.#watched;
    to.u64(name.operator).u32(name.session).u32(name.sequence).u8(until.length);
    for (const duty of until) to.text(duty);
  }

  load(from: ByteReader): void {
    this.#mayArm = from.bool();
    const records: Uint8Array[] = [];
    for (let count = from.u16(); count > 0; count -= 1) records.push(from.blob(64));
    this.#gate.restore(records);
    this.#watched = undefined;
    if (!from.bool()) return;
    const operator = nodeId(from.u64());
    const session = from.u32();
    const name = { operator, session, sequence: from.u32() };
    const until: Duty[] = [];
    for (let count = from.u8(); count > 0; count -= 1) until.push(from.text(32) as Duty);
    this.#watched = { name, until };
  }

  #receive(order: Verified<Order>, time: TimeEstimate, emit: Emit<OrderDeskOut>): void {
    if (!isTarget(order, this.#self)) return;
    if (ORDER_RULES[order.command.kind].stop) this.#actIfNewest(order, time, emit);
    else emit({ kind: "state", order, state: "received", reason: "" });
  }

  #agree(order: Verified<Order>, time: TimeEstimate, emit: Emit<OrderDeskOut>): void {
    if (!isTarget(order, this.#self)) return;
    const armable = admitArming(order, { index: this.#self, bootNonce: this.#bootNonce });
    if (armable.ok) this.#actIfNewest(order, time, emit);
    else emit({ kind: "state", order, state: "refused", reason: armable.problem.code });
  }

  #actIfNewest(order: Verified<Order>, time: TimeEstimate, emit: Emit<OrderDeskOut>): void {
    const timely = admitByTime(order, time);
    const admitted = timely.ok ? this.#gate.admit(order, this.#self) : timely;
    if (!admitted.ok) {
      emit({ kind: "state", order, state: "refused", reason: admitted.problem.code });
      return;
    }
    if (admitted.value === "repeated") return;
    if (ORDER_RULES[order.command.kind].moves) {
      emit({ kind: "persist", records: this.#gate.records() });
    }
    this.#act(order, emit);
  }

  #act(order: Order, emit: Emit<OrderDeskOut>): void {
    if (order.command.kind === "arm") this.#mayArm = true;
    for (const acting of actingOf(order.command)) emit({ kind: "act", order: acting });
    const until = DONE_WHEN[order.command.kind];
    const state = until === undefined ? "done" : "acting";
    emit({ kind: "state", order, state, reason: "" });
    const { operator, session, sequence } = order;
    if (until !== undefined) this.#watched = { name: { operator, session, sequence }, until };
  }

  #follow(duty: Duty, emit: Emit<OrderDeskOut>): void {
    if (this.#watched?.until.includes(duty) !== true) return;
    emit({ kind: "state", order: this.#watched.name, state: "done", reason: "" });
    this.#watched = undefined;
  }
}

/** Duties that end an order; orders that are not listed are done when acted on. */
const DONE_WHEN: Readonly<Partial<Record<OrderCommand["kind"], readonly Duty[]>>> = Object.freeze({
  hold: ["hold", "grounded"],
  return: ["grounded"],
  land: ["grounded"],
  start: ["search", "behaviour"],
});

/** What the swarm layer is told; verdicts, clues and plans reach it by entries of their own. */
function actingOf(command: OrderCommand): readonly ActingOrder[] {
  switch (command.kind) {
    case "hold":
    case "return":
    case "land":
    case "start":
    case "arm":
    case "release":
      return [{ kind: command.kind }];
    case "clearAir":
      return [clearAirOf(command)];
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
