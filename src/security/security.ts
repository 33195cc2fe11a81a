/**
 * The security layer as one machine. It owns the peer table, the key generations, the epochs and
 * the handshakes, and routes each input to the one that it concerns; the mechanisms are in the
 * folders beside this file, their byte layouts in `docs/protocols`.
 *
 * Nothing that comes from outside throws: it is counted by problem code in `refused`.
 */
import {
  BROADCAST,
  SeededStream,
  clusterAddress,
  invariant,
  networkTimeMs,
  nodeIndex,
  problem,
  type ByteReader,
  type ByteWriter,
  type Emit,
  type Machine,
  type MonotonicMs,
  type NodeIndex,
  type ProblemCode,
} from "../base/mod.ts";
import type { NodeKeys, OperatorKeys } from "./credential/fleet.ts";
import type { Directory } from "./credential/package.ts";
import { Epochs } from "./epoch/epochs.ts";
import { HubEpoch, type HubParts } from "./epoch/hub.ts";
import { Handshakes } from "./handshake/handshakes.ts";
import { sealPairwise } from "./handshake/session.ts";
import { checkOrder, signOrder, type ClockReading } from "./order/authority.ts";
import { encodeSignedOrder } from "./order/codec.ts";
import type { OrderDraft } from "./order/order.ts";
import { NO_KEY, type CryptoProvider, type KeyHandle } from "./provider.ts";
import { decodeAnnounce, encodeAnnounce, encodeAnnounceRequest } from "./sealing/announce.ts";
import { adoptBoot, openBeacon, sealBeacon } from "./sealing/beacon.ts";
import { ENDORSEMENT_BYTES, makeBoot, type Endorsement, type OwnBoot } from "./sealing/boot.ts";
import { openGroup, sealGroup } from "./sealing/envelope.ts";
import { Generations } from "./sealing/generations.ts";
import { openHop, sealHop } from "./sealing/hop.ts";
import { decodeOpen, encodeOpen } from "./sealing/open.ts";
import { PeerTable } from "./sealing/peers.ts";
import { createPlane, senderOf, typeOf, type Plane } from "./sealing/plane.ts";
import {
  SecurityMessage,
  WireType,
  type Authenticated,
  type SecurityIn,
  type SecurityOut,
} from "./types.ts";

/**
 * The endorsement goes with the first beacons of a boot and then with every one after this long.
 */
const ENDORSE_EVERY_MS = 1000;
const ENDORSE_FIRST = 3;
/** Missions are not revised in flight yet: every order is for the mission as it was loaded. */
const MISSION_REVISION = 0;
const ANNOUNCE_EVERY_MS = 30_000;
const ASK_EVERY_MS = 500;

export interface SecurityOptions {
  readonly provider: CryptoProvider;
  readonly directory: Directory;
  readonly self: NodeIndex;
  readonly keys: NodeKeys;
  /** Rises with every boot of this node, from 1; kept by the host's store. */
  readonly bootCount: number;
  /** Names the machine's own stream of retry times. */
  readonly seed: number;
  /** On a station: whose orders are signed here, and the station's session number. */
  readonly operator?: { readonly keys: OperatorKeys; readonly session: number };
  /** Whose epochs these are, where a swarm has several clusters; absent where it is one. */
  readonly clusters?: ClusterKeys;
}

/** Which groups a node holds keys of. A vehicle has those of its cluster, the ground all. */
export interface ClusterKeys {
  /** The cluster whose keys are the node's own. */
  readonly home: number;
  /** Whether it holds the keys of every cluster. */
  readonly all: boolean;
  /** The cluster of a peer, or 0 for one that belongs to every cluster; asked again each time. */
  readonly clusterOf: (peer: NodeIndex) => number;
}

/** The keys of one cluster's group. */
interface Group {
  readonly address: NodeIndex;
  readonly epochs: Epochs;
  readonly hub: HubEpoch;
}

/** A clock is good for dating beacons when it is known this well, and was read not long ago. */
const SURE_MS = 2_000;
const CLOCK_AGE_MAX_MS = 600_000;
/** 2020: a clock that says less was never set. */
const BEFORE_ALL_S = 1_577_836_800;

