/**
 * The routed packet: what travels inside a hop seal. Three kinds share the first four bytes: data,
 * hop acknowledgements, route announcements. `docs/protocols/packet.md` has the tables.
 *
 * Addresses are slots of the mission's directory. The sequence is per origin and per packet (a
 * fragment is a packet of its own); the link sequence is per hop sender and counts every frame it
 * sends, beacons too, so that a receiver sees each loss as a gap. The lifetime is what remains of
 * the message's deadline, less the time spent in queues: no clocks are compared.
 *
 * Bound: 1,200 B a datagram, of which the hop seal takes 24.
 */
import { problem, type NodeIndex } from "../base/mod.ts";
import { fail, ok, type Result } from "../base/mod.ts";
import { readU16, readU32, writeU16, writeU32 } from "./octets.ts";
import type { MeshChannel, TrafficClass } from "./types.ts";

export const DATAGRAM_BYTES_MAX = 1200;
export const HOP_SEAL_BYTES = 24;
/** Longest packet: a datagram less its hop seal. */
export const PACKET_BYTES_MAX: number = DATAGRAM_BYTES_MAX - HOP_SEAL_BYTES;
export const PACKET_HEADER_BYTES = 18;
export const FRAGMENT_HEADER_BYTES = 7;

const VERSION = 1;
/** In the first byte: sent on the cluster's channel, in a link sequence of its own. */
const CLUSTER_CHANNEL = 0x08;

export const PacketKind: Readonly<{ data: 0; ack: 1; routes: 2 }> = Object.freeze({
  data: 0,
  ack: 1,
  routes: 2,
});
export type PacketKind = (typeof PacketKind)[keyof typeof PacketKind];

/** Bits of the second byte; the low three are the traffic class. */
const FLAG_ACK_WANTED = 0x08;
const FLAG_FRAGMENT = 0x10;
const FLAG_FLOOD = 0x20;
const FLAGS_RESERVED = 0xc0;

/** Hops a packet may take. A cluster of 50 is at most 49 long; 32 leaves room for detours. */
export const TTL_START = 32;

/** Remaining lifetime is carried in steps of 10 ms, at most about 11 minutes. */
const LIFETIME_STEP_MS = 10;

export interface PacketHeader {
  trafficClass: TrafficClass;
  ackWanted: boolean;
  fragment: boolean;
  flood: boolean;
  linkSequence: number;
  origin: NodeIndex;
  destination: NodeIndex;
  nextHop: NodeIndex;
  ttl: number;
  hops: number;
  sequence: number;
  lifetimeMs: number;
}

/** The kind of a packet, or `undefined` for other versions and unknown kinds. */
export function packetKind(bytes: Uint8Array): PacketKind | undefined {
  if (bytes.length < 4 || bytes.length > PACKET_BYTES_MAX) return undefined;
  const first = bytes[0]!;
  if (first >> 4 !== VERSION || (first & 7) > PacketKind.routes) return undefined;
  return (first & 7) as PacketKind;
}

/** The channel that any packet which `packetKind` accepted was sent on. */
export const channelOf = (bytes: Uint8Array): MeshChannel =>
  (bytes[0]! & CLUSTER_CHANNEL) === 0 ? "common" : "cluster";

/** Written last, when it is known who is to hear it: the channel and its link sequence. */
export function stampPacket(bytes: Uint8Array, channel: MeshChannel, linkSequence: number): void {
  const bit = channel === "cluster" ? CLUSTER_CHANNEL : 0;
  bytes[0] = (bytes[0]! & ~CLUSTER_CHANNEL) | bit;
  writeU16(bytes, 2, linkSequence);
}

/** Of any packet that `packetKind` accepted. */
export const linkSequenceOf = (bytes: Uint8Array): number => readU16(bytes, 2);

/** Starts an ack or routes packet. The link sequence is written when it is sent. */
export function startPacket(bytes: Uint8Array, kind: PacketKind, second: number): void {
  bytes[0] = (VERSION << 4) | kind;
  bytes[1] = second;
}

