/**
 * The two unions of the security layer.
 *
 * The node glues: a datagram from the radio goes in as `datagram`; what it held comes out as
 * `packet` or `beacon`. What the network delivers goes in as `openEnvelope` and comes out as
 * `message` (or `order`, or is this layer's own business). Messages and packets to send go in as
 * `sealEnvelope` and `sealHop` and come out as `envelope` and `datagram` in the same step, carrying
 * back what the caller put beside them. Nothing from outside throws: it is refused and counted by
 * problem code.
 *
 * First bytes: the high four bits are the type (`WireType`), the low four the suite. Types 1-4
 * start a datagram, 3-9 start what the network carries.
 */
import type { NetworkTimeMs, NodeIndex, Problem, ProblemCode } from "../base/mod.ts";
import type { CheckedOrder, OrderDraft } from "./order/order.ts";
import type { TrustLevel, Verified } from "./verified.ts";

export const WireType: Readonly<{
  beacon: 1;
  hop: 2;
  handshake: 3;
  cookie: 4;
  group: 5;
  groupSigned: 6;
  pairwise: 7;
  announce: 8;
  open: 9;
}> = Object.freeze({
  beacon: 1,
  hop: 2,
  handshake: 3,
  cookie: 4,
  group: 5,
  groupSigned: 6,
  pairwise: 7,
  announce: 8,
  open: 9,
});
export type WireType = (typeof WireType)[keyof typeof WireType];

/** First bytes of this layer's messages, and of the orders whose codec it owns. */
export const SecurityMessage: Readonly<{
  epochWraps: 0x30;
  keyRequest: 0x31;
  order: 0x70;
  orderState: 0x71;
}> = Object.freeze({ epochWraps: 0x30, keyRequest: 0x31, order: 0x70, orderState: 0x71 });

/**
 * How a message's sender is known. `group`: someone who holds the epoch's key. `signed`: the boot
 * key of `from`. `pairwise`: the session with `from`.
 */
export type Authenticated = "group" | "signed" | "pairwise";

export type SecurityIn =
  /** Any datagram of the mesh radio. */
  | { readonly kind: "datagram"; readonly bytes: Uint8Array }
  /** What the network delivered; `from` is the origin that its header claims. */
  | { readonly kind: "openEnvelope"; readonly from: NodeIndex; readonly bytes: Uint8Array }
  | { readonly kind: "sealHop"; readonly packet: Uint8Array; readonly carry: unknown }
  | { readonly kind: "sealBeacon"; readonly body: Uint8Array; readonly carry: unknown }
  /**
   * To a cluster's group, signed by the boot key or not; or to one peer over the session with it.
   * Without a session the message goes group-sealed and signed instead, and says so. To the swarm
   * go orders alone: they prove themselves, and no key of a group opens everywhere.
   */
  | {
      readonly kind: "sealEnvelope";
      readonly to: "swarm" | "group" | NodeIndex;
      /** Whose group, where that is not the own. */
      readonly cluster?: number;
      readonly sign: boolean;
      readonly message: Uint8Array;
      readonly carry: unknown;
    }
  /** Wants a session with this peer and keeps it alive by rekeying. */
  | { readonly kind: "connect"; readonly peer: NodeIndex }
  | { readonly kind: "disconnect"; readonly peer: NodeIndex }
  /** The head opens an epoch: makes its key and commitment, to be agreed through the log. */
  | {
      readonly kind: "openEpoch";
      readonly cluster?: number;
      readonly epoch: number;
      readonly members: readonly NodeIndex[];
      /** Also makes the next generation of the beacon key (after an eviction). */
      readonly rollBeacon: boolean;
    }
  /** The log has agreed on an epoch; at every member, in log order. */
  | {
      readonly kind: "epochCommitted";
      readonly cluster?: number;
      readonly epoch: number;
      readonly commitment: Uint8Array;
      readonly members: readonly NodeIndex[];
    }
  /** The node belongs to another cluster from now on: its group's keys are to come. */
  | { readonly kind: "home"; readonly cluster: number }
  /** The head to ask for keys, as consensus sees it. */
  | { readonly kind: "head"; readonly cluster?: number; readonly head: NodeIndex | undefined }
  /** Evicted: sessions end, its packets and signatures are refused from now on. */
  | { readonly kind: "revoke"; readonly member: NodeIndex }
  /** Agreed time with its error bound, whenever it changed or each second. */
  | { readonly kind: "networkTime"; readonly timeMs: NetworkTimeMs; readonly errorMs: number }
  /** On a node that holds an operator's key: number, date and sign; comes out as `order`. */
  | { readonly kind: "signOrder"; readonly draft: OrderDraft; readonly carry: unknown }
  /** Bytes of an order that came by another way than an envelope (log, file, page). */
  | { readonly kind: "checkOrder"; readonly bytes: Uint8Array; readonly carry: unknown }
  | { readonly kind: "wake" };

