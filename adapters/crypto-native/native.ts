/**
 * The native provider: sodium-native (libsodium) for datagrams, X25519 and Ed25519, `node:crypto`
 * (OpenSSL 3.5) for the hash family, ML-KEM and ML-DSA.
 *
 * Secrets of up to 64 bytes live in one arena cut from `sodium_malloc` pieces (guarded, not dumped,
 * locked where the limit allows); a `sodium_malloc` a key would cost 30 kB each. ML-KEM and
 * ML-DSA private keys are OpenSSL KeyObjects, kept because importing one costs more than using it;
 * for them destruction is release, and no more is claimed.
 * HKDF and HMAC pass through OpenSSL by KeyObjects or copies that OpenSSL cleanses.
 */
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  decapsulate,
  encapsulate,
  generateKeyPairSync,
  hash,
  hkdfSync,
  randomFillSync,
  sign,
  verify,
  type KeyObject,
} from "node:crypto";
import sodiumModule from "sodium-native";
import { invariant } from "../../src/base/mod.ts";
import type { EntropySource } from "../../src/hal/mod.ts";
import {
  AEAD_TAG_BYTES,
  KeyArena,
  SIZES,
  type AeadCall,
  type CryptoProvider,
  type Encapsulation,
  type KeyAlgorithm,
  type KeyHandle,
} from "../../src/security/mod.ts";

/** What is used of sodium-native; its published types are of an older major version. */
interface Sodium {
  sodium_malloc(sizeBytes: number): Uint8Array;
  crypto_aead_chacha20poly1305_ietf_encrypt(
    c: Uint8Array,
    m: Uint8Array,
    ad: Uint8Array,
    nsec: null,
    nonce: Uint8Array,
    key: Uint8Array,
  ): number;
  crypto_aead_chacha20poly1305_ietf_decrypt(
    m: Uint8Array,
    nsec: null,
    c: Uint8Array,
    ad: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): number;
  crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void;
  crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void;
  crypto_sign_verify_detached(
    signature: Uint8Array,
    message: Uint8Array,
    publicKey: Uint8Array,
  ): boolean;
  crypto_scalarmult_base(publicKey: Uint8Array, secretKey: Uint8Array): void;
  crypto_scalarmult(shared: Uint8Array, secretKey: Uint8Array, publicKey: Uint8Array): void;
}

const sodium = sodiumModule as unknown as Sodium;

interface KeyPair {
  readonly algorithm: KeyAlgorithm;
  readonly publicKey: Uint8Array;
  /** OpenSSL's prepared keys, for the post-quantum algorithms. */
  readonly publicObject: KeyObject | undefined;
  readonly privateObject: KeyObject | undefined;
}

const NOTHING = new Uint8Array(0);
const NODE_NAMES = { mlkem768: "ml-kem-768", mldsa65: "ml-dsa-65" } as const;

/** `entropy` replaces the system's generator where a run must be repeatable (the simulator). */
export function createNativeProvider(
  options: { readonly entropy?: EntropySource } = {},
): CryptoProvider {
  return new NativeProvider(options.entropy);
}

class NativeProvider implements CryptoProvider {
  readonly name = "native";
  /** The one given, if any: then keys are made from seeds that it fills. */
  readonly #given: ((into: Uint8Array) => void) | undefined;
  readonly #keys = new KeyArena<KeyPair>((sizeBytes) => sodium.sodium_malloc(sizeBytes));

  constructor(given: ((into: Uint8Array) => void) | undefined) {
    this.#given = given;
  }

