/**
 * From the value that a mission file holds to a `Mission`, or every problem at once.
 *
 * Three passes: shape and ranges of every field (with the units people mix up), then what the
 * fields say about each other (`relations.ts`), then, where terrain is at hand, whether the
 * mission lies on it (`checkOnTerrain`). A value that is wrong is replaced by its fallback so that
 * later checks still run; relations are only judged when every field was readable.
 */
import { Checker, type Checked, type Fields, missionId } from "../../base/mod.ts";
import { areaBounds } from "../area/mod.ts";
import type { GroundPoint, Polygon } from "../area/mod.ts";
import { distanceOfShareM, fitLogNormal, ownDistances, publishedDistances } from "./distances.ts";
import { FRAME_PLACE_REACH_M, missionFrame, type MissionFrame } from "./frame.ts";
import type {
  BaseSpec,
  CoverMap,
  DistanceTable,
  Limits,
  LinearFeature,
  MapWeights,
  Mission,
  MissionOrigin,
  OperatorScript,
  PlanSpec,
  RadioSpec,
  SensorSpec,
  SimulationSpec,
  SubjectSpec,
  VehicleSpec,
} from "./mission.ts";
import { type AreaContext, readArea, readDegrees, readPlace, readZones } from "./read-places.ts";
import { readMap } from "./read-map.ts";
import { checkRelations } from "./relations.ts";

/** The first word of a mission file: format and version. */
export const MISSION_FORMAT = "skein-mission/1";
/** More than fifty fly as several clusters (`division/division.ts`). */
export const VEHICLES_MAX = 10_000;
const ZONES_MAX = 500;
const FEATURES_MAX = 200;
const FEATURE_POINTS_MAX = 5000;

const RAD_PER_DEG = Math.PI / 180;
const KMH = { unit: "km/h", factor: 1 / 3.6 } as const;
const KM = { unit: "km", factor: 1000 } as const;
const FEET = { unit: "feet", factor: 0.3048 } as const;
const PERCENT = { unit: "percent", factor: 0.01 } as const;
const SECONDS = { unit: "seconds", factor: 1 / 60 } as const;

const KEYS = [
  "format",
  "name",
  "missionId",
  "revision",
  "origin",
  "lastKnownPosition",
  "distances",
  "features",
  "weights",
  "cover",
  "terrain",
  "area",
  "noFlyZones",
  "map",
  "vehicles",
  "sensor",
  "base",
  "limits",
  "plan",
  "radio",
  "simulation",
  "operator",
];

/** Parses the value of a mission file; frozen when good. */
export function parseMission(value: unknown): Checked<Mission> {
  const checker = new Checker();
  const top = checker.object(value, "", KEYS);
  top.oneOf("format", [MISSION_FORMAT]);
  const origin = readOrigin(checker, top);
  const frame = missionFrame(origin);
  const placeOf = (fields: Fields, key: string): GroundPoint => {
    if (fields.has(key)) {
      return readPlace(checker, frame, { value: fields.raw(key), where: fields.at(key) });
    }
    fields.object(key, []);
    return { northM: 0, eastM: 0 };
  };
  const lastKnownPosition = placeOf(top, "lastKnownPosition");
  const distances = readDistances(checker, top);
  const context: AreaContext = {
    checker,
    frame,
    center: lastKnownPosition,
    ringRadius: (share) => distanceOfShareM(distances, share),
  };
  const area = top.has("area") ? readArea(context, top.raw("area"), "area") : missing(top, "area");
  const base = readBase(top, placeOf);
  const loadedMap = top.has("map") ? readMap(context, top) : undefined;
  const mission: Mission = {
    ...(loadedMap === undefined ? {} : { loadedMap }),
    name: top.text("name", { max: 80 }),
    missionId: missionId(top.integer("missionId", { min: 1, max: 0xffffffff })),
    revision: top.integer("revision", { min: 0, max: 0xffffffff, fallback: 1 }),
    origin,
    lastKnownPosition,
    distances,
    features: readFeatures(checker, frame, top),
    weights: readWeights(top),
    cover: readCover(top),
    terrain: top.text("terrain", { max: 64, fallback: "flat" }),
    area,
    zones: top
      .list("noFlyZones", { max: ZONES_MAX }, (item, at) => readZones(context, item, at))
      .flat(),
    vehicles: readVehicles(top),
    sensor: readSensor(top),
    base,
    limits: readLimits(context, top, [...corners(area), base.position, lastKnownPosition]),
    plan: readPlan(top),
    radio: readRadio(top),
    simulation: readSimulation(top, placeOf),
    operator: readOperator(top),
  };
  if (checker.count === 0) checkRelations(checker, mission);
  return checker.finish(deepFreeze(mission));
}

