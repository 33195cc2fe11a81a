/**
 * From what the ground's own node knows to what the page shows. A pure function: what must be
 * remembered between two views (when something was first seen) is given.
 *
 * Nothing here reads the truth of a simulated world: positions are claims from beacons, duties are
 * announced intents, the rest is the agreed log. Every number is finite, because JSON has no other.
 */
import type { MonotonicMs, NodeIndex } from "../../../src/base/mod.ts";
import type { Node } from "../../../src/node/mod.ts";
import type { Duty } from "../../../src/swarm/mod.ts";
import type {
  ClusterRow,
  DetectionRow,
  GroundView,
  PlanePoint,
  SegmentRow,
  VehicleRow,
  VehicleStatus,
} from "../report/view.ts";
import {
  blockerOf,
  detectionName,
  HOME_M,
  ordersOf,
  searchFacts,
  sentenceOf,
  type SearchFacts,
} from "./order-rows.ts";
import type { PlaceNamer } from "./places.ts";

/** The part of the view that is the ground node's knowledge at one moment. */
export type Known = Pick<
  GroundView,
  | "vehicles"
  | "segments"
  | "detections"
  | "orders"
  | "clearAir"
  | "cluster"
  | "clusters"
  | "security"
  | "links"
>;

export interface KnownInput {
  readonly node: Node;
  readonly nowMs: MonotonicMs;
  readonly vehicles: readonly NodeIndex[];
  readonly nameOf: PlaceNamer;
  /** The planner's ground. */
  readonly heightAmslM: (northM: number, eastM: number) => number;
  readonly base: PlanePoint;
  readonly descentMps: number;
  /** Middle and reach of each segment, by id: whether a vehicle searches it or is on its way. */
  readonly segmentReach: readonly (PlanePoint & { readonly reachM: number })[];
  /** Whether the crew at the base has released this vehicle. */
  readonly released: (vehicle: NodeIndex) => boolean;
  readonly firstSeenS: (key: string) => number;
  readonly handshakes: number;
  readonly segments: readonly SegmentRow[];
}

const SUITE = "0x01: X25519 + ML-KEM-768, Ed25519 + ML-DSA-65, ChaCha20-Poly1305";
/** A claim is carried forward by its velocity for no longer than this. */
const COAST_MAX_S = 3;
const SILENT_MS = 3000;
const OUT_OF_RANGE_LONG_S = 60;
/** An announced duty counts as present for this long. */
const WORD_FRESH_S = 15;
const CLEAR_MARGIN_M = 5;
const FULL_RATIO = 0.95;
const LOG_UNITS = 65_535;
const HOUR_S = 3600;

export function composeKnown(input: KnownInput): Known {
  const vehicles = vehiclesOf(input);
  return {
    vehicles,
    segments: input.segments,
    detections: detectionsOf(input),
    orders: ordersOf({ ...input, vehicles }),
    clearAir: clearAirOf(input, vehicles),
    cluster: clusterOf(input),
    clusters: clustersOf(input),
    security: securityOf(input),
    links: linksOf(input),
  };
}

export function vehiclesOf(input: KnownInput): VehicleRow[] {
  const gathered = gather(input);
  return input.vehicles.map((index) => vehicleOf(gathered, index));
}

/** What is asked for each vehicle, looked up once: a search a vehicle ends at a few hundred. */
interface Gathered extends KnownInput {
  readonly intents: ReadonlyMap<number, Node["layers"]["swarm"]["intents"][number]>;
  readonly verdicts: ReadonlyMap<number, string>;
  /** What the logs say of their members: in a large swarm each is in one cluster's log. */
  readonly standings: ReadonlyMap<number, string>;
  readonly heads: ReadonlySet<number>;
  readonly search: SearchFacts;
}

function gather(input: KnownInput): Gathered {
  const { swarm, fault, logs } = input.node.layers;
  const members = logs.all.flatMap(({ consensus }) => consensus.state.members.entries());
  return {
    ...input,
    intents: new Map(swarm.intents.map((heard) => [heard.from, heard])),
    verdicts: new Map(fault.peers.map(({ peer, verdict }) => [peer, verdict])),
    standings: new Map(members.map(([index, { standing }]) => [index, standing])),
    heads: new Set(logs.all.flatMap(({ leader }) => leader ?? [])),
    search: searchFacts(input.node),
  };
}

