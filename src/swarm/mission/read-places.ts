/**
 * Reading places, polygons and zones of a mission file: degrees on the file's side, metres of the
 * local frame on ours.
 *
 * Every place says which number is which (`{ latDeg, lonDeg }` or `{ northM, eastM }`), because a
 * bare pair of numbers is read in two orders by two kinds of people. Traps that are told by name:
 * degrees times 1e7 (MAVLink), radians, latitude and longitude exchanged.
 */
import type { Checker, Fields } from "../../base/mod.ts";
import { cos, isRecord, sin } from "../../base/mod.ts";
import { RING_CORNERS_MAX, ringAreaM2, selfCrossing } from "../area/mod.ts";
import type { AltitudeLimit, GroundPoint, Polygon, Ring, Zone } from "../area/mod.ts";
import { FRAME_PLACE_REACH_M as PLACE_REACH_M, type MissionFrame } from "./frame.ts";

/** Corners of a circle written out as a ring. */
const CIRCLE_CORNERS = 64;
const POLYGONS_MAX = 200;
const HOLES_MAX = 100;
/** A crossing test is quadratic; rings with more corners than this are taken as they are. */
const CROSSING_TEST_MAX = 2000;
const DEG_E7 = { unit: "degrees times 1e7", factor: 1e-7 } as const;
const RAD_PER_DEG = Math.PI / 180;

const PLACE_KEYS = ["latDeg", "lonDeg", "northM", "eastM"];

/** Latitude and longitude in degrees from a place object; undefined when it is wrong. */
export function readDegrees(
  checker: Checker,
  value: unknown,
  where: string,
): { readonly latDeg: number; readonly lonDeg: number } | undefined {
  const before = checker.count;
  const place = checker.object(value, where, ["latDeg", "lonDeg", "altitudeAmslM"]);
  const latDeg = place.number("latDeg", { min: -85, max: 85, unit: "degrees", traps: [DEG_E7] });
  const lonDeg = place.number("lonDeg", { min: -180, max: 180, unit: "degrees", traps: [DEG_E7] });
  return checker.count > before ? undefined : { latDeg, lonDeg };
}

/** One place, in either notation. The origin itself when it is wrong. */
export function readPlace(
  checker: Checker,
  frame: MissionFrame,
  item: { readonly value: unknown; readonly where: string },
): GroundPoint {
  const { value, where } = item;
  const reach = { min: -PLACE_REACH_M, max: PLACE_REACH_M, unit: "m" } as const;
  if (isRecord(value) && ("northM" in value || "eastM" in value)) {
    const place = checker.object(value, where, PLACE_KEYS);
    const local = { northM: place.number("northM", reach), eastM: place.number("eastM", reach) };
    if (!place.has("latDeg") && !place.has("lonDeg")) return local;
    checker.report("MIS003", {
      where,
      detail: "a place in both notations",
      remedy: "give either latDeg and lonDeg, or northM and eastM",
    });
    return local;
  }
  const degrees = readDegrees(checker, value, where);
  if (degrees === undefined) return { northM: 0, eastM: 0 };
  const local = frame.fromDegrees(degrees.latDeg, degrees.lonDeg);
  if (local !== undefined) return local;
  checker.report("MIS005", {
    where,
    detail: `more than ${String(PLACE_REACH_M / 1000)} km from the origin`,
    remedy: farRemedy(frame, degrees),
  });
  return { northM: 0, eastM: 0 };
}

function farRemedy(
  frame: MissionFrame,
  degrees: { readonly latDeg: number; readonly lonDeg: number },
): string {
  const { latDeg, lonDeg } = degrees;
  if (frame.fromDegrees(lonDeg, latDeg) !== undefined) {
    return "latitude and longitude seem exchanged: swap them";
  }
  if (frame.fromDegrees(latDeg / RAD_PER_DEG, lonDeg / RAD_PER_DEG) !== undefined) {
    return "the numbers look like radians: write degrees";
  }
  if (frame.fromDegrees(latDeg, -lonDeg) !== undefined) {
    return "the longitude seems to lack its sign: west is negative";
  }
  if (frame.fromDegrees(-latDeg, lonDeg) !== undefined) {
    return "the latitude seems to have the wrong sign: south is negative";
  }
  return "move the place or the origin";
}

const AREA_KEYS = ["polygon", "polygons", "circle", "ring", "file"];

/** Radius of a distance share, for areas such as "inside the 75% ring". */
export type RingRadius = (share: number) => number;

export interface AreaContext {
  readonly checker: Checker;
  readonly frame: MissionFrame;
  readonly center: GroundPoint;
  readonly ringRadius: RingRadius;
}

/** An area in any of its notations, as polygons of the local frame. */
export function readArea(context: AreaContext, value: unknown, where: string): Polygon[] {
  const { checker } = context;
  const area = checker.object(value, where, AREA_KEYS);
  const given = AREA_KEYS.filter((key) => area.has(key));
  if (given.length !== 1) {
    checker.report("MIS003", {
      where,
      detail: given.length === 0 ? "no shape" : `${given.join(" and ")} together`,
      remedy: `give exactly one of: ${AREA_KEYS.join(", ")}`,
    });
    return [];
  }
  if (area.has("file")) {
    checker.report("MIS007", {
      where: area.at("file"),
      remedy: "load the mission through its file, or write the polygon here",
    });
    return [];
  }
  if (area.has("polygon")) return [readOuter(context, area.raw("polygon"), area.at("polygon"))];
  if (area.has("polygons")) {
    return area.list("polygons", { min: 1, max: POLYGONS_MAX }, (item, at) =>
      readPolygon(context, item, at),
    );
  }
  return [{ outer: readCircle(context, area), holes: [] }];
}

