/**
 * What-if, as the page asks for it and as it is told: two forks of the world run ahead, one as it
 * is and one with the changes, beside each other. Types only.
 */

interface Place {
  readonly northM: number;
  readonly eastM: number;
}

type Named = "all" | readonly number[];

/** Orders that a what-if can try and then commit: the same that the page gives. */
export type PlanOrder =
  | { readonly kind: "hold" | "return" | "land"; readonly targets: Named }
  | { readonly kind: "resume"; readonly targets: Named }
  | { readonly kind: "clearAir"; readonly ceilingAglM: number; readonly withinS: number }
  | { readonly kind: "liftClearAir" }
  | {
      readonly kind: "clue";
      readonly position: Place;
      readonly errorM: number;
      /** `absence`: searched on foot, nobody there; `sighting` when left out. */
      readonly finding?: "sighting" | "absence";
    };

export type PlannerChoice = "massRate" | "parallelTrack" | "expandingSquare";

/** One difference between the two forks, from the moment of the fork on. */
export type WhatIfChange =
  | { readonly kind: "kill" | "loseGnss"; readonly vehicles: readonly number[] }
  /** So many vehicles, drawn by the run's seed: those in the air first. */
  | { readonly kind: "killSome"; readonly count: number }
  | { readonly kind: "lowBattery"; readonly vehicles: readonly number[]; readonly ratio: number }
  /** Node 0 is the ground station. */
  | { readonly kind: "cut"; readonly a: number; readonly b: number }
  | { readonly kind: "partition"; readonly group: readonly number[] }
  /** Mean wind and gusts in place of the present ones; degrees true where it comes from. */
  | {
      readonly kind: "wind";
      readonly speedMps: number;
      readonly fromDeg: number;
      readonly gustMps: number;
    }
  /** Segments stay as they are; the rule by which a vehicle takes the next one changes. */
  | { readonly kind: "planner"; readonly planner: PlannerChoice }
  | { readonly kind: "order"; readonly order: PlanOrder };

/** Seconds ahead, or until the last vehicle in the air has spent what it may spend. */
export type WhatIfHorizon = number | "reserves";

export type WhatIfRequest =
  | {
      readonly kind: "fork";
      readonly horizonS: WhatIfHorizon;
      readonly changes: readonly WhatIfChange[];
    }
  | { readonly kind: "commit" | "drop"; readonly whatIf: number };

/** What became of a fork by the time that it has reached. */
export interface WhatIfOutcome {
  /** Cumulative probability of success as the station knows it. */
  readonly pos: { readonly low: number; readonly high: number };
  /** [mission seconds, low, high]; the first point is the moment of the fork. */
  readonly curve: readonly (readonly [number, number, number])[];
  /** By the model, not by the truth: from how POS rises, given that nobody was found before. */
  readonly find: {
    /** Chance to find between the fork and the end. */
    readonly chanceLow: number;
    readonly chanceHigh: number;
    /** Mean seconds to find, a search that has not found counted at the end. */
    readonly restrictedMeanS: number;
  };
  /**
   * When a detection was agreed to be the person; null when none was. Behind a page nobody judges
   * in a fork: there it is null unless it was so before.
   */
  readonly confirmedAtS: number | null;
  readonly lost: readonly number[];
  readonly landedOut: readonly number[];
  /** Least battery share at a touch-down since the fork; null when none landed. */
  readonly reserveMin: number | null;
  readonly landings: number;
  readonly swaps: number;
  readonly segmentsUnsearched: number;
  readonly segments: number;
  readonly sweptKm2: number;
  /** Invariants that were violated since the fork, at most 20; `violationCount` counts all. */
  readonly violations: readonly { readonly invariant: string; readonly atS: number }[];
  readonly violationCount: number;
}

export interface WhatIfFuture {
  readonly state: "opening" | "running" | "done" | "failed";
  readonly atS: number;
  /** Times real time, of the running alone. */
  readonly speed: number;
  readonly outcome: WhatIfOutcome | null;
  /** Why it failed, with its code; empty otherwise. */
  readonly trouble: string;
  readonly traceHash: string;
  /** Where each vehicle is, every `pathEveryS` from the fork on. */
  readonly pathEveryS: number;
  readonly paths: readonly {
    readonly vehicle: number;
    /** North, east, altitude AMSL, whole metres. */
    readonly points: readonly number[];
  }[];
}

/** The one what-if that is open. */
export interface WhatIfView {
  readonly id: number;
  readonly forkedAtS: number;
  readonly horizonS: number;
  /** Each change in words. */
  readonly changes: readonly string[];
  /** Why it cannot be committed; empty when it can once both forks are done. */
  readonly bar: string;
  /** `committed`: its orders went to the live world, and these are their ids. */
  readonly committed: readonly string[];
  /** How long the live world stood still to be saved. */
  readonly pauseMs: number;
  readonly baseline: WhatIfFuture;
  readonly changed: WhatIfFuture;
}

/** Sent when it changes; null when none is open. */
export interface GroundWhatIf {
  readonly kind: "whatIf";
  readonly whatIf: WhatIfView | null;
}
