/** Real nodes under faults drawn by the seed, saved and loaded in mid-search; no clock is read. */
import { describe, expect, test } from "vitest";
import { flyRough } from "./rough.ts";

describe("four real nodes, faults of every kind they must live through", () => {
  test.each([1, 2, 3])(
    "seed %i: nothing violated, and the loaded world goes on the same",
    (seed) => {
      const flown = flyRough({ seed, saveS: 110 + 7 * seed, endS: 220 });
      expect(flown.violated).toEqual([]);
      expect(flown.loadedHash).toBe(flown.hash);
      expect(flown.faultKinds.length).toBeGreaterThan(1);
      expect(flown.sweptKm2).toBeGreaterThan(0);
      // A minute after the last fault whoever runs knows what the others agreed on.
      const [least, most] = [Math.min(...flown.commits), Math.max(...flown.commits)];
      expect(least).toBeGreaterThan(10);
      expect(most - least).toBeLessThan(4);
    },
  );
});
