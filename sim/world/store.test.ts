import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, SeededStream } from "../../src/base/mod.ts";
import type { StoreRequest } from "../../src/hal/mod.ts";
import { SimStore } from "./store.ts";

const append = (...values: number[]): StoreRequest => ({
  kind: "append",
  name: "log",
  records: values.map((value) => Uint8Array.of(value)),
});

const how = (ticket: number, dueUs = 0) =>
  ({ ticket, dueUs, outcome: "done", bytesMax: 100 }) as const;

const contents = (store: SimStore): number[][] =>
  store.recovered().map(({ records }) => records.map((record) => record[0] ?? -1));

describe("a node's store", () => {
  test("applies what was answered, in order, and nothing before", () => {
    const store = new SimStore();
    expect(store.ask(append(1, 2), how(7, 50))).toBe(50);
    expect(store.ask({ kind: "truncate", name: "log", keepCount: 1 }, how(8, 20))).toBe(50);
    expect(store.ask({ kind: "replace", name: "boot", records: [Uint8Array.of(9)] }, how(9))).toBe(
      50,
    );
    expect(store.recovered()).toEqual([]);
    expect(store.complete()).toEqual({ ticket: 7, outcome: "done" });
    expect(contents(store)).toEqual([[1, 2]]);
    expect(store.complete()).toEqual({ ticket: 8, outcome: "done" });
    expect(contents(store)).toEqual([[1]]);
    expect(store.complete()).toEqual({ ticket: 9, outcome: "done" });
    expect(store.recovered().map(({ name }) => name)).toEqual(["boot", "log"]);
    expect(store.complete()).toBeUndefined();
  });

  test("what its asker changes afterwards does not change the record", () => {
    const store = new SimStore();
    const record = Uint8Array.of(1);
    store.ask({ kind: "append", name: "log", records: [record] }, how(1));
    record[0] = 99;
    store.complete();
    expect(contents(store)).toEqual([[1]]);
  });

  test("is full at its bound, and broken when told so; neither changes it", () => {
    const store = new SimStore();
    store.ask(append(1, 2, 3), { ...how(1), bytesMax: 2 });
    store.ask(append(4), { ...how(2), outcome: "broken" });
    expect([store.complete()?.outcome, store.complete()?.outcome]).toEqual(["full", "broken"]);
    expect(store.recovered()).toEqual([]);
  });

  test("a crash loses a tail and never a middle", () => {
    const lengths = new Set<number>();
    for (let seed = 0; seed < 60; seed += 1) {
      const store = new SimStore();
      for (let i = 0; i < 5; i += 1) store.ask(append(i), how(i));
      store.complete();
      store.crash(new SeededStream(seed, "crash"));
      const [log] = contents(store);
      expect(log).toEqual([0, 1, 2, 3, 4].slice(0, log?.length));
      expect(store.waiting).toBe(0);
      lengths.add(log?.length ?? 0);
    }
    expect([...lengths].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
  });

  test("a saved store goes on", () => {
    const store = new SimStore();
    store.ask(append(1), how(1));
    store.complete();
    store.ask(append(2), how(2));
    const writer = new ByteWriter();
    store.save(writer);
    const copy = new SimStore();
    copy.load(new ByteReader(writer.take()));
    expect(copy.complete()).toEqual({ ticket: 2, outcome: "done" });
    expect(contents(copy)).toEqual([[1, 2]]);
  });
});
