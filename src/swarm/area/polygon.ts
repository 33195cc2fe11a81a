/**
 * Polygons in the mission's local frame: the search area, the fence and the zones.
 *
 * A ring is a flat list of corners (north, east) in metres, not closed by a repeated corner, of
 * either winding. A polygon is one outer ring and its holes; an area is a union of polygons that
 * may touch or overlap. Points on an edge count as inside to within rounding.
 *
 * Inside test: crossing number with the half-open rule (Franklin, "PNPOLY", 1970), so that a
 * corner shared by two edges is counted once. Bounds: `RING_CORNERS_MAX` corners a ring (checked
 * where outside data enters); every function is linear in the corners.
 */

/** A corner or a place on the ground. */
export interface GroundPoint {
  readonly northM: number;
  readonly eastM: number;
}

export type Ring = readonly GroundPoint[];

export interface Polygon {
  readonly outer: Ring;
  readonly holes: readonly Ring[];
}

export interface GroundBounds {
  readonly southM: number;
  readonly northM: number;
  readonly westM: number;
  readonly eastM: number;
}

/** Largest number of corners accepted in one ring from outside. */
export const RING_CORNERS_MAX = 10_000;

/** Boxes of rings that were asked about: rings are not changed once they are made. */
const BOXES = new WeakMap<Ring, GroundBounds>();

function boxOf(ring: Ring): GroundBounds {
  let box = BOXES.get(ring);
  if (box === undefined) {
    box = areaBounds([{ outer: ring, holes: [] }]);
    BOXES.set(ring, box);
  }
  return box;
}

/** Whether the point is surely farther than `reachM` from every edge, being outside: by the box. */
export function isBeyond(ring: Ring, point: GroundPoint, reachM: number): boolean {
  const box = boxOf(ring);
  return (
    point.northM < box.southM - reachM ||
    point.northM > box.northM + reachM ||
    point.eastM < box.westM - reachM ||
    point.eastM > box.eastM + reachM
  );
}

/** Whether the point lies in the ring. */
export function ringContains(ring: Ring, northM: number, eastM: number): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const a = ring[i]!;
    const b = ring[j]!;
    if (a.northM > northM === b.northM > northM) continue;
    const along = (northM - a.northM) / (b.northM - a.northM);
    if (eastM < a.eastM + along * (b.eastM - a.eastM)) inside = !inside;
  }
  return inside;
}

/** Whether the point lies in the outer ring and in no hole. */
export function polygonContains(polygon: Polygon, northM: number, eastM: number): boolean {
  const box = boxOf(polygon.outer);
  if (northM < box.southM || northM > box.northM) return false;
  if (eastM < box.westM || eastM > box.eastM) return false;
  if (!ringContains(polygon.outer, northM, eastM)) return false;
  return !polygon.holes.some((hole) => ringContains(hole, northM, eastM));
}

/** Whether the point lies in any polygon of the area. */
export function areaContains(area: readonly Polygon[], northM: number, eastM: number): boolean {
  return area.some((polygon) => polygonContains(polygon, northM, eastM));
}

/** Distance from a point to the segment a-b. */
export function distanceToSegmentM(
  point: GroundPoint,
  ends: { readonly a: GroundPoint; readonly b: GroundPoint },
): number {
  const { a, b } = ends;
  const dn = b.northM - a.northM;
  const de = b.eastM - a.eastM;
  const lengthSquared = dn * dn + de * de;
  const pn = point.northM - a.northM;
  const pe = point.eastM - a.eastM;
  const t = lengthSquared > 0 ? Math.min(1, Math.max(0, (pn * dn + pe * de) / lengthSquared)) : 0;
  const gapN = pn - t * dn;
  const gapE = pe - t * de;
  return Math.sqrt(gapN * gapN + gapE * gapE);
}

/** Distance from a point to the ring's edge, from either side. */
export function distanceToRingM(ring: Ring, point: GroundPoint): number {
  let nearest = Infinity;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    nearest = Math.min(nearest, distanceToSegmentM(point, { a: ring[j]!, b: ring[i]! }));
  }
  return nearest;
}

