/**
 * Every fault that the world can be given, in one place: what it does and for how long. Times are
 * world seconds; a window is [fromS, toS). Slots are node slots (`Scenario.nodes`).
 *
 * Faults come from two sources that add up: a scripted timeline, and rates from which a run's seed
 * draws its own timeline (`draw.ts`). Faults that aim (`strike`, `split`) become others when their
 * time has come, by what the swarm is doing then (`aim.ts`).
 */

export type FaultAction =
  /** The airframe fails: a flying vehicle falls, its node is gone for good. */
  | { readonly kind: "kill"; readonly slot: number }
  /** The node's computer restarts; unsynced writes are lost, the autopilot flies on. */
  | { readonly kind: "reboot"; readonly slot: number; readonly downS: number }
  /** No frame passes between two nodes, either way. */
  | { readonly kind: "linkCut"; readonly a: number; readonly b: number; readonly lastsS: number }
  /** Frames pass only inside a group; a slot in no group is alone. */
  | {
      readonly kind: "partition";
      readonly groups: readonly (readonly number[])[];
      readonly lastsS: number;
    }
  /** Each reception at these slots (all when empty) is lost with this chance. */
  | {
      readonly kind: "lossBurst";
      readonly slots: readonly number[];
      readonly lossRatio: number;
      readonly lastsS: number;
    }
  /** A jammer: noise power at every antenna within its reach. */
  | {
      readonly kind: "jam";
      readonly northM: number;
      readonly eastM: number;
      readonly powerDbm: number;
      readonly lastsS: number;
    }
  /** The named sensor repeats its last value. */
  | {
      readonly kind: "stuckSensor";
      readonly slot: number;
      readonly sensor: "barometer" | "rangefinder" | "camera" | "battery";
      readonly lastsS: number;
    }
  /** No satellite fix: the position drifts, and is declared invalid once its error is large. */
  | { readonly kind: "gnssLoss"; readonly slot: number; readonly lastsS: number }
  /** The same for whoever is in this cylinder, once a second; a valley has a rim (`belowAmslM`). */
  | {
      readonly kind: "gnssLossArea";
      readonly northM: number;
      readonly eastM: number;
      readonly radiusM: number;
      readonly belowAmslM: number;
      readonly lastsS: number;
    }
  /** The battery drops to this share of full at once. */
  | { readonly kind: "lowBattery"; readonly slot: number; readonly ratio: number }
  /**
   * A hostile radio: random bytes, recorded frames sent again, or recorded frames with bits
   * flipped.
   */
  | {
      readonly kind: "hostile";
      readonly northM: number;
      readonly eastM: number;
      readonly mode: "garbage" | "replay" | "bitflip";
      readonly rateHz: number;
      readonly lastsS: number;
    }
  /** The node's elapsed-time clock jumps forward by this much. */
  | { readonly kind: "clockOffset"; readonly slot: number; readonly offsetS: number }
  /** Satellites or the host tell the node a civil time that is off by this much, either way. */
  | {
      readonly kind: "clockError";
      readonly slot: number;
      readonly offsetS: number;
      readonly lastsS: number;
    }
  /** The node's oscillator runs fast (above 0) or slow by so many parts a million more. */
  | {
      readonly kind: "clockDrift";
      readonly slot: number;
      readonly ppm: number;
      readonly lastsS: number;
    }
  /** The node's processor takes `factor` times as long. */
  | {
      readonly kind: "slowCpu";
      readonly slot: number;
      readonly factor: number;
      readonly lastsS: number;
    }
  /** The node's store answers `full` or `broken` to every request. */
  | {
      readonly kind: "store";
      readonly slot: number;
      readonly outcome: "full" | "broken";
      readonly lastsS: number;
    }
  /**
   * Whoever leads a log then, or whoever flies then over the segment with the most left to find
   * among those over which somebody flies, is killed or restarted.
   */
  | {
      readonly kind: "strike";
      readonly target: StrikeTarget;
      readonly how: "kill" | "reboot";
      readonly downS: number;
    }
  /** A partition in two halves of the vehicles by where they are then; the ground keeps one. */
  | { readonly kind: "split"; readonly along: "north" | "east"; readonly lastsS: number }
  /** Ends every window fault of the given kinds (all when empty). */
  | { readonly kind: "restore"; readonly kinds: readonly FaultKind[] };

export type StrikeTarget = "heads" | "bestSegment";

export type FaultKind =
  | "kill"
  | "reboot"
  | "linkCut"
  | "partition"
  | "lossBurst"
  | "jam"
  | "stuckSensor"
  | "gnssLoss"
  | "gnssLossArea"
  | "lowBattery"
  | "hostile"
  | "clockOffset"
  | "clockError"
  | "clockDrift"
  | "slowCpu"
  | "store"
  | "strike"
  | "split"
  | "restore";

/** A fault at a time. */
export interface ScriptedFault {
  readonly atS: number;
  readonly action: FaultAction;
}

/** Mean numbers of faults an hour over the whole world, and how bad each is. Zero draws none. */
export interface FaultRates {
  readonly killPerHour: number;
  readonly rebootPerHour: number;
  readonly linkCutPerHour: number;
  readonly partitionPerHour: number;
  readonly lossBurstPerHour: number;
  readonly stuckSensorPerHour: number;
  readonly gnssLossPerHour: number;
  readonly lowBatteryPerHour: number;
  readonly hostilePerHour: number;
  readonly slowCpuPerHour: number;
  readonly clockErrorPerHour: number;
  readonly splitPerHour: number;
  readonly headRebootPerHour: number;
  /** Share of the vehicles that falls, each at a time of its own in [fromS, toS). */
  readonly killShare: number;
  /** Mean length of a window fault (exponential). */
  readonly windowMeanS: number;
  /** Faults are drawn in [fromS, toS) only: after `toS` the world heals (liveness mode). */
  readonly fromS: number;
  readonly toS: number;
  /** Of every reception, always, besides what the channel does. */
  readonly lossRatio: number;
}

export interface FaultPlan {
  readonly script: readonly ScriptedFault[];
  readonly rates: FaultRates;
}
