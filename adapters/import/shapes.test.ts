import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { corpus, describeWith } from "../../test/support/requirements.ts";
import { SHAPES_MAX } from "./geo.ts";
import { readGeoJson } from "./geojson.ts";
import { readKml, unpackKmz } from "./kml.ts";
import { readPlan } from "./plan.ts";

type Read = (text: string) => { readonly ok: boolean };
const geo = (text: string) => readGeoJson(text, "f");
const kml = (text: string) => readKml(text, "f");
const plan = (text: string) => readPlan(text, "f");

/** `code where text` of every problem. */
function told(result: ReturnType<typeof geo>): string {
  return result.ok ? "" : result.problems.map((p) => `${p.code} ${p.where} ${p.text}`).join("\n");
}

const ring = [
  [7, 46],
  [7.01, 46],
  [7.01, 46.01],
  [7, 46],
];
const polygon = { type: "Polygon", coordinates: [ring] };
const feature = (geometry: unknown, properties: unknown = { name: "a" }) => ({
  type: "Feature",
  geometry,
  properties,
});

describe("GeoJSON (RFC 7946)", () => {
  test("polygons, multi-polygons, lines and points keep longitude first", () => {
    const document = {
      type: "FeatureCollection",
      features: [
        feature(polygon, { name: "north", weight: 0.5 }),
        feature({ type: "MultiPolygon", coordinates: [[ring], [ring, ring]] }),
        feature({
          type: "GeometryCollection",
          geometries: [{ type: "Point", coordinates: [7, 46, 900] }],
        }),
        feature({ type: "LineString", coordinates: ring.slice(0, 2) }),
        feature({ type: "MultiLineString", coordinates: [ring] }),
        feature({ type: "MultiPoint", coordinates: ring }),
        feature(null),
      ],
    };
    const read = geo(JSON.stringify(document));
    expect(read.ok && read.value.polygons.length).toBe(3);
    expect(read.ok && read.value.polygons[0]).toEqual({
      name: "north",
      weight: 0.5,
      polygon: {
        outer: [
          { latDeg: 46, lonDeg: 7 },
          { latDeg: 46, lonDeg: 7.01 },
          { latDeg: 46.01, lonDeg: 7.01 },
        ],
        holes: [],
      },
    });
    expect(read.ok && read.value.polygons[2]?.polygon.holes.length).toBe(1);
    expect(read.ok && [read.value.lines.length, read.value.points.length]).toEqual([2, 5]);
  });

  test.each([
    ["{", "IMP003 f line 1"],
    ["[]", "IMP004"],
    ["[".repeat(5000), "IMP007"],
    [JSON.stringify({ type: "Teapot" }), "IMP010 f"],
    [JSON.stringify({ type: "FeatureCollection", features: {} }), "IMP010 f.features"],
    [JSON.stringify({ type: "GeometryCollection", geometries: [7] }), "IMP010 f.geometries[0]"],
    [
      JSON.stringify({
        type: "Polygon",
        coordinates: [
          [
            [7, 46],
            [7, 46],
          ],
        ],
      }),
      "IMP010 f.coordinates[0]",
    ],
    [JSON.stringify({ type: "LineString", coordinates: [[7, 46]] }), "IMP010 f.coordinates"],
    [JSON.stringify({ type: "Point", coordinates: ["7", 46] }), "IMP010"],
    [JSON.stringify({ type: "Point", coordinates: [46, 170] }), "IMP008"],
    [JSON.stringify(feature(polygon, { weight: -1 })), "IMP012"],
    ['{"type":"Point","coordinates":[1e999,46]}', "IMP008"],
  ])("%s is told", (text, expected) => {
    expect(told(geo(text))).toContain(expected);
  });

  test.each([
    [[46, 170], "exchanged"],
    [[75000000, 460000000], "degrees times 1e7"],
    [[500000, 5100000], "UTM"],
    [[400, 500], "WGS84 degrees"],
  ])("coordinates %j have a remedy that names the mistake", ([lon, lat], words) => {
    const read = geo(JSON.stringify({ type: "Point", coordinates: [lon, lat] }));
    expect(read.ok ? "" : read.problems[0]?.remedy).toContain(words);
  });

  test("a flood of shapes ends early", () => {
    const flood = { type: "MultiPoint", coordinates: Array(SHAPES_MAX + 100).fill([7, 46]) };
    expect(told(geo(JSON.stringify(flood)))).toContain("IMP009");
  });
});

