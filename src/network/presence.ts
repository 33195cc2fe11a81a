/**
 * Presence: hearing beacons into the peer table, sending the own, and judging links twice a second.
 *
 * Hearing is the hottest path of a swarm (each beacon once per receiver), so it reads fixed offsets
 * into columns and makes no object. Judging costs a prediction per neighbor and is done at leisure.
 */
import { addressesMany, after, BROADCAST, NEVER, type NodeIndex } from "../base/mod.ts";
import { hasAreas, joinArea, ownAnnouncement, paceAreas, SPEAK_EVERY_MS } from "./areas.ts";
import {
  At,
  BeaconFlag,
  encodeBeacon,
  isBeacon,
  keyEpochOf,
  linkStart,
  LINKS_MAX,
  planStart,
  REQUEST_BYTES,
  REQUESTS_MAX,
  ROUTE_BYTES,
  ROUTES_MAX,
  routeStart,
  writeRouting,
  type LinkEntry,
  type RouteEntry,
  type RouteRequest,
} from "./beacon.ts";
import { BEACON_METER, frameAirTimeUs } from "./airtime.ts";
import { forgetSeen } from "./duplicates.ts";
import { noteCover } from "./flood.ts";
import type { Motion } from "./lifetime.ts";
import { countFrame, hearReport, inRatioNow, refreshLink, upCount } from "./links.ts";
import { readI16, readI32, readU16, writeU16 } from "./octets.ts";
import { HOP_SEAL_BYTES, PacketKind, stampPacket, startPacket } from "./packet.ts";
import {
  LinkState,
  NO_PEER,
  obtainRow,
  PLAN_FLOATS,
  rowOf,
  type PeerTable,
  rowsEnd,
} from "./peers.ts";
import {
  ageRoutes,
  askForAllVia,
  forgetVia,
  hearRequest,
  hearRoute,
  linkChanged,
  ownSequence,
  takeAnnouncements,
  takeRequests,
} from "./routing.ts";
import {
  CELL_SMALL,
  channelTo,
  crowdOf,
  drop,
  nextLinkSequence,
  ownAddress,
  type Net,
  type Turn,
} from "./state.ts";
import { TrafficClass, type MeshChannel, type NetworkIn } from "./types.ts";

type HeardBeacon = Extract<NetworkIn, { kind: "beacon" }>;

/** Averages over this many frames. */
const SIGNAL_FRAMES = 8;
const GAP_SAMPLES = 16;
/** A gap longer than this is an absence: it is no sample of the peer's rhythm. */
const GAP_MAX = 20;
/** A newcomer is greeted by a beacon within this time, so that links are two-way soon. */
const GREET_MIN_MS = 5;
const GREET_MAX_MS = 60;

export function hearBeacon(turn: Turn, input: HeardBeacon): void {
  const { net, now } = turn;
  const { body, from } = input;
  net.meter.heard(now, true);
  if (from === net.config.self) return;
  if (!isBeacon(body)) {
    drop(turn, "malformed", { trafficClass: TrafficClass.state, origin: from });
    return;
  }
  const { table } = net;
  const row = obtainRow(table, from, now, input.snrDb);
  if (row < 0) return;
  const bootTag = readU16(body, At.bootTag);
  if (table.beaconMs[row]! > -Infinity && table.bootTag[row] !== bootTag) restarted(net, row);
  const isNew = table.beaconMs[row] === -Infinity;
  table.bootTag[row] = bootTag;
  noteRhythm(table, row, now);
  hearFrame(net, row, input, { linkSequence: readU16(body, At.linkSequence), channel: "common" });
  table.intervalMs[row] = readU16(body, At.intervalMs);
  readClaims(table, row, body);
  table.beaconMs[row] = now;
  table.verified[row] = input.trust === "verified" ? 1 : 0;
  const hearsUs = readLinks(net, row, body, now);
  readRoutes(net, row, body, now);
  if (table.state[row] !== LinkState.up) judgeLink(turn, row);
  // With a full list we may merely not be in this part of the rotation.
  if (isNew || (!hearsUs && body[At.linkCount]! < LINKS_MAX)) greet(net);
}

