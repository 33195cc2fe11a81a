/**
 * What goes into the swarm layer and what comes out of it, as plain values.
 *
 * One `Swarm` stands on each vehicle; a passive one on the ground keeps the same map, never
 * commands and never claims. The node routes: samples from the autopilot, peers from beacons,
 * agreed changes from the log, orders from security, directives from fault, messages from peers'
 * swarm layers. Positions of peers carry a trust: any plausible claim may widen separation within
 * a bound, only verified ones may command or change agreement.
 */
import type { NodeIndex, SegmentId } from "../base/mod.ts";
import type {
  LocalPosition,
  LocalVelocity,
  SensorReport,
  VehicleCommand,
  VehicleSample,
} from "../hal/mod.ts";

/** How far a position claim can be believed, best first. */
export type Trust = "verified" | "stale" | "unverified" | "foreign";

/** A place where a vehicle announces to be, `afterS` seconds from the announcement. */
export interface PlanPoint {
  readonly position: LocalPosition;
  readonly afterS: number;
}

/** Another vehicle as a beacon or a foreign transponder tells it. */
export interface PeerState {
  /** Directory slot; foreign ones are given slots from 0xff00 up by the node. */
  readonly index: NodeIndex;
  readonly position: LocalPosition;
  readonly velocity: LocalVelocity;
  readonly plan: readonly PlanPoint[];
  readonly trust: Trust;
  /** Age of the claim when handed over. */
  readonly ageMs: number;
  readonly inAir: boolean;
  /** One sigma, horizontal. */
  readonly positionErrorM: number;
}

/** How far a segment is searched: `pass` complete passes, and a bit per lane of the next one. */
export interface SegmentProgress {
  readonly segment: SegmentId;
  /** [0, 255] */
  readonly pass: number;
  /** Bit i: lane i of this pass is swept; never all ones (that is the next pass). */
  readonly lanes: number;
}

/** A sighting as it is proposed to the log and agreed on. */
export interface Detection {
  /** Finder's index * 65536 + the finder's sensor sequence mod 65536. */
  readonly id: number;
  readonly finder: NodeIndex;
  readonly position: LocalPosition;
  /** One sigma, horizontal; the covariance is round. */
  readonly errorM: number;
  /** (0, 1] */
  readonly confidence: number;
  readonly imageRef: string;
  /** Agreed network time at the sighting; 0 when the vehicle had none. */
  readonly networkTimeMs: number;
}

export type Verdict = "confirmed" | "dismissed" | "lookAgain";

/** What this vehicle asks the log to agree on. The node wraps it into an entry and repeats it. */
export type Proposal =
  | { readonly kind: "claim"; readonly segment: SegmentId; readonly pass: number }
  | { readonly kind: "renew"; readonly progress: SegmentProgress }
  | { readonly kind: "release"; readonly progress: SegmentProgress }
  | { readonly kind: "complete"; readonly progress: SegmentProgress }
  | { readonly kind: "detection"; readonly detection: Detection }
  | { readonly kind: "padClaim"; readonly pad: number }
  | { readonly kind: "padRelease"; readonly pad: number }
  | { readonly kind: "value"; readonly key: string; readonly value: readonly number[] };

/** What the log has agreed on, one change at a time, in log order. */
export type AgreedChange =
  | { readonly kind: "claimed"; readonly segment: SegmentId; readonly owner: NodeIndex }
  /** The lease is gone: given back, run out, or taken from a lost vehicle. */
  /** `orphaned` when its owner did not give it back: it was lost, expelled, or silent too long. */
  | { readonly kind: "freed"; readonly segment: SegmentId; readonly orphaned: boolean }
  /** Renewals, releases and completions all carry how far the segment is searched. */
  | { readonly kind: "progress"; readonly progress: SegmentProgress; readonly by: NodeIndex }
  | { readonly kind: "detection"; readonly detection: Detection }
  | { readonly kind: "verdict"; readonly id: number; readonly verdict: Verdict }
  | { readonly kind: "padClaimed"; readonly pad: number; readonly owner: NodeIndex }
  | { readonly kind: "padFreed"; readonly pad: number }
  /** The subject was within about `errorM` of here, this many times likelier than elsewhere. */
  | {
      readonly kind: "clue";
      readonly id: number;
      readonly northM: number;
      readonly eastM: number;
      readonly errorM: number;
      readonly likelihoodRatio: number;
    }
  | {
      readonly kind: "value";
      readonly key: string;
      readonly value: readonly number[];
      readonly by: NodeIndex;
    }
  /** The share of the own cluster is another: what is not in it is given back. */
  | { readonly kind: "shares" }
  /** A snapshot was installed: leases, pads, detections and values start again from nothing. */
  | { readonly kind: "reset" };

/**
 * An order that binds this vehicle now. Security has verified signature, sequence, expiry and
 * target; arming orders also the boot nonce (`docs/decisions/arming-and-battery-swaps.md`).
 */
