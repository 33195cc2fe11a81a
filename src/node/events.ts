/**
 * What a node tells the outside: each transition that an operator, a checker or a recording may
 * want to know, as one flat union. Plain data, no part of the flow between layers.
 */
import type { MonotonicMs, NodeIndex, SegmentId } from "../base/mod.ts";
import type { LocalPosition } from "../hal/mod.ts";

export type Severity = "info" | "notice" | "warning" | "alarm";

export interface NodeEvent {
  readonly atMs: MonotonicMs;
  readonly severity: Severity;
  readonly detail: NodeEventDetail;
}

export type NodeEventDetail =
  // consensus
  | { readonly kind: "leaderElected"; readonly leader: NodeIndex; readonly term: number }
  | { readonly kind: "leaderLost"; readonly term: number }
  | { readonly kind: "committed"; readonly index: number; readonly entryKind: string }
  // security
  | { readonly kind: "sessionOpened"; readonly peer: NodeIndex; readonly bytes: number }
  | { readonly kind: "epochOpened"; readonly epoch: number }
  | { readonly kind: "evicted"; readonly member: NodeIndex }
  // swarm
  | { readonly kind: "segmentClaimed"; readonly segment: SegmentId; readonly owner: NodeIndex }
  | { readonly kind: "segmentSearched"; readonly segment: SegmentId; readonly owner: NodeIndex }
  | {
      readonly kind: "detection";
      readonly id: number;
      readonly finder: NodeIndex;
      readonly position: LocalPosition;
      readonly confidence: number;
    }
  | { readonly kind: "verdict"; readonly id: number; readonly verdict: string }
  | { readonly kind: "found"; readonly id: number; readonly position: LocalPosition }
  | { readonly kind: "duty"; readonly duty: string; readonly reason: string }
  | { readonly kind: "behaviour"; readonly name: string; readonly state: string }
  | { readonly kind: "clipped"; readonly by: string }
  | {
      readonly kind: "order";
      readonly orderId: string;
      readonly vehicle: NodeIndex;
      readonly state: string;
      readonly reason: string;
    }
  | { readonly kind: "rung"; readonly rung: string; readonly reason: string }
  // fault
  | { readonly kind: "suspect"; readonly peer: NodeIndex; readonly phi: number }
  | { readonly kind: "outOfRange"; readonly peer: NodeIndex }
  | { readonly kind: "dead"; readonly peer: NodeIndex }
  | { readonly kind: "back"; readonly peer: NodeIndex }
  | { readonly kind: "lost"; readonly what: "head" | "cluster" | "ground" | "position" | "battery" }
  | { readonly kind: "regained"; readonly what: "head" | "cluster" | "ground" | "position" }
  // anything refused, with its problem code
  | { readonly kind: "refused"; readonly code: string; readonly count: number };
