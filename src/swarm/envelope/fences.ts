/**
 * Fence and no-fly zones as speed limits: towards every near edge only as fast as one can still
 * stop before it, which also holds in concave corners.
 */
import { isBeyond, polygonContains } from "../area/mod.ts";
import type { GroundPoint, Polygon, Ring, Zone } from "../area/mod.ts";
import type { AltitudeLimit } from "../area/mod.ts";
import { brakingSpeedMps } from "./half-planes.ts";
import type { SpeedLimit } from "./half-planes.ts";

/** Kept between a vehicle and an edge. */
export const EDGE_MARGIN_M = 10;
const REACTION_S = 0.6;
/** Edges farther than this bind no speed that a vehicle here reaches. */
const NEAR_M = 250;

/** Limits that keep a vehicle inside the fence: the polygon it is in, or the nearest way back. */
export function fenceLimits(
  fence: readonly Polygon[],
  at: GroundPoint,
  brakeMps2: number,
): SpeedLimit<"fence">[] {
  if (fence.length === 0) return [];
  const inside = fence.filter((polygon) => polygonContains(polygon, at.northM, at.eastM));
  if (inside.length === 0) return [backInside(fence, at)];
  // In the overlap of two polygons either may be used: the one that binds less.
  let loosest: SpeedLimit<"fence">[] | undefined;
  for (const polygon of inside) {
    const limits = ringLimits(polygon.outer, at, { brakeMps2, reason: "fence" as const });
    for (const hole of polygon.holes) {
      limits.push(...ringLimits(hole, at, { brakeMps2, reason: "fence" as const }));
    }
    if (loosest === undefined || least(limits) > least(loosest)) loosest = limits;
  }
  return loosest ?? [];
}

const least = (limits: readonly SpeedLimit[]): number =>
  limits.reduce((min, limit) => Math.min(min, limit.maxMps), Infinity);

function backInside(fence: readonly Polygon[], at: GroundPoint): SpeedLimit<"fence"> {
  let nearest = Infinity;
  let best = { north: 0, east: 0 };
  for (const polygon of fence) {
    for (const edge of edges(polygon.outer)) {
      const foot = footOn(edge.a, edge.b, at);
      if (foot.distanceM >= nearest) continue;
      nearest = foot.distanceM;
      best = foot;
    }
  }
  // The foot lies towards the inside: the speed away from it must be a return.
  return {
    north: -best.north,
    east: -best.east,
    maxMps: Math.max(-3, -nearest / 2 - 0.5),
    reason: "fence",
  };
}

interface ZoneView {
  readonly at: GroundPoint;
  readonly altitudeAmslM: number;
  readonly groundAmslM: number;
  readonly brakeMps2: number;
}

/** A vehicle this close to a zone's height band keeps out of its sides. */
const BAND_MARGIN_M = 4;

export function zoneLimits(zones: readonly Zone[], view: ZoneView): SpeedLimit<"zone">[] {
  const limits: SpeedLimit<"zone">[] = [];
  for (const zone of zones) {
    if (!bandNear(zone, view)) continue;
    const { at, brakeMps2 } = view;
    const inside = polygonContains(zone.polygon, at.northM, at.eastM);
    const found = ringLimits(zone.polygon.outer, at, { brakeMps2, reason: "zone" as const });
    // Inside a zone the nearest edge leads out; nothing else binds.
    if (inside) limits.push(...outOf(zone.polygon.outer, at));
    else limits.push(...found);
  }
  return limits;
}

const limitAmslM = (limit: AltitudeLimit, groundAmslM: number): number =>
  limit.reference === "amsl" ? limit.altitudeM : groundAmslM + limit.altitudeM;

function bandNear(zone: Zone, view: ZoneView): boolean {
  const { altitudeAmslM, groundAmslM } = view;
  const floorM = zone.floor === undefined ? -Infinity : limitAmslM(zone.floor, groundAmslM);
  const ceilingM = zone.ceiling === undefined ? Infinity : limitAmslM(zone.ceiling, groundAmslM);
  return altitudeAmslM > floorM - BAND_MARGIN_M && altitudeAmslM < ceilingM + BAND_MARGIN_M;
}

