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

  polygon(shape: NamedPolygon): void {
    this.#count(shape.polygon.outer.length);
    this.#polygons.push(shape);
  }

  line(shape: NamedLine): void {
    this.#count(shape.points.length);
    this.#lines.push(shape);
  }

  point(shape: NamedPoint): void {
    this.#count(1);
    this.#points.push(shape);
  }

  zone(zone: GeoZone): void {
    this.#count(zone.polygon.outer.length);
    this.#zones.push(zone);
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
