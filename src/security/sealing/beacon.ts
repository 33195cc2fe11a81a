/**
 * Beacons: sealed, so that only the admitted read them, and signed by the boot key, so that the
 * admitted cannot speak for one another.
 *
 * Clear and authenticated (16 B): header (8), boot nonce (8). Sealed: flags (1), time (4), body,
 * endorsement without its nonce (100, when flag 1 is set), signature (64) over "skein beacon 2" ||
 * mission (u32) || the clear part || all that is sealed before it. Golden bytes:
 * `vectors/beacon-seal`.
 *
 * Time is for those who know nothing of the sender's counters yet: after a reboot a recording would
 * pass for the sender. The first beacon of a boot that is taken as verified is therefore of now, as
 * far as sender and receiver know the time; from then on the counters tell.
 *
 * Which boot is believed: an endorsed one stays until an endorsement with a higher count; before
 * any endorsement the latest that opens is taken, and its claims count as unverified.
 */
import {
  ByteReader,
  invariant,
  utf8Encode,
  type NodeId,
  type NodeIndex,
  type ProblemCode,
} from "../../base/mod.ts";
import { AEAD_TAG_BYTES, NO_KEY, SIZES, type KeyHandle } from "../provider.ts";
import { WireType } from "../types.ts";
import type { TrustLevel } from "../verified.ts";
import { ENDORSEMENT_BYTES, readEndorsement, verifyEndorsement, type Endorsement } from "./boot.ts";
import type { Generation, Generations } from "./generations.ts";
import {
  counterOf,
  inputFor,
  nextCounter,
  openBytes,
  sealInput,
  senderOf,
  setNonce,
  writeHeader,
  type Plane,
} from "./plane.ts";

const CLEAR_BYTES = 16;
const NONCE_BYTES = 8;
const SIGNATURE_BYTES: number = SIZES.ed25519.signature;
const ENDORSED = 1;
/** Behind the flags: network time in whole seconds, 0 where the sender is not sure of it. */
const TIME_BYTES = 4;
const HEAD_BYTES: number = 1 + TIME_BYTES;
/** Both clocks are within 2 s (`plane.time`), and a beacon is not under way for longer. */
const AGE_MAX_S = 10;
/** A datagram's worth. */
const BEACON_MAX_BYTES = 1500;
const LABEL = utf8Encode("skein beacon 2");
/** Label, mission and the clear part stand before what is sealed, when it is signed. */
const SIGNED_BEFORE_BYTES = LABEL.length + 4 + CLEAR_BYTES;
/** Beyond the body: clear part, flags, time, signature, tag. */
export const BEACON_OVERHEAD_BYTES: number =
  CLEAR_BYTES + HEAD_BYTES + SIGNATURE_BYTES + AEAD_TAG_BYTES;
export const BEACON_ENDORSEMENT_BYTES: number = ENDORSEMENT_BYTES - NONCE_BYTES;

export function sealBeacon(
  plane: Plane,
  generation: Generation,
  beacon: { readonly body: Uint8Array; readonly endorsed: boolean },
): Uint8Array | undefined {
  const own = generation.ownBeacon;
  const counter = nextCounter(generation.ownHop);
  if (counter === 0) return undefined;
  const { body, endorsed } = beacon;
  const extra = endorsed ? BEACON_ENDORSEMENT_BYTES : 0;
  const plaintextBytes = HEAD_BYTES + body.length + extra + SIGNATURE_BYTES;
  const sizeBytes = CLEAR_BYTES + plaintextBytes + AEAD_TAG_BYTES;
  invariant(sizeBytes <= BEACON_MAX_BYTES, "a beacon fits a datagram");
  const input = inputFor(plane, CLEAR_BYTES + plaintextBytes);
  const hint = generation.number;
  writeHeader(input, { type: WireType.beacon, hint, sender: plane.self, counter });
  input.set(plane.boot.endorsement.subarray(0, NONCE_BYTES), 8);
  input[CLEAR_BYTES] = endorsed ? ENDORSED : 0;
  const { nowS } = plane.time;
  for (let i = 0; i < TIME_BYTES; i += 1) input[CLEAR_BYTES + 1 + i] = nowS >>> (24 - 8 * i);
  const bodyAt = CLEAR_BYTES + HEAD_BYTES;
  input.set(body, bodyAt);
  const signedBytes = bodyAt + body.length + extra;
  if (endorsed) input.set(plane.boot.endorsement.subarray(NONCE_BYTES), bodyAt + body.length);
  const message = signedPart(plane, input, input.subarray(CLEAR_BYTES, signedBytes));
  input.set(plane.provider.ed25519Sign(plane.boot.key, message), signedBytes);
  setNonce(plane.call.nonce, own.salt, counter);
  return sealInput(plane, own.key, { input, aadBytes: CLEAR_BYTES, plaintextBytes });
}

