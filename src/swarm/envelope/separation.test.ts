import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nodeIndex } from "../../base/mod.ts";
import type { Seen } from "./tracks.ts";
import { separate, type SeparationSelf } from "./separation.ts";

const RULES = { minSeparationM: 10, minSeparationVerticalM: 5, brakeMps2: 3 };

const self = (changes: Partial<SeparationSelf> = {}): SeparationSelf => ({
  position: { northM: 0, eastM: 0, altitudeAmslM: 100 },
  velocity: { northMps: 0, eastMps: 0, downMps: 0 },
  errorM: 0,
  overPad: false,
  ...changes,
});

const other = (northM: number, upM = 0, changes: Partial<Seen> = {}): Seen => ({
  index: nodeIndex(2),
  position: { northM, eastM: 0, altitudeAmslM: 100 + upM },
  velocity: { northMps: 0, eastMps: 0, downMps: 0 },
  trust: "verified",
  plan: [],
  ageMs: 100,
  widenM: 0,
  ...changes,
});

const limitOf = (me: SeparationSelf, one: Seen): number =>
  separate(me, [one], RULES).limits[0]?.maxMps ?? Infinity;

describe("on the ground plane", () => {
  test("who comes closer may do so ever more slowly, and not at all at the margin", () => {
    const [far, near, edge] = [100, 30, 14].map((gapM) => limitOf(self(), other(gapM)));
    expect(far!).toBeGreaterThan(near!);
    expect(near!).toBeGreaterThan(0);
    expect(edge!).toBeCloseTo(0, 9);
  });

  test("two that each keep to their limit stop before the minimum, from any distance", () => {
    fc.assert(
      fc.property(fc.double({ min: 14, max: 300, noNaN: true }), (gapM) => {
        const speed = limitOf(self(), other(gapM));
        const stopM = speed * 0.7 + (speed * speed) / (2 * RULES.brakeMps2);
        expect(gapM - 2 * stopM).toBeGreaterThanOrEqual(RULES.minSeparationM);
      }),
    );
  });

  test("too near, both move apart, but a claim that nobody vouches for pushes no one", () => {
    expect(limitOf(self(), other(8))).toBeLessThan(0);
    expect(limitOf(self(), other(8, 0, { trust: "unverified" }))).toBe(0);
  });

  test("a peer whose word is old is kept clear of by us alone", () => {
    const fresh = limitOf(self(), other(60));
    const stale = limitOf(self(), other(60, 0, { ageMs: 5000, trust: "stale" }));
    const twice = limitOf(self(), other(14 + 2 * 46));
    expect(stale).toBeCloseTo(twice, 9);
    expect(stale).toBeGreaterThan(fresh);
  });

  test("what either does not know of its place is added", () => {
    const sure = limitOf(self(), other(40));
    expect(limitOf(self({ errorM: 3 }), other(40))).toBeLessThan(sure);
    expect(limitOf(self(), other(40, 0, { widenM: 3 }))).toBeCloseTo(
      limitOf(self({ errorM: 3 }), other(40)),
      9,
    );
  });

  test("over its pad a vehicle bears a neighbour closer than on its way", () => {
    expect(limitOf(self(), other(12))).toBeLessThan(0);
    expect(limitOf(self({ overPad: true }), other(12))).toBe(0);
    expect(limitOf(self({ overPad: true }), other(10))).toBeLessThan(0);
  });

  test("exactly above each other there still is a direction", () => {
    const [limit] = separate(self(), [other(0, 2)], RULES).limits;
    expect([limit!.north, limit!.east]).toEqual([1, 0]);
  });
});

describe("in height", () => {
  test("apart by the minimum and more they pass above each other, and only height is kept", () => {
    const { limits, climbMaxMps, descentMaxMps } = separate(self(), [other(0, 10)], RULES);
    expect(limits).toEqual([]);
    expect(climbMaxMps).toBeLessThan(3);
    expect(descentMaxMps).toBe(Infinity);
  });

  test("one below limits the descent, one far off to the side nothing", () => {
    expect(separate(self(), [other(5, -9)], RULES).descentMaxMps).toBeLessThan(3);
    const aside = separate(self(), [other(200, -10)], RULES);
    expect(aside).toEqual({ limits: [], climbMaxMps: Infinity, descentMaxMps: Infinity });
  });

  test("one that will be overhead within ten seconds counts now", () => {
    const velocity = { northMps: -10, eastMps: 0, downMps: 0 };
    expect(separate(self(), [other(90, 9, { velocity })], RULES).climbMaxMps).toBeLessThan(3);
    expect(separate(self(), [other(190, 9, { velocity })], RULES).climbMaxMps).toBe(Infinity);
  });

  test("on the neighbouring column one that hangs still is passed, one that moves let by", () => {
    const me = self({ overPad: true });
    const moving = { northMps: 0, eastMps: 0, downMps: 1 };
    expect(separate(me, [other(13, 9)], RULES).climbMaxMps).toBe(Infinity);
    expect(separate(me, [other(13, 9, { velocity: moving })], RULES).climbMaxMps).toBeLessThan(3);
  });
});