/** A frame of any kind: signal, losses, the last time heard. */
export function hearFrame(
  { table, nowMs }: Net,
  row: number,
  signal: { readonly rssiDbm: number; readonly snrDb: number },
  stamp: { readonly linkSequence: number; readonly channel: MeshChannel },
): void {
  const isFirst = table.heardMs[row] === -Infinity;
  const share = isFirst ? 1 : 1 / SIGNAL_FRAMES;
  table.rssiDbm[row]! += (signal.rssiDbm - table.rssiDbm[row]!) * share;
  table.snrDb[row]! += (signal.snrDb - table.snrDb[row]!) * share;
  table.heardMs[row] = nowMs;
  countFrame(table, row, stamp.linkSequence, stamp.channel);
}

function restarted(net: Net, row: number): void {
  forgetSeen(net.table, row);
  net.table.frames[row] = 0;
  net.table.clusterKnown[row] = 0;
  net.table.outRatio[row] = 0;
  forgetVia(net.table, net.routing, row, net.nowMs);
  forgetVia(net.areas.table, net.areas.routing, row, net.nowMs);
}

/** Gaps between beacons, in units of the announced interval: what phi accrual needs. */
function noteRhythm(table: PeerTable, row: number, nowMs: number): void {
  const gap = (nowMs - table.beaconMs[row]!) / table.intervalMs[row]!;
  if (!(gap < GAP_MAX)) return;
  const difference = gap - table.gapMean[row]!;
  table.gapMean[row]! += difference / GAP_SAMPLES;
  table.gapVariance[row]! +=
    (difference * (gap - table.gapMean[row]!) - table.gapVariance[row]!) / GAP_SAMPLES;
}

function readClaims(table: PeerTable, row: number, body: Uint8Array): void {
  const northM = readI32(body, At.northCm) / 100;
  const eastM = readI32(body, At.eastCm) / 100;
  const altitudeM = readI32(body, At.altitudeCm) / 100;
  table.flags[row] = body[At.flags]!;
  table.northM[row] = northM;
  table.eastM[row] = eastM;
  table.altitudeM[row] = altitudeM;
  table.northMps[row] = readI16(body, At.northCmps) / 100;
  table.eastMps[row] = readI16(body, At.eastCmps) / 100;
  table.downMps[row] = readI16(body, At.downCmps) / 100;
  table.errorM[row] = readU16(body, At.errorDm) / 10;
  table.battery[row] = body[At.battery]!;
  table.keyEpoch[row] = keyEpochOf(body);
  table.head[row] = readU16(body, At.head);
  const count = body[At.planCount]!;
  table.planCount[row] = count;
  for (let i = 0, at = planStart(); i < count; i += 1, at += 8) {
    const into = row * PLAN_FLOATS + i * 4;
    table.plan[into] = northM + readI16(body, at) / 2;
    table.plan[into + 1] = eastM + readI16(body, at + 2) / 2;
    table.plan[into + 2] = altitudeM + readI16(body, at + 4) / 2;
    table.plan[into + 3] = readU16(body, at + 6) / 10;
  }
}

/**
 * Whom the sender hears: us (our way out), and others (whom it reaches, and that they live). True
 * when we are named.
 */
