/**
 * GeoJSON (RFC 7946) and the two airspace formats that look like it: ED-269 (`UASZoneList`) and
 * ED-318 (a FeatureCollection whose geometries carry a `layer`).
 *
 * RFC 7946: positions are [longitude, latitude, ...]; rings are closed; right-hand rule is not
 * demanded. Departures: a missing closing corner is accepted, members not needed here are ignored.
 * `properties.weight`, `probability` or `poa` gives a polygon its weight for probability maps.
 */
import { type Checked, isRecord } from "../../src/base/mod.ts";
import {
  circlePolygon,
  GeoCollector,
  type GeoDocument,
  type GeoLimit,
  type GeoPoint,
  type GeoPolygon,
} from "./geo.ts";
import { parseJson } from "./source.ts";

type Json = Readonly<Record<string, unknown>>;

/** Shapes and zones of a GeoJSON, ED-318 or ED-269 text. */
export function readGeoJson(text: string, where: string): Checked<GeoDocument> {
  const parsed = parseJson(text, where);
  if (!parsed.ok) return { ok: false, problems: [parsed.problem] };
  const into = new GeoCollector();
  const value = parsed.value;
  if (!isRecord(value)) {
    into.report("IMP004", { where, remedy: "give a GeoJSON object" });
  } else if (Array.isArray(value["UASZoneList"])) {
    readEd269(into, value["UASZoneList"], where);
  } else {
    readNode(into, value, { where, name: "", properties: {} });
  }
  return into.problems.length === 0
    ? { ok: true, value: into.document }
    : { ok: false, problems: into.problems };
}

interface Context {
  readonly where: string;
  readonly name: string;
  readonly properties: Json;
}

function readNode(into: GeoCollector, node: unknown, context: Context): void {
  if (into.full) return;
  if (!isRecord(node) || typeof node["type"] !== "string") {
    into.report("IMP010", { where: context.where, remedy: 'give an object with a "type"' });
    return;
  }
  const inner = (key: string): readonly unknown[] =>
    listOf(into, node[key], `${context.where}.${key}`);
  switch (node["type"]) {
    case "FeatureCollection":
      inner("features").forEach((feature, i) => {
        readNode(into, feature, { ...context, where: `${context.where}.features[${String(i)}]` });
      });
      return;
    case "Feature":
      readFeature(into, node, context.where);
      return;
    case "GeometryCollection":
      inner("geometries").forEach((geometry, i) => {
        readNode(into, geometry, {
          ...context,
          where: `${context.where}.geometries[${String(i)}]`,
        });
      });
      return;
    default:
      readGeometry(into, node, context);
  }
}

function readFeature(into: GeoCollector, feature: Json, where: string): void {
  const properties = isRecord(feature["properties"]) ? feature["properties"] : {};
  // RFC 7946 section 3.2: an unlocated feature has a null geometry.
  if (feature["geometry"] === null) return;
  const context = { where: `${where}.geometry`, name: nameOf(properties), properties };
  const geometry = feature["geometry"];
  if (isRecord(geometry) && isRecord(geometry["layer"])) readEd318(into, geometry, context);
  else readNode(into, geometry, context);
}

function readGeometry(into: GeoCollector, geometry: Json, context: Context): void {
  const at = `${context.where}.coordinates`;
  const many = (): readonly unknown[] => listOf(into, geometry["coordinates"], at);
  const { name } = context;
  switch (geometry["type"]) {
    case "Polygon":
      polygonInto(into, geometry["coordinates"], { ...context, where: at });
      return;
    case "MultiPolygon":
      many().forEach((rings, i) => {
        polygonInto(into, rings, { ...context, where: `${at}[${String(i)}]` });
      });
      return;
    case "LineString":
      lineInto(into, geometry["coordinates"], { name, where: at });
      return;
    case "MultiLineString":
      many().forEach((line, i) => {
        lineInto(into, line, { name, where: `${at}[${String(i)}]` });
      });
      return;
    case "Point": {
      const point = position(into, geometry["coordinates"], at);
      if (point !== undefined) into.point({ name, point });
      return;
    }
    case "MultiPoint":
      many().forEach((each, i) => {
        const point = position(into, each, `${at}[${String(i)}]`);
        if (point !== undefined) into.point({ name, point });
      });
      return;
    default:
      into.report("IMP010", {
        where: context.where,
        detail: `type ${JSON.stringify(geometry["type"])}`,
        remedy: "RFC 7946 knows no such geometry",
      });
  }
}