/** Lowest and highest altitude that zones over or under this point leave free. */
export function zoneHeights(
  zones: readonly Zone[],
  view: Omit<ZoneView, "brakeMps2">,
): { readonly floorAmslM: number; readonly ceilingAmslM: number } {
  let floorAmslM = -Infinity;
  let ceilingAmslM = Infinity;
  for (const zone of zones) {
    const { at, altitudeAmslM, groundAmslM } = view;
    if (!polygonContains(zone.polygon, at.northM, at.eastM)) continue;
    if (zone.ceiling !== undefined) {
      const top = limitAmslM(zone.ceiling, groundAmslM);
      if (altitudeAmslM > top) floorAmslM = Math.max(floorAmslM, top + BAND_MARGIN_M + 1);
    }
    if (zone.floor !== undefined) {
      const bottom = limitAmslM(zone.floor, groundAmslM);
      if (altitudeAmslM < bottom) ceilingAmslM = Math.min(ceilingAmslM, bottom - BAND_MARGIN_M - 1);
    }
  }
  return { floorAmslM, ceilingAmslM };
}

function outOf(ring: Ring, at: GroundPoint): SpeedLimit<"zone">[] {
  let nearest = Infinity;
  let best = { north: 0, east: 0 };
  for (const { a, b } of edges(ring)) {
    const foot = footOn(a, b, at);
    if (foot.distanceM >= nearest) continue;
    nearest = foot.distanceM;
    best = foot;
  }
  const maxMps = Math.max(-3, -nearest / 2 - 0.5);
  return [{ north: -best.north, east: -best.east, maxMps, reason: "zone" }];
}

function ringLimits<Reason extends string>(
  ring: Ring,
  at: GroundPoint,
  options: { readonly brakeMps2: number; readonly reason: Reason },
): SpeedLimit<Reason>[] {
  if (isBeyond(ring, at, NEAR_M)) return [];
  const feet: Foot[] = [];
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const foot = footOn(ring[j]!, ring[i]!, at);
    if (foot.distanceM <= NEAR_M) feet.push(foot);
  }
  if (feet.length === 0) return [];
  feet.sort((x, y) => x.distanceM - y.distanceM || x.north - y.north || x.east - y.east);
  const kept: Foot[] = [];
  for (const foot of feet) {
    // A farther edge in nearly the same direction binds no more than the near one does.
    const hidden = kept.some((near) => near.north * foot.north + near.east * foot.east > 0.9);
    if (!hidden) kept.push(foot);
  }
  return kept.map((foot) => ({
    north: foot.north,
    east: foot.east,
    maxMps: brakingSpeedMps(foot.distanceM - EDGE_MARGIN_M, options.brakeMps2, REACTION_S),
    reason: options.reason,
  }));
}

function* edges(ring: Ring): Generator<{ readonly a: GroundPoint; readonly b: GroundPoint }> {
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    yield { a: ring[j]!, b: ring[i]! };
  }
}

interface Foot {
  /** Unit vector from the point to the nearest point of the edge. */
  readonly north: number;
  readonly east: number;
  readonly distanceM: number;
}

function footOn(a: GroundPoint, b: GroundPoint, at: GroundPoint): Foot {
  const dn = b.northM - a.northM;
  const de = b.eastM - a.eastM;
  const square = dn * dn + de * de;
  const along = square > 0 ? ((at.northM - a.northM) * dn + (at.eastM - a.eastM) * de) / square : 0;
  const t = Math.min(1, Math.max(0, along));
  const n = a.northM + dn * t - at.northM;
  const e = a.eastM + de * t - at.eastM;
  const distanceM = Math.sqrt(n * n + e * e);
  if (distanceM < 1e-9) return { north: 1, east: 0, distanceM: 0 };
  return { north: n / distanceM, east: e / distanceM, distanceM };
}
