/**
 * Drives handshakes: who is wanted, who is under way, who is in session.
 *
 * Initiator: cookie, msg1, wait for msg2, msg3 (three times, as nothing answers it), session.
 * Responder: answers cookies without keeping anything, keeps one half-open handshake a peer for 5
 * s, and counts a session as confirmed by msg3 or by the first pairwise envelope under it. Both at
 * once: the lower index stays initiator. Sessions are renewed hourly; the one before still opens
 * for 10 s. Parity fragments go with every repetition, when loss has shown itself.
 *
 * Bounds: `HALF_OPEN_MAX` half-open, one initiation and two sessions a peer, six tries, then a
 * pause.
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
import {
  CookieKeys,
  CookieSecrets,
  cookieRequest,
  isRequestAuthentic,
  openAnswer,
  readCookie,
  type CookieHeader,
} from "./cookie.ts";
import {
  Reassembly,
  fragment,
  isAuthentic,
  readFragment,
  type FragmentHeader,
} from "./fragments.ts";
import {
  confirmHandshake,
  destroyInitiator,
  destroySessionKeys,
  finishHandshake,
  loadInitiator,
  loadResponder,
  respondHandshake,
  saveInitiator,
  saveResponder,
  startHandshake,
  type HandshakeParty,
  type InitiatorState,
  type ResponderState,
} from "./messages.ts";
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
const HALF_OPEN_MAX = 64;
const HALF_OPEN_MS = 5000;
const ANSWERS_MAX = 6;
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

interface HalfOpen {
  readonly peer: NodeIndex;
  readonly handshake: number;
  readonly state: ResponderState;
  readonly fragments: readonly Uint8Array[];
  readonly until: number;
  answers: number;
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
interface PeerState {
  readonly peer: NodeIndex;
  wanted: boolean;
  current: Session | undefined;
  previous: Session | undefined;
  previousUntil: number;
  /** The last handshake that was confirmed: (boot count, attempt), and its id. */
  bootCount: number;
  attempt: number;
  lastHandshake: number;
}

export class Handshakes {
  readonly #plane: Plane;
  readonly #party: HandshakeParty;
  readonly #policyVersion: number;
  readonly #random: SeededStream;
  readonly #cookieKeys: CookieKeys;
  readonly #cookieSecrets: CookieSecrets;
  readonly #reassembly = new Reassembly();
  readonly #isDirect: (peer: NodeIndex) => boolean;
  #peers: PeerState[] = [];
  #initiations: Initiation[] = [];
  #halfOpen: HalfOpen[] = [];
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
    this.#cookieSecrets = new CookieSecrets(plane.provider);
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
    this.#dropHalfOpen(peer);
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
    return this.#receiveAsResponder(now, header, bytes, emit);
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
    const half = this.#halfOpen.find((one) => one.peer === from);
    if (half === undefined || half.state.session.tag !== tag || half.until <= now) {
      return "SEC011";
    }
    const session = this.#responderSession(now, half);
    const opened = openPairwise(this.#plane, session, bytes);
    if (typeof opened === "string") return opened;
    this.#confirm(now, half, session, emit);
    return opened;
  }

