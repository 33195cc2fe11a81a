/**
 * What a vehicle does with an order whose signature security has checked.
 *
 * | order | acts | refused when |
 * | --- | --- | --- |
 * | hold, return, land | on receipt, without quorum or clock, or when agreed | older, expired |
 * | clear-air | the same; latches until it is lifted | older than another clear-air |
 * | start | when the log has agreed | older, expired, or time unsure by more than 1 s |
 * | arm, release | when agreed, for the boot whose nonce it names | another boot, expired, unsure |
 *
 * What was ordered before this boot and is agreed still stands: a restart, a snapshot or a late
 * arrival takes up the last stop or start and the latches, without asking the clock and without a
 * word about it, for it was answered in its time. Nothing of that arms: the nonce in an arming
 * order is this boot's or the order is not for it. The newest stop or start that was acted on is
 * kept per operator, in the store, across reboots; an older one is over.
 */
import { NEVER, monotonicMs, nodeId } from "../base/mod.ts";
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
  /** This boot begins, with the stored records of an earlier one. */
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
  /** Stops (but those that latch) and starts, across boots. */
  readonly #course = new OrderGate();
  /** The same in this boot, latches, grants. */
  readonly #acted = new OrderGate();
  readonly #latched = new OrderGate();
  readonly #granted = { arm: new OrderGate(), release: new OrderGate() };
  #bootedAt: MonotonicMs | undefined;
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

  step(now: MonotonicMs, input: OrderDeskIn, emit: Emit<OrderDeskOut>): void {
    switch (input.kind) {
      case "received":
        this.#receive(input.order, input.time, emit);
        return;
      case "agreed":
        this.#agree(input.order, { now, time: input.time }, emit);
        return;
      case "duty":
        this.#follow(input.duty, emit);
        return;
      case "recovered":
        this.#course.restore(input.records);
        this.#bootedAt = now;
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
    to.f64(this.#bootedAt ?? NEVER);
    for (const gate of this.#gates()) {
      const records = gate.records();
      to.u16(records.length);
      for (const record of records) to.blob(record);
    }
    to.bool(this.#watched !== undefined);
    if (this.#watched === undefined) return;
    const { name, until } = this.#watched;
    to.u64(name.operator).u32(name.session).u32(name.sequence).u8(until.length);
    for (const duty of until) to.text(duty);
  }

  load(from: ByteReader): void {
    this.#mayArm = from.bool();
    const bootedAt = from.f64();
    this.#bootedAt = bootedAt === NEVER ? undefined : monotonicMs(bootedAt);
    for (const gate of this.#gates()) {
      const records: Uint8Array[] = [];
      for (let count = from.u16(); count > 0; count -= 1) records.push(from.blob(64));
      gate.restore(records);
    }
    this.#watched = undefined;
    if (!from.bool()) return;
    const operator = nodeId(from.u64());
    const session = from.u32();
    const name = { operator, session, sequence: from.u32() };
    const until: Duty[] = [];
    for (let count = from.u8(); count > 0; count -= 1) until.push(from.text(32) as Duty);
    this.#watched = { name, until };
  }

  #gates(): readonly OrderGate[] {
    return [this.#course, this.#acted, this.#latched, this.#granted.arm, this.#granted.release];
  }

  #receive(order: Verified<Order>, time: TimeEstimate, emit: Emit<OrderDeskOut>): void {
    if (!isTarget(order, this.#self)) return;
    if (!ORDER_RULES[order.command.kind].stop) {
      emit({ kind: "state", order, state: "received", reason: "" });
      return;
    }
    const told = { order, old: false, emit };
    const timely = admitByTime(order, time);
    if (timely.ok) this.#stop(told);
    else refuse(told, timely.problem.code);
  }

  #agree(
    order: Verified<Order>,
    at: { readonly now: MonotonicMs; readonly time: TimeEstimate },
    emit: Emit<OrderDeskOut>,
  ): void {
    if (!isTarget(order, this.#self)) return;
    const told = { order, old: this.#predates(order, at), emit };
    const { kind } = order.command;
    if (ORDER_RULES[kind].stop) this.#stop(told);
    else if (kind === "start") this.#start(told, at.time);
    else if (kind === "arm" || kind === "release") this.#grant(told, kind, at.time);
    else if (!told.old) this.#unlessLate(told, at.time);
  }

  /** Surely given before this boot. */
  #predates(order: Order, at: { readonly now: MonotonicMs; readonly time: TimeEstimate }): boolean {
    if (this.#bootedAt === undefined) return false;
    return order.issuedAt < at.time.timeMs - at.time.errorMs - (at.now - this.#bootedAt);
  }

  #stop(told: Told): void {
    const { order, emit } = told;
    const { latches } = ORDER_RULES[order.command.kind];
    const inBoot = latches ? this.#latched : this.#acted;
    const stance = inBoot.stance(order);
    if (stance === "repeated") return;
    const before = latches ? "fresh" : this.#course.stance(order);
    if (stance === "older" || before === "older") {
      refuse(told, "SEC028");
      return;
    }
    inBoot.note(order);
    if (!latches && before === "fresh") this.#remember(order, emit);
    this.#act(told);
  }

  #start(told: Told, time: TimeEstimate): void {
    const { order, emit } = told;
    if (this.#acted.stance(order) === "repeated") return;
    const before = this.#course.stance(order);
    // An earlier boot acted on it: whatever the clock says, it was in time.
    const stands = told.old || before === "repeated";
    const timely = admitByTime(order, time);
    if (before === "older") refuse(told, "SEC028");
    else if (!stands && !timely.ok) refuse(told, timely.problem.code);
    else {
      this.#acted.note(order);
      if (before === "fresh") this.#remember(order, emit);
      this.#act({ ...told, old: stands });
    }
  }

  #grant(told: Told, kind: "arm" | "release", time: TimeEstimate): void {
    const { order } = told;
    const gate = this.#granted[kind];
    const bound = admitArming(order, { index: this.#self, bootNonce: this.#bootNonce });
    if (!bound.ok) {
      refuse(told, bound.problem.code);
      return;
    }
    if (gate.stance(order) === "repeated") return;
    // Clear-air, or its end, that was given after the arming may have come before it.
    const later = [this.#course, this.#latched].some((one) => one.stance(order) === "older");
    const overtaken = kind === "arm" && later;
    if (overtaken || gate.stance(order) === "older") refuse(told, "SEC028");
    else if (this.#unlessLate(told, time)) gate.note(order);
  }

  #unlessLate(told: Told, time: TimeEstimate): boolean {
    const timely = admitByTime(told.order, time);
    if (timely.ok) this.#act(told);
    else refuse(told, timely.problem.code);
    return timely.ok;
  }

  #remember(order: Order, emit: Emit<OrderDeskOut>): void {
    this.#course.note(order);
    emit({ kind: "persist", records: this.#course.records() });
  }

  #act({ order, old, emit }: Told): void {
    if (order.command.kind === "arm") this.#mayArm = true;
    for (const acting of actingOf(order.command)) emit({ kind: "act", order: acting });
    if (old) return;
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

/** An order on the desk; one that is older than this boot is answered no more. */
interface Told {
  readonly order: Verified<Order>;
  readonly old: boolean;
  readonly emit: Emit<OrderDeskOut>;
}

function refuse({ order, old, emit }: Told, reason: ProblemCode): void {
  if (!old) emit({ kind: "state", order, state: "refused", reason });
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
    case "divide":
      return [];
    default:
      return command satisfies never;
  }
}

/** Acted on at once, so by its time: that time is what the page counts down to. */
function clearAirOf(command: Extract<OrderCommand, { readonly kind: "clearAir" }>): ActingOrder {
  const { lift, manner, volume } = command;
  if (lift) return { kind: "liftClearAir" };
  const ceilingAglM = manner === "below" ? command.ceilingAglM : 0;
  return { kind: "clearAir", ceilingAglM, volume, leave: manner === "leave" };
}
