/** Areas and zones on the ground. Uses: nothing below. */
export {
  RING_CORNERS_MAX,
  areaBounds,
  areaContains,
  areaDepthM,
  depthInsideM,
  distanceToRingM,
  distanceToSegmentM,
  polygonAreaM2,
  isBeyond,
  polygonContains,
  ringAreaM2,
  ringContains,
  segmentMeetsRing,
  segmentsCross,
  selfCrossing,
} from "./polygon.ts";
export type { GroundBounds, GroundPoint, Polygon, Ring } from "./polygon.ts";
export { zoneBandHolds, zoneForbids } from "./zones.ts";
export type { AirPoint, AltitudeLimit, Zone } from "./zones.ts";