/** `clear` up to its 16th byte, then `sealed`; in scratch. A beacon is a datagram, and fits. */
function signedPart(plane: Plane, clear: Uint8Array, sealed: Uint8Array): Uint8Array {
  const { signed } = plane;
  const at = LABEL.length;
  signed.set(LABEL);
  plane.signedView.setUint32(at, plane.directory.missionId);
  for (let i = 0; i < CLEAR_BYTES; i += 1) signed[at + 4 + i] = clear[i]!;
  signed.set(sealed, at + 4 + CLEAR_BYTES);
  return signed.subarray(0, at + 4 + CLEAR_BYTES + sealed.length);
}

export interface OpenedBeacon {
  readonly from: NodeIndex;
  readonly body: Uint8Array;
  readonly trust: TrustLevel;
  /** The sender's boot was endorsed by this beacon, and had not been before. */
  readonly newBoot: boolean;
}

/** What a beacon's plaintext holds; nobody changes it. */
interface Contents {
  readonly opened: Uint8Array;
  readonly body: Uint8Array;
  /** Where in `opened` an endorsement stands, 0 for none. */
  readonly endorsedAt: number;
}

/** `onNewBoot` hears of a boot before the beacon is answered, to drop what the old one had. */
export function openBeacon(
  plane: Plane,
  generations: Generations,
  bytes: Uint8Array,
  onNewBoot: (row: number) => void,
): OpenedBeacon | ProblemCode {
  if (bytes.length < BEACON_OVERHEAD_BYTES || bytes.length > BEACON_MAX_BYTES) return "SEC001";
  const from = senderOf(bytes);
  const credential = plane.directory.credential(from);
  if (credential === undefined || from === plane.self) return "SEC003";
  const generation = generations.byHint(bytes[1]!);
  if (generation === undefined) return "SEC005";
  const row = plane.peers.rowOf(from);
  if (row < 0) return "SEC035";
  const known = plane.peers.hasBootNonce(row, bytes, 8);
  const sealed = { id: credential.id, bytes };
  const opened = known
    ? openKnown(plane, generation, { row, ...sealed })
    : openStranger(plane, generation, sealed);
  if (typeof opened === "string") return opened;
  const contents = split(opened);
  if (contents === undefined) return "SEC001";
  const boot = settleBoot(plane, { row, from, bytes, contents, known });
  if (typeof boot === "string") return boot;
  if (boot.changed) {
    onNewBoot(row);
    generation.beacon.key(row, credential.id, bootNonceIn(bytes));
  }
  const claim = { from, generation, signer: boot.signer, contents, bytes };
  const held = trustOf(plane, generations, claim);
  if (held === undefined) return "SEC009";
  const isLive = generation.hop.windows.isAnchored(row) || isOfNow(plane, contents.opened);
  const trust = held === "verified" && !isLive ? "stale" : held;
  const signed = boot.signer !== NO_KEY && isLive;
  markSeen(generation, { row, counter: counterOf(bytes), signed });
  return { from, body: contents.body, trust, newBoot: boot.endorsed };
}