function missing(top: Fields, key: string): Polygon[] {
  top.object(key, []);
  return [];
}

const corners = (area: readonly Polygon[]): GroundPoint[] =>
  area.flatMap((polygon) => [...polygon.outer]);

function readOrigin(checker: Checker, top: Fields): MissionOrigin {
  const given = top.has("origin");
  if (!given) top.object("origin", []);
  const degrees = given ? readDegrees(checker, top.raw("origin"), "origin") : undefined;
  const { latDeg, lonDeg } = degrees ?? { latDeg: 0, lonDeg: 0 };
  const altitudeAmslM =
    degrees === undefined
      ? 0
      : checker
          .object(top.raw("origin"), "origin", ["latDeg", "lonDeg", "altitudeAmslM"])
          .number("altitudeAmslM", { min: -430, max: 8850, unit: "m", traps: [FEET] });
  return {
    latitudeRad: latDeg * RAD_PER_DEG,
    longitudeRad: lonDeg * RAD_PER_DEG,
    altitudeAmslM,
  };
}

const ENVIRONMENTS = ["flat", "mountainous"] as const;
const CLIMATES = ["temperate", "dry"] as const;

function readDistances(checker: Checker, top: Fields): DistanceTable {
  const fields = top.object("distances", ["environment", "climate", "quantiles", "source"]);
  if (!fields.has("quantiles")) {
    return publishedDistances(
      fields.oneOf("environment", [...ENVIRONMENTS]),
      fields.oneOf("climate", [...CLIMATES]),
    );
  }
  const source = fields.text("source", { max: 300 });
  const quantiles = fields.list("quantiles", { min: 2, max: 20 }, (item, where) => {
    const row = checker.object(item, where, ["share", "distanceM"]);
    return {
      share: row.number("share", { min: 0.005, max: 0.995, traps: [PERCENT] }),
      distanceM: row.number("distanceM", { min: 10, max: 500_000, unit: "m", traps: [KM] }),
    };
  });
  const rising = quantiles.every((row, i) => {
    const before = quantiles[i - 1];
    return before === undefined || (row.share > before.share && row.distanceM > before.distanceM);
  });
  if (quantiles.length >= 2 && rising && fitLogNormal(quantiles).sigma > 0) {
    return ownDistances(quantiles, source);
  }
  if (quantiles.length >= 2) {
    checker.report("MIS006", {
      where: fields.at("quantiles"),
      remedy: "list them so that share and distance both rise from row to row",
    });
  }
  return publishedDistances("flat", "temperate");
}

function readFeatures(checker: Checker, frame: MissionFrame, top: Fields): LinearFeature[] {
  return top.list("features", { max: FEATURES_MAX }, (item, where) => {
    const fields = checker.object(item, where, ["name", "kind", "points"]);
    return {
      name: fields.text("name", { max: 80 }),
      kind: fields.oneOf("kind", ["path", "stream", "road", "ridge"]),
      points: fields.list("points", { min: 2, max: FEATURE_POINTS_MAX }, (point, at) =>
        readPlace(checker, frame, { value: point, where: at }),
      ),
    };
  });
}

