/**
 * A way over the ground around no-fly zones.
 *
 * Zones that hold the height flown are wrapped in octagons with a margin; where the straight leg
 * crosses one, its corners and those of the zones that then stand in the way become the nodes of
 * a visibility graph, and the shortest way through it is taken (Dijkstra). The envelope keeps a
 * vehicle out of the zone itself whatever the way says.
 *
 * Bounds: `BLOCKERS_MAX` zones considered in `ROUNDS_MAX` rounds; beyond, the straight leg is
 * given and the envelope holds the vehicle at the edge.
 */
import { polygonContains, segmentMeetsRing, zoneBandHolds } from "../area/mod.ts";
import type { GroundPoint, Ring, Zone } from "../area/mod.ts";
import type { SearchGround } from "../map/mod.ts";
import { distanceM } from "./planner.ts";

export const BLOCKERS_MAX = 12;
const ROUNDS_MAX = 5;
/** Corners keep this distance from the zone: the fence's margin and room for a turn. */
const MARGIN_M = 30;

interface Obstacle {
  /** The zone itself. */
  readonly zone: Ring;
  /** What a leg may not cross. */
  readonly hull: Ring;
  /** Where it may turn, a little farther out. */
  readonly corners: Ring;
}

/** Corners between `a` and `b`, both left out; empty when the straight leg is free. */
export function routeBetween(
  world: SearchGround,
  leg: { readonly a: GroundPoint; readonly b: GroundPoint; readonly aglM: number },
): GroundPoint[] {
  const { a, b } = leg;
  const zones = world.mission.zones.filter(
    (zone) => holdsHeight(world, zone, leg.aglM) && !endsInside(zone, leg),
  );
  const known: Zone[] = [];
  const obstacles: Obstacle[] = [];
  let corners: GroundPoint[] = [];
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const path = [a, ...corners, b];
    const fresh = zones.filter((zone) => !known.includes(zone) && crossed(zone, path));
    if (fresh.length === 0) return corners;
    if (known.length + fresh.length > BLOCKERS_MAX) return [];
    known.push(...fresh);
    obstacles.push(...fresh.map((zone) => octagon(zone.polygon.outer)));
    const found = shortest(a, b, obstacles);
    if (found === undefined) return [];
    corners = found;
  }
  return [];
}

function holdsHeight(world: SearchGround, zone: Zone, aglM: number): boolean {
  const at = zone.polygon.outer[0]!;
  const groundAmslM = world.ground.heightAmslM(at.northM, at.eastM);
  // Half a layer above and below, so that a way close to the band keeps out as well.
  return [aglM - 5, aglM, aglM + 5].some((h) => zoneBandHolds(zone, groundAmslM + h, groundAmslM));
}

function endsInside(
  zone: Zone,
  leg: { readonly a: GroundPoint; readonly b: GroundPoint },
): boolean {
  const { a, b } = leg;
  return (
    polygonContains(zone.polygon, a.northM, a.eastM) ||
    polygonContains(zone.polygon, b.northM, b.eastM)
  );
}

function crossed(zone: Zone, path: readonly GroundPoint[]): boolean {
  for (let i = 0; i + 1 < path.length; i += 1) {
    if (segmentMeetsRing(zone.polygon.outer, { a: path[i]!, b: path[i + 1]! })) return true;
  }
  return false;
}

const DIAGONAL = Math.SQRT1_2;
const DIRECTIONS: readonly (readonly [number, number])[] = [
  [1, 0],
  [DIAGONAL, DIAGONAL],
  [0, 1],
  [-DIAGONAL, DIAGONAL],
  [-1, 0],
  [-DIAGONAL, -DIAGONAL],
  [0, -1],
  [DIAGONAL, -DIAGONAL],
];

/** The octagon of supporting lines around a ring, once tight and once for the corners. */
function octagon(ring: Ring): Obstacle {
  const reach = DIRECTIONS.map(([n, e]) =>
    ring.reduce((far, p) => Math.max(far, p.northM * n + p.eastM * e), -Infinity),
  );
  const around = (marginM: number): Ring =>
    DIRECTIONS.map(([n, e], i) => {
      const k = (i + 1) % DIRECTIONS.length;
      const [n2, e2] = DIRECTIONS[k]!;
      const det = n * e2 - n2 * e;
      const r1 = reach[i]! + marginM;
      const r2 = reach[k]! + marginM;
      return { northM: (r1 * e2 - r2 * e) / det, eastM: (n * r2 - n2 * r1) / det };
    });
  return { zone: ring, hull: around(MARGIN_M * 0.6), corners: around(MARGIN_M) };
}

function shortest(
  a: GroundPoint,
  b: GroundPoint,
  obstacles: readonly Obstacle[],
): GroundPoint[] | undefined {
  const nodes = [a, b, ...obstacles.flatMap((obstacle) => [...obstacle.corners])];
  const costs = new Float64Array(nodes.length).fill(Infinity);
  const before = new Int32Array(nodes.length).fill(-1);
  const done = new Uint8Array(nodes.length);
  costs[0] = 0;
  for (;;) {
    let at = -1;
    for (let i = 0; i < nodes.length; i += 1) {
      if (done[i] === 0 && costs[i]! < (at < 0 ? Infinity : costs[at]!)) at = i;
    }
    if (at < 0) return undefined;
    if (at === 1) break;
    done[at] = 1;
    for (let i = 0; i < nodes.length; i += 1) {
      if (done[i] !== 0) continue;
      const cost = costs[at]! + distanceM(nodes[at]!, nodes[i]!);
      if (cost >= costs[i]! || !isFree(nodes[at]!, nodes[i]!, obstacles)) continue;
      costs[i] = cost;
      before[i] = at;
    }
  }
  const corners: GroundPoint[] = [];
  for (let i = before[1]!; i > 0; i = before[i]!) corners.push(nodes[i]!);
  return corners.reverse();
}

/** An end inside a hull is close to a zone: from there the leg need only keep out of the zone. */
function isFree(a: GroundPoint, b: GroundPoint, obstacles: readonly Obstacle[]): boolean {
  return obstacles.every(
    ({ hull, zone }) =>
      !segmentMeetsRing(hull, { a, b }) ||
      (eitherIsWithin(hull, a, b) && !segmentMeetsRing(zone, { a, b })),
  );
}

function eitherIsWithin(hull: Ring, a: GroundPoint, b: GroundPoint): boolean {
  const inner = { outer: hull, holes: [] };
  return polygonContains(inner, a.northM, a.eastM) || polygonContains(inner, b.northM, b.eastM);
}
