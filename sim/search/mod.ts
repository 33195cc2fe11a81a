/** The hidden person and the cameras that look for it. Uses: base, hal (types). */
export {
  AGL_MAX_RATIO,
  Cameras,
  chanceOfSweepWidth,
  CURVE_AREA,
  DWELL_S,
  halfFootprintM,
  lateralRange,
  passChance,
  sightChance,
  type CameraPose,
  type CameraTarget,
} from "./camera.ts";
export { drawPlace, Subject, type WeightGrid } from "./subject.ts";
