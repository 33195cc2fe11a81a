/**
 * Messages out, packets through, messages in: fragmenting, choosing the next hop when a packet's
 * turn comes, hop acknowledgements, floods, reassembly.
 *
 * A unicast packet follows the routing table; without a route it goes to the neighbor nearest to
 * the destination's last position if that is nearer than here (greedy, as in GPSR, Karp and Kung
 * 2000, without its perimeter mode); without one, emergency and command packets are flooded and
 * others wait for a route until they expire. Greedy steps use each node's own idea of the
 * destination's place and so may circle: the time to live and the duplicate windows bound that.
 */
import { addressesMany, after, BROADCAST, type MonotonicMs, type NodeIndex } from "../base/mod.ts";
import type { AccessClass } from "../hal/mod.ts";
import { BEACON_METER, frameAirTimeUs } from "./airtime.ts";
import { BeaconFlag } from "./beacon.ts";
import { nextHopToCluster } from "./areas.ts";
import { markSeen } from "./duplicates.ts";
import {
  cutMessage,
  dataShardsFor,
  MESSAGE_BYTES_MAX,
  readFragment,
  WHOLE_BYTES_MAX,
} from "./fragment.ts";
import { countTry, ETX_UNIT, inRatioNow, outRatioNow } from "./links.ts";
import {
  ACKS_MAX,
  channelOf,
  decodeAck,
  encodeAck,
  HOP_SEAL_BYTES,
  linkSequenceOf,
  nextHopOf,
  PACKET_HEADER_BYTES,
  PacketKind,
  packetKind,
  readHeader,
  stampPacket,
  TTL_START,
  writeHeader,
  type PacketHeader,
} from "./packet.ts";
import { concerns } from "./flood.ts";
import { parityCountFor } from "./parity.ts";
import { LinkState, NO_PEER, obtainRow, rowOf, rowsEnd } from "./peers.ts";
import { hearFrame, hearRoutesPacket, judgeLink, selfMotion } from "./presence.ts";
import type { Waiting } from "./queue.ts";
import type { InFlight } from "./reliable.ts";
import {
  CELL_SMALL,
  channelTo,
  crowdOf,
  drop,
  nextLinkSequence,
  ownAddress,
  REPEATS_MAX,
  UNROUTED_MAX,
  type Net,
  type Turn,
} from "./state.ts";
import { TrafficClass, type MeshChannel, type NetworkIn } from "./types.ts";

type SendInput = Extract<NetworkIn, { kind: "send" }>;
type PacketInput = Extract<NetworkIn, { kind: "packet" }>;

/** Access class on the air, by traffic class. */
const ACCESS: readonly AccessClass[] = ["voice", "voice", "bestEffort", "video", "background"];

/** When an emergency is said again by its origin, after the first time. */
const REPEAT_AFTER_MS = [25, 70, 180];

export function sendMessage(turn: Turn, input: SendInput): void {
  const { net, now, emit } = turn;
  const { payload, trafficClass, to, expiresAt } = input;
  const origin = net.config.self;
  net.counters.sent += 1;
  if (payload.length === 0 || payload.length > MESSAGE_BYTES_MAX) {
    drop(turn, "tooLarge", { trafficClass, origin });
  } else if (expiresAt <= now) {
    drop(turn, "expired", { trafficClass, origin });
  } else if (to === origin) {
    net.counters.delivered += 1;
    emit({ kind: "deliver", from: origin, payload, trafficClass, hops: 0 });
  } else {
    const packets = packetsOf(net, input, now);
    holdBack(net, input, now);
    if (!net.queue.add(packets)) drop(turn, "queueFull", { trafficClass, origin });
    else if (trafficClass === TrafficClass.emergency) repeatLater(net, packets, now);
  }
}

/** What a node has to say waits up to this long for each other in the cell. */
const HOLD_MS_PER_NODE = 1.5;

/**
 * A broadcast makes all that hear it speak at the same moment, and a full cell would hear none of
 * them: in one, each waits a moment of its own. What the head says to all goes at once.
 */
