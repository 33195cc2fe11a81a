/**
 * Routes inside a cluster and between clusters: a distance vector with sequence numbers and the
 * feasibility condition of Babel (RFC 8966), in the peer table and in a table of clusters. Each
 * node is the one source of its own address; all members of a cluster are sources of the cluster's
 * address, under one sequence that they share (`areas.ts`).
 *
 * Feasibility (3.5.1): an announcement may be followed only if its sequence is newer than the
 * feasibility distance's, or equal with a smaller metric. A node's feasibility distance is the best
 * it ever announced under that sequence. Along any path of next hops it falls strictly, so there is
 * no loop at any time, whatever is lost or late. A source follows nobody, so that it does not
 * matter how many there are: the order of feasibility distances is one for all of them.
 *
 * Departures: (a) a source raises its sequence every second of its own accord, so that starvation
 * ends without asking and every announcement is also a sign of life; (b) under one sequence the
 * announced metric never rises: it is the feasibility distance itself, and the truth follows with
 * the next sequence. That keeps followers feasible through the noise of measured costs, and the
 * proof needs only that announced metrics are not below the announcer's feasibility distance; (c)
 * three candidates a destination instead of one per neighbor; (d) requests are flooded, once a
 * node.
 *
 * A restarted node has lost its feasibility distances: its neighbors drop routes over it when they
 * see the new boot (`forgetVia`), and it follows none but direct ones for its first seconds.
 */
import { isNewer16 } from "./octets.ts";
import type { RouteEntry, RouteRequest } from "./beacon.ts";
import {
  CANDIDATES,
  INFINITE,
  LinkState,
  NO_PEER,
  obtainCluster,
  obtainRow,
  rowOf,
  type PeerTable,
  type RouteTable,
  rowsEnd,
} from "./peers.ts";

/** What kind of destinations these are, and how often they are spoken of. */
export interface RoutingScope {
  /** The address of which a neighbor is a source: its own, or its cluster's. */
  readonly addressOf: (peer: number) => number;
  /** Whether this node tells others of the destination, and follows others to it. */
  readonly isTold: (destination: number) => boolean;
  /** Sources share one sequence: a newer one of another's is taken, not passed. */
  readonly isShared: boolean;
  readonly sequenceEveryMs: number;
}

export interface RoutingState {
  readonly scope: RoutingScope;
  /** The own address; `NO_PEER` is a source of none. */
  self: number;
  /** Own sequence; raised each second (`scope.sequenceEveryMs`) and when asked for. */
  sequence: number;
  raisedMs: number;
  /** Row at which the next rotation of announcements begins. */
  rotation: number;
  /** Until then only direct routes are followed. */
  guardUntilMs: number;
  /** An announcement or request should go out soon. */
  hasUrgent: boolean;
  /** Announcements not repeated for this long are no longer followed. */
  holdMs: number;
  /** The latest times without a route that ended, for reports; no part of the saved state. */
  readonly outagesMs: number[];
}

const OUTAGES_MAX = 1024;

export function createRouting(
  self: number,
  sequence: number,
  scope: RoutingScope = NODES,
): RoutingState {
  return {
    scope,
    self,
    sequence,
    raisedMs: -Infinity,
    rotation: 0,
    guardUntilMs: -Infinity,
    hasUrgent: false,
    holdMs: CANDIDATE_HOLD_MS,
    outagesMs: [],
  };
}

export const SEQUENCE_EVERY_MS = 1000;
const CANDIDATE_HOLD_MS = 6000;
/** Nodes of one cluster, which tell each other of everyone. */
export const NODES: RoutingScope = Object.freeze({
  addressOf: (peer: number) => peer,
  isTold: () => true,
  isShared: false,
  sequenceEveryMs: SEQUENCE_EVERY_MS,
});
/** A lost route is told as lost for this long, then not at all. */
const RETRACT_MS = 5000;
const REQUEST_EVERY_MS = 300;
const ANSWERED_MS = 50;
/** A new route must be this much better than the present one. */
const SWITCH_SHARE = 0.85;

const Urgent = Object.freeze({ none: 0, announce: 1 } as const);