function readLinks(net: Net, row: number, body: Uint8Array, nowMs: number): boolean {
  const { table } = net;
  let hearsUs = false;
  const end = linkStart(body) + 4 * body[At.linkCount]!;
  for (let at = linkStart(body); at < end; at += 4) {
    const peer = readU16(body, at);
    const ratio = body[at + 2]! / 255;
    const age = body[at + 3]!;
    const heardAtMs = nowMs - age * 100;
    if (peer === net.config.self) {
      if (age < 255) hearReport(table, row, ratio, heardAtMs);
      hearsUs = true;
      continue;
    }
    const other = rowOf(table, peer);
    if (other < 0) continue;
    noteCover(table, { byRow: row, ofRow: other, ratio: age < 100 ? ratio : 0 });
    if (age < 255 && heardAtMs > table.indirectMs[other]!) table.indirectMs[other] = heardAtMs;
  }
  return hearsUs;
}

function readRoutes(net: Net, row: number, body: Uint8Array, nowMs: number): void {
  hearSource(net, row, readU16(body, At.originSequence), nowMs);
  readRoutingAt(net, row, body, {
    at: routeStart(body),
    routes: body[At.routeCount]!,
    requests: body[At.requestCount]!,
    nowMs,
  });
}

/** The sender as the source of its own address: metric 0. */
function hearSource(net: Net, row: number, sequence: number, nowMs: number): void {
  const { heard, table } = net;
  heard.viaRow = row;
  heard.nowMs = nowMs;
  heard.crowded = net.upCount > CELL_SMALL;
  heard.destination = table.peers[row]!;
  heard.sequence = sequence;
  heard.metric = 0;
  hearRoute(table, net.routing, heard);
}

function readRoutingAt(
  net: Net,
  row: number,
  bytes: Uint8Array,
  part: {
    readonly at: number;
    readonly routes: number;
    readonly requests: number;
    readonly nowMs: number;
  },
): void {
  const { heard, table, routing, areas } = net;
  const crowded = net.upCount > CELL_SMALL;
  heard.viaRow = row;
  heard.nowMs = part.nowMs;
  heard.crowded = crowded;
  let { at } = part;
  for (let i = 0; i < part.routes; i += 1, at += ROUTE_BYTES) {
    heard.destination = readU16(bytes, at);
    heard.sequence = readU16(bytes, at + 2);
    heard.metric = readU16(bytes, at + 4);
    if (addressesMany(heard.destination)) hearRoute(areas.table, areas.routing, heard);
    else hearRoute(table, routing, heard);
  }
  for (let i = 0; i < part.requests; i += 1, at += REQUEST_BYTES) {
    const request = { destination: readU16(bytes, at), sequence: readU16(bytes, at + 2) };
    const asked = { request, nowMs: part.nowMs, crowded };
    if (addressesMany(request.destination)) hearRequest(areas.table, areas.routing, asked);
    else hearRequest(table, routing, asked);
  }
}

/** The first announcement of a routes packet is its sender's own. */
const ROUTES_HEADER_BYTES = 7;
const URGENT_ROUTES_MAX = 64;
const URGENT_REQUESTS_MAX = 32;

/** Reads a routes packet of the neighbor in `row`; false when it is malformed. */
export function hearRoutesPacket(net: Net, row: number, bytes: Uint8Array, nowMs: number): boolean {
  const routes = bytes[1]!;
  const requests = bytes[4] ?? 0;
  const length = ROUTES_HEADER_BYTES + ROUTE_BYTES * routes + REQUEST_BYTES * requests;
  if (bytes.length !== length || routes > URGENT_ROUTES_MAX) return false;
  if (requests > URGENT_REQUESTS_MAX) return false;
  hearSource(net, row, readU16(bytes, 5), nowMs);
  readRoutingAt(net, row, bytes, { at: ROUTES_HEADER_BYTES, routes, requests, nowMs });
  return true;
}

