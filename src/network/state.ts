/**
 * What a network machine holds, as one bag of parts that each own their bounds, with the save and
 * load of the whole. The free functions of `presence.ts` and `forwarding.ts` work on it.
 */
import {
  BROADCAST,
  SeededStream,
  Timers,
  type ByteReader,
  type ByteWriter,
  type Emit,
  type MonotonicMs,
  type NodeIndex,
} from "../base/mod.ts";
import type { VehicleSample } from "../hal/mod.ts";
import { AirTimeMeter } from "./airtime.ts";
import { Confirmations } from "./confirm.ts";
import { Floods } from "./flood.ts";
import { Reassembly } from "./fragment.ts";
import type { AckEntry } from "./packet.ts";
import { createAreas, loadAreas, saveAreas, type Areas } from "./areas.ts";
import { createPeers, loadPeers, peerCount, savePeers, type PeerTable } from "./peers.ts";
import { RecentPackets } from "./recent.ts";
import { loadWaiting, saveWaiting, SendQueue, type Waiting } from "./queue.ts";
import { HopRetries } from "./reliable.ts";
import {
  createRouting,
  NODES,
  type HeardRoute,
  type RoutingScope,
  type RoutingState,
} from "./routing.ts";
import type {
  DropReason,
  MeshChannel,
  NetworkOut,
  PlanPoint,
  SelfNotes,
  TrafficClass,
} from "./types.ts";

export interface NetworkConfig {
  readonly self: NodeIndex;
  /** For jitter and start values; a new one each boot, so that a restart shows. */
  readonly seed: number;
  /** Peers kept, a multiple of 32: all in radio reach and all of the cluster. */
  readonly peersMax: number;
  /** Rate of the mesh radio's frames, for their air time. */
  readonly rateMbps: number;
  /**
   * Beacons a second when nothing is near, and when something is. The air-time meter may slow both.
   */
  readonly beaconHz: number;
  readonly beaconNearHz: number;
  /** After boot only direct routes are followed for this long (see `routing.ts`). */
  readonly routeGuardMs: number;
  /**
   * The address of a node's cluster, or `BROADCAST` for one that follows every cluster; asked again
   * each time, because nodes move between clusters. A cluster's floods end at whoever is neither in
   * it nor next to somebody who is.
   */
  readonly addressOf: (peer: number) => number;
  /** Clusters to which routes are kept. */
  readonly clustersMax: number;
}

export const NETWORK_DEFAULTS: Omit<NetworkConfig, "self" | "seed"> = Object.freeze({
  peersMax: 128,
  rateMbps: 6.5,
  beaconHz: 1,
  beaconNearHz: 4,
  routeGuardMs: 3000,
  addressOf: () => BROADCAST,
  clustersMax: 64,
});

export interface Counters {
  sent: number;
  delivered: number;
  forwarded: number;
  retransmitted: number;
  duplicates: number;
  controlBytes: number;
  beacons: number;
  readonly dropped: Record<DropReason, number>;
}

export const DROP_REASONS: readonly DropReason[] = [
  "expired",
  "queueFull",
  "noRoute",
  "unacknowledged",
  "ttl",
  "malformed",
  "tooLarge",
  "reassembly",
];

export interface OwnState {
  readonly sample: VehicleSample;
  readonly plan: readonly PlanPoint[];
  readonly notes: SelfNotes;
  readonly atMs: MonotonicMs;
}

/** An emergency said again by its origin. */
export interface Repeat {
  readonly packet: Waiting;
  readonly dueMs: number;
}

export type TimerName = "beacon" | "refresh" | "routes" | "areas";

export interface Net {
  readonly config: NetworkConfig;
  readonly table: PeerTable;
  readonly routing: RoutingState;
  /** Routes to the clusters. */
  readonly areas: Areas;
  /** Packets of origins that have no row. */
  readonly recent: RecentPackets;
  readonly meter: AirTimeMeter;
  readonly queue: SendQueue;
  readonly retries: HopRetries;
  readonly floods: Floods;
  readonly confirmations: Confirmations;
  readonly reassembly: Reassembly;
  readonly stream: SeededStream;
  readonly timers: Timers<TimerName>;
  readonly counters: Counters;
  /** Scratch, no state: one object for all announcements of all beacons. */
  readonly heard: HeardRoute;
  own: OwnState | undefined;
  bootTag: number;
  linkSequence: number;
  /** As `linkSequence`, of what was sent on the cluster's channel. */
  clusterSequence: number;
  sequence: number;
  messageId: number;
  beaconMs: number;
  routesMs: number;
  /** Own messages wait until then, emergencies apart. */
  holdUntilMs: number;
  /** Row at which the next beacon's link report begins. */
  linkRotation: number;
  upCount: number;
  /** How often links were judged, modulo 2^16. */
  refreshes: number;
  /** Packets for which no route is known yet, oldest first. */
  unrouted: Waiting[];
  repeats: Repeat[];
  /** Acknowledgements to send at the end of this step, by neighbor; empty between steps. */
  acks: Map<NodeIndex, AckEntry[]>;
  nowMs: MonotonicMs;
}

