import { describe, expect, test } from "vitest";
import { padsAround, referenceScenario, rollingGround, squareFence } from "./reference.ts";

describe("the reference scenario", () => {
  test("has a station in slot 0, a pad apart for every vehicle, and its fence around them", () => {
    const { nodes, base, limits } = referenceScenario({ seed: 3, vehicles: 7 });
    expect(nodes.map(({ role }) => role)).toEqual(["ground", ...Array<string>(7).fill("vehicle")]);
    expect(new Set(nodes.map(({ pad }) => pad)).size).toBe(8);
    for (const [i, a] of base.pads.entries()) {
      expect(Math.abs(a.northM) + Math.abs(a.eastM)).toBeLessThan(200);
      for (const b of base.pads.slice(i + 1)) {
        expect(Math.hypot(a.northM - b.northM, a.eastM - b.eastM)).toBeGreaterThanOrEqual(20);
      }
    }
    expect(limits.fence[0]?.outer).toEqual(squareFence(2500));
  });

  test("can be changed in part", () => {
    const scenario = referenceScenario({ seed: 3, vehicles: 1, overrides: { driftPpm: 5 } });
    expect(scenario.driftPpm).toBe(5);
    expect(scenario.seed).toBe(3);
  });

  test("its ground rolls, and pads stand in rows", () => {
    const heights = [0, 300, 600, 900, 1500].map((n) => rollingGround.heightAmslM(n, n / 2));
    expect(Math.max(...heights) - Math.min(...heights)).toBeGreaterThan(20);
    expect(padsAround({ northM: 0, eastM: 0 }, 3, 10)).toEqual([
      { northM: 10, eastM: -5 },
      { northM: 10, eastM: 5 },
      { northM: 20, eastM: -5 },
    ]);
  });
});
