/**
 * The one door to cryptography: a synchronous provider given at construction.
 *
 * Secrets live behind small integer handles in an arena of the provider's, so that no layer passes
 * key bytes about and a destroyed key is destroyed in one place. Suite 0x01 names the algorithms:
 * ChaCha20-Poly1305 (RFC 8439), SHA-512, HMAC and HKDF over it (RFC 2104, RFC 5869), X25519
 * (RFC 7748), Ed25519 (RFC 8032), ML-KEM-768 (FIPS 203), ML-DSA-65 (FIPS 204).
 *
 * Nothing that a provider draws at random, and no ciphertext or signature, may feed an id, an order
 * of processing or a decision: a run has one trace whatever the entropy was.
 */

/** A secret, a private key or a prepared public key in the provider's arena. */
export type KeyHandle = number & { readonly __id: "key" };

/** No key; handles of keys are positive. */
export const NO_KEY: KeyHandle = 0 as KeyHandle;

export type KeyAlgorithm = "x25519" | "ed25519" | "mlkem768" | "mldsa65";

export const AEAD_KEY_BYTES = 32;
export const AEAD_NONCE_BYTES = 12;
export const AEAD_TAG_BYTES = 16;

/**
 * Bytes of each algorithm: of the seed that a private key is made from, of keys, of what it makes.
 */
export const SIZES: Readonly<{
  x25519: { readonly seed: 32; readonly publicKey: 32 };
  ed25519: { readonly seed: 32; readonly publicKey: 32; readonly signature: 64 };
  mlkem768: { readonly seed: 64; readonly publicKey: 1184; readonly ciphertext: 1088 };
  mldsa65: { readonly seed: 32; readonly publicKey: 1952; readonly signature: 3309 };
}> = Object.freeze({
  x25519: { seed: 32, publicKey: 32 },
  ed25519: { seed: 32, publicKey: 32, signature: 64 },
  mlkem768: { seed: 64, publicKey: 1184, ciphertext: 1088 },
  mldsa65: { seed: 32, publicKey: 1952, signature: 3309 },
});

/**
 * One AEAD call as offsets into slabs; callers keep one such record and change it. `length` counts
 * the plaintext. The ciphertext is `length + 16` bytes; `output` may not overlap `input`.
 */
export interface AeadCall {
  /** 12 bytes; never twice under one key. */
  nonce: Uint8Array;
  /** Holds the associated data and what is sealed or opened. */
  input: Uint8Array;
  aadOffset: number;
  aadLength: number;
  offset: number;
  length: number;
  output: Uint8Array;
  outputOffset: number;
}

export interface Encapsulation {
  readonly secret: KeyHandle;
  readonly ciphertext: Uint8Array;
}

export interface CryptoProvider {
  /** Stands in reports: "native" or "portable", and the wrappers around it. */
  readonly name: string;

  randomBytes(into: Uint8Array): void;

  /** Takes a copy of a secret (up to 8 KiB); the caller wipes its own. */
  importSecret(secret: Uint8Array): KeyHandle;
  /**
   * A copy of a secret, or of the seed of a private key. For key wraps and for saved states only.
   */
  exportSecret(key: KeyHandle): Uint8Array;
  /** Wipes the slot; the handle may be given again later. */
  destroyKey(key: KeyHandle): void;

  generateKey(algorithm: KeyAlgorithm): KeyHandle;
  /** Private key from its seed; `undefined` when the seed has the wrong length. */
  importPrivate(algorithm: KeyAlgorithm, seed: Uint8Array): KeyHandle | undefined;
  /** Prepares a public key; `undefined` when the bytes are no valid key of this algorithm. */
  importPublic(algorithm: KeyAlgorithm, publicKey: Uint8Array): KeyHandle | undefined;
  /** A copy of the public half of a private or prepared public key. */
  publicKey(key: KeyHandle): Uint8Array;

  /** Writes ciphertext and tag to `output`. */
  aeadSeal(key: KeyHandle, call: AeadCall): void;
  /** False when the tag is wrong; `output` is then unspecified. */
  aeadOpen(key: KeyHandle, call: AeadCall): boolean;
  /**
   * The plaintext of `call` in an array that nobody changes, not even the caller, because other
   * openers of the same bytes may hold the very same one; `undefined` when the tag is wrong. The
   * input stays as it is, too. `output` is not used.
   */
  aeadOpenShared(key: KeyHandle, call: AeadCall): Uint8Array | undefined;

  sha512(data: Uint8Array): Uint8Array;
  hmacSha512(key: KeyHandle, data: Uint8Array): Uint8Array;
  /** RFC 5869 extract and expand; `length` up to 16,320. */
  hkdfSha512(secret: KeyHandle, salt: Uint8Array, info: Uint8Array, length: number): KeyHandle;

  /**
   * `undefined` when the result would be all zero (a point of small order, RFC 7748 section 6.1).
   */
  x25519(privateKey: KeyHandle, peerPublicKey: Uint8Array): KeyHandle | undefined;
  ed25519Sign(privateKey: KeyHandle, message: Uint8Array): Uint8Array;
  /**
   * `of` is an array from `aeadOpenShared` that determines message and signature; see
   * `ed25519Recall`.
   */
  ed25519Verify(
    publicKey: KeyHandle,
    message: Uint8Array,
    signature: Uint8Array,
    of?: Uint8Array,
  ): boolean;
  /**
   * What `ed25519Verify` said for this key and this very `of`; `undefined` when that is not
   * remembered. Spares making the message, of `messageBytes`.
   */
  ed25519Recall(publicKey: KeyHandle, of: Uint8Array, messageBytes: number): boolean | undefined;
  mlkemEncapsulate(publicKey: KeyHandle): Encapsulation;
  /**
   * `undefined` for a ciphertext of the wrong length; a damaged one gives another secret (FIPS
   * 203).
   */
  mlkemDecapsulate(privateKey: KeyHandle, ciphertext: Uint8Array): KeyHandle | undefined;
  /** `context` of at most 255 bytes. */
  mldsaSign(privateKey: KeyHandle, message: Uint8Array, context: Uint8Array): Uint8Array;
  mldsaVerify(
    publicKey: KeyHandle,
    message: Uint8Array,
    context: Uint8Array,
    signature: Uint8Array,
  ): boolean;
}

/** Equal or not, in a time that depends on the lengths alone (as far as the engine keeps to it). */
export function equalConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i += 1) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}
