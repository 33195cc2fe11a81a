import fc from "fast-check";
import mgrs from "mgrs";
import proj4 from "proj4";
import { SaxesParser } from "saxes";
import { describe, expect, test } from "vitest";
import { missionFrame } from "../mission/mod.ts";
import { placeNotations } from "./coordinates.ts";
import {
  isoTime,
  toGeoJson,
  toGpx,
  toKml,
  TRACK_POINTS_MAX,
  type HandoverReport,
} from "./exports.ts";

const RAD = Math.PI / 180;
const origin = { latitudeRad: 36.3642 * RAD, longitudeRad: -84.2133 * RAD, altitudeAmslM: 529 };
const frame = missionFrame(origin);
const found = { northM: 1200, eastM: -345, altitudeAmslM: 601.25 };
const at = (northM: number, eastM: number) => ({ northM, eastM });

const report: HandoverReport = {
  missionName: 'Ridge <2> & "creek"',
  origin,
  found,
  errorM: 7.2,
  foundAtS: 4000,
  startWallMs: 1_785_500_000_000,
  note: "by the stream\u0000",
  tracks: [
    {
      name: "vehicle 1",
      points: [0, 1, 2].map((i) => ({ ...at(100 * i, 0), altitudeAmslM: 600 + i, timeS: 10 * i })),
    },
    { name: "vehicle 2", points: [{ ...at(0, 5), altitudeAmslM: 600, timeS: 0 }] },
  ],
  searched: [
    {
      name: "lanes",
      pod: 0.63,
      polygon: {
        outer: [at(0, 0), at(500, 0), at(500, 500), at(0, 500)],
        holes: [[at(100, 100), at(200, 100), at(200, 200)]],
      },
    },
  ],
};

/** Elements with attributes and text, in document order; throws at XML not well-formed. */
function elements(
  xml: string,
): { name: string; attributes: Record<string, string>; text: string }[] {
  const found: { name: string; attributes: Record<string, string>; text: string }[] = [];
  const open: (typeof found)[number][] = [];
  const parser = new SaxesParser();
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name, attributes }) => {
    const element = { name, attributes: attributes as Record<string, string>, text: "" };
    open.push(element);
    found.push(element);
  });
  parser.on("text", (text) => {
    const top = open.at(-1);
    if (top !== undefined) top.text += text;
  });
  parser.on("closetag", () => open.pop());
  parser.write(xml).close();
  return found;
}

describe("notations", () => {
  test("degrees, UTM and MGRS agree with proj4 and the mgrs package", () => {
    const place = fc.tuple(
      fc.double({ min: -20_000, max: 20_000, noNaN: true }),
      fc.double({ min: -20_000, max: 20_000, noNaN: true }),
    );
    fc.assert(
      fc.property(place, ([northM, eastM]) => {
        const notations = placeNotations(origin, { northM, eastM });
        const { latDeg, lonDeg } = frame.toDegrees({ northM, eastM });
        const zone = lonDeg < -84 ? 16 : 17;
        const utm = proj4("EPSG:4326", `+proj=utm +zone=${String(zone)} +datum=WGS84`, [
          lonDeg,
          latDeg,
        ]);
        const [name, easting, northing] = notations.utm.split(" ");
        expect(name).toBe(`${String(zone)}S`);
        expect(Math.abs(Number(easting) + 0.5 - utm[0]!)).toBeLessThan(0.51);
        expect(Math.abs(Number(northing) + 0.5 - utm[1]!)).toBeLessThan(0.51);
        // The oracle works in single metres too; on a square's edge it may fall to either side.
        const theirs = mgrs.forward([lonDeg, latDeg], 5);
        const ours = notations.mgrs.replaceAll(" ", "");
        expect(ours.slice(0, 5)).toBe(theirs.slice(0, 5));
        expect(Math.abs(Number(ours.slice(5, 10)) - Number(theirs.slice(5, 10)))).toBeLessThan(2);
        expect(Math.abs(Number(ours.slice(10)) - Number(theirs.slice(10)))).toBeLessThan(2);
      }),
      { numRuns: 50 },
    );
  });

  test("hemispheres are letters, and near the pole there is no UTM", () => {
    expect(placeNotations(origin, at(0, 0)).latLon).toBe("36.36420 N 84.21330 W");
    const south = { latitudeRad: -0.5, longitudeRad: 0.5, altitudeAmslM: 0 };
    expect(placeNotations(south, at(0, 0)).latLon).toBe("28.64789 S 28.64789 E");
    const pole = { latitudeRad: 88 * RAD, longitudeRad: 0, altitudeAmslM: 0 };
    expect(placeNotations(pole, at(0, 0)).mgrs).toBe("");
  });
});

