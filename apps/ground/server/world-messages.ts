/** What the ground server's thread and the world's thread say to each other. */
import type { Problem } from "../../../src/base/mod.ts";
import type {
  EventRow,
  GroundAnswer,
  GroundHello,
  GroundMap,
  GroundView,
  PageRequest,
} from "../report/view.ts";
import type { WhatIfHorizon } from "../report/what-if.ts";
import type { ForkedWorld } from "./what-if-desk.ts";

/** What the world is made of; given to the worker at its start. */
export interface WorldOrder {
  readonly missionFile: string;
  readonly seed: number;
  readonly vehicleCount: number | undefined;
  readonly faultFile: string | undefined;
  readonly speed: number;
}

/** Forks are the session's affair; the world is only asked to save itself. */
export type WorldRequest = Exclude<PageRequest, { readonly kind: "whatIf" }>;

export type ToWorld =
  | { readonly kind: "ask"; readonly ticket: number; readonly request: WorldRequest }
  | { readonly kind: "fork"; readonly ticket: number; readonly horizonS: WhatIfHorizon }
  /** What the pages look at closely. */
  | { readonly kind: "watch"; readonly vehicles: readonly number[] }
  | { readonly kind: "end" };

export type FromWorld =
  | { readonly kind: "ready"; readonly hello: GroundHello }
  /** The mission or fault file cannot be used; nothing was started. */
  | { readonly kind: "refused"; readonly file: string; readonly problems: readonly Problem[] }
  | { readonly kind: "view"; readonly view: GroundView }
  | { readonly kind: "frame"; readonly bytes: Uint8Array }
  | { readonly kind: "map"; readonly map: GroundMap }
  | { readonly kind: "events"; readonly events: readonly EventRow[] }
  /** Flat vehicle, north, east, altitude: places since the last message. */
  | { readonly kind: "places"; readonly places: readonly number[] }
  | { readonly kind: "forked"; readonly ticket: number; readonly forked: ForkedWorld }
  | { readonly kind: "answer"; readonly ticket: number; readonly answer: GroundAnswer }
  /** An invariant broke or the program erred: the world stands still for good. */
  | { readonly kind: "broken"; readonly detail: string };
