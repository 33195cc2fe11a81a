import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import JSON5 from "json5";
import { describe, expect, test } from "vitest";
import { areaContains, polygonAreaM2 } from "../area/mod.ts";
import { decodeTerrain, terrainGrid } from "../terrain/mod.ts";
import type { Mission } from "./mission.ts";
import { parseMission } from "./parse.ts";
import { checkOnTerrain } from "./relations.ts";

const MISSIONS = join(import.meta.dirname, "../../../missions");
type Value = Record<string, unknown>;

const read = (name: string): Value => JSON5.parse(readFileSync(join(MISSIONS, name), "utf8"));

function good(value: unknown): Mission {
  const parsed = parseMission(value);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

/** `code where: remedy` of every problem. */
function problems(value: unknown): readonly string[] {
  const parsed = parseMission(value);
  return parsed.ok ? [] : parsed.problems.map((p) => `${p.code} ${p.where}: ${p.remedy}`);
}

/** The tiny mission with one value changed; `path` in dots, undefined removes. */
function changed(path: string, value: unknown): Value {
  const mission = structuredClone(read("tiny.json5"));
  const steps = path.split(".");
  const last = steps.pop()!;
  let at: Value = mission;
  for (const step of steps) at = (at[step] ??= {}) as Value;
  if (value === undefined) Reflect.deleteProperty(at, last);
  else at[last] = value;
  return mission;
}

describe("the reference mission", () => {
  const mission = good(read("jacksboro-search.json5"));

  test("is in SI units and the local frame", () => {
    expect(mission.vehicles.batteryS).toBe(1680);
    expect(mission.simulation.durationS).toBe(14_400);
    expect(mission.radio.bandHz).toBe(5.8e9);
    expect(mission.lastKnownPosition.northM).toBeCloseTo(0, 6);
    expect(mission.base.position.northM).toBeCloseTo(-500, 0);
    expect(mission.simulation.windToRad).toBeCloseTo((70 * Math.PI) / 180, 12);
    expect(mission.distances.quantiles.map((q) => q.distanceM)).toEqual([1100, 3100, 5800, 18300]);
  });

  test("searches 27 km2 inside a fence that holds area and base", () => {
    expect(polygonAreaM2(mission.area[0]!) / 1e6).toBeCloseTo(26.7, 1);
    const { fence } = mission.limits;
    expect(areaContains(fence, mission.base.position.northM, mission.base.position.eastM)).toBe(
      true,
    );
  });

  test("lies on its terrain", () => {
    const pack = decodeTerrain(readFileSync(join(MISSIONS, "terrain/jacksboro.terrain")));
    if (!pack.ok) throw new Error(pack.problem.text);
    expect(checkOnTerrain(mission, terrainGrid(pack.value, mission.origin))).toEqual([]);
    const moved = {
      latitudeRad: mission.origin.latitudeRad + 0.002,
      longitudeRad: -1.5,
      altitudeAmslM: 0,
    };
    const off = checkOnTerrain(mission, terrainGrid(pack.value, moved));
    expect(off.map((p) => p.where)).toEqual([
      "lastKnownPosition",
      "base.position",
      "area",
      "limits.fence",
    ]);
    const sunk = { ...mission, origin: { ...mission.origin, altitudeAmslM: 1735 } };
    expect(checkOnTerrain(sunk, terrainGrid(pack.value, sunk.origin))[0]?.text).toContain(
      "529 m there",
    );
  });

  test("is frozen to its depths", () => {
    expect(Object.isFrozen(mission.area[0]?.outer[0])).toBe(true);
  });
});

test("the other missions that ship are good", () => {
  expect(good(read("fleet-50.json5")).vehicles.count).toBe(50);
  expect(good(read("tiny.json5")).simulation.subject).toMatchObject({ placed: "at" });
});

describe("units that people mix up", () => {
  test.each([
    [
      "vehicles.cruiseMps",
      46.8,
      "CHK003 vehicles.cruiseMps: it looks like km/h: in m/s that is 13",
    ],
    [
      "vehicles.batteryMinutes",
      1680,
      "CHK003 vehicles.batteryMinutes: it looks like seconds: in minutes that is 28",
    ],
    [
      "limits.reserveRatio",
      20,
      "CHK003 limits.reserveRatio: it looks like percent: in that is 0.2",
    ],
    [
      "origin.latDeg",
      469500000,
      "CHK003 origin.latDeg: it looks like degrees times 1e7: in degrees that is 46.95",
    ],
    ["radio", { bandGhz: 5800 }, "CHK003 radio.bandGhz: it looks like MHz: in GHz that is 5.8"],
    [
      "area",
      { circle: { radiusM: 0.3 } },
      "CHK003 area.circle.radiusM: it looks like km: in m that is 300",
    ],
    [
      "lastKnownPosition",
      { latDeg: 7.44, lonDeg: 46.95 },
      "MIS005 lastKnownPosition: latitude and longitude seem exchanged",
    ],
    [
      "lastKnownPosition",
      { latDeg: 46.95, lonDeg: -7.44 },
      "MIS005 lastKnownPosition: the longitude seems to lack its sign",
    ],
    [
      "lastKnownPosition",
      { latDeg: -46.95, lonDeg: 7.44 },
      "MIS005 lastKnownPosition: the latitude seems to have the wrong sign",
    ],
    [
      "lastKnownPosition",
      { latDeg: 0.819432, lonDeg: 0.129852 },
      "MIS005 lastKnownPosition: the numbers look like radians",
    ],
    ["lastKnownPosition", { latDeg: 10, lonDeg: 10 }, "MIS005 lastKnownPosition: move the place"],
  ])("%s = %j", (path, value, expected) => {
    expect(problems(changed(path, value)).join("\n")).toContain(expected);
  });
});

describe("contradictions", () => {
  test.each([
    ["sensor.aglM", 130, "sensor.aglM: fly lower"],
    ["limits.clearanceM", 60, "sensor.aglM: fly higher"],
    ["sensor.footprintM", 40, "sensor.sweepWidthM: a sensor cannot find"],
    ["sensor.sweepWidthM", { open: 30, scrub: 40, forest: 10 }, "sensor.sweepWidthM: order them"],
    ["vehicles.speedMaxMps", 9, "vehicles.cruiseMps: lower cruiseMps"],
    ["limits.windMaxMps", 25, "limits.windMaxMps: set windMaxMps below"],
    ["simulation.wind", { speedMps: 12 }, "simulation.wind.speedMps: less wind"],
    ["plan.segmentMinutes", 20, "plan.segmentMinutes: make segments shorter"],
    ["area", { circle: { radiusM: 30_000 } }, "area: search between"],
    ["area", { circle: { radiusM: 12_000 } }, "plan.cellM: use larger cells"],
    ["base.position", { northM: -320, eastM: 900 }, undefined],
    ["limits.fence", { marginM: 100_000 }, "limits.fence: keep it to 3500 km2"],
    ["limits.fence", { marginM: 20_000 }, undefined],
    ["limits.fence", { circle: { radiusM: 310 } }, "base.position: move the base"],
    [
      "limits.fence",
      { circle: { center: { northM: -320, eastM: 0 }, radiusM: 200 } },
      "lastKnownPosition: check",
    ],
    ["vehicles.batteryMinutes", 2, "plan.segmentMinutes"],
    ["cover", { forestShare: 0.6, scrubShare: 0.6 }, "cover: let the shares"],
    ["base.padSpacingM", 5, "base.padSpacingM: set the pads"],
    ["base.crew", 0, "base.crew: add a crew"],
    ["noFlyZones", [{ name: "z", circle: { radiusM: 900 } }], "noFlyZones: move the base"],
    [
      "noFlyZones",
      [{ name: "z", circle: { radiusM: 9 }, floorAglM: 90, ceilingAglM: 50 }],
      "noFlyZones[0]: exchange",
    ],
    [
      "noFlyZones",
      [{ name: "z", circle: { radiusM: 9 }, floorAglM: 9, floorAmslM: 50 }],
      "keep one of floorAglM",
    ],
    ["lastKnownPosition", { northM: 1, eastM: 1, latDeg: 46.95, lonDeg: 7.44 }, "give either"],
    ["area", { circle: { radiusM: 9 }, ring: { share: 0.5 } }, "area: give exactly one of"],
    ["area", {}, "area: give exactly one of"],
    ["area", { file: "a.kml" }, "MIS007 area.file"],
  ])("%s = %j", (path, value, expected) => {
    const found = problems(changed(path, value)).join("\n");
    if (expected === undefined) expect(found).toBe("");
    else expect(found).toContain(expected);
  });

  test("an area out of a battery's reach is told with both distances", () => {
    const far = {
      ...changed("area", { circle: { radiusM: 300, center: { northM: 9000, eastM: 0 } } }),
    };
    const parsed = parseMission(far);
    expect(parsed.ok ? "" : parsed.problems.at(-1)?.text).toMatch(
      /9\.6\d km away, a battery reaches 2\.88 km/u,
    );
  });
});

describe("shapes", () => {
  const corner = (northM: number, eastM: number) => ({ northM, eastM });
  const square = [corner(0, 0), corner(200, 0), corner(200, 200), corner(0, 200)];

  test("a closed ring is opened, a hole is kept, a ring of the distances is a circle", () => {
    const closed = good(changed("area", { polygon: [...square, square[0]] }));
    expect(closed.area[0]?.outer).toHaveLength(4);
    const hole = [corner(50, 50), corner(100, 50), corner(100, 100)];
    const holed = good(changed("area", { polygons: [{ outer: square, holes: [hole] }] }));
    expect(polygonAreaM2(holed.area[0]!)).toBe(40_000 - 1250);
    const ring = good(changed("area", { ring: { share: 0.5 } }));
    expect(polygonAreaM2(ring.area[0]!)).toBeCloseTo(Math.PI * 150 * 150, 3);
  });

  test.each([
    [[corner(0, 0), corner(200, 200), corner(200, 0), corner(0, 200)], "crosses edge"],
    [[corner(0, 0), corner(100, 0), corner(200, 0)], "its area is zero"],
    [[corner(0, 0), corner(100, 0)], "2 items"],
    [[[0, 1], 2, null], "a list where an object"],
    ["0,0 1,1", "where a list"],
  ])("%j is no ring", (polygon, words) => {
    const parsed = parseMission(changed("area", { polygon }));
    expect(parsed.ok ? "" : parsed.problems.map((p) => p.text).join()).toContain(words);
  });

  test("a fence may be drawn, zones have limits, features have points", () => {
    const drawn = good(changed("limits.fence", { circle: { radiusM: 500 } }));
    expect(drawn.limits.fence[0]?.outer).toHaveLength(64);
    const zone = { name: "z", circle: { radiusM: 20 }, floorAmslM: 700, ceilingAglM: 90 };
    const zones = good(changed("noFlyZones", [zone])).zones;
    expect(zones[0]?.floor).toEqual({ reference: "amsl", altitudeM: 700 });
    expect(zones[0]?.ceiling).toEqual({ reference: "agl", altitudeM: 90 });
    const path = { name: "p", kind: "path", points: [corner(0, 0), corner(5, 5)] };
    expect(good(changed("features", [path])).features[0]?.points).toHaveLength(2);
  });
});

describe("distance tables of a team", () => {
  test.each([
    [
      [
        { share: 0.5, distanceM: 900 },
        { share: 0.25, distanceM: 1200 },
      ],
      "MIS006",
    ],
    [
      [
        { share: 0.25, distanceM: 900 },
        { share: 0.5, distanceM: 900 },
      ],
      "MIS006",
    ],
    [
      [
        { share: 25, distanceM: 900 },
        { share: 50, distanceM: 1200 },
      ],
      "percent",
    ],
    [
      [
        { share: 0.25, distanceM: 0.9 },
        { share: 0.5, distanceM: 1200 },
      ],
      "km",
    ],
    [[], "CHK005"],
  ])("%j", (quantiles, expected) => {
    expect(problems(changed("distances", { quantiles, source: "s" })).join()).toContain(expected);
  });

  test("no table at all is one problem, an unknown climate names the known ones", () => {
    expect(problems(changed("distances", undefined))).toEqual([
      "CHK001 distances: add `distances`",
    ]);
    const strange = { environment: "flat", climate: "wet" };
    expect(problems(changed("distances", strange))).toEqual([
      "CHK006 distances.climate: write one of: temperate, dry",
    ]);
  });
});

describe("hostile and half values", () => {
  test.each([[null], [[]], ["text"], [42], [{}], [{ origin: null }], [{ area: { polygon: {} } }]])(
    "%j gives problems, not a throw",
    (value) => {
      expect(problems(value).length).toBeGreaterThan(0);
    },
  );

  test("an empty mission names all that it lacks at once", () => {
    const missing = problems({}).map((line) => line.split(":")[0]);
    expect(missing).toEqual(
      expect.arrayContaining(
        [
          "format",
          "origin",
          "lastKnownPosition",
          "distances",
          "area",
          "name",
          "missionId",
          "vehicles",
          "sensor",
          "base",
          "limits",
        ].map((key) => `CHK001 ${key}`),
      ),
    );
  });

  test("any JSON value in any place gives a mission or problems", () => {
    const paths = [
      "origin",
      "area",
      "area.circle",
      "vehicles.count",
      "noFlyZones",
      "distances",
      "limits.fence",
      "base.position",
      "sensor.sweepWidthM",
      "simulation.subject",
      "features",
    ];
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
        const parsed = parseMission(changed(path, value));
        if (!parsed.ok) expect(parsed.problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });
});