  randomBytes(into: Uint8Array): void {
    if (this.#given === undefined) randomFillSync(into);
    else this.#given(into);
  }

  importSecret(secret: Uint8Array): KeyHandle {
    return this.#keys.put(secret);
  }

  /** For an Ed25519 key the slot holds seed and public key; the seed is what was imported. */
  exportSecret(key: KeyHandle): Uint8Array {
    const pair = this.#keys.find(key);
    if (pair?.privateObject !== undefined) {
      return plain(pair.privateObject.export({ format: "raw-seed" }));
    }
    const secret = this.#keys.secret(key);
    return Uint8Array.from(pair?.algorithm === "ed25519" ? secret.subarray(0, 32) : secret);
  }

  destroyKey(key: KeyHandle): void {
    this.#keys.drop(key);
  }

  generateKey(algorithm: KeyAlgorithm): KeyHandle {
    if (algorithm === "mlkem768" && this.#given === undefined) {
      // OpenSSL's own generation takes half the time of importing a seed.
      return this.#keys.put(NOTHING, pairOfObjects(algorithm, generateKeyPairSync("ml-kem-768")));
    }
    const seed = new Uint8Array(SIZES[algorithm].seed);
    this.randomBytes(seed);
    const key = this.importPrivate(algorithm, seed);
    seed.fill(0);
    invariant(key !== undefined, "a drawn seed has the right length");
    return key;
  }

  importPrivate(algorithm: KeyAlgorithm, seed: Uint8Array): KeyHandle | undefined {
    if (seed.length !== SIZES[algorithm].seed) return undefined;
    switch (algorithm) {
      case "x25519": {
        const publicKey = new Uint8Array(32);
        sodium.crypto_scalarmult_base(publicKey, seed);
        return this.#keys.put(seed, pairOf(algorithm, publicKey));
      }
      case "ed25519": {
        const publicKey = new Uint8Array(32);
        const secret = new Uint8Array(64);
        sodium.crypto_sign_seed_keypair(publicKey, secret, seed);
        const key = this.#keys.put(secret, pairOf(algorithm, publicKey));
        secret.fill(0);
        return key;
      }
      case "mlkem768":
      case "mldsa65":
        return this.#keys.put(NOTHING, privatePair(algorithm, seed));
      default:
        return algorithm satisfies never;
    }
  }

  importPublic(algorithm: KeyAlgorithm, publicKey: Uint8Array): KeyHandle | undefined {
    if (publicKey.length !== SIZES[algorithm].publicKey) return undefined;
    const own = Uint8Array.from(publicKey);
    if (algorithm === "x25519" || algorithm === "ed25519") {
      return this.#keys.put(NOTHING, pairOf(algorithm, own));
    }
    try {
      const key = createPublicKey({
        key: Buffer.from(own),
        format: "raw-public",
        asymmetricKeyType: NODE_NAMES[algorithm],
      });
      return this.#keys.put(NOTHING, {
        algorithm,
        publicKey: own,
        publicObject: key,
        privateObject: undefined,
      });
    } catch {
      return undefined;
    }
  }

  publicKey(key: KeyHandle): Uint8Array {
    return Uint8Array.from(this.#keys.entry(key).publicKey);
  }

  aeadSeal(key: KeyHandle, call: AeadCall): void {
    const { input, output, offset, length, outputOffset } = call;
    sodium.crypto_aead_chacha20poly1305_ietf_encrypt(
      part(output, outputOffset, outputOffset + length + AEAD_TAG_BYTES),
      part(input, offset, offset + length),
      part(input, call.aadOffset, call.aadOffset + call.aadLength),
      null,
      call.nonce,
      this.#keys.secret(key),
    );
  }

  aeadOpen(key: KeyHandle, call: AeadCall): boolean {
    const { input, output, offset, length, outputOffset } = call;
    try {
      sodium.crypto_aead_chacha20poly1305_ietf_decrypt(
        part(output, outputOffset, outputOffset + length),
        null,
        part(input, offset, offset + length + AEAD_TAG_BYTES),
        part(input, call.aadOffset, call.aadOffset + call.aadLength),
        call.nonce,
        this.#keys.secret(key),
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
    return plain(hash("sha512", data, "buffer"));
  }

  hmacSha512(key: KeyHandle, data: Uint8Array): Uint8Array {
    return plain(createHmac("sha512", this.#keys.secret(key)).update(data).digest());
  }

  hkdfSha512(secret: KeyHandle, salt: Uint8Array, info: Uint8Array, length: number): KeyHandle {
    const derived = hkdfSync("sha512", this.#keys.secret(secret), salt, info, length);
    return this.#putAndWipe(new Uint8Array(derived));
  }

  x25519(privateKey: KeyHandle, peerPublicKey: Uint8Array): KeyHandle | undefined {
    this.#pair("x25519", privateKey);
    if (peerPublicKey.length !== SIZES.x25519.publicKey) return undefined;
    const shared = new Uint8Array(32);
    try {
      sodium.crypto_scalarmult(shared, this.#keys.secret(privateKey), peerPublicKey);
    } catch {
      return undefined;
    }
    return this.#putAndWipe(shared);
  }

  ed25519Sign(privateKey: KeyHandle, message: Uint8Array): Uint8Array {
    this.#pair("ed25519", privateKey);
    const signature = new Uint8Array(64);
    sodium.crypto_sign_detached(signature, message, this.#keys.secret(privateKey));
    return signature;
  }

  ed25519Verify(publicKey: KeyHandle, message: Uint8Array, signature: Uint8Array): boolean {
    const pair = this.#pair("ed25519", publicKey);
    if (signature.length !== SIZES.ed25519.signature) return false;
    return sodium.crypto_sign_verify_detached(signature, message, pair.publicKey);
  }

  ed25519Recall(): undefined {
    return undefined;
  }

  mlkemEncapsulate(publicKey: KeyHandle): Encapsulation {
    const object = this.#pair("mlkem768", publicKey).publicObject;
    invariant(object !== undefined, "an ML-KEM key was prepared");
    const { sharedKey, ciphertext } = encapsulate(object);
    const encapsulated = { secret: this.#keys.put(sharedKey), ciphertext: plain(ciphertext) };
    sharedKey.fill(0);
    return encapsulated;
  }

  mlkemDecapsulate(privateKey: KeyHandle, ciphertext: Uint8Array): KeyHandle | undefined {
    const object = this.#pair("mlkem768", privateKey).privateObject;
    invariant(object !== undefined, "a private ML-KEM key decapsulates");
    if (ciphertext.length !== SIZES.mlkem768.ciphertext) return undefined;
    return this.#putAndWipe(decapsulate(object, ciphertext));
  }

  mldsaSign(privateKey: KeyHandle, message: Uint8Array, context: Uint8Array): Uint8Array {
    const key = this.#pair("mldsa65", privateKey).privateObject;
    invariant(key !== undefined, "a private ML-DSA key signs");
    return plain(sign(null, message, { key, context }));
  }

  mldsaVerify(
    publicKey: KeyHandle,
    message: Uint8Array,
    context: Uint8Array,
    signature: Uint8Array,
  ): boolean {
    const key = this.#pair("mldsa65", publicKey).publicObject;
    invariant(key !== undefined, "an ML-DSA key was prepared");
    if (signature.length !== SIZES.mldsa65.signature || context.length > 255) return false;
    return verify(null, message, { key, context }, signature);
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
}

/** A range of bytes, without a new view where the whole or nothing is meant. */
function part(bytes: Uint8Array, from: number, to: number): Uint8Array {
  if (from === to) return NOTHING;
  return from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to);
}

/** OpenSSL's answers come as Buffers that may share a pool; what leaves here is plain and owned. */
function plain(buffer: Buffer): Uint8Array {
  return Uint8Array.from(buffer);
}

function pairOf(algorithm: KeyAlgorithm, publicKey: Uint8Array): KeyPair {
  return { algorithm, publicKey, publicObject: undefined, privateObject: undefined };
}

function privatePair(algorithm: "mlkem768" | "mldsa65", seed: Uint8Array): KeyPair {
  const copy = Buffer.from(seed);
  const privateObject = createPrivateKey({
    key: copy,
    format: "raw-seed",
    asymmetricKeyType: NODE_NAMES[algorithm],
  });
  copy.fill(0);
  return pairOfObjects(algorithm, { privateKey: privateObject });
}

function pairOfObjects(
  algorithm: KeyAlgorithm,
  made: { readonly privateKey: KeyObject; readonly publicKey?: KeyObject },
): KeyPair {
  const publicObject = made.publicKey ?? createPublicKey(made.privateKey);
  const publicKey = plain(publicObject.export({ format: "raw-public" }));
  return { algorithm, publicKey, publicObject, privateObject: made.privateKey };
}