function readWeights(top: Fields): MapWeights {
  const keys = ["steepAboveDeg", "steepWeight", "drainageWeight", "featureWeight", "featureReachM"];
  const fields = top.object("weights", keys, { optional: true });
  const weight = (key: string, fallback: number): number =>
    fields.number(key, { min: 0, max: 100, fallback });
  return {
    steepAboveRad:
      fields.number("steepAboveDeg", { min: 1, max: 89, unit: "degrees", fallback: 30 }) *
      RAD_PER_DEG,
    steepWeight: weight("steepWeight", 0.3),
    drainageWeight: weight("drainageWeight", 1.5),
    featureWeight: weight("featureWeight", 2),
    featureReachM: fields.number("featureReachM", { min: 1, max: 2000, unit: "m", fallback: 60 }),
  };
}

function readCover(top: Fields): CoverMap {
  const keys = ["seed", "forestShare", "scrubShare", "patchM"];
  const fields = top.object("cover", keys, { optional: true });
  const share = { min: 0, max: 1, traps: [PERCENT] };
  return {
    seed: fields.integer("seed", { min: 0, max: 0xffffffff, fallback: 1 }),
    forestShare: fields.number("forestShare", { ...share, fallback: 0 }),
    scrubShare: fields.number("scrubShare", { ...share, fallback: 0 }),
    patchM: fields.number("patchM", { min: 20, max: 20_000, unit: "m", fallback: 400 }),
  };
}

function readVehicles(top: Fields): VehicleSpec {
  const fields = top.object("vehicles", [
    "count",
    "batteryMinutes",
    "batteryWh",
    "cruiseMps",
    "speedMaxMps",
    "climbMaxMps",
    "descentMaxMps",
    "accelerationMaxMps2",
  ]);
  const speed = { unit: "m/s", traps: [KMH] };
  return {
    count: fields.integer("count", { min: 1, max: VEHICLES_MAX }),
    batteryS:
      60 *
      fields.number("batteryMinutes", {
        min: 2,
        max: 240,
        unit: "minutes",
        fallback: 28,
        traps: [SECONDS],
      }),
    batteryWh: fields.number("batteryWh", { min: 5, max: 5000, unit: "Wh", fallback: 130 }),
    cruiseMps: fields.number("cruiseMps", { ...speed, min: 1, max: 35 }),
    speedMaxMps: fields.number("speedMaxMps", { ...speed, min: 1, max: 40, fallback: 18 }),
    climbMaxMps: fields.number("climbMaxMps", { ...speed, min: 0.5, max: 20, fallback: 4 }),
    descentMaxMps: fields.number("descentMaxMps", { ...speed, min: 0.5, max: 20, fallback: 3 }),
    accelerationMaxMps2: fields.number("accelerationMaxMps2", {
      min: 0.5,
      max: 20,
      unit: "m/s2",
      fallback: 3,
    }),
  };
}

function readSensor(top: Fields): SensorSpec {
  const fields = top.object("sensor", [
    "name",
    "aglM",
    "footprintM",
    "sweepWidthM",
    "sweepWidthSource",
    "sweepWidthErrorRatio",
    "falseAlarmsPerKm2",
    "locationErrorM",
  ]);
  const widths = fields.object("sweepWidthM", ["open", "scrub", "forest"]);
  const width = { min: 0, max: 2000, unit: "m", traps: [FEET] };
  return {
    name: fields.text("name", { max: 80 }),
    aglM: fields.number("aglM", { min: 10, max: 1000, unit: "m", traps: [FEET] }),
    footprintM: fields.number("footprintM", { min: 5, max: 4000, unit: "m", traps: [FEET] }),
    sweepWidthM: {
      open: widths.number("open", { ...width, min: 1 }),
      scrub: widths.number("scrub", width),
      forest: widths.number("forest", width),
    },
    sweepWidthSource: fields.text("sweepWidthSource", { max: 300 }),
    sweepWidthErrorRatio: fields.number("sweepWidthErrorRatio", {
      min: 0,
      max: 0.9,
      fallback: 0.25,
      traps: [PERCENT],
    }),
    falseAlarmsPerKm2: fields.number("falseAlarmsPerKm2", { min: 0, max: 1000, fallback: 0 }),
    locationErrorM: fields.number("locationErrorM", { min: 0, max: 500, unit: "m", fallback: 10 }),
  };
}

