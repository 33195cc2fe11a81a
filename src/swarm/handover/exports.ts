/**
 * What the ground team takes along when the person is found: the place, the tracks flown and the
 * ground searched, as GPX 1.1 (handheld receivers), KML 2.2 (maps on phones) and GeoJSON (RFC 7946,
 * everything else). Pure functions from a report to text.
 *
 * Names come from people and are escaped for the format; characters that XML 1.0 cannot carry are
 * left out. Tracks are thinned to `TRACK_POINTS_MAX` points each, ends kept, since receivers refuse
 * long ones.
 */
import type { GroundPoint, Polygon } from "../area/mod.ts";
import { missionFrame } from "../mission/frame.ts";
import type { MissionOrigin } from "../mission/mod.ts";
import { placeNotations } from "./coordinates.ts";

export interface TrackPoint extends GroundPoint {
  readonly altitudeAmslM: number;
  /** Since the mission's start. */
  readonly timeS: number;
}

export interface HandoverTrack {
  readonly name: string;
  readonly points: readonly TrackPoint[];
}

export interface SearchedPatch {
  readonly name: string;
  readonly polygon: Polygon;
  /** Probability of detection there, [0, 1]. */
  readonly pod: number;
}

export interface HandoverReport {
  readonly missionName: string;
  readonly origin: MissionOrigin;
  readonly found: GroundPoint & { readonly altitudeAmslM: number };
  /** Horizontal one sigma of the place. */
  readonly errorM: number;
  /** Since the mission's start. */
  readonly foundAtS: number;
  /** Civil time of the mission's start, Unix milliseconds; undefined when nobody set it. */
  readonly startWallMs: number | undefined;
  readonly note: string;
  readonly tracks: readonly HandoverTrack[];
  readonly searched: readonly SearchedPatch[];
}

export const TRACK_POINTS_MAX = 5000;

/** `lat`, `lon` to a centimetre, as text. */
type Degrees = (point: GroundPoint) => { readonly lat: string; readonly lon: string };

function degreesOf(report: HandoverReport): Degrees {
  const frame = missionFrame(report.origin);
  return (point) => {
    const { latDeg, lonDeg } = frame.toDegrees(point);
    return { lat: latDeg.toFixed(7), lon: lonDeg.toFixed(7) };
  };
}

/** One line that says all: notations, error, note. */
function foundText(report: HandoverReport): string {
  const { latLon, utm, mgrs } = placeNotations(report.origin, report.found);
  const error = `within ${String(Math.ceil(2 * report.errorM))} m`;
  return [latLon, `UTM ${utm}`, `MGRS ${mgrs}`, error, report.note]
    .filter((part) => part !== "" && !/^(UTM|MGRS) $/u.test(part))
    .join("; ");
}

export function toGpx(report: HandoverReport): string {
  const degrees = degreesOf(report);
  const time = (timeS: number): string =>
    report.startWallMs === undefined
      ? ""
      : `<time>${isoTime(report.startWallMs + timeS * 1000)}</time>`;
  const { lat, lon } = degrees(report.found);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<gpx version="1.1" creator="Skein" xmlns="http://www.topografix.com/GPX/1/1">',
    `<metadata><name>${xml(report.missionName)}</name></metadata>`,
    `<wpt lat="${lat}" lon="${lon}"><ele>${report.found.altitudeAmslM.toFixed(1)}</ele>` +
      `${time(report.foundAtS)}<name>FOUND</name><desc>${xml(foundText(report))}</desc>` +
      "<sym>Flag, Red</sym></wpt>",
  ];
  for (const track of report.tracks) {
    lines.push(`<trk><name>${xml(track.name)}</name><trkseg>`);
    for (const point of thinned(track.points)) {
      const at = degrees(point);
      const ele = `<ele>${point.altitudeAmslM.toFixed(1)}</ele>`;
      lines.push(`<trkpt lat="${at.lat}" lon="${at.lon}">${ele}${time(point.timeS)}</trkpt>`);
    }
    lines.push("</trkseg></trk>");
  }
  lines.push("</gpx>", "");
  return lines.join("\n");
}

export function toKml(report: HandoverReport): string {
  const degrees = degreesOf(report);
  const tuple = (point: GroundPoint, altitudeM?: number): string => {
    const { lat, lon } = degrees(point);
    return altitudeM === undefined ? `${lon},${lat}` : `${lon},${lat},${altitudeM.toFixed(1)}`;
  };
  const ring = (side: string, corners: readonly GroundPoint[]): string =>
    `<${side}><LinearRing><coordinates>${[...corners, ...corners.slice(0, 1)]
      .map((corner) => tuple(corner))
      .join(" ")}</coordinates></LinearRing></${side}>`;
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>',
    `<name>${xml(report.missionName)}</name>`,
    `<Placemark><name>FOUND</name><description>${xml(foundText(report))}</description>` +
      `<Point><coordinates>${tuple(report.found, report.found.altitudeAmslM)}</coordinates>` +
      "</Point></Placemark>",
  ];
  for (const track of report.tracks) {
    const points = thinned(track.points).map((point) => tuple(point, point.altitudeAmslM));
    lines.push(
      `<Placemark><name>${xml(track.name)}</name><LineString>` +
        `<altitudeMode>absolute</altitudeMode><coordinates>${points.join(" ")}</coordinates>` +
        "</LineString></Placemark>",
    );
  }
  for (const { name, polygon, pod } of report.searched) {
    const holes = polygon.holes.map((hole) => ring("innerBoundaryIs", hole)).join("");
    lines.push(
      `<Placemark><name>${xml(name)}</name><description>POD ${pod.toFixed(2)}</description>` +
        `<Polygon>${ring("outerBoundaryIs", polygon.outer)}${holes}</Polygon></Placemark>`,
    );
  }
  lines.push("</Document></kml>", "");
  return lines.join("\n");
}

