/**
 * The node: the only place that knows all layers. It hands every stimulus to the layer that it
 * concerns and every output to where `routes.ts` says, until nothing is left to do.
 *
 * Work inside one step is a bounded queue: layers never call one another and never call back. The
 * node adds what belongs to no single layer: orders (desk and book), network time, the steward's
 * duties of the head, and the report of events.
 */
import {
  NEVER,
  Timers,
  after,
  invariant,
  type ByteReader,
  type ByteWriter,
  type Emit,
  type Machine,
  type MonotonicMs,
  type NodeIndex,
} from "../base/mod.ts";
import { encodeBody, kindOf, type ConsensusIn, type EntryBody } from "../consensus/mod.ts";
import type { FaultEvent } from "../fault/mod.ts";
import { CLUSTER_RADIO } from "../hal/mod.ts";
import type { StoreAnswer, StoreRequest, VehicleSample } from "../hal/mod.ts";
import { claimsOf, type PlanPoint } from "../network/mod.ts";
import { SecurityMessage, type Authenticated, type TrustLevel } from "../security/mod.ts";
import type { Duty } from "../swarm/mod.ts";
import {
  agreedView,
  changesOf,
  evictedMembers,
  heldLeases,
  keptOrders,
  lastEpoch,
  type AgreedView,
} from "./agreed-facts.ts";
import { STORE_BOOT, bootRecord } from "./boot-record.ts";
import { eventForSwarm, faultsEvent, forSwarm, headsEvent, swarmsEvent } from "./event-words.ts";
import type { NodeEventDetail } from "./events.ts";
import { inward, outward, storeOf, type ClusterLog } from "./cluster-logs.ts";
import { clusterFacts } from "./cluster-facts.ts";
import type { NodeIdentity } from "./identity.ts";
import { ClusterKeeper } from "./cluster-keeper.ts";
import { Mover, type MoverHands } from "./mover.ts";
import { emitsTo, noWakes, type LayerEmits, type LayerWakes, type Work } from "./layer-work.ts";
import type { Layers } from "./layers.ts";
import { NetworkClock, type ClockReading, type TimeEstimate } from "./network-clock.ts";
import type { OrderRecord } from "./order-book.ts";
import { OrderFlow } from "./order-flow.ts";
import { concerned } from "./order-clusters.ts";
import { orderBytesOf } from "./order-entry.ts";
import type { Hands, QueueHands, UpperHands } from "./routes.ts";
import { RecentTimes } from "./recent-times.ts";
import { severityOf } from "./severity.ts";
import { readNodeState, standingAt, writeNodeState, type NodeState } from "./node-state.ts";
import { Steward } from "./steward.ts";
import { bodyOf, changeForSwarm, memberBody, peerOf } from "./translate.ts";
import type { Effect, Stimulus } from "./types.ts";

/** A step that has not come to rest after so many inner steps has a loop in it. */
const INNER_STEPS_MAX = 20_000;
/** Own state to the network layer at 5 Hz, enough for beacons of any rate. */
const SELF_PERIOD_MS = 200;
const HOUSEKEEPING_MS = 500;
/** The fault layer looks at signs of life at this pace; its timers may ask for more. */
const PRESENCE_MS = 250;
const STORE_ORDERS = "orders";
export const STORE_DIVISION = "division";
const OWN_ORDER = "own";
/** Tickets of the node's own writes; those of consensus are below. */
const OWN_TICKETS = 0x40000000;
/** The first thing that a boot writes. */
const BOOT_TICKET = OWN_TICKETS + 1;
const REFUSALS_MAX = 64;

/** Members call a new head one after another: a handshake is a dozen long frames. */
const CONNECT_APART_MS = 250;
const CONNECT_TOGETHER = 12;

const TIMERS = ["self", "housekeeping", "presence", "connect"] as const;

