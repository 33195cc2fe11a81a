/**
 * A provider that reports what it does, so that the simulator can charge each node's processor for
 * its own cryptography, however the work was shared between nodes.
 */
import type { AeadCall, CryptoProvider, KeyAlgorithm, KeyHandle } from "../provider.ts";

export type CryptoOperation =
  | "aeadSeal"
  | "aeadOpen"
  | "sha512"
  | "hmac"
  | "hkdf"
  | "x25519"
  | "ed25519Sign"
  | "ed25519Verify"
  | "mlkemEncapsulate"
  | "mlkemDecapsulate"
  | "mldsaSign"
  | "mldsaVerify"
  | `make-${KeyAlgorithm}`;

/** `onCharge` hears the operation and how many bytes it went over, before the operation runs. */
export function withCharges(
  inner: CryptoProvider,
  onCharge: (operation: CryptoOperation, bytes: number) => void,
): CryptoProvider {
  const made = (algorithm: KeyAlgorithm): void => onCharge(`make-${algorithm}`, 0);
  return {
    name: inner.name,
    randomBytes: (into) => inner.randomBytes(into),
    importSecret: (secret) => inner.importSecret(secret),
    exportSecret: (key) => inner.exportSecret(key),
    destroyKey: (key) => inner.destroyKey(key),
    publicKey: (key) => inner.publicKey(key),
    importPublic: (algorithm, bytes) => inner.importPublic(algorithm, bytes),
    generateKey: (algorithm) => (made(algorithm), inner.generateKey(algorithm)),
    importPrivate: (algorithm, seed) => (made(algorithm), inner.importPrivate(algorithm, seed)),
    aeadSeal(key: KeyHandle, call: AeadCall) {
      onCharge("aeadSeal", call.length + call.aadLength);
      inner.aeadSeal(key, call);
    },
    aeadOpen(key: KeyHandle, call: AeadCall) {
      onCharge("aeadOpen", call.length + call.aadLength);
      return inner.aeadOpen(key, call);
    },
    aeadOpenShared(key: KeyHandle, call: AeadCall) {
      onCharge("aeadOpen", call.length + call.aadLength);
      return inner.aeadOpenShared(key, call);
    },
    sha512: (data) => (onCharge("sha512", data.length), inner.sha512(data)),
    hmacSha512: (key, data) => (onCharge("hmac", data.length), inner.hmacSha512(key, data)),
    hkdfSha512: (secret, salt, info, length) => (
      onCharge("hkdf", length),
      inner.hkdfSha512(secret, salt, info, length)
    ),
    x25519: (key, peer) => (onCharge("x25519", 0), inner.x25519(key, peer)),
    ed25519Sign: (key, message) => (
      onCharge("ed25519Sign", message.length),
      inner.ed25519Sign(key, message)
    ),
    ed25519Verify: (key, message, signature, of) => (
      onCharge("ed25519Verify", message.length),
      inner.ed25519Verify(key, message, signature, of)
    ),
    ed25519Recall(key, of, messageBytes) {
      const known = inner.ed25519Recall(key, of, messageBytes);
      if (known !== undefined) onCharge("ed25519Verify", messageBytes);
      return known;
    },
    mlkemEncapsulate: (key) => (onCharge("mlkemEncapsulate", 0), inner.mlkemEncapsulate(key)),
    mlkemDecapsulate: (key, ciphertext) => (
      onCharge("mlkemDecapsulate", 0),
      inner.mlkemDecapsulate(key, ciphertext)
    ),
    mldsaSign: (key, message, context) => (
      onCharge("mldsaSign", message.length),
      inner.mldsaSign(key, message, context)
    ),
    mldsaVerify: (key, message, context, signature) => (
      onCharge("mldsaVerify", message.length),
      inner.mldsaVerify(key, message, context, signature)
    ),
  };
}
