/**
 * The portable provider: @noble's implementations, for the browser, bare engines, and as the
 * reference in differential tests.
 *
 * Not constant time: BigInt and JIT leak timing, and erasure reaches the arena and the decoded
 * ML-KEM key, not what the libraries held on the way. Vehicles run the native provider.
 *
 * All randomness comes from `entropy`, the libraries draw none of their own. ML-DSA signs hedged
 * (FIPS 204 section 3.4), encapsulation takes m from `entropy`.
 */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { ml_dsa65 } from "@noble/post-quantum/ml-dsa.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { invariant } from "../../base/mod.ts";
import type { EntropySource } from "../../hal/mod.ts";
import { KeyArena } from "../crypto/arena.ts";
import {
  AEAD_TAG_BYTES,
  SIZES,
  type AeadCall,
  type CryptoProvider,
  type Encapsulation,
  type KeyAlgorithm,
  type KeyHandle,
} from "../provider.ts";

interface KeyPair {
  readonly algorithm: KeyAlgorithm;
  readonly publicKey: Uint8Array;
  /** Expanded private key where the library wants one; empty for a public key. */
  readonly expanded: Uint8Array;
}

const NOTHING = new Uint8Array(0);

/** `entropy` fills a buffer completely; a seeded one makes every output reproducible. */
export function createPortableProvider(options: {
  readonly entropy: EntropySource;
}): CryptoProvider {
  return new PortableProvider(options.entropy);
}

class PortableProvider implements CryptoProvider {
  readonly name = "portable";
  readonly #entropy: EntropySource;
  readonly #keys = new KeyArena<KeyPair>((sizeBytes) => new Uint8Array(sizeBytes));

  constructor(entropy: EntropySource) {
    this.#entropy = entropy;
  }

  randomBytes(into: Uint8Array): void {
    this.#entropy(into);
  }

  importSecret(secret: Uint8Array): KeyHandle {
    return this.#keys.put(secret);
  }

  exportSecret(key: KeyHandle): Uint8Array {
    return this.#keys.secret(key).slice();
  }

  destroyKey(key: KeyHandle): void {
    this.#keys.drop(key)?.expanded.fill(0);
  }

  generateKey(algorithm: KeyAlgorithm): KeyHandle {
    const seed = this.#draw(SIZES[algorithm].seed);
    const key = this.importPrivate(algorithm, seed);
    seed.fill(0);
    invariant(key !== undefined, "a drawn seed has the right length");
    return key;
  }

  importPrivate(algorithm: KeyAlgorithm, seed: Uint8Array): KeyHandle | undefined {
    if (seed.length !== SIZES[algorithm].seed) return undefined;
    return this.#keys.put(seed, expand(algorithm, seed));
  }