export class Node implements Machine<Stimulus, Effect> {
  readonly layers: Layers;
  readonly identity: NodeIdentity;
  readonly #clock = new NetworkClock();
  readonly #orders: OrderFlow;
  readonly #steward = new Steward();
  readonly #timers = new Timers(TIMERS);
  readonly #mover: Mover;
  readonly #keeper: ClusterKeeper;
  readonly #hands: Hands;
  readonly #work: Work[] = [];
  /** When each layer wants its next wake; asked again only of those that have stepped since. */
  readonly #wakes: LayerWakes = noWakes();
  readonly #emits: LayerEmits;
  #refusals = new Map<string, number>();
  #emit: Emit<Effect> = () => undefined;
  #now: MonotonicMs = 0 as MonotonicMs;
  #stepping = false;
  #started = false;
  #link = { rssiDbm: 0, snrDb: 0 };
  #sample: VehicleSample | undefined;
  #plan: readonly PlanPoint[] = [];
  #duty: Duty = "grounded";
  #ownTicket = OWN_TICKETS;
  /** Until this boot's count is durable nothing is sent: the next boot must count further. */
  #bootKept = false;
  #bootNonces = new Map<NodeIndex, bigint>();
  /** The log that is being stepped; between its steps the own one. */
  #log: ClusterLog;
  readonly #commits = new RecentTimes();

  constructor(identity: NodeIdentity, layers: Layers) {
    this.identity = identity;
    this.layers = layers;
    this.#log = layers.logs.home;
    this.#hands = this.#makeHands();
    this.#emits = emitsTo(this.#hands);
    this.#orders = this.#makeOrders();
    this.#mover = this.#makeMover();
    this.#keeper = new ClusterKeeper(identity.partition, layers.swarm);
    if (identity.station !== undefined) {
      this.#sample = standingAt(identity.station);
      this.#timers.set("self", 0 as MonotonicMs);
    }
    this.#timers.set("housekeeping", 0 as MonotonicMs);
    this.#timers.set("presence", 0 as MonotonicMs);
  }

  /** Orders as this node knows them, oldest first. */
  get orders(): readonly OrderRecord[] {
    return this.#orders.records;
  }

  get sample(): VehicleSample | undefined {
    return this.#sample;
  }

  /** What the logs that this node follows say together; for pages and reports. */
  get agreed(): AgreedView {
    return agreedView(this.layers.logs.all.map(({ consensus }) => consensus));
  }

  /** The cluster of a vehicle as this node knows the division; the same for all where it is one. */
  clusterOf(vehicle: NodeIndex): number {
    return this.identity.partition.clusterOf(vehicle);
  }

  get duty(): Duty {
    return this.#duty;
  }

  /** Boot nonces of peers as their signed announcements say; for arming orders. */
  get bootNonces(): ReadonlyMap<NodeIndex, bigint> {
    return this.#bootNonces;
  }

