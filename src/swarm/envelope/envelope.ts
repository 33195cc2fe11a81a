/**
 * The safety envelope: every setpoint of every behaviour passes here and nowhere else.
 *
 * A target (where, how high, how fast) becomes a velocity; limits cut it: separation, fence,
 * zones, ground clearance, ceiling, speed, climb, clear-air. What comes out is a setpoint a short
 * way ahead with its velocity, and the reasons for which it differs from what was wanted. Energy
 * is judged before, by the duty that the vehicle is given (`duty.ts`): a vehicle that must go home
 * has no other behaviour.
 *
 * Order of precedence where limits conflict: ground, separation, zones and fence, ceiling, wish.
 */
import type { LocalPosition, Setpoint, VehicleSample } from "../../hal/mod.ts";
import { atan2 } from "../../base/mod.ts";
import type { Polygon, Zone } from "../area/mod.ts";
import type { Ground } from "../terrain/mod.ts";
import type { ClipReason } from "../types.ts";
import { fenceLimits, zoneHeights, zoneLimits } from "./fences.ts";
import { neededGroundM } from "./ground.ts";
import { brakingSpeedMps, excessMps, nearestAllowed, shorten, speedOf } from "./half-planes.ts";
import type { SpeedLimit, Velocity2 } from "./half-planes.ts";
import { giveWay, separate } from "./separation.ts";
import type { Seen } from "./tracks.ts";

/** Height as a behaviour asks for it. */
export type Height =
  | { readonly kind: "agl"; readonly aglM: number }
  | { readonly kind: "amsl"; readonly amslM: number };

/** Where a behaviour wants its vehicle. */
export interface Target {
  readonly northM: number;
  readonly eastM: number;
  readonly height: Height;
  readonly speedMps: number;
  /** Speed to have at the target: 0 stops there. */
  readonly arriveMps: number;
  /** Undefined: along the flight. */
  readonly yawRad: number | undefined;
}

export interface EnvelopeRules {
  readonly minSeparationM: number;
  readonly minSeparationVerticalM: number;
  readonly clearanceM: number;
  readonly aglMaxM: number;
  readonly fence: readonly Polygon[];
  readonly zones: readonly Zone[];
  readonly speedMaxMps: number;
  readonly climbMaxMps: number;
  readonly descentMaxMps: number;
  readonly accelerationMaxMps2: number;
}

export interface EnvelopeView {
  readonly sample: VehicleSample;
  readonly target: Target;
  readonly others: readonly Seen[];
  readonly ground: Ground;
  /** The ground with what grows on it (`surfaceOf`): what clearance is kept from. */
  readonly surface: Ground;
  /** From `followBias`. */
  readonly biasM: number;
  readonly rules: EnvelopeRules;
  /** Clear-air: stay below this; undefined when not ordered. */
  readonly clearAirAglM: number | undefined;
  /** Above its own pad, going up or down: the ground is where it wants to be. */
  readonly overPad: boolean;
}

export interface Enveloped {
  readonly setpoint: Setpoint;
  /** Why it is not what was asked for; each reason once. */
  readonly clipped: readonly ClipReason[];
}

/** The setpoint leads by this much flight, so that an autopilot's position loop stays calm. */
const LEAD_S = 1;
/** Brakes are planned with this share of what the airframe can do. */
const BRAKE_SHARE = 0.6;
/** Height errors are corrected at this rate. */
const HEIGHT_GAIN_PER_S = 0.8;
/** Kept over the clearance: height noise, gusts, what the map does not show. */
export const CLEARANCE_MARGIN_M = 10;
/** Kept under the highest height allowed. */
export const CEILING_MARGIN_M = 4;
/** A change smaller than this is not called a clip. */
const NOTICEABLE_MPS = 0.5;

