/**
 * What the fields of a mission say about each other, and about the ground: contradictions that no
 * single field shows. Each is one check with one remedy.
 */
import { Checker, type Problem } from "../../base/mod.ts";
import {
  areaBounds,
  areaContains,
  areaDepthM,
  polygonAreaM2,
  polygonContains,
  zoneBandHolds,
} from "../area/mod.ts";
import type { GroundPoint } from "../area/mod.ts";
import type { TerrainGrid } from "../terrain/mod.ts";
import type { Mission } from "./mission.ts";

/** Largest searched area; beyond it the probability map outgrows its cells. */
export const AREA_MAX_KM2 = 1000;
const AREA_MIN_KM2 = 0.001;
const MAP_CELLS_MAX = 1_000_000;
/** Of the box around the fence, 1 km wider on each side: the ground of a run is sampled over it. */
const FENCE_BOX_MAX_KM2 = 3500;
const FENCE_BOX_WIDER_M = 1000;

/** Adds a problem for every contradiction found. */
export function checkRelations(checker: Checker, mission: Mission): void {
  checkHeights(checker, mission);
  checkMotion(checker, mission);
  checkGround(checker, mission);
  checkReach(checker, mission);
  checkShares(checker, mission);
}

type Report = (
  broken: boolean,
  problem: { readonly where: string; readonly detail: string; readonly remedy: string },
) => void;

const reporter =
  (checker: Checker): Report =>
  (broken, problem) => {
    if (broken) checker.report("MIS003", problem);
  };

function checkHeights(checker: Checker, { sensor, limits }: Mission): void {
  const report = reporter(checker);
  const lanes = `lanes at ${String(sensor.aglM)} m`;
  report(sensor.aglM > limits.aglMaxM, {
    where: "sensor.aglM",
    detail: `${lanes} lie above limits.aglMaxM ${String(limits.aglMaxM)} m`,
    remedy: "fly lower or raise the limit",
  });
  report(sensor.aglM <= limits.clearanceM, {
    where: "sensor.aglM",
    detail: `${lanes} do not clear limits.clearanceM ${String(limits.clearanceM)} m`,
    remedy: "fly higher or lower the clearance",
  });
  const widest = Math.max(
    sensor.sweepWidthM.open,
    sensor.sweepWidthM.scrub,
    sensor.sweepWidthM.forest,
  );
  report(widest > sensor.footprintM, {
    where: "sensor.sweepWidthM",
    detail: `sweep width ${String(widest)} m exceeds the footprint ${String(sensor.footprintM)} m`,
    remedy: "a sensor cannot find what it does not see: check both figures",
  });
  const { open, scrub, forest } = sensor.sweepWidthM;
  report(scrub > open || forest > scrub, {
    where: "sensor.sweepWidthM",
    detail: "denser cover has the larger sweep width",
    remedy: "order them open >= scrub >= forest",
  });
}

function checkMotion(checker: Checker, { vehicles, limits, simulation, plan }: Mission): void {
  const report = reporter(checker);
  report(vehicles.cruiseMps > vehicles.speedMaxMps, {
    where: "vehicles.cruiseMps",
    detail: "cruise is faster than the largest speed",
    remedy: "lower cruiseMps or raise speedMaxMps",
  });
  report(limits.windMaxMps >= vehicles.speedMaxMps, {
    where: "limits.windMaxMps",
    detail: "a vehicle could not fly against the wind that is allowed",
    remedy: "set windMaxMps below speedMaxMps",
  });
  report(simulation.windMps > limits.windMaxMps, {
    where: "simulation.wind.speedMps",
    detail: "the simulated wind is above limits.windMaxMps: nothing would take off",
    remedy: "less wind or a larger limit",
  });
  const usableS = vehicles.batteryS * (1 - limits.reserveRatio);
  report(plan.segmentS > usableS / 2, {
    where: "plan.segmentMinutes",
    detail:
      `a segment of ${String(plan.segmentS / 60)} min leaves no time for the way ` +
      `(usable ${String(Math.round(usableS / 60))} min)`,
    remedy: "make segments shorter than half of the usable battery time",
  });
}