export type ActingOrder =
  /** Search from now on, or go on after a hold or return. Arms nothing by itself. */
  | { readonly kind: "start" }
  /** The mission that others are on is this vehicle's too. Lifts no order and arms nothing. */
  | { readonly kind: "join" }
  /** This vehicle may be armed, in this boot of it, each time the crew has released it. */
  | { readonly kind: "arm" }
  /** The crew has stepped back from this vehicle (said on the page instead of by its switch). */
  | { readonly kind: "release" }
  /** Stay in the air where you are. */
  | { readonly kind: "hold" }
  /** Come home and land. */
  | { readonly kind: "return" }
  /** Land where you are. */
  | { readonly kind: "land" }
  /** Until lifted, in the volume or everywhere: stay below the ceiling (0: land), or come home. */
  | {
      readonly kind: "clearAir";
      readonly ceilingAglM: number;
      readonly volume:
        { readonly northM: number; readonly eastM: number; readonly radiusM: number } | undefined;
      /** Out of the volume and home, at any height. */
      readonly leave: boolean;
    }
  | { readonly kind: "liftClearAir" };

/** What the fault layer directs. */
export type FaultDirective =
  /** The owner of this lease is dead; it may be claimed. */
  | { readonly kind: "leaseOrphaned"; readonly segment: SegmentId }
  | { readonly kind: "returnNow"; readonly reason: string }
  | { readonly kind: "landNow"; readonly reason: string }
  | { readonly kind: "holdNow"; readonly reason: string }
  /** Ends `holdNow`. */
  | { readonly kind: "goOn" }
  | { readonly kind: "peerLost"; readonly index: NodeIndex; readonly dead: boolean }
  | { readonly kind: "ground"; readonly reachable: boolean }
  | { readonly kind: "quorum"; readonly reachable: boolean };

export type SwarmIn =
  | { readonly kind: "vehicle"; readonly sample: VehicleSample }
  | { readonly kind: "peer"; readonly peer: PeerState }
  | { readonly kind: "applied"; readonly change: AgreedChange }
  | { readonly kind: "sensor"; readonly report: SensorReport; readonly networkTimeMs: number }
  | { readonly kind: "order"; readonly order: ActingOrder }
  | { readonly kind: "fault"; readonly directive: FaultDirective }
  /** A message of kind 0x50-0x6f that a verified member sent. */
  | { readonly kind: "message"; readonly from: NodeIndex; readonly bytes: Uint8Array }
  | { readonly kind: "wake" };

/** What this vehicle is doing, for the page and the checkers. */
export type Duty =
  | "grounded"
  | "arming"
  | "takeoff"
  | "search"
  | "look"
  | "eyes"
  | "hold"
  | "return"
  | "land"
  | "behaviour"
  | "manual";

/** Why the envelope changed a setpoint. */
export type ClipReason =
  "separation" | "fence" | "zone" | "terrain" | "ceiling" | "speed" | "climb" | "energy";

export type SwarmEvent =
  | { readonly kind: "duty"; readonly duty: Duty; readonly reason: string }
  | { readonly kind: "segmentClaimed"; readonly segment: SegmentId; readonly owner: NodeIndex }
  | { readonly kind: "segmentSearched"; readonly segment: SegmentId; readonly owner: NodeIndex }
  | { readonly kind: "detection"; readonly detection: Detection }
  | { readonly kind: "verdict"; readonly id: number; readonly verdict: Verdict }
  | { readonly kind: "found"; readonly id: number; readonly position: LocalPosition }
  /** A behaviour of the user started, was parked, or said something. */
  | { readonly kind: "behaviour"; readonly name: string; readonly state: string }
  /** Once when a clip begins, at most once in ten seconds for each reason. */
  | { readonly kind: "clipped"; readonly by: ClipReason }
  | { readonly kind: "refused"; readonly code: string };

export type SwarmOut =
  | { readonly kind: "command"; readonly command: VehicleCommand }
  | { readonly kind: "propose"; readonly proposal: Proposal }
  /** To every member in the cluster, best effort. */
  | { readonly kind: "message"; readonly bytes: Uint8Array }
  | { readonly kind: "event"; readonly event: SwarmEvent }
  /** What the next beacons announce; at most `PLAN_POINTS_MAX` points. */
  | { readonly kind: "planHorizon"; readonly points: readonly PlanPoint[] };

/** Where a segment stands, for the page. */
export interface SegmentView {
  readonly segment: SegmentId;
  readonly owner: NodeIndex | undefined;
  readonly progress: SegmentProgress;
  /** Share of the subject's probability that lies in it now. */
  readonly mass: number;
  /** Probability that a subject in it would have been seen, low and high. */
  readonly podLow: number;
  readonly podHigh: number;
}

/** Cumulative probability of success as a band, and the mass that no plan can reach. */
export interface SuccessBand {
  readonly low: number;
  readonly high: number;
  /** Prior mass outside the area. */
  readonly outside: number;
}

/** When this vehicle will be back and with how much. */
export interface ReliefView {
  readonly returnInS: number;
  readonly landingReserveRatio: number;
}
