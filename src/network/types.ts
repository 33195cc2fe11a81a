/**
 * The two unions of the network layer and the values that pass its door.
 *
 * The node glues: security opens a hop datagram and gives its plaintext here as `packet` or
 * `beacon`; what comes out as `transmit` or `beacon` is sealed for the hop and framed. Payloads are
 * opaque here (sealed end to end). Bytes belong to the receiver of the value.
 */
import type { MonotonicMs, NodeIndex } from "../base/mod.ts";
import type { AccessClass, ChannelReport, LocalPosition, VehicleSample } from "../hal/mod.ts";

/** Traffic classes, most urgent first. The number is the wire code. */
export const TrafficClass: Readonly<{
  emergency: 0;
  command: 1;
  state: 2;
  coordination: 3;
  bulk: 4;
}> = Object.freeze({ emergency: 0, command: 1, state: 2, coordination: 3, bulk: 4 });
export type TrafficClass = (typeof TrafficClass)[keyof typeof TrafficClass];

/**
 * The channel that a frame goes out on. On `common` everyone listens: beacons, emergencies, and
 * what passes between clusters. `cluster` is the channel of the own cluster, where it has one.
 */
export type MeshChannel = "common" | "cluster";

/**
 * How far a beacon's claims were checked: `claimed` was sealed by someone admitted, `verified` is
 * signed by this peer's endorsed boot key. An unverified position may widen separation, never
 * command.
 */
export type ClaimTrust = "claimed" | "verified";

/** A point of a vehicle's announced plan: where it means to be `afterS` seconds from now. */
export interface PlanPoint {
  readonly position: LocalPosition;
  readonly afterS: number;
}

/** What a node says of itself in its beacons, beside its vehicle's state. */
export interface SelfNotes {
  /** Willing to forward for others (a node low on battery may decline). */
  readonly relay: boolean;
  /** A ground station: its antenna is on the ground, its absence is an event of its own. */
  readonly ground: boolean;
  /** The group key epoch that this node can open. */
  readonly keyEpoch: number;
  /** The head it follows, or undefined. */
  readonly head: NodeIndex | undefined;
}

export type NetworkIn =
  /** The plaintext of a hop-sealed packet; `from` is the hop's sender, not the origin. */
  | {
      readonly kind: "packet";
      readonly from: NodeIndex;
      readonly bytes: Uint8Array;
      readonly rssiDbm: number;
      readonly snrDb: number;
    }
  | {
      readonly kind: "beacon";
      readonly from: NodeIndex;
      readonly body: Uint8Array;
      readonly rssiDbm: number;
      readonly snrDb: number;
      readonly trust: ClaimTrust;
    }
  /** `to` may address a cluster, or all by BROADCAST. Payload of 1 to 65,535 bytes. */
  | {
      readonly kind: "send";
      readonly to: NodeIndex;
      readonly trafficClass: TrafficClass;
      readonly payload: Uint8Array;
      readonly expiresAt: MonotonicMs;
      /** Its sender says it again by itself: a crowded cell spends no acknowledgement on it. */
      readonly repeated?: boolean;
    }
  /** The own state, at 1 Hz or more; beacons go out only once it is known. */
  | {
      readonly kind: "self";
      readonly sample: VehicleSample;
      readonly plan: readonly PlanPoint[];
      readonly notes: SelfNotes;
    }
  /** The own cluster: these peers are never displaced from the tables by others. */
  | { readonly kind: "members"; readonly members: readonly NodeIndex[] }
  | { readonly kind: "channel"; readonly report: ChannelReport }
  | { readonly kind: "wake" };

/** Why a message or packet went no further. */
export type DropReason =
  | "expired"
  | "queueFull"
  | "noRoute"
  | "unacknowledged"
  | "ttl"
  | "malformed"
  | "tooLarge"
  | "reassembly";