  /** What was refused or dropped, by code, in order of first occurrence. */
  get refusals(): readonly { readonly reason: string; readonly count: number }[] {
    return [...this.#refusals].map(([reason, count]) => ({ reason, count }));
  }

  /** Milliseconds from proposing to applying, of this node's latest proposals. */
  get commitMs(): readonly number[] {
    return this.#commits.values;
  }

  networkTime(now: MonotonicMs): TimeEstimate {
    return this.#clock.estimate(now);
  }

  step(now: MonotonicMs, input: Stimulus, emit: Emit<Effect>): void {
    invariant(!this.#stepping, "a node is not stepped from an emit");
    this.#stepping = true;
    this.#now = now;
    this.#emit = emit;
    if (!this.#started) this.#start();
    this.#stimulate(input);
    this.#finishWork();
    this.#stepping = false;
  }

  wakeAt(): MonotonicMs {
    const wakes = this.#wakes;
    const { network, security, logs, swarm, fault } = this.layers;
    let soonest = this.#timers.next();
    soonest = sooner(soonest, (wakes.network ??= network.wakeAt()));
    soonest = sooner(soonest, (wakes.security ??= security.wakeAt()));
    soonest = sooner(soonest, logs.wakeAt());
    soonest = sooner(soonest, (wakes.swarm ??= swarm.wakeAt()));
    soonest = sooner(soonest, (wakes.fault ??= fault.wakeAt()));
    const ordersAt = this.#orders.wakeAt();
    return ordersAt < soonest ? ordersAt : soonest;
  }

  #wakeOf(layer: keyof LayerWakes): MonotonicMs {
    return (this.#wakes[layer] ??= this.layers[layer].wakeAt());
  }

  save(to: ByteWriter): void {
    const { network, security, logs, swarm, fault } = this.layers;
    for (const part of [network, security, logs, swarm, fault]) part.save(to);
    for (const part of this.#parts()) part.save(to);
    writeNodeState(to, this.#stateOf());
  }

  load(from: ByteReader): void {
    const { network, security, logs, swarm, fault } = this.layers;
    for (const part of [network, security, logs, swarm, fault]) part.load(from);
    for (const part of this.#parts()) part.load(from);
    this.#log = logs.home;
    this.#setState(readNodeState(from));
    Object.assign(this.#wakes, noWakes());
  }

  #parts(): readonly Pick<Mover, "save" | "load">[] {
    return [this.#clock, this.#orders, this.#steward, this.#timers, this.#mover, this.#keeper];
  }

  #stateOf(): NodeState {
    return {
      now: this.#now,
      started: this.#started,
      sample: this.#sample,
      plan: this.#plan,
      duty: this.#duty,
      ownTicket: this.#ownTicket,
      bootKept: this.#bootKept,
      bootNonces: this.#bootNonces,
      refusals: this.#refusals,
    };
  }

  #setState(state: NodeState): void {
    this.#now = state.now;
    this.#started = state.started;
    this.#sample = state.sample;
    this.#plan = state.plan;
    this.#duty = state.duty;
    this.#ownTicket = state.ownTicket;
    this.#bootKept = state.bootKept;
    this.#bootNonces = new Map(state.bootNonces);
    this.#refusals = new Map(state.refusals);
  }

  // -- stimuli --------------------------------------------------------------------------------

  #start(): void {
    this.#started = true;
    this.#keep(STORE_BOOT, [bootRecord(this.identity.bootCount)]);
    for (const log of this.layers.logs.all) {
      this.#begin(log);
    }
    const kept = this.identity.recovered.find(({ name }) => name === STORE_ORDERS);
    this.#orders.begin(kept?.records ?? []);
    this.#rosterChanged(this.layers.logs.home);
    this.#tune();
  }

  #makeMover(): Mover {
    const { identity, layers } = this;
    const { partition, self, recovered } = identity;
    const followsAll = identity.role === "ground";
    const hands: MoverHands = {
      now: () => this.#now,
      shares: () => {
        this.#hands.swarm({ kind: "applied", change: { kind: "shares" } });
      },
      leave: () => {
        this.#propose(memberBody(self, "left", identity.grounds));
      },
      hasLeft: () => !layers.consensus.members.includes(self),
      arrive: (cluster) => {
        this.#arrive(cluster);
      },
      follow: (cluster) => {
        const log = layers.logs.follow(cluster);
        if (log !== undefined) this.#begin(log);
      },
      keep: (records) => {
        this.#keep(STORE_DIVISION, records);
      },
    };
    const kept = recovered.find(({ name }) => name === STORE_DIVISION)?.records ?? [];
    return new Mover({ partition, followsAll, kept }, hands);
  }

  /** Into another cluster: its log, its keys, its channel; nothing of the old one counts on. */
  #arrive(cluster: number): void {
    const { home, isNew } = this.layers.logs.move(cluster);
    this.#log = home;
    this.#hands.security({ kind: "home", cluster });
    this.#hands.swarm({ kind: "applied", change: { kind: "reset" } });
    for (const change of changesOf(home.consensus.state)) {
      this.#hands.swarm({ kind: "applied", change });
    }
    if (isNew) this.#begin(home);
    this.#rosterChanged(home);
    this.#tune();
  }

  /** A log that is new here, with what the store has of it from an earlier boot. */
  #begin(log: ClusterLog): void {
    const store = storeOf(log.cluster, this.identity.recovered);
    this.#tellLog(log, { kind: "recovered", store });
    log.members = log.consensus.members;
  }

  /** The second radio, to the channel of the own cluster. */
  #tune(): void {
    const { partition, self } = this.identity;
    if (!partition.isDivided) return;
    this.#emit({ kind: "tune", radio: CLUSTER_RADIO, channel: partition.channelOf(self) });
  }

