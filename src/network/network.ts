/**
 * The network machine: beacons and packets in, messages up; messages in, packets and beacons out.
 *
 * A step does its input's own work, then whatever has come due, then lets the queue go and sends
 * acknowledgements. All parts keep their own bounds; the machine adds timers and views.
 */
import {
  after,
  invariant,
  NEVER,
  type ByteReader,
  type ByteWriter,
  type Emit,
  type Machine,
  type MonotonicMs,
  type NodeIndex,
} from "../base/mod.ts";
import { METERED_CLASSES } from "./airtime.ts";
import { AREA_GUARD_MS, nextHopToCluster } from "./areas.ts";
import { BeaconFlag, PLAN_MAX } from "./beacon.ts";
import {
  airShare,
  hearPacket,
  nextHopTo,
  pump,
  retryUnrouted,
  sendMessage,
  workDue,
} from "./forwarding.ts";
import { etx, inRatioNow, outRatioNow } from "./links.ts";
import { evidenceMs, LinkState, NO_PEER, obtainRow, rowOf, rowsEnd } from "./peers.ts";
import { hearBeacon, refresh, sendBeacon, sendRoutes, speakOfAreas } from "./presence.ts";
import {
  CELL_SMALL,
  createNet,
  crowdOf,
  loadNet,
  NETWORK_DEFAULTS,
  saveNet,
  type Net,
  type NetworkConfig,
  type Turn,
} from "./state.ts";
import type {
  AirTimeView,
  NeighborState,
  NetworkCounters,
  NetworkIn,
  NetworkOut,
  PeerRow,
  PresenceTable,
} from "./types.ts";

/** Links and routes are judged this often. */
const REFRESH_MS = 500;
/** Urgent routes wait a moment, so that several go in one packet and neighbors do not collide. */
const ROUTES_WAIT_MIN_MS = 2;
const ROUTES_WAIT_MAX_MS = 10;
const ROUTES_APART_MS = 20;
const FIRST_BEACON_MS = 200;

export type NetworkSetup = Pick<NetworkConfig, "self" | "seed"> & Partial<NetworkConfig>;

export class Network implements Machine<NetworkIn, NetworkOut> {
  readonly #net: Net;
  readonly #presence: PresenceTable;
  #stepping = false;

