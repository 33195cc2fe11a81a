/**
 * The two unions of the fault layer.
 *
 * Fault is on top in imports and beside in data: the node hands it what the others report, and
 * routes its directives down as ordinary inputs. Events carry the evidence they rest on.
 */
import type { MonotonicMs, NodeIndex, SegmentId } from "../base/mod.ts";
import type { VehicleSample } from "../hal/mod.ts";
import type { PresenceTable, TrafficClass } from "../network/mod.ts";

/** A task that someone holds; the fault layer only needs to know whose it is. */
export interface HeldLease {
  readonly owner: NodeIndex;
  readonly segment: SegmentId;
}

export type FaultIn =
  /** The network's live columns; read inside the step. Wanted at every wake. */
  | { readonly kind: "presence"; readonly table: PresenceTable }
  /** The cluster's members (self included) and the ground stations among all peers. */
  | {
      readonly kind: "roster";
      readonly members: readonly NodeIndex[];
      readonly grounds: readonly NodeIndex[];
    }
  | { readonly kind: "leases"; readonly leases: readonly HeldLease[] }
  /** Consensus as seen here: the head, and whether agreed state can progress. */
  | {
      readonly kind: "agreement";
      readonly leader: NodeIndex | undefined;
      readonly quorum: boolean;
    }
  /** An agreed plan exists that can be flown without further agreement. */
  | { readonly kind: "plan"; readonly known: boolean }
  | { readonly kind: "vehicle"; readonly sample: VehicleSample }
  /** Share of a full battery that the way home costs from here, reserve not included. */
  | { readonly kind: "energy"; readonly homeRatio: number }
  /** Something authentic came from it end to end, over whatever hops; optional for neighbors. */
  | { readonly kind: "heard"; readonly peer: NodeIndex }
  /** A verified message of kinds 0x40 to 0x4f. */
  | { readonly kind: "message"; readonly from: NodeIndex; readonly bytes: Uint8Array }
  /** The peer has left by agreement or eviction: no longer watched. */
  | { readonly kind: "forget"; readonly peer: NodeIndex }
  | { readonly kind: "wake" };

/** What the verdict on a peer rests on. */
export interface Evidence {
  /** Suspicion by phi accrual at the time of the verdict. */
  readonly phi: number;
  /** Milliseconds since it was heard directly; Infinity when never. */
  readonly silentMs: number;
  /** Milliseconds since anyone told of it; Infinity when never. */
  readonly indirectMs: number;
  /** Seconds that the direct link was predicted to live on when it was last heard. */
  readonly lifetimeS: number;
  /** Peers that were asked and have not heard it either. */
  readonly witnesses: number;
}

export type LossKind = "head" | "cluster" | "ground" | "position" | "battery";

/** Transitions, in the shape of the node's events. */
export type FaultEvent =
  | {
      readonly kind: "suspect";
      readonly peer: NodeIndex;
      readonly phi: number;
      readonly evidence: Evidence;
    }
  | { readonly kind: "outOfRange"; readonly peer: NodeIndex; readonly evidence: Evidence }
  | { readonly kind: "dead"; readonly peer: NodeIndex; readonly evidence: Evidence }
  | { readonly kind: "back"; readonly peer: NodeIndex }
  | { readonly kind: "lost"; readonly what: LossKind }
  | { readonly kind: "regained"; readonly what: Exclude<LossKind, "battery"> };

/** What others should now do; each layer decides how. */
export type FaultDirective =
  /** The owner is dead: whoever may should take this task over. */
  | { readonly kind: "leaseOrphaned"; readonly owner: NodeIndex; readonly segment: SegmentId }
  | { readonly kind: "declareDead"; readonly peer: NodeIndex; readonly evidence: Evidence }
  /** A peer declared dead has shown itself. */
  | { readonly kind: "retractDead"; readonly peer: NodeIndex }
  | { readonly kind: "headLost" }
  | { readonly kind: "loseGround" }
  | { readonly kind: "holdNow"; readonly reason: LossKind }
  | { readonly kind: "returnNow"; readonly reason: LossKind }
  | { readonly kind: "landNow"; readonly reason: LossKind };

/** The degradation ladder, best first. */
export type Rung = "full" | "clusterLocal" | "leaderless" | "lastPlan" | "loiter" | "goHome";

export type FaultOut =
  | { readonly kind: "event"; readonly event: FaultEvent }
  | { readonly kind: "directive"; readonly directive: FaultDirective }
  | { readonly kind: "rung"; readonly rung: Rung; readonly from: Rung; readonly reason: string }
  /** A message for `to` (BROADCAST: the cluster of `about`), to be sealed and signed. */
  | {
      readonly kind: "send";
      readonly to: NodeIndex;
      readonly about: NodeIndex;
      readonly trafficClass: TrafficClass;
      readonly bytes: Uint8Array;
      readonly expiresAt: MonotonicMs;
    };

export type PeerVerdict = "unknown" | "alive" | "suspect" | "outOfRange" | "dead";

/** One row of the view, a copy. */
export interface PeerHealth {
  readonly peer: NodeIndex;
  readonly verdict: PeerVerdict;
  readonly phi: number;
  readonly sinceMs: MonotonicMs;
}
