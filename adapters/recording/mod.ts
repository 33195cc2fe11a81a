/** Recordings of runs as MCAP files. Uses: base. */
export { openBroadcast, openRecording, recordingChannels, RUN_METADATA } from "./recording.ts";
export type {
  GroundTopic,
  MessageSink,
  RecordedCause,
  RecordedEvent,
  RecordedOrder,
  RecordedSeverity,
  Recording,
  RecordingChannel,
  RunIdentity,
} from "./recording.ts";
export type { RecordedVehicle } from "./messages.ts";
export { EVENTS_MAX, summariseRecording } from "./summary.ts";
export type { ChannelSummary, EventSummary, RecordingSummary } from "./summary.ts";
export { openReader, RecordingReader } from "./reader.ts";
export type { Damage, ReadChannel, ReadChunk, ReadMessage } from "./reader.ts";
export { eventOf, jsonOf } from "./summary.ts";