type Peer = NonNullable<ReturnType<Node["layers"]["network"]["peer"]>>;
type Intent = Node["layers"]["swarm"]["intents"][number]["intent"];

function vehicleOf(input: Gathered, index: NodeIndex): VehicleRow {
  const { node, nowMs, nameOf } = input;
  const peer = node.layers.network.peer(index);
  if (peer?.positionValid !== true) return neverHeard(input, index);
  const heard = input.intents.get(index);
  const coastS = Math.min(COAST_MAX_S, peer.beaconAgeMs / 1000);
  const position = {
    northM: peer.position.northM + peer.northMps * coastS,
    eastM: peer.position.eastM + peer.eastMps * coastS,
  };
  const altitudeAmslM = peer.position.altitudeAmslM - peer.downMps * coastS;
  const status = statusOf(input, index, { peer, intent: heard?.intent, position });
  const spareS = heard === undefined ? 0 : heard.intent.spareS - (nowMs - heard.atMs) / 1000;
  const wordS = heard === undefined ? Infinity : (nowMs - heard.atMs) / 1000;
  const toldS = Math.min(nowMs, peer.beaconAgeMs) / 1000;
  // A landed vehicle behind a relay says so in its intent long after its last beacon came here.
  const landed = heard?.intent.duty === "grounded" && wordS < toldS;
  const inAir = peer.inAir && !landed;
  const speedMps = landed ? 0 : Math.hypot(peer.northMps, peer.eastMps);
  const flies = inAir && status !== "lost";
  const row: Omit<VehicleRow, "needs"> = {
    index,
    name: `vehicle ${index}`,
    status,
    position,
    place: nameOf(position),
    velocity: { northMps: peer.northMps, eastMps: peer.eastMps, upMps: -peer.downMps },
    altitudeAmslM,
    altitudeAglM: Math.max(0, altitudeAmslM - input.heightAmslM(position.northM, position.eastM)),
    speedMps,
    headingRad: speedMps < 0.5 ? 0 : Math.atan2(peer.eastMps, peer.northMps),
    batteryRatio: peer.batteryRatio,
    minutesLeft: flies && heard !== undefined ? Math.max(0, spareS / 60) : null,
    segment: flies ? (heard?.intent.segments[0] ?? null) : null,
    lastHeardS: Math.min(nowMs, peer.evidenceAgeMs) / 1000,
    toldS: Math.min(toldS, wordS),
    positionAgeS: toldS,
    linkQuality: qualityOf(peer),
    hops: hopsTo(node, index),
    behaviour: heard?.intent.duty ?? "",
    leader: input.heads.has(index),
    armed: inAir,
    released: input.released(index),
  };
  return { ...row, needs: needsOf(input, { ...row, needs: "" }) };
}

function neverHeard(input: KnownInput, index: NodeIndex): VehicleRow {
  const { nameOf, base, heightAmslM, nowMs } = input;
  return {
    index,
    name: `vehicle ${index}`,
    status: "waiting",
    position: base,
    place: nameOf(base),
    velocity: { northMps: 0, eastMps: 0, upMps: 0 },
    altitudeAmslM: heightAmslM(base.northM, base.eastM),
    altitudeAglM: null,
    speedMps: 0,
    headingRad: 0,
    batteryRatio: 0,
    minutesLeft: null,
    needs: "",
    segment: null,
    lastHeardS: nowMs / 1000,
    toldS: nowMs / 1000,
    positionAgeS: nowMs / 1000,
    linkQuality: 0,
    hops: 0,
    behaviour: "",
    leader: false,
    armed: false,
    released: input.released(index),
  };
}

/** The direct link while it is up; else what the route costs, in 1/64 transmissions. */
function qualityOf(peer: Peer): number {
  if (peer.evidenceAgeMs > SILENT_MS) return 0;
  const quality = peer.state === "up" ? peer.inRatio : 64 / Math.max(64, peer.metric);
  return Math.max(0, Math.min(1, quality));
}

/** 1 when the next hop is the vehicle itself, 2 for beyond, 0 when there is no way. */
function hopsTo(node: Node, vehicle: NodeIndex): number {
  const next = node.layers.network.nextHopTo(vehicle);
  if (next === undefined) return 0;
  return next === vehicle ? 1 : 2;
}

interface StatusFacts {
  readonly peer: Peer;
  readonly intent: Intent | undefined;
  readonly position: PlanePoint;
}

