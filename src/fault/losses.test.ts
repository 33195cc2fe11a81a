import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, type MonotonicMs } from "../base/mod.ts";
import { createLosses, loadLosses, LOSSES, saveLosses, update } from "./losses.ts";

const now = (ms: number): MonotonicMs => ms as MonotonicMs;

describe("losses have patience both ways", () => {
  test("missing for long enough is lost, there for long enough is regained", () => {
    const losses = createLosses();
    const reading = (ms: number, missing: boolean): string | undefined =>
      update(losses, "head", { missing, now: now(ms) });
    expect(reading(0, false)).toBeUndefined();
    expect(reading(1000, true)).toBeUndefined();
    expect(reading(3999, true)).toBeUndefined();
    expect(reading(4000, true)).toBe("lost");
    expect(losses.head).toEqual({ lost: true, contradictedMs: Infinity, lostMs: 4000 });
    expect(reading(5000, false)).toBeUndefined();
    expect(reading(5500, true)).toBeUndefined();
    expect(reading(6000, false)).toBeUndefined();
    expect(reading(7000, false)).toBe("regained");
  });

  test("what is saved is loaded", () => {
    const losses = createLosses();
    LOSSES.forEach((what, i) => {
      update(losses, what, { missing: true, now: now(i) });
      update(losses, what, { missing: true, now: now(20_000) });
    });
    const writer = new ByteWriter();
    saveLosses(losses, writer);
    const loaded = createLosses();
    loadLosses(loaded, new ByteReader(writer.take()));
    expect(loaded).toEqual(losses);
  });
});
