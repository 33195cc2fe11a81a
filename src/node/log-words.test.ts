import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, NEVER, monotonicMs } from "../base/mod.ts";
import { LogWords } from "./log-words.ts";

const at = monotonicMs;
const acting = (key: bigint) => ({ key, step: "acting" as const, reason: "" });

describe("words for the log", () => {
  test("wait for the vehicle's own slot, so that six do not speak at once", () => {
    const slots = [0, 1, 5].map((place) => {
      const words = new LogWords(place);
      words.add(at(1000), acting(7n));
      expect(words.due(at(1199))).toEqual([]);
      return words.wakeAt();
    });
    expect(slots).toEqual([1200, 1300, 1700]);
  });

  test("are in the log within two seconds and a bit, however many vehicles there are", () => {
    const words = new LogWords(9_999);
    words.add(at(0), acting(7n));
    expect(words.wakeAt()).toBeLessThanOrEqual(2200);
  });

  test("are given up to the log once", () => {
    const words = new LogWords(0);
    words.add(at(0), acting(7n));
    expect(words.due(at(200))).toEqual([expect.objectContaining(acting(7n))]);
    expect(words.due(at(9_000))).toEqual([]);
    expect(words.wakeAt()).toBe(NEVER);
  });

  test("that follow before the slot take the place of the first, and its slot", () => {
    const words = new LogWords(0);
    words.add(at(0), acting(7n));
    words.add(at(150), { key: 7n, step: "refused", reason: "SEC041" });
    words.add(at(150), acting(8n));
    const due = words.due(at(200));
    expect(due).toHaveLength(1);
    expect(due[0]).toMatchObject({ key: 7n, step: "refused", reason: "SEC041" });
  });

  test("beyond sixty-four orders lose the oldest", () => {
    const words = new LogWords(0);
    for (let key = 0n; key < 70n; key += 1n) words.add(at(0), acting(key));
    const due = words.due(at(200));
    expect(due).toHaveLength(64);
    expect(due[0]?.key).toBe(6n);
  });

  test("survive a save and a load", () => {
    const words = new LogWords(2);
    words.add(at(10), { key: 7n, step: "refused", reason: "SEC041" });
    words.add(at(20), acting(8n));
    const to = new ByteWriter();
    words.save(to);
    const again = new LogWords(2);
    again.load(new ByteReader(to.take()));
    expect(again.wakeAt()).toBe(words.wakeAt());
    expect(again.due(at(5_000))).toEqual(words.due(at(5_000)));
  });
});
