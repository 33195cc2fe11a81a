/**
 * Handshake messages in fragments that stand alone: each carries a MAC under the cookie, so that a
 * forged one costs its receiver two short cipher calls and no memory.
 *
 * Fragment: type and suite (1), message (2 bits), index (3 bits), cookie period (1 bit, low),
 * sender (u16), receiver (u16), handshake id (u32), part, MAC (16). The message's length and the
 * number of its fragments are fixed by the suite, so neither travels. The fragment after the last
 * is parity: the XOR of all parts, short ones filled with zeros; any one lost fragment is made from
 * the rest.
 *
 * The MAC is the tag of ChaCha20-Poly1305 over nothing, all before it as associated data, nonce =
 * second byte, 0, 0, 0, sender, receiver, handshake id. The cookie is made for one handshake id,
 * and a message of a handshake never changes when it is sent again, so no nonce meets two texts.
 *
 * Reassembly: 64 partial messages, 2 s each, two for one peer; beyond that new ones are refused.
 */
import type { ByteReader, ByteWriter, MonotonicMs, NodeIndex } from "../../base/mod.ts";
import { SUITE_1 } from "../crypto/suites.ts";
import {
  AEAD_NONCE_BYTES,
  AEAD_TAG_BYTES,
  equalConstantTime,
  type AeadCall,
  type CryptoProvider,
  type KeyHandle,
} from "../provider.ts";
import { WireType } from "../types.ts";
import { MESSAGE_BYTES } from "./messages.ts";

export const FRAGMENT_HEADER_BYTES = 10;
export const FRAGMENT_OVERHEAD_BYTES: number = FRAGMENT_HEADER_BYTES + AEAD_TAG_BYTES;
/** Data fragments of msg1, msg2, msg3; all within 1180 B. */
const FRAGMENTS: readonly number[] = [3, 2, 1];
const PARTIAL_MAX = 64;
const PARTIAL_OF_PEER_MAX = 2;
const PARTIAL_LIFE_MS = 2000;
const NOTHING = new Uint8Array(0);

export interface FragmentHeader {
  /** 1, 2 or 3. */
  readonly message: number;
  readonly index: number;
  /** Which of the responder's two cookie secrets made the cookie. */
  readonly period: number;
  readonly sender: NodeIndex;
  readonly receiver: NodeIndex;
  readonly handshake: number;
}

/** Length of the parts of a message: all but the last are of this many bytes. */
function partBytes(message: number): number {
  return Math.ceil(MESSAGE_BYTES[message - 1]! / FRAGMENTS[message - 1]!);
}

/** Cuts, with a parity fragment at the end where asked for (msg3 has none: it is one fragment). */
export function fragment(
  provider: CryptoProvider,
  cookie: KeyHandle,
  header: Omit<FragmentHeader, "index">,
  options: { readonly message: Uint8Array; readonly parity: boolean },
): Uint8Array[] {
  const { message } = options;
  const size = partBytes(header.message);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < message.length; at += size) parts.push(message.subarray(at, at + size));
  if (options.parity && parts.length > 1) parts.push(xorAll(parts, size));
  return parts.map((part, index) => authentic(provider, cookie, { ...header, index }, part));
}

function xorAll(parts: readonly Uint8Array[], size: number): Uint8Array {
  const sum = new Uint8Array(size);
  for (const part of parts) for (let i = 0; i < part.length; i += 1) sum[i]! ^= part[i]!;
  return sum;
}

function authentic(
  provider: CryptoProvider,
  cookie: KeyHandle,
  header: FragmentHeader,
  part: Uint8Array,
): Uint8Array {
  const bytes = new Uint8Array(FRAGMENT_OVERHEAD_BYTES + part.length);
  bytes[0] = (WireType.handshake << 4) | SUITE_1;
  bytes[1] = (header.message << 6) | (header.index << 3) | header.period;
  bytes[2] = header.sender >> 8;
  bytes[3] = header.sender & 0xff;
  bytes[4] = header.receiver >> 8;
  bytes[5] = header.receiver & 0xff;
  new DataView(bytes.buffer).setUint32(6, header.handshake);
  bytes.set(part, FRAGMENT_HEADER_BYTES);
  provider.aeadSeal(cookie, macCall(bytes, bytes));
  return bytes;
}

/** The header of a fragment whose length and fields are possible; its MAC is not looked at. */
export function readFragment(bytes: Uint8Array): FragmentHeader | undefined {
  if (bytes.length <= FRAGMENT_OVERHEAD_BYTES) return undefined;
  const second = bytes[1]!;
  const message = second >> 6;
  const index = (second >> 3) & 7;
  if (message === 0 || (second & 6) !== 0) return undefined;
  const count = FRAGMENTS[message - 1]!;
  const last = index === count - 1;
  if (index > count || (index === count && count === 1)) return undefined;
  const size = partBytes(message);
  const whole = MESSAGE_BYTES[message - 1]!;
  const expected = last ? whole - size * (count - 1) : size;
  if (bytes.length !== expected + FRAGMENT_OVERHEAD_BYTES) return undefined;
  return {
    message,
    index,
    period: second & 1,
    sender: ((bytes[2]! << 8) | bytes[3]!) as NodeIndex,
    receiver: ((bytes[4]! << 8) | bytes[5]!) as NodeIndex,
    handshake: ((bytes[6]! << 24) | (bytes[7]! << 16) | (bytes[8]! << 8) | bytes[9]!) >>> 0,
  };
}

