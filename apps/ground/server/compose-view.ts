/**
 * What the ground's own node knows and the swarm has agreed, as the page shows it. Pure: the same
 * node and moment give the same view. Nothing here looks at a simulated world's truth.
 */
import { monotonicMs, nodeIndex, type NodeIndex } from "../../../src/base/mod.ts";
import type { Node, OrderRecord } from "../../../src/node/mod.ts";
import { orderId } from "../../../src/security/mod.ts";
import type { Duty, Mission } from "../../../src/swarm/mod.ts";
import type {
  DetectionRow,
  GroundView,
  OrderRow,
  SegmentRow,
  VehicleRow,
  VehicleStatus,
} from "../report/view.ts";
import type { PlaceNamer } from "./places.ts";

export interface ViewInput {
  readonly node: Node;
  readonly mission: Mission;
  readonly vehicles: readonly NodeIndex[];
  readonly nowMs: number;
  readonly nameOf: PlaceNamer;
  /** Ground height by the planner's map. */
  readonly heightAmslM: (northM: number, eastM: number) => number;
  /** Vehicles that the crew has released, as the crew's switches say. */
  readonly released: (vehicle: NodeIndex) => boolean;
  /** When each detection was first seen here, seconds. */
  readonly detectedAtS: ReadonlyMap<number, number>;
  readonly handshakes: number;
  readonly startedAtS: number | undefined;
  readonly phase: GroundView["phase"];
  readonly curve: GroundView["pos"]["curve"];
  readonly plan: GroundView["pos"]["plan"];
}

type Parts = Omit<GroundView, "kind" | "sequence" | "simulation">;

export function composeView(input: ViewInput): Parts {
  const { node, nowMs } = input;
  const rows = input.vehicles.map((vehicle) => vehicleRow(input, vehicle));
  const { low, high } = node.layers.swarm.success;
  return {
    missionTimeS: nowMs / 1000,
    phase: input.phase,
    vehicles: rows,
    segments: segmentRows(input),
    detections: detectionRows(input),
    pos: {
      low,
      high,
      predictedAtEnd: input.plan.at(-1)?.[1] ?? 0,
      curve: input.curve,
      plan: input.plan,
    },
    nextRelief: nextRelief(input, rows),
    orders: node.orders.map(orderRow).reverse(),
    clearAir: clearAirOf(input, rows),
    cluster: clusterOf(input),
    security: securityOf(input),
    links: linksOf(input),
  };
}

const STATUS: Readonly<Record<Duty, VehicleStatus>> = Object.freeze({
  grounded: "waiting",
  arming: "ready",
  takeoff: "transit",
  search: "searching",
  goTo: "transit",
  look: "lookingAgain",
  eyes: "overhead",
  hold: "holding",
  return: "returning",
  land: "landing",
  behaviour: "searching",
  manual: "holding",
});

function vehicleRow(input: ViewInput, vehicle: NodeIndex): VehicleRow {
  const { node, nowMs, nameOf, mission } = input;
  const row = node.layers.network.peer(vehicle);
  const heard = node.layers.swarm.intents.find(({ from }) => from === vehicle);
  const position = row?.positionValid === true ? row.position : undefined;
  const place = position ?? { ...mission.base.position, altitudeAmslM: 0 };
  const { northMps = 0, eastMps = 0, downMps = 0 } = row ?? {};
  const groundM = input.heightAmslM(place.northM, place.eastM);
  const inAir = row?.inAir ?? false;
  const lastHeardS = row === undefined ? Infinity : row.evidenceAgeMs / 1000;
  const status = statusOf(input, vehicle, heard?.intent.duty);
  return {
    index: vehicle,
    name: `Vehicle ${String(vehicle)}`,
    status,
    position: { northM: place.northM, eastM: place.eastM },
    place: nameOf(place),
    velocity: { northMps, eastMps, upMps: -downMps },
    altitudeAmslM: position === undefined ? groundM : place.altitudeAmslM,
    altitudeAglM: position === undefined ? null : place.altitudeAmslM - groundM,
    speedMps: Math.hypot(northMps, eastMps),
    headingRad: Math.atan2(eastMps, northMps),
    batteryRatio: row?.batteryRatio ?? 0,
    minutesLeft: inAir && heard !== undefined ? heard.intent.spareS / 60 : null,
    needs: needsOf(status, row?.batteryRatio ?? 1, lastHeardS, mission),
    segment: heard?.intent.segments[0] ?? null,
    lastHeardS: Number.isFinite(lastHeardS) ? lastHeardS : nowMs / 1000,
    linkQuality: row === undefined || !Number.isFinite(row.etx) ? 0 : 1 / row.etx,
    hops: hopsTo(node, vehicle),
    behaviour: heard?.intent.duty ?? "",
    leader: node.layers.consensus.leader === vehicle,
    armed: inAir,
    released: input.released(vehicle),
  };
}

function statusOf(input: ViewInput, vehicle: NodeIndex, duty: Duty | undefined): VehicleStatus {
  const verdict = input.node.layers.fault.peers.find(({ peer }) => peer === vehicle)?.verdict;
  if (verdict === "dead") return "lost";
  if (verdict === "outOfRange") return "outOfRange";
  if (duty === undefined) return "waiting";
  return STATUS[duty];
}

function needsOf(
  status: VehicleStatus,
  batteryRatio: number,
  lastHeardS: number,
  mission: Mission,
): string {
  if (status === "lost") return "nobody has heard it; look for it at its last place";
  if (status === "outOfRange" && lastHeardS > 120) return "out of range for long";
  const low = batteryRatio < mission.limits.reserveRatio;
  return low && status !== "waiting" && status !== "charging" ? "battery below the reserve" : "";
}