/** What a step hands down to the functions that do its work. */
export interface Turn {
  readonly net: Net;
  readonly now: MonotonicMs;
  readonly emit: Emit<NetworkOut>;
}

export function createNet(config: NetworkConfig): Net {
  const stream = new SeededStream(config.seed, "network", config.self);
  const table = createPeers(config.peersMax);
  return {
    config,
    table,
    routing: createRouting(config.self, stream.below(0x10000), nodesScope(config)),
    areas: createAreas(config, table),
    recent: new RecentPackets(),
    meter: new AirTimeMeter(),
    queue: new SendQueue(),
    retries: new HopRetries(),
    floods: new Floods(),
    confirmations: new Confirmations(),
    reassembly: new Reassembly(),
    stream,
    timers: new Timers<TimerName>(["beacon", "refresh", "routes", "areas"]),
    counters: createCounters(),
    heard: { crowded: false, viaRow: 0, nowMs: 0, destination: 0, sequence: 0, metric: 0 },
    own: undefined,
    bootTag: stream.below(0x10000),
    linkSequence: stream.below(0x10000),
    clusterSequence: 0,
    sequence: stream.u32(),
    messageId: stream.below(0x10000),
    beaconMs: -Infinity,
    routesMs: -Infinity,
    holdUntilMs: -Infinity,
    linkRotation: 0,
    upCount: 0,
    refreshes: 0,
    unrouted: [],
    repeats: [],
    acks: new Map(),
    nowMs: 0 as MonotonicMs,
  };
}

/**
 * Routes to nodes stay inside the cluster, apart from those to nodes that follow every cluster: of
 * a node of another cluster only the direct link is used.
 */
function nodesScope({ self, addressOf }: NetworkConfig): RoutingScope {
  const isTold = (destination: number): boolean => {
    const address = addressOf(destination);
    return address === BROADCAST || address === addressOf(self);
  };
  return { ...NODES, isTold };
}

/** The own cluster's address; `BROADCAST` without clusters, and for who follows all of them. */
export const ownAddress = ({ config }: Net): number => config.addressOf(config.self);

/** The channel on which a neighbor, or all of the own cluster, is to hear a packet. */
export const channelTo = (net: Net, to: number): MeshChannel => {
  const own = ownAddress(net);
  if (own === BROADCAST || to === BROADCAST) return "common";
  return to === own || net.config.addressOf(to) === own ? "cluster" : "common";
};

function createCounters(): Counters {
  const dropped: Record<DropReason, number> = {
    expired: 0,
    queueFull: 0,
    noRoute: 0,
    unacknowledged: 0,
    ttl: 0,
    malformed: 0,
    tooLarge: 0,
    reassembly: 0,
  };
  return {
    sent: 0,
    delivered: 0,
    forwarded: 0,
    retransmitted: 0,
    duplicates: 0,
    controlBytes: 0,
    beacons: 0,
    dropped,
  };
}

/** In a cell of this many everyone may speak when it has something to say. */
export const CELL_SMALL = 8;

/** Nodes that share the air with this one: those in reach, and at first all that there may be. */
export const crowdOf = (net: Net): number =>
  net.nowMs < net.routing.guardUntilMs || net.own === undefined
    ? Math.max(net.upCount, peerCount(net.table))
    : net.upCount;

/** Counts a drop and tells it. */
export function drop(
  { net, emit }: Turn,
  reason: DropReason,
  what: { readonly trafficClass: TrafficClass; readonly origin: NodeIndex },
): void {
  net.counters.dropped[reason] += 1;
  emit({ kind: "dropped", reason, trafficClass: what.trafficClass, origin: what.origin });
}

export function nextLinkSequence(net: Net, channel: MeshChannel = "common"): number {
  if (channel === "cluster") {
    net.clusterSequence = (net.clusterSequence + 1) & 0xffff;
    return net.clusterSequence;
  }
  net.linkSequence = (net.linkSequence + 1) & 0xffff;
  return net.linkSequence;
}

const COUNTER_NAMES = [
  "sent",
  "delivered",
  "forwarded",
  "retransmitted",
  "duplicates",
  "controlBytes",
  "beacons",
] as const;

export const UNROUTED_MAX = 32;
export const REPEATS_MAX = 64;

type Part = Pick<SendQueue, "save" | "load">;

const partsOf = (net: Net): readonly Part[] => [
  net.recent,
  net.meter,
  net.queue,
  net.retries,
  net.floods,
  net.confirmations,
  net.reassembly,
];