/** The own sequence as announced; raised when a second has passed. */
export function ownSequence(state: RoutingState, nowMs: number): number {
  const { sequenceEveryMs } = state.scope;
  if (nowMs - state.raisedMs >= sequenceEveryMs) raise(state, state.sequence + 1, nowMs);
  return state.sequence;
}

function raise(state: RoutingState, sequence: number, nowMs: number): void {
  state.sequence = sequence & 0xffff;
  state.raisedMs = nowMs;
}

/** An announcement as heard. One object is used for all of a beacon's: deliveries make none. */
export interface HeardRoute extends RouteEntry {
  /** Many hear what is said here: who hears another say it need not. */
  crowded: boolean;
  viaRow: number;
  nowMs: number;
  destination: number;
  sequence: number;
  metric: number;
}

/** Takes in one announcement heard from the neighbor in `viaRow`. */
export function hearRoute(table: RouteTable, state: RoutingState, heard: HeardRoute): void {
  const { viaRow, nowMs } = heard;
  const { scope } = state;
  if (heard.destination === state.self) {
    // An earlier life's sequence is still about: pass it, or nobody follows the new ones.
    if (heard.metric !== INFINITE && isNewer16(heard.sequence, state.sequence)) {
      raise(state, heard.sequence + (scope.isShared ? 0 : 1), nowMs);
    }
    return;
  }
  // Only a source may say 0, and it says nothing else of itself.
  const isSource = heard.destination === scope.addressOf(linksOf(table).peers[viaRow]!);
  if (isSource !== (heard.metric === 0)) return;
  if (!isSource && !scope.isTold(heard.destination)) return;
  const row = obtain(table, heard.destination, nowMs);
  if (row < 0) return;
  if (heard.metric !== INFINITE) noteLife(table, row, heard);
  if (heard.crowded && hasToldForUs(table, row, heard)) table.urgent[row] = Urgent.none;
  setCandidate(table, state, row, heard);
  if (table.via[row] === viaRow || heard.metric !== INFINITE) {
    selectRoute(table, state, row, nowMs);
  }
}

/** Where the next hops' rows are. */
const linksOf = (table: RouteTable): PeerTable => (table.links === undefined ? table : table.links);

const obtain = (table: RouteTable, destination: number, nowMs: number): number =>
  table.links === undefined
    ? obtainRow(table, destination, nowMs)
    : obtainCluster(table, destination, nowMs);

/** A fresh route as good as ours, by another who was asked as well. */
const hasToldForUs = (table: RouteTable, row: number, heard: HeardRoute): boolean =>
  table.urgent[row] === Urgent.announce &&
  table.via[row]! >= 0 &&
  heard.metric <= table.metric[row]! &&
  !isNewer16(table.routeSequence[row]!, heard.sequence);

/** A newer sequence left its source a moment ago: a sign of life through others. */
function noteLife(table: RouteTable, row: number, heard: HeardRoute): void {
  const newest = table.newestSequence[row]!;
  const isNews = table.newestKnown[row] === 0 || isNewer16(heard.sequence, newest);
  if (!isNews) return;
  if (table.links === undefined && table.newestKnown[row] === 1 && row !== heard.viaRow) {
    table.indirectMs[row] = heard.nowMs;
  }
  table.newestKnown[row] = 1;
  table.newestSequence[row] = heard.sequence;
}

function setCandidate(
  table: RouteTable,
  state: RoutingState,
  row: number,
  heard: HeardRoute,
): void {
  const base = row * CANDIDATES;
  let slot = -1;
  for (let i = base; i < base + CANDIDATES; i += 1) {
    if (table.candidateVia[i] === heard.viaRow) slot = i;
  }
  if (heard.metric === INFINITE) {
    if (slot >= 0) table.candidateVia[slot] = -1;
    return;
  }
  if (slot < 0) slot = slotFor(table, state, row, heard);
  if (slot < 0) return;
  table.candidateVia[slot] = heard.viaRow;
  table.candidateSequence[slot] = heard.sequence;
  table.candidateMetric[slot] = heard.metric;
  table.candidateMs[slot] = heard.nowMs;
}