/** Sends urgent announcements and requests; in a round also what is to be said of clusters. */
export function sendRoutes(turn: Turn, isRound = false): void {
  const { net, now } = turn;
  const { table, routing } = net;
  routing.hasUrgent = false;
  net.routesMs = now;
  const options = { max: URGENT_ROUTES_MAX, urgentOnly: true, nowMs: now };
  const routes = takeAnnouncements(table, routing, options);
  const requests = takeRequests(table, URGENT_REQUESTS_MAX);
  if (routes.length === URGENT_ROUTES_MAX || requests.length === URGENT_REQUESTS_MAX) {
    routing.hasUrgent = true;
  }
  if (isRound || net.areas.routing.hasUrgent) addAreas(net, { routes, requests, isRound });
  emitRoutes(turn, routes, requests);
}

/** Announcements of clusters and requests for them, as many as there is room for. */
function addAreas(
  { areas, nowMs }: Net,
  to: {
    readonly routes: RouteEntry[];
    readonly requests: RouteRequest[];
    readonly isRound: boolean;
  },
): void {
  const { table, routing } = areas;
  const { routes, requests, isRound } = to;
  const own = ownAnnouncement(areas, nowMs);
  if (own !== undefined && routes.length < URGENT_ROUTES_MAX) routes.push(own);
  const max = URGENT_ROUTES_MAX - routes.length;
  routes.push(...takeAnnouncements(table, routing, { max, urgentOnly: !isRound, nowMs }));
  requests.push(...takeRequests(table, URGENT_REQUESTS_MAX - requests.length));
  const isFull = routes.length === URGENT_ROUTES_MAX && !isRound;
  routing.hasUrgent = isFull || requests.length === URGENT_REQUESTS_MAX;
}

function emitRoutes(
  { net, now, emit }: Turn,
  routes: readonly RouteEntry[],
  requests: readonly RouteRequest[],
): void {
  const isWide = [...routes, ...requests].some((it) => isToldToAll(net, it.destination));
  const channel = isWide ? "common" : channelTo(net, ownAddress(net));
  const bytes = encodeRoutes(ownSequence(net.routing, now), routes, requests);
  stampPacket(bytes, channel, nextLinkSequence(net, channel));
  net.counters.controlBytes += bytes.length;
  const airTimeUs = frameAirTimeUs(bytes.length + HOP_SEAL_BYTES, net.config.rateMbps);
  net.meter.sent(now, TrafficClass.coordination, airTimeUs);
  const expiresAt = after(now, 500);
  const nextHop = BROADCAST;
  emit({ kind: "transmit", bytes, nextHop, channel, access: "bestEffort", expiresAt });
}

/** A routes packet, yet to be stamped with its channel and link sequence. */
export function encodeRoutes(
  sequence: number,
  routes: readonly RouteEntry[],
  requests: readonly RouteRequest[],
): Uint8Array {
  const bytes = new Uint8Array(
    ROUTES_HEADER_BYTES + ROUTE_BYTES * routes.length + REQUEST_BYTES * requests.length,
  );
  startPacket(bytes, PacketKind.routes, routes.length);
  bytes[4] = requests.length;
  writeU16(bytes, 5, sequence);
  writeRouting(bytes, ROUTES_HEADER_BYTES, routes, requests);
  return bytes;
}

/** Clusters, and the nodes that follow every cluster; without clusters, all nodes. */
const isToldToAll = ({ config }: Net, destination: number): boolean =>
  addressesMany(destination) || config.addressOf(destination) === BROADCAST;

/** One round of announcements of clusters has come to its next packet. */
export function speakOfAreas(turn: Turn): void {
  const { net, now } = turn;
  paceAreas(net.areas);
  const share = net.stream.between(1 - JITTER, 1 + JITTER);
  net.timers.set("areas", after(now, SPEAK_EVERY_MS * share));
  sendRoutes(turn, true);
}

function greet(net: Net): void {
  if (net.own === undefined) return;
  const soonestMs = net.beaconMs + net.meter.beaconIntervalMs(net.nowMs, 10, crowdOf(net));
  const greetMs = net.nowMs + net.stream.between(GREET_MIN_MS, GREET_MAX_MS);
  const atMs = Math.max(soonestMs, greetMs);
  if (atMs < net.timers.at("beacon")) net.timers.set("beacon", after(net.nowMs, atMs - net.nowMs));
}