function checkGround(checker: Checker, mission: Mission): void {
  const report = reporter(checker);
  const { limits, zones, base, area, lastKnownPosition } = mission;
  const areaKm2 = area.reduce((sum, polygon) => sum + polygonAreaM2(polygon), 0) / 1e6;
  report(areaKm2 < AREA_MIN_KM2 || areaKm2 > AREA_MAX_KM2, {
    where: "area",
    detail: `${areaKm2.toPrecision(3)} km2`,
    remedy:
      `search between ${String(AREA_MIN_KM2)} and ${String(AREA_MAX_KM2)} km2: ` +
      "check the units of the corners",
  });
  report((areaKm2 * 1e6) / (mission.plan.cellM * mission.plan.cellM) > MAP_CELLS_MAX, {
    where: "plan.cellM",
    detail: "the map would have more than a million cells",
    remedy: "use larger cells or a smaller area",
  });
  const fenceKm2 = fenceBoxKm2(mission);
  report(fenceKm2 > FENCE_BOX_MAX_KM2, {
    where: "limits.fence",
    detail: `the box around it is ${fenceKm2.toPrecision(3)} km2 large`,
    remedy: `keep it to ${String(FENCE_BOX_MAX_KM2)} km2: a smaller margin, or check the corners`,
  });
  const fenced = (point: GroundPoint): boolean =>
    areaContains(limits.fence, point.northM, point.eastM);
  report(!fenced(base.position), {
    where: "base.position",
    detail: "the base lies outside the fence",
    remedy: "move the base or widen limits.fence",
  });
  report(!area.every((polygon) => polygon.outer.every((corner) => onOrIn(limits, corner))), {
    where: "area",
    detail: "part of the area lies outside the fence",
    remedy: "widen limits.fence or shrink the area",
  });
  for (const zone of zones) {
    const covers = (point: GroundPoint): boolean =>
      polygonContains(zone.polygon, point.northM, point.eastM) && zoneBandHolds(zone, 0, 0);
    report(covers(base.position), {
      where: "noFlyZones",
      detail: `the base stands in zone "${zone.name}"`,
      remedy: "move the base or the zone",
    });
  }
  report(!fenced(lastKnownPosition), {
    where: "lastKnownPosition",
    detail: "it lies outside the fence",
    remedy: "check the position; widen limits.fence",
  });
}

/** A person placed by the file is within the box, too: the ground reaches that far. */
function fenceBoxKm2({ limits, simulation }: Mission): number {
  const { position } = simulation.subject;
  const person = position === undefined ? [] : [{ outer: [position], holes: [] }];
  const { southM, northM, westM, eastM } = areaBounds([...limits.fence, ...person]);
  const wider = 2 * FENCE_BOX_WIDER_M;
  return ((northM - southM + wider) * (eastM - westM + wider)) / 1e6;
}

/** Corners that lie on the fence itself are inside, whatever rounding says. */
function onOrIn(limits: Mission["limits"], corner: GroundPoint): boolean {
  return areaDepthM(limits.fence, corner) > -0.5;
}

function checkReach(checker: Checker, mission: Mission): void {
  const { vehicles, limits, base, area } = mission;
  const reachM = (vehicles.batteryS * (1 - limits.reserveRatio) * vehicles.cruiseMps) / 2;
  let farthest = 0;
  for (const polygon of area) {
    for (const corner of polygon.outer) {
      const dn = corner.northM - base.position.northM;
      const de = corner.eastM - base.position.eastM;
      farthest = Math.max(farthest, Math.sqrt(dn * dn + de * de));
    }
  }
  reporter(checker)(farthest > reachM, {
    where: "base.position",
    detail: `the farthest corner is ${km(farthest)} away, a battery reaches ${km(reachM)} and back`,
    remedy: "move the base nearer, or search a smaller area",
  });
}

const km = (metres: number): string => `${(metres / 1000).toPrecision(3)} km`;

function checkShares(checker: Checker, { cover, base, limits }: Mission): void {
  const report = reporter(checker);
  report(cover.forestShare + cover.scrubShare > 1, {
    where: "cover",
    detail: "forest and scrub together are more than the whole",
    remedy: "let the shares sum to at most 1",
  });
  report(base.padSpacingM < limits.minSeparationM, {
    where: "base.padSpacingM",
    detail: "neighbouring pads are nearer than limits.minSeparationM",
    remedy: "set the pads farther apart",
  });
  report(base.spareCount > 0 && base.crewCount === 0, {
    where: "base.crew",
    detail: "spare batteries without a crew to swap them",
    remedy: "add a crew or remove the spares",
  });
}

/** Whether everything that the mission names lies on the terrain, and its origin at its height. */
export function checkOnTerrain(mission: Mission, terrain: TerrainGrid): readonly Problem[] {
  const checker = new Checker();
  const outside = (point: GroundPoint): boolean => !terrain.contains(point.northM, point.eastM);
  const places: readonly (readonly [string, readonly GroundPoint[]])[] = [
    ["lastKnownPosition", [mission.lastKnownPosition]],
    ["base.position", [mission.base.position]],
    ["area", mission.area.flatMap((polygon) => [...polygon.outer])],
    ["limits.fence", mission.limits.fence.flatMap((polygon) => [...polygon.outer])],
  ];
  for (const [where, points] of places) {
    if (!points.some(outside)) continue;
    checker.report("MIS005", {
      where,
      detail: `outside the terrain "${terrain.grid.name}"`,
      remedy: "choose a terrain that covers it, or check the coordinates",
    });
  }
  const groundM = terrain.heightAmslM(0, 0);
  if (!outside({ northM: 0, eastM: 0 }) && Math.abs(groundM - mission.origin.altitudeAmslM) > 50) {
    checker.report("MIS003", {
      where: "origin.altitudeAmslM",
      detail: `the terrain is at ${String(Math.round(groundM))} m there`,
      remedy: "write the ground's height above mean sea level, in metres",
    });
  }
  const checked = checker.finish(mission);
  return checked.ok ? [] : checked.problems;
}