  importPublic(algorithm: KeyAlgorithm, publicKey: Uint8Array): KeyHandle | undefined {
    if (publicKey.length !== SIZES[algorithm].publicKey) return undefined;
    if (algorithm === "mlkem768" && !isReducedMlkem(publicKey)) return undefined;
    return this.#keys.put(NOTHING, {
      algorithm,
      publicKey: publicKey.slice(),
      expanded: NOTHING,
    });
  }

  publicKey(key: KeyHandle): Uint8Array {
    return this.#keys.entry(key).publicKey.slice();
  }

  aeadSeal(key: KeyHandle, call: AeadCall): void {
    const end = call.offset + call.length;
    chacha20poly1305(this.#keys.secret(key), call.nonce, aadOf(call)).encrypt(
      call.input.subarray(call.offset, end),
      call.output.subarray(call.outputOffset, call.outputOffset + call.length + AEAD_TAG_BYTES),
    );
  }

  aeadOpen(key: KeyHandle, call: AeadCall): boolean {
    const end = call.offset + call.length + AEAD_TAG_BYTES;
    try {
      chacha20poly1305(this.#keys.secret(key), call.nonce, aadOf(call)).decrypt(
        call.input.subarray(call.offset, end),
        call.output.subarray(call.outputOffset, call.outputOffset + call.length),
      );
      return true;
    } catch {
      return false;
    }
  }

  aeadOpenShared(key: KeyHandle, call: AeadCall): Uint8Array | undefined {
    const output = new Uint8Array(call.length);
    return this.aeadOpen(key, { ...call, output, outputOffset: 0 }) ? output : undefined;
  }

  sha512(data: Uint8Array): Uint8Array {
    return sha512(data);
  }

  hmacSha512(key: KeyHandle, data: Uint8Array): Uint8Array {
    return hmac(sha512, this.#keys.secret(key), data);
  }

  hkdfSha512(secret: KeyHandle, salt: Uint8Array, info: Uint8Array, length: number): KeyHandle {
    const derived = hkdf(sha512, this.#keys.secret(secret), salt, info, length);
    return this.#putAndWipe(derived);
  }

  x25519(privateKey: KeyHandle, peerPublicKey: Uint8Array): KeyHandle | undefined {
    const seed = this.#seed("x25519", privateKey);
    if (peerPublicKey.length !== SIZES.x25519.publicKey) return undefined;
    try {
      return this.#putAndWipe(x25519.getSharedSecret(seed, peerPublicKey));
    } catch {
      return undefined;
    }
  }

  ed25519Sign(privateKey: KeyHandle, message: Uint8Array): Uint8Array {
    return ed25519.sign(message, this.#seed("ed25519", privateKey));
  }

  ed25519Verify(publicKey: KeyHandle, message: Uint8Array, signature: Uint8Array): boolean {
    const { publicKey: bytes } = this.#pair("ed25519", publicKey);
    if (signature.length !== SIZES.ed25519.signature) return false;
    try {
      return ed25519.verify(signature, message, bytes, { zip215: false });
    } catch {
      return false;
    }
  }

  ed25519Recall(): undefined {
    return undefined;
  }

  mlkemEncapsulate(publicKey: KeyHandle): Encapsulation {
    const message = this.#draw(32);
    const pair = this.#pair("mlkem768", publicKey);
    const { cipherText, sharedSecret } = ml_kem768.encapsulate(pair.publicKey, message);
    message.fill(0);
    return { secret: this.#putAndWipe(sharedSecret), ciphertext: cipherText };
  }

  mlkemDecapsulate(privateKey: KeyHandle, ciphertext: Uint8Array): KeyHandle | undefined {
    if (ciphertext.length !== SIZES.mlkem768.ciphertext) return undefined;
    const { expanded } = this.#pair("mlkem768", privateKey);
    return this.#putAndWipe(ml_kem768.decapsulate(ciphertext, expanded));
  }

  mldsaSign(privateKey: KeyHandle, message: Uint8Array, context: Uint8Array): Uint8Array {
    const { expanded } = this.#pair("mldsa65", privateKey);
    return ml_dsa65.sign(message, expanded, { context, extraEntropy: this.#draw(32) });
  }

  mldsaVerify(
    publicKey: KeyHandle,
    message: Uint8Array,
    context: Uint8Array,
    signature: Uint8Array,
  ): boolean {
    const pair = this.#pair("mldsa65", publicKey);
    if (signature.length !== SIZES.mldsa65.signature || context.length > 255) return false;
    return ml_dsa65.verify(signature, message, pair.publicKey, { context });
  }

  #draw(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    this.#entropy(bytes);
    return bytes;
  }

  #putAndWipe(secret: Uint8Array): KeyHandle {
    const key = this.#keys.put(secret);
    secret.fill(0);
    return key;
  }

  #pair(algorithm: KeyAlgorithm, key: KeyHandle): KeyPair {
    const pair = this.#keys.entry(key);
    invariant(pair.algorithm === algorithm, "a key is used with its own algorithm");
    return pair;
  }

  #seed(algorithm: KeyAlgorithm, key: KeyHandle): Uint8Array {
    this.#pair(algorithm, key);
    return this.#keys.secret(key);
  }
}

function aadOf(call: AeadCall): Uint8Array {
  return call.input.subarray(call.aadOffset, call.aadOffset + call.aadLength);
}

function expand(algorithm: KeyAlgorithm, seed: Uint8Array): KeyPair {
  switch (algorithm) {
    case "x25519":
      return { algorithm, publicKey: x25519.getPublicKey(seed), expanded: NOTHING };
    case "ed25519":
      return { algorithm, publicKey: ed25519.getPublicKey(seed), expanded: NOTHING };
    case "mlkem768": {
      const { publicKey, secretKey } = ml_kem768.keygen(seed);
      return { algorithm, publicKey, expanded: secretKey };
    }
    case "mldsa65": {
      const { publicKey, secretKey } = ml_dsa65.keygen(seed);
      return { algorithm, publicKey, expanded: secretKey };
    }
    default:
      return algorithm satisfies never;
  }
}

/** The modulus check of FIPS 203 section 7.2: each 12-bit coefficient is below q = 3329. */
function isReducedMlkem(publicKey: Uint8Array): boolean {
  for (let i = 0; i < publicKey.length - 32; i += 3) {
    const middle = publicKey[i + 1]!;
    const low = publicKey[i]! | ((middle & 15) << 8);
    const high = (middle >> 4) | (publicKey[i + 2]! << 4);
    if (low >= 3329 || high >= 3329) return false;
  }
  return true;
}