export type NetworkOut =
  /**
   * A whole message for this node. `from` is its origin as the header says; the envelope proves it.
   */
  | {
      readonly kind: "deliver";
      readonly from: NodeIndex;
      readonly payload: Uint8Array;
      readonly trafficClass: TrafficClass;
      /** Radio hops that the last fragment took, 1 for a neighbor. */
      readonly hops: number;
    }
  /** A packet to be hop-sealed and sent; everyone in reach hears it, `nextHop` acts on it. */
  | {
      readonly kind: "transmit";
      readonly bytes: Uint8Array;
      readonly nextHop: NodeIndex;
      readonly channel: MeshChannel;
      readonly access: AccessClass;
      readonly expiresAt: MonotonicMs;
    }
  /** A beacon body to be signed, sealed and sent. */
  | {
      readonly kind: "beacon";
      readonly body: Uint8Array;
      readonly access: AccessClass;
      readonly expiresAt: MonotonicMs;
    }
  | { readonly kind: "neighborUp"; readonly peer: NodeIndex }
  | { readonly kind: "neighborDown"; readonly peer: NodeIndex; readonly predicted: boolean }
  | { readonly kind: "linkBreakPredicted"; readonly peer: NodeIndex; readonly lifetimeS: number }
  | {
      readonly kind: "dropped";
      readonly reason: DropReason;
      readonly trafficClass: TrafficClass;
      /** The origin of what was dropped; the own index for own messages. */
      readonly origin: NodeIndex;
    };

export type NeighborState = "unknown" | "up" | "down";

/** One row of the view on the peers; a copy, for pages and checkers. */
export interface PeerRow {
  readonly peer: NodeIndex;
  readonly state: NeighborState;
  /** Last claimed position and velocity; valid when `positionValid`. */
  readonly position: LocalPosition;
  readonly northMps: number;
  readonly eastMps: number;
  readonly downMps: number;
  readonly positionErrorM: number;
  readonly positionValid: boolean;
  readonly trust: ClaimTrust;
  readonly batteryRatio: number;
  readonly inAir: boolean;
  readonly ground: boolean;
  readonly keyEpoch: number;
  readonly head: NodeIndex | undefined;
  /** Milliseconds since its last frame was heard, Infinity when never. */
  readonly ageMs: number;
  /** Milliseconds since its last beacon: the age of its position. */
  readonly beaconAgeMs: number;
  /** Milliseconds since the youngest sign of life, direct or through others. */
  readonly evidenceAgeMs: number;
  readonly rssiDbm: number;
  readonly snrDb: number;
  /** Share of its frames that arrive here. */
  readonly inRatio: number;
  /** Share of our frames that arrive there, as it reports; 0 when it reports none. */
  readonly outRatio: number;
  /** Expected transmissions, 1 / (in x out); Infinity when the link is not two-way. */
  readonly etx: number;
  readonly lifetimeS: number;
  /** The route: next hop, metric in 1/64 transmissions, hops are not counted. */
  readonly nextHop: NodeIndex | undefined;
  readonly metric: number;
}

/**
 * Signs of life of all known peers as flat columns, for the fault detector. Row r holds a peer when
 * `peers[r] !== 0xffff`. The columns are live: read them inside the step that was handed them.
 */
export interface PresenceTable {
  readonly rows: number;
  readonly peers: ArrayLike<number>;
  /** When its last frame was heard here; -Infinity when never. */
  readonly heardMs: ArrayLike<number>;
  /** Mean and variance of the gap between frames heard, in units of its announced interval. */
  readonly gapMean: ArrayLike<number>;
  readonly gapVariance: ArrayLike<number>;
  /** The interval between beacons that it announced. */
  readonly intervalMs: ArrayLike<number>;
  /**
   * The youngest sign of life through others (a neighbor's link report, a newer route sequence).
   */
  readonly indirectMs: ArrayLike<number>;
  /** Predicted seconds until the direct link breaks, as of `heardMs`; Infinity when unknown. */
  readonly lifetimeS: ArrayLike<number>;
}

export interface AirTimeView {
  /**
   * Share of the last seconds that this node's own frames were on the air, by traffic class;
   * beacons last.
   */
  readonly ownRatio: readonly number[];
  /** Frames a second heard and sent in this collision domain. */
  readonly framesHz: number;
  /** As the driver senses it. */
  readonly busyRatio: number;
  readonly beaconIntervalMs: number;
}

export interface NetworkCounters {
  /** Messages handed in by `send`. */
  readonly sent: number;
  /** Whole messages handed up. */
  readonly delivered: number;
  /** Packets forwarded for others, floods included. */
  readonly forwarded: number;
  readonly retransmitted: number;
  readonly duplicates: number;
  /** Bytes of routing and presence: beacon bodies and route packets. */
  readonly controlBytes: number;
  readonly beacons: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
}
