/**
 * Ports: what the hardware does for the node, as plain values. The host (an agent process or the
 * simulator) performs effects in the order in which they were emitted.
 */
import type { MonotonicMs } from "../base/mod.ts";

/**
 * Which radio of the vehicle. The first is on the common channel, on which everyone listens; the
 * second, on a vehicle whose cluster has a channel of its own, on that one. Both listen always.
 */
export type RadioIndex = number;
export const COMMON_RADIO: RadioIndex = 0;
export const CLUSTER_RADIO: RadioIndex = 1;
/** As a channel to tune to: all of them, for a station that has a receiver for each. */
export const ALL_CHANNELS = 255;

/** Access class on the air, highest first (RFC 8325, EDCA). */
export type AccessClass = "voice" | "video" | "bestEffort" | "background";

/** A received radio unit. Bytes belong to the receiver. */
export interface ReceivedDatagram {
  readonly radio: RadioIndex;
  readonly bytes: Uint8Array;
  readonly rssiDbm: number;
  readonly snrDb: number;
}

/** A radio unit to send. `expiresAt`: drop it rather than send it later. */
export interface OutgoingDatagram {
  readonly radio: RadioIndex;
  readonly bytes: Uint8Array;
  readonly access: AccessClass;
  readonly expiresAt: MonotonicMs;
}

/** What the radio driver knows of the channel; handed to the node about once a second. */
export interface ChannelReport {
  readonly radio: RadioIndex;
  /** Share of the last window in which the channel was sensed busy, [0, 1]. */
  readonly busyRatio: number;
  /** Datagrams dropped in the driver because they expired before they could be sent. */
  readonly expiredCount: number;
}

/**
 * Requests to durable storage. Names are short constants chosen by the asker ("raft", "boot").
 * A record is an opaque byte string; the store keeps order within a name and survives power loss
 * once it has answered.
 */
export type StoreRequest =
  /** Appends records after the existing ones, made durable before the answer. */
  | { readonly kind: "append"; readonly name: string; readonly records: readonly Uint8Array[] }
  /** Keeps the first `keepCount` records of `name`. */
  | { readonly kind: "truncate"; readonly name: string; readonly keepCount: number }
  /** Replaces all of `name` by these records atomically (also used for single values). */
  | { readonly kind: "replace"; readonly name: string; readonly records: readonly Uint8Array[] };

/** An answer carries the ticket of its request. `full` and `broken` are outcomes, not crashes. */
export interface StoreAnswer {
  readonly ticket: number;
  readonly outcome: "done" | "full" | "broken";
}

/** What a node finds in its store at boot: records by name, names in byte order. */
export type RecoveredStore = readonly {
  readonly name: string;
  readonly records: readonly Uint8Array[];
}[];

/**
 * The source of all randomness of keys: fills `into` completely. An agent has none of its own and
 * leaves it to the system's generator; the simulator's is seeded, so that a run can be repeated.
 */
export type EntropySource = (into: Uint8Array) => void;
