/** The hidden person and the cameras that look for it. Uses: base, hal (types). */
export {
  Cameras,
  chanceOfSweepWidth,
  CURVE_AREA,
  halfFootprintM,
  lateralRange,
  passChance,
  type CameraPose,
  type CameraTarget,
} from "./camera.ts";
export { drawPlace, Subject, type WeightGrid } from "./subject.ts";
