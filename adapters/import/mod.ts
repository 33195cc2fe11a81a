/**
 * Reading the files of others: shapes, plans, zones, probability maps, and mission files with all
 * that they refer to. Uses: base.
 */
export { FILE_MAX_BYTES } from "./geo.ts";
export type {
  GeoDocument,
  GeoLimit,
  GeoPoint,
  GeoPolygon,
  GeoZone,
  NamedLine,
  NamedPoint,
  NamedPolygon,
} from "./geo.ts";
export { readGeoJson } from "./geojson.ts";
export { readKml, unpackKmz } from "./kml.ts";
export {
  readJson5File,
  readMissionFile,
  readMissionParts,
  readShapes,
  type MissionParts,
  type MissionSource,
} from "./mission-file.ts";
export { readNpy, type NumberGrid } from "./npy.ts";
export { readPlan, type PlanDocument, type PlanWaypoint } from "./plan.ts";
export { parseJson, parseJson5, readBytes, textOf } from "./source.ts";
