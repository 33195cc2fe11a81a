import { expect, test } from "vitest";
import { ByteReader, ByteWriter } from "../base/mod.ts";
import { RecentPackets } from "./recent.ts";

test("a packet is new once", () => {
  const recent = new RecentPackets();
  expect([recent.mark(7, 1), recent.mark(7, 1)]).toEqual([true, false]);
  expect([recent.mark(8, 1), recent.mark(7, 2)]).toEqual([true, true]);
});

test("of the packets of a second hardly one is forgotten", () => {
  const recent = new RecentPackets();
  for (let i = 0; i < 64; i += 1) recent.mark(i, i * 1000);
  const again = Array.from({ length: 64 }, (_, i) => recent.mark(i, i * 1000));
  expect(again.filter((isNew) => isNew).length).toBeLessThanOrEqual(8);
});

test("what was seen is saved", () => {
  const recent = new RecentPackets();
  recent.mark(7, 1);
  const writer = new ByteWriter();
  recent.save(writer);
  const loaded = new RecentPackets();
  loaded.mark(9, 9);
  const reader = new ByteReader(writer.take());
  loaded.load(reader);
  expect(reader.finish()).toBeUndefined();
  expect([loaded.mark(7, 1), loaded.mark(9, 9)]).toEqual([false, true]);
});
