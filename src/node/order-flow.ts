/**
 * Orders through a node: desk (what this vehicle does with one) and book (what everybody has done
 * with it), and the words between nodes about both.
 *
 * | from | what | to |
 * | --- | --- | --- |
 * | own operator | signed order | flood when it stops, and the log |
 * | envelope | checked order | desk, book |
 * | log | agreed order | desk, book |
 * | desk | acting order | swarm |
 * | desk | state of an order | everybody, the log in its slot, the book |
 */
import {
  after,
  type ByteReader,
  type ByteWriter,
  type MonotonicMs,
  type NodeIndex,
  type ProblemCode,
} from "../base/mod.ts";
import type { EntryBody, EntryDraft, StateChange } from "../consensus/mod.ts";
import {
  ORDER_RULES,
  compareOrders,
  decodeOrderState,
  encodeOrderState,
  encodeSignedOrder,
  orderId,
  type CheckedOrder,
  type Order,
  type OrderName,
  type Verified,
} from "../security/mod.ts";
import type { Duty } from "../swarm/mod.ts";
import type { DivideCommand } from "./mover.ts";
import type { OrderReader } from "./layers.ts";
import type { TimeEstimate } from "./network-clock.ts";
import { LogWords, type LogWord } from "./log-words.ts";
import { OrderBook, type LoggedStep, type OrderRecord, type OrderStep } from "./order-book.ts";
import { OrderDesk, type OrderDeskIn, type OrderDeskOut } from "./order-desk.ts";
import { draftOfOrder, orderKey } from "./order-entry.ts";
import type { Hands } from "./routes.ts";

const ORDER_EXPIRY_MS = 1500;

/** An order as the agreed state keeps it. */
export interface KeptOrder {
  readonly key: bigint;
  readonly bytes: Uint8Array;
}

export interface OrderFlowOptions {
  readonly self: NodeIndex;
  /** A station gives orders and obeys none. */
  readonly station: boolean;
  /** Whom an order to all is for, as far as this node keeps account: its cluster, or everyone. */
  readonly vehicles: () => readonly NodeIndex[];
  /** Orders kept in the book, where not the usual number. */
  readonly booked?: number;
  readonly bootNonce: bigint;
  readonly reader: OrderReader;
}

/** What the node lends: its hands, and what it knows of time, mission and store. */
export interface OrderHands extends Pick<Hands, "now" | "say" | "swarm" | "event" | "refused"> {
  time(): TimeEstimate;
  missionStarted(): boolean;
  /** A log has agreed on a division. */
  divided(command: DivideCommand, bytes: Uint8Array): void;
  /** An own order into the logs that it concerns. */
  proposeOrder(order: Order, draft: EntryDraft): void;
  keep(records: readonly Uint8Array[]): void;
  proposeBody(body: EntryBody): void;
}

export class OrderFlow {
  readonly #options: OrderFlowOptions;
  readonly #hands: OrderHands;
  readonly #desk: OrderDesk;
  readonly #book: OrderBook;
  readonly #logWords: LogWords;

  constructor(options: OrderFlowOptions, hands: OrderHands) {
    this.#options = options;
    this.#hands = hands;
    this.#desk = new OrderDesk({ self: options.self, bootNonce: options.bootNonce });
    this.#book = new OrderBook(options.reader.read, options.booked);
    const place = options.vehicles().indexOf(options.self);
    this.#logWords = new LogWords(Math.max(0, place));
  }

  get records(): readonly OrderRecord[] {
    return this.#book.records;
  }

  get mayArm(): boolean {
    return this.#desk.mayArm;
  }

