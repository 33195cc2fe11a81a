import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, segmentId } from "../../base/mod.ts";
import { computedPrior, searchMap } from "../map/mod.ts";
import { testGround, testMission } from "../mission.test-support.ts";
import { blocks, layoutOf, PASSES_MAX } from "../planner/segments.ts";
import type { SegmentProgress } from "../types.ts";
import {
  fullMask,
  loadProgress,
  mergeProgress,
  plausible,
  progressDigest,
  progressOf,
  progressTable,
  sameProgress,
  saveProgress,
} from "./progress.ts";

const world = testGround(testMission());
const prior = computedPrior(world);
const plan = blocks(world, prior);
const fresh = () => ({ table: progressTable(plan), map: searchMap(prior) });

const told = fc
  .record({
    segment: fc.integer({ min: 0, max: 5 }),
    pass: fc.integer({ min: 0, max: 3 }),
    bits: fc.integer({ min: 0, max: 0xffffffff }),
  })
  .map(({ segment, pass, bits }): SegmentProgress => {
    const id = segmentId(segment);
    const mask = fullMask(layoutOf(plan, id, pass));
    return { segment: id, pass, lanes: (bits & mask) >>> 0 };
  });

describe("progress", () => {
  test("reports in any order and any number of times give the same table and the same map", () => {
    fc.assert(
      fc.property(
        fc.array(told, { maxLength: 25 }),
        fc.array(fc.nat(), { maxLength: 25 }),
        (all, mix) => {
          const one = fresh();
          const other = fresh();
          for (const report of all) mergeProgress(plan, one, report);
          const shuffled = all.map((report, i) => ({ report, key: mix[i] ?? i }));
          shuffled.sort((x, y) => x.key - y.key);
          for (const { report } of [...shuffled, ...shuffled]) mergeProgress(plan, other, report);
          expect(sameProgress(one.table, other.table)).toBe(true);
          expect(one.map.pages).toEqual(other.map.pages);
          expect(progressDigest(one.table)).toBe(progressDigest(other.table));
        },
      ),
      { numRuns: 60 },
    );
  });

  test("the last lane of a pass begins the next pass", () => {
    const search = fresh();
    const id = segmentId(2);
    const count = layoutOf(plan, id, 0).lanes.length;
    for (let lane = 0; lane < count; lane += 1) {
      expect(progressOf(search.table, id).pass).toBe(0);
      expect(mergeProgress(plan, search, { segment: id, pass: 0, lanes: 2 ** lane })).toBe(true);
    }
    expect(progressOf(search.table, id)).toEqual({ segment: id, pass: 1, lanes: 0 });
    expect(mergeProgress(plan, search, { segment: id, pass: 0, lanes: 1 })).toBe(false);
  });

  test("reports that cannot be of this plan are not plausible", () => {
    const id = segmentId(0);
    const full = fullMask(layoutOf(plan, id, 0));
    expect(plausible(plan, { segment: id, pass: 0, lanes: full })).toBe(true);
    expect(plausible(plan, { segment: id, pass: 0, lanes: full + 1 })).toBe(false);
    expect(plausible(plan, { segment: id, pass: 255, lanes: 0 })).toBe(false);
    expect(plausible(plan, { segment: id, pass: PASSES_MAX, lanes: 0 })).toBe(true);
    expect(plausible(plan, { segment: id, pass: PASSES_MAX, lanes: 1 })).toBe(false);
    const last = fullMask(layoutOf(plan, id, PASSES_MAX));
    expect(plausible(plan, { segment: id, pass: PASSES_MAX, lanes: last })).toBe(false);
    expect(plausible(plan, { segment: segmentId(60_000), pass: 0, lanes: 0 })).toBe(false);
  });

  test("what is saved comes back, map and all; what is damaged is refused", () => {
    const search = fresh();
    mergeProgress(plan, search, { segment: segmentId(1), pass: 1, lanes: 1 });
    const to = new ByteWriter();
    saveProgress(search.table, to);
    const again = fresh();
    const from = new ByteReader(to.take());
    loadProgress(plan, again, from);
    expect(from.failed).toBe(false);
    expect(again.map.pages).toEqual(search.map.pages);
    const bytes = to.take();
    bytes[4 + 1] = 255;
    const broken = new ByteReader(bytes);
    loadProgress(plan, fresh(), broken);
    expect(broken.failed).toBe(true);
    const short = new ByteReader(new ByteWriter().blob(new Uint8Array(2)).take());
    loadProgress(plan, fresh(), short);
    expect(short.failed).toBe(true);
  });
});