function readBase(top: Fields, placeOf: (fields: Fields, key: string) => GroundPoint): BaseSpec {
  const fields = top.object("base", [
    "position",
    "pads",
    "padSpacingM",
    "chargers",
    "chargeMinutes",
    "spareBatteries",
    "crew",
    "swapS",
  ]);
  const minutes = { unit: "minutes", traps: [SECONDS] };
  return {
    position: placeOf(fields, "position"),
    padCount: fields.integer("pads", { min: 1, max: 200, fallback: 6 }),
    padSpacingM: fields.number("padSpacingM", { min: 1, max: 200, unit: "m", fallback: 12 }),
    chargerCount: fields.integer("chargers", { min: 0, max: 200, fallback: 3 }),
    chargeS: 60 * fields.number("chargeMinutes", { ...minutes, min: 1, max: 600, fallback: 40 }),
    spareCount: fields.integer("spareBatteries", { min: 0, max: 1000, fallback: 0 }),
    crewCount: fields.integer("crew", { min: 0, max: 50, fallback: 1 }),
    swapS: fields.number("swapS", { min: 1, max: 7200, unit: "s", fallback: 120 }),
  };
}

function readLimits(context: AreaContext, top: Fields, inside: readonly GroundPoint[]): Limits {
  const fields = top.object("limits", [
    "minSeparationM",
    "minSeparationVerticalM",
    "clearanceM",
    "aglMaxM",
    "fence",
    "reserveRatio",
    "windMaxMps",
  ]);
  return {
    minSeparationM: fields.number("minSeparationM", { min: 1, max: 500, unit: "m", fallback: 10 }),
    minSeparationVerticalM: fields.number("minSeparationVerticalM", {
      min: 1,
      max: 200,
      unit: "m",
      fallback: 5,
    }),
    clearanceM: fields.number("clearanceM", { min: 2, max: 500, unit: "m", traps: [FEET] }),
    aglMaxM: fields.number("aglMaxM", { min: 10, max: 5000, unit: "m", traps: [FEET] }),
    fence: readFence(context, fields, inside),
    reserveRatio: fields.number("reserveRatio", {
      min: 0.05,
      max: 0.8,
      fallback: 0.2,
      traps: [PERCENT],
    }),
    windMaxMps: fields.number("windMaxMps", {
      min: 0,
      max: 30,
      unit: "m/s",
      fallback: 10,
      traps: [KMH],
    }),
  };
}

/** A fence is an area, or the box around everything the mission names, widened by a margin. */
function readFence(
  context: AreaContext,
  limits: Fields,
  inside: readonly GroundPoint[],
): Polygon[] {
  const raw = limits.raw("fence");
  const isMargin =
    limits.has("fence") && typeof raw === "object" && raw !== null && "marginM" in raw;
  if (limits.has("fence") && !isMargin) return readArea(context, raw, limits.at("fence"));
  const fields = limits.object("fence", ["marginM"], { optional: true });
  const marginM = fields.number("marginM", {
    min: 10,
    max: FRAME_PLACE_REACH_M,
    unit: "m",
    fallback: 300,
  });
  const box = areaBounds([{ outer: inside, holes: [] }]);
  const [south, north] = [box.southM - marginM, box.northM + marginM];
  const [west, east] = [box.westM - marginM, box.eastM + marginM];
  const outer = [
    { northM: south, eastM: west },
    { northM: north, eastM: west },
    { northM: north, eastM: east },
    { northM: south, eastM: east },
  ];
  return [{ outer, holes: [] }];
}

function readPlan(top: Fields): PlanSpec {
  const keys = ["laneSpacingRatio", "segmentMinutes", "cellM"];
  const fields = top.object("plan", keys, { optional: true });
  const minutes = { min: 0.5, max: 60, unit: "minutes", traps: [SECONDS] };
  return {
    laneSpacingRatio: fields.number("laneSpacingRatio", { min: 0.2, max: 4, fallback: 1 }),
    segmentS: 60 * fields.number("segmentMinutes", { ...minutes, fallback: 6 }),
    cellM: fields.number("cellM", { min: 5, max: 1000, unit: "m", fallback: 50 }),
  };
}

