/**
 * A mission file with everything that it refers to: areas, fences, zones, a probability map and
 * the terrain pack. What comes out is one plain value for the mission's parser, in which every
 * reference has become shapes; nothing of the file is believed here beyond its form.
 *
 * References stay in the folder of the mission file or below it: a mission that somebody was sent
 * cannot make the reader open other files of the machine. Each file is read once, however often it
 * is named, and all that is named counts against one bound (`VERTICES_MAX`). Terrain is named, not
 * referred to: it is looked up as `terrain/NAME.terrain` beside the mission and then in the
 * product's own folder.
 */
import { existsSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import {
  type Checked,
  isRecord,
  problem,
  type Problem,
  type Result,
  ok,
  fail,
} from "../../src/base/mod.ts";
import {
  documentVertices,
  VERTICES_MAX,
  type GeoDocument,
  type GeoLimit,
  type GeoPolygon,
  type GeoZone,
} from "./geo.ts";
import { readGeoJson } from "./geojson.ts";
import { readKml, unpackKmz } from "./kml.ts";
import { readNpy } from "./npy.ts";
import { readPlan } from "./plan.ts";
import { parseJson5, readBytes, textOf } from "./source.ts";

const MISSION_MAX_BYTES = 1024 * 1024;
const TERRAIN_MAX_BYTES = 64 * 1024 * 1024;
/** The terrain that ships. */
const SHIPPED_TERRAIN = join(import.meta.dirname, "..", "..", "missions", "terrain");

type Json = Record<string, unknown>;

export interface MissionSource {
  /** For the mission's parser. */
  readonly value: unknown;
  /** The terrain pack that the mission names; undefined for `flat` or none. */
  readonly terrain: Uint8Array | undefined;
}

/** What could be read of a mission file: its value with sound references resolved, and problems. */
export interface MissionParts extends MissionSource {
  readonly problems: readonly Problem[];
  /** Paths of references that were not resolved; their holders stand in `value` as they were. */
  readonly unresolved: readonly string[];
}

/** Reads a mission file and its references; all problems at once. */
export function readMissionFile(path: string): Checked<MissionSource> {
  const { problems, value, terrain } = readMissionParts(path);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: { value, terrain } };
}

/** The same for callers that go on to find the problems of the value as well. */
export function readMissionParts(path: string): MissionParts {
  const nothing = { value: undefined, terrain: undefined, unresolved: [] };
  const parsed = readJson5File(path);
  if (!parsed.ok) return { ...nothing, problems: [parsed.problem] };
  const { value } = parsed;
  // What is no object the mission's parser tells better.
  if (!isRecord(value)) return { ...nothing, value, problems: [] };
  const problems: Problem[] = [];
  const unresolved: string[] = [];
  const folder = dirname(resolve(path));
  const references: References = { folder, read: new Map(), vertices: 0 };
  const mission: Json = { ...value };
  const resolveWith = (resolver: Resolver, at: readonly [string, Json, string]): void => {
    const [key, inside, holderPath] = at;
    const holder = inside[key];
    if (!isRecord(holder) || !("file" in holder)) return;
    const resolved = resolver({ ...holder }, { references, where: `${holderPath}.file` });
    if (resolved.ok) inside[key] = resolved.value;
    else {
      problems.push(...resolved.problems);
      unresolved.push(holderPath);
    }
  };
  resolveWith(resolveArea, ["area", mission, "area"]);
  resolveWith(resolveMap, ["map", mission, "map"]);
  if (isRecord(mission["limits"])) {
    const limits: Json = { ...mission["limits"] };
    mission["limits"] = limits;
    resolveWith(resolveArea, ["fence", limits, "limits.fence"]);
  }
  mission["noFlyZones"] = resolveZones(mission["noFlyZones"], { references, problems });
  if (mission["noFlyZones"] === undefined) delete mission["noFlyZones"];
  const terrain = readTerrain(mission["terrain"], folder);
  if (!terrain.ok) problems.push(terrain.problem);
  return { value: mission, terrain: terrain.ok ? terrain.value : undefined, problems, unresolved };
}

