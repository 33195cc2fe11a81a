import { describe, expect, test } from "vitest";
import type { GroundScenario } from "../world/scenario.ts";
import { TrueGround } from "./true-ground.ts";

const SCENARIO: GroundScenario = {
  ground: { heightAmslM: (northM, eastM) => 300 + northM / 20 - eastM / 50 },
  coverAt: (northM) => (northM > 500 ? "forest" : northM > 200 ? "scrub" : "open"),
  errorSigmaM: 6,
  errorMaxM: 16,
  errorLengthM: 300,
  canopyM: 20,
};

const ground = (over: Partial<GroundScenario> = {}, seed = 4): TrueGround =>
  new TrueGround({
    seed,
    ground: { ...SCENARIO, ...over },
    base: { northM: 0, eastM: 0 },
    extent: [
      { northM: 2000, eastM: 2000 },
      { northM: -2000, eastM: -2000 },
    ],
  });

describe("the true ground", () => {
  test("differs from the map by a smooth, bounded, seeded error of about its sigma", () => {
    const truth = ground();
    let squares = 0;
    let worst = 0;
    let steepest = 0;
    const count = 2000;
    for (let i = 0; i < count; i += 1) {
      const northM = -2000 + (i * 4000) / count;
      const eastM = ((i * 977) % 4000) - 2000;
      const error = truth.groundAmslM(northM, eastM) - SCENARIO.ground.heightAmslM(northM, eastM);
      const next = truth.groundAmslM(northM + 1, eastM) - truth.groundAmslM(northM, eastM) - 1 / 20;
      squares += error * error;
      worst = Math.max(worst, Math.abs(error));
      steepest = Math.max(steepest, Math.abs(next));
    }
    expect(Math.sqrt(squares / count)).toBeGreaterThan(2.5);
    expect(Math.sqrt(squares / count)).toBeLessThan(6.5);
    expect(worst).toBeLessThanOrEqual(16.001);
    expect(steepest).toBeLessThan(0.2);
    expect(ground({}, 5).groundAmslM(100, 100)).not.toBe(truth.groundAmslM(100, 100));
    expect(ground().groundAmslM(100, 100)).toBe(truth.groundAmslM(100, 100));
  });

  test("without an error it is the map, inside the sampled grid and outside of it", () => {
    const truth = ground({ errorSigmaM: 0 });
    for (const [northM, eastM] of [
      [12, 34],
      [9000, -9000],
    ] as const) {
      expect(truth.groundAmslM(northM, eastM)).toBeCloseTo(
        SCENARIO.ground.heightAmslM(northM, eastM),
        2,
      );
    }
    expect(truth.cover(9000, 0)).toBe("forest");
  });

  test("trees stand as the cover says, and none at the base", () => {
    const truth = ground({ coverAt: () => "forest" });
    expect(truth.canopyM(0, 0)).toBe(0);
    expect(truth.canopyM(1000, 0)).toBe(20);
    expect(ground().canopyM(300, 0)).toBe(4);
    expect(ground().surfaceAmslM(1000, 0) - ground().groundAmslM(1000, 0)).toBe(20);
  });
});
