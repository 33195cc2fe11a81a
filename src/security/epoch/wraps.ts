/**
 * Bytes that hand out an epoch: one message for many members, each key wrapped under the pairwise
 * session with its member (HubEpoch). Layout: `docs/protocols/epoch.md`; golden: `vectors/epoch`.
 *
 *   commitment = SHA-512("skein epoch commitment 1" || epoch (u64) || generation (u32) ||
 *                epoch key || beacon key or nothing), first 32 bytes
 *   entry      = member (u16), seal(epoch key [|| beacon key])
 *
 * The commitment stands in the log before any key is handed out, so that a head cannot give two
 * members different keys unseen. An entry's nonce is the commitment's first 12 bytes: one wrap key,
 * one commitment, one text.
 */
import { BROADCAST, ByteReader, ByteWriter, utf8Encode, type NodeIndex } from "../../base/mod.ts";
import { joinBytes } from "../crypto/composite.ts";
import { HASH_BYTES, shortHash } from "../credential/merkle.ts";
import {
  AEAD_NONCE_BYTES,
  AEAD_TAG_BYTES,
  type AeadCall,
  type CryptoProvider,
  type KeyHandle,
} from "../provider.ts";
import { SecurityMessage } from "../types.ts";

export const EPOCH_KEY_BYTES = 32;
export const WRAP_ENTRIES_MAX = 19;
const COMMITMENT_LABEL = utf8Encode("skein epoch commitment 1");
const WRAP_LABEL = utf8Encode("skein wrap 1");

/** What an epoch consists of. `generation` is 0 and `beaconKey` empty until the first roll. */
export interface EpochSecrets {
  readonly epoch: number;
  readonly epochKey: Uint8Array;
  readonly generation: number;
  readonly beaconKey: Uint8Array;
}

/** The parts that are no secret. */
export interface EpochNames {
  /** Whose epoch: the address of the cluster, where there are several; not sent, but sealed in. */
  readonly group?: NodeIndex;
  readonly epoch: number;
  readonly generation: number;
  readonly commitment: Uint8Array;
}

export interface WrapEntry {
  readonly member: NodeIndex;
  readonly sealed: Uint8Array;
}

export interface EpochWraps extends EpochNames {
  readonly entries: readonly WrapEntry[];
}

export function commitmentOf(provider: CryptoProvider, secrets: EpochSecrets): Uint8Array {
  const numbers = new ByteWriter({ initialBytes: 12 });
  numbers.safe(secrets.epoch).u32(secrets.generation);
  const { epochKey, beaconKey } = secrets;
  return shortHash(provider, COMMITMENT_LABEL, numbers.take(), epochKey, beaconKey);
}

/** Bytes of what is sealed for each member. */
const secretBytes = (generation: number): number =>
  generation === 0 ? EPOCH_KEY_BYTES : 2 * EPOCH_KEY_BYTES;

export function wrapFor(
  provider: CryptoProvider,
  wrapKey: KeyHandle,
  input: {
    readonly secrets: EpochSecrets;
    readonly commitment: Uint8Array;
    readonly member: NodeIndex;
    readonly group?: NodeIndex;
  },
): WrapEntry {
  const { secrets, commitment, member, group = BROADCAST } = input;
  const plaintext = joinBytes(secrets.epochKey, secrets.beaconKey);
  const aad = associated({ ...secrets, commitment, group }, member);
  const sealed = new Uint8Array(plaintext.length + AEAD_TAG_BYTES);
  const call = callOf(commitment, aad, { data: plaintext, output: sealed });
  provider.aeadSeal(wrapKey, { ...call, length: plaintext.length });
  plaintext.fill(0);
  call.input.fill(0);
  return { member, sealed };
}

/** The secrets in an entry when it opens and they are the ones committed to. */
export function unwrap(
  provider: CryptoProvider,
  wrapKey: KeyHandle,
  wraps: EpochNames,
  entry: WrapEntry,
): EpochSecrets | "unopened" | "mismatch" {
  const length = secretBytes(wraps.generation);
  if (entry.sealed.length !== length + AEAD_TAG_BYTES) return "unopened";
  const output = new Uint8Array(length);
  const aad = associated(wraps, entry.member);
  const call = callOf(wraps.commitment, aad, { data: entry.sealed, output });
  if (!provider.aeadOpen(wrapKey, { ...call, length })) return "unopened";
  const secrets: EpochSecrets = {
    epoch: wraps.epoch,
    generation: wraps.generation,
    epochKey: output.slice(0, EPOCH_KEY_BYTES),
    beaconKey: output.slice(EPOCH_KEY_BYTES),
  };
  output.fill(0);
  const commitment = commitmentOf(provider, secrets);
  return commitment.every((byte, i) => byte === wraps.commitment[i]) ? secrets : "mismatch";
}

function associated(names: EpochNames, member: NodeIndex): Uint8Array {
  const to = new ByteWriter({ initialBytes: 64 }).raw(WRAP_LABEL);
  to.safe(names.epoch).u32(names.generation).raw(names.commitment).u16(member);
  // Clusters number their epochs alike: a key of one is none of another's.
  const { group = BROADCAST } = names;
  return (group === BROADCAST ? to : to.u16(group)).take();
}

function callOf(
  commitment: Uint8Array,
  aad: Uint8Array,
  io: { readonly data: Uint8Array; readonly output: Uint8Array },
): AeadCall {
  return {
    nonce: commitment.slice(0, AEAD_NONCE_BYTES),
    input: joinBytes(aad, io.data),
    aadOffset: 0,
    aadLength: aad.length,
    offset: aad.length,
    length: 0,
    output: io.output,
    outputOffset: 0,
  };
}

export function encodeWraps(wraps: EpochWraps): Uint8Array {
  const to = new ByteWriter({ initialBytes: 1024 }).u8(SecurityMessage.epochWraps);
  to.safe(wraps.epoch).u32(wraps.generation).raw(wraps.commitment).u8(wraps.entries.length);
  for (const entry of wraps.entries) to.u16(entry.member).raw(entry.sealed);
  return to.take();
}

export function decodeWraps(bytes: Uint8Array): EpochWraps | undefined {
  const from = new ByteReader(bytes);
  const kind = from.u8();
  const epoch = from.safe();
  const generation = from.u32();
  const commitment = from.raw(HASH_BYTES);
  const count = from.u8();
  if (kind !== SecurityMessage.epochWraps || count > WRAP_ENTRIES_MAX) return undefined;
  const sealedBytes = secretBytes(generation) + AEAD_TAG_BYTES;
  const entries: WrapEntry[] = [];
  for (let i = 0; i < count && !from.failed; i += 1) {
    entries.push({ member: from.u16() as NodeIndex, sealed: from.raw(sealedBytes) });
  }
  return from.finish() === undefined ? { epoch, generation, commitment, entries } : undefined;
}

/** "I have these; give me what is newer." */
export interface KeyRequest {
  readonly epoch: number;
  readonly generation: number;
}

export function encodeKeyRequest(request: KeyRequest): Uint8Array {
  const to = new ByteWriter({ initialBytes: 13 }).u8(SecurityMessage.keyRequest);
  return to.safe(request.epoch).u32(request.generation).take();
}

export function decodeKeyRequest(bytes: Uint8Array): KeyRequest | undefined {
  const from = new ByteReader(bytes);
  const kind = from.u8();
  const request = { epoch: from.safe(), generation: from.u32() };
  const whole = from.finish() === undefined && kind === SecurityMessage.keyRequest;
  return whole ? request : undefined;
}