/** 1 when the next hop is the vehicle itself, 2 beyond, 0 when there is no way. */
function hopsTo(node: Node, vehicle: NodeIndex): number {
  const next = node.layers.network.nextHopTo(vehicle);
  if (next === undefined) return 0;
  return next === vehicle ? 1 : 2;
}

function segmentRows({ node, mission }: ViewInput): SegmentRow[] {
  return node.layers.swarm.segments.map((segment) => {
    const swept = node.layers.swarm.sweptShare(segment.segment);
    const passed = segment.progress.pass > 0;
    return {
      id: segment.segment,
      state:
        segment.owner === undefined
          ? passed
            ? "done"
            : "open"
          : swept > 0
            ? "searching"
            : "leased",
      owner: segment.owner ?? null,
      poa: segment.mass,
      podLow: Math.min(segment.podLow, segment.podHigh),
      podHigh: Math.min(1, segment.podHigh, mission.vehicles.count > 0 ? 1 : 0),
    };
  });
}

function detectionRows({ node, nameOf, detectedAtS }: ViewInput): DetectionRow[] {
  const state = { open: "waiting", lookAgain: "lookingAgain" } as const;
  return node.layers.consensus.state.detections.entries().map(([id, { detection, verdict }]) => {
    const position = {
      northM: detection.position.northCm / 100,
      eastM: detection.position.eastCm / 100,
    };
    return {
      id,
      finder: detection.finder,
      atS: detectedAtS.get(id) ?? 0,
      position,
      errorM: detection.errorCm / 100,
      confidence: detection.confidence / 65_535,
      imageRef: detection.imageRef,
      state: verdict === "confirmed" || verdict === "dismissed" ? verdict : state[verdict],
      place: nameOf(position),
    };
  });
}

function nextRelief(input: ViewInput, rows: readonly VehicleRow[]): GroundView["nextRelief"] {
  let next: { readonly vehicle: number; readonly inS: number } | null = null;
  for (const { index, minutesLeft } of rows) {
    if (minutesLeft === null) continue;
    const inS = minutesLeft * 60;
    if (next === null || inS < next.inS) next = { vehicle: index, inS };
  }
  return next;
}

const orderRow = ({ order, at, rows }: OrderRecord): OrderRow => ({
  id: orderId(order),
  kind: order.command.kind,
  targets: rows.map(({ vehicle }) => vehicle),
  issuedAtS: at / 1000,
  states: rows.map(({ vehicle, step, reason }) => ({ vehicle, state: step, reason })),
});

const DESCENT_MPS = 3;

function clearAirOf(
  { node, mission }: ViewInput,
  rows: readonly VehicleRow[],
): GroundView["clearAir"] {
  const latch = node.layers.consensus.state.latches.get(1);
  const given = [...node.orders].reverse().find(({ order }) => order.command.kind === "clearAir");
  const command = given?.order.command;
  const active = command?.kind === "clearAir" ? !command.lift : (latch?.set ?? false);
  const ceilingAglM =
    command?.kind === "clearAir" ? command.ceilingAglM : (latch?.aglMaxCm ?? 0) / 100;
  const heights = rows.map(({ index, altitudeAglM }) => ({ index, aboveM: altitudeAglM ?? 0 }));
  const high = heights.filter(
    ({ aboveM }) => aboveM > ceilingAglM + mission.limits.clearanceM / 10,
  );
  const worst = high.reduce<(typeof high)[number] | undefined>(
    (most, one) => (most === undefined || one.aboveM > most.aboveM ? one : most),
    undefined,
  );
  return {
    active,
    ceilingAglM,
    clear: rows.length - high.length,
    total: rows.length,
    worst:
      worst === undefined
        ? null
        : { vehicle: worst.index, inS: (worst.aboveM - ceilingAglM) / DESCENT_MPS },
  };
}

function clusterOf({ node, nowMs }: ViewInput): GroundView["cluster"] {
  const { consensus, network } = node.layers;
  const { voters } = consensus.configuration;
  return {
    leader: consensus.leader ?? null,
    term: consensus.term,
    commitIndex: consensus.commitIndex,
    quorum: consensus.hasQuorum(monotonicMs(nowMs)),
    members: consensus.members.map((index) => ({
      index,
      role:
        consensus.leader === index ? "leader" : voters.includes(index) ? "follower" : "nonVoter",
      reachable: index === nodeIndex(0) || network.nextHopTo(index) !== undefined,
      matchIndex: null,
    })),
  };
}

function securityOf({ node, handshakes, vehicles }: ViewInput): GroundView["security"] {
  const { security, consensus } = node.layers;
  const refused = [...security.refused].map(([reason, count]) => ({ reason, count }));
  return {
    suite: "0x01 ML-KEM-768+X25519 / Ed25519+ML-DSA-65 / ChaCha20-Poly1305",
    epoch: security.epoch,
    handshakes,
    sessions: vehicles
      .filter((vehicle) => security.hasSession(vehicle))
      .map((peer) => ({ peer, ageS: 0 })),
    evicted: consensus.state.members
      .entries()
      .filter(([, { standing }]) => standing === "evicted")
      .map(([index]) => index),
    refused: [...refused, ...node.refusals],
  };
}

function linksOf({ node }: ViewInput): GroundView["links"] {
  return node.layers.network.peers
    .filter(({ state }) => state === "up")
    .map(({ peer, etx, lifetimeS }) => ({
      a: 0,
      b: peer,
      quality: Number.isFinite(etx) ? 1 / etx : 0,
      lifetimeS: Number.isFinite(lifetimeS) ? lifetimeS : 3600,
    }));
}