/** A polygon with holes: `{ outer: [...], holes: [[...]] }`. */
export function readPolygon(context: AreaContext, value: unknown, where: string): Polygon {
  const fields = context.checker.object(value, where, ["outer", "holes"]);
  const outer = readRing(context, fields.raw("outer"), fields.at("outer"));
  const holes = fields.list("holes", { max: HOLES_MAX }, (item, at) => readRing(context, item, at));
  return { outer, holes };
}

function readOuter(context: AreaContext, value: unknown, where: string): Polygon {
  return { outer: readRing(context, value, where), holes: [] };
}

function readRing(context: AreaContext, value: unknown, where: string): Ring {
  const { checker, frame } = context;
  const before = checker.count;
  const corners = checker.list(value, { where, min: 3, max: RING_CORNERS_MAX }, (item, at) =>
    readPlace(checker, frame, { value: item, where: at }),
  );
  if (checker.count > before) return [];
  const ring = withoutClosing(corners);
  const crossing = ring.length <= CROSSING_TEST_MAX ? selfCrossing(ring) : undefined;
  if (crossing !== undefined) {
    checker.report("MIS004", {
      where,
      detail: `edge ${String(crossing[0])} crosses edge ${String(crossing[1])}`,
      remedy: "list the corners in the order of walking around the area",
    });
  } else if (ring.length < 3 || ringAreaM2(ring) < 1) {
    checker.report("MIS004", {
      where,
      detail: "its area is zero",
      remedy: "give at least three corners that do not lie on one line",
    });
  }
  return ring;
}

/** Files often repeat the first corner at the end; here rings are open. */
function withoutClosing(corners: readonly GroundPoint[]): Ring {
  const first = corners[0];
  const last = corners[corners.length - 1];
  const closed =
    first !== undefined &&
    last !== undefined &&
    corners.length > 3 &&
    first.northM === last.northM &&
    first.eastM === last.eastM;
  return closed ? corners.slice(0, -1) : corners;
}

function readCircle(context: AreaContext, area: Fields): Ring {
  if (area.has("ring")) {
    const ring = area.object("ring", ["share"]);
    const share = ring.number("share", { min: 0.01, max: 0.99, unit: "as a share" });
    return circleRing(context.center, context.ringRadius(share));
  }
  const circle = area.object("circle", ["center", "radiusM"]);
  const radiusM = circle.number("radiusM", {
    min: 5,
    max: PLACE_REACH_M,
    unit: "m",
    traps: [{ unit: "km", factor: 1000 }],
  });
  const center = circle.has("center")
    ? readPlace(context.checker, context.frame, {
        value: circle.raw("center"),
        where: circle.at("center"),
      })
    : context.center;
  return circleRing(center, radiusM);
}

/** A circle as a ring of 64 corners with the circle's own area. */
export function circleRing(center: GroundPoint, radiusM: number): Ring {
  const step = (2 * Math.PI) / CIRCLE_CORNERS;
  const cornerM = radiusM * Math.sqrt(step / sin(step));
  return Array.from({ length: CIRCLE_CORNERS }, (_, i) => ({
    northM: center.northM + cornerM * cos(i * step),
    eastM: center.eastM + cornerM * sin(i * step),
  }));
}

const ZONE_KEYS = [
  "name",
  ...AREA_KEYS.filter((key) => key !== "ring"),
  "floorAglM",
  "floorAmslM",
  "ceilingAglM",
  "ceilingAmslM",
];

/** A no-fly zone; a shape of several polygons gives several zones of one name. */
export function readZones(context: AreaContext, value: unknown, where: string): Zone[] {
  const fields = context.checker.object(value, where, ZONE_KEYS);
  const name = fields.text("name", { max: 80 });
  const floor = readLimit(context.checker, fields, "floor");
  const ceiling = readLimit(context.checker, fields, "ceiling");
  const inverted =
    floor !== undefined &&
    ceiling?.reference === floor.reference &&
    ceiling.altitudeM <= floor.altitudeM;
  if (inverted) {
    context.checker.report("MIS003", {
      where,
      detail: "the zone's ceiling is not above its floor",
      remedy: "exchange floor and ceiling",
    });
  }
  const shape = Object.fromEntries(
    AREA_KEYS.filter((key) => fields.has(key)).map((key) => [key, fields.raw(key)]),
  );
  return readArea(context, shape, where).map((polygon) => ({ name, polygon, floor, ceiling }));
}

function readLimit(
  checker: Checker,
  fields: Fields,
  which: "floor" | "ceiling",
): AltitudeLimit | undefined {
  const agl = fields.has(`${which}AglM`);
  const amsl = fields.has(`${which}AmslM`);
  if (!agl && !amsl) return undefined;
  if (agl && amsl) {
    checker.report("MIS003", {
      where: fields.where,
      detail: `${which} above ground and above sea together`,
      remedy: `keep one of ${which}AglM and ${which}AmslM`,
    });
  }
  const traps = [{ unit: "feet", factor: 0.3048 }];
  const rule = { min: -500, max: 20_000, unit: "m", traps };
  return agl
    ? { reference: "agl", altitudeM: fields.number(`${which}AglM`, rule) }
    : { reference: "amsl", altitudeM: fields.number(`${which}AmslM`, rule) };
}
