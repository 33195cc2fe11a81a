/**
 * Ed25519 as a model, for simulations in which signing and checking would cost more than all else:
 * a tag of the same 64 bytes that only the signer's public key and the message determine, made in a
 * microsecond. It keeps what runs rest on (a changed message, signature or signer is refused, sizes
 * and processor charges stay), and nothing of what Ed25519 is for: anyone can make one. All other
 * algorithms stay as they are. Reports then say "modelled signatures".
 *
 * The tag: multiply and shift over four lanes, finished by the mixing of MurmurHash3 (Appleby).
 */
import { mix32 } from "../../src/base/mod.ts";
import type { CryptoProvider, KeyHandle } from "../../src/security/mod.ts";

const SIGNATURE_BYTES = 64;
const LANES = 4;

/** As commands and drill files name them. */
export const SIGNATURES = ["real", "modelled"] as const;

export function modelSignatures(inner: CryptoProvider): CryptoProvider {
  /** Public keys by handle, while the handle stands for the same key. */
  const publicKeys: (Uint8Array | undefined)[] = [];
  const tagOf = (key: KeyHandle, message: Uint8Array): Uint8Array =>
    tag((publicKeys[key] ??= inner.publicKey(key)), message);
  return {
    name: `${inner.name}, modelled signatures`,
    destroyKey: (key) => {
      publicKeys[key] = undefined;
      inner.destroyKey(key);
    },
    ed25519Sign: tagOf,
    ed25519Verify: (key, message, signature) => isEqual(tagOf(key, message), signature),
    ed25519Recall: () => undefined,

    randomBytes: (into) => inner.randomBytes(into),
    importSecret: (secret) => inner.importSecret(secret),
    exportSecret: (key) => inner.exportSecret(key),
    generateKey: (algorithm) => inner.generateKey(algorithm),
    importPrivate: (algorithm, seed) => inner.importPrivate(algorithm, seed),
    importPublic: (algorithm, bytes) => inner.importPublic(algorithm, bytes),
    publicKey: (key) => inner.publicKey(key),
    aeadSeal: (key, call) => inner.aeadSeal(key, call),
    aeadOpen: (key, call) => inner.aeadOpen(key, call),
    aeadOpenShared: (key, call) => inner.aeadOpenShared(key, call),
    sha512: (data) => inner.sha512(data),
    hmacSha512: (key, data) => inner.hmacSha512(key, data),
    hkdfSha512: (secret, salt, info, length) => inner.hkdfSha512(secret, salt, info, length),
    x25519: (key, peer) => inner.x25519(key, peer),
    mlkemEncapsulate: (key) => inner.mlkemEncapsulate(key),
    mlkemDecapsulate: (key, ciphertext) => inner.mlkemDecapsulate(key, ciphertext),
    mldsaSign: (key, message, context) => inner.mldsaSign(key, message, context),
    mldsaVerify: (key, message, context, signature) =>
      inner.mldsaVerify(key, message, context, signature),
  };
}

function tag(publicKey: Uint8Array, message: Uint8Array): Uint8Array {
  const lanes = new Uint32Array(LANES).map((_, i) => mix32(message.length + i));
  absorb(lanes, publicKey);
  absorb(lanes, message);
  const bytes = new Uint8Array(SIGNATURE_BYTES);
  for (let at = 0; at < SIGNATURE_BYTES; at += 4) {
    const lane = (at >> 2) % LANES;
    lanes[lane] = mix32(lanes[lane]! + lanes[(lane + 1) % LANES]! + at);
    for (let i = 0; i < 4; i += 1) bytes[at + i] = lanes[lane] >>> (8 * i);
  }
  return bytes;
}

/** Every byte into one lane, in turn; the tag then mixes the lanes with each other. */
function absorb(lanes: Uint32Array, bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i += 1) {
    const lane = i & (LANES - 1);
    lanes[lane] = Math.imul(lanes[lane]! ^ bytes[i]!, 0x9e3779b1) ^ (lanes[lane]! >>> 15);
  }
}

const isEqual = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);