function statusOf(input: Gathered, index: NodeIndex, facts: StatusFacts): VehicleStatus {
  const standing = input.standings.get(index);
  const verdict = input.verdicts.get(index);
  if (verdict === "dead" || standing === "lost" || standing === "evicted") return "lost";
  if (verdict === "outOfRange") return "outOfRange";
  const { peer, intent } = facts;
  if (!peer.inAir) return onGround(input, peer, intent?.duty);
  if (intent === undefined) return "transit";
  return inAir(input, intent, facts.position);
}

/** On a pad with a full battery it is ready once its crew has released it. */
function onGround(input: Gathered, peer: Peer, duty: Duty | undefined): VehicleStatus {
  if (input.search.phase === "planned") return "waiting";
  const arms = duty === "arming" || duty === "takeoff";
  return arms || peer.batteryRatio >= FULL_RATIO ? "ready" : "charging";
}

function inAir(input: KnownInput, intent: Intent, position: PlanePoint): VehicleStatus {
  switch (intent.duty) {
    case "search": {
      const reach = input.segmentReach[intent.segments[0] ?? -1];
      if (reach === undefined) return "transit";
      const awayM = Math.hypot(position.northM - reach.northM, position.eastM - reach.eastM);
      return awayM <= reach.reachM ? "searching" : "transit";
    }
    case "behaviour":
      return "searching";
    case "takeoff":
    case "arming":
      return "transit";
    case "look":
      return "lookingAgain";
    case "eyes":
      return "overhead";
    case "hold":
    case "manual":
      return "holding";
    case "return":
      return "returning";
    case "land":
    case "grounded":
      return "landing";
    default:
      return intent.duty satisfies never;
  }
}

/** In words, what a person could do something about. */
function needsOf(input: Gathered, row: VehicleRow): string {
  const { base, search } = input;
  const { status, toldS, place, position, armed, minutesLeft } = row;
  const silent = `not heard for ${ageText(toldS)}`;
  if (status === "lost") return `${silent}; last place ${place.mgrs}`;
  if (toldS > OUT_OF_RANGE_LONG_S) return `${silent}; last place ${place.mgrs}`;
  const blocker = blockerOf({ base, search }, row);
  const awayM = Math.hypot(position.northM - base.northM, position.eastM - base.eastM);
  if (!armed && awayM > HOME_M) {
    return blocker === "" ? `landed ${Math.round(awayM)} m from the base` : blocker;
  }
  // The crew at the base changes the battery and releases; before that nobody is called.
  if (blocker !== "" && status !== "charging") return blocker;
  const homeward = status === "returning" || status === "landing";
  if (minutesLeft !== null && minutesLeft <= 0 && !homeward) return "no battery left to go on";
  return "";
}

const ageText = (seconds: number): string =>
  seconds < 120 ? `${Math.round(seconds)} s` : `${Math.floor(seconds / 60)} min`;

const DETECTION_STATES = {
  open: "waiting",
  lookAgain: "lookingAgain",
  confirmed: "confirmed",
  dismissed: "dismissed",
} as const;

function detectionsOf({ node, nameOf, firstSeenS }: KnownInput): DetectionRow[] {
  return node.agreed.detections.map(([id, { detection, verdict }]) => {
    const position = {
      northM: detection.position.northCm / 100,
      eastM: detection.position.eastCm / 100,
    };
    return {
      id,
      name: detectionName(id),
      finder: detection.finder,
      atS: firstSeenS(`detection ${id}`),
      position,
      errorM: detection.errorCm / 100,
      confidence: detection.confidence / LOG_UNITS,
      imageRef: detection.imageRef,
      state: DETECTION_STATES[verdict],
      place: nameOf(position),
    };
  });
}

/** By the last order given here; the log's latch says the same once it is agreed. */
function clearAirOf(
  { node, descentMps }: KnownInput,
  vehicles: readonly VehicleRow[],
): GroundView["clearAir"] {
  const last = node.orders.findLast(({ order }) => order.command.kind === "clearAir");
  const command = last?.order.command;
  const ordered = command?.kind === "clearAir" && !command.lift;
  const ceilingAglM = ordered ? command.ceilingAglM : 0;
  const above = vehicles
    .map(({ index, armed, altitudeAglM, positionAgeS }) => ({
      index,
      heard: positionAgeS * 1000 <= SILENT_MS,
      excessM: armed ? (altitudeAglM ?? 0) - ceilingAglM : 0,
    }))
    .filter(({ excessM }) => excessM > CLEAR_MARGIN_M)
    .sort((a, b) => b.excessM - a.excessM);
  const worst = above.find(({ heard }) => heard);
  return {
    active: ordered,
    ceilingAglM,
    clear: vehicles.length - above.length,
    total: vehicles.length,
    worst:
      worst === undefined
        ? null
        : { vehicle: worst.index, inS: worst.excessM / Math.max(0.5, descentMps) },
    silent: above.filter(({ heard }) => !heard).map(({ index }) => index),
  };
}