function isOfNow({ time }: Plane, opened: Uint8Array): boolean {
  const timeS = ((opened[1]! << 24) | (opened[2]! << 16) | (opened[3]! << 8) | opened[4]!) >>> 0;
  return timeS === 0 || time.nowS === 0 || Math.abs(timeS - time.nowS) <= AGE_MAX_S;
}

interface Sealed {
  readonly id: NodeId;
  readonly bytes: Uint8Array;
}

const bootNonceIn = (bytes: Uint8Array): bigint =>
  new DataView(bytes.buffer, bytes.byteOffset + 8, 8).getBigUint64(0);

function openKnown(
  plane: Plane,
  generation: Generation,
  sealed: Sealed & { readonly row: number },
): Uint8Array | ProblemCode {
  const keys = generation.beacon;
  const known = keys.known(sealed.row);
  const key = known === NO_KEY ? keys.key(sealed.row, sealed.id, bootNonceIn(sealed.bytes)) : known;
  const counter = counterOf(sealed.bytes);
  const isSigned = plane.peers.bootKey(sealed.row) !== NO_KEY;
  const fresh = isSigned
    ? keys.windows.isFresh(sealed.row, counter)
    : keys.windows.isFreshClaim(sealed.row, counter);
  if (!fresh) return "SEC008";
  keys.nonce(sealed.row, counter, plane.call.nonce);
  return openBytes(plane, key, sealed.bytes, CLEAR_BYTES) ?? "SEC007";
}

/** Under a key of its own, thrown away after: nothing is kept of a boot that does not open. */
function openStranger(
  plane: Plane,
  generation: Generation,
  sealed: Sealed,
): Uint8Array | ProblemCode {
  const { key, salt } = generation.beacon.derive(sealed.id, bootNonceIn(sealed.bytes));
  setNonce(plane.call.nonce, salt, counterOf(sealed.bytes));
  const opened = openBytes(plane, key, sealed.bytes, CLEAR_BYTES);
  plane.provider.destroyKey(key);
  return opened ?? "SEC007";
}

/** After the signature held: any member can seal in the name of another. */
function markSeen(
  { beacon, hop }: Generation,
  seen: { readonly row: number; readonly counter: number; readonly signed: boolean },
): void {
  const { row, counter, signed } = seen;
  if (!signed) {
    beacon.windows.acceptClaim(row, counter);
    return;
  }
  hop.windows.grow(row + 1);
  const isFirst = !hop.windows.isAnchored(row);
  for (const windows of [beacon.windows, hop.windows]) {
    if (isFirst) windows.begin(row, counter);
    else windows.anchor(row, counter);
  }
  beacon.windows.accept(row, counter);
}

function split(opened: Uint8Array): Contents | undefined {
  const flags = opened[0]!;
  const extra = flags === ENDORSED ? BEACON_ENDORSEMENT_BYTES : 0;
  const bodyEnd = opened.length - SIGNATURE_BYTES - extra;
  if (flags > ENDORSED || bodyEnd < HEAD_BYTES) return undefined;
  return {
    opened,
    body: opened.subarray(HEAD_BYTES, bodyEnd),
    endorsedAt: extra === 0 ? 0 : bodyEnd,
  };
}

/** The nonce stands in clear, the rest under the seal. */
function endorsementOf(bytes: Uint8Array, opened: Uint8Array, at: number): Endorsement {
  const tail = new ByteReader(opened, at, BEACON_ENDORSEMENT_BYTES);
  return {
    bootNonce: bootNonceIn(bytes),
    bootCount: tail.u32(),
    bootKey: tail.raw(SIZES.ed25519.publicKey),
    signature: tail.raw(SIGNATURE_BYTES),
  };
}

