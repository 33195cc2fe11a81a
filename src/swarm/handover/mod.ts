/** What the ground team takes along. Uses: hal (geodesy). */
export { placeNotations, type PlaceNotations } from "./coordinates.ts";
export { isoTime, toGeoJson, toGpx, toKml, TRACK_POINTS_MAX } from "./exports.ts";
export type { HandoverReport, HandoverTrack, SearchedPatch, TrackPoint } from "./exports.ts";