export type SecurityOut =
  /** An opened hop packet for the network; `from` is the hop's sender. */
  | { readonly kind: "packet"; readonly from: NodeIndex; readonly bytes: Uint8Array }
  | {
      readonly kind: "beacon";
      readonly from: NodeIndex;
      readonly body: Uint8Array;
      readonly trust: TrustLevel;
    }
  /** A sealed hop packet or beacon for the radio. */
  | { readonly kind: "datagram"; readonly bytes: Uint8Array; readonly carry: unknown }
  /** An envelope for the network; `to` is the group's address, or BROADCAST. */
  | {
      readonly kind: "envelope";
      readonly to: NodeIndex;
      readonly bytes: Uint8Array;
      readonly authenticated: Authenticated;
      readonly carry: unknown;
    }
  | {
      readonly kind: "message";
      readonly from: NodeIndex;
      readonly message: Uint8Array;
      readonly authenticated: Authenticated;
    }
  /**
   * An order that arrived in an envelope, was handed in or was signed here, checked; `bytes` is its
   * message, to pass on or to log. Time, arming and repetition are for `admitByTime`, `admitArming`
   * and `OrderGate`.
   */
  | {
      readonly kind: "order";
      readonly order: Verified<CheckedOrder>;
      readonly bytes: Uint8Array;
      readonly carry: unknown;
    }
  /**
   * A handshake or cookie byte string (at most 1180 B). `direct`: as a datagram of its own, because
   * the peer cannot open our hop seal; else through the network as the payload of a packet to it.
   */
  | {
      readonly kind: "handshake";
      readonly to: NodeIndex;
      readonly bytes: Uint8Array;
      readonly direct: boolean;
    }
  /**
   * This layer's own envelope, ready for the network: key wraps and requests, boot announcements.
   * `to` may be a cluster's address. `direct` as for handshakes.
   */
  | {
      readonly kind: "control";
      readonly to: NodeIndex;
      readonly bytes: Uint8Array;
      readonly direct: boolean;
    }
  | {
      readonly kind: "sessionOpened";
      readonly peer: NodeIndex;
      /** Bytes of the handshake on the air, both ways, cookie and fragment headers included. */
      readonly handshakeBytes: number;
      readonly initiator: boolean;
    }
  | { readonly kind: "sessionClosed"; readonly peer: NodeIndex; readonly problem: ProblemCode }
  /** At the head: what the log must agree on before the key is handed out. */
  | {
      readonly kind: "epochProposed";
      readonly epoch: number;
      readonly commitment: Uint8Array;
      readonly members: readonly NodeIndex[];
    }
  /** This node now seals under the epoch. */
  | { readonly kind: "epochActive"; readonly epoch: number }
  /** `from` handed out a key that is not the one agreed on: evidence against it. */
  | { readonly kind: "epochMismatch"; readonly epoch: number; readonly from: NodeIndex }
  /** A draft or an order handed in could not be signed or believed. */
  | { readonly kind: "orderRefused"; readonly problem: Problem; readonly carry: unknown }
  /** A peer's boot key is now known and endorsed, or it has booted anew. */
  | {
      readonly kind: "peerBoot";
      readonly peer: NodeIndex;
      readonly bootNonce: bigint;
      readonly bootCount: number;
    };
