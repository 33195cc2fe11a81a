/**
 * Drives handshakes: who is wanted, who is under way, who is in session.
 *
 * Initiator: cookie, msg1, wait for msg2, msg3 (three times, as nothing answers it), session.
 * The responder's half is in `responder.ts`. Both at once: the lower index stays initiator.
 * Sessions are renewed hourly; the one before still opens for 10 s. Parity fragments go with every
 * repetition, when loss has shown itself.
 *
 * Bounds: one initiation and two sessions a peer, six tries, then a pause.
 */
import type {
  ByteReader,
  ByteWriter,
  Emit,
  MonotonicMs,
  NodeIndex,
  ProblemCode,
  SeededStream,
} from "../../base/mod.ts";
import type { NodeKeys } from "../credential/fleet.ts";
import { NO_KEY, type KeyHandle } from "../provider.ts";
import { typeOf, type Plane } from "../sealing/plane.ts";
import { WireType, type SecurityOut } from "../types.ts";
import { CookieKeys, cookieRequest, openAnswer, readCookie, type CookieHeader } from "./cookie.ts";
import {
  Reassembly,
  fragment,
  isAuthentic,
  readFragment,
  type FragmentHeader,
} from "./fragments.ts";
import {
  destroyInitiator,
  destroySessionKeys,
  finishHandshake,
  loadInitiator,
  saveInitiator,
  startHandshake,
  type HandshakeParty,
  type InitiatorState,
} from "./messages.ts";
import { Responder, type Confirmed } from "./responder.ts";
import {
  createSession,
  destroySession,
  loadSession,
  openPairwise,
  saveSession,
  type Session,
} from "./session.ts";

const FIRST_RETRY_MS = 300;
const TRIES_MAX = 6;
const PAUSE_MS = 5000;
/**
 * A new head is called by all its members at once: in a larger swarm they take turns, 8 frames
 * each.
 */
const SPREAD_FROM_SIZE = 10;
const SPREAD_MS = 20;
const CONFIRM_REPEATS = 2;
const CONFIRM_REPEAT_MS = 300;
export const REKEY_MS = 3_600_000;
/** The responder renews when the initiator has not. */
const REKEY_SLACK_MS = 300_000;
const SESSION_MAX_MS = 4_500_000;
const PREVIOUS_MS = 10_000;

/** An initiation under way, or the pause before the next. */
interface Initiation {
  readonly peer: NodeIndex;
  readonly handshake: number;
  stage: "cookie" | "first" | "pause";
  cookie: KeyHandle;
  period: number;
  state: InitiatorState | undefined;
  tries: number;
  nextAt: number;
  bytes: number;
}

/** msg3, said again because nobody acknowledges it. */
interface Confirmation {
  readonly peer: NodeIndex;
  readonly handshake: number;
  readonly bytes: Uint8Array;
  left: number;
  nextAt: number;
}

/** What is kept of a peer. */
interface PeerState extends Confirmed {
  readonly peer: NodeIndex;
  wanted: boolean;
  current: Session | undefined;
  previous: Session | undefined;
  previousUntil: number;
}

export class Handshakes {
  readonly #plane: Plane;
  readonly #party: HandshakeParty;
  readonly #policyVersion: number;
  readonly #random: SeededStream;
  readonly #cookieKeys: CookieKeys;
  readonly #responder: Responder;
  readonly #reassembly = new Reassembly();
  readonly #isDirect: (peer: NodeIndex) => boolean;
  #peers: PeerState[] = [];
  #initiations: Initiation[] = [];
  #confirmations: Confirmation[] = [];
  #changed = true;
  #wakeAt = Infinity;
  #attempt = 0;
  #firstHandshake: number;

