/**
 * KML 2.2 (OGC 07-147r2): polygons with holes, lines and points of all placemarks, at any depth of
 * folders. KMZ: the first `.kml` of the archive.
 *
 * What is hostile is refused while reading: a document type or entity declaration, more than
 * `NESTING_MAX` open elements, more shapes than `GeoCollector` takes, an archive that claims or
 * yields more than it should. Network links are not followed, styles and altitudes are ignored.
 */
import { unzipSync } from "fflate";
import { SaxesParser } from "saxes";
import { type Checked, fail, ok, problem, type Result } from "../../src/base/mod.ts";
import {
  FILE_MAX_BYTES,
  GeoCollector,
  type GeoDocument,
  type GeoPoint,
  NESTING_MAX,
} from "./geo.ts";
import { reasonOf } from "./source.ts";

const ARCHIVE_ENTRIES_MAX = 200;
/** Text compresses to a fiftieth at best; a bomb to a thousandth. */
const ARCHIVE_RATIO_MAX = 200;

/** Thrown inside the parser's callbacks only, to leave it; never leaves this file. */
class StopReading extends Error {}

interface Placemark {
  name: string;
  rings: GeoPoint[][];
}

/** Shapes of a KML text. */
export function readKml(text: string, where: string): Checked<GeoDocument> {
  const into = new GeoCollector();
  const parser = new SaxesParser();
  const place = (): string =>
    `${where} line ${String(parser.line)} column ${String(parser.column)}`;
  const open: string[] = [];
  let words = "";
  let placemark: Placemark = { name: "", rings: [] };
  const stop = (): never => {
    throw new StopReading();
  };
  parser.on("doctype", () => {
    into.report("IMP006", { where: place(), remedy: "remove the DOCTYPE; KML needs none" });
    stop();
  });
  parser.on("error", (error) => {
    const detail = reasonOf(error).replace(/^\d+:\d+: /u, "");
    into.report("IMP003", { where: place(), detail, remedy: "correct the XML there" });
    stop();
  });
  parser.on("opentag", (tag) => {
    open.push(localName(tag.name));
    words = "";
    if (open.length > NESTING_MAX) {
      into.report("IMP007", {
        where: place(),
        remedy: `nest at most ${String(NESTING_MAX)} levels`,
      });
      stop();
    }
    if (open.at(-1) === "Placemark") placemark = { name: "", rings: [] };
    if (open.at(-1) === "Polygon") placemark.rings = [];
  });
  const take = (chunk: string): void => {
    const wanted = open.at(-1) === "coordinates" || open.at(-1) === "name";
    if (wanted) words += chunk;
  };
  parser.on("text", take);
  parser.on("cdata", take);
  parser.on("closetag", () => {
    closed(into, { open, words, placemark, where: place() });
    open.pop();
    if (into.full) stop();
  });
  try {
    parser.write(text).close();
  } catch (error) {
    if (!(error instanceof StopReading)) {
      into.report("IMP003", { where: place(), detail: reasonOf(error), remedy: "correct the XML" });
    }
  }
  return into.problems.length === 0
    ? { ok: true, value: into.document }
    : { ok: false, problems: into.problems };
}

const localName = (name: string): string => name.slice(name.indexOf(":") + 1);

interface Closing {
  readonly open: readonly string[];
  readonly words: string;
  readonly placemark: Placemark;
  readonly where: string;
}

function closed(into: GeoCollector, { open, words, placemark, where }: Closing): void {
  const [tag, parent] = [open.at(-1), open.at(-2)];
  const { name } = placemark;
  if (tag === "name" && parent === "Placemark") placemark.name = words.trim().slice(0, 80);
  else if (tag === "Polygon") closePolygon(into, placemark, where);
  else if (tag === "coordinates") {
    const points = coordinates(into, words, where);
    if (parent === "LinearRing" && open.at(-3) !== "Placemark") {
      // The outer ring stands first, wherever the file puts its boundaries.
      if (open.at(-3) === "outerBoundaryIs") placemark.rings.unshift(points);
      else placemark.rings.push(points);
    } else if (parent === "LineString" && points.length >= 2) into.line({ name, points });
    else if (parent === "Point" && points[0] !== undefined) into.point({ name, point: points[0] });
  }
}

function closePolygon(into: GeoCollector, { name, rings }: Placemark, where: string): void {
  const usable = rings.map((ring) => into.ring(ring, where));
  const outer = usable[0];
  if (rings.length === 0) {
    into.report("IMP010", {
      where,
      detail: "a polygon without rings",
      remedy: "add its outer ring",
    });
  }
  if (outer === undefined) return;
  const holes = usable.slice(1).filter((ring) => ring !== undefined);
  into.polygon({ name, polygon: { outer, holes }, weight: undefined }, where);
}

/** KML's tuples: longitude,latitude[,altitude], parted by white space. */
function coordinates(into: GeoCollector, words: string, where: string): GeoPoint[] {
  const points: GeoPoint[] = [];
  for (const tuple of words.split(/\s+/u)) {
    if (tuple === "") continue;
    const [lon, lat] = tuple.split(",");
    const point = into.place(numberOf(lat), numberOf(lon), where);
    if (point !== undefined) points.push(point);
  }
  return points;
}

const numberOf = (word: string | undefined): number | undefined =>
  word === undefined || word.trim() === "" || Number.isNaN(Number(word)) ? undefined : Number(word);

/** The KML text of a KMZ archive. */
export function unpackKmz(bytes: Uint8Array, where: string): Result<Uint8Array> {
  const refuse = (detail: string): Result<Uint8Array> =>
    fail(problem("IMP011", { where, detail, remedy: "unpack it yourself and give the .kml" }));
  let entries = 0;
  let refused: string | undefined;
  let taken: string | undefined;
  try {
    const files = unzipSync(bytes, {
      filter: (file) => {
        entries += 1;
        if (entries > ARCHIVE_ENTRIES_MAX) refused ??= "too many entries";
        if (!file.name.toLowerCase().endsWith(".kml") || taken !== undefined) return false;
        if (file.originalSize > FILE_MAX_BYTES) refused ??= "an entry is too large";
        if (file.originalSize > ARCHIVE_RATIO_MAX * Math.max(file.size, 1)) {
          refused ??= "an entry unpacks to far more than its size";
        }
        if (refused !== undefined) return false;
        taken = file.name;
        return true;
      },
    });
    if (refused !== undefined) return refuse(refused);
    const kml = taken === undefined ? undefined : files[taken];
    return kml === undefined ? refuse("it holds no .kml") : ok(kml);
  } catch (error) {
    return refuse(reasonOf(error));
  }
}