function holdBack(net: Net, { to, trafficClass }: SendInput, now: MonotonicMs): void {
  const toAll = addressesMany(to) && trafficClass === TrafficClass.coordination;
  const crowd = crowdOf(net);
  if (toAll || crowd <= CELL_SMALL) net.holdUntilMs = now;
  else if (net.queue.length === 0) {
    net.holdUntilMs = after(now, net.stream.between(0, HOLD_MS_PER_NODE * crowd));
  }
}

function repeatLater(net: Net, packets: readonly Waiting[], now: MonotonicMs): void {
  for (const delayMs of REPEAT_AFTER_MS) {
    for (const packet of packets) {
      if (net.repeats.length < REPEATS_MAX) net.repeats.push({ packet, dueMs: now + delayMs });
    }
  }
}

function packetsOf(net: Net, input: SendInput, now: MonotonicMs): Waiting[] {
  const { payload } = input;
  if (payload.length <= WHOLE_BYTES_MAX) return [packetOf(net, input, payload, now)];
  net.messageId = (net.messageId + 1) & 0xffff;
  const parts = cutMessage(payload, {
    messageId: net.messageId,
    parityCount: parityCountFor(dataShardsFor(payload.length), lossTowards(net, input, now)),
  });
  return parts.map((part) => packetOf(net, input, part, now));
}

const isReliable = (trafficClass: TrafficClass): boolean =>
  trafficClass === TrafficClass.command || trafficClass === TrafficClass.coordination;

function packetOf(net: Net, input: SendInput, content: Uint8Array, now: MonotonicMs): Waiting {
  const { to, trafficClass, expiresAt } = input;
  net.sequence = (net.sequence + 1) >>> 0;
  const flood = addressesMany(to) || trafficClass === TrafficClass.emergency;
  const spared = input.repeated === true && crowdOf(net) > CELL_SMALL;
  const header: PacketHeader = {
    trafficClass,
    ackWanted: !flood && !spared && trafficClass !== TrafficClass.bulk,
    fragment: input.payload.length > WHOLE_BYTES_MAX,
    flood,
    linkSequence: 0,
    origin: net.config.self,
    destination: to,
    nextHop: BROADCAST,
    ttl: TTL_START,
    hops: 0,
    sequence: net.sequence,
    lifetimeMs: expiresAt - now,
  };
  const bytes = new Uint8Array(PACKET_HEADER_BYTES + content.length);
  writeHeader(bytes, header);
  bytes.set(content, PACKET_HEADER_BYTES);
  return { header, bytes, expiresMs: expiresAt, again: false };
}

/** Loss assumed until anything is measured, and at least: a ratio over 16 frames knows no less. */
const LOSS_UNKNOWN = 0.05;
const LOSS_FLOOR = 0.02;

/** Loss that a fragment meets: of the worst neighbor for a broadcast, along the path else. */
function lossTowards(net: Net, input: SendInput, nowMs: number): number {
  const { table } = net;
  if (!addressesMany(input.to)) {
    const row = rowOf(table, input.to);
    const via = row < 0 ? -1 : table.via[row]!;
    if (via < 0) return LOSS_UNKNOWN;
    const loss = Math.max(LOSS_FLOOR, 1 - outRatioNow(table, via, nowMs));
    // Further hops are taken to be like the first; the metric tells how many there may be.
    const hops = Math.max(1, Math.floor(table.metric[row]! / ETX_UNIT));
    // A hop repeats what is acknowledged; three in a row lost is what still counts.
    return hops * (isReliable(input.trafficClass) ? loss * loss * loss : loss);
  }
  let worst = LOSS_FLOOR;
  for (let row = 0, end = rowsEnd(table); row < end; row += 1) {
    if (table.state[row] !== LinkState.up) continue;
    if (!concerns(input.to, net.config.addressOf(table.peers[row]!))) continue;
    worst = Math.max(worst, 1 - outRatioNow(table, row, nowMs));
  }
  return worst;
}

