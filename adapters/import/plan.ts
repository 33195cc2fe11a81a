/**
 * QGroundControl `.plan` files: geofence, survey and scan areas, waypoints.
 *
 * Format: the QGroundControl developer guide, "Plan file format": plan version 1, mission version
 * 2, geofence version 2, survey 5 with TransectStyleComplexItem 1, structure scan 3 or less. An
 * unknown version is a problem rather than a guess, for it may mean other units.
 */
import { type Checked, isRecord } from "../../src/base/mod.ts";
import { circlePolygon, GeoCollector, type GeoDocument, type GeoPoint } from "./geo.ts";
import { parseJson } from "./source.ts";

type Json = Readonly<Record<string, unknown>>;

export interface PlanWaypoint {
  /** MAV_CMD of the item. */
  readonly command: number;
  readonly point: GeoPoint;
  readonly altitudeM: number;
  /** MAV_FRAME: 0 above mean sea level, 3 above home, 10 above terrain. */
  readonly frame: number;
}

export interface PlanDocument extends GeoDocument {
  /** Survey and scan areas are in `polygons`; exclusion fences in `zones`. */
  readonly fences: GeoDocument["polygons"];
  readonly waypoints: readonly PlanWaypoint[];
  readonly cruiseMps: number | undefined;
}

const ITEMS_MAX = 5000;
const SURVEY_VERSION = 5;
/** MAV_CMD that carry a place in parameters 5 to 7: waypoint, loiter, land, take-off, spline. */
const PLACED_COMMANDS = new Set([16, 17, 18, 19, 21, 22, 82, 84, 85]);

/** Everything usable of a plan. */
export function readPlan(text: string, where: string): Checked<PlanDocument> {
  const parsed = parseJson(text, where);
  if (!parsed.ok) return { ok: false, problems: [parsed.problem] };
  const into = new GeoCollector();
  const fences: GeoDocument["polygons"][number][] = [];
  const waypoints: PlanWaypoint[] = [];
  const plan = parsed.value;
  let cruiseMps: number | undefined;
  if (!isRecord(plan) || plan["fileType"] !== "Plan") {
    into.report("IMP004", { where, detail: 'no "fileType": "Plan"', remedy: "give a .plan file" });
  } else {
    expectVersion(into, plan["version"], { wanted: [1], where: `${where}.version` });
    readFence(into, plan["geoFence"], { fences, where: `${where}.geoFence` });
    const mission = plan["mission"];
    if (isRecord(mission)) {
      const speed = mission["cruiseSpeed"];
      if (typeof speed === "number" && speed > 0) cruiseMps = speed;
      readMission(into, mission, { waypoints, where: `${where}.mission` });
    } else {
      into.report("IMP005", { where: `${where}.mission`, remedy: "save the plan with a mission" });
    }
  }
  if (into.problems.length > 0) return { ok: false, problems: into.problems };
  return { ok: true, value: { ...into.document, fences, waypoints, cruiseMps } };
}

function expectVersion(
  into: GeoCollector,
  found: unknown,
  rule: { readonly wanted: readonly number[]; readonly where: string },
): void {
  if (rule.wanted.some((version) => version === found)) return;
  into.report("IMP004", {
    where: rule.where,
    detail: found === undefined ? "no version" : `version ${JSON.stringify(found)}`,
    remedy: `version ${rule.wanted.join(" or ")} is read: save it with a current QGroundControl`,
  });
}

function readFence(
  into: GeoCollector,
  fence: unknown,
  out: { readonly fences: GeoDocument["polygons"][number][]; readonly where: string },
): void {
  if (!isRecord(fence)) return;
  const { where } = out;
  const add = (
    [item, at]: readonly [Json, string],
    shape: { outer: readonly GeoPoint[]; holes: readonly (readonly GeoPoint[])[] },
  ): void => {
    const name = "geofence";
    if (item["inclusion"] === false) {
      const open = { floor: undefined, ceiling: undefined };
      into.zone({ name, restriction: "PROHIBITED", polygon: shape, ...open }, at);
    } else if (into.takes(shape, at)) out.fences.push({ name, polygon: shape, weight: undefined });
  };
  for (const [item, at] of records(into, fence["polygons"], `${where}.polygons`)) {
    if (into.full) return;
    const outer = into.ring(path(into, item["polygon"], `${at}.polygon`), `${at}.polygon`);
    if (outer !== undefined) add([item, at], { outer, holes: [] });
  }
  for (const [item, at] of records(into, fence["circles"], `${where}.circles`)) {
    if (into.full) return;
    const circle = isRecord(item["circle"]) ? item["circle"] : {};
    const center = pair(into, circle["center"], `${at}.circle.center`);
    const radiusM = circle["radius"];
    if (typeof radiusM !== "number" || !(radiusM > 0 && radiusM < 1e5)) {
      into.report("IMP010", { where: `${at}.circle.radius`, remedy: "give metres, up to 100 km" });
    } else if (center !== undefined) add([item, at], circlePolygon(center, radiusM));
  }
}