function polygonInto(into: GeoCollector, rings: unknown, context: Context): void {
  const polygon = readPolygon(into, rings, context.where);
  if (polygon === undefined) return;
  const weight = weightOf(into, context);
  into.polygon({ name: context.name, polygon, weight }, context.where);
}

function readPolygon(into: GeoCollector, rings: unknown, where: string): GeoPolygon | undefined {
  const all = listOf(into, rings, where).map((ring, i) => {
    const at = `${where}[${String(i)}]`;
    return into.ring(positions(into, ring, at), at);
  });
  const outer = all[0];
  if (outer === undefined) return undefined;
  return { outer, holes: all.slice(1).filter((hole) => hole !== undefined) };
}

function lineInto(
  into: GeoCollector,
  line: unknown,
  context: { readonly name: string; readonly where: string },
): void {
  const points = positions(into, line, context.where);
  if (points.length >= 2) into.line({ name: context.name, points });
  else into.report("IMP010", { where: context.where, remedy: "a line needs two positions" });
}

function positions(into: GeoCollector, list: unknown, where: string): readonly GeoPoint[] {
  const points: GeoPoint[] = [];
  listOf(into, list, where).forEach((item, i) => {
    const point = position(into, item, `${where}[${String(i)}]`);
    if (point !== undefined) points.push(point);
  });
  return points;
}

function position(into: GeoCollector, item: unknown, where: string): GeoPoint | undefined {
  const pair = Array.isArray(item) ? (item as readonly unknown[]) : [];
  return into.place(pair[1], pair[0], where);
}

function listOf(into: GeoCollector, value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  into.report("IMP010", { where, detail: "no list", remedy: "give a list [ ... ]" });
  return [];
}

function weightOf(into: GeoCollector, { properties, where }: Context): number | undefined {
  const given = ["weight", "probability", "poa", "POA"].find(
    (key) => properties[key] !== undefined,
  );
  if (given === undefined) return undefined;
  const weight = properties[given];
  if (typeof weight === "number" && Number.isFinite(weight) && weight >= 0) return weight;
  into.report("IMP012", {
    where,
    detail: `${given} ${JSON.stringify(weight)}`,
    remedy: "a weight is a number of at least 0",
  });
  return undefined;
}

/** `name` as text, or the first text of ED-318's list of languages. */
function nameOf(properties: Json): string {
  const name = properties["name"] ?? properties["Name"] ?? properties["identifier"];
  if (typeof name === "string") return name.slice(0, 80);
  const first: unknown = Array.isArray(name) ? name[0] : undefined;
  if (isRecord(first) && typeof first["text"] === "string") return first["text"].slice(0, 80);
  return "";
}

/** A limit is written as a number or as its text (ED-269 does both). */
const wordOf = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" ? String(value) : "unreadable";

const REFERENCES: Readonly<Record<string, GeoLimit["reference"]>> = { AGL: "agl", AMSL: "amsl" };

interface RawLimit {
  readonly altitude: unknown;
  readonly reference: unknown;
  readonly unit: unknown;
  readonly where: string;
}

/**
 * An altitude limit. Absent means without limit; 99999 is ED-318's word for that; 0 above ground
 * as a floor is the ground itself and kept.
 */
