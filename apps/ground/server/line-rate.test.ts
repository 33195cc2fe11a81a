import { expect, test } from "vitest";
import { LineRate } from "./line-rate.ts";

/** A page that takes longer is gone. */
const SILENT_MS = 1e6;

interface Line {
  /** Milliseconds from sending to the page's word that it came. */
  readonly delayMs: number;
  readonly forMs: number;
}

/** Offers a frame every 100 ms over such a line; gives what went out and what the page was told. */
function play(pace: LineRate, line: Line, from: { ms: number; sequence: number }) {
  const acks: { atMs: number; sequence: number }[] = [];
  const told: number[] = [];
  let frames = 0;
  const endMs = from.ms + line.forMs;
  for (; from.ms < endMs; from.ms += 20) {
    while ((acks[0]?.atMs ?? Infinity) <= from.ms) {
      const ack = acks.shift();
      if (ack !== undefined) pace.seen(ack.sequence, from.ms);
    }
    if (from.ms % 100 === 0 && pace.mayGo(from.ms)) {
      frames += 1;
      from.sequence += 1;
      pace.sent(from.sequence, from.ms);
      const busyMs = acks.at(-1)?.atMs ?? 0;
      acks.push({ atMs: Math.max(from.ms, busyMs) + line.delayMs, sequence: from.sequence });
    }
    const news = pace.news(from.ms);
    if (news !== undefined) told.push(news);
  }
  const late = line.delayMs < SILENT_MS ? acks : [];
  for (const { sequence } of late) pace.seen(sequence, from.ms + line.delayMs);
  return { frames, told };
}

test("a prompt page gets ten frames a second and is told nothing", () => {
  const played = play(new LineRate(), { delayMs: 30, forMs: 10_000 }, { ms: 0, sequence: 0 });
  expect(played).toEqual({ frames: 100, told: [] });
});

test("a line that takes two seconds a frame gets one at a time, says so, and recovers", () => {
  const pace = new LineRate();
  const from = { ms: 0, sequence: 0 };
  const slow = play(pace, { delayMs: 2000, forMs: 60_000 }, from);
  expect(slow.frames).toBeLessThan(40);
  expect(slow.told.at(-1)).toBeGreaterThan(1500);
  expect(slow.told.at(-1)).toBeLessThan(2500);
  expect(pace.stride).toBe(8);
  const well = play(pace, { delayMs: 20, forMs: 10_000 }, from);
  expect(well.frames).toBeGreaterThan(90);
  expect(well.told.at(-1)).toBe(100);
  expect(pace.stride).toBe(1);
});

test("a page that never answers gets no more than the window, and then nothing", () => {
  const pace = new LineRate();
  const played = play(pace, { delayMs: 1e9, forMs: 30_000 }, { ms: 0, sequence: 0 });
  expect(played.frames).toBeLessThanOrEqual(6);
  expect(played.told.at(-1)).toBeGreaterThan(15_000);
  pace.seen(999, 30_000);
  expect(pace.mayGo(30_000)).toBe(false);
});

test("a session that rests between its frames is not taken for a slow line", () => {
  const pace = new LineRate();
  for (let i = 1; i <= 20; i += 1) {
    expect(pace.mayGo(i * 5000)).toBe(true);
    pace.sent(i, i * 5000);
    pace.seen(i, i * 5000 + 10);
    expect(pace.news(i * 5000 + 20)).toBeUndefined();
  }
});