describe("holes", () => {
  const square = (west: number, south: number, sizeDeg: number) => [
    [west, south],
    [west + sizeDeg, south],
    [west + sizeDeg, south + sizeDeg],
    [west, south + sizeDeg],
    [west, south],
  ];
  const holed = (...holes: readonly number[][][]) =>
    geo(JSON.stringify(feature({ type: "Polygon", coordinates: [square(7, 46, 0.1), ...holes] })));

  test("lie in their polygon, touching it or not", () => {
    expect(holed(square(7.02, 46.02, 0.01), square(7, 46, 0.02)).ok).toBe(true);
  });

  test.each([
    ["apart", square(8, 46, 0.01)],
    ["across the edge", square(7.09, 46.05, 0.05)],
    ["around", square(6, 45, 2)],
  ])("one that lies %s is told, since it would add to the area", (_, hole) => {
    expect(told(holed(square(7.02, 46.02, 0.01), hole))).toContain("hole 2 does not lie in");
  });

  test("one in a notch of its polygon, within its box, is told", () => {
    const notched = [...square(7, 46, 0.1).slice(0, 3), [7.05, 46.01], [7, 46.1], [7, 46]];
    const coordinates = [notched, square(7.045, 46.06, 0.01)];
    const text = JSON.stringify(feature({ type: "Polygon", coordinates }));
    expect(told(geo(text))).toContain("hole 1 does not lie in");
  });

  test("count as corners", () => {
    const hole = Array.from({ length: 150_000 }, (_, i) => [
      7.01 + i * 1e-9,
      46.01 + (i % 2) * 1e-6,
    ]);
    expect(told(holed(hole, hole))).toContain("IMP009");
  });
});

describe("airspace", () => {
  const zone = (volume: object) =>
    JSON.stringify({ UASZoneList: [{ name: "Z", restriction: "PROHIBITED", geometry: [volume] }] });

  test("an ED-269 circle and feet", () => {
    const circle = { type: "Circle", center: [7, 46], radius: 500 };
    const read = geo(
      zone({
        uomDimensions: "FT",
        lowerLimit: 100,
        lowerVerticalReference: "AMSL",
        horizontalProjection: circle,
      }),
    );
    expect(read.ok && read.value.zones[0]?.floor).toEqual({ reference: "amsl", altitudeM: 30.48 });
    expect(read.ok && read.value.zones[0]?.polygon.outer.length).toBe(64);
  });

  test.each([
    [
      zone({ horizontalProjection: polygon, lowerLimit: "low", lowerVerticalReference: "AGL" }),
      "limit low",
    ],
    [zone({ horizontalProjection: polygon, lowerLimit: 3, lowerVerticalReference: "QNH" }), "QNH"],
    [zone({ horizontalProjection: { type: "Circle" } }), "IMP010"],
    [JSON.stringify({ UASZoneList: [5] }), "f.UASZoneList[0]"],
  ])("%s is told", (text, words) => {
    expect(told(geo(text))).toContain(words);
  });
});