/** The header of a data packet. */
export function readHeader(bytes: Uint8Array): Result<PacketHeader> {
  if (packetKind(bytes) !== PacketKind.data || bytes.length <= PACKET_HEADER_BYTES) {
    return fail(problem("NET001", { where: "byte 0" }));
  }
  const flags = bytes[1]!;
  const trafficClass = flags & 7;
  if (trafficClass > 4 || (flags & FLAGS_RESERVED) !== 0) {
    return fail(problem("NET001", { where: "byte 1" }));
  }
  return ok({
    trafficClass: trafficClass as TrafficClass,
    ackWanted: (flags & FLAG_ACK_WANTED) !== 0,
    fragment: (flags & FLAG_FRAGMENT) !== 0,
    flood: (flags & FLAG_FLOOD) !== 0,
    linkSequence: readU16(bytes, 2),
    origin: readU16(bytes, 4) as NodeIndex,
    destination: readU16(bytes, 6) as NodeIndex,
    nextHop: readU16(bytes, 8) as NodeIndex,
    ttl: bytes[10]!,
    hops: bytes[11]!,
    sequence: readU32(bytes, 12),
    lifetimeMs: readU16(bytes, 16) * LIFETIME_STEP_MS,
  });
}

export function writeHeader(bytes: Uint8Array, header: Readonly<PacketHeader>): void {
  startPacket(
    bytes,
    PacketKind.data,
    header.trafficClass |
      (header.ackWanted ? FLAG_ACK_WANTED : 0) |
      (header.fragment ? FLAG_FRAGMENT : 0) |
      (header.flood ? FLAG_FLOOD : 0),
  );
  writeU16(bytes, 2, header.linkSequence);
  writeU16(bytes, 4, header.origin);
  writeU16(bytes, 6, header.destination);
  writeU16(bytes, 8, header.nextHop);
  bytes[10] = header.ttl;
  bytes[11] = header.hops;
  writeU32(bytes, 12, header.sequence);
  const steps = Math.ceil(header.lifetimeMs / LIFETIME_STEP_MS);
  writeU16(bytes, 16, Math.max(0, Math.min(0xffff, steps)));
}

/**
 * The next hop of a data packet, read without building its header: most overheard ones end here.
 */
export const nextHopOf = (bytes: Uint8Array): number => readU16(bytes, 8);

/** The most acknowledgements in one packet. */
export const ACKS_MAX = 32;
const ACK_HEADER_BYTES = 6;
const ACK_ENTRY_BYTES = 6;

export interface AckEntry {
  readonly origin: number;
  readonly sequence: number;
}

/** An acknowledgement of one hop's packets, addressed to the neighbor that sent them. */
export function encodeAck(
  linkSequence: number,
  to: NodeIndex,
  entries: readonly AckEntry[],
): Uint8Array {
  const bytes = new Uint8Array(ACK_HEADER_BYTES + ACK_ENTRY_BYTES * entries.length);
  startPacket(bytes, PacketKind.ack, entries.length);
  writeU16(bytes, 2, linkSequence);
  writeU16(bytes, 4, to);
  entries.forEach((entry, i) => {
    writeU16(bytes, ACK_HEADER_BYTES + ACK_ENTRY_BYTES * i, entry.origin);
    writeU32(bytes, ACK_HEADER_BYTES + ACK_ENTRY_BYTES * i + 2, entry.sequence);
  });
  return bytes;
}

export function decodeAck(
  bytes: Uint8Array,
): Result<{ readonly to: NodeIndex; readonly entries: readonly AckEntry[] }> {
  const count = bytes[1] ?? 0;
  const lengthFits = bytes.length === ACK_HEADER_BYTES + ACK_ENTRY_BYTES * count;
  if (packetKind(bytes) !== PacketKind.ack || count === 0 || count > ACKS_MAX || !lengthFits) {
    return fail(problem("NET001", { where: "byte 1" }));
  }
  const entries = Array.from({ length: count }, (_, i) => ({
    origin: readU16(bytes, ACK_HEADER_BYTES + ACK_ENTRY_BYTES * i),
    sequence: readU32(bytes, ACK_HEADER_BYTES + ACK_ENTRY_BYTES * i + 2),
  }));
  return ok({ to: readU16(bytes, 4) as NodeIndex, entries });
}
