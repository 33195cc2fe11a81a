/**
 * What stands behind the page: a simulated world in a worker, real vehicles over a radio, or a
 * script in a test. The server knows only this.
 */
import type {
  EventRow,
  GroundAnswer,
  GroundHello,
  GroundMap,
  GroundReplay,
  GroundTracks,
  GroundView,
  PageRequest,
} from "../report/view.ts";
import type { WhatIfView } from "../report/what-if.ts";

/** What a session says has changed: the vehicles' frame at 10 Hz, the view at 4 Hz, and so on. */
export type SessionChange =
  "frame" | "view" | "map" | "events" | "replay" | "rewound" | "whatIf" | "stopped";

/** Events kept for pages that come late; older ones are in the recording. */
export const EVENTS_KEPT = 2000;
/** Places kept of each vehicle's way. */
export const TRACK_POINTS_MAX = 2000;

export interface GroundSession {
  readonly hello: GroundHello;
  map(): GroundMap | undefined;
  tracks(): GroundTracks;
  view(): GroundView;
  /** The newest frame of all vehicles (`docs/protocols/state-stream.md`), if there is one. */
  frame(): Uint8Array | undefined;
  /** What the pages look at closely; what costs something is worked out for these alone. */
  watch?(vehicles: readonly number[]): void;
  /** Events with a sequence above this one, oldest first. */
  eventsAfter(sequence: number): readonly EventRow[];
  /** Where a replay stands; absent when this is none. */
  replay?(): GroundReplay;
  /** The what-if that is open, or null; absent where nothing can be forked. */
  whatIf?(): WhatIfView | null;
  /** Never rejects: what cannot be done is answered with its problem. */
  ask(request: PageRequest): Promise<GroundAnswer>;
  /** Returns what ends the calls. */
  onChange(listener: (what: SessionChange) => void): () => void;
  close(): Promise<void>;
}

/** The request was done. */
export function answerDone(id: number, text: string): GroundAnswer {
  return { kind: "answer", id, ok: true, code: "", text, remedy: "" };
}

/** The request was refused; takes a `Problem`. */
export function answerRefused(
  id: number,
  why: { readonly code: string; readonly text: string; readonly remedy: string },
): GroundAnswer {
  return { kind: "answer", id, ok: false, code: why.code, text: why.text, remedy: why.remedy };
}