/** A hop's plaintext came in. Overheard unicasts for others end after a few reads. */
export function hearPacket(turn: Turn, input: PacketInput): void {
  const { net, now } = turn;
  const { bytes, from } = input;
  net.meter.heard(now, false);
  const kind = packetKind(bytes);
  if (kind === undefined || from === net.config.self) {
    drop(turn, "malformed", { trafficClass: TrafficClass.state, origin: from });
    return;
  }
  const row = obtainRow(net.table, from, now, input.snrDb);
  if (row < 0) return;
  hearFrame(net, row, input, { linkSequence: linkSequenceOf(bytes), channel: channelOf(bytes) });
  switch (kind) {
    case PacketKind.data:
      hearData(turn, input, row);
      break;
    case PacketKind.ack:
      hearAck(turn, input, row);
      break;
    case PacketKind.routes:
      if (!hearRoutesPacket(net, row, bytes, now)) {
        drop(turn, "malformed", { trafficClass: TrafficClass.state, origin: from });
      }
      break;
    default:
      kind satisfies never;
  }
}

function hearAck(turn: Turn, { bytes, from }: PacketInput, row: number): void {
  const { net, now } = turn;
  const ack = decodeAck(bytes);
  if (!ack.ok) {
    drop(turn, "malformed", { trafficClass: TrafficClass.state, origin: from });
    return;
  }
  if (ack.value.to !== net.config.self) return;
  for (const entry of ack.value.entries) {
    if (net.retries.acknowledge(from, entry, now) !== undefined)
      countTry(net.table, row, true, now);
  }
}

/** The flood flag sits in the second byte; reading it spares a header for overheard unicasts. */
const FLOOD_BIT = 0x20;

function hearData(turn: Turn, input: PacketInput, senderRow: number): void {
  const { net, now } = turn;
  const { bytes, from } = input;
  const { self } = net.config;
  if ((bytes[1]! & FLOOD_BIT) === 0 && nextHopOf(bytes) !== self) return;
  const read = readHeader(bytes);
  if (!read.ok) {
    drop(turn, "malformed", { trafficClass: TrafficClass.state, origin: from });
    return;
  }
  const header = read.value;
  if (header.nextHop === self) net.confirmations.heardFrom(senderRow);
  if (header.ackWanted && header.nextHop === self) acknowledge(net, from, header);
  if (header.origin === self) return;
  const originRow = rowOfOrigin(net, header.origin, now);
  if (!isFirstCopy(net, originRow, header)) {
    net.counters.duplicates += 1;
    net.floods.heardAgain(net.table, header, senderRow);
    return;
  }
  if (header.lifetimeMs === 0) {
    drop(turn, "expired", header);
    return;
  }
  if (isForUs(net, header.destination)) {
    deliverUp(turn, header, bytes.subarray(PACKET_HEADER_BYTES));
  }
  if (header.destination === self) return;
  forward(turn, { input, header, senderRow, originRow });
}

/** A row for the origins of the own cluster: of all others there may be more than rows. */
const rowOfOrigin = ({ table, routing }: Net, origin: NodeIndex, now: MonotonicMs): number =>
  routing.scope.isTold(origin) ? obtainRow(table, origin, now) : rowOf(table, origin);

const isFirstCopy = (net: Net, row: number, { origin, sequence }: PacketHeader): boolean =>
  row < 0 ? net.recent.mark(origin, sequence) : markSeen(net.table, row, sequence);

const isForUs = (net: Net, destination: NodeIndex): boolean =>
  addressesMany(destination)
    ? concerns(destination, net.config.addressOf(net.config.self))
    : destination === net.config.self;

function acknowledge(net: Net, to: NodeIndex, header: PacketHeader): void {
  const entries = net.acks.get(to) ?? [];
  if (entries.length < ACKS_MAX) entries.push({ origin: header.origin, sequence: header.sequence });
  net.acks.set(to, entries);
}

function deliverUp(turn: Turn, header: PacketHeader, content: Uint8Array): void {
  const { net, now, emit } = turn;
  const { origin, trafficClass } = header;
  let payload = content;
  if (header.fragment) {
    const fragment = readFragment(content);
    if (!fragment.ok) {
      drop(turn, "malformed", header);
      return;
    }
    const added = net.reassembly.add(origin, fragment.value, now, now + header.lifetimeMs);
    if (added.kind === "refused") drop(turn, "malformed", header);
    if (added.kind !== "whole") return;
    payload = added.message;
  }
  net.counters.delivered += 1;
  emit({ kind: "deliver", from: origin, payload, trafficClass, hops: header.hops + 1 });
}

