/**
 * Orders that people give, as values. The byte layout is in `codec.ts` and
 * `docs/protocols/order.md`; who may act on what without agreement is in `ORDER_RULES`.
 *
 * An order's id is its operator, session and sequence: nothing random. A session number rises at
 * each start of the operator's station, a sequence within its session: the newer of two orders has
 * the later session, or the same one and the higher sequence.
 */
import type { NetworkTimeMs, NodeId, NodeIndex, SegmentId } from "../../base/mod.ts";
import type { Verified } from "../verified.ts";

/** A vertical cylinder in the mission's local frame. */
export interface OrderVolume {
  readonly northM: number;
  readonly eastM: number;
  readonly radiusM: number;
}

/** One vehicle and the boot in which alone it may be armed or released. */
export interface ArmBinding {
  readonly vehicle: NodeIndex;
  /** The 64-bit boot nonce, as the vehicle's beacons carry it. */
  readonly bootNonce: bigint;
}

/** What a person knows and the map does not. */
export interface OrderClue {
  readonly clueKind: "sighting" | "signal" | "item" | "absence";
  readonly northM: number;
  readonly eastM: number;
  readonly radiusM: number;
  /** How much likelier the clue is with the subject inside the circle than outside; > 0. */
  readonly likelihoodRatio: number;
}

/** Kind and arguments of an order. */
export type OrderCommand =
  | { readonly kind: "hold" }
  | { readonly kind: "return" }
  | { readonly kind: "land" }
  /** Go below the ceiling, land or leave by `byMs`; latches until lifted by `lift`. */
  | {
      readonly kind: "clearAir";
      readonly lift: boolean;
      readonly manner: "below" | "land" | "leave";
      readonly ceilingAglM: number;
      readonly byMs: NetworkTimeMs;
      /** Absent: everywhere. */
      readonly volume: OrderVolume | undefined;
    }
  /** Begin the mission, or go on with it after a hold or return. */
  | { readonly kind: "start" }
  | {
      readonly kind: "arm";
      readonly bindings: readonly ArmBinding[];
      readonly takeoffAltitudeAglM: number;
    }
  /** The crew has stepped back from these vehicles, in these boots: they may be armed. */
  | { readonly kind: "release"; readonly bindings: readonly ArmBinding[] }
  /** A new mission revision; `digest` is SHA-512/256-bit prefix of its definition. */
  | {
      readonly kind: "plan";
      readonly revision: number;
      readonly digest: Uint8Array;
      /** The definition itself where it is short, at most 2048 bytes; else empty. */
      readonly definition: Uint8Array;
    }
  | { readonly kind: "parameter"; readonly name: string; readonly value: number }
  | { readonly kind: "confirm"; readonly detectionId: number }
  | { readonly kind: "dismiss"; readonly detectionId: number }
  | { readonly kind: "lookAgain"; readonly detectionId: number }
  | { readonly kind: "addClue"; readonly clue: OrderClue }
  | { readonly kind: "evict"; readonly member: NodeIndex }
  /** These clusters are from now on so; others stay as they are. Revisions rise. */
  | {
      readonly kind: "divide";
      readonly revision: number;
      readonly clusters: readonly OrderCluster[];
    };

/** A cluster as an operator orders it to be. Without members it is no more. */
export interface OrderCluster {
  /** From 1. */
  readonly cluster: number;
  /** The revision that founded it: its members then are its log's first voters. */
  readonly since: number;
  /** On which its members speak among each other, from 1. */
  readonly channel: number;
  /** Ascending, at most 64. */
  readonly members: readonly NodeIndex[];
  /** Ascending: what it searches. */
  readonly segments: readonly SegmentId[];
}

export type OrderKind = OrderCommand["kind"];

/** All nodes, or up to 64 of them. */
export type OrderTargets = "all" | readonly NodeIndex[];

/** A wish before it is numbered, dated and signed. */
export interface OrderDraft {
  readonly command: OrderCommand;
  readonly targets: OrderTargets;
  readonly validForMs: number;
  readonly supersedes: OrderName | undefined;
}

/** What names an order: unique, ordered within one operator, never random. */
export interface OrderName {
  readonly operator: NodeId;
  readonly session: number;
  readonly sequence: number;
}

export interface Order extends OrderName {
  readonly issuedAt: NetworkTimeMs;
  readonly validUntil: NetworkTimeMs;
  readonly targets: OrderTargets;
  readonly missionRevision: number;
  readonly supersedes: OrderName | undefined;
  readonly command: OrderCommand;
}

/** An order as it travels: its bytes and what was signed over them. */
export interface SignedOrder {
  readonly order: Order;
  /** Golden encoding; what the signatures cover. */
  readonly body: Uint8Array;
  readonly ed25519: Uint8Array;
  /** The second half of the composite signature; stop-type orders may arrive without it. */
  readonly mldsa: Uint8Array | undefined;
}

/** An order whose authority was checked; `assurance` says by which halves of the signature. */
export interface CheckedOrder extends SignedOrder {
  readonly order: Verified<Order>;
  readonly assurance: "classical" | "composite";
}

export interface OrderRule {
  /** Acts on receipt, by any path, without agreement or clock. */
  readonly stop: boolean;
  /** Stands beside all other orders until it is lifted, and does not expire. */
  readonly latches: boolean;
  /** Cannot be taken back: waits for both halves of the signature. */
  readonly composite: boolean;
}

const STOP: OrderRule = Object.freeze({ stop: true, latches: false, composite: false });
const LATCH: OrderRule = Object.freeze({ stop: true, latches: true, composite: false });
const AGREED: OrderRule = Object.freeze({ stop: false, latches: false, composite: false });
const GRAVE: OrderRule = Object.freeze({ stop: false, latches: false, composite: true });

export const ORDER_RULES: Readonly<Record<OrderKind, OrderRule>> = Object.freeze({
  hold: STOP,
  return: STOP,
  land: STOP,
  clearAir: LATCH,
  start: GRAVE,
  arm: GRAVE,
  release: GRAVE,
  plan: GRAVE,
  parameter: GRAVE,
  confirm: AGREED,
  dismiss: AGREED,
  lookAgain: AGREED,
  addClue: AGREED,
  evict: GRAVE,
  divide: GRAVE,
});

/** "operator-session-sequence", the operator in hex: what pages, logs and events show. */
export function orderId(name: OrderName): string {
  return `${name.operator.toString(16)}-${String(name.session)}-${String(name.sequence)}`;
}

/** Order of two orders of one operator: negative when `a` is older. */
export function compareOrders(a: OrderName, b: OrderName): number {
  return a.session === b.session ? a.sequence - b.sequence : a.session - b.session;
}

/** Whether an order is meant for this node. */
export function isTarget(order: Order, self: NodeIndex): boolean {
  return order.targets === "all" || order.targets.includes(self);
}