function readMission(
  into: GeoCollector,
  mission: Json,
  out: { readonly waypoints: PlanWaypoint[]; readonly where: string },
): void {
  expectVersion(into, mission["version"], { wanted: [2], where: `${out.where}.version` });
  const items = records(into, mission["items"], `${out.where}.items`);
  if (items.length > ITEMS_MAX) {
    into.report("IMP009", { where: out.where, remedy: `give at most ${String(ITEMS_MAX)} items` });
    return;
  }
  for (const [item, at] of items) {
    if (into.full) return;
    if (item["type"] === "ComplexItem") readComplex(into, item, at);
    else if (item["type"] === "SimpleItem") readSimple(into, item, { ...out, where: at });
    else into.report("IMP010", { where: at, remedy: "an item is a SimpleItem or a ComplexItem" });
  }
}

function readSimple(
  into: GeoCollector,
  item: Json,
  out: { readonly waypoints: PlanWaypoint[]; readonly where: string },
): void {
  const command = item["command"];
  const params = Array.isArray(item["params"]) ? (item["params"] as readonly unknown[]) : [];
  if (typeof command !== "number" || params.length !== 7) {
    into.report("IMP010", { where: out.where, remedy: "an item has a command and seven params" });
    return;
  }
  if (!PLACED_COMMANDS.has(command)) return;
  // A zero or null place means "where the vehicle is": nothing to import.
  if (params[4] === null || (params[4] === 0 && params[5] === 0)) return;
  const point = into.place(params[4], params[5], `${out.where}.params`);
  const frame = typeof item["frame"] === "number" ? item["frame"] : 3;
  const altitudeM = typeof params[6] === "number" ? params[6] : 0;
  if (point !== undefined) out.waypoints.push({ command, point, altitudeM, frame });
}

function readComplex(into: GeoCollector, item: Json, where: string): void {
  const kind = item["complexItemType"];
  if (kind === "survey") {
    expectVersion(into, item["version"], { wanted: [SURVEY_VERSION], where: `${where}.version` });
    const transects = item["TransectStyleComplexItem"];
    if (!isRecord(transects) || !Array.isArray(transects["Items"])) {
      into.report("IMP010", {
        where: `${where}.TransectStyleComplexItem.Items`,
        detail: "the survey lacks its list of items",
        remedy: "open and save the plan in QGroundControl",
      });
    }
  } else if (kind !== "StructureScan" && kind !== "CorridorScan") {
    into.report("IMP010", {
      where,
      detail:
        kind === undefined ? "a complex item without type" : `complex item ${JSON.stringify(kind)}`,
      remedy: "survey, StructureScan and CorridorScan are read",
    });
    return;
  }
  const points = path(into, item["polygon"] ?? item["polyline"], `${where}.polygon`);
  if (kind === "CorridorScan") {
    if (points.length >= 2) into.line({ name: kind, points });
    return;
  }
  const outer = into.ring(points, `${where}.polygon`);
  if (outer !== undefined) {
    into.polygon({ name: kind, polygon: { outer, holes: [] }, weight: undefined }, where);
  }
}

/** QGroundControl writes [latitude, longitude], the other way round than GeoJSON. */
function pair(into: GeoCollector, item: unknown, where: string): GeoPoint | undefined {
  const [latDeg, lonDeg] = Array.isArray(item) ? (item as readonly unknown[]) : [];
  return into.place(latDeg, lonDeg, where);
}

function path(into: GeoCollector, list: unknown, where: string): GeoPoint[] {
  if (!Array.isArray(list)) {
    into.report("IMP010", { where, remedy: "give a list of [latitude, longitude]" });
    return [];
  }
  const points = list.map((item: unknown, i) => pair(into, item, `${where}[${String(i)}]`));
  return points.filter((point) => point !== undefined);
}

/** The objects of a list with their paths; an absent list is empty. */
function records(
  into: GeoCollector,
  list: unknown,
  where: string,
): readonly (readonly [Json, string])[] {
  if (list === undefined) return [];
  if (!Array.isArray(list)) {
    into.report("IMP010", { where, remedy: "give a list [ ... ]" });
    return [];
  }
  const found: (readonly [Json, string])[] = [];
  list.forEach((item: unknown, i) => {
    const at = `${where}[${String(i)}]`;
    if (isRecord(item)) found.push([item, at]);
    else into.report("IMP010", { where: at, remedy: "give an object { ... }" });
  });
  return found;
}