function forward(
  turn: Turn,
  heard: {
    readonly input: PacketInput;
    readonly header: PacketHeader;
    readonly senderRow: number;
    readonly originRow: number;
  },
): void {
  const { net, now } = turn;
  const { input, header } = heard;
  // A node that declines to relay still forwards what was addressed to it as the next hop.
  if (header.flood && net.own?.notes.relay === false) return;
  if (header.ttl <= 1) {
    drop(turn, "ttl", header);
    return;
  }
  const onward = { ...header, ttl: header.ttl - 1, hops: Math.min(255, header.hops + 1) };
  // What was carried to the own cluster has arrived: from here on it is a flood.
  const isAtCluster = !header.flood && header.destination === ownAddress(net);
  if (isAtCluster) Object.assign(onward, { flood: true, ackWanted: false });
  const packet: Waiting = {
    header: onward,
    bytes: input.bytes.slice(),
    expiresMs: now + header.lifetimeMs,
    again: false,
  };
  writeHeader(packet.bytes, onward);
  if (!header.flood) {
    net.counters.forwarded += 1;
    if (!net.queue.add([packet])) drop(turn, "queueFull", header);
    return;
  }
  const { senderRow, originRow } = heard;
  const { upCount: neighbors } = net;
  const held = { packet, senderRow, originRow, snrDb: input.snrDb, nowMs: now, neighbors };
  const crowdedOut = net.floods.hold(net.table, held, net.stream, net.config.addressOf);
  if (crowdedOut !== undefined) repeatFlood(turn, crowdedOut);
}

function repeatFlood(turn: Turn, packet: Waiting): void {
  turn.net.counters.forwarded += 1;
  if (!turn.net.queue.add([packet])) drop(turn, "queueFull", packet.header);
}

/** Work whose time has come: floods, repeats, retries, unrouted packets. */
export function workDue(turn: Turn): void {
  const { net, now } = turn;
  for (const packet of net.floods.takeDue(net.table, now, net.config.addressOf))
    repeatFlood(turn, packet);
  const repeats = net.repeats.filter((it) => it.dueMs <= now);
  if (repeats.length > 0) net.repeats = net.repeats.filter((it) => it.dueMs > now);
  for (const { packet } of repeats) {
    if (packet.expiresMs > now) net.queue.add([packet]);
  }
  for (const packet of net.confirmations.takeUnanswered(now, net.upCount)) {
    net.counters.retransmitted += 1;
    net.queue.add([{ ...packet, again: true }]);
  }
  for (const entry of net.retries.takeDue(now)) retry(turn, entry);
  net.reassembly.expire(now);
  for (let left = net.reassembly.takeGivenUp(); left > 0; left -= 1) {
    const origin = net.config.self;
    drop(turn, "reassembly", { trafficClass: TrafficClass.bulk, origin });
  }
}

/** No acknowledgement came: the link looks worse, and the packet goes again, maybe another way. */
function retry(turn: Turn, entry: InFlight): void {
  const { net, now } = turn;
  const row = rowOf(net.table, entry.nextHop);
  if (row >= 0) {
    countTry(net.table, row, false, now);
    judgeLink(turn, row);
  }
  const { header } = entry.packet;
  if (!net.retries.mayTryAgain(entry, now)) {
    drop(turn, entry.packet.expiresMs <= now ? "expired" : "unacknowledged", header);
    return;
  }
  const nextHop = nextHopTo(net, header.destination) ?? entry.nextHop;
  net.counters.retransmitted += 1;
  transmit(turn, entry.packet, nextHop);
  net.retries.again(entry, nextHop, now, net.stream);
}

/** Packets that found no route try again: something changed, or they expire. */
export function retryUnrouted(turn: Turn): void {
  const { net, now } = turn;
  const waiting = net.unrouted;
  net.unrouted = [];
  for (const packet of waiting) {
    if (packet.expiresMs <= now) drop(turn, "noRoute", packet.header);
    else if (!net.queue.add([packet])) drop(turn, "queueFull", packet.header);
  }
}

/** Share of the air that all nodes of a cell together may plan with. */
const AIR_SHARE_MAX = 0.7;
const AIR_SHARE_MIN = 0.02;

