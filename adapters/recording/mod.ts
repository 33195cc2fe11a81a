/** Recordings of runs as MCAP files. Uses: base. */
export { openRecording, RUN_METADATA } from "./recording.ts";
export type {
  RecordedEvent,
  RecordedSeverity,
  RecordedVehicle,
  Recording,
  RunIdentity,
} from "./recording.ts";
export { EVENTS_MAX, summariseRecording } from "./summary.ts";
export type { ChannelSummary, EventSummary, RecordingSummary } from "./summary.ts";