/** Any JSON5 file of Skein's own (missions, faults, configurations). */
export function readJson5File(path: string): Result<unknown> {
  const bytes = readBytes(path, MISSION_MAX_BYTES);
  if (!bytes.ok) return bytes;
  const text = textOf(bytes.value, path);
  return text.ok ? parseJson5(text.value, path) : text;
}

/** What the references of one mission share. */
interface References {
  readonly folder: string;
  /** Shapes by the file's name as written. */
  readonly read: Map<string, Checked<GeoDocument>>;
  /** Corners named so far. */
  vertices: number;
}

interface Place {
  readonly references: References;
  readonly where: string;
}
type Resolver = (holder: Json, place: Place) => Checked<Json>;

const one = (found: Problem): { readonly ok: false; readonly problems: readonly Problem[] } => ({
  ok: false,
  problems: [found],
});

/** The bytes of a referenced file, which must lie in the mission's folder, links followed. */
function readReference(file: unknown, { references, where }: Place): Result<Uint8Array> {
  const { folder } = references;
  if (typeof file !== "string" || file === "") {
    return fail(problem("CHK002", { where, remedy: "write a file name in quotes" }));
  }
  const path = resolve(folder, file);
  const remedy = "give a path relative to the mission file, in its folder or below";
  const inside = (from: string, to: string): boolean => {
    const way = relative(from, to);
    return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
  };
  if (isAbsolute(file) || !inside(folder, path)) {
    return fail(problem("IMP013", { where, detail: file, remedy }));
  }
  if (existsSync(path) && !inside(realpathSync(folder), realpathSync(path))) {
    return fail(problem("IMP013", { where, detail: `${file} is a link`, remedy }));
  }
  const bytes = readBytes(path);
  return bytes.ok ? bytes : fail({ ...bytes.problem, where: `${where} (${file})` });
}

/** Shapes of a GeoJSON, KML, KMZ or `.plan` file, told apart by its ending. */
export function readShapes(
  bytes: Uint8Array,
  file: { readonly name: string; readonly where: string },
): Checked<GeoDocument> {
  const { where } = file;
  const ending = /\.[a-z0-9]+$/u.exec(file.name.toLowerCase())?.[0] ?? "";
  let content = bytes;
  if (ending === ".kmz") {
    const unpacked = unpackKmz(bytes, where);
    if (!unpacked.ok) return one(unpacked.problem);
    content = unpacked.value;
  }
  const text = textOf(content, where);
  if (!text.ok) return one(text.problem);
  switch (ending) {
    case ".geojson":
    case ".json":
      return readGeoJson(text.value, where);
    case ".kml":
    case ".kmz":
      return readKml(text.value, where);
    case ".plan": {
      const plan = readPlan(text.value, where);
      if (!plan.ok) return plan;
      // A plan's survey areas, else the fence it was drawn in.
      const { polygons, fences } = plan.value;
      return {
        ok: true,
        value: { ...plan.value, polygons: polygons.length > 0 ? polygons : fences },
      };
    }
    default:
      return one(
        problem("IMP004", {
          where,
          detail: ending === "" ? "a file without ending" : ending,
          remedy: "shapes are read from .geojson, .json, .kml, .kmz and .plan",
        }),
      );
  }
}

function referenceShapes(file: unknown, place: Place): Checked<GeoDocument> {
  const { references, where } = place;
  const name = String(file);
  const known = references.read.get(name);
  const shapes = known ?? readReferenced(file, place);
  references.read.set(name, shapes);
  if (!shapes.ok) return shapes;
  references.vertices += documentVertices(shapes.value);
  if (references.vertices <= VERTICES_MAX) return shapes;
  const remedy = `keep to ${String(VERTICES_MAX)} corners in all: simplify or name fewer files`;
  return one(problem("IMP009", { where, detail: name.slice(0, 80), remedy }));
}

function readReferenced(file: unknown, place: Place): Checked<GeoDocument> {
  const bytes = readReference(file, place);
  if (!bytes.ok) return one(bytes.problem);
  const name = String(file);
  return readShapes(bytes.value, { name, where: `${place.where} (${name})` });
}