  constructor(setup: NetworkSetup) {
    this.#net = createNet({ ...NETWORK_DEFAULTS, ...setup });
    const { table } = this.#net;
    this.#presence = {
      get rows(): number {
        return rowsEnd(table);
      },
      peers: table.peers,
      heardMs: table.heardMs,
      gapMean: table.gapMean,
      gapVariance: table.gapVariance,
      intervalMs: table.intervalMs,
      indirectMs: table.indirectMs,
      lifetimeS: table.lifetimeS,
    };
  }

  step(now: MonotonicMs, input: NetworkIn, emit: Emit<NetworkOut>): void {
    invariant(!this.#stepping, "a step is not taken from inside an emit");
    this.#stepping = true;
    const net = this.#net;
    const turn: Turn = { net, now, emit };
    net.nowMs = now;
    take(turn, input);
    if (this.#dueMs() <= now) runDue(turn);
    pump(turn);
    this.#stepping = false;
  }

  wakeAt(): MonotonicMs {
    const { queue } = this.#net;
    const due = this.#dueMs();
    const at = queue.length === 0 ? due : Math.min(due, this.#queueReadyMs());
    return at === Infinity ? NEVER : (at as MonotonicMs);
  }

  save(to: ByteWriter): void {
    saveNet(this.#net, to);
  }

  load(from: ByteReader): void {
    loadNet(this.#net, from);
  }

  /** Signs of life as live columns, for the fault detector. */
  get presence(): PresenceTable {
    return this.#presence;
  }

  get counters(): NetworkCounters {
    return this.#net.counters;
  }

  get airTime(): AirTimeView {
    const { meter, nowMs, config } = this.#net;
    return {
      ownRatio: Array.from({ length: METERED_CLASSES }, (_, i) => meter.ownRatio(nowMs, i)),
      framesHz: meter.framesHz(nowMs),
      busyRatio: meter.busyRatio,
      beaconIntervalMs: meter.beaconIntervalMs(nowMs, config.beaconHz, crowdOf(this.#net)),
    };
  }

  /** All known peers, in row order: a copy. */
  get peers(): readonly PeerRow[] {
    const { table } = this.#net;
    const rows: PeerRow[] = [];
    for (let row = 0, end = rowsEnd(table); row < end; row += 1) {
      if (table.peers[row] !== NO_PEER) rows.push(peerRow(this.#net, row));
    }
    return rows;
  }

  /** One peer's row, undefined when it is not known. */
  peer(index: NodeIndex): PeerRow | undefined {
    const row = rowOf(this.#net.table, index);
    return row < 0 ? undefined : peerRow(this.#net, row);
  }

  /**
   * The latest times without a route that ended, in milliseconds; those in which a peer was out of
   * everyone's reach are among them.
   */
  get routeOutagesMs(): readonly number[] {
    return [...this.#net.routing.outagesMs];
  }

  /** The neighbor that a packet for `destination` would go to now. */
  nextHopTo(destination: NodeIndex): NodeIndex | undefined {
    return nextHopTo(this.#net, destination);
  }

  /** The neighbor that leads to a cluster's nearest member; undefined in it, or with no route. */
  nextHopToCluster(address: number): NodeIndex | undefined {
    return nextHopToCluster(this.#net, address);
  }

  #queueReadyMs(): number {
    const { queue, nowMs, holdUntilMs } = this.#net;
    return Math.max(holdUntilMs, queue.readyMs(nowMs, airShare(this.#net, nowMs)));
  }

  #dueMs(): number {
    const { timers, retries, floods, confirmations, repeats, reassembly } = this.#net;
    let due = Math.min(timers.next(), retries.nextDueMs(), floods.nextDueMs());
    for (const it of repeats) due = Math.min(due, it.dueMs);
    return Math.min(due, confirmations.nextDueMs(), reassembly.nextExpiryMs());
  }
}

function take(turn: Turn, input: NetworkIn): void {
  const { net, now } = turn;
  switch (input.kind) {
    case "packet":
      hearPacket(turn, input);
      break;
    case "beacon":
      hearBeacon(turn, input);
      break;
    case "send":
      sendMessage(turn, input);
      break;
    case "self":
      takeSelf(net, input, now);
      break;
    case "members":
      takeMembers(net, input.members, now);
      break;
    case "channel":
      net.meter.reported(input.report.busyRatio, input.report.radio);
      break;
    case "wake":
      break;
    default:
      input satisfies never;
  }
  if (hasUrgent(net) && net.own !== undefined) planRoutes(net, now);
}

const hasUrgent = ({ routing, areas }: Net): boolean =>
  routing.hasUrgent || areas.routing.hasUrgent;

function planRoutes(net: Net, now: MonotonicMs): void {
  if (net.timers.at("routes") !== NEVER) return;
  // All that hear a change speak of it: with each more, every one waits longer and says more.
  const crowd = Math.max(1, crowdOf(net) / CELL_SMALL);
  const waitMs = net.stream.between(ROUTES_WAIT_MIN_MS, ROUTES_WAIT_MAX_MS * crowd * crowd);
  const apartMs = net.routesMs + ROUTES_APART_MS * crowd * crowd - now;
  net.timers.set("routes", after(now, Math.max(waitMs, apartMs)));
}

/** The first own state starts the beacons, after a moment that differs from node to node. */
function takeSelf(net: Net, input: Extract<NetworkIn, { kind: "self" }>, now: MonotonicMs): void {
  const isFirst = net.own === undefined;
  const { sample, notes } = input;
  net.own = { sample, notes, plan: input.plan.slice(0, PLAN_MAX), atMs: now };
  if (!isFirst) return;
  net.routing.guardUntilMs = now + net.config.routeGuardMs;
  net.areas.routing.guardUntilMs = now + AREA_GUARD_MS;
  const crowd = Math.max(1, crowdOf(net) / CELL_SMALL);
  net.timers.set("beacon", after(now, net.stream.between(0, FIRST_BEACON_MS * crowd)));
  net.timers.set("refresh", after(now, REFRESH_MS));
}

function takeMembers(net: Net, members: readonly NodeIndex[], now: MonotonicMs): void {
  net.table.member.fill(0);
  for (const member of members) {
    if (member === net.config.self) continue;
    // A member takes the place of anyone who is none, however well that one is heard.
    const row = obtainRow(net.table, member, now, Infinity);
    if (row >= 0) net.table.member[row] = 1;
  }
}

function runDue(turn: Turn): void {
  const { net, now } = turn;
  workDue(turn);
  if (net.timers.due("refresh", now)) {
    net.timers.set("refresh", after(now, REFRESH_MS));
    refresh(turn);
    retryUnrouted(turn);
  }
  if (net.timers.due("beacon", now)) sendBeacon(turn);
  if (net.timers.due("routes", now)) {
    sendRoutes(turn);
    if (net.unrouted.length > 0) retryUnrouted(turn);
  }
  if (net.timers.due("areas", now)) speakOfAreas(turn);
  if (hasUrgent(net)) planRoutes(net, now);
}

const STATES: readonly NeighborState[] = ["unknown", "up", "down"];

function peerRow(net: Net, row: number): PeerRow {
  const { table, nowMs } = net;
  const flags = table.flags[row]!;
  const via = table.via[row]!;
  return {
    peer: table.peers[row]! as NodeIndex,
    state: STATES[table.state[row]!]!,
    position: {
      northM: table.northM[row]!,
      eastM: table.eastM[row]!,
      altitudeAmslM: table.altitudeM[row]!,
    },
    northMps: table.northMps[row]!,
    eastMps: table.eastMps[row]!,
    downMps: table.downMps[row]!,
    positionErrorM: table.errorM[row]!,
    positionValid: (flags & BeaconFlag.positionValid) !== 0,
    trust: table.verified[row] === 1 ? "verified" : "claimed",
    batteryRatio: table.battery[row]! / 255,
    inAir: (flags & BeaconFlag.inAir) !== 0,
    ground: (flags & BeaconFlag.ground) !== 0,
    keyEpoch: table.keyEpoch[row]!,
    head: table.head[row] === NO_PEER ? undefined : (table.head[row]! as NodeIndex),
    ageMs: nowMs - table.heardMs[row]!,
    beaconAgeMs: nowMs - table.beaconMs[row]!,
    evidenceAgeMs: nowMs - evidenceMs(table, row),
    rssiDbm: table.rssiDbm[row]!,
    snrDb: table.snrDb[row]!,
    inRatio: inRatioNow(table, row, nowMs),
    outRatio: outRatioNow(table, row, nowMs),
    etx: table.state[row] === LinkState.up ? etx(table, row, nowMs) : Infinity,
    lifetimeS: table.lifetimeS[row]!,
    nextHop: via < 0 ? undefined : (table.peers[via]! as NodeIndex),
    metric: table.metric[row]!,
  };
}
