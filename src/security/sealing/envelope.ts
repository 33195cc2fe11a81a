/**
 * Group envelopes: sealed end to end under the sender's key of a group epoch, with or without the
 * signature of its boot key.
 *
 * Sealed: message, and for type 6 the signature (64) over "skein envelope 1" || mission (u32) ||
 * epoch (u64) || header (8) || boot nonce (8) || message. The group's key keeps outsiders out and
 * says nothing of which member spoke; the signature does. Golden bytes: `vectors/envelope`.
 */
import { utf8Encode, type MonotonicMs, type NodeIndex, type ProblemCode } from "../../base/mod.ts";
import type { Epoch, Epochs } from "../epoch/epochs.ts";
import { NO_KEY, SIZES, type KeyHandle } from "../provider.ts";
import { WireType } from "../types.ts";
import {
  HEADER_BYTES,
  SEAL_BYTES,
  counterOf,
  inputFor,
  nextCounter,
  openBytes,
  sealInput,
  senderOf,
  setNonce,
  typeOf,
  writeHeader,
  type Plane,
} from "./plane.ts";

const LABEL = utf8Encode("skein envelope 1");
const SIGNATURE_BYTES: number = SIZES.ed25519.signature;
/** Mission, epoch, header and boot nonce stand before a signed message. */
const SIGNED_BEFORE_BYTES = LABEL.length + 4 + 8 + HEADER_BYTES + 8;

/** `undefined` when the key's counters are used up. */
export function sealGroup(
  plane: Plane,
  epoch: Epoch,
  message: Uint8Array,
  sign: boolean,
): Uint8Array | undefined {
  const counter = nextCounter(epoch.own);
  if (counter === 0) return undefined;
  const plaintextBytes = message.length + (sign ? SIGNATURE_BYTES : 0);
  const input = inputFor(plane, HEADER_BYTES + plaintextBytes);
  const type = sign ? WireType.groupSigned : WireType.group;
  writeHeader(input, { type, hint: epoch.number, sender: plane.self, counter });
  input.set(message, HEADER_BYTES);
  if (sign) {
    const part = signedPart(plane, {
      epoch: epoch.number,
      header: input,
      bootNonce: plane.boot.nonce,
      message,
    });
    const signature = plane.provider.ed25519Sign(plane.boot.key, part);
    input.set(signature, HEADER_BYTES + message.length);
  }
  setNonce(plane.call.nonce, epoch.own.salt, counter);
  return sealInput(plane, epoch.own.key, { input, aadBytes: HEADER_BYTES, plaintextBytes });
}

function signedPart(
  plane: Plane,
  parts: {
    readonly epoch: number;
    readonly header: Uint8Array;
    readonly bootNonce: bigint;
    readonly message: Uint8Array;
  },
): Uint8Array {
  const { message } = parts;
  const { signed } = plane;
  const length = SIGNED_BEFORE_BYTES + message.length;
  const to = length <= signed.length ? signed : new Uint8Array(length);
  const view = to === signed ? plane.signedView : new DataView(to.buffer);
  let at = LABEL.length;
  to.set(LABEL);
  view.setUint32(at, plane.directory.missionId);
  view.setUint32(at + 4, Math.floor(parts.epoch / 0x100000000));
  view.setUint32(at + 8, parts.epoch >>> 0);
  at += 12;
  for (let i = 0; i < HEADER_BYTES; i += 1) to[at + i] = parts.header[i]!;
  view.setBigUint64(at + HEADER_BYTES, parts.bootNonce);
  to.set(message, at + HEADER_BYTES + 8);
  return to.subarray(0, length);
}

export interface OpenedEnvelope {
  readonly from: NodeIndex;
  readonly message: Uint8Array;
  readonly signed: boolean;
}

export function openGroup(
  plane: Plane,
  epochs: Epochs,
  now: MonotonicMs,
  bytes: Uint8Array,
): OpenedEnvelope | ProblemCode {
  const signed = typeOf(bytes) === WireType.groupSigned;
  if (bytes.length <= SEAL_BYTES + (signed ? SIGNATURE_BYTES : 0)) return "SEC001";
  const from = senderOf(bytes);
  const credential = plane.directory.credential(from);
  if (credential === undefined || from === plane.self) return "SEC003";
  if (plane.peers.isRevoked(from)) return "SEC004";
  const epoch = epochs.byHint(now, bytes[1]!);
  if (epoch === undefined) return "SEC005";
  const row = plane.peers.find(from);
  if (row < 0 || !plane.peers.isHeard(row)) return "SEC006";
  const signer = plane.peers.bootKey(row);
  if (signed && signer === NO_KEY) return "SEC006";
  const known = epoch.keys.known(row);
  const key =
    known === NO_KEY ? epoch.keys.key(row, credential.id, plane.peers.bootNonce(row)) : known;
  const counter = counterOf(bytes);
  const { windows } = epoch.keys;
  const fresh = signed ? windows.isFresh(row, counter) : windows.isFreshClaim(row, counter);
  if (!fresh) return "SEC008";
  epoch.keys.nonce(row, counter, plane.call.nonce);
  const opened = openBytes(plane, key, bytes, HEADER_BYTES);
  if (opened === undefined) return "SEC007";
  const length = opened.length - (signed ? SIGNATURE_BYTES : 0);
  const message = signed ? opened.subarray(0, length) : opened;
  const claim = { signer, epoch: epoch.number, bytes, row, opened };
  if (signed && !isSigned(plane, claim)) return "SEC009";
  if (signed) {
    windows.anchor(row, counter);
    windows.accept(row, counter);
  } else windows.acceptClaim(row, counter);
  return { from, message, signed };
}

function isSigned(
  plane: Plane,
  claim: {
    readonly signer: KeyHandle;
    readonly epoch: number;
    readonly bytes: Uint8Array;
    readonly row: number;
    readonly opened: Uint8Array;
  },
): boolean {
  const { signer, epoch, bytes, opened } = claim;
  const length = opened.length - SIGNATURE_BYTES;
  const known = plane.provider.ed25519Recall(signer, opened, SIGNED_BEFORE_BYTES + length);
  if (known !== undefined) return known;
  const message = opened.subarray(0, length);
  const bootNonce = plane.peers.bootNonce(claim.row);
  const part = signedPart(plane, { epoch, header: bytes, bootNonce, message });
  return plane.provider.ed25519Verify(signer, part, opened.subarray(length), opened);
}