function resolveArea(holder: Json, place: Place): Checked<Json> {
  const shapes = referenceShapes(holder["file"], place);
  if (!shapes.ok) return shapes;
  const polygons = shapes.value.polygons.map(({ polygon }) => polygon);
  if (polygons.length === 0) {
    const remedy = "give a file with at least one polygon";
    return one(problem("IMP005", { where: place.where, detail: "no polygon", remedy }));
  }
  return { ok: true, value: { ...without(holder, "file"), polygons } };
}

function without(holder: Json, key: string): Json {
  return Object.fromEntries(Object.entries(holder).filter(([name]) => name !== key));
}

function resolveZones(
  zones: unknown,
  context: { readonly references: References; readonly problems: Problem[] },
): unknown {
  if (!Array.isArray(zones)) return zones;
  return zones.flatMap((zone: unknown, i): unknown[] => {
    if (!isRecord(zone) || !("file" in zone)) return [zone];
    const place = { references: context.references, where: `noFlyZones[${String(i)}].file` };
    const shapes = referenceShapes(zone["file"], place);
    if (!shapes.ok) {
      context.problems.push(...shapes.problems);
      return [];
    }
    const found = zonesOf(shapes.value, without({ ...zone }, "file"));
    if (found.length === 0) {
      const remedy = "give a file with polygons or airspace zones";
      context.problems.push(problem("IMP005", { where: place.where, detail: "no zone", remedy }));
    }
    return found;
  });
}

/** Zones with the file's own limits, and plain polygons with those written in the mission. */
function zonesOf(shapes: GeoDocument, written: Json): Json[] {
  const plain = shapes.polygons.map(({ name, polygon }) => ({
    name: name === "" ? "zone" : name,
    ...written,
    polygons: [polygon],
  }));
  return [...shapes.zones.map(zoneValue), ...plain];
}

function zoneValue(zone: GeoZone): Json {
  return {
    name: zone.name === "" ? "zone" : zone.name,
    polygons: [zone.polygon],
    ...limitValue("floor", zone.floor),
    ...limitValue("ceiling", zone.ceiling),
  };
}

function limitValue(which: "floor" | "ceiling", limit: GeoLimit | undefined): Json {
  if (limit === undefined) return {};
  return { [`${which}${limit.reference === "agl" ? "Agl" : "Amsl"}M`]: limit.altitudeM };
}

/** `.npy` becomes rows of numbers, weighted GeoJSON polygons with weights. */
function resolveMap(holder: Json, place: Place): Checked<Json> {
  const file = holder["file"];
  const rest = without(holder, "file");
  if (typeof file === "string" && file.toLowerCase().endsWith(".npy")) {
    const bytes = readReference(file, place);
    if (!bytes.ok) return one(bytes.problem);
    const grid = readNpy(bytes.value, `${place.where} (${file})`);
    return grid.ok ? { ok: true, value: { ...rest, grid: grid.value } } : one(grid.problem);
  }
  const shapes = referenceShapes(file, place);
  if (!shapes.ok) return shapes;
  const weighted: { polygon: GeoPolygon; weight: number }[] = [];
  for (const { polygon, weight } of shapes.value.polygons) {
    if (weight !== undefined && weight > 0) weighted.push({ polygon, weight });
  }
  if (weighted.length === 0) {
    const remedy = 'give each polygon a "weight" (or "probability") above 0 in its properties';
    return one(problem("IMP012", { where: place.where, detail: "no weights", remedy }));
  }
  return { ok: true, value: { ...rest, weighted } };
}

function readTerrain(name: unknown, folder: string): Result<Uint8Array | undefined> {
  if (typeof name !== "string" || name === "flat") return ok(undefined);
  const where = "terrain";
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/u.test(name)) {
    const remedy = "a terrain is named in small letters, digits and hyphens";
    return fail(problem("IMP013", { where, detail: name.slice(0, 64), remedy }));
  }
  const file = `${name}.terrain`;
  const beside = join(folder, "terrain", file);
  const path = existsSync(beside) ? beside : join(SHIPPED_TERRAIN, file);
  const bytes = readBytes(path, TERRAIN_MAX_BYTES);
  if (bytes.ok) return bytes;
  const remedy =
    `put ${file} into a folder "terrain" beside the mission, ` + 'or use "jacksboro" or "flat"';
  return fail(problem("IMP001", { where, detail: `no terrain ${name}`, remedy }));
}
