/**
 * The responder's half: answers cookies without keeping anything, keeps one half-open handshake a
 * peer for 5 s, and counts a session as confirmed by msg3 or by the first pairwise envelope under
 * it.
 *
 * Bound: `HALF_OPEN_MAX` half-open handshakes; each is answered at most `ANSWERS_MAX` times.
 */
import type {
  ByteReader,
  ByteWriter,
  Emit,
  MonotonicMs,
  NodeIndex,
  ProblemCode,
} from "../../base/mod.ts";
import type { KeyHandle } from "../provider.ts";
import type { Plane } from "../sealing/plane.ts";
import type { SecurityOut } from "../types.ts";
import { CookieSecrets, isRequestAuthentic, type CookieHeader } from "./cookie.ts";
import { Reassembly, fragment, isAuthentic, type FragmentHeader } from "./fragments.ts";
import {
  confirmHandshake,
  destroySessionKeys,
  loadResponder,
  respondHandshake,
  saveResponder,
  type HandshakeParty,
  type ResponderState,
} from "./messages.ts";
import { createSession, openPairwise, type Session } from "./session.ts";

const HALF_OPEN_MAX = 64;
export const HALF_OPEN_MS = 5000;
const ANSWERS_MAX = 6;

interface HalfOpen {
  readonly peer: NodeIndex;
  readonly handshake: number;
  readonly state: ResponderState;
  readonly fragments: readonly Uint8Array[];
  readonly until: number;
  answers: number;
  bytes: number;
}

/** The last handshake of a peer that was confirmed. */
export interface Confirmed {
  bootCount: number;
  attempt: number;
  lastHandshake: number;
}

/** What the responder needs of the driver that owns it. */
export interface ResponderParts {
  readonly plane: Plane;
  readonly party: HandshakeParty;
  readonly send: (to: NodeIndex, bytes: Uint8Array, emit: Emit<SecurityOut>) => number;
  readonly confirmedOf: (peer: NodeIndex) => Confirmed;
  /** Whether an initiation of our own to this peer goes before one of its. */
  readonly isOursFirst: (peer: NodeIndex) => boolean;
  readonly giveWay: (peer: NodeIndex) => void;
  readonly install: (now: MonotonicMs, session: Session) => void;
}

export class Responder {
  readonly #parts: ResponderParts;
  readonly #secrets: CookieSecrets;
  readonly #reassembly = new Reassembly();
  #halfOpen: HalfOpen[] = [];

  constructor(parts: ResponderParts) {
    this.#parts = parts;
    this.#secrets = new CookieSecrets(parts.plane.provider);
  }

  has(peer: NodeIndex): boolean {
    return this.#halfOpen.some((one) => one.peer === peer);
  }

  /** When the next half-open handshake is given up. */
  soonest(): number {
    return this.#halfOpen.reduce((soonest, one) => Math.min(soonest, one.until), Infinity);
  }

