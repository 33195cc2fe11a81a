/**
 * The security layer as one machine. It owns the peer table, the key generations, the epochs and the
 * handshakes, and routes each input to the one that it concerns; the mechanisms are in the folders
 * beside this file, their byte layouts in `docs/protocols`.
 *
 * Nothing that comes from outside throws: it is counted by problem code in `refused`.
 */
import {
  BROADCAST,
  SeededStream,
  equalBytes,
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
import { SUITE_1 } from "./crypto/suites.ts";
import { Epochs, drawEpoch, type Epoch } from "./epoch/epochs.ts";
import {
  WRAP_ENTRIES_MAX,
  decodeKeyRequest,
  decodeWraps,
  encodeKeyRequest,
  encodeWraps,
  unwrap,
  wrapFor,
  type EpochSecrets,
  type WrapEntry,
} from "./epoch/wraps.ts";
import { Handshakes } from "./handshake/handshakes.ts";
import { sealPairwise } from "./handshake/session.ts";
import { checkOrder, signOrder, type ClockReading } from "./order/authority.ts";
import { encodeSignedOrder } from "./order/codec.ts";
import type { OrderDraft } from "./order/order.ts";
import { NO_KEY, type CryptoProvider, type KeyHandle } from "./provider.ts";
import { adoptBoot, endorsementAt, openBeacon, sealBeacon } from "./sealing/beacon.ts";
import { ENDORSEMENT_BYTES, makeBoot, type OwnBoot } from "./sealing/boot.ts";
import { openGroup, sealGroup } from "./sealing/envelope.ts";
import { Generations } from "./sealing/generations.ts";
import { openHop, sealHop } from "./sealing/hop.ts";
import { PeerTable } from "./sealing/peers.ts";
import { createPlane, senderOf, typeOf, type Plane } from "./sealing/plane.ts";
import {
  SecurityMessage,
  WireType,
  type Authenticated,
  type SecurityIn,
  type SecurityOut,
} from "./types.ts";

/** The endorsement goes with the first beacons of a boot and then with every one after this long. */
const ENDORSE_EVERY_MS = 1000;
const ENDORSE_FIRST = 3;
const ANNOUNCE_EVERY_MS = 30_000;
const ASK_EVERY_MS = 500;
const ANNOUNCE = 0;
const ANNOUNCE_REQUEST = 1;
const ANNOUNCE_HEADER_BYTES = 4;

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
}

/** An epoch that this head has made and the log has not agreed on yet. */
interface Proposed {
  readonly secrets: EpochSecrets;
  readonly commitment: Uint8Array;
}

