/**
 * Routes between clusters: the destinations are clusters, the sources of a cluster's address all
 * its members, the rules those of `routing.ts` (RFC 8966 with the departures named there).
 *
 * Members share one sequence: whoever has not heard a new one for `SEQUENCE_EVERY_MS` raises it for
 * all, and everyone takes the newest that is said of the own cluster. Departure from RFC 8966,
 * where a source is one router: with several that count apart, a route may starve at the slower
 * one; with one count it is as if the cluster were one router. A node that leaves a cluster keeps
 * (its sequence, 0) as feasibility distance, because that is what it announced.
 *
 * Inside the destination's cluster the packet follows the routes of `routing.ts` to the node; it
 * never comes back to this table there. Announcements go out in routes packets of `PER_PACKET`,
 * one every `SPEAK_EVERY_MS`; what is lost, found or asked for at once.
 *
 * Bound: `clustersMax` rows; more are refused until one was not spoken of for a minute.
 */
import { BROADCAST, type ByteReader, type ByteWriter, type NodeIndex } from "../base/mod.ts";
import type { RouteEntry } from "./beacon.ts";
import { isNewer16 } from "./octets.ts";
import {
  CANDIDATES,
  createClusters,
  INFINITE,
  loadPeers,
  NO_PEER,
  obtainCluster,
  rowOf,
  savePeers,
  type ClusterTable,
  type PeerTable,
} from "./peers.ts";
import { createRouting, ownSequence, type RoutingState } from "./routing.ts";

export interface Areas {
  readonly table: ClusterTable;
  readonly routing: RoutingState;
}

export const SPEAK_EVERY_MS = 4000;
export const PER_PACKET = 63;
const SEQUENCE_EVERY_MS = 4000;
/** Three rounds of announcements may be lost, and a little more. */
const HOLD_ROUNDS = 3.5;
/**
 * A restarted node has no feasibility distances. For longer than its neighbors take a silent link
 * for whole (7.5 s at the slowest beacons) it follows only direct routes.
 */
export const AREA_GUARD_MS = 8000;

export interface AreaConfig {
  readonly addressOf: (peer: number) => number;
  readonly clustersMax: number;
}

export function createAreas({ addressOf, clustersMax }: AreaConfig, links: PeerTable): Areas {
  const scope = {
    addressOf,
    isTold: () => true,
    isShared: true,
    sequenceEveryMs: SEQUENCE_EVERY_MS,
  };
  const areas = {
    table: createClusters(clustersMax, links),
    routing: createRouting(NO_PEER, 0, scope),
  };
  areas.routing.holdMs = HOLD_ROUNDS * SPEAK_EVERY_MS;
  return areas;
}

/** Whether nodes are divided into clusters here: else there is nothing to say of them. */
export const hasAreas = ({ table, routing }: Areas): boolean =>
  routing.self !== NO_PEER || table.own.count > 0;

/** The more clusters, the more packets a round. */
export function paceAreas({ table, routing }: Areas): void {
  const packets = Math.max(1, Math.ceil(table.own.count / PER_PACKET));
  routing.holdMs = HOLD_ROUNDS * SPEAK_EVERY_MS * packets;
}

/** The node belongs to the cluster of this address from now on; `BROADCAST` to none. */
export function joinArea({ table, routing }: Areas, address: number, nowMs: number): void {
  const next = address === BROADCAST ? NO_PEER : address;
  if (next === routing.self) return;
  if (routing.self !== NO_PEER) leave(table, routing, nowMs);
  routing.self = next;
  if (next === NO_PEER) return;
  const row = rowOf(table, next);
  routing.sequence = row < 0 ? 0 : newestOf(table, row);
  routing.raisedMs = nowMs;
  routing.hasUrgent = true;
  if (row >= 0) forgetRoutes(table, row);
}

function leave(table: ClusterTable, routing: RoutingState, nowMs: number): void {
  const row = obtainCluster(table, routing.self, nowMs);
  if (row < 0) {
    // No room to remember what was announced: as after a restart, only direct routes for a while.
    routing.guardUntilMs = nowMs + AREA_GUARD_MS;
    return;
  }
  forgetRoutes(table, row);
  table.feasibleKnown[row] = 1;
  table.feasibleSequence[row] = routing.sequence;
  table.feasibleMetric[row] = 0;
}

function newestOf(table: ClusterTable, row: number): number {
  const newest = table.newestKnown[row] === 1 ? table.newestSequence[row]! : 0;
  if (table.feasibleKnown[row] === 0) return newest;
  const feasible = table.feasibleSequence[row]!;
  return table.newestKnown[row] === 0 || isNewer16(feasible, newest) ? feasible : newest;
}

function forgetRoutes(table: ClusterTable, row: number): void {
  table.via[row] = -1;
  table.metric[row] = INFINITE;
  table.lostMs[row] = -Infinity;
  table.retractUntilMs[row] = -Infinity;
  table.urgent[row] = 0;
  table.asked[row] = 0;
  table.candidateVia.fill(-1, row * CANDIDATES, (row + 1) * CANDIDATES);
}

/** What a member says of its own cluster. */
export function ownAnnouncement({ routing }: Areas, nowMs: number): RouteEntry | undefined {
  if (routing.self === NO_PEER) return undefined;
  return { destination: routing.self, sequence: ownSequence(routing, nowMs), metric: 0 };
}

/** The neighbor to give a packet for a cluster to; undefined without a route, or for the own. */
export function nextHopToCluster(
  { areas, table }: { readonly areas: Areas; readonly table: PeerTable },
  address: number,
): NodeIndex | undefined {
  if (address === BROADCAST || address === areas.routing.self) return undefined;
  const row = rowOf(areas.table, address);
  const via = row < 0 ? -1 : areas.table.via[row]!;
  return via < 0 ? undefined : (table.peers[via]! as NodeIndex);
}

export function saveAreas({ table, routing }: Areas, to: ByteWriter): void {
  savePeers(table, to);
  to.u16(routing.self).u16(routing.sequence).f64(routing.raisedMs).u16(routing.rotation);
  to.f64(routing.guardUntilMs).bool(routing.hasUrgent).f64(routing.holdMs);
}

export function loadAreas({ table, routing }: Areas, from: ByteReader): void {
  loadPeers(table, from);
  routing.self = from.u16();
  routing.sequence = from.u16();
  routing.raisedMs = from.f64();
  routing.rotation = from.u16();
  routing.guardUntilMs = from.f64();
  routing.hasUrgent = from.bool();
  routing.holdMs = from.f64();
}