export class Security implements Machine<SecurityIn, SecurityOut> {
  readonly #options: SecurityOptions;
  readonly #provider: CryptoProvider;
  #plane: Plane;
  #generations: Generations;
  #handshakes: Handshakes;
  /** The node's own group; on a node that follows every cluster the first of `#groups`. */
  #home: Group;
  #groups: Map<number, Group>;
  #clock: ClockReading = { timeMs: networkTimeMs(0), errorMs: Infinity };
  /** When the clock was read, on the steps' own. */
  #clockAt = 0;
  #orderSequence = 0;
  #beaconsSent = 0;
  #endorsedAt = -Infinity;
  #announceAt = 0;
  #askedBootAt = -Infinity;
  #answeredBootAt = -Infinity;
  /** What is being read came as a datagram of its own: answers go the same way. */
  #bare = false;
  readonly #refused = new Map<ProblemCode, number>();

  constructor(options: SecurityOptions) {
    this.#options = options;
    this.#provider = options.provider;
    const { directory, keys } = options;
    const mission = directory.missionId;
    const identity = { mission, id: keys.id, ed25519: keys.ed25519 };
    const boot = makeBoot(options.provider, identity, options.bootCount);
    const parts = this.#assemble(boot);
    this.#plane = parts.plane;
    this.#generations = parts.generations;
    this.#handshakes = parts.handshakes;
    this.#home = parts.home;
    this.#groups = parts.groups;
  }

  // Views

  get bootNonce(): bigint {
    return this.#plane.boot.nonce;
  }

  /** How often outside bytes were refused, by problem code. */
  get refused(): ReadonlyMap<ProblemCode, number> {
    return this.#refused;
  }

  /** The epoch that this node seals under. */
  get epoch(): number {
    return this.#home.epochs.sealing.number;
  }

  get beaconGeneration(): number {
    return this.#generations.sealing.number;
  }

  get sessionCount(): number {
    return this.#handshakes.sessionCount;
  }

  get clock(): ClockReading {
    return this.#clock;
  }

  hasSession(peer: NodeIndex): boolean {
    return this.#handshakes.session(peer) !== undefined;
  }

  isRevoked(peer: NodeIndex): boolean {
    return this.#plane.peers.isRevoked(peer);
  }