  #stimulate(input: Stimulus): void {
    switch (input.kind) {
      case "datagram":
        this.#link = { rssiDbm: input.datagram.rssiDbm, snrDb: input.datagram.snrDb };
        this.#hands.security({ kind: "datagram", bytes: input.datagram.bytes });
        return;
      case "vehicle":
        this.#sampled(input.sample);
        return;
      case "sensor": {
        const networkTimeMs = this.#clock.estimate(this.#now).timeMs;
        this.#hands.swarm({ kind: "sensor", report: input.report, networkTimeMs });
        return;
      }
      case "channel":
        this.#hands.network({ kind: "channel", report: input.report });
        return;
      case "operator":
        this.#hands.security({ kind: "signOrder", draft: input.draft, carry: OWN_ORDER });
        return;
      case "answer":
        this.#answered(input.answer);
        return;
      case "clock":
        this.#timeHeard(input);
        return;
      case "wake":
        this.#woken();
        return;
      default:
        input satisfies never;
    }
  }

  #sampled(sample: VehicleSample): void {
    this.#sample = sample;
    this.#hands.swarm({ kind: "vehicle", sample });
    this.#hands.fault({ kind: "vehicle", sample });
    if (this.#timers.at("self") === NEVER) this.#timers.set("self", this.#now);
    if (this.#timers.at("self") <= this.#now) this.#announceSelf(sample);
  }

  #announceSelf(sample: VehicleSample): void {
    this.#timers.set("self", after(this.#now, SELF_PERIOD_MS));
    const notes = {
      relay: true,
      ground: this.identity.role === "ground",
      keyEpoch: lastEpoch(this.layers.consensus.state) ?? 0,
      head: this.layers.logs.home.leader,
    };
    this.#hands.network({ kind: "self", sample, plan: this.#plan, notes });
  }

  #answered(answer: StoreAnswer): void {
    // A store that fails silences nobody: peers would rather hear of a boot that may be doubted.
    if (answer.ticket === BOOT_TICKET) this.#bootKept = true;
    const { cluster, ticket } = inward(answer.ticket);
    if (cluster > 0 || ticket < OWN_TICKETS) {
      const log = this.layers.logs.ofCluster(cluster);
      if (log !== undefined) this.#tellLog(log, { kind: "answer", answer: { ...answer, ticket } });
    } else if (answer.outcome !== "done") this.#hands.refused(`store ${answer.outcome}`);
  }

  #timeHeard(reading: ClockReading): void {
    this.#clock.hear(this.#now, reading);
    const { timeMs, errorMs, liars } = this.#clock.estimate(this.#now);
    for (const source of liars) this.#hands.refused(`clock ${source}`);
    this.#hands.security({ kind: "networkTime", timeMs, errorMs });
  }

  #woken(): void {
    const now = this.#now;
    if (this.#wakeOf("security") <= now) this.#hands.security({ kind: "wake" });
    if (this.#wakeOf("network") <= now) this.#hands.network({ kind: "wake" });
    for (const log of this.layers.logs.all) {
      if ((log.wakesAt ??= log.consensus.wakeAt()) <= now) this.#tellLog(log, { kind: "wake" });
    }
    if (this.#wakeOf("swarm") <= now) this.#hands.swarm({ kind: "wake" });
    if (this.#timers.due("self", now) && this.#sample !== undefined) {
      this.#announceSelf(this.#sample);
    }
    if (this.#timers.due("presence", now) || this.#wakeOf("fault") <= now) this.#lookAround();
    if (this.#timers.due("connect", now)) this.#connectHeads();
    if (this.#timers.due("housekeeping", now)) this.#keepHouse();
    if (this.#orders.wakeAt() <= now) this.#orders.wake();
  }

  #lookAround(): void {
    this.#timers.set("presence", after(this.#now, PRESENCE_MS));
    this.#hands.fault({ kind: "presence", table: this.layers.network.presence });
    this.#hands.fault({ kind: "wake" });
  }

  #keepHouse(): void {
    this.#timers.set("housekeeping", after(this.#now, HOUSEKEEPING_MS));
    const { leader, state } = this.layers.consensus;
    const quorum = this.layers.consensus.hasQuorum(this.#now);
    this.#hands.fault({ kind: "agreement", leader, quorum });
    const leases = this.layers.logs.all.flatMap((log) => heldLeases(log.consensus.state));
    this.#hands.fault({ kind: "leases", leases });
    this.#hands.fault({ kind: "plan", known: state.mission.phase === "started" });
    this.#hands.fault({ kind: "energy", homeRatio: this.layers.swarm.homeRatio });
    this.#hands.swarm({ kind: "fault", directive: { kind: "quorum", reachable: quorum } });
    this.#mover.tend();
    this.#manageClusters();
    const facts =
      this.layers.consensus.role === "leader"
        ? clusterFacts(this.layers, this.identity)
        : undefined;
    for (const duty of this.#steward.tend(this.#now, facts)) {
      switch (duty.kind) {
        case "openEpoch":
          this.#hands.security(duty);
          break;
        case "membership":
          this.#hands.consensus({ kind: "membership", change: duty });
          break;
        case "declare":
          if (this.identity.handsOver)
            this.#propose(memberBody(duty.peer, duty.action, this.identity.grounds));
          break;
        default:
          duty satisfies never;
      }
    }
  }

  /** On a station that can sign: keeps the clusters as they should be, once the search runs. */
  #manageClusters(): void {
    const { role, partition } = this.identity;
    if (role !== "ground" || !partition.isDivided || this.agreed.phase !== "started") return;
    const dead = this.layers.fault.peers.filter(({ verdict }) => verdict === "dead");
    const draft = this.#keeper.look(this.#now, {
      dead: new Set(dead.map(({ peer }) => peer)),
      peer: (index) => this.layers.network.peer(index),
    });
    if (draft !== undefined) this.#hands.security({ kind: "signOrder", draft, carry: OWN_ORDER });
  }

  // -- work -----------------------------------------------------------------------------------

  #finishWork(): void {
    for (let done = 0; done < this.#work.length; done += 1) {
      invariant(done < INNER_STEPS_MAX, "the inner steps of a stimulus come to rest");
      this.#do(this.#work[done]!);
    }
    this.#work.length = 0;
  }

  #do(work: Work): void {
    const emits = this.#emits;
    if (work.to === "consensus") work.log.wakesAt = undefined;
    else this.#wakes[work.to] = undefined;
    switch (work.to) {
      case "network":
        this.layers.network.step(this.#now, work.input, emits.network);
        return;
      case "security":
        this.layers.security.step(this.#now, work.input, emits.security);
        return;
      case "consensus":
        this.#log = work.log;
        work.log.consensus.step(this.#now, work.input, emits.consensus);
        this.#log = this.layers.logs.home;
        return;
      case "swarm":
        this.layers.swarm.step(this.#now, work.input, emits.swarm);
        return;
      case "fault":
        this.layers.fault.step(this.#now, work.input, emits.fault);
        return;
      default:
        work satisfies never;
    }
  }

  #tellLog(log: ClusterLog, input: ConsensusIn): void {
    this.#work.push({ to: "consensus", input, log });
  }

  #propose(body: EntryBody): void {
    const draft = { kind: kindOf(body), body: encodeBody(body) };
    this.#hands.consensus({ kind: "propose", draft });
  }

  #keep(name: string, records: readonly Uint8Array[]): void {
    this.#ownTicket += 1;
    const request: StoreRequest = { kind: "replace", name, records };
    this.#emit({ kind: "ask", ticket: this.#ownTicket, request });
  }

  // -- agreement ------------------------------------------------------------------------------

  #applied(out: Parameters<Hands["applied"]>[0]): void {
    if (out.outcome.kind !== "applied") return;
    const bytes = orderBytesOf(out.entry);
    const log = this.#log;
    if (bytes !== undefined) this.#orders.agreed(out.entry.orderId, bytes, this.#agreeing(log));
    for (const change of out.outcome.changes) {
      const forIt = changeForSwarm(change, out.entry.proposer);
      if (forIt !== undefined) this.#hands.swarm({ kind: "applied", change: forIt });
      if (change.kind === "epoch") {
        log.epochMembers = log.members;
        this.#hands.security({
          kind: "epochCommitted",
          cluster: log.cluster,
          epoch: Number(change.epoch),
          commitment: change.commitment,
          members: log.members,
        });
      } else if (change.kind === "evicted") {
        this.#hands.security({ kind: "revoke", member: change.node });
        this.#hands.fault({ kind: "forget", peer: change.node });
        this.#hands.event({ kind: "evicted", member: change.node });
      } else if (change.kind === "orderState") {
        this.#orders.stateAgreed(change);
      }
    }
  }

  /** A snapshot replaced the state: everyone reads it anew. */
  #restored(): void {
    const log = this.#log;
    const { cluster } = log;
    const { state, members } = log.consensus;
    this.#hands.swarm({ kind: "applied", change: { kind: "reset" } });
    for (const { consensus } of this.layers.logs.all) {
      for (const change of changesOf(consensus.state)) {
        this.#hands.swarm({ kind: "applied", change });
      }
    }
    log.epochMembers = members;
    for (const [number, { commitment }] of state.epochs.entries()) {
      const epoch = Number(number);
      this.#hands.security({ kind: "epochCommitted", cluster, epoch, commitment, members });
    }
    for (const member of evictedMembers(state)) {
      this.#hands.security({ kind: "revoke", member });
    }
    this.#orders.restored(keptOrders(state), this.#agreeing(log));
    this.#rosterChanged(log);
  }

  /** For whom a log speaks, where it does not speak for everyone. */
  #agreeing({ members }: ClusterLog): readonly NodeIndex[] | undefined {
    return this.identity.partition.isDivided ? members : undefined;
  }

  #rosterChanged(log: ClusterLog): void {
    log.members = log.consensus.members;
    const { members } = this.layers.logs;
    this.#hands.network({ kind: "members", members });
    const { grounds } = this.identity;
    this.#hands.fault({ kind: "roster", members, grounds });
  }

  #roleChanged(leader: NodeIndex | undefined, term: number): void {
    const log = this.#log;
    if (leader === log.leader) return;
    const before = log.leader;
    log.leader = leader;
    this.#hands.security({ kind: "head", cluster: log.cluster, head: leader });
    if (before !== undefined && before !== this.identity.self) {
      this.#hands.security({ kind: "disconnect", peer: before });
    }
    if (leader !== undefined) {
      const members = log.members.length;
      const place = members <= CONNECT_TOGETHER ? 0 : log.members.indexOf(this.identity.self);
      this.#timers.set("connect", after(this.#now, Math.max(0, place) * CONNECT_APART_MS));
      if (place <= 0) this.#connectHeads();
    }
    this.#hands.event(headsEvent(leader, term));
  }

  #connectHeads(): void {
    this.#timers.stop("connect");
    for (const { leader } of this.layers.logs.all) {
      if (leader === undefined || leader === this.identity.self) continue;
      this.#hands.security({ kind: "connect", peer: leader });
    }
  }

  // -- messages, beacons, reports ---------------------------------------------------------------

  /** By the first byte (`docs/protocols/README.md`); nothing here trusts a mere group key. */
  #dispatch(from: NodeIndex, message: Uint8Array, authenticated: Authenticated): void {
    const kind = message[0] ?? 0;
    if (authenticated === "group") this.#hands.refused("NOD003");
    else if (kind >= 0x10 && kind < 0x30) {
      const log = this.layers.logs.ofMessage(message);
      if (log !== undefined) {
        this.#tellLog(log, { kind: "message", from, bytes: message, authenticated });
      }
    } else if (kind >= 0x40 && kind < 0x50) {
      this.#hands.fault({ kind: "message", from, bytes: message });
    } else if (kind >= 0x50 && kind < 0x70) {
      this.#hands.swarm({ kind: "message", from, bytes: message });
    } else if (kind === SecurityMessage.orderState) this.#orders.word(from, message);
    else this.#hands.refused("NOD004");
  }

  #beaconHeard(from: NodeIndex, body: Uint8Array, trust: TrustLevel): void {
    const claim = trust === "verified" ? ("verified" as const) : ("claimed" as const);
    this.#hands.network({ kind: "beacon", from, body, ...this.#link, trust: claim });
    this.#tellSwarmOf(from, body, trust);
  }

  /** Straight from the beacon: what a peer claims, how far it is to be trusted. */
  #tellSwarmOf(from: NodeIndex, body: Uint8Array, trust: TrustLevel): void {
    const claims = claimsOf(body);
    if (claims === undefined) return;
    const peer = peerOf(from, claims, trust);
    if (peer !== undefined) this.#hands.swarm({ kind: "peer", peer });
  }

  #faultSays(event: FaultEvent): void {
    this.#report(faultsEvent(event));
    const directive = eventForSwarm(event);
    if (directive !== undefined) this.#hands.swarm({ kind: "fault", directive });
  }

  #report(detail: NodeEventDetail): void {
    const event = { atMs: this.#now, severity: severityOf(detail), detail };
    this.#emit({ kind: "report", event });
  }

  // -- hands ----------------------------------------------------------------------------------

  #makeOrders(): OrderFlow {
    const { identity, layers } = this;
    const { security, orders: reader } = layers;
    const { self, partition } = identity;
    const station = identity.role === "ground";
    return new OrderFlow(
      {
        self,
        station,
        vehicles: () =>
          station ? identity.vehicles : partition.members(partition.clusterOf(self)),
        bootNonce: security.bootNonce,
        reader,
      },
      {
        ...this.#hands,
        time: () => this.#clock.estimate(this.#now),
        missionStarted: () => layers.consensus.state.mission.phase === "started",
        divided: (command, bytes) => {
          this.#mover.divided(command, bytes);
        },
        proposeOrder: (order, draft) => {
          const { all } = layers.logs;
          for (const log of concerned(order, all, partition)) {
            this.#tellLog(log, { kind: "propose", draft });
          }
        },
        keep: (records) => {
          this.#keep(STORE_ORDERS, records);
        },
        proposeBody: (body) => {
          this.#propose(body);
        },
      },
    );
  }

  #makeHands(): Hands {
    return { ...this.#queues(), ...this.#fromBelow(), ...this.#fromAbove() };
  }

  /** Work for a layer, and what leaves the node. */
  #queues(): Pick<Hands, QueueHands> {
    const { trace } = this.identity;
    return {
      now: () => this.#now,
      link: () => this.#link,
      network: (input) => void this.#work.push({ to: "network", input }),
      security: (input) => void this.#work.push({ to: "security", input }),
      consensus: (input) => {
        this.#tellLog(this.layers.logs.home, input);
      },
      swarm: (input) => void this.#work.push({ to: "swarm", input }),
      fault: (input) => void this.#work.push({ to: "fault", input }),
      effect: (effect) => {
        if (effect.kind === "transmit" && !this.#bootKept) return;
        this.#emit(effect);
      },
      event: (detail) => {
        this.#report(detail);
      },
      ask: (ticket, request) => {
        this.#emit({ kind: "ask", ...outward(this.#log.cluster, ticket, request) });
      },
      say: ({ to, about, sign, message, trafficClass, expiresAt, repeated = false }) => {
        trace?.(message[0] ?? 0, message.length);
        const carry = { trafficClass, expiresAt, repeated };
        const { partition } = this.identity;
        const cluster = about === undefined ? this.#log.cluster : partition.clusterOf(about);
        this.#hands.security({ kind: "sealEnvelope", to, cluster, sign, message, carry });
      },
      refused: (code) => {
        const seen = this.#refusals.get(code);
        if (seen === undefined && this.#refusals.size >= REFUSALS_MAX) return;
        this.#refusals.set(code, (seen ?? 0) + 1);
      },
    };
  }

  /** What comes up from security, network and consensus. */
  #fromBelow(): Omit<Hands, QueueHands | UpperHands> {
    return {
      message: ({ from, message, authenticated }) => {
        this.#dispatch(from, message, authenticated);
      },
      order: (order, bytes, carry) => {
        this.#orders.seen(order, bytes, carry === OWN_ORDER);
      },
      beaconHeard: ({ from, body, trust }) => {
        this.#beaconHeard(from, body, trust);
      },
      applied: (out) => {
        this.#applied(out);
      },
      restored: () => {
        this.#restored();
      },
      role: ({ leader, term }) => {
        this.#roleChanged(leader, term);
      },
      configuration: () => {
        this.#rosterChanged(this.#log);
      },
      peerBooted: ({ peer, bootNonce }) => {
        this.#bootNonces.set(peer, bootNonce);
      },
      epochProposed: ({ epoch, commitment }) => {
        const opener = this.identity.self;
        this.#propose({ kind: "epoch", epoch: BigInt(epoch), opener, commitment });
      },
      sessionOpened: ({ peer, handshakeBytes, initiator }) => {
        if (initiator) this.#report({ kind: "sessionOpened", peer, bytes: handshakeBytes });
      },
      proposalState: ({ problem, state, elapsedMs }) => {
        if (state === "applied") this.#commits.offer(elapsedMs);
        if (state === "refused" && problem !== undefined) this.#hands.refused(problem.code);
      },
    };
  }

  /** What comes from swarm and fault. */
  #fromAbove(): Pick<Hands, UpperHands> {
    return {
      swarmEvent: ({ event }) => {
        if (event.kind === "duty") {
          this.#duty = event.duty;
          this.#orders.follow(event.duty);
        }
        this.#report(swarmsEvent(event));
      },
      command: ({ command }) => {
        if (command.kind === "arm" && !this.#orders.mayArm) this.#hands.refused("arm");
        else this.#emit({ kind: "command", command });
      },
      propose: ({ proposal }) => {
        this.#propose(bodyOf(proposal));
      },
      planHorizon: (points) => {
        this.#plan = points;
      },
      directive: ({ directive }) => {
        const forIt = forSwarm(directive);
        if (forIt !== undefined) this.#hands.swarm({ kind: "fault", directive: forIt });
      },
      faultEvent: ({ event }) => {
        this.#faultSays(event);
      },
      rung: ({ rung, reason }) => {
        this.#report({ kind: "rung", rung, reason });
      },
    };
  }
}

const sooner = (a: MonotonicMs, b: MonotonicMs): MonotonicMs => (b < a ? b : a);
