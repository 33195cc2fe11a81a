/**
 * The whole flow on one screen: which output of which layer goes where. Layers never call one
 * another; the node does, by these tables. `Hands` is all that a route may touch.
 *
 * datagram -> security -> network -> security -> (consensus | fault | swarm | orders) and back:
 * consensus, fault, swarm -> security (seal) -> network -> security (hop) -> transmit.
 */
import { BROADCAST, after, type MonotonicMs, type NodeIndex } from "../base/mod.ts";
import type { ConsensusIn, ConsensusOut } from "../consensus/mod.ts";
import type { FaultIn, FaultOut } from "../fault/mod.ts";
import {
  CLUSTER_RADIO,
  COMMON_RADIO,
  type AccessClass,
  type RadioIndex,
  type StoreRequest,
} from "../hal/mod.ts";
import type { NetworkIn, NetworkOut, PlanPoint, TrafficClass } from "../network/mod.ts";
import type { CheckedOrder, SecurityIn, SecurityOut, Verified } from "../security/mod.ts";
import type { SwarmIn, SwarmOut } from "../swarm/mod.ts";
import type { NodeEventDetail } from "./events.ts";
import type { Effect } from "./types.ts";

/** What travels beside a packet while security seals it. */
export interface HopCarry {
  readonly radio: RadioIndex;
  readonly access: AccessClass;
  readonly expiresAt: MonotonicMs;
}

/** What travels beside a message while security seals its envelope. */
export interface EnvelopeCarry {
  readonly trafficClass: TrafficClass;
  readonly expiresAt: MonotonicMs;
  readonly repeated: boolean;
}

export interface Hands {
  now(): MonotonicMs;
  /** Signal figures of the datagram that is being worked on. */
  link(): { readonly rssiDbm: number; readonly snrDb: number };
  network(input: NetworkIn): void;
  security(input: SecurityIn): void;
  consensus(input: ConsensusIn): void;
  swarm(input: SwarmIn): void;
  fault(input: FaultIn): void;
  effect(effect: Effect): void;
  event(detail: NodeEventDetail): void;
  /** A store request on behalf of consensus; the answer finds its way back by the ticket. */
  ask(ticket: number, request: StoreRequest): void;
  /** A message from another node, by its first byte. */
  message(out: Extract<SecurityOut, { readonly kind: "message" }>): void;
  order(order: Verified<CheckedOrder>, bytes: Uint8Array, carry: unknown): void;
  /** A message of this node: sealed for the group or a peer, then sent. */
  say(message: Saying): void;
  beaconHeard(out: Extract<SecurityOut, { readonly kind: "beacon" }>): void;
  applied(out: Extract<ConsensusOut, { readonly kind: "applied" }>): void;
  restored(): void;
  role(out: Extract<ConsensusOut, { readonly kind: "role" }>): void;
  configuration(out: Extract<ConsensusOut, { readonly kind: "configuration" }>): void;
  swarmEvent(out: Extract<SwarmOut, { readonly kind: "event" }>): void;
  command(out: Extract<SwarmOut, { readonly kind: "command" }>): void;
  propose(out: Extract<SwarmOut, { readonly kind: "propose" }>): void;
  planHorizon(points: readonly PlanPoint[]): void;
  directive(out: Extract<FaultOut, { readonly kind: "directive" }>): void;
  faultEvent(out: Extract<FaultOut, { readonly kind: "event" }>): void;
  peerBooted(out: Extract<SecurityOut, { readonly kind: "peerBoot" }>): void;
  epochProposed(out: Extract<SecurityOut, { readonly kind: "epochProposed" }>): void;
  refused(code: string): void;
  sessionOpened(out: Extract<SecurityOut, { readonly kind: "sessionOpened" }>): void;
  rung(out: Extract<FaultOut, { readonly kind: "rung" }>): void;
  proposalState(out: Extract<ConsensusOut, { readonly kind: "proposalState" }>): void;
}

