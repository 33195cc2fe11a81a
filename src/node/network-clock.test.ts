import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, monotonicMs } from "../base/mod.ts";
import { NetworkClock, SOURCES_MAX, intersect } from "./network-clock.ts";

const at = monotonicMs;

describe("network time from several sources", () => {
  test("is unknown before the first reading", () => {
    expect(new NetworkClock().estimate(at(5)).errorMs).toBe(Infinity);
  });

  test("one source is followed, its bound widening by 20 ppm of the time since", () => {
    const clock = new NetworkClock();
    clock.hear(at(1000), { source: "gnss", timeMs: 50_000, errorMs: 2 });
    const later = clock.estimate(at(101_000));
    expect(later.timeMs).toBeCloseTo(150_000, 6);
    expect(later.errorMs).toBeCloseTo(4, 6);
  });

  test("a receiver that jumps by 30 s is outvoted, named, and not followed", () => {
    const clock = new NetworkClock();
    clock.hear(at(0), { source: "ground", timeMs: 100_000, errorMs: 20 });
    clock.hear(at(0), { source: "peer 3", timeMs: 100_010, errorMs: 20 });
    clock.hear(at(0), { source: "gnss", timeMs: 130_000, errorMs: 1 });
    const estimate = clock.estimate(at(0));
    expect(estimate.liars).toEqual(["gnss"]);
    expect(Math.abs(estimate.timeMs - 100_005)).toBeLessThanOrEqual(estimate.errorMs + 1e-9);
  });

  test("of two that differ by a day neither is followed: the bound spans both", () => {
    const clock = new NetworkClock();
    const dayMs = 86_400_000;
    clock.hear(at(0), { source: "host", timeMs: 2 * dayMs, errorMs: 50 });
    clock.hear(at(0), { source: "gnss", timeMs: dayMs, errorMs: 1 });
    const { timeMs, errorMs, liars } = clock.estimate(at(0));
    expect(liars).toEqual(["host", "gnss"]);
    expect(errorMs).toBeGreaterThanOrEqual(dayMs / 2);
    for (const true_ of [dayMs, 2 * dayMs]) {
      expect(Math.abs(timeMs - true_)).toBeLessThanOrEqual(errorMs);
    }
    clock.hear(at(0), { source: "peer 3", timeMs: 2 * dayMs + 10, errorMs: 30 });
    const settled = clock.estimate(at(0));
    expect(settled.liars).toEqual(["gnss"]);
    expect(settled.errorMs).toBeLessThan(50);
  });

  test("readings age out, and a full table refuses a further source", () => {
    const clock = new NetworkClock();
    for (let i = 0; i < SOURCES_MAX; i += 1) {
      expect(clock.hear(at(0), { source: `s${String(i)}`, timeMs: 0, errorMs: 1 })).toBe(true);
    }
    expect(clock.hear(at(1), { source: "late", timeMs: 0, errorMs: 1 })).toBe(false);
    expect(clock.hear(at(700_000), { source: "late", timeMs: 700_000, errorMs: 1 })).toBe(true);
  });

  test("a reading whose error is not a number is refused", () => {
    const clock = new NetworkClock();
    expect(clock.hear(at(0), { source: "gnss", timeMs: 1, errorMs: NaN })).toBe(false);
  });

  test("a saved clock tells the same time", () => {
    const clock = new NetworkClock();
    clock.hear(at(7), { source: "gnss", timeMs: 123_456, errorMs: 3 });
    const to = new ByteWriter();
    clock.save(to);
    const copy = new NetworkClock();
    copy.load(new ByteReader(to.take()));
    expect(copy.estimate(at(900))).toEqual(clock.estimate(at(900)));
  });
});

describe("Marzullo's intersection", () => {
  const interval = (low: number, high: number): { source: string; low: number; high: number } => ({
    source: "",
    low,
    high,
  });

  test("the published example: 8..12, 11..13, 10..12 share 11..12", () => {
    expect(intersect([interval(8, 12), interval(11, 13), interval(10, 12)])).toEqual({
      low: 11,
      high: 12,
      firstHigh: 12,
      lastLow: 11,
    });
  });

  test("8..9, 8..12, 10..12: nobody knows which two are right, so it spans 8..12", () => {
    expect(intersect([interval(8, 9), interval(8, 12), interval(10, 12)])).toEqual({
      low: 8,
      high: 12,
      firstHigh: 9,
      lastLow: 10,
    });
  });

  test("of nothing there is none", () => {
    expect(intersect([])).toBeUndefined();
  });
});