/** Beacons vary by this share around their interval, so that two nodes do not stay in step. */
const JITTER = 0.15;
/** What the security layer puts around a body: boot nonce, seal, signature, now and then more. */
const SIGNED_SEAL_BYTES = 104;

/** Beacons of a whole cell, however idle it is: more of them tell nothing that is needed. */
const CELL_BEACONS_HZ = 60;

export function sendBeacon({ net, now, emit }: Turn): void {
  const { own } = net;
  if (own === undefined) return;
  const wantedHz = isBusyHere(net) ? net.config.beaconNearHz : net.config.beaconHz;
  const crowd = crowdOf(net);
  const fairHz = CELL_BEACONS_HZ / (crowd + 1);
  const intervalMs = net.meter.beaconIntervalMs(now, Math.min(wantedHz, fairHz), crowd);
  net.timers.set("beacon", after(now, intervalMs * net.stream.between(1 - JITTER, 1 + JITTER)));
  net.beaconMs = now;
  const area = ownAnnouncement(net.areas, now);
  const ofAreas = area === undefined ? [] : [area];
  const options = { max: ROUTES_MAX - ofAreas.length, urgentOnly: false, nowMs: now };
  const body = encodeBeacon({
    ...own,
    linkSequence: nextLinkSequence(net),
    originSequence: ownSequence(net.routing, now),
    intervalMs,
    bootTag: net.bootTag,
    links: reportLinks(net, now),
    routes: [...ofAreas, ...takeAnnouncements(net.table, net.routing, options)],
    requests: takeRequests(net.table, REQUESTS_MAX),
  });
  net.counters.beacons += 1;
  net.counters.controlBytes += body.length;
  const airTimeUs = frameAirTimeUs(body.length + SIGNED_SEAL_BYTES, net.config.rateMbps);
  net.meter.sent(now, BEACON_METER, airTimeUs);
  // A beacon that waited for half an interval says what the next one says better.
  const expiresAt = after(now, intervalMs / 2);
  emit({ kind: "beacon", body, access: "bestEffort", expiresAt });
}

/** Links heard in the last 25 s, rotating when there are more than fit. */
function reportLinks(net: Net, nowMs: number): LinkEntry[] {
  const { table } = net;
  const links: LinkEntry[] = [];
  for (let i = 0, end = rowsEnd(table); i < end && links.length < LINKS_MAX; i += 1) {
    const row = net.linkRotation % end;
    net.linkRotation = row + 1;
    const age = Math.round((nowMs - table.heardMs[row]!) / 100);
    if (table.peers[row] === NO_PEER || !(age < 250)) continue;
    const ratio = Math.round(255 * Math.min(1, inRatioNow(table, row, nowMs)));
    links.push({ peer: table.peers[row]!, ratio, age });
  }
  return links;
}

/** Closer than this soon, positions are wanted more often. */
const NEAR_M = 60;
const NEAR_WITHIN_S = 10;

/** Someone comes near, or a link is about to break: both need fresher positions. */
function isBusyHere(net: Net): boolean {
  const { table } = net;
  const self = selfMotion(net);
  if (self === undefined) return false;
  for (let row = 0, end = rowsEnd(table); row < end; row += 1) {
    if (table.state[row] !== LinkState.up) continue;
    if (table.warned[row] === 1) return true;
    const inAir = (table.flags[row]! & BeaconFlag.inAir) !== 0;
    if (inAir && net.own?.sample.inAir === true && comesNear(self, table, row)) return true;
  }
  return false;
}