export function envelop(view: EnvelopeView): Enveloped {
  const clipped = new Set<ClipReason>();
  const { sample, rules } = view;
  const brakeMps2 = rules.accelerationMaxMps2 * BRAKE_SHARE;
  const wanted = wantedVelocity(view, brakeMps2);
  if (view.target.speedMps > rules.speedMaxMps + 1e-9) clipped.add("speed");
  const separation = separate(
    {
      position: sample.position,
      velocity: sample.velocity,
      errorM: sample.positionErrorM,
      overPad: view.overPad,
    },
    view.others,
    { ...rules, brakeMps2 },
  );
  const groundHereM = groundAtM(view, sample.position);
  const zoneView = {
    at: sample.position,
    altitudeAmslM: sample.position.altitudeAmslM,
    groundAmslM: groundHereM,
    brakeMps2,
  };
  const limits: SpeedLimit<ClipReason>[] = [
    ...separation.limits,
    ...fenceLimits(rules.fence, sample.position, brakeMps2),
    ...zoneLimits(rules.zones, zoneView),
  ];
  const turned = giveWay(wanted, separation.limits);
  const allowed = nearestAllowed(turned, limits, Math.min(rules.speedMaxMps, speedOf(wanted) + 3));
  noteHorizontal(clipped, { wanted, limits });
  const heights = heightBand(view, allowed, zoneHeights(rules.zones, zoneView));
  const slowed = overGround(view, allowed, heights.floorM);
  if (speedOf(allowed) - speedOf(slowed) > NOTICEABLE_MPS) clipped.add("terrain");
  const climbMps = climbRate(view, heights, separation, clipped);
  return { setpoint: setpointOf(view, slowed, climbMps), clipped: [...clipped] };
}

function groundAtM(view: EnvelopeView, at: LocalPosition): number {
  return view.ground.heightAmslM(at.northM, at.eastM) + view.biasM;
}

/** Straight to the target, slowing so as to arrive with the speed asked for. */
function wantedVelocity(view: EnvelopeView, brakeMps2: number): Velocity2 {
  const { sample, target, rules } = view;
  const dn = target.northM - sample.position.northM;
  const de = target.eastM - sample.position.eastM;
  const distanceM = Math.sqrt(dn * dn + de * de);
  if (distanceM < 0.05) return { northMps: 0, eastMps: 0 };
  const stop = Math.max(0, brakingSpeedMps(distanceM, brakeMps2, 0.8));
  const arrive = Math.sqrt(target.arriveMps * target.arriveMps + stop * stop);
  const speed = Math.max(0, Math.min(target.speedMps, rules.speedMaxMps, arrive));
  return { northMps: (dn / distanceM) * speed, eastMps: (de / distanceM) * speed };
}

function noteHorizontal(
  clipped: Set<ClipReason>,
  cut: { readonly wanted: Velocity2; readonly limits: readonly SpeedLimit<ClipReason>[] },
): void {
  for (const limit of cut.limits) {
    if (excessMps(limit, cut.wanted) > NOTICEABLE_MPS) clipped.add(limit.reason);
  }
}

interface HeightBand {
  /** Lowest and highest altitude above mean sea level that is allowed here. */
  readonly floorM: number;
  readonly ceilingM: number;
  readonly wishM: number;
}

function heightBand(
  view: EnvelopeView,
  v: Velocity2,
  zones: { readonly floorAmslM: number; readonly ceilingAmslM: number },
): HeightBand {
  const { sample, target, rules, clearAirAglM } = view;
  const groundHereM = groundAtM(view, sample.position);
  const aheadM = neededAheadM(view, view.ground, v);
  // What the rangefinder says now is believed at once where it says "higher than you think".
  const measuredM =
    sample.altitudeAglM === undefined
      ? -Infinity
      : sample.position.altitudeAmslM - sample.altitudeAglM;
  const surfaceM = Math.max(neededAheadM(view, view.surface, v), measuredM);
  let clearanceM = rules.clearanceM + CLEARANCE_MARGIN_M;
  let ceilingM = groundHereM + rules.aglMaxM - CEILING_MARGIN_M;
  if (clearAirAglM !== undefined) {
    // Clear-air outranks the usual clearance: low, but not into the ground.
    clearanceM = Math.min(clearanceM, clearAirAglM / 2);
    ceilingM = Math.min(ceilingM, groundHereM + clearAirAglM * 0.9 - 1);
  }
  const floorM = view.overPad ? -Infinity : Math.max(surfaceM + clearanceM, zones.floorAmslM);
  const wishM = target.height.kind === "amsl" ? target.height.amslM : aheadM + target.height.aglM;
  return { floorM, ceilingM: Math.min(ceilingM, zones.ceilingAmslM), wishM };
}

