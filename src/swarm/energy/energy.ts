/**
 * Energy as seconds of cruise: what a flight costs, what is left, when to go home.
 *
 * One unit for all: a battery holds `batteryS` seconds at cruise power. Climbing a metre costs
 * `CLIMB_COST_S_PER_M` more of them; against the wind the ground speed falls once the airspeed
 * would pass the vehicle's limit, and airspeed above cruise costs by its square. The prediction
 * home follows the ground under the leg, and is widened by `MARGIN_RATIO`, because the ground, the
 * wind and the battery's last third are never quite as told.
 */
import type { GroundPoint } from "../area/mod.ts";
import type { Mission } from "../mission/mod.ts";
import type { Ground } from "../terrain/mod.ts";

/**
 * A 3 kg multirotor needs 29 J to lift itself a metre, about twice that through motors and
 * propellers, and cruises on about 180 W: a third of a second of cruise.
 */
export const CLIMB_COST_S_PER_M = 0.35;
/** Predicted times and climbs are taken this much longer. */
export const MARGIN_RATIO = 0.12;
/** Home is begun with this much above the predicted need: pads may be busy. */
export const HOME_SLACK_S = 45;
/** Descending onto a pad from transit height and touching down. */
export const LANDING_S = 45;

export interface Wind {
  readonly northMps: number;
  readonly eastMps: number;
}

/** Ground speed along a leg and how much more than cruise power it takes. */
export function legSpeed(
  mission: Mission,
  leg: { readonly a: GroundPoint; readonly b: GroundPoint },
  wind: Wind,
): { readonly groundMps: number; readonly powerRatio: number } {
  const { cruiseMps, speedMaxMps } = mission.vehicles;
  const dn = leg.b.northM - leg.a.northM;
  const de = leg.b.eastM - leg.a.eastM;
  const lengthM = Math.max(1e-9, Math.sqrt(dn * dn + de * de));
  const tailMps = (wind.northMps * dn + wind.eastMps * de) / lengthM;
  const acrossSquared = Math.max(
    0,
    wind.northMps * wind.northMps + wind.eastMps * wind.eastMps - tailMps * tailMps,
  );
  const airAheadMaxMps = Math.sqrt(Math.max(1, speedMaxMps * speedMaxMps - acrossSquared));
  const groundMps = Math.max(1, Math.min(cruiseMps, airAheadMaxMps + tailMps));
  const ahead = groundMps - tailMps;
  const airSquared = ahead * ahead + acrossSquared;
  const over = Math.max(0, airSquared / (cruiseMps * cruiseMps) - 1);
  return { groundMps, powerRatio: 1 + over / 2 };
}

const HOME_STEP_M = 100;
const HOME_SAMPLES_MAX = 400;

/** Cruise seconds for one leg that follows the ground at constant height over it. */
export function legCostS(
  mission: Mission,
  ground: Ground,
  leg: { readonly a: GroundPoint; readonly b: GroundPoint },
  wind: Wind,
): number {
  const { a, b } = leg;
  const dn = b.northM - a.northM;
  const de = b.eastM - a.eastM;
  const lengthM = Math.sqrt(dn * dn + de * de);
  const { groundMps, powerRatio } = legSpeed(mission, leg, wind);
  const count = Math.max(1, Math.min(HOME_SAMPLES_MAX, Math.ceil(lengthM / HOME_STEP_M)));
  const { climbMaxMps } = mission.vehicles;
  let costS = 0;
  let before = ground.heightAmslM(a.northM, a.eastM);
  for (let i = 1; i <= count; i += 1) {
    const t = i / count;
    const height = ground.heightAmslM(a.northM + dn * t, a.eastM + de * t);
    const change = height - before;
    costS += Math.max(lengthM / count / groundMps, Math.abs(change) / climbMaxMps) * powerRatio;
    costS += Math.max(0, change) * CLIMB_COST_S_PER_M;
    before = height;
  }
  return costS;
}

/** Cruise seconds to fly a route and land at its end, margin included. */
export function homeCostS(
  mission: Mission,
  ground: Ground,
  route: readonly GroundPoint[],
  wind: Wind,
): number {
  let costS = LANDING_S;
  for (let i = 0; i + 1 < route.length; i += 1) {
    costS += legCostS(mission, ground, { a: route[i]!, b: route[i + 1]! }, wind);
  }
  return costS * (1 + MARGIN_RATIO);
}

/** Cruise seconds in the battery beyond the reserve that must be left at touch-down. */
export const usableS = (mission: Mission, batteryRatio: number): number =>
  (batteryRatio - mission.limits.reserveRatio) * mission.vehicles.batteryS;
