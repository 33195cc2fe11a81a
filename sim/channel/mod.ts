/** The radio channel: links, medium access, reception. Uses: base, hal (types). */
export { ACCESS_CLASSES, accessNumber, airTimeUs } from "./air-time.ts";
export { gainMinOf, LinkTable, reachM, type AntennaSlab, type LinkOptions } from "./links.ts";
export type { Near } from "./neighbours.ts";
export {
  Medium,
  type AirFrame,
  type Links,
  type MediumCounters,
  type MediumOptions,
  type Reception,
} from "./medium.ts";
export { Radios } from "./radios.ts";
export { ErrorRatio, FRAME_BYTES_MAX } from "./per.ts";