export function toGeoJson(report: HandoverReport): string {
  const frame = missionFrame(report.origin);
  const position = (point: GroundPoint, altitudeM?: number): number[] => {
    const { latDeg, lonDeg } = frame.toDegrees(point);
    const pair = [rounded(lonDeg, 7), rounded(latDeg, 7)];
    return altitudeM === undefined ? pair : [...pair, rounded(altitudeM, 1)];
  };
  // RFC 7946 section 3.1.6: closed, outer ring counter-clockwise, holes clockwise.
  const ring = (corners: readonly GroundPoint[], counterClockwise: boolean): number[][] => {
    const turned =
      isCounterClockwise(corners) === counterClockwise ? corners : corners.toReversed();
    return [...turned, ...turned.slice(0, 1)].map((corner) => position(corner));
  };
  const feature = (geometry: object, properties: object): object => ({
    type: "Feature",
    geometry,
    properties,
  });
  const found = feature(
    { type: "Point", coordinates: position(report.found, report.found.altitudeAmslM) },
    {
      name: "FOUND",
      description: foundText(report),
      errorM: report.errorM,
      foundAtS: report.foundAtS,
      ...(report.startWallMs === undefined
        ? {}
        : { time: isoTime(report.startWallMs + report.foundAtS * 1000) }),
    },
  );
  const tracks = report.tracks.map(({ name, points }) =>
    feature(
      {
        type: "LineString",
        coordinates: thinned(points).map((point) => position(point, point.altitudeAmslM)),
      },
      { name, kind: "track" },
    ),
  );
  const searched = report.searched.map(({ name, polygon, pod }) =>
    feature(
      {
        type: "Polygon",
        coordinates: [ring(polygon.outer, true), ...polygon.holes.map((h) => ring(h, false))],
      },
      { name, kind: "searched", pod },
    ),
  );
  const features = [found, ...tracks, ...searched];
  return `${JSON.stringify({ type: "FeatureCollection", features }, undefined, 1)}\n`;
}

/** At most `TRACK_POINTS_MAX` points, evenly chosen, ends kept; a lone point becomes two. */
function thinned(points: readonly TrackPoint[]): readonly TrackPoint[] {
  const last = points.length - 1;
  if (last === 0) return [points[0]!, points[0]!];
  if (points.length <= TRACK_POINTS_MAX) return points;
  return Array.from({ length: TRACK_POINTS_MAX }, (_, i) => {
    return points[Math.round((i * last) / (TRACK_POINTS_MAX - 1))]!;
  });
}

function isCounterClockwise(corners: readonly GroundPoint[]): boolean {
  let twice = 0;
  corners.forEach((corner, i) => {
    const next = corners[(i + 1) % corners.length]!;
    twice += corner.eastM * next.northM - next.eastM * corner.northM;
  });
  return twice > 0;
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

const XML_ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** Text for XML 1.0: markup escaped, characters that it cannot carry left out (section 2.2). */
function xml(text: string): string {
  let out = "";
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const control = code < 0x20 && code !== 9 && code !== 10 && code !== 13;
    const excluded = (code >= 0xd800 && code <= 0xdfff) || code === 0xfffe || code === 0xffff;
    if (!control && !excluded) out += XML_ESCAPES[character] ?? character;
  }
  return out;
}

const MS_PER_DAY = 86_400_000;

/**
 * Unix milliseconds as ISO 8601 in UTC, without a clock or calendar of the host: days to year,
 * month and day by Hinnant, "chrono-Compatible Low-Level Date Algorithms" (civil_from_days).
 */
export function isoTime(wallMs: number): string {
  const days = Math.floor(wallMs / MS_PER_DAY);
  const ms = Math.floor(wallMs - days * MS_PER_DAY);
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const two = (value: number): string => String(value).padStart(2, "0");
  const seconds = Math.floor(ms / 1000);
  const clock = [seconds / 3600, (seconds / 60) % 60, seconds % 60]
    .map(Math.floor)
    .map(two)
    .join(":");
  const fraction = String(ms % 1000).padStart(3, "0");
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}T${clock}.${fraction}Z`;
}
