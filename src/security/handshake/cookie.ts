/**
 * The cookie exchange: before a responder keeps anything of a handshake, the initiator must have
 * heard an answer of its.
 *
 * WireGuard's first MAC does not carry over to a message in fragments, hence this exchange of one
 * datagram each way. Both are keyed by the responder's static key, which only the directory's
 * holders know: outsiders can neither ask nor read the answer. The responder keeps nothing: a
 * cookie is the ChaCha20 key stream under its secret for (initiator, handshake id), and is computed
 * again for each fragment. Secrets live 120 s and alternate by period, one bit of which travels in
 * each fragment.
 *
 *   request (26) = type and suite, 1, sender (u16), receiver (u16), handshake id (u32), MAC (16)
 *   answer (66)  = type and suite, 2 + period bit << 7, sender, receiver, id, random (8),
 *                  seal(cookie 32)
 */
import {
  utf8Encode,
  type ByteReader,
  type ByteWriter,
  type MonotonicMs,
  type NodeIndex,
} from "../../base/mod.ts";
import type { Directory } from "../credential/package.ts";
import { SUITE_1 } from "../crypto/suites.ts";
import {
  AEAD_KEY_BYTES,
  AEAD_NONCE_BYTES,
  AEAD_TAG_BYTES,
  NO_KEY,
  type AeadCall,
  type CryptoProvider,
  type KeyHandle,
} from "../provider.ts";
import { WireType } from "../types.ts";

const HEADER_BYTES = 10;
export const COOKIE_REQUEST_BYTES: number = HEADER_BYTES + AEAD_TAG_BYTES;
const RANDOM_BYTES = 8;
const ANSWER_HEADER_BYTES: number = HEADER_BYTES + RANDOM_BYTES;
export const COOKIE_ANSWER_BYTES: number = ANSWER_HEADER_BYTES + AEAD_KEY_BYTES + AEAD_TAG_BYTES;
const PERIOD_MS = 120_000;
const REQUEST = 1;
const ANSWER = 2;
const INFO = utf8Encode("skein cookie 1");
const NOTHING = new Uint8Array(0);

export interface CookieHeader {
  readonly kind: "request" | "answer";
  readonly period: number;
  readonly sender: NodeIndex;
  readonly receiver: NodeIndex;
  readonly handshake: number;
}

/** Parses by length; authenticity is checked by the functions below. */
export function readCookie(bytes: Uint8Array): CookieHeader | undefined {
  const code = (bytes[1] ?? 0) & 0x7f;
  const period = (bytes[1] ?? 0) >> 7;
  const request = code === REQUEST && period === 0 && bytes.length === COOKIE_REQUEST_BYTES;
  const answer = code === ANSWER && bytes.length === COOKIE_ANSWER_BYTES;
  if (!request && !answer) return undefined;
  return {
    kind: request ? "request" : "answer",
    period,
    sender: ((bytes[2]! << 8) | bytes[3]!) as NodeIndex,
    receiver: ((bytes[4]! << 8) | bytes[5]!) as NodeIndex,
    handshake: new DataView(bytes.buffer, bytes.byteOffset).getUint32(6),
  };
}

function writeHeader(to: Uint8Array, second: number, header: CookieHeader): void {
  to[0] = (WireType.cookie << 4) | SUITE_1;
  to[1] = second;
  to[2] = header.sender >> 8;
  to[3] = header.sender & 0xff;
  to[4] = header.receiver >> 8;
  to[5] = header.receiver & 0xff;
  new DataView(to.buffer).setUint32(6, header.handshake);
}

/** The key that all holders of the directory can derive for a responder. */
export class CookieKeys {
  readonly #provider: CryptoProvider;
  readonly #directory: Directory;
  readonly #keys = new Map<NodeIndex, KeyHandle>();

  constructor(provider: CryptoProvider, directory: Directory) {
    this.#provider = provider;
    this.#directory = directory;
  }

  of(responder: NodeIndex): KeyHandle | undefined {
    const known = this.#keys.get(responder);
    if (known !== undefined) return known;
    const staticKey = this.#directory.credential(responder)?.staticKey;
    if (staticKey === undefined) return undefined;
    const secret = this.#provider.importSecret(staticKey);
    const key = this.#provider.hkdfSha512(secret, NOTHING, INFO, AEAD_KEY_BYTES);
    this.#provider.destroyKey(secret);
    this.#keys.set(responder, key);
    return key;
  }