/** An empty or expired slot, or the worst one if the newcomer is better; never the followed one. */
function slotFor(table: RouteTable, state: RoutingState, row: number, heard: HeardRoute): number {
  const { nowMs } = heard;
  const { cost } = linksOf(table);
  const base = row * CANDIDATES;
  let worst = -1;
  let worstMetric = heard.metric + cost[heard.viaRow]!;
  for (let i = base; i < base + CANDIDATES; i += 1) {
    const via = table.candidateVia[i]!;
    if (via < 0 || nowMs - table.candidateMs[i]! > state.holdMs) return i;
    if (via === table.via[row]) continue;
    const metric = table.candidateMetric[i]! + cost[via]!;
    if (metric > worstMetric) {
      worstMetric = metric;
      worst = i;
    }
  }
  return worst;
}

/** RFC 8966, 3.5.1. */
export function isFeasible(
  table: RouteTable,
  row: number,
  sequence: number,
  metric: number,
): boolean {
  if (table.feasibleKnown[row] === 0) return true;
  const best = table.feasibleSequence[row]!;
  if (isNewer16(sequence, best)) return true;
  return sequence === best && metric < table.feasibleMetric[row]!;
}

/** The metric over a candidate slot, INFINITE when it may not be followed. */
function metricOver(
  table: RouteTable,
  state: RoutingState,
  row: number,
  slot: number,
  nowMs: number,
): number {
  const via = table.candidateVia[slot]!;
  if (via < 0 || nowMs - table.candidateMs[slot]! > state.holdMs) return INFINITE;
  const announced = table.candidateMetric[slot]!;
  // A direct route goes to a source.
  if (announced !== 0) {
    if (nowMs < state.guardUntilMs || !state.scope.isTold(table.peers[row]!)) return INFINITE;
  }
  const cost = linksOf(table).cost[via]!;
  if (cost === INFINITE) return INFINITE;
  if (!isFeasible(table, row, table.candidateSequence[slot]!, announced)) return INFINITE;
  return Math.min(INFINITE, announced + cost);
}

/** Chooses the next hop towards `row` anew; says so soon when it matters to others. */
export function selectRoute(
  table: RouteTable,
  state: RoutingState,
  row: number,
  nowMs: number,
): void {
  const viaBefore = table.via[row]!;
  let best = -1;
  let bestMetric = INFINITE;
  let keep = -1;
  let keepMetric = INFINITE;
  for (let slot = row * CANDIDATES; slot < (row + 1) * CANDIDATES; slot += 1) {
    const metric = metricOver(table, state, row, slot, nowMs);
    if (metric === INFINITE) continue;
    if (table.candidateVia[slot] === viaBefore) {
      keep = slot;
      keepMetric = metric;
    }
    if (metric < bestMetric) {
      best = slot;
      bestMetric = metric;
    }
  }
  if (keep >= 0 && bestMetric >= keepMetric * SWITCH_SHARE) {
    best = keep;
    bestMetric = keepMetric;
  }
  follow(table, state, { row, slot: best, metric: bestMetric, nowMs });
}

function follow(
  table: RouteTable,
  state: RoutingState,
  chosen: { readonly row: number; slot: number; metric: number; readonly nowMs: number },
): void {
  const { row, slot, metric, nowMs } = chosen;
  const viaBefore = table.via[row]!;
  if (slot < 0) {
    if (viaBefore < 0) return;
    table.via[row] = -1;
    table.metric[row] = INFINITE;
    table.lostMs[row] = nowMs;
    table.retractUntilMs[row] = nowMs + RETRACT_MS;
    hurry(table, state, row);
    askFor(table, state, row, nowMs);
    return;
  }
  const sequence = table.candidateSequence[slot]!;
  const isAwaited =
    nowMs - table.requestMs[row]! < SEQUENCE_EVERY_MS &&
    !isNewer16(table.requestSequence[row]!, sequence) &&
    isNewer16(sequence, table.routeSequence[row]!);
  if (viaBefore < 0) noteOutage(table, state, row, nowMs);
  table.via[row] = table.candidateVia[slot]!;
  table.metric[row] = metric;
  table.routeSequence[row] = sequence;
  table.retractUntilMs[row] = -Infinity;
  if (viaBefore < 0 || isAwaited) hurry(table, state, row);
}

