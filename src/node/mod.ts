/** The node: the only place that knows all seven layers. Its unions and events are its door. */
export type { Effect, Stimulus } from "./types.ts";
export type { NodeEvent, NodeEventDetail, Severity } from "./events.ts";