  /** The boot of a peer that an arming order must name; undefined until it is endorsed. */
  bootNonceOf(peer: NodeIndex): bigint | undefined {
    if (peer === this.#plane.self) return this.#plane.boot.nonce;
    const row = this.#plane.peers.find(peer);
    const known = row >= 0 && this.#plane.peers.bootKey(row) !== NO_KEY;
    return known ? this.#plane.peers.bootNonce(row) : undefined;
  }

  // Machine

  step(now: MonotonicMs, input: SecurityIn, emit: Emit<SecurityOut>): void {
    switch (input.kind) {
      case "datagram":
        this.#receiveDatagram(now, input.bytes, emit);
        break;
      case "openEnvelope":
        this.#receiveEnvelope(now, input.from, input.bytes, emit);
        break;
      case "sealHop": {
        const bytes = sealHop(this.#plane, this.#generations.sealing, input.packet);
        this.#emitDatagram(bytes, input.carry, emit);
        break;
      }
      case "sealBeacon":
        this.#sealBeacon(now, input.body, input.carry, emit);
        break;
      case "sealEnvelope":
        this.#sealEnvelope(input, emit);
        break;
      case "connect":
        this.#handshakes.connect(now, input.peer, emit);
        break;
      case "disconnect":
        this.#handshakes.disconnect(input.peer);
        break;
      case "openEpoch":
        this.#group(input.cluster).hub.open(input, emit);
        break;
      case "epochCommitted":
        this.#group(input.cluster).hub.agree(now, input, emit);
        break;
      case "home":
        this.#moveHome(input.cluster);
        break;
      case "head":
        this.#group(input.cluster).hub.setHead(input.head);
        break;
      case "revoke":
        this.#plane.peers.revoke(input.member);
        this.#handshakes.close(now, input.member, "SEC004", emit);
        break;
      case "networkTime":
        this.#clock = { timeMs: input.timeMs, errorMs: input.errorMs };
        this.#clockAt = now;
        break;
      case "signOrder":
        this.#signOrder(input.draft, input.carry, emit);
        break;
      case "checkOrder":
        this.#checkOrder(input.bytes, input.carry, emit);
        break;
      case "wake":
        this.#wake(now, emit);
        break;
      default:
        input satisfies never;
    }
  }

  wakeAt(): MonotonicMs {
    let soonest = Math.min(this.#handshakes.wakeAt(), this.#announceAt);
    for (const { hub } of this.#groups.values()) soonest = Math.min(soonest, hub.wakeAt());
    return soonest as MonotonicMs;
  }

  #wake(now: MonotonicMs, emit: Emit<SecurityOut>): void {
    this.#handshakes.wake(now, emit);
    for (const { hub } of this.#groups.values()) hub.wake(now, emit);
    if (this.#announceAt <= now) {
      this.#announceAt = now + ANNOUNCE_EVERY_MS;
      const { clusters } = this.#options;
      this.#announce(clusters?.all === true ? BROADCAST : this.#home.address, emit);
    }
  }

  // Down: sealing

  #emitDatagram(bytes: Uint8Array | undefined, carry: unknown, emit: Emit<SecurityOut>): void {
    if (bytes === undefined) this.#refuse("SEC033");
    else emit({ kind: "datagram", bytes, carry });
  }

  #sealBeacon(now: MonotonicMs, body: Uint8Array, carry: unknown, emit: Emit<SecurityOut>): void {
    const due = now - this.#endorsedAt >= ENDORSE_EVERY_MS;
    const endorsed = due || this.#beaconsSent < ENDORSE_FIRST;
    if (endorsed) this.#endorsedAt = now;
    this.#beaconsSent += 1;
    const beacon = { body, endorsed };
    this.#tellTime(now);
    this.#emitDatagram(sealBeacon(this.#plane, this.#generations.sealing, beacon), carry, emit);
  }

  /** What beacons are dated and judged by. */
  #tellTime(now: MonotonicMs): void {
    const { timeMs, errorMs } = this.#clock;
    const sure = errorMs <= SURE_MS && now - this.#clockAt <= CLOCK_AGE_MAX_MS;
    const nowS = Math.floor((timeMs + now - this.#clockAt) / 1000);
    this.#plane.time.nowS = sure && nowS > BEFORE_ALL_S && nowS <= 0xffffffff ? nowS : 0;
  }

  #sealEnvelope(
    input: Extract<SecurityIn, { kind: "sealEnvelope" }>,
    emit: Emit<SecurityOut>,
  ): void {
    const { message, carry } = input;
    const to = input.to === "swarm" && this.#options.clusters === undefined ? "group" : input.to;
    if (to === "swarm") {
      const bytes = encodeOpen(this.#plane.self, message);
      emit({ kind: "envelope", to: BROADCAST, bytes, authenticated: "group", carry });
      return;
    }
    const group = to === "group" ? this.#group(input.cluster) : this.#groupOf(to);
    const session = to === "group" ? undefined : this.#handshakes.session(to);
    const pairwise = session && sealPairwise(this.#plane, session, message);
    const sign = input.sign || to !== "group";
    const bytes = pairwise ?? sealGroup(this.#plane, group.epochs.sealing, message, sign);
    if (bytes === undefined) {
      this.#refuse("SEC033");
      return;
    }
    const authenticated: Authenticated = pairwise ? "pairwise" : sign ? "signed" : "group";
    emit({
      kind: "envelope",
      to: to === "group" ? group.address : to,
      bytes,
      authenticated,
      carry,
    });
  }

  // Up: opening

  #receiveDatagram(now: MonotonicMs, bytes: Uint8Array, emit: Emit<SecurityOut>): void {
    switch (typeOf(bytes)) {
      case WireType.hop: {
        const packet = openHop(this.#plane, this.#generations, bytes);
        if (typeof packet !== "string")
          emit({ kind: "packet", from: senderOf(bytes), bytes: packet });
        else this.#refuseSealed(now, packet, bytes, emit);
        return;
      }
      case WireType.beacon:
        this.#receiveBeacon(now, bytes, emit);
        return;
      case WireType.handshake:
      case WireType.cookie:
        this.#bare = true;
        this.#note(this.#handshakes.receive(now, bytes, emit));
        this.#bare = false;
        return;
      case WireType.pairwise:
        // Keys that are handed out past the hop seal, because the peer's is older or newer.
        if (bytes.length >= 8)
          this.#receivePairwise(now, { from: senderOf(bytes), bytes, bare: true }, emit);
        else this.#refuse("SEC001");
        return;
      default:
        this.#refuse("SEC002");
    }
  }

  #receiveBeacon(now: MonotonicMs, bytes: Uint8Array, emit: Emit<SecurityOut>): void {
    const onNewBoot = (row: number): void => this.#forgetBoot(row);
    this.#tellTime(now);
    const opened = openBeacon(this.#plane, this.#generations, bytes, onNewBoot);
    if (typeof opened === "string") {
      this.#refuseSealed(now, opened, bytes, emit);
      return;
    }
    const { from, body, trust } = opened;
    if (opened.newBoot) this.#noteBoot(now, from, emit);
    emit({ kind: "beacon", from, body, trust });
  }

  /**
   * A seal that we cannot open: if its key generation is newer than ours, ask its sender for it.
   */
  #refuseSealed(
    now: MonotonicMs,
    code: ProblemCode,
    bytes: Uint8Array,
    emit: Emit<SecurityOut>,
  ): void {
    this.#refuse(code);
    const from = senderOf(bytes);
    if (code === "SEC005") this.#groupOf(from).hub.wantKeys(now, from, true, emit);
  }

  #receiveEnvelope(
    now: MonotonicMs,
    from: NodeIndex,
    bytes: Uint8Array,
    emit: Emit<SecurityOut>,
  ): void {
    const type = typeOf(bytes);
    switch (type) {
      case WireType.handshake:
      case WireType.cookie:
        this.#note(this.#handshakes.receive(now, bytes, emit));
        return;
      case WireType.announce:
        this.#receiveAnnounce(now, from, bytes, emit);
        return;
      case WireType.open:
        this.#receiveOpen(from, bytes, emit);
        return;
      case WireType.group:
      case WireType.groupSigned:
      case WireType.pairwise:
        break;
      default:
        this.#refuse("SEC002");
        return;
    }
    if (bytes.length < 8) this.#refuse("SEC001");
    else if (senderOf(bytes) !== from) this.#refuse("SEC036");
    else if (type === WireType.pairwise) {
      this.#receivePairwise(now, { from, bytes, bare: false }, emit);
    } else this.#receiveGroup(now, bytes, emit);
  }

  /** Whoever sent it: an order is believed for its operator's signature, and nothing else comes. */
  #receiveOpen(from: NodeIndex, bytes: Uint8Array, emit: Emit<SecurityOut>): void {
    const message = decodeOpen(bytes);
    if (message === undefined) this.#refuse("SEC001");
    else if (senderOf(bytes) !== from) this.#refuse("SEC036");
    else if (message[0] === SecurityMessage.order) this.#checkOrder(message, undefined, emit);
    else this.#refuse("SEC002");
  }

  #receiveGroup(now: MonotonicMs, bytes: Uint8Array, emit: Emit<SecurityOut>): void {
    const { epochs, hub } = this.#groupOf(senderOf(bytes));
    const opened = openGroup(this.#plane, epochs, now, bytes);
    if (typeof opened === "string") {
      this.#refuse(opened);
      if (opened === "SEC005") hub.wantKeys(now, senderOf(bytes), false, emit);
      if (opened === "SEC006") this.#askBoot(now, senderOf(bytes), emit);
      return;
    }
    const { from, message } = opened;
    const authenticated = opened.signed ? "signed" : "group";
    this.#deliver(now, { from, message, authenticated, bare: false }, emit);
  }

  #receivePairwise(
    now: MonotonicMs,
    input: { readonly from: NodeIndex; readonly bytes: Uint8Array; readonly bare: boolean },
    emit: Emit<SecurityOut>,
  ): void {
    const { from, bytes, bare } = input;
    if (this.#plane.peers.isRevoked(from)) {
      this.#refuse("SEC004");
      return;
    }
    const message = this.#handshakes.open(now, from, bytes, emit);
    if (typeof message !== "string") {
      this.#deliver(now, { from, message, authenticated: "pairwise", bare }, emit);
      return;
    }
    this.#refuse(message);
    // The peer believes in a session that we lost: a new one mends it.
    if (message === "SEC011" && !bare) this.#handshakes.connect(now, from, emit);
  }

  #deliver(
    now: MonotonicMs,
    input: {
      readonly from: NodeIndex;
      readonly message: Uint8Array;
      readonly authenticated: Authenticated;
      readonly bare: boolean;
    },
    emit: Emit<SecurityOut>,
  ): void {
    const { from, message, authenticated, bare } = input;
    switch (message[0]) {
      case SecurityMessage.epochWraps:
        this.#groupOf(from).hub.receiveWraps(now, from, message, emit);
        return;
      case SecurityMessage.keyRequest:
        this.#groupOf(from).hub.answerKeyRequest(input, emit);
        return;
      case SecurityMessage.order:
        if (bare) break;
        this.#checkOrder(message, undefined, emit);
        return;
      default:
        if (bare) break;
        emit({ kind: "message", from, message, authenticated });
        return;
    }
    // Past the hop seal nothing but keys is taken.
    this.#refuse("SEC032");
  }

