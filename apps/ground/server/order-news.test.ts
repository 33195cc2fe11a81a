import { expect, test } from "vitest";
import type { OrderRow } from "../report/view.ts";
import { OrderWatch } from "./order-news.ts";

const evict = (agreement: OrderRow["agreement"]): OrderRow => ({
  id: "a1-1-1",
  kind: "evict",
  about: "vehicle 3",
  agreement,
  targets: [1, 2, 3],
  issuedAtS: 0,
  states: [],
});

test("an eviction that was not agreed on is an alarm, told once", () => {
  const watch = new OrderWatch();
  expect(watch.news([evict("open")], {})).toEqual([]);
  const [told] = watch.news([evict("failed")], { evict: "evict" });
  expect(told).toEqual({
    severity: "alarm",
    text: "not agreed on in time, not in force: evict vehicle 3",
  });
  expect(watch.news([evict("failed")], {})).toEqual([]);
  expect(watch.news([evict("agreed")], {})).toEqual([
    { severity: "notice", text: "agreed: evict vehicle 3" },
  ]);
});

test("an order that acts on receipt is told by its row alone", () => {
  expect(new OrderWatch().news([evict("none")], {})).toEqual([]);
});
