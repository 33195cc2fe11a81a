/** The flagship as a story: a search from power-up until somebody is found, under all checkers. */
import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter } from "../../src/base/mod.ts";
import { fly, open, type SeenEvent } from "./flown.ts";

const kinds = (events: readonly SeenEvent[]): Set<string> =>
  new Set(events.map(({ detail }) => detail.kind));

describe("two vehicles search a small area", () => {
  test("until the person is seen, confirmed and stood over, no invariant violated", async () => {
    const { report, events } = await fly("tiny.json5", {
      seed: 1,
      durationS: 900,
      untilFound: true,
    });
    expect(report.invariants.violated).toEqual([]);
    expect(report.search.foundAtS).not.toBeNull();
    expect(report.search.timeToDetectS).not.toBeNull();
    for (const kind of ["leaderElected", "epochOpened", "segmentClaimed", "detection", "found"]) {
      expect(kinds(events), kind).toContain(kind);
    }
    expect(report.security.handshakes).toBeGreaterThan(0);
    expect(report.consensus.entries).toBeGreaterThan(10);
    expect(report.search.posFinal[1]).toBeGreaterThan(report.search.posFinal[0]);
  });
});

describe("a run is (commit, scenario, seed)", () => {
  const run = async (options: object): Promise<string> =>
    (await fly("tiny.json5", { seed: 5, durationS: 90, ...options })).report.traceHash;

  test("the same seed twice, memo off, and other entropy give one hash", async () => {
    const first = await run({});
    expect(await run({})).toBe(first);
    expect(await run({ memo: false })).toBe(first);
    expect(await run({ entropySeed: 77 })).toBe(first);
  });

  test("another seed gives another hash", async () => {
    const { report } = await fly("tiny.json5", { seed: 6, durationS: 90 });
    expect(report.traceHash).not.toBe(await run({}));
  });

  test("a world saved in the middle goes on as if nothing had been", () => {
    const first = open("tiny.json5", { seed: 5 }).simulation.world;
    first.runUntil(20_000);
    const to = new ByteWriter();
    first.save(to);
    const second = open("tiny.json5", { seed: 5 }).simulation.world;
    second.load(new ByteReader(to.take()));
    first.runUntil(40_000);
    second.runUntil(40_000);
    expect(second.traceHash()).toBe(first.traceHash());
  });
});