describe("KML", () => {
  const wrap = (inside: string) =>
    `<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder>${inside}</Folder></Document></kml>`;
  const boundary = (side: string, corners: string) =>
    `<${side}><LinearRing><coordinates>${corners}</coordinates></LinearRing></${side}>`;
  const outer = boundary("outerBoundaryIs", "7,46,5 7.01,46,5\n7.01,46.01,5 7,46,5");
  const inner = boundary("innerBoundaryIs", "7.001,46.0001 7.002,46.0001 7.002,46.0003");

  test("polygons with holes in either order, lines, points, names, CDATA", () => {
    const read = kml(
      wrap(
        `<Placemark><name>a</name><MultiGeometry><Polygon>${outer}${inner}</Polygon>` +
          `<Polygon>${inner}${outer}</Polygon></MultiGeometry></Placemark>` +
          "<Placemark><name><![CDATA[b & c]]></name>" +
          "<LineString><coordinates>7,46 7.1,46</coordinates></LineString></Placemark>" +
          "<Placemark><Point><coordinates>7,46</coordinates></Point></Placemark>",
      ),
    );
    expect(
      read.ok &&
        read.value.polygons.map((p) => [p.name, p.polygon.outer.length, p.polygon.holes.length]),
    ).toEqual([
      ["a", 3, 1],
      ["a", 3, 1],
    ]);
    expect(read.ok && read.value.lines[0]?.name).toBe("b & c");
    expect(read.ok && read.value.points[0]).toEqual({ name: "", point: { latDeg: 46, lonDeg: 7 } });
  });

  test("entities are refused before they expand", () => {
    const bomb = `<!DOCTYPE k [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>${wrap("<name>&b;</name>")}`;
    expect(told(kml(bomb))).toContain("IMP006");
    const outside = `<!DOCTYPE k SYSTEM "file:///etc/passwd">${wrap("")}`;
    expect(told(kml(outside))).toContain("IMP006");
    expect(told(kml(wrap("<name>&stranger;</name>")))).toContain("IMP003");
  });

  test.each([
    ["<kml><Document>", "IMP003"],
    ["<a>".repeat(1000), "IMP007"],
    [wrap("<Placemark><Polygon></Polygon></Placemark>"), "without rings"],
    [
      wrap(`<Placemark><Polygon>${boundary("outerBoundaryIs", "7,46 7,46")}</Polygon></Placemark>`),
      "IMP010",
    ],
    [wrap("<Placemark><Point><coordinates>7;46</coordinates></Point></Placemark>"), "no number"],
    [wrap("<Placemark><Point><coordinates>170,120</coordinates></Point></Placemark>"), "IMP008"],
    ["not xml", "IMP003"],
  ])("%s is told with its line", (text, expected) => {
    expect(told(kml(text))).toContain(expected);
    expect(told(kml(text))).toContain("line ");
  });

  test("a KMZ gives its first .kml; bombs, strangers and garbage are refused", () => {
    const good = unpackKmz(
      zipSync({ "a.png": new Uint8Array(9), "doc.kml": strToU8(wrap("")) }),
      "f",
    );
    expect(good.ok && new TextDecoder().decode(good.value)).toBe(wrap(""));
    const reason = (bytes: Uint8Array) => {
      const unpacked = unpackKmz(bytes, "f");
      return unpacked.ok ? "" : `${unpacked.problem.code} ${unpacked.problem.text}`;
    };
    expect(reason(zipSync({ "doc.kml": new Uint8Array(5_000_000) }))).toContain(
      "far more than its size",
    );
    expect(reason(zipSync({ "doc.txt": strToU8("x") }))).toContain("no .kml");
    const many = Object.fromEntries(
      Array.from({ length: 300 }, (_, i) => [`${String(i)}.txt`, new Uint8Array(0)]),
    );
    expect(reason(zipSync(many))).toContain("too many entries");
    expect(reason(strToU8("PK no archive"))).toContain("IMP011");
  });
});

describe("QGroundControl plans", () => {
  const base = {
    fileType: "Plan",
    version: 1,
    geoFence: {
      version: 2,
      polygons: [
        {
          inclusion: true,
          polygon: [
            [46, 7],
            [46, 7.1],
            [46.1, 7.1],
          ],
          version: 1,
        },
      ],
      circles: [
        { inclusion: false, circle: { center: [46.05, 7.05], radius: 100 }, version: 1 },
        { inclusion: true, circle: { center: [46.05, 7.05], radius: -1 }, version: 1 },
      ],
    },
    mission: { version: 2, cruiseSpeed: 12, items: [] as unknown[] },
  };

  test("an inclusion fence is a fence, an exclusion circle a zone, a bad radius a problem", () => {
    const fence = { ...base.geoFence, circles: base.geoFence.circles.slice(0, 1) };
    const read = plan(JSON.stringify({ ...base, geoFence: fence }));
    expect(read.ok && [read.value.fences.length, read.value.zones.length]).toEqual([1, 1]);
    expect(read.ok && read.value.cruiseMps).toBe(12);
    expect(told(plan(JSON.stringify(base)))).toContain("f.geoFence.circles[1].circle.radius");
  });

  test.each([
    [[{ type: "SimpleItem", command: 16, params: [1, 2] }], "seven params"],
    [[{ type: "Strange" }], "SimpleItem or a ComplexItem"],
    [[{ type: "ComplexItem", complexItemType: "teapot" }], "teapot"],
    [[{ type: "ComplexItem", complexItemType: "StructureScan", polygon: 5 }], "items[0].polygon"],
    [[5], "items[0]"],
    [
      Array(6000).fill({ type: "SimpleItem", command: 203, params: [0, 0, 0, 0, 0, 0, 0] }),
      "IMP009",
    ],
    [{}, "mission.items"],
  ])("items %j are told", (items, words) => {
    const wrong = { ...base, geoFence: {}, mission: { ...base.mission, items } };
    const read = plan(JSON.stringify(wrong));
    const all = read.ok
      ? ""
      : read.problems.map((p) => `${p.code} ${p.where} ${p.text} ${p.remedy}`).join();
    expect(all).toContain(words);
  });

  test("a flood of fence circles ends early, and does not become corners", () => {
    const circle = { circle: { center: [46, 7], radius: 10 }, inclusion: true, version: 1 };
    const text = JSON.stringify({
      fileType: "Plan",
      version: 1,
      geoFence: { circles: Array.from({ length: 50_000 }, () => circle), polygons: [], version: 2 },
      mission: { version: 2, items: [] },
    });
    const result = plan(text);
    expect(result.ok ? "" : result.problems.map(({ code }) => code)).toEqual(["IMP009"]);
  });

  test("corridors are lines, items at the vehicle's own place are passed over", () => {
    const items = [
      {
        type: "ComplexItem",
        complexItemType: "CorridorScan",
        polyline: [
          [46, 7],
          [46.1, 7],
        ],
      },
      { type: "SimpleItem", command: 22, params: [0, 0, 0, null, 0, 0, 30], frame: 3 },
      { type: "SimpleItem", command: 16, params: [0, 0, 0, null, 46, 7, 30], frame: 3 },
    ];
    const read = plan(
      JSON.stringify({ ...base, geoFence: {}, mission: { ...base.mission, items } }),
    );
    expect(read.ok && read.value.lines.length).toBe(1);
    expect(read.ok && read.value.waypoints).toEqual([
      { command: 16, point: { latDeg: 46, lonDeg: 7 }, altitudeM: 30, frame: 3 },
    ]);
  });
});