function clusterOf({ node, nowMs }: KnownInput): GroundView["cluster"] {
  const { consensus, network } = node.layers;
  const { self, leader, configuration } = consensus;
  return {
    leader: leader ?? null,
    term: consensus.term,
    commitIndex: consensus.commitIndex,
    quorum: consensus.hasQuorum(nowMs),
    members: consensus.members.map((index) => {
      const ageMs = network.peer(index)?.evidenceAgeMs ?? Infinity;
      const follows = configuration.nonVoters.includes(index) ? "nonVoter" : "follower";
      return {
        index,
        role: index === leader ? "leader" : follows,
        reachable: index === self || ageMs < SILENT_MS,
        matchIndex: index === self ? consensus.appliedIndex : null,
      };
    }),
  };
}

/** Every log that the station follows, one a cluster; the station itself counts in none. */
function clustersOf({ node, nowMs, vehicles }: KnownInput): ClusterRow[] {
  const { logs, network } = node.layers;
  const known = new Set(vehicles);
  const heard = (index: NodeIndex): boolean =>
    (network.peer(index)?.evidenceAgeMs ?? Infinity) < SILENT_MS;
  return logs.all.map(({ cluster, consensus }) => {
    const members = consensus.members.filter((index) => known.has(index));
    return {
      id: cluster,
      head: consensus.leader ?? null,
      term: consensus.term,
      members,
      reachable: members.filter(heard).length,
      quorum: consensus.hasQuorum(nowMs),
    };
  });
}

function securityOf(input: KnownInput): GroundView["security"] {
  const { node, vehicles, handshakes, firstSeenS, nowMs } = input;
  const { security, consensus } = node.layers;
  const refused = [
    ...[...security.refused].map(([reason, count]) => ({ reason: reason, count })),
    ...node.refusals,
  ];
  const counts = new Map<string, number>();
  for (const { reason, count } of refused) {
    counts.set(reason, Math.max(count, counts.get(reason) ?? 0));
  }
  return {
    suite: SUITE,
    epoch: security.epoch,
    handshakes,
    sessions: vehicles
      .filter((vehicle) => security.hasSession(vehicle))
      .map((peer) => ({ peer, ageS: nowMs / 1000 - firstSeenS(`session ${peer}`) })),
    evicted: vehicles.filter((vehicle) => consensus.state.isEvicted(vehicle)),
    refused: [...counts].map(([reason, count]) => ({ reason: sentenceOf(reason), count })),
  };
}

/** The links that the ground uses: to each peer, or to the neighbor that relays for it. */
function linksOf({ node, vehicles }: KnownInput): GroundView["links"] {
  const { network } = node.layers;
  return vehicles.flatMap((a) => {
    const peer = network.peer(a);
    if (peer === undefined || peer.evidenceAgeMs > SILENT_MS) return [];
    const next = network.nextHopTo(a) ?? a;
    const b = next === a ? 0 : next;
    const lifetimeS = b === 0 ? peer.lifetimeS : (network.peer(next)?.lifetimeS ?? 0);
    return [{ a, b, quality: qualityOf(peer), lifetimeS: Math.min(HOUR_S, lifetimeS) }];
  });
}

/** The next vehicle that must come home, as each announced. */
export function nextReliefOf(vehicles: readonly VehicleRow[]): GroundView["nextRelief"] {
  const [soonest] = vehicles
    .filter(
      ({ minutesLeft, status, toldS }) =>
        minutesLeft !== null && status !== "returning" && toldS <= WORD_FRESH_S,
    )
    .sort((a, b) => (a.minutesLeft ?? 0) - (b.minutesLeft ?? 0));
  if (soonest === undefined) return null;
  return { vehicle: soonest.index, inS: 60 * (soonest.minutesLeft ?? 0) };
}
