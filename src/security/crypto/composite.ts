/**
 * Composite signatures: ML-DSA-65 beside Ed25519, of which both must hold.
 *
 * Source: draft-ietf-lamps-pq-composite-sigs, id-MLDSA65-Ed25519-SHA512 in the revision whose
 * signature is 3373 B (no randomiser): both halves sign
 * M' = "CompositeAlgorithmSignatures2025" || label || length of ctx || ctx || SHA-512(m); the
 * ML-DSA half takes the label as its FIPS 204 context. Key = ML-DSA (1952) || Ed25519 (32),
 * signature = ML-DSA (3309) || Ed25519 (64).
 *
 * Addition of ours: the Ed25519 half alone can be checked, for orders that must not wait.
 */
import { utf8Encode } from "../../base/mod.ts";
import { SIZES, type CryptoProvider, type KeyHandle } from "../provider.ts";

export const COMPOSITE_SIGNATURE_BYTES = 3373;
export const COMPOSITE_PUBLIC_KEY_BYTES = 1984;

const PREFIX = utf8Encode("CompositeAlgorithmSignatures2025");
const LABEL = utf8Encode("COMPSIG-MLDSA65-Ed25519-SHA512");

/** Handles of both halves, private or public alike. */
export interface CompositeKey {
  readonly mldsa: KeyHandle;
  readonly ed25519: KeyHandle;
}

export interface CompositeSignature {
  readonly mldsa: Uint8Array;
  readonly ed25519: Uint8Array;
}

/** The bytes that both halves sign. `context` of at most 255 bytes. */
export function compositeRepresentative(
  provider: CryptoProvider,
  message: Uint8Array,
  context: Uint8Array,
): Uint8Array {
  const digest = provider.sha512(message);
  return joinBytes(PREFIX, LABEL, Uint8Array.of(context.length), context, digest);
}

export function compositeSign(
  provider: CryptoProvider,
  key: CompositeKey,
  message: Uint8Array,
  context: Uint8Array,
): CompositeSignature {
  const representative = compositeRepresentative(provider, message, context);
  return {
    mldsa: provider.mldsaSign(key.mldsa, representative, LABEL),
    ed25519: provider.ed25519Sign(key.ed25519, representative),
  };
}

/** Both halves over one message; `mldsa` absent checks the Ed25519 half alone. */
export function compositeVerify(
  provider: CryptoProvider,
  key: CompositeKey,
  signed: {
    readonly message: Uint8Array;
    readonly context: Uint8Array;
    readonly ed25519: Uint8Array;
    readonly mldsa: Uint8Array | undefined;
  },
): boolean {
  const representative = compositeRepresentative(provider, signed.message, signed.context);
  if (!provider.ed25519Verify(key.ed25519, representative, signed.ed25519)) return false;
  if (signed.mldsa === undefined) return true;
  return provider.mldsaVerify(key.mldsa, representative, LABEL, signed.mldsa);
}

/** Splits 3373 bytes into their halves; `undefined` for any other length. */
export function splitComposite(signature: Uint8Array): CompositeSignature | undefined {
  if (signature.length !== COMPOSITE_SIGNATURE_BYTES) return undefined;
  const border = SIZES.mldsa65.signature;
  return { mldsa: signature.slice(0, border), ed25519: signature.slice(border) };
}

export function joinComposite(signature: CompositeSignature): Uint8Array {
  return joinBytes(signature.mldsa, signature.ed25519);
}

/** Prepares a composite public key; `undefined` when either half is no valid key. */
export function importComposite(
  provider: CryptoProvider,
  publicKey: Uint8Array,
): CompositeKey | undefined {
  if (publicKey.length !== COMPOSITE_PUBLIC_KEY_BYTES) return undefined;
  const border = SIZES.mldsa65.publicKey;
  const mldsa = provider.importPublic("mldsa65", publicKey.subarray(0, border));
  const ed25519 = provider.importPublic("ed25519", publicKey.subarray(border));
  return mldsa === undefined || ed25519 === undefined ? undefined : { mldsa, ed25519 };
}

export function compositePublicKey(provider: CryptoProvider, key: CompositeKey): Uint8Array {
  return joinBytes(provider.publicKey(key.mldsa), provider.publicKey(key.ed25519));
}

/** Concatenation into a new array. */
export function joinBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
