/**
 * What files of others are read into: shapes in degrees with their names, and limits that every
 * reader keeps. Degrees stay degrees here: the mission's parser turns them into its local frame.
 */
import { problem, type Problem, type ProblemCode } from "../../src/base/mod.ts";

export interface GeoPoint {
  readonly latDeg: number;
  readonly lonDeg: number;
}

export interface GeoPolygon {
  readonly outer: readonly GeoPoint[];
  readonly holes: readonly (readonly GeoPoint[])[];
}

export interface NamedPolygon {
  readonly name: string;
  readonly polygon: GeoPolygon;
  /** Weight or probability that the file gives it, where it gives one. */
  readonly weight: number | undefined;
}

export interface NamedLine {
  readonly name: string;
  readonly points: readonly GeoPoint[];
}

export interface NamedPoint {
  readonly name: string;
  readonly point: GeoPoint;
}

export interface GeoLimit {
  readonly reference: "agl" | "amsl";
  readonly altitudeM: number;
}

/** Airspace that is closed or needs permission; the file's own word in `restriction`. */
export interface GeoZone {
  readonly name: string;
  readonly restriction: string;
  readonly polygon: GeoPolygon;
  readonly floor: GeoLimit | undefined;
  readonly ceiling: GeoLimit | undefined;
}

/** Everything usable that one file holds. */
export interface GeoDocument {
  readonly polygons: readonly NamedPolygon[];
  readonly lines: readonly NamedLine[];
  readonly points: readonly NamedPoint[];
  readonly zones: readonly GeoZone[];
}

/** Files larger than this are refused before they are read. */
export const FILE_MAX_BYTES = 32 * 1024 * 1024;
export const NESTING_MAX = 64;
export const VERTICES_MAX = 200_000;
export const SHAPES_MAX = 20_000;
/** Problems of one file beyond this many are not kept. */
const PROBLEMS_MAX = 100;
/** Corners of a circle that a file gives by centre and radius. */
const CIRCLE_CORNERS = 64;

/** Collects shapes and problems while a file is walked; knows when there are too many. */
export class GeoCollector {
  readonly #polygons: NamedPolygon[] = [];
  readonly #lines: NamedLine[] = [];
  readonly #points: NamedPoint[] = [];
  readonly #zones: GeoZone[] = [];
  readonly #problems: Problem[] = [];
  #vertices = 0;
  #shapes = 0;

  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** True once a limit was passed: the walk should end. */
  get full(): boolean {
    return this.#shapes > SHAPES_MAX || this.#vertices > VERTICES_MAX;
  }

  get document(): GeoDocument {
    return {
      polygons: this.#polygons,
      lines: this.#lines,
      points: this.#points,
      zones: this.#zones,
    };
  }

  report(
    code: ProblemCode,
    options: { readonly detail?: string; readonly remedy?: string; readonly where: string },
  ): void {
    if (this.#problems.length < PROBLEMS_MAX) this.#problems.push(problem(code, options));
  }

  polygon(shape: NamedPolygon, where: string): void {
    if (this.takes(shape.polygon, where)) this.#polygons.push(shape);
  }

  /** Counts a polygon against the limits, holes included; false when it is refused. */
  takes(polygon: GeoPolygon, where: string): boolean {
    this.#count(verticesOf(polygon));
    if (this.full) return false;
    const outside = firstOutside(polygon);
    if (outside < 0) return true;
    // Even-odd filling would add its surface to the area instead of taking it away.
    this.report("IMP010", {
      where,
      detail: `hole ${String(outside + 1)} does not lie in its polygon`,
      remedy: "draw holes within the outer ring, or separate polygons",
    });
    return false;
  }

  line(shape: NamedLine): void {
    this.#count(shape.points.length);
    this.#lines.push(shape);
  }

  point(shape: NamedPoint): void {
    this.#count(1);
    this.#points.push(shape);
  }

  zone(zone: GeoZone, where: string): void {
    if (this.takes(zone.polygon, where)) this.#zones.push(zone);
  }

  /** A ring of the file: closed or not, degrees in range, at least three corners left. */
  ring(points: readonly GeoPoint[], where: string): readonly GeoPoint[] | undefined {
    const first = points[0];
    const last = points[points.length - 1];
    const closed =
      points.length > 1 && first?.latDeg === last?.latDeg && first?.lonDeg === last?.lonDeg;
    const ring = closed ? points.slice(0, -1) : points;
    if (ring.length >= 3) return ring;
    this.report("IMP010", {
      where,
      detail: `a ring of ${String(ring.length)} corners`,
      remedy: "a ring needs at least three different corners",
    });
    return undefined;
  }

  /** A place in degrees, or undefined with a problem when it cannot be one. */
  place(latDeg: unknown, lonDeg: unknown, where: string): GeoPoint | undefined {
    if (typeof latDeg !== "number" || typeof lonDeg !== "number") {
      this.report("IMP010", {
        where,
        detail: "a coordinate that is no number",
        remedy: "give degrees as numbers",
      });
      return undefined;
    }
    if (Math.abs(latDeg) <= 90 && Math.abs(lonDeg) <= 180) return { latDeg, lonDeg };
    this.report("IMP008", {
      where,
      detail: `latitude ${String(latDeg)}, longitude ${String(lonDeg)}`,
      remedy: coordinateRemedy(latDeg, lonDeg),
    });
    return undefined;
  }

  #count(vertices: number): void {
    const before = this.full;
    this.#shapes += 1;
    this.#vertices += vertices;
    if (this.full && !before) {
      this.report("IMP009", {
        where: "",
        remedy:
          `keep to ${String(SHAPES_MAX)} shapes and ${String(VERTICES_MAX)} corners: ` +
          "simplify the file",
      });
    }
  }
}