  /** Computed again only after something changed: it is asked for after every step. */
  wakeAt(): number {
    if (this.#changed) this.#wakeAt = this.#soonest();
    this.#changed = false;
    return this.#wakeAt;
  }

  #soonest(): number {
    let soonest = Infinity;
    for (const one of this.#initiations) soonest = Math.min(soonest, one.nextAt);
    for (const one of this.#confirmations) soonest = Math.min(soonest, one.nextAt);
    for (const half of this.#halfOpen) soonest = Math.min(soonest, half.until);
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
    for (const half of [...this.#halfOpen]) if (half.until <= now) this.#dropHalfOpen(half.peer);
    for (const one of this.#peers) {
      if (one.previous !== undefined && one.previousUntil <= now) {
        destroySession(this.#plane.provider, one.previous);
        one.previous = undefined;
      }
      if (expireAt(one) <= now) this.close(now, one.peer, "SEC033", emit);
      else if (renewAt(one) <= now && !this.#isInitiating(one.peer)) {
        this.#initiate(now, one.peer, emit);
      }
    }
  }

  save(to: ByteWriter): void {
    const { provider } = this.#plane;
    this.#random.save(to);
    to.u32(this.#attempt).u32(this.#firstHandshake);
    this.#cookieKeys.save(to);
    this.#cookieSecrets.save(to);
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
    to.u16(this.#halfOpen.length);
    for (const one of this.#halfOpen) {
      to.u16(one.peer).u32(one.handshake).f64(one.until).u8(one.answers).u32(one.bytes);
      saveResponder(to, provider, one.state);
      to.u8(one.fragments.length);
      for (const part of one.fragments) to.blob(part);
    }
    to.u16(this.#confirmations.length);
    for (const one of this.#confirmations) {
      to.u16(one.peer).u32(one.handshake).blob(one.bytes).u8(one.left).f64(one.nextAt);
    }
  }

  /** Into a fresh object. */
  load(from: ByteReader): void {
    this.#changed = true;
    const { provider } = this.#plane;
    this.#random.load(from);
    this.#attempt = from.u32();
    this.#firstHandshake = from.u32();
    this.#cookieKeys.load(from);
    this.#cookieSecrets.load(from);
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
    this.#halfOpen = many(from, () => {
      const [peer, handshake] = [from.u16() as NodeIndex, from.u32()];
      const [until, answers, bytes] = [from.f64(), from.u8(), from.u32()];
      const state = loadResponder(from, provider);
      const fragments = Array.from({ length: from.u8() }, () => from.blob(2048));
      return { peer, handshake, until, answers, bytes, state, fragments };
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
      if (key === undefined || !isRequestAuthentic(provider, key, bytes)) return "SEC012";
      this.#send(header.sender, this.#cookieSecrets.answer(now, key, header), emit);
      return undefined;
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

  // Responder

  #receiveAsResponder(
    now: MonotonicMs,
    header: FragmentHeader,
    bytes: Uint8Array,
    emit: Emit<SecurityOut>,
  ): ProblemCode | undefined {
    const { provider } = this.#plane;
    const { sender, handshake } = header;
    const cookie = this.#cookieSecrets.cookie(sender, handshake, header.period);
    if (cookie === undefined) return "SEC012";
    const refusal = isAuthentic(provider, cookie, bytes)
      ? header.message === 1
        ? this.#receiveFirst(now, header, { bytes, cookie }, emit)
        : this.#receiveThird(now, header, bytes, emit)
      : "SEC012";
    provider.destroyKey(cookie);
    return refusal;
  }

  #receiveFirst(
    now: MonotonicMs,
    header: FragmentHeader,
    input: { readonly bytes: Uint8Array; readonly cookie: KeyHandle },
    emit: Emit<SecurityOut>,
  ): ProblemCode | undefined {
    const { sender: peer, handshake } = header;
    const half = this.#halfOpen.find((one) => one.peer === peer && one.handshake === handshake);
    if (half !== undefined) {
      half.bytes += input.bytes.length;
      if (header.index === 0) this.#answerAgain(half, emit);
      return undefined;
    }
    if (this.#peer(peer).lastHandshake === handshake) return "SEC013";
    const mine = this.#initiations.find((one) => one.peer === peer && one.stage !== "pause");
    if (mine !== undefined && peer > this.#plane.self) return "SEC013";
    const whole = this.#reassembly.add(now, header, input.bytes);
    if (typeof whole === "string") return whole === "full" ? "SEC014" : undefined;
    return this.#respond(now, header, { message: whole, cookie: input.cookie }, emit);
  }

  #respond(
    now: MonotonicMs,
    header: FragmentHeader,
    input: { readonly message: Uint8Array; readonly cookie: KeyHandle },
    emit: Emit<SecurityOut>,
  ): ProblemCode | undefined {
    const { provider, self, boot, peers } = this.#plane;
    const { sender: peer, handshake, period } = header;
    if (this.#halfOpen.length >= HALF_OPEN_MAX) return "SEC014";
    const claim = {
      bootNonce: boot.nonce,
      bootCount: boot.count,
      policyVersion: this.#policyVersion,
    };
    const state = respondHandshake(this.#party, { self, peer, message: input.message, claim });
    if (state === undefined) return "SEC007";
    const refusal = this.#refuseClaim(this.#peer(peer), state, peers.bootCount(peers.rowOf(peer)));
    if (refusal !== undefined) {
      state.transcript.destroy();
      destroySessionKeys(provider, state.session);
      return refusal;
    }
    this.#dropHalfOpen(peer);
    this.#dropInitiation(peer);
    const answer = { message: 2, period, sender: self, receiver: peer, handshake };
    const options = { message: state.message, parity: true };
    const fragments = fragment(provider, input.cookie, answer, options);
    const until = now + HALF_OPEN_MS;
    const half = { peer, handshake, state, fragments, until, answers: 0, bytes: 0 };
    this.#halfOpen.push(half);
    this.#answerAgain(half, emit);
    return undefined;
  }

  #refuseClaim(
    known: PeerState,
    state: ResponderState,
    bootCountKnown: number,
  ): ProblemCode | undefined {
    const { claim } = state;
    if (claim.policyVersion < this.#policyVersion) return "SEC016";
    const older =
      claim.bootCount < known.bootCount ||
      (claim.bootCount === known.bootCount && claim.attempt <= known.attempt);
    return older || claim.bootCount < bootCountKnown ? "SEC010" : undefined;
  }

  /** The first answer goes without its parity fragment, which is the last. */
  #answerAgain(half: HalfOpen, emit: Emit<SecurityOut>): void {
    if (half.answers >= ANSWERS_MAX) return;
    half.answers += 1;
    const parts = half.answers === 1 ? half.fragments.slice(0, -1) : half.fragments;
    for (const part of parts) half.bytes += this.#send(half.peer, part, emit);
  }

  #receiveThird(
    now: MonotonicMs,
    header: FragmentHeader,
    bytes: Uint8Array,
    emit: Emit<SecurityOut>,
  ): ProblemCode | undefined {
    const { sender: peer, handshake } = header;
    const half = this.#halfOpen.find((one) => one.peer === peer && one.handshake === handshake);
    if (half === undefined) {
      return this.#peer(peer).lastHandshake === handshake ? undefined : "SEC013";
    }
    const whole = this.#reassembly.add(now, header, bytes);
    if (typeof whole === "string") return "SEC014";
    if (!confirmHandshake(half.state, whole)) return "SEC007";
    half.bytes += bytes.length;
    this.#confirm(now, half, this.#responderSession(now, half), emit);
    return undefined;
  }

  #responderSession(now: MonotonicMs, half: HalfOpen): Session {
    const { session: keys, claim } = half.state;
    const { peer } = half;
    const { bootCount: peerBootCount } = claim;
    return createSession({ peer, keys, initiator: false, createdAt: now, peerBootCount });
  }

  #confirm(now: MonotonicMs, half: HalfOpen, session: Session, emit: Emit<SecurityOut>): void {
    const { claim, transcript } = half.state;
    this.#changed = true;
    const known = this.#peer(half.peer);
    known.bootCount = claim.bootCount;
    known.attempt = claim.attempt;
    known.lastHandshake = half.handshake;
    transcript.destroy();
    this.#halfOpen = this.#halfOpen.filter((one) => one !== half);
    this.#install(now, session);
    const { peer, bytes: handshakeBytes } = half;
    emit({ kind: "sessionOpened", peer, handshakeBytes, initiator: false });
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

  #dropHalfOpen(peer: NodeIndex): void {
    for (const half of this.#halfOpen) {
      if (half.peer !== peer) continue;
      half.state.transcript.destroy();
      destroySessionKeys(this.#plane.provider, half.state.session);
    }
    this.#halfOpen = this.#halfOpen.filter((one) => one.peer !== peer);
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