  /** So that a loaded node spends no time on what the saved one had derived. */
  save(to: ByteWriter): void {
    to.u16(this.#keys.size);
    for (const [responder, key] of this.#keys) {
      to.u16(responder).raw(this.#provider.exportSecret(key));
    }
  }

  load(from: ByteReader): void {
    const count = from.u16();
    for (let i = 0; i < count && !from.failed; i += 1) {
      const responder = from.u16() as NodeIndex;
      this.#keys.set(responder, this.#provider.importSecret(from.raw(AEAD_KEY_BYTES)));
    }
  }
}

export function cookieRequest(
  provider: CryptoProvider,
  key: KeyHandle,
  names: { readonly self: NodeIndex; readonly peer: NodeIndex; readonly handshake: number },
): Uint8Array {
  const { self: sender, peer: receiver, handshake } = names;
  const bytes = new Uint8Array(COOKIE_REQUEST_BYTES);
  writeHeader(bytes, REQUEST, { kind: "request", period: 0, sender, receiver, handshake });
  provider.aeadSeal(key, requestCall(bytes, bytes));
  return bytes;
}

export function isRequestAuthentic(
  provider: CryptoProvider,
  key: KeyHandle,
  bytes: Uint8Array,
): boolean {
  return provider.aeadOpen(key, requestCall(bytes, NOTHING));
}

/** The stateless half: secrets of the current and the previous period. */
export class CookieSecrets {
  readonly #provider: CryptoProvider;
  readonly #secrets: [KeyHandle, KeyHandle] = [NO_KEY, NO_KEY];
  #since = -Infinity;
  #period = 0;
  readonly #scratch = new Uint8Array(AEAD_KEY_BYTES + AEAD_TAG_BYTES);
  readonly #cookie: Uint8Array = this.#scratch.subarray(0, AEAD_KEY_BYTES);
  readonly #call: AeadCall = {
    nonce: new Uint8Array(AEAD_NONCE_BYTES),
    input: new Uint8Array(AEAD_KEY_BYTES),
    aadOffset: 0,
    aadLength: 0,
    offset: 0,
    length: AEAD_KEY_BYTES,
    output: this.#scratch,
    outputOffset: 0,
  };

  constructor(provider: CryptoProvider) {
    this.#provider = provider;
  }

  /** The cookie for a handshake under the secret of a period; the caller destroys it. */
  cookie(initiator: NodeIndex, handshake: number, period: number): KeyHandle | undefined {
    const secret = this.#secrets[period & 1]!;
    if (secret === NO_KEY) return undefined;
    const { nonce } = this.#call;
    nonce[0] = initiator >> 8;
    nonce[1] = initiator & 0xff;
    nonce[4] = handshake >>> 24;
    nonce[5] = (handshake >>> 16) & 0xff;
    nonce[6] = (handshake >>> 8) & 0xff;
    nonce[7] = handshake & 0xff;
    this.#provider.aeadSeal(secret, this.#call);
    return this.#provider.importSecret(this.#cookie);
  }

  answer(now: MonotonicMs, key: KeyHandle, request: CookieHeader): Uint8Array {
    this.#turn(now);
    const { sender: receiver, receiver: sender, handshake } = request;
    const period = this.#period;
    const bytes = new Uint8Array(COOKIE_ANSWER_BYTES);
    writeHeader(bytes, ANSWER | (period << 7), {
      kind: "answer",
      period,
      sender,
      receiver,
      handshake,
    });
    this.#provider.randomBytes(bytes.subarray(HEADER_BYTES, ANSWER_HEADER_BYTES));
    const cookie = this.cookie(receiver, handshake, period);
    const input = bytes.slice();
    input.set(this.#cookie, ANSWER_HEADER_BYTES);
    this.#provider.aeadSeal(key, answerCall(input, bytes, ANSWER_HEADER_BYTES));
    if (cookie !== undefined) this.#provider.destroyKey(cookie);
    input.fill(0);
    return bytes;
  }

  save(to: ByteWriter): void {
    to.f64(this.#since).u8(this.#period);
    for (const secret of this.#secrets) {
      to.blob(secret === NO_KEY ? NOTHING : this.#provider.exportSecret(secret));
    }
  }

  load(from: ByteReader): void {
    this.#since = from.f64();
    this.#period = from.u8();
    for (const period of [0, 1]) {
      const bytes = from.blob(AEAD_KEY_BYTES);
      this.#secrets[period] = bytes.length === 0 ? NO_KEY : this.#provider.importSecret(bytes);
    }
  }

  #turn(now: MonotonicMs): void {
    if (now - this.#since < PERIOD_MS) return;
    const stale = now - this.#since >= 2 * PERIOD_MS;
    this.#since = now;
    this.#period ^= 1;
    this.#renew(this.#period);
    if (stale) this.#renew(this.#period ^ 1);
  }

  #renew(period: number): void {
    const old = this.#secrets[period]!;
    if (old !== NO_KEY) this.#provider.destroyKey(old);
    const secret = new Uint8Array(AEAD_KEY_BYTES);
    this.#provider.randomBytes(secret);
    this.#secrets[period] = this.#provider.importSecret(secret);
    secret.fill(0);
  }
}

/** The cookie in an answer, in the arena; `undefined` when it does not open. */
export function openAnswer(
  provider: CryptoProvider,
  key: KeyHandle,
  bytes: Uint8Array,
): KeyHandle | undefined {
  const output = new Uint8Array(AEAD_KEY_BYTES);
  if (!provider.aeadOpen(key, answerCall(bytes, output, 0))) return undefined;
  const cookie = provider.importSecret(output);
  output.fill(0);
  return cookie;
}

/** The tag alone; nonce = 1, 0, 0, 0, sender, receiver, handshake id: one text for each. */
function requestCall(input: Uint8Array, output: Uint8Array): AeadCall {
  const nonce = new Uint8Array(AEAD_NONCE_BYTES);
  nonce[0] = REQUEST;
  nonce.set(input.subarray(2, HEADER_BYTES), 4);
  return {
    nonce,
    input,
    aadOffset: 0,
    aadLength: HEADER_BYTES,
    offset: HEADER_BYTES,
    length: 0,
    output,
    outputOffset: output.length === 0 ? 0 : HEADER_BYTES,
  };
}

/** Nonce = random (8), handshake id: a recorded request that is answered again meets a new one. */
function answerCall(input: Uint8Array, output: Uint8Array, outputOffset: number): AeadCall {
  const nonce = new Uint8Array(AEAD_NONCE_BYTES);
  nonce.set(input.subarray(HEADER_BYTES, ANSWER_HEADER_BYTES));
  nonce.set(input.subarray(6, HEADER_BYTES), RANDOM_BYTES);
  return {
    nonce,
    input,
    aadOffset: 0,
    aadLength: ANSWER_HEADER_BYTES,
    offset: ANSWER_HEADER_BYTES,
    length: AEAD_KEY_BYTES,
    output,
    outputOffset,
  };
}
