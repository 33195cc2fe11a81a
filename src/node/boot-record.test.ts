import { expect, test } from "vitest";
import { nodeIndex } from "../base/mod.ts";
import { Wire } from "./wire.test-support.ts";
import { STORE_BOOT, bootCountOf, bootRecord, nextBootCount } from "./boot-record.ts";

test("the count is what was kept, and none in an empty store", () => {
  expect(bootCountOf([])).toBe(0);
  expect(bootCountOf([{ name: STORE_BOOT, records: [bootRecord(7)] }])).toBe(7);
});

test("a damaged record does not set the count back: raft has counted too", () => {
  const wire = new Wire(1);
  for (let boot = 0; boot < 3; boot += 1) {
    wire.run(wire.nowMs + 200);
    if (boot < 2) wire.reboot(1);
  }
  const store = wire.stored(1);
  expect(bootCountOf(store)).toBe(3);
  const damaged = [new Uint8Array(3)];
  const left = store.map((row) => (row.name === STORE_BOOT ? { ...row, records: damaged } : row));
  expect(bootCountOf(left)).toBe(3);
});

test("the count rises by the clock when the store is gone, by the store when the clock is", () => {
  const [before, now] = [1_790_000_000, 1_790_000_100.7];
  const kept = [{ name: STORE_BOOT, records: [bootRecord(before)] }];
  expect(nextBootCount([], now)).toBe(1_790_000_100);
  expect(nextBootCount(kept, 0)).toBe(before + 1);
  expect(nextBootCount(kept, 1_000)).toBe(before + 1);
  expect(nextBootCount(kept, 5_000_000_000)).toBe(before + 1);
  expect(nextBootCount([], Number.NaN)).toBe(1);
});

test("a vehicle whose store was emptied is heard again when it has a clock", () => {
  const wire = new Wire(2);
  wire.run(3_000);
  wire.reboot(1);
  wire.run(6_000);
  for (const hasClock of [false, true]) {
    wire.hasClock = hasClock;
    wire.empty(1);
    wire.reboot(1);
    wire.run(wire.nowMs + 15_000);
    const seen = wire.nodes[2]!.layers.network.peer(nodeIndex(1));
    expect(seen?.state === "up" && seen.trust === "verified").toBe(hasClock);
  }
});