function readLimit(into: GeoCollector, raw: RawLimit): GeoLimit | undefined {
  if (raw.altitude === null || raw.altitude === undefined || raw.altitude === "") return undefined;
  const [altitude, unit, word] = [raw.altitude, raw.unit ?? "m", raw.reference].map(wordOf);
  const value = Number(altitude);
  const factor = { m: 1, ft: 0.3048 }[unit!.toLowerCase()];
  const reference = REFERENCES[word!.toUpperCase()];
  if (!Number.isFinite(value) || factor === undefined || reference === undefined) {
    into.report("IMP010", {
      where: raw.where,
      detail: `limit ${altitude!} ${unit!} ${word!}`,
      remedy: "give a number, M or FT, and AGL or AMSL",
    });
    return undefined;
  }
  return value >= 99_999 ? undefined : { reference, altitudeM: value * factor };
}

function readEd318(into: GeoCollector, geometry: Json, context: Context): void {
  const layer = geometry["layer"] as Json;
  const limit = (which: "upper" | "lower"): GeoLimit | undefined =>
    readLimit(into, {
      altitude: layer[which],
      reference: layer[`${which}Reference`],
      unit: layer["uom"],
      where: `${context.where}.layer.${which}`,
    });
  const polygon = horizontal(into, geometry, context.where);
  if (polygon === undefined) return;
  const zone = {
    name: context.name,
    restriction: textOr(context.properties["type"], "unknown"),
    polygon,
    floor: limit("lower"),
    ceiling: limit("upper"),
  };
  into.zone(zone, context.where);
}

/** A polygon, or a circle as both airspace formats write it. */
function horizontal(into: GeoCollector, shape: unknown, where: string): GeoPolygon | undefined {
  if (isRecord(shape) && shape["type"] === "Polygon") {
    return readPolygon(into, shape["coordinates"], `${where}.coordinates`);
  }
  const extent = isRecord(shape) && isRecord(shape["extent"]) ? shape["extent"] : shape;
  if (isRecord(shape) && isRecord(extent)) {
    const center = extent["center"] ?? shape["coordinates"];
    const radiusM = extent["radius"];
    const point = position(into, center, `${where}.center`);
    const sized = typeof radiusM === "number" && radiusM > 0 && radiusM < 1e6;
    if (point !== undefined && sized) return circlePolygon(point, radiusM);
  }
  into.report("IMP010", { where, remedy: "give a Polygon, or a Circle with center and radius" });
  return undefined;
}

function readEd269(into: GeoCollector, zones: readonly unknown[], where: string): void {
  zones.forEach((zone, i) => {
    const at = `${where}.UASZoneList[${String(i)}]`;
    if (into.full) return;
    if (!isRecord(zone)) {
      into.report("IMP010", { where: at, remedy: "give a zone object" });
      return;
    }
    listOf(into, zone["geometry"], `${at}.geometry`).forEach((volume, k) => {
      if (into.full) return;
      readVolume(into, { zone, volume, where: `${at}.geometry[${String(k)}]` });
    });
  });
}

function readVolume(
  into: GeoCollector,
  {
    zone,
    volume,
    where,
  }: { readonly zone: Json; readonly volume: unknown; readonly where: string },
): void {
  const fields = isRecord(volume) ? volume : {};
  const limit = (which: "lower" | "upper"): GeoLimit | undefined =>
    readLimit(into, {
      altitude: fields[`${which}Limit`],
      reference: fields[`${which}VerticalReference`],
      unit: fields["uomDimensions"],
      where: `${where}.${which}Limit`,
    });
  const polygon = horizontal(into, fields["horizontalProjection"], `${where}.horizontalProjection`);
  if (polygon === undefined) return;
  const found = {
    name: nameOf(zone),
    restriction: textOr(zone["restriction"], "unknown"),
    polygon,
    floor: limit("lower"),
    ceiling: limit("upper"),
  };
  into.zone(found, where);
}

const textOr = (value: unknown, instead: string): string =>
  typeof value === "string" ? value : instead;