export function saveNet(net: Net, to: ByteWriter): void {
  savePeers(net.table, to);
  const { routing } = net;
  to.u16(routing.sequence).f64(routing.raisedMs).u16(routing.rotation);
  to.f64(routing.guardUntilMs).bool(routing.hasUrgent);
  saveAreas(net.areas, to);
  for (const part of partsOf(net)) part.save(to);
  net.stream.save(to);
  net.timers.save(to);
  for (const name of COUNTER_NAMES) to.safe(net.counters[name]);
  for (const reason of DROP_REASONS) to.safe(net.counters.dropped[reason]);
  to.bool(net.own !== undefined);
  if (net.own !== undefined) saveOwn(net.own, to);
  to.u16(net.bootTag).u16(net.linkSequence).u16(net.clusterSequence);
  to.u32(net.sequence).u16(net.messageId);
  to.f64(net.beaconMs)
    .f64(net.routesMs)
    .f64(net.holdUntilMs)
    .u16(net.linkRotation)
    .u16(net.upCount)
    .u16(net.refreshes)
    .f64(net.nowMs);
  saveWaiting(net.unrouted, to);
  saveWaiting(
    net.repeats.map((it) => it.packet),
    to,
  );
  for (const it of net.repeats) to.f64(it.dueMs);
}

export function loadNet(net: Net, from: ByteReader): void {
  loadPeers(net.table, from);
  const { routing } = net;
  routing.sequence = from.u16();
  routing.raisedMs = from.f64();
  routing.rotation = from.u16();
  routing.guardUntilMs = from.f64();
  routing.hasUrgent = from.bool();
  loadAreas(net.areas, from);
  for (const part of partsOf(net)) part.load(from);
  net.stream.load(from);
  net.timers.load(from);
  for (const name of COUNTER_NAMES) net.counters[name] = from.safe();
  for (const reason of DROP_REASONS) net.counters.dropped[reason] = from.safe();
  net.own = from.bool() ? loadOwn(from) : undefined;
  net.bootTag = from.u16();
  net.linkSequence = from.u16();
  net.clusterSequence = from.u16();
  net.sequence = from.u32();
  net.messageId = from.u16();
  net.beaconMs = from.f64();
  net.routesMs = from.f64();
  net.holdUntilMs = from.f64();
  net.linkRotation = from.u16();
  net.upCount = from.u16();
  net.refreshes = from.u16();
  net.nowMs = from.f64() as MonotonicMs;
  net.unrouted = loadWaiting(from, UNROUTED_MAX);
  net.repeats = loadWaiting(from, REPEATS_MAX).map((packet) => ({ packet, dueMs: from.f64() }));
}

function saveOwn({ sample, plan, notes, atMs }: OwnState, to: ByteWriter): void {
  to.f64(atMs);
  savePosition(sample.position, to);
  to.f64(sample.velocity.northMps).f64(sample.velocity.eastMps).f64(sample.velocity.downMps);
  to.f64(sample.yawRad).f64(sample.positionErrorM).bool(sample.positionValid);
  to.f64(sample.altitudeAglM ?? NaN)
    .f64(sample.batteryRatio)
    .f64(sample.batteryFullWh);
  to.f64(sample.powerW).f64(sample.windNorthMps).f64(sample.windEastMps).text(sample.mode);
  to.bool(sample.armed).bool(sample.inAir).bool(sample.released).bool(sample.ready);
  to.u8(plan.length);
  for (const point of plan) {
    savePosition(point.position, to);
    to.f64(point.afterS);
  }
  to.bool(notes.relay)
    .bool(notes.ground)
    .safe(notes.keyEpoch)
    .u16(notes.head ?? 0xffff);
}

function savePosition(position: VehicleSample["position"], to: ByteWriter): void {
  to.f64(position.northM).f64(position.eastM).f64(position.altitudeAmslM);
}

function loadOwn(from: ByteReader): OwnState {
  const atMs = from.f64() as MonotonicMs;
  const position = loadPosition(from);
  const velocity = { northMps: from.f64(), eastMps: from.f64(), downMps: from.f64() };
  const yawRad = from.f64();
  const positionErrorM = from.f64();
  const positionValid = from.bool();
  const aglM = from.f64();
  const sample: VehicleSample = {
    position,
    velocity,
    yawRad,
    positionErrorM,
    positionValid,
    altitudeAglM: Number.isNaN(aglM) ? undefined : aglM,
    batteryRatio: from.f64(),
    batteryFullWh: from.f64(),
    powerW: from.f64(),
    windNorthMps: from.f64(),
    windEastMps: from.f64(),
    mode: from.text() as VehicleSample["mode"],
    armed: from.bool(),
    inAir: from.bool(),
    released: from.bool(),
    ready: from.bool(),
  };
  const plan = Array.from({ length: from.u8() }, () => ({
    position: loadPosition(from),
    afterS: from.f64(),
  }));
  const relay = from.bool();
  const ground = from.bool();
  const keyEpoch = from.safe();
  const head = from.u16();
  const notes = {
    relay,
    ground,
    keyEpoch,
    head: head === 0xffff ? undefined : (head as NodeIndex),
  };
  return { sample, plan, notes, atMs };
}

function loadPosition(from: ByteReader): VehicleSample["position"] {
  return { northM: from.f64(), eastM: from.f64(), altitudeAmslM: from.f64() };
}