function noteOutage(table: RouteTable, state: RoutingState, row: number, nowMs: number): void {
  if (table.lostMs[row]! > -Infinity) state.outagesMs.push(nowMs - table.lostMs[row]!);
  if (state.outagesMs.length > OUTAGES_MAX) state.outagesMs.shift();
  table.lostMs[row] = -Infinity;
}

function hurry(table: RouteTable, state: RoutingState, row: number): void {
  table.urgent[row] = Urgent.announce;
  state.hasUrgent = true;
}

/** Asks everyone for a fresher route than the feasibility distance allows; not too often. */
export function askFor(table: RouteTable, state: RoutingState, row: number, nowMs: number): void {
  if (!state.scope.isTold(table.peers[row]!)) return;
  if (nowMs - table.requestMs[row]! < REQUEST_EVERY_MS) return;
  const best = table.feasibleKnown[row] === 1 ? table.feasibleSequence[row]! : -1;
  const wanted = best < 0 ? table.newestSequence[row]! : (best + 1) & 0xffff;
  if (best < 0 && table.newestKnown[row] === 0) return;
  passOn(table, state, row, wanted, nowMs);
}

function passOn(
  table: RouteTable,
  state: RoutingState,
  row: number,
  sequence: number,
  nowMs: number,
): void {
  table.requestMs[row] = nowMs;
  table.requestSequence[row] = sequence;
  table.asked[row] = 1;
  state.hasUrgent = true;
}

/** RFC 8966, 3.8.1.2: answer, or pass it on once. */
export function hearRequest(
  table: RouteTable,
  state: RoutingState,
  heard: { readonly request: RouteRequest; readonly nowMs: number; readonly crowded: boolean },
): void {
  const { request, nowMs, crowded } = heard;
  if (request.destination === state.self) {
    if (isNewer16(request.sequence, state.sequence)) raise(state, request.sequence, nowMs);
    state.hasUrgent = true;
    return;
  }
  const row = rowOf(table, request.destination);
  if (row < 0 || !state.scope.isTold(request.destination)) return;
  const answers = table.via[row]! >= 0 && !isNewer16(request.sequence, table.routeSequence[row]!);
  if (answers) {
    // Several ask at once when a link goes; the first answer was for all of them.
    if (nowMs - table.toldMs[row]! > ANSWERED_MS) hurry(table, state, row);
    return;
  }
  const isKnown =
    nowMs - table.requestMs[row]! < REQUEST_EVERY_MS &&
    !isNewer16(request.sequence, table.requestSequence[row]!);
  if (!isKnown) passOn(table, state, row, request.sequence, nowMs);
  else if (crowded) table.asked[row] = 0;
}

/** The link of `viaRow` changed: routes over it, to it, and those missing are chosen anew. */
export function linkChanged(
  table: RouteTable,
  state: RoutingState,
  viaRow: number,
  nowMs: number,
): void {
  for (let row = 0, end = rowsEnd(table); row < end; row += 1) {
    if (table.peers[row] === NO_PEER) continue;
    const via = table.via[row]!;
    const isLinkTo = row === viaRow && table.links === undefined;
    if (isLinkTo || via === viaRow || via < 0) selectRoute(table, state, row, nowMs);
  }
}

/** The link of `viaRow` is about to break: asks for routes that may replace those over it. */
export function askForAllVia(
  table: RouteTable,
  state: RoutingState,
  viaRow: number,
  nowMs: number,
): void {
  for (let row = 0, end = rowsEnd(table); row < end; row += 1) {
    if (table.via[row] === viaRow) askFor(table, state, row, nowMs);
  }
}

/** The neighbor restarted: what it announced in its earlier life binds it no more. */
export function forgetVia(
  table: RouteTable,
  state: RoutingState,
  viaRow: number,
  nowMs: number,
): void {
  for (let slot = 0; slot < table.candidateVia.length; slot += 1) {
    if (table.candidateVia[slot] === viaRow) table.candidateVia[slot] = -1;
  }
  linkChanged(table, state, viaRow, nowMs);
}