  expire(now: MonotonicMs): void {
    for (const half of [...this.#halfOpen]) if (half.until <= now) this.drop(half.peer);
  }

  answerCookie(
    now: MonotonicMs,
    request: { readonly header: CookieHeader; readonly bytes: Uint8Array; readonly key: KeyHandle },
    emit: Emit<SecurityOut>,
  ): ProblemCode | undefined {
    const { header, bytes, key } = request;
    if (!isRequestAuthentic(this.#parts.plane.provider, key, bytes)) return "SEC012";
    this.#parts.send(header.sender, this.#secrets.answer(now, key, header), emit);
    return undefined;
  }

  /** A fragment of msg1 or msg3. */
  receive(
    now: MonotonicMs,
    header: FragmentHeader,
    bytes: Uint8Array,
    emit: Emit<SecurityOut>,
  ): ProblemCode | undefined {
    const { provider } = this.#parts.plane;
    const { sender, handshake } = header;
    const cookie = this.#secrets.cookie(sender, handshake, header.period);
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
    if (this.#parts.confirmedOf(peer).lastHandshake === handshake) return "SEC013";
    if (this.#parts.isOursFirst(peer)) return "SEC013";
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
    const { plane, party } = this.#parts;
    const { provider, self, boot, directory } = plane;
    const { sender: peer, handshake, period } = header;
    if (this.#halfOpen.length >= HALF_OPEN_MAX) return "SEC014";
    const claim = {
      bootNonce: boot.nonce,
      bootCount: boot.count,
      policyVersion: directory.policyVersion,
    };
    const state = respondHandshake(party, { self, peer, message: input.message, claim });
    if (state === undefined) return "SEC007";
    const refusal = this.#refuseClaim(peer, state);
    if (refusal !== undefined) {
      state.transcript.destroy();
      destroySessionKeys(provider, state.session);
      return refusal;
    }
    this.drop(peer);
    this.#parts.giveWay(peer);
    const answer = { message: 2, period, sender: self, receiver: peer, handshake };
    const options = { message: state.message, parity: true };
    const fragments = fragment(provider, input.cookie, answer, options);
    const until = now + HALF_OPEN_MS;
    const half = { peer, handshake, state, fragments, until, answers: 0, bytes: 0 };
    this.#halfOpen.push(half);
    this.#answerAgain(half, emit);
    return undefined;
  }

  #refuseClaim(peer: NodeIndex, { claim }: ResponderState): ProblemCode | undefined {
    const { directory, peers } = this.#parts.plane;
    if (claim.policyVersion < directory.policyVersion) return "SEC016";
    const last = this.#parts.confirmedOf(peer);
    const older =
      claim.bootCount < last.bootCount ||
      (claim.bootCount === last.bootCount && claim.attempt <= last.attempt);
    return older || claim.bootCount < peers.bootCount(peers.rowOf(peer)) ? "SEC010" : undefined;
  }

  /** The first answer goes without its parity fragment, which is the last. */
  #answerAgain(half: HalfOpen, emit: Emit<SecurityOut>): void {
    if (half.answers >= ANSWERS_MAX) return;
    half.answers += 1;
    const parts = half.answers === 1 ? half.fragments.slice(0, -1) : half.fragments;
    for (const part of parts) half.bytes += this.#parts.send(half.peer, part, emit);
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
      return this.#parts.confirmedOf(peer).lastHandshake === handshake ? undefined : "SEC013";
    }
    const whole = this.#reassembly.add(now, header, bytes);
    if (typeof whole === "string") return "SEC014";
    if (!confirmHandshake(half.state, whole)) return "SEC007";
    half.bytes += bytes.length;
    this.#confirm(now, half, this.#sessionOf(now, half), emit);
    return undefined;
  }

  #sessionOf(now: MonotonicMs, half: HalfOpen): Session {
    const { session: keys, claim } = half.state;
    const { peer } = half;
    const { bootCount: peerBootCount } = claim;
    return createSession({ peer, keys, initiator: false, createdAt: now, peerBootCount });
  }

  #confirm(now: MonotonicMs, half: HalfOpen, session: Session, emit: Emit<SecurityOut>): void {
    const { claim, transcript } = half.state;
    const last = this.#parts.confirmedOf(half.peer);
    last.bootCount = claim.bootCount;
    last.attempt = claim.attempt;
    last.lastHandshake = half.handshake;
    transcript.destroy();
    this.#halfOpen = this.#halfOpen.filter((one) => one !== half);
    this.#parts.install(now, session);
    const { peer, bytes: handshakeBytes } = half;
    emit({ kind: "sessionOpened", peer, handshakeBytes, initiator: false });
  }

  /** A pairwise envelope of a peer whose msg3 has not come: opening it proves as much. */
  open(
    now: MonotonicMs,
    from: NodeIndex,
    bytes: Uint8Array,
    emit: Emit<SecurityOut>,
  ): Uint8Array | ProblemCode {
    const half = this.#halfOpen.find((one) => one.peer === from && one.until > now);
    if (half === undefined || half.state.session.tag !== bytes[1]) return "SEC011";
    const session = this.#sessionOf(now, half);
    const opened = openPairwise(this.#parts.plane, session, bytes);
    if (typeof opened !== "string") this.#confirm(now, half, session, emit);
    return opened;
  }

  drop(peer: NodeIndex): void {
    const { provider } = this.#parts.plane;
    for (const half of this.#halfOpen) {
      if (half.peer !== peer) continue;
      half.state.transcript.destroy();
      destroySessionKeys(provider, half.state.session);
    }
    this.#halfOpen = this.#halfOpen.filter((one) => one.peer !== peer);
  }

  save(to: ByteWriter): void {
    this.#secrets.save(to);
    this.#reassembly.save(to);
    to.u16(this.#halfOpen.length);
    for (const one of this.#halfOpen) {
      to.u16(one.peer).u32(one.handshake).f64(one.until).u8(one.answers).u32(one.bytes);
      saveResponder(to, this.#parts.plane.provider, one.state);
      to.u8(one.fragments.length);
      for (const part of one.fragments) to.blob(part);
    }
  }

  load(from: ByteReader): void {
    this.#secrets.load(from);
    this.#reassembly.load(from);
    this.#halfOpen = [];
    for (let i = from.u16(); i > 0 && !from.failed; i -= 1) {
      const [peer, handshake] = [from.u16() as NodeIndex, from.u32()];
      const [until, answers, bytes] = [from.f64(), from.u8(), from.u32()];
      const state = loadResponder(from, this.#parts.plane.provider);
      const fragments = Array.from({ length: from.u8() }, () => from.blob(2048));
      this.#halfOpen.push({ peer, handshake, until, answers, bytes, state, fragments });
    }
  }
}
