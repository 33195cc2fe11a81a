/** One vehicle's swarm layer from inside, for tests of the functions that work on it. */
import { nodeIndex } from "../base/mod.ts";
import type { VehicleSample } from "../hal/mod.ts";
import { newCore, type Core, type Step, type SwarmConfig } from "./core.ts";
import { body, sampleOf } from "./envelope/fly.test-support.ts";
import { computedPrior } from "./map/mod.ts";
import type { SearchGround } from "./map/mod.ts";
import { testGround, testMission } from "./mission.test-support.ts";
import { skeinPlanner } from "./planner/baselines.ts";
import type { Detection, SwarmOut, Verdict } from "./types.ts";

/** A small search: half a minute of planning would be wasted on 25 km2. */
export const SMALL: SearchGround = testGround(
  testMission({
    area: [
      {
        outer: [
          { northM: -600, eastM: -600 },
          { northM: 600, eastM: -600 },
          { northM: 600, eastM: 600 },
          { northM: -600, eastM: 600 },
        ],
        holes: [],
      },
    ],
  }),
);

export function testCore(changes: Partial<SwarmConfig> = {}): Core {
  const world = changes.world ?? SMALL;
  const prior = computedPrior(world);
  const planner = skeinPlanner();
  return newCore({
    self: nodeIndex(2),
    slot: 1,
    slots: 6,
    passive: false,
    world,
    prior,
    plan: planner.divide(world, prior),
    planner,
    behaviour: undefined,
    seed: 5,
    ...changes,
  });
}

/** In the air at (`northM`, 0), 60 m over flat ground at 400 m. */
export const flyingAt = (northM: number, changes: Partial<VehicleSample> = {}): VehicleSample =>
  sampleOf(body(northM, 0, 460), changes);

export interface Told extends Step {
  readonly outs: SwarmOut[];
}

/** A step at `nowMs` that keeps what is emitted. */
export function stepAt(nowMs: number): Told {
  const outs: SwarmOut[] = [];
  return { nowMs, outs, emit: (out) => outs.push(out) };
}

/** An agreed sighting with its verdict. */
export function sight(core: Core, id: number, northM: number, verdict: Verdict): void {
  const detection: Detection = {
    id,
    finder: nodeIndex(4),
    position: { northM, eastM: 0, altitudeAmslM: 400 },
    errorM: 8,
    confidence: 0.8,
    imageRef: "frame",
    networkTimeMs: 0,
  };
  core.state.sightings.push({ detection, verdict, sinceMs: 0, looked: false });
}