/** What others leave of the usable air, at least a fair part of it. */
export function airShare(net: Net, nowMs: number): number {
  const othersRatio = Math.max(0, net.meter.busyRatio - net.meter.ownRatioTotal(nowMs));
  const fair = AIR_SHARE_MAX / (net.upCount + 1);
  return Math.max(AIR_SHARE_MIN, fair, AIR_SHARE_MAX - othersRatio);
}

/** Lets waiting packets go, as many as their classes may. */
export function pump(turn: Turn): void {
  const { net, now } = turn;
  if (net.queue.length > 0) {
    net.queue.refill(now, airShare(net, now));
    const lowest = now < net.holdUntilMs ? TrafficClass.emergency : TrafficClass.bulk;
    for (;;) {
      const packet = net.queue.next(now, lowest);
      if (packet === undefined) break;
      dispatch(turn, packet);
    }
  }
  if (net.queue.hasDropped) {
    for (const { header, expiresMs } of net.queue.takeDropped()) {
      drop(turn, expiresMs <= now ? "expired" : "queueFull", header);
    }
  }
  if (net.acks.size > 0) {
    for (const [to, entries] of net.acks) sendAck(turn, to, entries);
    net.acks.clear();
  }
}

function dispatch(turn: Turn, packet: Waiting): void {
  const { net, now } = turn;
  const { header } = packet;
  if (header.flood) {
    const carrier = carrierOf(net, header);
    if (carrier !== undefined) {
      carry(turn, packet, carrier);
      return;
    }
    transmit(turn, packet, BROADCAST);
    if (isAnswered(net, packet)) net.confirmations.watch(packet, now, net.table.words);
    return;
  }
  const nextHop = nextHopTo(net, header.destination);
  if (nextHop === undefined) {
    keepUnrouted(turn, packet);
    return;
  }
  transmit(turn, packet, nextHop);
  if (header.ackWanted && !net.retries.isFull) net.retries.watch(packet, nextHop, now, net.stream);
}

/**
 * The next hop for a flood to a cluster of which nobody is in reach: it is carried there as a
 * unicast, and whoever of the cluster gets it first floods it. An emergency is flooded all the way.
 */
function carrierOf(net: Net, { destination, trafficClass }: PacketHeader): NodeIndex | undefined {
  const isCluster = destination !== BROADCAST && addressesMany(destination);
  if (!isCluster || trafficClass === TrafficClass.emergency) return undefined;
  const { table, config } = net;
  for (let row = 0, end = rowsEnd(table); row < end; row += 1) {
    if (table.peers[row] === NO_PEER || table.state[row] !== LinkState.up) continue;
    if (config.addressOf(table.peers[row]!) === destination) return undefined;
  }
  return nextHopToCluster(net, destination);
}

function carry(turn: Turn, packet: Waiting, nextHop: NodeIndex): void {
  const { net, now } = turn;
  const ackWanted = packet.header.trafficClass !== TrafficClass.bulk;
  const carried = { ...packet, header: { ...packet.header, flood: false, ackWanted } };
  transmit(turn, carried, nextHop);
  if (ackWanted && !net.retries.isFull) net.retries.watch(carried, nextHop, now, net.stream);
}

/** Own broadcasts of kinds that are answered at once, at their first sending. */
const isAnswered = (net: Net, { header, again }: Waiting): boolean =>
  crowdOf(net) <= CELL_SMALL &&
  header.origin === net.config.self &&
  addressesMany(header.destination) &&
  !header.fragment &&
  isReliable(header.trafficClass) &&
  !again;

function keepUnrouted(turn: Turn, packet: Waiting): void {
  const { net } = turn;
  if (packet.header.trafficClass <= TrafficClass.command) {
    const header = { ...packet.header, flood: true, ackWanted: false };
    writeHeader(packet.bytes, header);
    transmit(turn, { ...packet, header }, BROADCAST);
    return;
  }
  net.unrouted.push(packet);
  if (net.unrouted.length > UNROUTED_MAX) {
    const oldest = net.unrouted.shift();
    if (oldest !== undefined) drop(turn, "noRoute", oldest.header);
  }
}

/** Long frames of coordination are handshakes and keys: what is agreed on passes them. */
const LONG_BYTES = 500;

