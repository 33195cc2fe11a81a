/** Ground height, slope and line of sight over the local frame. Uses: base. */
export {
  flatGround,
  highestOnLegM,
  lineOfSight,
  sightClearanceM,
  slopeTangent,
  terrainGrid,
} from "./terrain.ts";
export type { ElevationGrid, Ground, GroundLeg, SightPoint, TerrainGrid } from "./terrain.ts";
export { coverAt, type CoverAt } from "./cover.ts";
export { TERRAIN_PACK_VERSION, decodeTerrain, elevationBytes, encodeTerrain } from "./pack.ts";
