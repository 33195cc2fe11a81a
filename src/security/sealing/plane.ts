/**
 * What the sealing functions share: who we are, what we know of others, one AEAD call record and
 * scratch slabs, so that a delivery allocates nothing but what it hands on.
 *
 * Sealed header (8 B, also the associated data): type and suite, hint of the key's number, sender
 * index (u16), counter (u32). With the tag of 16 B that is 24 B of overhead. Layouts:
 * `docs/protocols/envelope.md`.
 */
import type { NodeId, NodeIndex } from "../../base/mod.ts";
import type { Directory } from "../credential/package.ts";
import { SUITE_1 } from "../crypto/suites.ts";
import {
  AEAD_NONCE_BYTES,
  AEAD_TAG_BYTES,
  type AeadCall,
  type CryptoProvider,
} from "../provider.ts";
import type { WireType } from "../types.ts";
import type { OwnBoot } from "./boot.ts";
import type { PeerTable } from "./peers.ts";
import { writeCounter, type SenderKey } from "./senders.ts";

export const HEADER_BYTES = 8;
export const SEAL_BYTES: number = HEADER_BYTES + AEAD_TAG_BYTES;
const COUNTER_MAX = 0xffffffff;

export interface Plane {
  readonly provider: CryptoProvider;
  readonly directory: Directory;
  readonly self: NodeIndex;
  readonly id: NodeId;
  readonly boot: OwnBoot;
  readonly peers: PeerTable;
  /** Network time in whole seconds as of this step; 0 while it is not known within 2 s. */
  readonly time: { nowS: number };
  readonly call: AeadCall;
  /** Header and plaintext to be sealed. */
  readonly input: Uint8Array;
  /** What a signature is over; only until the next one is made or checked. */
  readonly signed: Uint8Array;
  readonly signedView: DataView;
}

export function createPlane(
  parts: Pick<Plane, "provider" | "directory" | "self" | "id" | "boot" | "peers">,
): Plane {
  const input = new Uint8Array(2048);
  const call: AeadCall = {
    nonce: new Uint8Array(AEAD_NONCE_BYTES),
    input,
    aadOffset: 0,
    aadLength: HEADER_BYTES,
    offset: HEADER_BYTES,
    length: 0,
    output: input,
    outputOffset: 0,
  };
  const signed = new Uint8Array(2048);
  return {
    ...parts,
    time: { nowS: 0 },
    call,
    input,
    signed,
    signedView: new DataView(signed.buffer),
  };
}

/** This node's own key in some set, and its counter. */
export interface OwnSender extends SenderKey {
  counter: number;
}

/** The next counter, or 0 when the key is used up. */
export function nextCounter(own: OwnSender): number {
  if (own.counter >= COUNTER_MAX) return 0;
  own.counter += 1;
  return own.counter;
}

export function setNonce(nonce: Uint8Array, salt: Uint8Array, counter: number): void {
  nonce.set(salt);
  writeCounter(nonce, counter);
}

export function writeHeader(
  to: Uint8Array,
  header: {
    readonly type: WireType;
    readonly hint: number;
    readonly sender: NodeIndex;
    readonly counter: number;
  },
): void {
  to[0] = (header.type << 4) | SUITE_1;
  to[1] = header.hint & 0xff;
  to[2] = header.sender >> 8;
  to[3] = header.sender & 0xff;
  to[4] = header.counter >>> 24;
  to[5] = (header.counter >>> 16) & 0xff;
  to[6] = (header.counter >>> 8) & 0xff;
  to[7] = header.counter & 0xff;
}

/** The type of a byte string of this layer, or 0 when it is none of suite 0x01. */
export function typeOf(bytes: Uint8Array): number {
  const first = bytes[0] ?? 0;
  return (first & 15) === SUITE_1 ? first >> 4 : 0;
}

export function senderOf(bytes: Uint8Array): NodeIndex {
  return ((bytes[2]! << 8) | bytes[3]!) as NodeIndex;
}

export function counterOf(bytes: Uint8Array): number {
  return ((bytes[4]! << 24) | (bytes[5]! << 16) | (bytes[6]! << 8) | bytes[7]!) >>> 0;
}

/**
 * Seals `plaintextBytes` bytes that stand behind `aadBytes` of header in `input`, under a nonce
 * that is set already, into a new array: header, ciphertext, tag.
 */
export function sealInput(
  plane: Plane,
  key: SenderKey["key"],
  sizes: {
    readonly input: Uint8Array;
    readonly aadBytes: number;
    readonly plaintextBytes: number;
  },
): Uint8Array {
  const { call } = plane;
  const { input, aadBytes, plaintextBytes } = sizes;
  const sealed = new Uint8Array(aadBytes + plaintextBytes + AEAD_TAG_BYTES);
  for (let i = 0; i < aadBytes; i += 1) sealed[i] = input[i]!;
  call.input = input;
  call.aadOffset = 0;
  call.aadLength = aadBytes;
  call.offset = aadBytes;
  call.length = plaintextBytes;
  call.output = sealed;
  call.outputOffset = aadBytes;
  plane.provider.aeadSeal(key, call);
  return sealed;
}

/**
 * Opens `bytes` behind `aadBytes` of header under a nonce that is set. Nobody changes what comes
 * out: it may be what others opened, too.
 */
export function openBytes(
  plane: Plane,
  key: SenderKey["key"],
  bytes: Uint8Array,
  aadBytes: number,
): Uint8Array | undefined {
  const { call } = plane;
  call.input = bytes;
  call.aadOffset = 0;
  call.aadLength = aadBytes;
  call.offset = aadBytes;
  call.length = bytes.length - aadBytes - AEAD_TAG_BYTES;
  return plane.provider.aeadOpenShared(key, call);
}

/** Scratch for header and plaintext of this many bytes. */
export function inputFor(plane: Plane, sizeBytes: number): Uint8Array {
  return sizeBytes <= plane.input.length ? plane.input : new Uint8Array(sizeBytes);
}