  wakeAt(): MonotonicMs {
    const [repeatAt, wordAt] = [this.#book.wakeAt(), this.#logWords.wakeAt()];
    return wordAt < repeatAt ? wordAt : repeatAt;
  }

  /** Own stops that somebody has not answered go out again; words in their slot are logged. */
  wake(): void {
    const now = this.#hands.now();
    for (const { bytes } of this.#book.due(now)) this.#flood(bytes);
    for (const word of this.#logWords.due(now)) this.#proposeState(word);
  }

  save(to: ByteWriter): void {
    this.#desk.save(to);
    this.#book.save(to);
    this.#logWords.save(to);
  }

  load(from: ByteReader): void {
    this.#desk.load(from);
    this.#book.load(from);
    this.#logWords.load(from);
  }

  /** A boot begins, with what an earlier one kept. */
  begin(records: readonly Uint8Array[]): void {
    this.#tell({ kind: "recovered", records });
  }

  follow(duty: Duty): void {
    this.#tell({ kind: "duty", duty });
  }

  /**
   * An order that this node signed, or that came to it in an envelope. A stop is flooded in its
   * short form, one packet with the classical half of the signature; the log carries the whole.
   */
  seen(order: Verified<CheckedOrder>, bytes: Uint8Array, own: boolean): void {
    const { stop } = ORDER_RULES[order.order.command.kind];
    const short = stop ? encodeSignedOrder({ ...order, mldsa: undefined }) : bytes;
    const flooded = own && stop;
    const again = own || !stop ? undefined : this.#wordAgain(order.order);
    this.#note(order.order, short, flooded);
    if (flooded) this.#flood(short);
    if (own) {
      const draft = draftOfOrder(order.order, bytes, this.#options.self);
      this.#hands.proposeOrder(order.order, draft);
    }
    this.#tell({ kind: "received", order: order.order, time: this.#hands.time() });
    if (again !== undefined) this.#say(order.order, again.step, again.reason);
  }

  /** The station repeats a stop while it has no answer: ours was lost. */
  #wordAgain(order: Order): { readonly step: LoggedStep; readonly reason: string } | undefined {
    return this.#book.wordAgain(orderKey(order), this.#options.self, this.#hands.now());
  }

  /** A log, that of `members` or everyone's, has agreed on the order behind an entry. */
  agreed(key: bigint, bytes: Uint8Array, members?: readonly NodeIndex[]): void {
    const order = this.#options.reader.check(bytes);
    if (order === undefined) return;
    this.#note(order.order, bytes, false);
    this.#book.agreed(key, this.#hands.now(), members);
    const { command } = order.order;
    if (command.kind === "divide") this.#hands.divided(command, bytes);
    const said = this.#book.wordOf(key, this.#options.self);
    this.#tell({ kind: "agreed", order: order.order, time: this.#hands.time() });
    // What was done on receipt was said before the log had the order: that word may have been lost
    // on the air, and the log could not take it. So it is said once more.
    if (said === undefined || !this.#book.isLogged(key)) return;
    this.#logWords.add(this.#hands.now(), { key, ...said });
  }

  /** The state came whole: what its orders say stands, the older first. */
  restored(kept: readonly KeptOrder[], members?: readonly NodeIndex[]): void {
    const { read } = this.#options.reader;
    const dated = kept.flatMap(({ key, bytes }) => {
      const order = read(bytes);
      return order === undefined ? [] : [{ key, bytes, order }];
    });
    dated.sort(
      (a, b) =>
        a.order.issuedAt - b.order.issuedAt ||
        compareOrders(a.order, b.order) ||
        (a.key < b.key ? -1 : 1),
    );
    for (const { key, bytes } of dated) this.agreed(key, bytes, members);
  }

  /** The log has a vehicle's word on an order. */
  stateAgreed(change: Extract<StateChange, { readonly kind: "orderState" }>): void {
    const { node: vehicle, progress: step } = change;
    const reason = change.reason === 0 ? "" : codeOf(change.reason);
    this.#book.note(change.orderId, { vehicle, step, reason, at: this.#hands.now() });
  }

  /** A vehicle's word on an order, straight from it. */
  word(from: NodeIndex, message: Uint8Array): void {
    const word = decodeOrderState(message);
    if (!word.ok) this.#hands.refused(word.problem.code);
    else if (word.value.vehicle !== from) this.#hands.refused("NOD003");
    else this.#noteWord(word.value.name, from, word.value.progress, word.value.reason);
  }

  #note(order: Order, bytes: Uint8Array, own: boolean): void {
    const targets = order.targets === "all" ? this.#options.vehicles() : order.targets;
    this.#book.open({ order, bytes, own, now: this.#hands.now(), targets });
  }

  #flood(bytes: Uint8Array): void {
    this.#hands.say({
      to: "swarm",
      sign: false,
      message: bytes,
      trafficClass: 0,
      expiresAt: after(this.#hands.now(), ORDER_EXPIRY_MS),
    });
  }

  #tell(input: OrderDeskIn): void {
    if (this.#options.station) return;
    this.#desk.step(this.#hands.now(), input, (out) => {
      this.#deskSays(out);
    });
  }

  #deskSays(out: OrderDeskOut): void {
    switch (out.kind) {
      case "act":
        this.#hands.swarm({ kind: "order", order: out.order });
        if (out.order.kind === "arm") this.#joinRunningMission();
        return;
      case "persist":
        this.#hands.keep(out.records);
        return;
      case "state":
        this.#tellState(out.order, out.state, out.reason);
        return;
      default:
        out satisfies never;
    }
  }

  /** A vehicle that is armed anew, after a reboot or late, takes part in what is going on. */
  #joinRunningMission(): void {
    if (!this.#hands.missionStarted()) return;
    this.#hands.swarm({ kind: "order", order: { kind: "join" } });
  }

  #tellState(
    order: OrderName,
    progress: "received" | "acting" | "done" | "refused",
    reason: ProblemCode | "",
  ): void {
    const vehicle = this.#options.self;
    const name = nameOf(order);
    this.#say(order, progress, reason);
    this.#noteWord(name, vehicle, progress, reason);
    const key = orderKey(name);
    if (progress === "received" || !this.#book.isLogged(key)) return;
    this.#logWords.add(this.#hands.now(), { key, step: progress, reason });
  }

  #say(order: OrderName, progress: "received" | LoggedStep, reason: string): void {
    const vehicle = this.#options.self;
    this.#hands.say({
      to: "group",
      sign: true,
      message: encodeOrderState({ name: nameOf(order), vehicle, progress, reason }),
      trafficClass: 1,
      expiresAt: after(this.#hands.now(), ORDER_EXPIRY_MS),
    });
  }

  #proposeState({ key, step, reason }: LogWord): void {
    this.#hands.proposeBody({
      kind: "orderState",
      orderId: key,
      node: this.#options.self,
      progress: step,
      reason: digitsOf(reason),
    });
  }

  #noteWord(name: OrderName, vehicle: NodeIndex, step: OrderStep, reason: string): void {
    const at = this.#hands.now();
    if (!this.#book.note(orderKey(name), { vehicle, step, reason, at })) return;
    this.#hands.event({ kind: "order", orderId: orderId(name), vehicle, state: step, reason });
  }
}

const nameOf = ({ operator, session, sequence }: OrderName): OrderName => ({
  operator,
  session,
  sequence,
});

/** The log keeps a refusal's number; orders are refused by the security layer's problems only. */
const digitsOf = (code: string): number => (code === "" ? 0 : Number(code.slice(3)));
const codeOf = (digits: number): string => `SEC${String(digits).padStart(3, "0")}`;
