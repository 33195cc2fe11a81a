import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CLUSTER_CHANNELS, planChannels, type Centre } from "./channels.ts";

const grid = (side: number, apartM: number): readonly Centre[] =>
  Array.from({ length: side * side }, (_, i) => ({
    northM: Math.floor(i / side) * apartM,
    eastM: (i % side) * apartM,
  }));

/** The least distance between two clusters on one channel. */
function reuseM(centres: readonly Centre[], plan: readonly number[]): number {
  let least = Infinity;
  for (let a = 0; a < plan.length; a += 1) {
    for (let b = a + 1; b < plan.length; b += 1) {
      if (plan[a] !== plan[b]) continue;
      const [dn, de] = [
        centres[a]!.northM - centres[b]!.northM,
        centres[a]!.eastM - centres[b]!.eastM,
      ];
      least = Math.min(least, Math.sqrt(dn * dn + de * de));
    }
  }
  return least;
}

describe("the channel plan", () => {
  test("up to seven clusters have a channel each", () => {
    const centres = grid(3, 500).slice(0, 7);
    expect([...planChannels(centres)].sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test("beyond, channels are used again only far away", () => {
    for (const side of [4, 7, 17]) {
      const centres = grid(side, 500);
      // Next neighbors stand at 500 m and across at 707 m; random channels would be reused there.
      expect(reuseM(centres, planChannels(centres)), `${side} x ${side}`).toBeGreaterThan(707);
    }
  });

  test("every cluster has a channel, the same for everyone who asks", () => {
    const place = fc.record({
      northM: fc.integer({ min: -20_000, max: 20_000 }),
      eastM: fc.integer({ min: -20_000, max: 20_000 }),
    });
    fc.assert(
      fc.property(fc.array(place, { maxLength: 60 }), (centres) => {
        const plan = planChannels(centres);
        expect(plan).toHaveLength(centres.length);
        for (const channel of plan) {
          expect(channel).toBeGreaterThanOrEqual(1);
          expect(channel).toBeLessThanOrEqual(CLUSTER_CHANNELS);
        }
        expect(planChannels(centres.map((it) => ({ ...it })))).toEqual(plan);
      }),
      { numRuns: 60 },
    );
  });

  test("on one spot, and with one channel, there is still a plan", () => {
    const spot = Array.from({ length: 9 }, () => ({ northM: 0, eastM: 0 }));
    expect(new Set(planChannels(spot)).size).toBe(7);
    expect(planChannels(grid(2, 100), 1)).toEqual([1, 1, 1, 1]);
    expect(planChannels([])).toEqual([]);
  });
});
