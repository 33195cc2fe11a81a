/**
 * Predicted link lifetime: when will the distance to a neighbor exceed the range at which its
 * signal still carries? After Su, Lee and Gerla, "Mobility prediction and routing in ad hoc
 * wireless networks" (2001), with two departures: the range comes from the measured margin over the
 * sensitivity by log-distance path loss, and motion follows the announced plans before it is
 * extrapolated.
 *
 * Terrain in the line of sight is not known here; a link that fades for it shows in the delivery
 * ratio. Bounds: horizon 60 s, 4 plan points a side.
 */
import { pow } from "../base/mod.ts";

export const HORIZON_S = 60;

/** Packet error rate 10% at MCS0 and 1,500 B is at 0.94 dB (ns-3 figures in the channel model). */
const SENSITIVITY_SNR_DB = 0.94;
/** Kept for shadowing (2 to 3.5 dB, one sigma) that the next metres may bring. */
const FADE_MARGIN_DB = 3;
/**
 * Log-distance exponents measured for small vehicles: air to air, and with one end on the ground.
 */
const EXPONENT_AIR = 2.05;
const EXPONENT_GROUND = 2.3;
const RANGE_MAX_M = 50_000;

/** Motion from now on: a start, a velocity, and plan points that replace it when there are any. */
export interface Motion {
  readonly northM: number;
  readonly eastM: number;
  readonly altitudeM: number;
  readonly northMps: number;
  readonly eastMps: number;
  readonly downMps: number;
  /** In order of time; `afterS` from now, those of the past left out. */
  readonly plan: readonly {
    readonly northM: number;
    readonly eastM: number;
    readonly altitudeM: number;
    readonly afterS: number;
  }[];
}

/** Distance up to which the signal carries, seen from a signal-to-noise ratio at a distance. */
export function rangeM(distanceM: number, snrDb: number, ends: { onGround: boolean }): number {
  const marginDb = Math.max(0, snrDb - SENSITIVITY_SNR_DB - FADE_MARGIN_DB);
  const exponent = ends.onGround ? EXPONENT_GROUND : EXPONENT_AIR;
  return Math.min(RANGE_MAX_M, Math.max(1, distanceM) * pow(10, marginDb / (10 * exponent)));
}

type Vector = readonly [number, number, number];

/** Seconds until the two are further apart than `reachM`; Infinity when not within the horizon. */
export function lifetimeS(a: Motion, b: Motion, reachM: number): number {
  const times = [...a.plan, ...b.plan]
    .map((point) => point.afterS)
    .filter((at) => at > 0 && at < HORIZON_S)
    .sort((x, y) => x - y);
  let fromS = 0;
  let from = apart(a, b, 0);
  for (const toS of [...times, HORIZON_S]) {
    const to = apart(a, b, toS);
    const share = firstCrossing(from, to, reachM);
    if (share !== undefined) return fromS + share * (toS - fromS);
    fromS = toS;
    from = to;
  }
  return Infinity;
}

export const distanceM = (a: Motion, b: Motion): number => lengthOf(apart(a, b, 0));

function apart(a: Motion, b: Motion, atS: number): Vector {
  const [an, ae, ah] = positionAt(a, atS);
  const [bn, be, bh] = positionAt(b, atS);
  return [bn - an, be - ae, bh - ah];
}

/** Along the plan from point to point, hovering at its end; without a plan, straight on. */
export function positionAt(motion: Motion, atS: number): Vector {
  const { northM, eastM, altitudeM, plan } = motion;
  if (plan.length === 0) {
    return [
      northM + motion.northMps * atS,
      eastM + motion.eastMps * atS,
      altitudeM - motion.downMps * atS,
    ];
  }
  let from = { northM, eastM, altitudeM, afterS: 0 };
  for (const to of plan) {
    if (atS < to.afterS) {
      const share = (atS - from.afterS) / (to.afterS - from.afterS);
      return [
        from.northM + share * (to.northM - from.northM),
        from.eastM + share * (to.eastM - from.eastM),
        from.altitudeM + share * (to.altitudeM - from.altitudeM),
      ];
    }
    from = { ...to };
  }
  return [from.northM, from.eastM, from.altitudeM];
}

/** The share of the straight way from `from` to `to` at which the length first exceeds `reachM`. */
function firstCrossing(from: Vector, to: Vector, reachM: number): number | undefined {
  const [x, y, z] = from;
  const [dx, dy, dz] = [to[0] - x, to[1] - y, to[2] - z];
  const a = dx * dx + dy * dy + dz * dz;
  const b = x * dx + y * dy + z * dz;
  const c = x * x + y * y + z * z - reachM * reachM;
  // At the edge already: the link ends now if the next step leads outwards.
  if (c >= 0) return b > 0 || c > reachM * reachM * 0.01 ? 0 : crossAfterApproach(a, b, c);
  if (a === 0) return undefined;
  const share = (-b + Math.sqrt(b * b - a * c)) / a;
  return share <= 1 ? share : undefined;
}

/** From the edge inwards: out again at the second root, if that is on the way. */
function crossAfterApproach(a: number, b: number, c: number): number | undefined {
  const root = b * b - a * c;
  if (a === 0 || root <= 0) return undefined;
  const share = (-b + Math.sqrt(root)) / a;
  return share <= 1 ? share : undefined;
}

const lengthOf = ([x, y, z]: Vector): number => Math.sqrt(x * x + y * y + z * z);