  /** `isDirect`: whether this peer cannot open our hop seal now. */
  constructor(options: {
    readonly plane: Plane;
    readonly keys: NodeKeys;
    readonly random: SeededStream;
    readonly isDirect: (peer: NodeIndex) => boolean;
  }) {
    const { plane, keys } = options;
    this.#plane = plane;
    this.#party = { provider: plane.provider, directory: plane.directory, keys };
    this.#policyVersion = plane.directory.policyVersion;
    this.#random = options.random;
    this.#isDirect = options.isDirect;
    this.#cookieKeys = new CookieKeys(plane.provider, plane.directory);
    this.#responder = new Responder({
      plane,
      party: this.#party,
      send: (to, bytes, emit) => this.#send(to, bytes, emit),
      confirmedOf: (peer) => this.#peer(peer),
      isOursFirst: (peer) => peer > plane.self && this.#isUnderWay(peer),
      giveWay: (peer) => this.#dropInitiation(peer),
      install: (now, session) => this.#install(now, session),
    });
    const drawn = new Uint8Array(4);
    plane.provider.randomBytes(drawn);
    this.#firstHandshake = new DataView(drawn.buffer).getUint32(0);
  }

  /** The session to seal under. */
  session(peer: NodeIndex): Session | undefined {
    return this.#find(peer)?.current;
  }

  get sessionCount(): number {
    return this.#peers.filter((one) => one.current !== undefined).length;
  }

  connect(now: MonotonicMs, peer: NodeIndex, emit: Emit<SecurityOut>): void {
    this.#changed = true;
    const known = this.#plane.directory.credential(peer) !== undefined;
    if (!known || peer === this.#plane.self || this.#plane.peers.isRevoked(peer)) return;
    const state = this.#peer(peer);
    state.wanted = true;
    if (state.current !== undefined || this.#isInitiating(peer)) return;
    const others = this.#plane.directory.size - SPREAD_FROM_SIZE;
    const delayMs = others > 0 ? this.#random.between(0, others * SPREAD_MS) : 0;
    this.#initiate(now, peer, emit, delayMs);
  }

  disconnect(peer: NodeIndex): void {
    this.#changed = true;
    const state = this.#find(peer);
    if (state !== undefined) state.wanted = false;
    this.#dropInitiation(peer);
  }

  /** Ends what there is with a peer (expelled, or its boot is over). */
  close(now: MonotonicMs, peer: NodeIndex, code: ProblemCode, emit: Emit<SecurityOut>): void {
    this.#changed = true;
    const state = this.#find(peer);
    if (state === undefined) return;
    const { provider } = this.#plane;
    if (state.previous !== undefined) destroySession(provider, state.previous);
    const had = state.current;
    if (had !== undefined) destroySession(provider, had);
    state.previous = undefined;
    state.current = undefined;
    this.#dropInitiation(peer);
    this.#responder.drop(peer);
    if (had !== undefined) emit({ kind: "sessionClosed", peer, problem: code });
    if (this.#plane.peers.isRevoked(peer)) state.wanted = false;
    if (state.wanted) this.#initiate(now, peer, emit);
  }

  /** A peer's endorsed boot is known: a session with an earlier boot of it is over. */
  noteBoot(now: MonotonicMs, peer: NodeIndex, bootCount: number, emit: Emit<SecurityOut>): void {
    const current = this.session(peer);
    if (current !== undefined && current.peerBootCount < bootCount) {
      this.close(now, peer, "SEC033", emit);
    }
  }

  /** A handshake or cookie byte string, from whichever way it came. */
  receive(now: MonotonicMs, bytes: Uint8Array, emit: Emit<SecurityOut>): ProblemCode | undefined {
    this.#changed = true;
    if (typeOf(bytes) === WireType.cookie) {
      const cookie = readCookie(bytes);
      if (cookie === undefined) return "SEC001";
      const refusal = this.#refuseNames(cookie);
      return refusal ?? this.#receiveCookie(now, cookie, bytes, emit);
    }
    const header = readFragment(bytes);
    if (header === undefined) return "SEC001";
    const refusal = this.#refuseNames(header);
    if (refusal !== undefined) return refusal;
    if (header.message === 2) return this.#receiveAnswer(now, header, bytes, emit);
    return this.#responder.receive(now, header, bytes, emit);
  }

  /** Opens a pairwise envelope of `from`; the first one confirms a half-open session. */
  open(
    now: MonotonicMs,
    from: NodeIndex,
    bytes: Uint8Array,
    emit: Emit<SecurityOut>,
  ): Uint8Array | ProblemCode {
    const tag = bytes[1];
    const state = this.#find(from);
    for (const session of [state?.current, state?.previous]) {
      if (session === undefined || session.keys.tag !== tag) continue;
      const opened = openPairwise(this.#plane, session, bytes);
      if (opened !== "SEC007") {
        if (session === state?.current) this.#stopConfirming(from);
        return opened;
      }
    }
    const opened = this.#responder.open(now, from, bytes, emit);
    if (typeof opened !== "string") this.#changed = true;
    return opened;
  }

  /** Computed again only after something changed: it is asked for after every step. */
  wakeAt(): number {
    if (this.#changed) this.#wakeAt = this.#soonest();
    this.#changed = false;
    return this.#wakeAt;
  }

  #soonest(): number {
    let soonest = this.#responder.soonest();
    for (const one of this.#initiations) soonest = Math.min(soonest, one.nextAt);
    for (const one of this.#confirmations) soonest = Math.min(soonest, one.nextAt);
    for (const one of this.#peers) {
      soonest = Math.min(soonest, expireAt(one));
      if (!this.#isInitiating(one.peer)) soonest = Math.min(soonest, renewAt(one));
      if (one.previous !== undefined) soonest = Math.min(soonest, one.previousUntil);
    }
    return soonest;
  }

  wake(now: MonotonicMs, emit: Emit<SecurityOut>): void {
    this.#changed = true;
    for (const one of [...this.#initiations]) if (one.nextAt <= now) this.#retry(now, one, emit);
    for (const one of this.#confirmations) {
      if (one.nextAt > now) continue;
      one.left -= 1;
      one.nextAt = now + CONFIRM_REPEAT_MS;
      this.#send(one.peer, one.bytes, emit);
    }
    this.#confirmations = this.#confirmations.filter((one) => one.left > 0);
    this.#responder.expire(now);
    for (const one of this.#peers) {
      if (one.previous !== undefined && one.previousUntil <= now) {
        destroySession(this.#plane.provider, one.previous);
        one.previous = undefined;
      }
      if (expireAt(one) <= now) this.close(now, one.peer, "SEC033", emit);
      else if (renewAt(one) <= now || this.#isForsaken(one)) {
        if (!this.#isInitiating(one.peer)) this.#initiate(now, one.peer, emit);
      }
    }
  }

  /** Wanted, and what the peer had begun (for which ours gave way) came to nothing. */
  #isForsaken(one: PeerState): boolean {
    return one.wanted && one.current === undefined && !this.#responder.has(one.peer);
  }

  save(to: ByteWriter): void {
    const { provider } = this.#plane;
    this.#random.save(to);
    to.u32(this.#attempt).u32(this.#firstHandshake);
    this.#cookieKeys.save(to);
    this.#responder.save(to);
    this.#reassembly.save(to);
    to.u16(this.#peers.length);
    for (const one of this.#peers) {
      to.u16(one.peer).bool(one.wanted).f64(one.previousUntil);
      to.u32(one.bootCount).u32(one.attempt).f64(one.lastHandshake);
      for (const session of [one.current, one.previous]) {
        to.bool(session !== undefined);
        if (session !== undefined) saveSession(to, provider, session);
      }
    }
    to.u16(this.#initiations.length);
    for (const one of this.#initiations) {
      to.u16(one.peer).u32(one.handshake).u8(STAGES.indexOf(one.stage)).u8(one.period);
      to.u8(one.tries)
        .f64(one.nextAt)
        .u32(one.bytes)
        .bool(one.state !== undefined);
      if (one.state === undefined) continue;
      to.blob(provider.exportSecret(one.cookie));
      saveInitiator(to, provider, one.state);
    }
    to.u16(this.#confirmations.length);
    for (const one of this.#confirmations) {
      to.u16(one.peer).u32(one.handshake).blob(one.bytes).u8(one.left).f64(one.nextAt);
    }
  }

  /** Into a fresh object. */
  /** Ends the life of the sessions' keys; of no use afterwards. */
  destroy(): void {
    for (const { current, previous } of this.#peers) {
      if (current !== undefined) destroySession(this.#plane.provider, current);
      if (previous !== undefined) destroySession(this.#plane.provider, previous);
    }
    this.#peers = [];
  }

  load(from: ByteReader): void {
    this.#changed = true;
    const { provider } = this.#plane;
    this.#random.load(from);
    this.#attempt = from.u32();
    this.#firstHandshake = from.u32();
    this.#cookieKeys.load(from);
    this.#responder.load(from);
    this.#reassembly.load(from);
    this.#peers = many(from, () => ({
      peer: from.u16() as NodeIndex,
      wanted: from.bool(),
      previousUntil: from.f64(),
      bootCount: from.u32(),
      attempt: from.u32(),
      lastHandshake: from.f64(),
      current: from.bool() ? loadSession(from, provider) : undefined,
      previous: from.bool() ? loadSession(from, provider) : undefined,
    }));
    this.#initiations = many(from, () => {
      const one: Initiation = {
        peer: from.u16() as NodeIndex,
        handshake: from.u32(),
        stage: STAGES[from.u8()] ?? "pause",
        period: from.u8(),
        tries: from.u8(),
        nextAt: from.f64(),
        bytes: from.u32(),
        cookie: NO_KEY,
        state: undefined,
      };
      if (from.bool()) {
        one.cookie = provider.importSecret(from.blob(64));
        one.state = loadInitiator(from, provider);
      }
      return one;
    });
    this.#confirmations = many(from, () => ({
      peer: from.u16() as NodeIndex,
      handshake: from.u32(),
      bytes: from.blob(2048),
      left: from.u8(),
      nextAt: from.f64(),
    }));
  }

  // Initiator

  #initiate(now: MonotonicMs, peer: NodeIndex, emit: Emit<SecurityOut>, delayMs = 0): void {
    this.#dropInitiation(peer);
    this.#attempt += 1;
    const initiation: Initiation = {
      peer,
      handshake: (this.#firstHandshake + this.#attempt) >>> 0,
      stage: "cookie",
      cookie: NO_KEY,
      period: 0,
      state: undefined,
      tries: 0,
      nextAt: now + delayMs,
      bytes: 0,
    };
    this.#initiations.push(initiation);
    if (delayMs === 0) this.#retry(now, initiation, emit);
  }

  #retry(now: MonotonicMs, one: Initiation, emit: Emit<SecurityOut>): void {
    if (one.stage === "pause") {
      this.#initiate(now, one.peer, emit);
      return;
    }
    if (one.tries >= TRIES_MAX) {
      this.#forgetSecrets(one);
      one.stage = "pause";
      one.nextAt = now + PAUSE_MS * this.#random.between(1, 2);
      emit({ kind: "sessionClosed", peer: one.peer, problem: "SEC015" });
      return;
    }
    one.tries += 1;
    one.nextAt = now + backoffMs(one.tries) * this.#random.between(0.8, 1.2);
    if (one.stage === "first") {
      this.#sendFirst(one, one.tries > 1, emit);
      return;
    }
    const key = this.#cookieKeys.of(one.peer);
    if (key === undefined) return;
    const { peer, handshake } = one;
    const names = { self: this.#plane.self, peer, handshake };
    one.bytes += this.#send(peer, cookieRequest(this.#plane.provider, key, names), emit);
  }

  #receiveCookie(
    now: MonotonicMs,
    header: CookieHeader,
    bytes: Uint8Array,
    emit: Emit<SecurityOut>,
  ): ProblemCode | undefined {
    const { provider, self } = this.#plane;
    if (header.kind === "request") {
      const key = this.#cookieKeys.of(self);
      if (key === undefined) return "SEC012";
      return this.#responder.answerCookie(now, { header, bytes, key }, emit);
    }
    const one = this.#initiationOf(header);
    if (one?.stage !== "cookie") return "SEC013";
    const key = this.#cookieKeys.of(header.sender);
    const cookie = key === undefined ? undefined : openAnswer(provider, key, bytes);
    if (cookie === undefined) return "SEC012";
    const { id, boot } = this.#plane;
    const state = startHandshake(this.#party, one.peer, {
      id,
      bootNonce: boot.nonce,
      bootCount: boot.count,
      attempt: this.#attempt,
      policyVersion: this.#policyVersion,
    });
    one.bytes += bytes.length;
    one.stage = "first";
    one.cookie = cookie;
    one.period = header.period;
    one.state = state;
    one.tries = 1;
    one.nextAt = now + backoffMs(1) * this.#random.between(0.8, 1.2);
    this.#sendFirst(one, false, emit);
    return undefined;
  }

  #sendFirst(one: Initiation, parity: boolean, emit: Emit<SecurityOut>): void {
    if (one.state === undefined) return;
    const { peer: receiver, handshake, period } = one;
    const header = { message: 1, period, sender: this.#plane.self, receiver, handshake };
    const { message } = one.state;
    for (const part of fragment(this.#plane.provider, one.cookie, header, { message, parity })) {
      one.bytes += this.#send(receiver, part, emit);
    }
  }

  /** msg2: the responder's answer. */
  #receiveAnswer(
    now: MonotonicMs,
    header: FragmentHeader,
    bytes: Uint8Array,
    emit: Emit<SecurityOut>,
  ): ProblemCode | undefined {
    const one = this.#initiationOf(header);
    if (one === undefined) return this.#confirmAgain(header, emit);
    if (one.state === undefined) return "SEC013";
    const { provider } = this.#plane;
    if (!isAuthentic(provider, one.cookie, bytes)) return "SEC012";
    one.bytes += bytes.length;
    const whole = this.#reassembly.add(now, header, bytes);
    if (typeof whole === "string") return whole === "full" ? "SEC014" : undefined;
    const finished = finishHandshake(this.#party, one.state, whole);
    if (finished === undefined) return "SEC007";
    const { claim, session: keys, message } = finished;
    const behind = claim.bootCount < this.#plane.peers.bootCount(this.#plane.peers.rowOf(one.peer));
    if (claim.policyVersion < this.#policyVersion || behind) {
      destroySessionKeys(provider, keys);
      return behind ? "SEC010" : "SEC016";
    }
    const third = { ...header, message: 3, sender: this.#plane.self, receiver: one.peer };
    const options = { message, parity: false };
    const part = fragment(provider, one.cookie, { ...third, period: one.period }, options)[0]!;
    one.bytes += this.#send(one.peer, part, emit);
    const { peer, handshake } = one;
    const nextAt = now + CONFIRM_REPEAT_MS;
    this.#stopConfirming(peer);
    this.#confirmations.push({ peer, handshake, bytes: part, left: CONFIRM_REPEATS, nextAt });
    const handshakeBytes = one.bytes;
    this.#dropInitiation(peer);
    const session = createSession({
      peer,
      keys,
      initiator: true,
      createdAt: now,
      peerBootCount: claim.bootCount,
    });
    this.#install(now, session);
    emit({ kind: "sessionOpened", peer, handshakeBytes, initiator: true });
    return undefined;
  }

  /** msg2 once more: our msg3 was lost. */
  #confirmAgain(header: FragmentHeader, emit: Emit<SecurityOut>): ProblemCode | undefined {
    const confirmation = this.#confirmations.find(
      (one) => one.peer === header.sender && one.handshake === header.handshake,
    );
    if (confirmation === undefined) return "SEC013";
    if (header.index === 0) this.#send(confirmation.peer, confirmation.bytes, emit);
    return undefined;
  }

  // Both

  #install(now: MonotonicMs, session: Session): void {
    const state = this.#peer(session.peer);
    if (state.previous !== undefined) destroySession(this.#plane.provider, state.previous);
    state.previous = state.current;
    state.previousUntil = now + PREVIOUS_MS;
    state.current = session;
  }

  #refuseNames(names: {
    readonly sender: NodeIndex;
    readonly receiver: NodeIndex;
  }): ProblemCode | undefined {
    const { self, directory, peers } = this.#plane;
    if (names.receiver !== self) return "SEC013";
    if (names.sender === self || directory.credential(names.sender) === undefined) return "SEC003";
    if (peers.rowOf(names.sender) < 0) return "SEC035";
    return peers.isRevoked(names.sender) ? "SEC004" : undefined;
  }

  #initiationOf(header: {
    readonly sender: NodeIndex;
    readonly handshake: number;
  }): Initiation | undefined {
    return this.#initiations.find(
      (one) => one.peer === header.sender && one.handshake === header.handshake,
    );
  }

  #isInitiating(peer: NodeIndex): boolean {
    return this.#initiations.some((one) => one.peer === peer);
  }

  /** Not merely pausing before the next try. */
  #isUnderWay(peer: NodeIndex): boolean {
    return this.#initiations.some((one) => one.peer === peer && one.stage !== "pause");
  }

  #send(to: NodeIndex, bytes: Uint8Array, emit: Emit<SecurityOut>): number {
    emit({ kind: "handshake", to, bytes, direct: this.#isDirect(to) });
    return bytes.length;
  }

  #stopConfirming(peer: NodeIndex): void {
    if (this.#confirmations.length === 0) return;
    this.#changed = true;
    this.#confirmations = this.#confirmations.filter((one) => one.peer !== peer);
  }

  #forgetSecrets(one: Initiation): void {
    const { provider } = this.#plane;
    if (one.cookie !== NO_KEY) provider.destroyKey(one.cookie);
    if (one.state !== undefined) destroyInitiator(provider, one.state);
    one.cookie = NO_KEY;
    one.state = undefined;
  }

  #dropInitiation(peer: NodeIndex): void {
    for (const one of this.#initiations) if (one.peer === peer) this.#forgetSecrets(one);
    this.#initiations = this.#initiations.filter((one) => one.peer !== peer);
  }

  #find(peer: NodeIndex): PeerState | undefined {
    return this.#peers.find((one) => one.peer === peer);
  }

  #peer(peer: NodeIndex): PeerState {
    const known = this.#find(peer);
    if (known !== undefined) return known;
    const made: PeerState = {
      peer,
      wanted: false,
      current: undefined,
      previous: undefined,
      previousUntil: 0,
      bootCount: 0,
      attempt: 0,
      lastHandshake: -1,
    };
    this.#peers.push(made);
    return made;
  }
}

const STAGES = ["cookie", "first", "pause"] as const;

/** As many as a u16 says, while there is input. */
function many<T>(from: ByteReader, read: () => T): T[] {
  const list: T[] = [];
  const count = from.u16();
  for (let i = 0; i < count && !from.failed; i += 1) list.push(read());
  return list;
}

const backoffMs = (tries: number): number => FIRST_RETRY_MS * Math.min(1 << (tries - 1), 8);

function renewAt(one: PeerState): number {
  const { current, wanted } = one;
  if (current === undefined || !(wanted || current.initiator)) return Infinity;
  return current.createdAt + REKEY_MS + (current.initiator ? 0 : REKEY_SLACK_MS);
}

const expireAt = (one: PeerState): number =>
  one.current === undefined ? Infinity : one.current.createdAt + SESSION_MAX_MS;