/**
 * The MAC is made again and compared: refusing a forged one must cost no more than taking a true
 * one.
 */
export function isAuthentic(
  provider: CryptoProvider,
  cookie: KeyHandle,
  bytes: Uint8Array,
): boolean {
  provider.aeadSeal(cookie, macCall(bytes, TAG));
  return equalConstantTime(TAG, bytes.subarray(bytes.length - AEAD_TAG_BYTES));
}

const TAG = new Uint8Array(AEAD_TAG_BYTES);
const CALL: AeadCall = {
  nonce: new Uint8Array(AEAD_NONCE_BYTES),
  input: NOTHING,
  aadOffset: 0,
  aadLength: 0,
  offset: 0,
  length: 0,
  output: NOTHING,
  outputOffset: 0,
};

/** Tag over all of `input` but its last 16 bytes; into those, or to the start of another array. */
function macCall(input: Uint8Array, output: Uint8Array): AeadCall {
  const tagAt = input.length - AEAD_TAG_BYTES;
  CALL.nonce[0] = input[1]!;
  for (let i = 0; i < 8; i += 1) CALL.nonce[4 + i] = input[2 + i]!;
  CALL.input = input;
  CALL.aadLength = tagAt;
  CALL.offset = tagAt;
  CALL.output = output;
  CALL.outputOffset = output === input ? tagAt : 0;
  return CALL;
}

interface Partial {
  readonly peer: NodeIndex;
  readonly handshake: number;
  readonly message: number;
  readonly until: MonotonicMs;
  readonly parts: (Uint8Array | undefined)[];
}

/** What `add` did: the whole message, nothing yet, or no room. */
export type Reassembled = Uint8Array | "waiting" | "full";

export class Reassembly {
  #partials: Partial[] = [];

  get size(): number {
    return this.#partials.length;
  }

  /** Takes an authentic fragment. */
  add(now: MonotonicMs, header: FragmentHeader, bytes: Uint8Array): Reassembled {
    this.#partials = this.#partials.filter((one) => one.until > now);
    const { message, sender: peer, handshake } = header;
    let partial = this.#partials.find(
      (one) => one.peer === peer && one.handshake === handshake && one.message === message,
    );
    if (partial === undefined) {
      const ofPeer = this.#partials.filter((one) => one.peer === peer).length;
      if (this.#partials.length >= PARTIAL_MAX || ofPeer >= PARTIAL_OF_PEER_MAX) return "full";
      const until = (now + PARTIAL_LIFE_MS) as MonotonicMs;
      partial = { peer, handshake, message, until, parts: [] };
      this.#partials.push(partial);
    }
    const end = bytes.length - AEAD_TAG_BYTES;
    partial.parts[header.index] = bytes.slice(FRAGMENT_HEADER_BYTES, end);
    const whole = join(partial);
    if (whole === undefined) return "waiting";
    this.#partials = this.#partials.filter((one) => one !== partial);
    return whole;
  }

  save(to: ByteWriter): void {
    to.u8(this.#partials.length);
    for (const one of this.#partials) {
      to.u16(one.peer).u32(one.handshake).u8(one.message).f64(one.until).u8(one.parts.length);
      for (const part of one.parts) to.blob(part ?? NOTHING);
    }
  }

  load(from: ByteReader): void {
    this.#partials = [];
    const count = from.u8();
    for (let i = 0; i < count && !from.failed; i += 1) {
      const [peer, handshake] = [from.u16() as NodeIndex, from.u32()];
      const [message, until] = [from.u8(), from.f64() as MonotonicMs];
      const parts = Array.from({ length: from.u8() }, () => {
        const part = from.blob(2048);
        return part.length === 0 ? undefined : part;
      });
      this.#partials.push({ peer, handshake, message, until, parts });
    }
  }
}

/** The one part that is missing: the XOR of all others, parity among them. */
function restored(parts: readonly (Uint8Array | undefined)[], size: number): Uint8Array {
  const others = parts.filter((part) => part !== undefined);
  return xorAll(others, size);
}

/** The message when all data parts are there, or all but one and the parity. */
function join(partial: Partial): Uint8Array | undefined {
  const { message, parts } = partial;
  const count = FRAGMENTS[message - 1]!;
  const size = partBytes(message);
  const missing: number[] = [];
  for (let i = 0; i < count; i += 1) if (parts[i] === undefined) missing.push(i);
  const parity = parts[count];
  if (missing.length > 1 || (missing.length === 1 && parity === undefined)) return undefined;
  const whole = new Uint8Array(size * count);
  for (let i = 0; i < count; i += 1) {
    whole.set(parts[i] ?? restored(parts, size), i * size);
  }
  return whole.slice(0, MESSAGE_BYTES[message - 1]);
}