const verticesOf = ({ outer, holes }: GeoPolygon): number =>
  holes.reduce((sum, hole) => sum + hole.length, outer.length);

/** Corners of everything that a document holds. */
export function documentVertices({ polygons, lines, points, zones }: GeoDocument): number {
  let sum = points.length;
  for (const { polygon } of [...polygons, ...zones]) sum += verticesOf(polygon);
  for (const line of lines) sum += line.points.length;
  return sum;
}

/** Corner against edge, for all holes of a polygon together. */
const RING_TESTS_MAX = 20_000_000;

/**
 * The first hole that is none, or -1. A hole lies within the box of the outer ring, with a corner
 * inside the ring: one that touches it has corners on it, which fall on either side. Of polygons
 * with a great many corners and holes only the boxes are compared.
 */
function firstOutside({ outer, holes }: GeoPolygon): number {
  if (holes.length === 0) return -1;
  const box = boxOf(outer);
  const asked = Math.floor(RING_TESTS_MAX / (outer.length * holes.length));
  return holes.findIndex((hole) => {
    const inner = boxOf(hole);
    if (inner.south < box.south || inner.north > box.north) return true;
    if (inner.west < box.west || inner.east > box.east) return true;
    return asked > 0 && !hole.slice(0, asked).some((corner) => isInRing(corner, outer));
  });
}

interface Box {
  south: number;
  north: number;
  west: number;
  east: number;
}

function boxOf(ring: readonly GeoPoint[]): Box {
  const box = { south: Infinity, north: -Infinity, west: Infinity, east: -Infinity };
  for (const { latDeg, lonDeg } of ring) {
    box.south = Math.min(box.south, latDeg);
    box.north = Math.max(box.north, latDeg);
    box.west = Math.min(box.west, lonDeg);
    box.east = Math.max(box.east, lonDeg);
  }
  return box;
}

/** By the crossings of a ray to the east. */
function isInRing({ latDeg, lonDeg }: GeoPoint, ring: readonly GeoPoint[]): boolean {
  let inside = false;
  let last = ring[ring.length - 1];
  for (const corner of ring) {
    if (last !== undefined && corner.latDeg > latDeg !== last.latDeg > latDeg) {
      const along = (latDeg - corner.latDeg) / (last.latDeg - corner.latDeg);
      if (lonDeg < corner.lonDeg + along * (last.lonDeg - corner.lonDeg)) inside = !inside;
    }
    last = corner;
  }
  return inside;
}

function coordinateRemedy(latDeg: number, lonDeg: number): string {
  if (Math.abs(lonDeg) <= 90 && Math.abs(latDeg) <= 180) {
    return "latitude and longitude seem exchanged";
  }
  const e7 = Math.abs(latDeg) > 1e5 && Math.abs(latDeg) <= 90e7 && Math.abs(lonDeg) <= 180e7;
  const grid = Math.abs(lonDeg) > 1e5 && Math.abs(lonDeg) < 1e6 && Math.abs(latDeg) < 1e7;
  if (grid) return "these look like UTM metres: export the file in WGS84 degrees";
  return e7 ? "these look like degrees times 1e7: write degrees" : "write WGS84 degrees";
}

/** A circle on the ground as a ring, by the sphere of the mean earth radius. */
export function circlePolygon(center: GeoPoint, radiusM: number): GeoPolygon {
  const degPerM = 180 / (Math.PI * 6_371_008.8);
  const shrink = Math.cos((center.latDeg * Math.PI) / 180);
  const outer = Array.from({ length: CIRCLE_CORNERS }, (_, i) => {
    const angle = (2 * Math.PI * i) / CIRCLE_CORNERS;
    return {
      latDeg: center.latDeg + radiusM * degPerM * Math.cos(angle),
      lonDeg: center.lonDeg + (radiusM * degPerM * Math.sin(angle)) / Math.max(1e-6, shrink),
    };
  });
  return { outer, holes: [] };
}
