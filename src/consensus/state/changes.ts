/**
 * What an applied entry did to the agreed state, one change at a time: the same on every member.
 * The node hands these on to the layers that act on them.
 */
import type { NodeIndex, Problem, SegmentId } from "../../base/mod.ts";
import type {
  AgreedDetection,
  AgreedVerdict,
  FixedPosition,
  MemberAction,
  MissionPhase,
  OrderProgress,
  SweepProgress,
} from "./bodies.ts";

export type StateChange =
  | { readonly kind: "logTime"; readonly logTimeMs: number }
  | { readonly kind: "member"; readonly node: NodeIndex; readonly action: MemberAction }
  | { readonly kind: "evicted"; readonly node: NodeIndex; readonly reason: number }
  | { readonly kind: "mission"; readonly phase: MissionPhase; readonly revision: number }
  | { readonly kind: "plan"; readonly revision: number; readonly segmentCount: number }
  | {
      readonly kind: "clue";
      readonly id: number;
      readonly position: FixedPosition;
      readonly errorCm: number;
      readonly weightMilli: number;
    }
  | { readonly kind: "claimed"; readonly segment: SegmentId; readonly owner: NodeIndex }
  /** Given back, completed, run out, or taken from a member that is lost or expelled. */
  | { readonly kind: "freed"; readonly segment: SegmentId; readonly owner: NodeIndex }
  | { readonly kind: "progress"; readonly progress: SweepProgress; readonly by: NodeIndex }
  | { readonly kind: "order"; readonly orderId: bigint; readonly order: Uint8Array }
  | {
      readonly kind: "orderState";
      readonly orderId: bigint;
      readonly node: NodeIndex;
      readonly progress: OrderProgress;
      readonly reason: number;
    }
  | { readonly kind: "detection"; readonly detection: AgreedDetection }
  | { readonly kind: "verdict"; readonly id: number; readonly verdict: AgreedVerdict }
  | {
      readonly kind: "epoch";
      readonly epoch: bigint;
      readonly opener: NodeIndex;
      readonly commitment: Uint8Array;
    }
  | { readonly kind: "padClaimed"; readonly pad: number; readonly owner: NodeIndex }
  | { readonly kind: "padFreed"; readonly pad: number; readonly owner: NodeIndex }
  | {
      readonly kind: "latch";
      readonly latch: number;
      readonly set: boolean;
      readonly aglMaxCm: number;
      readonly byNetworkTimeMs: number;
    }
  | {
      readonly kind: "value";
      readonly key: string;
      readonly value: readonly number[];
      readonly by: NodeIndex;
    };

export type ApplyOutcome =
  | { readonly kind: "applied"; readonly changes: readonly StateChange[] }
  /** A retry that was committed twice: the first one counted. */
  | { readonly kind: "duplicate" }
  /** Lost a race or makes no sense now (`CON010`..): nothing changed. */
  | { readonly kind: "refused"; readonly problem: Problem };