/** Hands for work and for what leaves the node. */
export type QueueHands =
  | "now"
  | "link"
  | "network"
  | "security"
  | "consensus"
  | "swarm"
  | "fault"
  | "effect"
  | "event"
  | "ask"
  | "say"
  | "refused";
/** Hands for what comes from swarm and fault. */
export type UpperHands =
  "swarmEvent" | "command" | "propose" | "planHorizon" | "directive" | "faultEvent" | "rung";

export interface Saying {
  /** To the swarm go orders alone. */
  readonly to: "swarm" | "group" | NodeIndex;
  /** Whose cluster the group is that of; the own's, or the log's that speaks, without it. */
  readonly about?: NodeIndex;
  readonly sign: boolean;
  readonly message: Uint8Array;
  readonly trafficClass: TrafficClass;
  readonly expiresAt: MonotonicMs;
  readonly repeated?: boolean;
}

type Routes<Out extends { readonly kind: string }> = {
  readonly [Kind in Out["kind"]]: (
    out: Extract<Out, { readonly kind: Kind }>,
    hands: Hands,
  ) => void;
};

/** How long a consensus message may wait for the air before it is of no more use. */
const CONSENSUS_EXPIRY_MS = 400;
/** Key wraps, handshakes and announcements. */
const CONTROL_EXPIRY_MS = 1500;
const GOSSIP_EXPIRY_MS = 2000;
const COORDINATION: TrafficClass = 3;
const STATE: TrafficClass = 2;

const SECURITY_ROUTES: Routes<SecurityOut> = {
  packet: ({ from, bytes }, hands) => {
    hands.network({ kind: "packet", from, bytes, ...hands.link() });
  },
  beacon: (out, hands) => {
    hands.beaconHeard(out);
  },
  datagram: ({ bytes, carry }, hands) => {
    const { radio, access, expiresAt } = carry as HopCarry;
    hands.effect({ kind: "transmit", datagram: { radio, bytes, access, expiresAt } });
  },
  envelope: ({ to, bytes, carry }, hands) => {
    const { trafficClass, expiresAt, repeated } = carry as EnvelopeCarry;
    hands.network({ kind: "send", to, trafficClass, payload: bytes, expiresAt, repeated });
  },
  message: (out, hands) => {
    hands.message(out);
  },
  order: ({ order, bytes, carry }, hands) => {
    hands.order(order, bytes, carry);
  },
  orderRefused: ({ problem }, hands) => {
    hands.refused(problem.code);
  },
  handshake: (out, hands) => {
    sendControl(out, hands);
  },
  control: (out, hands) => {
    sendControl(out, hands);
  },
  sessionOpened: (out, hands) => {
    hands.sessionOpened(out);
  },
  sessionClosed: ({ problem }, hands) => {
    hands.refused(problem);
  },
  epochProposed: (out, hands) => {
    hands.epochProposed(out);
  },
  epochActive: ({ epoch }, hands) => {
    hands.event({ kind: "epochOpened", epoch });
  },
  epochMismatch: ({ from }, hands) => {
    hands.event({ kind: "refused", code: `epochMismatch ${String(from)}`, count: 1 });
  },
  peerBoot: (out, hands) => {
    hands.peerBooted(out);
  },
};

/** As a datagram of its own when the peer cannot open our hop seal, else as a packet. */
function sendControl(
  out: { readonly to: NodeIndex; readonly bytes: Uint8Array; readonly direct: boolean },
  hands: Hands,
): void {
  const { to, bytes, direct } = out;
  const expiresAt = after(hands.now(), CONTROL_EXPIRY_MS);
  if (direct) {
    const access = "video" as const;
    const radio = COMMON_RADIO;
    hands.effect({ kind: "transmit", datagram: { radio, bytes, access, expiresAt } });
  } else {
    hands.network({ kind: "send", to, trafficClass: COORDINATION, payload: bytes, expiresAt });
  }
}