const accessOf = (trafficClass: TrafficClass, length: number): AccessClass =>
  trafficClass === TrafficClass.coordination && length > LONG_BYTES
    ? "bestEffort"
    : ACCESS[trafficClass]!;

function transmit(turn: Turn, packet: Waiting, nextHop: NodeIndex): void {
  const { net, now, emit } = turn;
  const { header } = packet;
  const bytes = packet.bytes.slice();
  writeHeader(bytes, { ...header, nextHop, lifetimeMs: packet.expiresMs - now });
  const channel = channelFor(net, header, nextHop);
  stampPacket(bytes, channel, nextLinkSequence(net, channel));
  const airTimeUs = frameAirTimeUs(bytes.length + HOP_SEAL_BYTES, net.config.rateMbps);
  net.meter.sent(now, packet.header.trafficClass, airTimeUs);
  net.queue.spend(airTimeUs);
  const access = accessOf(packet.header.trafficClass, bytes.length);
  const expiresAt = after(now, packet.expiresMs - now);
  emit({ kind: "transmit", bytes, nextHop, channel, access, expiresAt });
}

/** A flood to the own cluster is for those that listen on its channel, an emergency for all. */
function channelFor(net: Net, header: PacketHeader, nextHop: NodeIndex): MeshChannel {
  if (!header.flood) return channelTo(net, nextHop);
  const isEmergency = header.trafficClass === TrafficClass.emergency;
  return isEmergency ? "common" : channelTo(net, header.destination);
}

/** An acknowledgement later than this is of no use: the packet has gone again. */
const ACK_LIFETIME_MS = 50;

function sendAck(
  { net, now, emit }: Turn,
  to: NodeIndex,
  entries: readonly { readonly origin: number; readonly sequence: number }[],
): void {
  const channel = channelTo(net, to);
  const bytes = encodeAck(0, to, entries);
  stampPacket(bytes, channel, nextLinkSequence(net, channel));
  const airTimeUs = frameAirTimeUs(bytes.length + HOP_SEAL_BYTES, net.config.rateMbps);
  net.meter.sent(now, BEACON_METER, airTimeUs);
  const expiresAt = after(now, ACK_LIFETIME_MS);
  emit({ kind: "transmit", bytes, nextHop: to, channel, access: "voice", expiresAt });
}

/** The neighbor to give a packet for `destination` to, or undefined. */
export function nextHopTo(net: Net, destination: NodeIndex): NodeIndex | undefined {
  const { table } = net;
  const row = rowOf(table, destination);
  const via = row < 0 ? -1 : table.via[row]!;
  if (via >= 0) return table.peers[via]! as NodeIndex;
  const isCluster = addressesMany(destination);
  const address = isCluster ? destination : net.config.addressOf(destination);
  const towards = nextHopToCluster(net, address);
  return towards ?? (row < 0 ? undefined : greedyNextHop(net, row));
}

/** A step must gain at least this much: positions are not exact. */
const GREEDY_GAIN_M = 10;
/** Older positions lead nowhere. */
const GREEDY_AGE_MAX_MS = 60_000;

function greedyNextHop(net: Net, row: number): NodeIndex | undefined {
  const { table } = net;
  const self = selfMotion(net);
  const isPlaced =
    (table.flags[row]! & BeaconFlag.positionValid) !== 0 &&
    net.nowMs - table.beaconMs[row]! <= GREEDY_AGE_MAX_MS;
  if (self === undefined || !isPlaced) return undefined;
  const toDestinationM = (northM: number, eastM: number): number => {
    const [dn, de] = [table.northM[row]! - northM, table.eastM[row]! - eastM];
    return Math.sqrt(dn * dn + de * de);
  };
  let nearestM = toDestinationM(self.northM, self.eastM) - GREEDY_GAIN_M;
  let best: NodeIndex | undefined;
  for (let other = 0, end = rowsEnd(table); other < end; other += 1) {
    if (table.peers[other] === NO_PEER || table.state[other] !== LinkState.up) continue;
    const isUseful = inRatioNow(table, other, net.nowMs) > 0.5;
    const awayM = toDestinationM(table.northM[other]!, table.eastM[other]!);
    if (!isUseful || awayM >= nearestM) continue;
    nearestM = awayM;
    best = table.peers[other]! as NodeIndex;
  }
  return best;
}
