import { expect, test } from "vitest";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { InvariantError } from "./invariant.ts";
import { Timers } from "./machine.ts";
import { after, monotonicMs, networkTimeMs, NEVER, wallTimeMs } from "./units.ts";

test("the soonest deadline is when the machine wakes", () => {
  const timers = new Timers(["election", "heartbeat"]);
  expect(timers.next()).toBe(NEVER);
  timers.set("election", monotonicMs(300));
  timers.set("heartbeat", monotonicMs(50));
  expect(timers.next()).toBe(50);
  timers.stop("heartbeat");
  expect(timers.next()).toBe(300);
  expect(timers.at("heartbeat")).toBe(NEVER);
});

test("a timer is due once per setting", () => {
  const timers = new Timers(["election"]);
  timers.set("election", monotonicMs(10));
  expect(timers.due("election", monotonicMs(9.9))).toBe(false);
  expect(timers.due("election", monotonicMs(10))).toBe(true);
  expect(timers.due("election", monotonicMs(11))).toBe(false);
});

test("deadlines survive saving, the idle ones too", () => {
  const timers = new Timers(["a", "b"]);
  timers.set("b", monotonicMs(7.25));
  const writer = new ByteWriter();
  timers.save(writer);
  const copy = new Timers(["a", "b"]);
  copy.load(new ByteReader(writer.take()));
  expect([copy.at("a"), copy.at("b")]).toEqual([NEVER, 7.25]);
});

test("a timer that is not in the table is a mistake", () => {
  const timers = new Timers<string>(["a"]);
  expect(() => timers.at("z")).toThrow(InvariantError);
});

test("brands cost nothing and time moves both ways", () => {
  expect([monotonicMs(1), networkTimeMs(2), wallTimeMs(3)]).toEqual([1, 2, 3]);
  expect(after(monotonicMs(10), -4)).toBe(6);
});
