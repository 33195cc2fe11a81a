/**
 * What the product's own behaviours share: following a way, and how fast ground may be followed.
 */
import type { GroundPoint } from "../area/mod.ts";
import type { BehaviourOut, BehaviourView } from "./define.ts";

export function gapM(view: BehaviourView, to: GroundPoint): number {
  const dn = to.northM - view.self.position.northM;
  const de = to.eastM - view.self.position.eastM;
  return Math.sqrt(dn * dn + de * de);
}

export const speedNowMps = (view: BehaviourView): number => {
  const { northMps, eastMps } = view.self.velocity;
  return Math.sqrt(northMps * northMps + eastMps * eastMps);
};

/** Corners of a way are passed this close. */
const CORNER_M = 20;

export interface WayMemory {
  corner: number;
}

/** Flies a way at the vehicle's own layer and its last stretch at `aglM`; true when there. */
export function followWay(
  view: BehaviourView,
  out: BehaviourOut,
  way: {
    readonly points: readonly GroundPoint[];
    readonly memory: WayMemory;
    readonly aglM: number;
    readonly arriveMps: number;
    readonly withinM: number;
  },
): boolean {
  const { points, memory } = way;
  const last = points.length - 1;
  while (memory.corner < last && gapM(view, points[memory.corner]!) < CORNER_M) memory.corner += 1;
  const to = points[Math.min(memory.corner, last)]!;
  const final = memory.corner >= last;
  const distanceM = gapM(view, to);
  const low = final && distanceM < SINK_WITHIN_M;
  out.setpoint({
    northM: to.northM,
    eastM: to.eastM,
    aglM: low ? way.aglM : view.layerAglM,
    speedMps: slopeSpeedMps(view, to),
    arriveMps: final ? way.arriveMps : 5,
  });
  return final && distanceM < way.withinM;
}

/** The layer is left this far before the end of a way. */
const SINK_WITHIN_M = 120;
const SLOPE_STEP_M = 30;
const SLOPE_SAMPLES = 4;

/** Cruise, or as fast as the steepest ground in the next hundred metres can be followed. */
export function slopeSpeedMps(view: BehaviourView, to: GroundPoint): number {
  const { cruiseMps, climbMaxMps, descentMaxMps } = view.mission.vehicles;
  const { northM, eastM } = view.self.position;
  const distanceM = Math.max(1, gapM(view, to));
  const n = (to.northM - northM) / distanceM;
  const e = (to.eastM - eastM) / distanceM;
  let speed = cruiseMps;
  let before = view.terrain.heightAmslM(northM, eastM);
  for (let i = 1; i <= SLOPE_SAMPLES; i += 1) {
    const d = i * SLOPE_STEP_M;
    const height = view.terrain.heightAmslM(northM + n * d, eastM + e * d);
    const slope = (height - before) / SLOPE_STEP_M;
    before = height;
    if (slope > 0) speed = Math.min(speed, (0.9 * climbMaxMps) / slope);
    if (slope < 0) speed = Math.min(speed, (0.9 * descentMaxMps) / -slope);
  }
  return Math.max(2, speed);
}