/** Signed distance to the polygon's boundary: positive inside, negative outside. */
export function depthInsideM(polygon: Polygon, point: GroundPoint): number {
  let nearest = distanceToRingM(polygon.outer, point);
  for (const hole of polygon.holes) nearest = Math.min(nearest, distanceToRingM(hole, point));
  return polygonContains(polygon, point.northM, point.eastM) ? nearest : -nearest;
}

/**
 * How deep inside an area a point is: the largest depth over its polygons (a lower bound of the
 * true depth where polygons overlap); negative outside, -Infinity for an empty area.
 */
export function areaDepthM(area: readonly Polygon[], point: GroundPoint): number {
  let deepest = -Infinity;
  for (const polygon of area) deepest = Math.max(deepest, depthInsideM(polygon, point));
  return deepest;
}

/** Twice the enclosed area with sign: positive when the ring turns from north to east. */
function twiceSignedAreaM2(ring: Ring): number {
  let sum = 0;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    sum += ring[j]!.northM * ring[i]!.eastM - ring[i]!.northM * ring[j]!.eastM;
  }
  return sum;
}

/** Enclosed area of a ring that does not cross itself, in square metres. */
export function ringAreaM2(ring: Ring): number {
  return Math.abs(twiceSignedAreaM2(ring)) / 2;
}

export function polygonAreaM2(polygon: Polygon): number {
  let area = ringAreaM2(polygon.outer);
  for (const hole of polygon.holes) area -= ringAreaM2(hole);
  return area;
}

/** Smallest box around all outer rings; inverted (south > north) for an empty area. */
export function areaBounds(area: readonly Polygon[]): GroundBounds {
  let southM = Infinity;
  let northM = -Infinity;
  let westM = Infinity;
  let eastM = -Infinity;
  for (const polygon of area) {
    for (const corner of polygon.outer) {
      southM = Math.min(southM, corner.northM);
      northM = Math.max(northM, corner.northM);
      westM = Math.min(westM, corner.eastM);
      eastM = Math.max(eastM, corner.eastM);
    }
  }
  return { southM, northM, westM, eastM };
}

/** Whether segment a-b comes into the ring or crosses its edge. */
export function segmentMeetsRing(
  ring: Ring,
  ends: { readonly a: GroundPoint; readonly b: GroundPoint },
): boolean {
  const { a, b } = ends;
  if (ringContains(ring, a.northM, a.eastM) || ringContains(ring, b.northM, b.eastM)) return true;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    if (segmentsCross(a, b, ring[j]!, ring[i]!)) return true;
  }
  return false;
}

/** Which side of the line a-b the point c lies on, as twice the triangle's signed area. */
function side(a: GroundPoint, b: GroundPoint, c: GroundPoint): number {
  return (b.northM - a.northM) * (c.eastM - a.eastM) - (b.eastM - a.eastM) * (c.northM - a.northM);
}

/** Whether two segments cross or touch (collinear overlap that shares no corner is not seen). */
export function segmentsCross(
  a: GroundPoint,
  b: GroundPoint,
  c: GroundPoint,
  d: GroundPoint,
): boolean {
  const s1 = side(a, b, c);
  const s2 = side(a, b, d);
  const s3 = side(c, d, a);
  const s4 = side(c, d, b);
  if (s1 === 0 && s2 === 0) return false;
  return s1 * s2 <= 0 && s3 * s4 <= 0;
}

/** The first pair of edges of a ring that cross each other, or undefined: rings must be simple. */
export function selfCrossing(ring: Ring): readonly [number, number] | undefined {
  const n = ring.length;
  for (let i = 0; i < n; i += 1) {
    for (let k = i + 2; k < n; k += 1) {
      if (i === 0 && k === n - 1) continue;
      if (segmentsCross(ring[i]!, ring[(i + 1) % n]!, ring[k]!, ring[(k + 1) % n]!)) return [i, k];
    }
  }
  return undefined;
}