interface SettledBoot {
  readonly signer: KeyHandle;
  /** Another boot than before: what the old one had is dropped. */
  readonly changed: boolean;
  /** Endorsed just now. */
  readonly endorsed: boolean;
}

/** Which boot this sender is in from now on, and the key that proves it. */
function settleBoot(
  plane: Plane,
  claim: {
    readonly row: number;
    readonly from: NodeIndex;
    readonly bytes: Uint8Array;
    readonly contents: Contents;
    readonly known: boolean;
  },
): SettledBoot | ProblemCode {
  const { peers } = plane;
  const { row, from, known, contents } = claim;
  const signer = peers.bootKey(row);
  if (known && signer !== NO_KEY) return { signer, changed: false, endorsed: false };
  if (contents.endorsedAt > 0) {
    const endorsement = endorsementOf(claim.bytes, contents.opened, contents.endorsedAt);
    const refusal = adoptBoot(plane, { row, from }, endorsement);
    return refusal ?? { signer: peers.bootKey(row), changed: !known, endorsed: true };
  }
  if (signer !== NO_KEY) return "SEC006";
  if (!known) peers.setClaimedBoot(row, bootNonceIn(claim.bytes));
  return { signer: NO_KEY, changed: !known, endorsed: false };
}

/** Takes an endorsement that is newer than what is known; else says why not. */
export function adoptBoot(
  plane: Plane,
  peer: { readonly row: number; readonly from: NodeIndex },
  endorsement: Endorsement,
): ProblemCode | undefined {
  const { provider, directory, peers } = plane;
  const credential = directory.credential(peer.from);
  const ed25519 = directory.ed25519Key(peer.from);
  if (credential === undefined || ed25519 === undefined) return "SEC003";
  if (endorsement.bootCount <= peers.bootCount(peer.row)) return "SEC010";
  const signer = { mission: directory.missionId, id: credential.id, ed25519 };
  if (!verifyEndorsement(provider, signer, endorsement)) return "SEC009";
  const key = provider.importPublic("ed25519", endorsement.bootKey);
  if (key === undefined) return "SEC009";
  const old = peers.bootKey(peer.row);
  if (old !== NO_KEY) provider.destroyKey(old);
  const { bootNonce: nonce, bootCount: count } = endorsement;
  peers.setEndorsedBoot(peer.row, { nonce, count, key });
  return undefined;
}

/** Undefined when the signature of a known boot does not hold. */
function trustOf(
  plane: Plane,
  generations: Generations,
  claim: {
    readonly from: NodeIndex;
    readonly generation: Generation;
    readonly signer: KeyHandle;
    readonly contents: Contents;
    readonly bytes: Uint8Array;
  },
): TrustLevel | undefined {
  const { signer, contents, generation } = claim;
  if (signer !== NO_KEY && !isSigned(plane, signer, claim.bytes, contents.opened)) return undefined;
  if (plane.peers.isRevoked(claim.from)) return "foreign";
  if (signer === NO_KEY) return "unverified";
  return generation.number < generations.sealing.number ? "stale" : "verified";
}

function isSigned(plane: Plane, signer: KeyHandle, bytes: Uint8Array, opened: Uint8Array): boolean {
  const claimsEnd = opened.length - SIGNATURE_BYTES;
  const known = plane.provider.ed25519Recall(signer, opened, SIGNED_BEFORE_BYTES + claimsEnd);
  if (known !== undefined) return known;
  const message = signedPart(plane, bytes, opened.subarray(0, claimsEnd));
  return plane.provider.ed25519Verify(signer, message, opened.subarray(claimsEnd), opened);
}

/** Parses an endorsement that fills `bytes` from `at`. */
export function endorsementAt(bytes: Uint8Array, at: number): Endorsement | undefined {
  const from = new ByteReader(bytes, at);
  const endorsement = readEndorsement(from);
  return from.finish() === undefined ? endorsement : undefined;
}
