/** How loud each event is: what an operator must see, may see, or can look up. */
import type { NodeEventDetail, Severity } from "./events.ts";

const SEVERITY: Readonly<Record<NodeEventDetail["kind"], Severity>> = Object.freeze({
  leaderElected: "info",
  leaderLost: "notice",
  committed: "info",
  sessionOpened: "info",
  epochOpened: "info",
  evicted: "alarm",
  segmentClaimed: "info",
  segmentSearched: "info",
  detection: "alarm",
  verdict: "notice",
  found: "alarm",
  duty: "info",
  behaviour: "notice",
  clipped: "info",
  order: "notice",
  rung: "warning",
  suspect: "notice",
  outOfRange: "notice",
  dead: "alarm",
  back: "notice",
  lost: "warning",
  regained: "notice",
  refused: "info",
});

export const severityOf = (detail: NodeEventDetail): Severity => SEVERITY[detail.kind];