/** Closest approach within the next seconds at constant velocities. */
function comesNear(self: Motion, table: PeerTable, row: number): boolean {
  const [x, y, z] = [
    table.northM[row]! - self.northM,
    table.eastM[row]! - self.eastM,
    table.altitudeM[row]! - self.altitudeM,
  ];
  const [u, v, w] = [
    table.northMps[row]! - self.northMps,
    table.eastMps[row]! - self.eastMps,
    self.downMps - table.downMps[row]!,
  ];
  const speed2 = u * u + v * v + w * w;
  const closestS = speed2 > 0 ? -(x * u + y * v + z * w) / speed2 : 0;
  const atS = Math.min(NEAR_WITHIN_S, Math.max(0, closestS));
  const [dx, dy, dz] = [x + u * atS, y + v * atS, z + w * atS];
  return dx * dx + dy * dy + dz * dz < NEAR_M * NEAR_M;
}

/** The own motion from now on, undefined without a trustworthy position. */
export function selfMotion(net: Net): Motion | undefined {
  const { own } = net;
  if (own?.sample.positionValid !== true) return undefined;
  const ageS = (net.nowMs - own.atMs) / 1000;
  const { position, velocity } = own.sample;
  return {
    northM: position.northM + velocity.northMps * ageS,
    eastM: position.eastM + velocity.eastMps * ageS,
    altitudeM: position.altitudeAmslM - velocity.downMps * ageS,
    ...velocity,
    plan: own.plan
      .map((point) => ({
        northM: point.position.northM,
        eastM: point.position.eastM,
        altitudeM: point.position.altitudeAmslM,
        afterS: point.afterS - ageS,
      }))
      .filter((point) => point.afterS > 0),
  };
}

/** Judges all links and routes anew. */
export function refresh(turn: Turn): void {
  const { net, now } = turn;
  const { table } = net;
  const self = selfMotion(net);
  // In a crowd half of the links a time: there are other ways, and they cost as much as all else.
  const every = crowdOf(net) > CELL_SMALL ? 2 : 1;
  net.refreshes = (net.refreshes + 1) & 0xffff;
  for (let row = net.refreshes % every, end = rowsEnd(table); row < end; row += every) {
    if (table.heardMs[row]! > -Infinity) judgeLink(turn, row, self);
  }
  net.upCount = upCount(table);
  ageRoutes(table, net.routing, now);
  refreshAreas(net);
}

/** Follows the own node from cluster to cluster. */
function refreshAreas(net: Net): void {
  const { areas, timers, nowMs } = net;
  joinArea(areas, ownAddress(net), nowMs);
  if (!hasAreas(areas)) return;
  ageRoutes(areas.table, areas.routing, nowMs);
  if (timers.at("areas") !== NEVER) return;
  timers.set("areas", after(nowMs, net.stream.between(0, SPEAK_EVERY_MS)));
}

/** A change of cost by more than an eighth lets routes be chosen anew at once. */
const COST_CHANGE = 1 / 8;

export function judgeLink(
  { net, now, emit }: Turn,
  row: number,
  self: Motion | undefined = selfMotion(net),
): void {
  const { table, routing, areas } = net;
  const costBefore = table.cost[row]!;
  const warned = table.warned[row] === 1;
  const change = refreshLink(table, row, now, self);
  const difference = Math.abs(table.cost[row]! - costBefore);
  if (change !== undefined || difference > costBefore * COST_CHANGE) {
    linkChanged(table, routing, row, now);
    linkChanged(areas.table, areas.routing, row, now);
  }
  const peer = table.peers[row]! as NodeIndex;
  if (change === "up") {
    net.upCount += 1;
    emit({ kind: "neighborUp", peer });
  } else if (change === "down") {
    net.upCount -= 1;
    table.warned[row] = 0;
    emit({ kind: "neighborDown", peer, predicted: warned });
  } else if (change === "breakSoon") {
    askForAllVia(table, routing, row, now);
    askForAllVia(areas.table, areas.routing, row, now);
    emit({ kind: "linkBreakPredicted", peer, lifetimeS: table.lifetimeS[row]! });
  }
}
