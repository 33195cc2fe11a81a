import { describe, expect, test } from "vitest";
import {
  ByteReader,
  ByteWriter,
  NEVER,
  monotonicMs,
  networkTimeMs,
  nodeId,
  nodeIndex,
} from "../base/mod.ts";
import type { Order, OrderCommand } from "../security/mod.ts";
import { ORDERS_MAX, OrderBook, type OrderStep } from "./order-book.ts";
import { orderKey } from "./order-entry.ts";

const at = monotonicMs;
const targets = [1, 2].map(nodeIndex);

const order = (sequence: number, command: OrderCommand = { kind: "hold" }): Order => ({
  operator: nodeId(9n),
  session: 1,
  sequence,
  issuedAt: networkTimeMs(0),
  validUntil: networkTimeMs(1),
  targets: "all",
  missionRevision: 1,
  supersedes: undefined,
  command,
});

const known = new Map<number, Order>();
/** Stands in for the codec: an order's bytes are its sequence. */
const bytesOf = (one: Order): Uint8Array => {
  known.set(one.sequence, one);
  return Uint8Array.of(one.sequence);
};
const newBook = (): OrderBook => new OrderBook(([sequence]) => known.get(sequence ?? -1));

function opened(one: Order, own = true): OrderBook {
  const book = newBook();
  book.open({ order: one, bytes: bytesOf(one), own, now: at(0), targets });
  return book;
}

const word = (vehicle: number, step: OrderStep, ms = 5): Parameters<OrderBook["note"]>[1] => ({
  vehicle: nodeIndex(vehicle),
  step,
  reason: "",
  at: at(ms),
});

describe("the state of an order, vehicle by vehicle", () => {
  test("begins as sent, goes forward only, and takes no word of those it is not for", () => {
    const hold = order(1);
    const book = opened(hold);
    const key = orderKey(hold);
    expect(book.note(key, word(1, "acting"))).toBe(true);
    expect(book.note(key, word(1, "received"))).toBe(false);
    expect(book.note(key, word(7, "acting"))).toBe(false);
    expect(book.note(99n, word(1, "done"))).toBe(false);
    expect(book.records[0]?.rows.map(({ step }) => step)).toEqual(["acting", "sent"]);
  });

  test("done is the end: a refusal that comes after it is no news", () => {
    const hold = order(1);
    const book = opened(hold);
    book.note(orderKey(hold), word(1, "done"));
    expect(book.note(orderKey(hold), { ...word(1, "refused"), reason: "SEC028" })).toBe(false);
    expect(book.wordOf(orderKey(hold), nodeIndex(1))).toEqual({ step: "done", reason: "" });
    expect(book.wordOf(orderKey(hold), nodeIndex(2))).toBeUndefined();
    expect(book.wordOf(7n, nodeIndex(1))).toBeUndefined();
  });

  test("agreement lifts whoever has not gone further", () => {
    const start = order(2, { kind: "start" });
    const book = opened(start);
    book.note(orderKey(start), word(2, "done"));
    book.agreed(orderKey(start), at(9));
    expect(book.records[0]?.rows.map(({ step }) => step)).toEqual(["agreed", "done"]);
  });

  test("the same order is opened once; the oldest gives way when the book is full", () => {
    const book = newBook();
    for (let i = 0; i <= ORDERS_MAX; i += 1) {
      const one = order(i);
      book.open({ order: one, bytes: bytesOf(one), own: false, now: at(i), targets });
      book.open({ order: one, bytes: bytesOf(one), own: false, now: at(i), targets });
    }
    expect(book.records).toHaveLength(ORDERS_MAX);
    expect(book.records[0]?.order.sequence).toBe(1);
  });

  test("orders that have an entry kind of their own are not logged as orders", () => {
    expect(opened(order(3)).isLogged(orderKey(order(3)))).toBe(true);
    const confirm = order(4, { kind: "confirm", detectionId: 1 });
    expect(opened(confirm).isLogged(orderKey(confirm))).toBe(false);
    expect(newBook().isLogged(1n)).toBe(false);
  });
});

describe("repetition", () => {
  test("an own order is repeated until every target has acted on it", () => {
    const hold = order(5);
    const book = opened(hold);
    expect(book.wakeAt()).toBe(150);
    expect(book.due(at(149))).toEqual([]);
    expect(book.due(at(150)).map(({ order: one }) => one.sequence)).toEqual([5]);
    book.note(orderKey(hold), word(1, "acting"));
    book.note(orderKey(hold), word(2, "done"));
    expect(book.due(book.wakeAt())).toEqual([]);
    expect(book.wakeAt()).toBe(NEVER);
  });

  test("agreement does not stand for a stop's reception, reception is enough for others", () => {
    const hold = order(6);
    const stop = opened(hold);
    stop.agreed(orderKey(hold), at(1));
    expect(stop.due(at(150))).toHaveLength(1);
    const start = order(7, { kind: "start" });
    const book = opened(start);
    for (const vehicle of [1, 2]) book.note(orderKey(start), word(vehicle, "received"));
    expect(book.due(at(150))).toEqual([]);
  });

  test("it goes on while the order may act, so that who comes into reach has it soon", () => {
    const last = (one: Order): number => {
      const book = opened(one);
      let repeatedAt = at(0);
      for (let i = 0; i < 255 && book.wakeAt() < NEVER; i += 1) {
        const wakeAt = book.wakeAt();
        expect(wakeAt - repeatedAt).toBeLessThanOrEqual(8000);
        if (book.due(wakeAt).length > 0) repeatedAt = wakeAt;
      }
      expect(book.wakeAt()).toBe(NEVER);
      return repeatedAt;
    };
    const hold = { ...order(11), validUntil: networkTimeMs(30_000) };
    expect(last(hold)).toBeGreaterThan(25_000);
    expect(last(hold)).toBeLessThan(30_000);
    const clear: OrderCommand = {
      kind: "clearAir",
      lift: false,
      manner: "land",
      ceilingAglM: 0,
      byMs: networkTimeMs(0),
      volume: undefined,
    };
    expect(last(order(12, clear))).toBeGreaterThan(590_000);
  });

  test("it ends by itself, and an order of others is never repeated", () => {
    const book = opened(order(8));
    let repeats = 0;
    while (book.wakeAt() < NEVER && repeats < 50) repeats += book.due(book.wakeAt()).length;
    expect(repeats).toBe(7);
    expect(opened(order(9), false).wakeAt()).toBe(NEVER);
  });
});

test("a saved book goes on where it was; an order that cannot be read again is dropped", () => {
  const hold = order(10);
  const book = opened(hold);
  book.note(orderKey(hold), { ...word(1, "refused"), reason: "SEC026" });
  const to = new ByteWriter();
  book.save(to);
  const bytes = to.take();
  const copy = newBook();
  copy.load(new ByteReader(bytes));
  expect(copy.records).toEqual(book.records);
  expect(copy.wakeAt()).toBe(150);
  const blind = new OrderBook(() => undefined);
  blind.load(new ByteReader(bytes));
  expect(blind.records).toEqual([]);
});