describe("cut anywhere, a file is told, never thrown", () => {
  const cases: readonly (readonly [string, Read, string])[] = [
    ["GeoJSON", geo, JSON.stringify(feature(polygon))],
    [
      "KML",
      kml,
      "<kml><Placemark><Point><coordinates>7,46</coordinates></Point></Placemark></kml>",
    ],
    ["plan", plan, '{"fileType":"Plan","version":1,"mission":{"version":2,"items":[]}}'],
  ];
  test.each(cases)("%s", (_, read, text) => {
    expect(read(text).ok).toBe(true);
    for (let i = 0; i < text.length; i += 1) expect(read(text.slice(0, i)).ok).toBe(false);
  });
});

describeWith(corpus("plans"), "the plan corpus", (folder) => {
  const outcome = (name: string): string => {
    const read = readPlan(readFileSync(join(folder, name), "utf8"), name);
    if (!read.ok) return read.problems.map((p) => `${p.code} ${p.where}`).join();
    const { polygons, waypoints } = read.value;
    return `${String(polygons.length)} areas, ${String(waypoints.length)} waypoints`;
  };
  test.each([
    ["", "6 simple items", "0 areas, 4 waypoints"],
    ["_with_digicam_control", "no place", "0 areas, 0 waypoints"],
    ["_with_structured_scan", "one scan", "1 areas, 0 waypoints"],
    ["_with_survey", "one survey", "1 areas, 0 waypoints"],
    ["_with_survey_missing_items", "Items absent", "TransectStyleComplexItem.Items"],
    ["_with_survey_wrong_version", "version 9", "IMP004"],
    ["_without_mission", "no mission", "IMP005"],
    ["_wrong_mission_version", "version 7", "IMP004"],
    ["_wrong_overall_version", "version 42", "IMP004"],
  ])("qgroundcontrol_sample%s.plan: %s", (suffix, _, expected) => {
    expect(outcome(`qgroundcontrol_sample${suffix}.plan`)).toContain(expected);
  });

  test("every file of the folder was named above", () => {
    expect(readdirSync(folder).filter((name) => name.endsWith(".plan"))).toHaveLength(9);
  });
});

describeWith(corpus("airspace"), "the airspace corpus", (folder) => {
  const file = (name: string) => readFileSync(join(folder, name), "utf8");

  test("ED-269: one zone near Geneva from the ground up", () => {
    const read = geo(file("che/geoawareness/cis_source_sample_ed269.json"));
    expect(read.ok && read.value.zones).toHaveLength(1);
    expect(read.ok && read.value.zones[0]).toMatchObject({
      name: "LSXX City Sample",
      restriction: "REQ_AUTHORISATION",
      floor: { reference: "agl", altitudeM: 0 },
      ceiling: undefined,
    });
  });

  test("ED-318: three zones, 99999 means no ceiling", () => {
    const read = geo(file("che/geoawareness/cis_source_sample_ed318.json"));
    expect(read.ok && read.value.zones).toHaveLength(3);
    expect(read.ok && read.value.zones[0]).toMatchObject({
      name: "LSZB Bern-Belp 2",
      floor: { reference: "agl", altitudeM: 60 },
      ceiling: undefined,
    });
  });

  test.each([
    ["che/rid/zurich.kml", 2],
    ["usa/kentland/rid.kml", 2],
    ["usa/netrid/dcdemo.kml", 3],
  ])("%s holds routes and points", (name, flights) => {
    const read = kml(file(name));
    expect(told(read)).toBe("");
    expect(read.ok && read.value.lines.length).toBeGreaterThanOrEqual(flights);
    expect(read.ok && read.value.points.length).toBeGreaterThanOrEqual(flights);
  });
});