function readRadio(top: Fields): RadioSpec {
  const fields = top.object(
    "radio",
    [
      "bandGhz",
      "powerDbm",
      "antennaGainDbi",
      "groundAntennaGainDbi",
      "channels",
      "channelWidthMhz",
      "beaconHz",
    ],
    { optional: true },
  );
  const gain = { min: -10, max: 30, unit: "dBi" };
  return {
    bandHz:
      1e9 *
      fields.number("bandGhz", {
        min: 0.4,
        max: 6,
        unit: "GHz",
        fallback: 5.8,
        traps: [{ unit: "MHz", factor: 1e-3 }],
      }),
    powerDbm: fields.number("powerDbm", {
      min: -10,
      max: 36,
      unit: "dBm",
      fallback: 14,
    }),
    antennaGainDbi: fields.number("antennaGainDbi", { ...gain, fallback: 0 }),
    groundAntennaGainDbi: fields.number("groundAntennaGainDbi", { ...gain, fallback: 0 }),
    channelCount: fields.integer("channels", { min: 1, max: 32, fallback: 7 }),
    channelWidthHz:
      1e6 * fields.number("channelWidthMhz", { min: 5, max: 80, unit: "MHz", fallback: 20 }),
    beaconHz: fields.number("beaconHz", { min: 0.1, max: 50, unit: "Hz", fallback: 5 }),
  };
}

function readSimulation(
  top: Fields,
  placeOf: (fields: Fields, key: string) => GroundPoint,
): SimulationSpec {
  const fields = top.object(
    "simulation",
    ["durationMinutes", "wind", "canopyM", "terrainErrorM", "subject"],
    { optional: true },
  );
  const wind = fields.object("wind", ["speedMps", "fromDeg", "gustMps"], { optional: true });
  const speed = { min: 0, max: 40, unit: "m/s", traps: [KMH], fallback: 0 };
  const fromDeg = wind.number("fromDeg", { min: 0, max: 360, unit: "degrees", fallback: 0 });
  return {
    durationS:
      60 *
      fields.number("durationMinutes", {
        min: 1,
        max: 1440,
        unit: "minutes",
        fallback: 240,
        traps: [SECONDS],
      }),
    windMps: wind.number("speedMps", speed),
    windToRad: ((fromDeg + 180) % 360) * RAD_PER_DEG,
    gustMps: wind.number("gustMps", speed),
    canopyM: fields.number("canopyM", { min: 0, max: 100, unit: "m", fallback: 0 }),
    terrainErrorM: fields.number("terrainErrorM", { min: 0, max: 50, unit: "m", fallback: 0 }),
    subject: readSubject(fields, placeOf),
  };
}

function readSubject(
  simulation: Fields,
  placeOf: (fields: Fields, key: string) => GroundPoint,
): SubjectSpec {
  const keys = ["position", "moving", "speedMps", "responsive"];
  const fields = simulation.object("subject", keys, { optional: true });
  const placed = fields.has("position");
  return {
    placed: placed ? "at" : "drawn",
    position: placed ? placeOf(fields, "position") : undefined,
    moving: fields.bool("moving", false),
    speedMps: fields.number("speedMps", {
      min: 0,
      max: 5,
      unit: "m/s",
      fallback: 0.5,
      traps: [KMH],
    }),
    responsive: fields.bool("responsive", true),
  };
}

function readOperator(top: Fields): OperatorScript {
  const keys = ["reviewS", "lookAgainBelow", "rightRatio"];
  const fields = top.object("operator", keys, { optional: true });
  const share = { min: 0, max: 1, traps: [PERCENT] };
  return {
    reviewS: fields.number("reviewS", { min: 0, max: 3600, unit: "s", fallback: 30 }),
    lookAgainBelow: fields.number("lookAgainBelow", { ...share, fallback: 0.6 }),
    rightRatio: fields.number("rightRatio", { ...share, fallback: 1 }),
  };
}

function deepFreeze<T>(value: T): T {
  // The elements of a typed array cannot be frozen; nothing writes to a mission's.
  if (ArrayBuffer.isView(value)) return value;
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
