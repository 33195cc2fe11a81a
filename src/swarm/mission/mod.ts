/** The mission as data, and its parser. Uses: base, hal (geodesy). */
export type {
  BaseSpec,
  Cover,
  CoverMap,
  DistanceQuantile,
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
export {
  distanceOfShareM,
  fitLogNormal,
  normalQuantile,
  ownDistances,
  publishedDistances,
} from "./distances.ts";
export { localFrameOf, missionFrame, type MissionFrame } from "./frame.ts";
export { MISSION_FORMAT, VEHICLES_MAX, parseMission } from "./parse.ts";
export { circleRing } from "./read-places.ts";
export { checkOnTerrain } from "./relations.ts";
export { resampleMap, type CellGrid, type LoadedMap } from "./loaded-map.ts";
