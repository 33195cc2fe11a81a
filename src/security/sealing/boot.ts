/**
 * A boot: a random nonce, a count that only rises, and an Ed25519 key that lives until power-off,
 * endorsed by the credential's key. Beacons and broadcast messages are signed by the boot key, so
 * the identity key is used once a boot and may stay in a token.
 *
 * Endorsement (108 B): nonce (8), count (4), boot key (32), signature (64) over
 * "skein boot 1" || mission (u32) || node id (u64) || nonce || count || boot key.
 * The count tells a new boot from a recording of an old one.
 */
import { ByteReader, ByteWriter, utf8Encode, type MissionId, type NodeId } from "../../base/mod.ts";
import { SIZES, type CryptoProvider, type KeyHandle } from "../provider.ts";

export const ENDORSEMENT_BYTES = 108;
const LABEL = utf8Encode("skein boot 1");

export interface Endorsement {
  readonly bootNonce: bigint;
  readonly bootCount: number;
  readonly bootKey: Uint8Array;
  readonly signature: Uint8Array;
}

export interface OwnBoot {
  readonly nonce: bigint;
  readonly count: number;
  readonly key: KeyHandle;
  readonly endorsement: Uint8Array;
}

function signedPart(mission: MissionId, id: NodeId, boot: Endorsement): Uint8Array {
  const to = new ByteWriter({ initialBytes: 96 }).raw(LABEL).u32(mission).u64(id);
  return to.u64(boot.bootNonce).u32(boot.bootCount).raw(boot.bootKey).take();
}

/** Draws nonce and key and has them endorsed. */
export function makeBoot(
  provider: CryptoProvider,
  identity: { readonly mission: MissionId; readonly id: NodeId; readonly ed25519: KeyHandle },
  bootCount: number,
): OwnBoot {
  const drawn = new Uint8Array(8);
  provider.randomBytes(drawn);
  const nonce = new ByteReader(drawn).u64();
  const key = provider.generateKey("ed25519");
  const bootKey = provider.publicKey(key);
  const boot = { bootNonce: nonce, bootCount, bootKey, signature: drawn };
  const signature = provider.ed25519Sign(
    identity.ed25519,
    signedPart(identity.mission, identity.id, boot),
  );
  const endorsement = encodeEndorsement({ ...boot, signature });
  return { nonce, count: bootCount, key, endorsement };
}

export function encodeEndorsement(value: Endorsement): Uint8Array {
  const to = new ByteWriter({ initialBytes: ENDORSEMENT_BYTES });
  return to
    .u64(value.bootNonce)
    .u32(value.bootCount)
    .raw(value.bootKey)
    .raw(value.signature)
    .take();
}

/** The next 108 bytes. */
export function readEndorsement(from: ByteReader): Endorsement {
  return {
    bootNonce: from.u64(),
    bootCount: from.u32(),
    bootKey: from.raw(SIZES.ed25519.publicKey),
    signature: from.raw(SIZES.ed25519.signature),
  };
}

export function verifyEndorsement(
  provider: CryptoProvider,
  signer: { readonly mission: MissionId; readonly id: NodeId; readonly ed25519: KeyHandle },
  boot: Endorsement,
): boolean {
  const part = signedPart(signer.mission, signer.id, boot);
  return provider.ed25519Verify(signer.ed25519, part, boot.signature);
}
