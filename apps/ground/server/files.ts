/** Files that the page offers: the hand-over for the people on foot, the log for the file. */
import {
  toGeoJson,
  toGpx,
  toKml,
  type HandoverReport,
  type MissionOrigin,
} from "../../../src/swarm/mod.ts";
import type { GroundHello, GroundView, PageExport } from "../report/view.ts";

export interface GroundFile {
  readonly name: string;
  readonly mediaType: string;
  readonly text: string;
}

export interface HandOverInput {
  readonly view: GroundView;
  readonly hello: GroundHello;
  readonly origin: MissionOrigin;
  readonly heightAmslM: (northM: number, eastM: number) => number;
  readonly startWallMs: number | undefined;
  /** Flat north, east, altitude, and the seconds that go with each. */
  readonly tracks: ReadonlyMap<number, readonly number[]>;
  readonly trackTimes: ReadonlyMap<number, readonly number[]>;
}

const MEDIA_TYPES = {
  gpx: "application/gpx+xml",
  kml: "application/vnd.google-earth.kml+xml",
  geojson: "application/geo+json",
} as const;

type HandOver = Extract<PageExport, { readonly kind: "handOver" }>;

/** The detection must be one of the view's. */
export function handOverFile(wish: HandOver, input: HandOverInput): GroundFile {
  const report = reportOf(wish.detection, input);
  const write = { gpx: toGpx, kml: toKml, geojson: toGeoJson }[wish.format];
  return {
    name: `hand-over-${wish.detection}.${wish.format}`,
    mediaType: MEDIA_TYPES[wish.format],
    text: write(report),
  };
}

function reportOf(detection: number, input: HandOverInput): HandoverReport {
  const { view, hello, origin, heightAmslM, startWallMs, tracks, trackTimes } = input;
  const row = view.detections.find(({ id }) => id === detection);
  const position = row?.position ?? hello.mission.lastKnown;
  const outlines = new Map(hello.segments.map(({ id, outline }) => [id, outline]));
  return {
    missionName: hello.mission.name,
    origin,
    found: { ...position, altitudeAmslM: heightAmslM(position.northM, position.eastM) },
    errorM: row?.errorM ?? 0,
    foundAtS: row?.atS ?? 0,
    startWallMs,
    note: row === undefined ? "" : `seen by vehicle ${row.finder}`,
    tracks: [...tracks].map(([vehicle, flat]) => ({
      name: `vehicle ${vehicle}`,
      points: (trackTimes.get(vehicle) ?? []).map((timeS, i) => ({
        northM: flat[3 * i] ?? 0,
        eastM: flat[3 * i + 1] ?? 0,
        altitudeAmslM: flat[3 * i + 2] ?? 0,
        timeS,
      })),
    })),
    searched: view.segments
      .filter(({ podHigh }) => podHigh > 0)
      .map(({ id, podLow, podHigh }) => ({
        name: `segment ${id}`,
        polygon: { outer: outlines.get(id) ?? [], holes: [] },
        pod: (podLow + podHigh) / 2,
      })),
  };
}

/** Segments, detections and orders as comma-separated values (RFC 4180). */
export function logFile(view: GroundView, hello: GroundHello): GroundFile {
  const rows: readonly (readonly (string | number)[])[] = [
    ["mission", hello.mission.name],
    ["elapsed s", Math.round(view.missionTimeS)],
    ["POS low", view.pos.low.toFixed(4)],
    ["POS high", view.pos.high.toFixed(4)],
    ["last known position", hello.mission.lastKnownPlace.mgrs],
    [],
    ["detection", "at s", "vehicle", "confidence", "state", "MGRS", "lat-lon"],
    ...view.detections.map((each) => [
      each.id,
      Math.round(each.atS),
      each.finder,
      each.confidence.toFixed(2),
      each.state,
      each.place.mgrs,
      each.place.latLon,
    ]),
    [],
    ["segment", "state", "vehicle", "POA left", "POD low", "POD high"],
    ...view.segments.map((each) => [
      each.id,
      each.state,
      each.owner ?? "",
      each.poa.toFixed(5),
      each.podLow.toFixed(3),
      each.podHigh.toFixed(3),
    ]),
    [],
    ["order", "kind", "at s", "vehicle", "state", "reason"],
    ...view.orders.flatMap((order) =>
      order.states.map((each) => [
        order.id,
        order.kind,
        Math.round(order.issuedAtS),
        each.vehicle,
        each.state,
        each.reason,
      ]),
    ),
  ];
  const text = rows.map((row) => row.map(cell).join(",")).join("\r\n");
  return { name: "search-log.csv", mediaType: "text/csv", text: `${text}\r\n` };
}

/** Quoted where it must be; a cell that a spreadsheet would run as a formula gets an apostrophe. */
function cell(value: string | number): string {
  const raw = String(value);
  const safe = typeof value === "string" && /^[=+@\t]/u.test(raw) ? `'${raw}` : raw;
  return /[",\r\n]/u.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
