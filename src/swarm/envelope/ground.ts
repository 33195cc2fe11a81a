/**
 * The ground under and ahead of a vehicle, as the map has it and the rangefinder corrects it.
 *
 * The planner's map errs (SRTM by up to 16 m, and it sees tree tops): the difference between the
 * measured height and the map's is followed by a slow filter (`BiasState`), bounded, and added.
 */
import type { GroundPoint } from "../area/mod.ts";
import type { Cover } from "../mission/mod.ts";
import type { Ground } from "../terrain/mod.ts";
import type { VehicleSample } from "../../hal/mod.ts";

/**
 * Trees as high as this are reckoned with where the map shows them, until the rangefinder, which
 * sees their tops, says otherwise. Stated for temperate forest; the highest there reach 40 m and
 * more, and are the rangefinder's business.
 */
const TREES_M: Readonly<Record<Cover, number>> = Object.freeze({ open: 0, scrub: 5, forest: 25 });

/** What one can fly into: the ground with what grows on it. */
export function surfaceOf(
  ground: Ground,
  coverAt: (northM: number, eastM: number) => Cover,
): Ground {
  return {
    heightAmslM: (northM, eastM) =>
      ground.heightAmslM(northM, eastM) + TREES_M[coverAt(northM, eastM)],
  };
}

/** Highest trees that are reckoned with. */
export const TREES_MAX_M: number = TREES_M.forest;

/** Map error believed at most. */
export const BIAS_MAX_M = 30;
const FOLLOW = 0.1;

/**
 * The surface is this much higher than the map says (filtered); 0 until measured. A surface that is
 * lower than reckoned (a clearing in what the map calls forest) says nothing about the next trees,
 * so it is not followed down.
 */
export function followBias(biasM: number, surface: Ground, sample: VehicleSample): number {
  const { position, altitudeAglM } = sample;
  if (altitudeAglM === undefined) return biasM;
  const measured = position.altitudeAmslM - altitudeAglM;
  const error = measured - surface.heightAmslM(position.northM, position.eastM);
  const bounded = Math.min(BIAS_MAX_M, Math.max(0, error));
  return biasM + FOLLOW * (bounded - biasM);
}

export interface AheadOptions {
  readonly at: GroundPoint;
  /** Direction of flight, length 1, or zero when standing. */
  readonly north: number;
  readonly east: number;
  readonly speedMps: number;
  readonly climbMaxMps: number;
}

const AHEAD_STEP_M = 25;
const AHEAD_S = 12;
const AHEAD_MAX_M = 250;

/**
 * The height that the vehicle must have now so that climbing at its best while flying on keeps it
 * level with the ground ahead: the upper envelope of ground minus what can still be climbed.
 */
export function neededGroundM(ground: Ground, options: AheadOptions): number {
  const { at, north, east, speedMps, climbMaxMps } = options;
  let needed = ground.heightAmslM(at.northM, at.eastM);
  const reachM = Math.min(AHEAD_MAX_M, Math.max(AHEAD_STEP_M, speedMps * AHEAD_S));
  // A fifth of the climb is kept for gusts and for the map's coarseness.
  const climbPerM = speedMps > 0.5 ? (0.8 * climbMaxMps) / speedMps : 1e6;
  for (let d = AHEAD_STEP_M; d <= reachM; d += AHEAD_STEP_M) {
    const height = ground.heightAmslM(at.northM + north * d, at.eastM + east * d);
    // The grid is coarse: a cell's width around a sample may be as high.
    needed = Math.max(needed, height - Math.max(0, d - AHEAD_STEP_M) * climbPerM);
  }
  return needed;
}