function neededAheadM(view: EnvelopeView, over: Ground, v: Velocity2): number {
  const { sample, rules } = view;
  const speedMps = speedOf(v);
  const moving = speedMps > 0.5;
  const needed = neededGroundM(over, {
    at: sample.position,
    north: moving ? v.northMps / speedMps : 0,
    east: moving ? v.eastMps / speedMps : 0,
    speedMps,
    climbMaxMps: rules.climbMaxMps,
  });
  return needed + view.biasM;
}

/** Below the floor a vehicle climbs first: the lower, the slower it may go on. */
function overGround(view: EnvelopeView, v: Velocity2, floorM: number): Velocity2 {
  const missingM = floorM - view.sample.position.altitudeAmslM;
  if (missingM <= 1) return v;
  const { climbMaxMps } = view.rules;
  // At full speed it may be as deep as it climbs in half a second; at a whole margin it stops.
  const share = Math.max(0, 1 - (missingM - 1) / CLEARANCE_MARGIN_M);
  const speed = Math.max(0.3, speedOf(v) * share);
  return shorten(v, missingM > CLEARANCE_MARGIN_M + climbMaxMps ? 0.5 : speed);
}

function climbRate(
  view: EnvelopeView,
  heights: HeightBand,
  separation: { readonly climbMaxMps: number; readonly descentMaxMps: number },
  clipped: Set<ClipReason>,
): number {
  const { sample, rules } = view;
  const nowM = sample.position.altitudeAmslM;
  let aimM = heights.wishM;
  if (aimM > heights.ceilingM + 1) clipped.add("ceiling");
  aimM = Math.min(aimM, heights.ceilingM);
  if (aimM < heights.floorM - 1) clipped.add("terrain");
  aimM = Math.max(aimM, heights.floorM);
  const wish = (aimM - nowM) * HEIGHT_GAIN_PER_S;
  const bounded = Math.min(rules.climbMaxMps, Math.max(-rules.descentMaxMps, wish));
  const apart = Math.min(separation.climbMaxMps, Math.max(-separation.descentMaxMps, bounded));
  if (Math.abs(apart - bounded) > NOTICEABLE_MPS) clipped.add("separation");
  // The ground comes first: below the floor nobody above keeps a vehicle down.
  return nowM < heights.floorM - CLEARANCE_MARGIN_M / 2
    ? Math.max(apart, Math.min(bounded, 1))
    : apart;
}

function setpointOf(view: EnvelopeView, v: Velocity2, climbMps: number): Setpoint {
  const { sample, target } = view;
  const { position } = sample;
  const speed = speedOf(v);
  const gapN = target.northM - position.northM;
  const gapE = target.eastM - position.eastM;
  const gapM = Math.sqrt(gapN * gapN + gapE * gapE);
  // Close to the target and not held off, the target itself is the setpoint.
  const leadS = speed > 0.1 ? Math.min(LEAD_S, gapM / speed) : 0;
  const along = atan2(v.eastMps, v.northMps);
  const yawRad = target.yawRad ?? (speed > 0.5 ? along : sample.yawRad);
  return {
    position: {
      northM: position.northM + v.northMps * leadS,
      eastM: position.eastM + v.eastMps * leadS,
      altitudeAmslM: position.altitudeAmslM + climbMps * LEAD_S,
    },
    velocity: { northMps: v.northMps, eastMps: v.eastMps, downMps: climbMps === 0 ? 0 : -climbMps },
    yawRad,
    speedMaxMps: Math.max(0.5, speed),
  };
}