export class Security implements Machine<SecurityIn, SecurityOut> {
  readonly #options: SecurityOptions;
  readonly #provider: CryptoProvider;
  #plane: Plane;
  #generations: Generations;
  #epochs: Epochs;
  #handshakes: Handshakes;
  #proposed: Proposed | undefined;
  #head: NodeIndex | undefined;
  #clock: ClockReading = { timeMs: networkTimeMs(0), errorMs: Infinity };
  #missionRevision = 0;
  #orderSequence = 0;
  #beaconsSent = 0;
  #endorsedAt = -Infinity;
  #announceAt = 0;
  /** When keys may be asked for again, and of whom. */
  #askAt = 0;
  #askedBootAt = -Infinity;
  #answeredBootAt = -Infinity;
  /** Peers whose hop seal we cannot open, or that cannot open ours: spoken to directly. */
  #direct: NodeIndex[] = [];
  #wantsKeysOf: NodeIndex | undefined;
  /** Who handed out the newest key. */
  #keysFrom: NodeIndex | undefined;
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
    this.#epochs = parts.epochs;
    this.#handshakes = parts.handshakes;
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
    return this.#epochs.sealing.number;
  }

  get beaconGeneration(): number {
    return this.#generations.newest.number;
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
        const bytes = sealHop(this.#plane, this.#generations.newest, input.packet);
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
        this.#openEpoch(input, emit);
        break;
      case "epochCommitted":
        this.#agree(now, input, emit);
        break;
      case "head":
        this.#head = input.head;
        break;
      case "revoke":
        this.#plane.peers.revoke(input.member);
        this.#handshakes.close(now, input.member, "SEC004", emit);
        break;
      case "networkTime":
        this.#clock = { timeMs: input.timeMs, errorMs: input.errorMs };
        break;
      case "missionRevision":
        this.#missionRevision = input.revision;
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
    let soonest = Math.min(this.#announceAt, this.#handshakes.wakeAt(), this.#epochs.wakeAt());
    if (this.#lacksKeys()) soonest = Math.min(soonest, this.#askAt);
    return soonest as MonotonicMs;
  }

  #wake(now: MonotonicMs, emit: Emit<SecurityOut>): void {
    this.#handshakes.wake(now, emit);
    this.#epochs.wake(now);
    if (this.#announceAt <= now) {
      this.#announceAt = now + ANNOUNCE_EVERY_MS;
      this.#announce(BROADCAST, false, emit);
    }
    this.#askForKeys(now, emit);
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
    this.#emitDatagram(sealBeacon(this.#plane, this.#generations.newest, beacon), carry, emit);
  }

  #sealEnvelope(
    input: Extract<SecurityIn, { kind: "sealEnvelope" }>,
    emit: Emit<SecurityOut>,
  ): void {
    const { to, message, carry } = input;
    const session = to === "group" ? undefined : this.#handshakes.session(to);
    const pairwise = session && sealPairwise(this.#plane, session, message);
    const sign = input.sign || to !== "group";
    const bytes = pairwise ?? sealGroup(this.#plane, this.#epochs.sealing, message, sign);
    if (bytes === undefined) {
      this.#refuse("SEC033");
      return;
    }
    const authenticated: Authenticated = pairwise ? "pairwise" : sign ? "signed" : "group";
    emit({
      kind: "envelope",
      to: to === "group" ? BROADCAST : to,
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
    const opened = openBeacon(this.#plane, this.#generations, bytes, onNewBoot);
    if (typeof opened === "string") {
      this.#refuseSealed(now, opened, bytes, emit);
      return;
    }
    const { from, body, trust } = opened;
    if (opened.newBoot) this.#noteBoot(now, from, emit);
    emit({ kind: "beacon", from, body, trust });
  }

  /** A seal that we cannot open: if its key generation is newer than ours, ask its sender for it. */
  #refuseSealed(
    now: MonotonicMs,
    code: ProblemCode,
    bytes: Uint8Array,
    emit: Emit<SecurityOut>,
  ): void {
    this.#refuse(code);
    if (code === "SEC005") this.#wantKeys(now, senderOf(bytes), true, emit);
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

  #receiveGroup(now: MonotonicMs, bytes: Uint8Array, emit: Emit<SecurityOut>): void {
    const opened = openGroup(this.#plane, this.#epochs, now, bytes);
    if (typeof opened === "string") {
      this.#refuse(opened);
      if (opened === "SEC005") this.#wantKeys(now, senderOf(bytes), false, emit);
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
        this.#receiveWraps(now, from, message, emit);
        return;
      case SecurityMessage.keyRequest:
        this.#answerKeyRequest(input, emit);
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

  #announce(to: NodeIndex, direct: boolean, emit: Emit<SecurityOut>): void {
    const { self, boot } = this.#plane;
    const bytes = new Uint8Array(ANNOUNCE_HEADER_BYTES + ENDORSEMENT_BYTES);
    bytes.set([(WireType.announce << 4) | SUITE_1, ANNOUNCE, self >> 8, self & 0xff]);
    bytes.set(boot.endorsement, ANNOUNCE_HEADER_BYTES);
    emit({ kind: "control", to, bytes, direct });
  }

  /** "I do not know your boot": at most twice a second. */
  #askBoot(now: MonotonicMs, peer: NodeIndex, emit: Emit<SecurityOut>): void {
    if (now - this.#askedBootAt < ASK_EVERY_MS) return;
    this.#askedBootAt = now;
    const { self } = this.#plane;
    const first = (WireType.announce << 4) | SUITE_1;
    const bytes = Uint8Array.of(first, ANNOUNCE_REQUEST, self >> 8, self & 0xff);
    emit({ kind: "control", to: peer, bytes, direct: false });
  }

  #receiveAnnounce(
    now: MonotonicMs,
    from: NodeIndex,
    bytes: Uint8Array,
    emit: Emit<SecurityOut>,
  ): void {
    if (bytes.length < ANNOUNCE_HEADER_BYTES || senderOf(bytes) !== from) {
      this.#refuse(bytes.length < ANNOUNCE_HEADER_BYTES ? "SEC001" : "SEC036");
      return;
    }
    if (bytes[1] === ANNOUNCE_REQUEST && bytes.length === ANNOUNCE_HEADER_BYTES) {
      if (now - this.#answeredBootAt < ASK_EVERY_MS) return;
      this.#answeredBootAt = now;
      this.#announce(from, false, emit);
      return;
    }
    const endorsement = endorsementAt(bytes, ANNOUNCE_HEADER_BYTES);
    if (bytes[1] !== ANNOUNCE || endorsement === undefined) {
      this.#refuse("SEC001");
      return;
    }
    this.#note(this.#takeAnnounce(now, from, endorsement, emit));
  }

  #takeAnnounce(
    now: MonotonicMs,
    from: NodeIndex,
    endorsement: NonNullable<ReturnType<typeof endorsementAt>>,
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
    this.#epochs.forget(row);
  }

  #noteBoot(now: MonotonicMs, peer: NodeIndex, emit: Emit<SecurityOut>): void {
    const { peers } = this.#plane;
    const row = peers.find(peer);
    const bootCount = peers.bootCount(row);
    emit({ kind: "peerBoot", peer, bootNonce: peers.bootNonce(row), bootCount });
    this.#handshakes.noteBoot(now, peer, bootCount, emit);
  }

  // Epochs

  #openEpoch(input: Extract<SecurityIn, { kind: "openEpoch" }>, emit: Emit<SecurityOut>): void {
    const { epoch, members } = input;
    const { number, secret } = this.#generations.newest;
    const beacon = input.rollBeacon
      ? { generation: number + 1, kept: undefined }
      : { generation: number, kept: number === 0 ? undefined : secret };
    const { secrets, commitment } = drawEpoch(this.#provider, epoch, beacon);
    this.#forgetProposed();
    this.#proposed = { secrets, commitment };
    emit({ kind: "epochProposed", epoch, commitment, members });
  }

  #forgetProposed(): void {
    this.#proposed?.secrets.epochKey.fill(0);
    this.#proposed?.secrets.beaconKey.fill(0);
    this.#proposed = undefined;
  }

  #agree(
    now: MonotonicMs,
    input: Extract<SecurityIn, { kind: "epochCommitted" }>,
    emit: Emit<SecurityOut>,
  ): void {
    const { epoch, commitment, members } = input;
    const step = this.#epochs.agree(now, epoch, commitment, members);
    const proposed = this.#proposed;
    if (proposed?.secrets.epoch === epoch && equalBytes(proposed.commitment, commitment)) {
      this.#handOut(proposed, members, emit);
      const taken = this.#epochs.take(now, proposed.secrets, commitment);
      this.#forgetProposed();
      if (taken === "active") this.#activate(emit);
      return;
    }
    if (step === "active") this.#activate(emit);
    if (step === "mismatch") {
      this.#refuse("SEC031");
      if (this.#keysFrom !== undefined)
        emit({ kind: "epochMismatch", epoch, from: this.#keysFrom });
    }
    // The key is on its way more often than not: it is asked for only if it does not come.
    if (this.#lacksKeys() && this.#askAt <= now) this.#askAt = now + ASK_EVERY_MS;
  }

  /** Wraps for all members in session, in as few messages as they need. */
  #handOut(proposed: Proposed, members: readonly NodeIndex[], emit: Emit<SecurityOut>): void {
    const { secrets, commitment } = proposed;
    const entries: WrapEntry[] = [];
    for (const member of members) {
      const session = this.#handshakes.session(member);
      if (session === undefined || this.#plane.peers.isRevoked(member)) continue;
      const { wrapSend } = session.keys;
      entries.push(wrapFor(this.#provider, wrapSend, { secrets, commitment, member }));
    }
    const { epoch, generation } = secrets;
    for (let at = 0; at < entries.length; at += WRAP_ENTRIES_MAX) {
      const part = entries.slice(at, at + WRAP_ENTRIES_MAX);
      const message = encodeWraps({ epoch, generation, commitment, entries: part });
      const bytes = sealGroup(this.#plane, this.#epochs.sealing, message, false);
      if (bytes !== undefined) emit({ kind: "control", to: BROADCAST, bytes, direct: false });
    }
  }

  #receiveWraps(
    now: MonotonicMs,
    from: NodeIndex,
    message: Uint8Array,
    emit: Emit<SecurityOut>,
  ): void {
    const wraps = decodeWraps(message);
    if (wraps === undefined) {
      this.#refuse("SEC032");
      return;
    }
    const entry = wraps.entries.find((one) => one.member === this.#plane.self);
    const session = this.#handshakes.session(from);
    if (entry === undefined || session === undefined || wraps.epoch <= this.epoch) return;
    const secrets = unwrap(this.#provider, session.keys.wrapReceive, wraps, entry);
    const step =
      typeof secrets === "string" ? secrets : this.#epochs.take(now, secrets, wraps.commitment);
    this.#keysFrom = from;
    if (step === "unopened") this.#refuse("SEC007");
    else if (step === "mismatch") {
      this.#refuse("SEC031");
      emit({ kind: "epochMismatch", epoch: wraps.epoch, from });
    } else if (step === "active") this.#activate(emit);
  }

  /** The sealing epoch has changed: its beacon key, if it brought one, seals from now on. */
  #activate(emit: Emit<SecurityOut>): void {
    const epoch = this.#epochs.sealing;
    if (epoch.generation > this.#generations.newest.number) {
      this.#generations.add(epoch.generation, this.#provider.importSecret(epoch.beaconKey));
    }
    this.#direct = [];
    emit({ kind: "epochActive", epoch: epoch.number });
  }

  #lacksKeys(): boolean {
    return this.#wantsKeysOf !== undefined || this.#epochs.agreed > this.epoch;
  }

  /** Someone uses keys that we do not have. */
  #wantKeys(now: MonotonicMs, of: NodeIndex, direct: boolean, emit: Emit<SecurityOut>): void {
    const { directory, peers, self } = this.#plane;
    const known = directory.credential(of) !== undefined && of !== self;
    if (!known || peers.isRevoked(of) || peers.rowOf(of) < 0) return;
    this.#wantsKeysOf = of;
    if (direct && !this.#direct.includes(of) && this.#direct.length < 64) this.#direct.push(of);
    this.#askForKeys(now, emit);
  }

  /** Over the session with whoever has them, or after a handshake with it. */
  #askForKeys(now: MonotonicMs, emit: Emit<SecurityOut>): void {
    if (now < this.#askAt || !this.#lacksKeys()) return;
    this.#askAt = now + ASK_EVERY_MS;
    const of = this.#wantsKeysOf ?? this.#head;
    if (of === undefined || of === this.#plane.self) return;
    const session = this.#handshakes.session(of);
    if (session === undefined) {
      this.#handshakes.connect(now, of, emit);
      return;
    }
    // Asked once; who lacks keys still will hear them used again.
    this.#wantsKeysOf = undefined;
    const request = { epoch: this.epoch, generation: this.beaconGeneration };
    const bytes = sealPairwise(this.#plane, session, encodeKeyRequest(request));
    const direct = this.#direct.includes(of);
    if (bytes !== undefined) emit({ kind: "control", to: of, bytes, direct });
  }

  /** Any member may hand on what it seals under, to whoever is still a member. */
  #answerKeyRequest(
    input: {
      readonly from: NodeIndex;
      readonly message: Uint8Array;
      readonly authenticated: Authenticated;
      readonly bare: boolean;
    },
    emit: Emit<SecurityOut>,
  ): void {
    const { from: member, bare } = input;
    const request = decodeKeyRequest(input.message);
    const session = this.#handshakes.session(member);
    if (request === undefined || input.authenticated !== "pairwise" || session === undefined) {
      this.#refuse("SEC032");
      return;
    }
    const epoch = this.#epochs.sealing;
    if (epoch.number <= request.epoch || !this.#isMember(epoch, member)) return;
    const secrets = this.#epochs.secrets(epoch);
    const { commitment } = epoch;
    const entry = wrapFor(this.#provider, session.keys.wrapSend, { secrets, commitment, member });
    secrets.epochKey.fill(0);
    const names = { epoch: epoch.number, generation: secrets.generation, commitment };
    const message = encodeWraps({ ...names, entries: [entry] });
    const bytes = sealPairwise(this.#plane, session, message);
    if (bytes !== undefined) emit({ kind: "control", to: member, bytes, direct: bare });
  }

  #isMember(epoch: Epoch, member: NodeIndex): boolean {
    if (this.#plane.peers.isRevoked(member)) return false;
    return this.#epochs.members(epoch.number)?.includes(member) ?? true;
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
      missionRevision: this.#missionRevision,
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
    epochs: Epochs;
    handshakes: Handshakes;
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
    const epochs = new Epochs(provider, { id, boot }, directory.beaconKey);
    const random = new SeededStream(seed, "security", self);
    const isDirect = (peer: NodeIndex): boolean => this.#bare || this.#direct.includes(peer);
    const handshakes = new Handshakes({ plane, keys, random, isDirect });
    return { plane, generations, epochs, handshakes };
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
    for (const node of [this.#head, this.#wantsKeysOf, this.#keysFrom]) to.u16(node ?? BROADCAST);
    to.f64(this.#clock.timeMs).f64(this.#clock.errorMs).u32(this.#missionRevision);
    to.u32(this.#orderSequence).u32(this.#beaconsSent);
    const times = [this.#endorsedAt, this.#announceAt, this.#askAt];
    for (const at of [...times, this.#askedBootAt, this.#answeredBootAt]) to.f64(at);
    to.u8(this.#direct.length);
    for (const peer of this.#direct) to.u16(peer);
    to.bool(this.#proposed !== undefined);
    if (this.#proposed !== undefined) {
      const { secrets, commitment } = this.#proposed;
      to.safe(secrets.epoch).u32(secrets.generation);
      to.blob(secrets.epochKey).blob(secrets.beaconKey).blob(commitment);
    }
    to.u8(this.#refused.size);
    for (const [code, count] of this.#refused) to.text(code).f64(count);
    peers.save(to, this.#provider);
    this.#generations.save(to, peers.rows);
    this.#epochs.save(to, peers.rows);
    this.#handshakes.save(to);
  }

  load(from: ByteReader): void {
    const boot = this.#loadBoot(from);
    const node = (): NodeIndex | undefined => {
      const index = nodeIndex(from.u16());
      return index === BROADCAST ? undefined : index;
    };
    this.#head = node();
    this.#wantsKeysOf = node();
    this.#keysFrom = node();
    this.#clock = { timeMs: networkTimeMs(from.f64()), errorMs: from.f64() };
    this.#missionRevision = from.u32();
    this.#orderSequence = from.u32();
    this.#beaconsSent = from.u32();
    this.#endorsedAt = from.f64();
    this.#announceAt = from.f64();
    this.#askAt = from.f64();
    this.#askedBootAt = from.f64();
    this.#answeredBootAt = from.f64();
    this.#direct = Array.from({ length: from.u8() }, () => nodeIndex(from.u16()));
    this.#proposed = from.bool() ? loadProposed(from) : undefined;
    this.#refused.clear();
    for (let i = from.u8(); i > 0 && !from.failed; i -= 1) {
      this.#refused.set(from.text(16) as ProblemCode, from.f64());
    }
    const { plane, generations, epochs, handshakes } = this.#assemble(boot);
    plane.peers.load(from, this.#provider);
    generations.load(from, plane.peers.rows);
    epochs.load(from, plane.peers.rows);
    handshakes.load(from);
    this.#plane = plane;
    this.#generations = generations;
    this.#epochs = epochs;
    this.#handshakes = handshakes;
  }

  #loadBoot(from: ByteReader): OwnBoot {
    const [nonce, count] = [from.u64(), from.u32()];
    const key = this.#provider.importPrivate("ed25519", from.blob(32));
    invariant(key !== undefined, "a saved boot has its key");
    return { nonce, count, key, endorsement: from.blob(ENDORSEMENT_BYTES) };
  }
}

function loadProposed(from: ByteReader): Proposed {
  const [epoch, generation] = [from.safe(), from.u32()];
  const [epochKey, beaconKey] = [from.blob(32), from.blob(32)];
  return { secrets: { epoch, epochKey, generation, beaconKey }, commitment: from.blob(32) };
}
