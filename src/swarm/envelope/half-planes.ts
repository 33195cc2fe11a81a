/**
 * The velocity nearest to the wanted one that breaks no limit.
 *
 * Every horizontal limit of the envelope is a half-plane of velocities, n . v <= c, where c is the
 * speed from which the vehicle can still stop before the boundary. In the plane the nearest point
 * of an intersection of half-planes is the wanted velocity, its foot on one line, or a corner of
 * two (the linear program of ORCA, van den Berg et al., 2011, solved by enumeration, because few
 * limits bind at once). With no common point the velocity that breaks the worst limit least is
 * taken, standing still included.
 *
 * Bounds: `LIMITS_MAX` half-planes, the tightest are kept; cost is cubic in them.
 */

export interface Velocity2 {
  readonly northMps: number;
  readonly eastMps: number;
}

/** n . v <= c; the normal (north, east) has length 1. */
export interface SpeedLimit<Reason extends string = string> {
  readonly north: number;
  readonly east: number;
  readonly maxMps: number;
  readonly reason: Reason;
}

export const LIMITS_MAX = 24;

/** Rounding of feet and corners is not a breach. */
const SLACK_MPS = 1e-6;

export function excessMps(limit: SpeedLimit, v: Velocity2): number {
  return limit.north * v.northMps + limit.east * v.eastMps - limit.maxMps;
}

/** Nearest allowed velocity not faster than `speedMaxMps`. */
export function nearestAllowed(
  wanted: Velocity2,
  limits: readonly SpeedLimit[],
  speedMaxMps: number,
): Velocity2 {
  const start = shorten(wanted, speedMaxMps);
  const binding = limits.filter((limit) => limit.maxMps < speedMaxMps);
  if (worstExcess(binding, start) <= SLACK_MPS) return start;
  const kept = tightest(binding, start);
  let best: Velocity2 | undefined;
  let bestCost = Infinity;
  let least: Velocity2 = { northMps: 0, eastMps: 0 };
  let leastExcess = worstExcess(kept, least);
  for (const candidate of candidates(start, kept, speedMaxMps)) {
    const excess = worstExcess(kept, candidate);
    const cost = distanceSquared(candidate, start);
    if (excess <= SLACK_MPS) {
      if (cost >= bestCost) continue;
      bestCost = cost;
      best = candidate;
    } else if (excess < leastExcess) {
      leastExcess = excess;
      least = candidate;
    }
  }
  return best ?? least;
}

/** Keeps the limits that the wanted velocity breaks most, in their order. */
function tightest(limits: readonly SpeedLimit[], wanted: Velocity2): readonly SpeedLimit[] {
  if (limits.length <= LIMITS_MAX) return limits;
  const ranked = limits.map((limit, i) => ({ i, slack: limit.maxMps - excessMps(limit, wanted) }));
  ranked.sort((x, y) => x.slack - y.slack || x.i - y.i);
  const kept = new Set(ranked.slice(0, LIMITS_MAX).map((item) => item.i));
  return limits.filter((_, i) => kept.has(i));
}

function worstExcess(limits: readonly SpeedLimit[], v: Velocity2): number {
  let worst = -Infinity;
  for (const limit of limits) worst = Math.max(worst, excessMps(limit, v));
  return worst;
}

function* candidates(
  wanted: Velocity2,
  limits: readonly SpeedLimit[],
  speedMaxMps: number,
): Generator<Velocity2> {
  for (let i = 0; i < limits.length; i += 1) {
    const a = limits[i]!;
    const over = excessMps(a, wanted);
    yield shorten(
      { northMps: wanted.northMps - a.north * over, eastMps: wanted.eastMps - a.east * over },
      speedMaxMps,
    );
    yield* onCircle(a, speedMaxMps);
    for (let k = i + 1; k < limits.length; k += 1) {
      const corner = meet(a, limits[k]!);
      if (corner !== undefined && speedOf(corner) <= speedMaxMps + SLACK_MPS) yield corner;
    }
  }
}

/** Where a limit's line leaves the disc of speeds. */
function* onCircle(limit: SpeedLimit, speedMaxMps: number): Generator<Velocity2> {
  const under = speedMaxMps * speedMaxMps - limit.maxMps * limit.maxMps;
  if (under < 0) return;
  const along = Math.sqrt(under);
  for (const sign of [1, -1]) {
    yield {
      northMps: limit.north * limit.maxMps - limit.east * along * sign,
      eastMps: limit.east * limit.maxMps + limit.north * along * sign,
    };
  }
}

function meet(a: SpeedLimit, b: SpeedLimit): Velocity2 | undefined {
  const det = a.north * b.east - a.east * b.north;
  if (Math.abs(det) < 1e-9) return undefined;
  return {
    northMps: (a.maxMps * b.east - b.maxMps * a.east) / det,
    eastMps: (a.north * b.maxMps - b.north * a.maxMps) / det,
  };
}

export const speedOf = (v: Velocity2): number =>
  Math.sqrt(v.northMps * v.northMps + v.eastMps * v.eastMps);

export function shorten(v: Velocity2, speedMaxMps: number): Velocity2 {
  const speed = speedOf(v);
  if (speed <= speedMaxMps) return v;
  const ratio = speedMaxMps / speed;
  return { northMps: v.northMps * ratio, eastMps: v.eastMps * ratio };
}

function distanceSquared(a: Velocity2, b: Velocity2): number {
  const dn = a.northMps - b.northMps;
  const de = a.eastMps - b.eastMps;
  return dn * dn + de * de;
}

/**
 * The speed towards a boundary `gapM` ahead from which one still stops before it, after
 * `reactionS` at that speed, braking with `brakeMps2`. Past the boundary it turns into a gentle
 * retreat.
 */
export function brakingSpeedMps(gapM: number, brakeMps2: number, reactionS: number): number {
  if (gapM < 0) return Math.max(-RETREAT_MAX_MPS, gapM / 2);
  return brakeMps2 * (Math.sqrt(reactionS * reactionS + (2 * gapM) / brakeMps2) - reactionS);
}

const RETREAT_MAX_MPS = 3;