describe("GPX", () => {
  const gpx = elements(toGpx(report));

  test("the waypoint is the place found", () => {
    const waypoint = gpx.find(({ name }) => name === "wpt")!;
    const back = frame.fromDegrees(
      Number(waypoint.attributes["lat"]),
      Number(waypoint.attributes["lon"]),
    )!;
    expect(back.northM).toBeCloseTo(found.northM, 1);
    expect(back.eastM).toBeCloseTo(found.eastM, 1);
    expect(gpx.find(({ name }) => name === "desc")?.text).toMatch(
      /UTM 16S .*MGRS 16S .*within 15 m; by the stream$/u,
    );
  });

  test("every track point has height and civil time; a lone point is doubled", () => {
    expect(gpx.filter(({ name }) => name === "trkpt")).toHaveLength(5);
    expect(gpx.find(({ name }) => name === "time")?.text).toBe(
      new Date(1_785_504_000_000).toISOString(),
    );
  });

  test("without a start time there are no times", () => {
    expect(toGpx({ ...report, startWallMs: undefined })).not.toContain("<time>");
    expect(toGeoJson({ ...report, startWallMs: undefined })).not.toContain('"time"');
  });
});

describe("KML", () => {
  test("holds the place, the tracks and the searched ground with its hole, names escaped", () => {
    const kml = elements(toKml(report));
    expect(kml.find(({ name }) => name === "name")?.text).toBe('Ridge <2> & "creek"');
    expect(kml.filter(({ name }) => name === "LineString")).toHaveLength(2);
    const rings = kml.filter(({ name }) => name === "coordinates").slice(3);
    expect(rings.map(({ text }) => text.split(" ").length)).toEqual([5, 4]);
    expect(rings[0]?.text.split(" ")[0]).toBe(rings[0]?.text.split(" ")[4]);
  });
});

describe("GeoJSON", () => {
  interface Feature {
    readonly geometry: { readonly type: string; readonly coordinates: number[][][] };
    readonly properties: Readonly<Record<string, unknown>>;
  }
  const { features } = JSON.parse(toGeoJson(report)) as { readonly features: readonly Feature[] };

  test("features come in the order found, tracks, ground", () => {
    expect(features.map(({ geometry }) => geometry.type)).toEqual([
      "Point",
      "LineString",
      "LineString",
      "Polygon",
    ]);
    expect(features[0]?.properties).toMatchObject({ errorM: 7.2, foundAtS: 4000 });
    expect(features[3]?.properties["pod"]).toBe(0.63);
  });

  test("outer rings turn left, holes right (RFC 7946 section 3.1.6)", () => {
    const turn = (ring: readonly number[][]): number =>
      ring.slice(1).reduce((sum, [x, y], i) => sum + ring[i]![0]! * y! - x! * ring[i]![1]!, 0);
    const [outer, hole] = features[3]!.geometry.coordinates;
    expect(turn(outer!)).toBeGreaterThan(0);
    expect(turn(hole!)).toBeLessThan(0);
  });
});

test("long tracks are thinned with their ends kept", () => {
  const points = Array.from({ length: 3 * TRACK_POINTS_MAX }, (_, i) => ({
    ...at(i / 10, 0),
    altitudeAmslM: 600,
    timeS: i,
  }));
  const gpx = elements(toGpx({ ...report, startWallMs: 0, tracks: [{ name: "v", points }] }));
  expect(gpx.filter(({ name }) => name === "trkpt")).toHaveLength(TRACK_POINTS_MAX);
  expect(gpx.findLast(({ name }) => name === "time")?.text).toBe(
    new Date((3 * TRACK_POINTS_MAX - 1) * 1000).toISOString(),
  );
});

test("civil time is the host's, from 1900 to 2200", () => {
  fc.assert(
    fc.property(fc.integer({ min: -2_208_988_800_000, max: 7_258_118_400_000 }), (ms) => {
      expect(isoTime(ms)).toBe(new Date(ms).toISOString());
    }),
  );
});