  // Boots

  #announce(to: NodeIndex, emit: Emit<SecurityOut>): void {
    const { self, boot } = this.#plane;
    const bytes = encodeAnnounce(self, boot.endorsement);
    emit({ kind: "control", to, bytes, direct: false });
  }

  /** "I do not know your boot": at most twice a second. */
  #askBoot(now: MonotonicMs, peer: NodeIndex, emit: Emit<SecurityOut>): void {
    if (now - this.#askedBootAt < ASK_EVERY_MS) return;
    this.#askedBootAt = now;
    const bytes = encodeAnnounceRequest(this.#plane.self);
    emit({ kind: "control", to: peer, bytes, direct: false });
  }

  #receiveAnnounce(
    now: MonotonicMs,
    from: NodeIndex,
    bytes: Uint8Array,
    emit: Emit<SecurityOut>,
  ): void {
    const announce = decodeAnnounce(bytes);
    if (announce === undefined) this.#refuse("SEC001");
    else if (senderOf(bytes) !== from) this.#refuse("SEC036");
    else if (announce !== "request") this.#note(this.#takeAnnounce(now, from, announce, emit));
    else if (now - this.#answeredBootAt >= ASK_EVERY_MS) {
      this.#answeredBootAt = now;
      this.#announce(from, emit);
    }
  }

  #takeAnnounce(
    now: MonotonicMs,
    from: NodeIndex,
    endorsement: Endorsement,
    emit: Emit<SecurityOut>,
  ): ProblemCode | undefined {
    const { directory, peers, self } = this.#plane;
    if (directory.credential(from) === undefined || from === self) return "SEC003";
    const row = peers.rowOf(from);
    if (row < 0) return "SEC035";
    // The same boot once more is no news, and no offence.
    const { bootNonce, bootCount } = endorsement;
    if (bootCount === peers.bootCount(row) && bootNonce === peers.bootNonce(row)) return undefined;
    const before = peers.isHeard(row) ? peers.bootNonce(row) : undefined;
    const refusal = adoptBoot(this.#plane, { row, from }, endorsement);
    if (refusal !== undefined) return refusal;
    if (before !== bootNonce) this.#forgetBoot(row);
    this.#noteBoot(now, from, emit);
    return undefined;
  }

  #forgetBoot(row: number): void {
    this.#generations.forget(row);
    for (const { epochs } of this.#groups.values()) epochs.forget(row);
  }

  #noteBoot(now: MonotonicMs, peer: NodeIndex, emit: Emit<SecurityOut>): void {
    const { peers } = this.#plane;
    const row = peers.find(peer);
    const bootCount = peers.bootCount(row);
    emit({ kind: "peerBoot", peer, bootNonce: peers.bootNonce(row), bootCount });
    this.#handshakes.noteBoot(now, peer, bootCount, emit);
  }

  // Orders

  #signOrder(draft: OrderDraft, carry: unknown, emit: Emit<SecurityOut>): void {
    const { operator, directory } = this.#options;
    if (operator === undefined) {
      const detail = "no operator's key is on this node";
      emit({ kind: "orderRefused", problem: problem("SEC023", { detail }), carry });
      return;
    }
    this.#orderSequence += 1;
    const signed = signOrder(this.#provider, {
      draft,
      keys: operator.keys,
      mission: directory.missionId,
      missionRevision: MISSION_REVISION,
      session: operator.session,
      sequence: this.#orderSequence,
      now: this.#clock.timeMs,
    });
    if (!signed.ok) emit({ kind: "orderRefused", problem: signed.problem, carry });
    else this.#checkOrder(encodeSignedOrder(signed.value), carry, emit);
  }

  #checkOrder(bytes: Uint8Array, carry: unknown, emit: Emit<SecurityOut>): void {
    const checked = checkOrder(this.#provider, this.#options.directory, bytes);
    if (checked.ok) {
      emit({ kind: "order", order: checked.value, bytes, carry });
      return;
    }
    this.#refuse(checked.problem.code);
    emit({ kind: "orderRefused", problem: checked.problem, carry });
  }

  // Bookkeeping

  #refuse(code: ProblemCode): void {
    this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1);
  }

  #note(refusal: ProblemCode | undefined): void {
    if (refusal !== undefined) this.#refuse(refusal);
  }

  #assemble(boot: OwnBoot): {
    plane: Plane;
    generations: Generations;
    handshakes: Handshakes;
    home: Group;
    groups: Map<number, Group>;
  } {
    const { provider, directory, self, keys, seed } = this.#options;
    const peers = new PeerTable(directory.size);
    for (let i = 0; i < directory.size; i += 1) {
      const credential = directory.credential(nodeIndex(i));
      if (credential !== undefined && directory.isRevoked(credential.id))
        peers.revoke(nodeIndex(i));
    }
    const { id } = keys;
    const plane = createPlane({ provider, directory, self, id, boot, peers });
    const generations = new Generations(provider, { id, boot }, this.#beaconKey());
    const random = new SeededStream(seed, "security", self);
    const isDirect = (peer: NodeIndex): boolean =>
      this.#bare || this.#groupOf(peer).hub.isDirect(peer);
    const handshakes = new Handshakes({ plane, keys, random, isDirect });
    const { home: cluster = 0 } = this.#options.clusters ?? {};
    const home = this.#makeGroup({ plane, generations, handshakes }, cluster);
    return { plane, generations, handshakes, home, groups: new Map([[cluster, home]]) };
  }

  #makeGroup(
    parts: Pick<HubParts, "plane" | "generations" | "handshakes">,
    cluster: number,
  ): Group {
    const { provider, directory } = this.#options;
    const { id, boot } = parts.plane;
    const epochs = new Epochs(provider, { id, boot }, directory.beaconKey);
    const refuse = (code: ProblemCode): void => this.#refuse(code);
    const address = cluster === 0 ? BROADCAST : clusterAddress(cluster);
    return { address, epochs, hub: new HubEpoch({ ...parts, epochs, refuse, address }) };
  }

  /** Keys of the cluster that was left are forgotten: its new ones are none of ours. */
  #moveHome(cluster: number): void {
    const [plane, generations, handshakes] = [this.#plane, this.#generations, this.#handshakes];
    const left = this.#home;
    this.#home = this.#makeGroup({ plane, generations, handshakes }, cluster);
    this.#groups = new Map([[cluster, this.#home]]);
    left.epochs.destroy();
  }

  /** The group of a cluster: the own when it is not named, or when only the own is held. */
  #group(cluster: number | undefined): Group {
    if (cluster === undefined || cluster === 0) return this.#home;
    const known = this.#groups.get(cluster);
    if (known !== undefined) return known;
    if (this.#options.clusters?.all !== true) return this.#home;
    const parts = {
      plane: this.#plane,
      generations: this.#generations,
      handshakes: this.#handshakes,
    };
    const made = this.#makeGroup(parts, cluster);
    this.#groups.set(cluster, made);
    return made;
  }

  #groupOf(peer: NodeIndex): Group {
    return this.#group(this.#options.clusters?.clusterOf(peer));
  }

  /** A copy of generation 0, which this machine may destroy. */
  #beaconKey(): KeyHandle {
    const bytes = this.#provider.exportSecret(this.#options.directory.beaconKey);
    const key = this.#provider.importSecret(bytes);
    bytes.fill(0);
    return key;
  }

  /**
   * Holds secrets: for snapshots and forks inside one process. A vehicle that reboots does not load
   * this, it makes a new boot.
   */
  save(to: ByteWriter): void {
    const { boot, peers } = this.#plane;
    to.u64(boot.nonce).u32(boot.count).blob(this.#provider.exportSecret(boot.key));
    to.blob(boot.endorsement);
    to.f64(this.#clock.timeMs).f64(this.#clock.errorMs).f64(this.#clockAt);
    to.u32(this.#orderSequence).u32(this.#beaconsSent);
    to.f64(this.#endorsedAt).f64(this.#announceAt);
    to.f64(this.#askedBootAt).f64(this.#answeredBootAt);
    to.u8(this.#refused.size);
    for (const [code, count] of this.#refused) to.text(code).f64(count);
    peers.save(to, this.#provider);
    this.#generations.save(to, peers.rows);
    this.#handshakes.save(to);
    to.u16(this.#groups.size);
    for (const [cluster, { epochs, hub }] of this.#groups) {
      to.u16(cluster);
      epochs.save(to, peers.rows);
      hub.save(to);
    }
  }

  load(from: ByteReader): void {
    const boot = this.#loadBoot(from);
    this.#clock = { timeMs: networkTimeMs(from.f64()), errorMs: from.f64() };
    this.#clockAt = from.f64();
    this.#orderSequence = from.u32();
    this.#beaconsSent = from.u32();
    this.#endorsedAt = from.f64();
    this.#announceAt = from.f64();
    this.#askedBootAt = from.f64();
    this.#answeredBootAt = from.f64();
    this.#refused.clear();
    for (let i = from.u8(); i > 0 && !from.failed; i -= 1) {
      this.#refused.set(from.text(16) as ProblemCode, from.f64());
    }
    const { plane, generations, handshakes, home, groups } = this.#assemble(boot);
    plane.peers.load(from, this.#provider);
    generations.load(from, plane.peers.rows);
    handshakes.load(from);
    for (let i = from.u16(); i > 0 && !from.failed; i -= 1) {
      const cluster = from.u16();
      const group =
        groups.get(cluster) ?? this.#makeGroup({ plane, generations, handshakes }, cluster);
      if (this.#options.clusters?.all !== true) groups.clear();
      groups.set(cluster, group);
      group.epochs.load(from, plane.peers.rows);
      group.hub.load(from);
    }
    // What is replaced is forgotten also by the arena: nobody else holds these keys.
    this.#generations.destroy();
    for (const { epochs } of this.#groups.values()) epochs.destroy();
    this.#handshakes.destroy();
    this.#provider.destroyKey(this.#plane.boot.key);
    this.#plane = plane;
    this.#generations = generations;
    // A vehicle that has moved has another group than the one it was made with.
    const [first = home] = groups.values();
    this.#home = first;
    this.#groups = groups;
    this.#handshakes = handshakes;
  }

  #loadBoot(from: ByteReader): OwnBoot {
    const [nonce, count] = [from.u64(), from.u32()];
    const key = this.#provider.importPrivate("ed25519", from.blob(32));
    invariant(key !== undefined, "a saved boot has its key");
    return { nonce, count, key, endorsement: from.blob(ENDORSEMENT_BYTES) };
  }
}
