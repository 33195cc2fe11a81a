/**
 * Sessions: what a handshake leaves behind, and pairwise envelopes under it.
 *
 * A key a direction; counters from 1, never reused, because a reboot needs a new handshake. The
 * header's hint is the session's tag, so that during a rekey the old session still opens what is
 * under way.
 */
import type {
  ByteReader,
  ByteWriter,
  MonotonicMs,
  NodeIndex,
  ProblemCode,
} from "../../base/mod.ts";
import type { CryptoProvider } from "../provider.ts";
import {
  HEADER_BYTES,
  SEAL_BYTES,
  counterOf,
  inputFor,
  nextCounter,
  openBytes,
  sealInput,
  setNonce,
  writeHeader,
  type OwnSender,
  type Plane,
} from "../sealing/plane.ts";
import { ReplayWindows } from "../sealing/window.ts";
import { WireType } from "../types.ts";
import {
  destroySessionKeys,
  loadSessionKeys,
  saveSessionKeys,
  type SessionKeys,
} from "./messages.ts";

export interface Session {
  readonly peer: NodeIndex;
  readonly keys: SessionKeys;
  readonly send: OwnSender;
  readonly window: ReplayWindows;
  readonly initiator: boolean;
  readonly createdAt: MonotonicMs;
  /** The peer's boot that this session is with. */
  readonly peerBootCount: number;
}

export function createSession(parts: Omit<Session, "send" | "window">): Session {
  const send = { ...parts.keys.send, counter: 0 };
  return { ...parts, send, window: new ReplayWindows(1) };
}

/** `undefined` when the counters are used up. */
export function sealPairwise(
  plane: Plane,
  session: Session,
  message: Uint8Array,
): Uint8Array | undefined {
  const counter = nextCounter(session.send);
  if (counter === 0) return undefined;
  const input = inputFor(plane, HEADER_BYTES + message.length);
  const hint = session.keys.tag;
  writeHeader(input, { type: WireType.pairwise, hint, sender: plane.self, counter });
  input.set(message, HEADER_BYTES);
  setNonce(plane.call.nonce, session.send.salt, counter);
  const sizes = { input, aadBytes: HEADER_BYTES, plaintextBytes: message.length };
  return sealInput(plane, session.send.key, sizes);
}

/** The message, which nobody changes, or why there is none. */
export function openPairwise(
  plane: Plane,
  session: Session,
  bytes: Uint8Array,
): Uint8Array | ProblemCode {
  if (bytes.length <= SEAL_BYTES) return "SEC001";
  const counter = counterOf(bytes);
  if (!session.window.isFresh(0, counter)) return "SEC008";
  setNonce(plane.call.nonce, session.keys.receive.salt, counter);
  const message = openBytes(plane, session.keys.receive.key, bytes, HEADER_BYTES);
  if (message === undefined) return "SEC007";
  session.window.accept(0, counter);
  return message;
}

export function destroySession(provider: CryptoProvider, session: Session): void {
  destroySessionKeys(provider, session.keys);
}

export function saveSession(to: ByteWriter, provider: CryptoProvider, session: Session): void {
  const { keys } = session;
  to.u16(session.peer).bool(session.initiator).f64(session.createdAt).u32(session.peerBootCount);
  saveSessionKeys(to, provider, keys);
  to.u32(session.send.counter);
  session.window.save(to, 1);
}

export function loadSession(from: ByteReader, provider: CryptoProvider): Session {
  const peer = from.u16() as NodeIndex;
  const initiator = from.bool();
  const createdAt = from.f64() as MonotonicMs;
  const peerBootCount = from.u32();
  const keys = loadSessionKeys(from, provider);
  const session = createSession({ peer, initiator, createdAt, peerBootCount, keys });
  session.send.counter = from.u32();
  session.window.load(from, 1);
  return session;
}