/** Drops what was not repeated in time; asks again where a route is missing. Every half second. */
export function ageRoutes(table: RouteTable, state: RoutingState, nowMs: number): void {
  for (let row = 0, end = rowsEnd(table); row < end; row += 1) {
    if (table.peers[row] === NO_PEER) continue;
    selectRoute(table, state, row, nowMs);
    if (table.via[row]! < 0 && nowMs < table.retractUntilMs[row]!) {
      askFor(table, state, row, nowMs);
    }
  }
}

/**
 * The next announcements, at most `max`: urgent ones first, then the rotation. Writing one binds
 * the feasibility distance, so what is taken here must be sent.
 */
export function takeAnnouncements(
  table: RouteTable,
  state: RoutingState,
  options: { readonly max: number; readonly urgentOnly: boolean; readonly nowMs: number },
): RouteEntry[] {
  const entries: RouteEntry[] = [];
  const { isTold } = state.scope;
  for (let row = 0, end = rowsEnd(table); row < end && entries.length < options.max; row += 1) {
    if (table.urgent[row] !== Urgent.announce) continue;
    if (isTold(table.peers[row]!)) entries.push(announce(table, row, options.nowMs));
    else table.urgent[row] = Urgent.none;
  }
  if (options.urgentOnly) return entries;
  const taken = new Set(entries.map((entry) => entry.destination));
  const common = table.links === undefined ? heardByAll(table) : undefined;
  const start = state.rotation;
  let spares = 0;
  for (let i = 0, end = rowsEnd(table); i < end && entries.length < options.max; i += 1) {
    const row = (start + i) % end;
    const isSpare = common !== undefined && ((common[row >> 5]! >>> (row & 31)) & 1) === 1;
    if (isSpare && spares === SPARE_ROUTES) continue;
    const peer = table.peers[row]!;
    if (peer === NO_PEER || taken.has(peer) || !isTold(peer)) continue;
    if (table.via[row]! < 0 && options.nowMs > table.retractUntilMs[row]!) continue;
    if (isSpare) spares += 1;
    entries.push(announce(table, row, options.nowMs));
    if (isSpare || entries.length === options.max) state.rotation = row + 1;
  }
  return entries;
}

/** Ways round to what every neighbor hears itself: so many in a beacon keep a spare one fresh. */
const SPARE_ROUTES = 2;

/** The rows that every neighbor reports to hear: all have a route of one hop to them. */
function heardByAll(table: PeerTable): Uint32Array {
  const { words } = table;
  const common = new Uint32Array(words).fill(0xffffffff);
  for (let row = 0, end = rowsEnd(table); row < end; row += 1) {
    if (table.state[row] !== LinkState.up) continue;
    const own = 1 << (row & 31);
    for (let word = 0; word < words; word += 1) {
      const heard = table.covers[row * words + word]! | (word === row >> 5 ? own : 0);
      common[word] = common[word]! & heard;
    }
  }
  return common;
}

function announce(table: RouteTable, row: number, nowMs: number): RouteEntry {
  table.urgent[row] = Urgent.none;
  table.toldMs[row] = nowMs;
  const destination = table.peers[row]!;
  if (table.via[row]! < 0) {
    return { destination, sequence: table.newestSequence[row]!, metric: INFINITE };
  }
  const sequence = table.routeSequence[row]!;
  const known = table.feasibleKnown[row] === 1;
  const sameSequence = known && table.feasibleSequence[row] === sequence;
  const metric = sameSequence
    ? Math.min(table.feasibleMetric[row]!, table.metric[row]!)
    : table.metric[row]!;
  table.feasibleKnown[row] = 1;
  table.feasibleSequence[row] = sequence;
  table.feasibleMetric[row] = metric;
  return { destination, sequence, metric };
}

/** Requests to send now, at most `max`; the rest stay for the next packet. */
export function takeRequests(table: RouteTable, max: number): RouteRequest[] {
  const taken: RouteRequest[] = [];
  for (let row = 0, end = rowsEnd(table); row < end && taken.length < max; row += 1) {
    if (table.asked[row] === 0) continue;
    table.asked[row] = 0;
    taken.push({ destination: table.peers[row]!, sequence: table.requestSequence[row]! });
  }
  return taken;
}
