/** A mission for tests: every value is what a mission file's defaults give, none is read. */
import { missionId } from "../base/mod.ts";
import { circleRing } from "./mission/read-places.ts";
import { publishedDistances } from "./mission/distances.ts";
import type { Cover, Mission } from "./mission/mod.ts";
import type { SearchGround } from "./map/mod.ts";
import { flatGround } from "./terrain/mod.ts";
import type { Ground } from "./terrain/mod.ts";

/** Six vehicles over 5 km x 5 km, last seen in the middle, base in the south. */
export function testMission(changes: Partial<Mission> = {}): Mission {
  const half = 2500;
  const box = (m: number) => [
    { northM: -m, eastM: -m },
    { northM: m, eastM: -m },
    { northM: m, eastM: m },
    { northM: -m, eastM: m },
  ];
  return {
    name: "test",
    missionId: missionId(7),
    revision: 1,
    origin: { latitudeRad: 0.63, longitudeRad: -1.47, altitudeAmslM: 400 },
    lastKnownPosition: { northM: 0, eastM: 0 },
    distances: publishedDistances("flat", "temperate"),
    features: [],
    weights: {
      steepAboveRad: 0.52,
      steepWeight: 0.3,
      drainageWeight: 1.5,
      featureWeight: 2,
      featureReachM: 60,
    },
    cover: { seed: 1, forestShare: 0, scrubShare: 0, patchM: 400 },
    terrain: "flat",
    area: [{ outer: box(half), holes: [] }],
    zones: [],
    vehicles: {
      count: 6,
      batteryS: 28 * 60,
      batteryWh: 130,
      cruiseMps: 12,
      speedMaxMps: 18,
      climbMaxMps: 4,
      descentMaxMps: 3,
      accelerationMaxMps2: 3,
    },
    sensor: {
      name: "thermal",
      aglM: 60,
      footprintM: 70,
      sweepWidthM: { open: 50, scrub: 30, forest: 8 },
      sweepWidthSource: "assumed",
      sweepWidthErrorRatio: 0.25,
      falseAlarmsPerKm2: 0.5,
      locationErrorM: 10,
    },
    base: {
      position: { northM: -300, eastM: -200 },
      padCount: 6,
      padSpacingM: 12,
      chargerCount: 3,
      chargeS: 40 * 60,
      spareCount: 6,
      crewCount: 1,
      swapS: 120,
    },
    limits: {
      minSeparationM: 10,
      minSeparationVerticalM: 5,
      clearanceM: 25,
      aglMaxM: 120,
      fence: [{ outer: box(half + 300), holes: [] }],
      reserveRatio: 0.2,
      windMaxMps: 10,
    },
    plan: { laneSpacingRatio: 1, segmentS: 360, cellM: 50 },
    radio: {
      bandHz: 2.4e9,
      powerDbm: 20,
      channelCount: 1,
      channelWidthHz: 2e7,
      beaconHz: 4,
      antennaGainDbi: 5,
      groundAntennaGainDbi: 12,
    },
    simulation: {
      durationS: 4 * 3600,
      windMps: 0,
      windToRad: 0,
      gustMps: 0,
      canopyM: 15,
      terrainErrorM: 5,
      subject: {
        placed: "drawn",
        position: undefined,
        moving: false,
        speedMps: 0,
        responsive: false,
      },
    },
    operator: { reviewS: 30, lookAgainBelow: 0.5, rightRatio: 1 },
    ...changes,
  };
}

export function testGround(
  mission: Mission,
  options: { readonly ground?: Ground; readonly cover?: (n: number, e: number) => Cover } = {},
): SearchGround {
  return {
    mission,
    ground: options.ground ?? flatGround(mission.origin.altitudeAmslM),
    coverAt: options.cover ?? (() => "open"),
  };
}

export { circleRing };