const NETWORK_ROUTES: Routes<NetworkOut> = {
  deliver: ({ from, payload }, hands) => {
    hands.security({ kind: "openEnvelope", from, bytes: payload });
  },
  transmit: ({ bytes, channel, access, expiresAt }, hands) => {
    const radio = channel === "common" ? COMMON_RADIO : CLUSTER_RADIO;
    hands.security({ kind: "sealHop", packet: bytes, carry: { radio, access, expiresAt } });
  },
  beacon: ({ body, access, expiresAt }, hands) => {
    const carry: HopCarry = { radio: COMMON_RADIO, access, expiresAt };
    hands.security({ kind: "sealBeacon", body, carry });
  },
  neighborUp: () => undefined,
  neighborDown: () => undefined,
  linkBreakPredicted: () => undefined,
  dropped: ({ reason }, hands) => {
    hands.refused(`drop ${reason}`);
  },
};

const CONSENSUS_ROUTES: Routes<ConsensusOut> = {
  send: ({ to, bytes, sign, repeated }, hands) => {
    hands.say({
      to: to === BROADCAST ? "group" : to,
      sign: sign || to === BROADCAST,
      repeated,
      message: bytes,
      trafficClass: COORDINATION,
      expiresAt: after(hands.now(), CONSENSUS_EXPIRY_MS),
    });
  },
  ask: ({ ticket, request }, hands) => {
    hands.ask(ticket, request);
  },
  applied: (out, hands) => {
    hands.applied(out);
  },
  restored: (_out, hands) => {
    hands.restored();
  },
  role: (out, hands) => {
    hands.role(out);
  },
  proposalState: (out, hands) => {
    hands.proposalState(out);
  },
  configuration: (out, hands) => {
    hands.configuration(out);
  },
  problem: ({ problem }, hands) => {
    hands.refused(problem.code);
  },
};

const SWARM_ROUTES: Routes<SwarmOut> = {
  command: (out, hands) => {
    hands.command(out);
  },
  propose: (out, hands) => {
    hands.propose(out);
  },
  message: ({ bytes }, hands) => {
    hands.say({
      to: "group",
      sign: true,
      message: bytes,
      trafficClass: STATE,
      expiresAt: after(hands.now(), GOSSIP_EXPIRY_MS),
    });
  },
  event: (out, hands) => {
    hands.swarmEvent(out);
  },
  planHorizon: ({ points }, hands) => {
    hands.planHorizon(points);
  },
};

const FAULT_ROUTES: Routes<FaultOut> = {
  event: (out, hands) => {
    hands.faultEvent(out);
  },
  directive: (out, hands) => {
    hands.directive(out);
  },
  rung: (out, hands) => {
    hands.rung(out);
  },
  send: ({ to, about, trafficClass, bytes, expiresAt }, hands) => {
    hands.say({
      to: to === BROADCAST ? "group" : to,
      about,
      sign: true,
      message: bytes,
      trafficClass,
      expiresAt,
    });
  },
};

type AnyRoute<Out> = (out: Out, hands: Hands) => void;

const follow =
  <Out extends { readonly kind: string }>(routes: Routes<Out>) =>
  (out: Out, hands: Hands): void => {
    const route = routes[out.kind as Out["kind"]] as AnyRoute<Out>;
    route(out, hands);
  };

export const routeSecurity: AnyRoute<SecurityOut> = follow(SECURITY_ROUTES);
export const routeNetwork: AnyRoute<NetworkOut> = follow(NETWORK_ROUTES);
export const routeConsensus: AnyRoute<ConsensusOut> = follow(CONSENSUS_ROUTES);
export const routeSwarm: AnyRoute<SwarmOut> = follow(SWARM_ROUTES);
export const routeFault: AnyRoute<FaultOut> = follow(FAULT_ROUTES);
