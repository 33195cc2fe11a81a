import { expect, test } from "vitest";
import { Wire } from "./wire.test-support.ts";
import { STORE_BOOT, bootCountOf, bootRecord } from "./boot-record.ts";

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
