/**
 * The native provider against published vectors and against the portable one.
 */
import { createHash } from "node:crypto";
import { sha3_256 } from "@noble/hashes/sha3.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toHex, utf8Encode } from "../../src/base/mod.ts";
import { createPortableProvider } from "../../src/security/crypto-portable/portable.ts";
import {
  bytes,
  describePublishedVectors,
  openWith,
  readCorpus,
  sealWith,
} from "../../src/security/crypto-portable/vectors.test-support.ts";
import { seededEntropy } from "../../src/security/testing/entropy.test-support.ts";
import { corpus, describeWith } from "../../test/support/requirements.ts";
import { createNativeProvider } from "./native.ts";

describePublishedVectors(() => createNativeProvider());

const native = createNativeProvider();
const portable = createPortableProvider({ entropy: seededEntropy(5) });
const blob = (max: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength: max });
const exactly = (n: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: n, maxLength: n });

describe("native and portable agree", () => {
  test("AEAD: what one seals, the other opens, byte for byte", () => {
    fc.assert(
      fc.property(exactly(32), exactly(12), blob(40), blob(1300), (key, nonce, aad, plaintext) => {
        const [a, b] = [native.importSecret(key), portable.importSecret(key)];
        const sealed = sealWith(native, a, { nonce, aad, plaintext });
        expect(sealWith(portable, b, { nonce, aad, plaintext })).toEqual(sealed);
        expect(openWith(portable, b, { nonce, aad, sealed })).toEqual(plaintext);
        sealed[plaintext.length >> 1]! ^= 4;
        expect(openWith(native, a, { nonce, aad, sealed })).toBeUndefined();
        expect(openWith(portable, b, { nonce, aad, sealed })).toBeUndefined();
        native.destroyKey(a);
        portable.destroyKey(b);
      }),
      { numRuns: 60 },
    );
  });

  test("SHA-512, HMAC and HKDF", () => {
    fc.assert(
      fc.property(
        blob(200),
        blob(80),
        blob(80),
        fc.integer({ min: 1, max: 200 }),
        (key, a, b, n) => {
          expect(native.sha512(a)).toEqual(portable.sha512(a));
          const keys = [native.importSecret(key), portable.importSecret(key)] as const;
          expect(native.hmacSha512(keys[0], a)).toEqual(portable.hmacSha512(keys[1], a));
          expect(native.exportSecret(native.hkdfSha512(keys[0], a, b, n))).toEqual(
            portable.exportSecret(portable.hkdfSha512(keys[1], a, b, n)),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  test("X25519 and Ed25519 from seeds", () => {
    fc.assert(
      fc.property(exactly(32), exactly(32), blob(100), (seed, peerSeed, message) => {
        const peer = portable.publicKey(portable.importPrivate("x25519", peerSeed)!);
        const shared = [native, portable].map((provider) => {
          const key = provider.importPrivate("x25519", seed)!;
          return toHex(provider.exportSecret(provider.x25519(key, peer)!));
        });
        expect(shared[0]).toBe(shared[1]);
        const a = native.importPrivate("ed25519", seed)!;
        const b = portable.importPrivate("ed25519", seed)!;
        expect(native.exportSecret(a)).toEqual(seed);
        const signature = native.ed25519Sign(a, message);
        expect(portable.ed25519Sign(b, message)).toEqual(signature);
        expect(portable.ed25519Verify(b, message, signature)).toBe(true);
        signature[40]! ^= 1;
        expect(native.ed25519Verify(a, message, signature)).toBe(false);
      }),
      { numRuns: 15 },
    );
  });

  test("ML-KEM-768: encapsulated by one, decapsulated by the other, damaged ones alike", () => {
    const seed = new Uint8Array(64).fill(7);
    const a = native.importPrivate("mlkem768", seed)!;
    const b = portable.importPrivate("mlkem768", seed)!;
    expect(native.publicKey(a)).toEqual(portable.publicKey(b));
    for (const [maker, key] of [
      [native, a],
      [portable, b],
    ] as const) {
      const { secret, ciphertext } = maker.mlkemEncapsulate(key);
      const made = maker.exportSecret(secret);
      expect(native.exportSecret(native.mlkemDecapsulate(a, ciphertext)!)).toEqual(made);
      expect(portable.exportSecret(portable.mlkemDecapsulate(b, ciphertext)!)).toEqual(made);
      ciphertext[9]! ^= 1;
      const rejected = native.exportSecret(native.mlkemDecapsulate(a, ciphertext)!);
      expect(rejected).not.toEqual(made);
      expect(portable.exportSecret(portable.mlkemDecapsulate(b, ciphertext)!)).toEqual(rejected);
    }
  });

  test("ML-DSA-65: signed by one, verified by the other, bound to its context", () => {
    const seed = new Uint8Array(32).fill(9);
    const a = native.importPrivate("mldsa65", seed)!;
    const b = portable.importPrivate("mldsa65", seed)!;
    expect(native.publicKey(a)).toEqual(portable.publicKey(b));
    const message = utf8Encode("order");
    const context = utf8Encode("context");
    const byNative = native.mldsaSign(a, message, context);
    const byPortable = portable.mldsaSign(b, message, context);
    expect(portable.mldsaVerify(b, message, context, byNative)).toBe(true);
    expect(native.mldsaVerify(a, message, context, byPortable)).toBe(true);
    expect(native.mldsaVerify(a, message, utf8Encode("other"), byPortable)).toBe(false);
    expect(native.mldsaVerify(a, message, new Uint8Array(256), byPortable)).toBe(false);
    expect(portable.mldsaVerify(b, message, new Uint8Array(256), byPortable)).toBe(false);
  });
});

describe("the native provider", () => {
  test("draws its own randomness, or the given one", () => {
    const [one, two] = [new Uint8Array(32), new Uint8Array(32)];
    native.randomBytes(one);
    native.randomBytes(two);
    expect(one).not.toEqual(two);
    const keys = [1, 2].map(() => {
      const seeded = createNativeProvider({ entropy: seededEntropy(6) });
      return seeded.publicKey(seeded.generateKey("ed25519"));
    });
    expect(keys[0]).toEqual(keys[1]);
  });

  test("holds 70,000 keys in one arena", () => {
    const provider = createNativeProvider();
    const keys = Array.from({ length: 70_000 }, (_, i) =>
      provider.importSecret(Uint8Array.of(i & 255, i >> 8, i >> 16)),
    );
    expect(provider.exportSecret(keys[66_000]!)).toEqual(Uint8Array.of(208, 1, 1));
    for (const key of keys) provider.destroyKey(key);
    expect(() => provider.exportSecret(keys[5]!)).toThrow("a key handle names a live key");
  });

  test("wrong lengths are refused, not thrown at", () => {
    for (const algorithm of ["x25519", "ed25519", "mlkem768", "mldsa65"] as const) {
      expect(native.importPrivate(algorithm, new Uint8Array(5))).toBeUndefined();
      expect(native.importPublic(algorithm, new Uint8Array(5))).toBeUndefined();
    }
    const kem = native.generateKey("mlkem768");
    expect(native.mlkemDecapsulate(kem, new Uint8Array(5))).toBeUndefined();
    expect(() => native.x25519(kem, new Uint8Array(32))).toThrow("its own algorithm");
    const agreement = native.generateKey("x25519");
    expect(native.x25519(agreement, new Uint8Array(5))).toBeUndefined();
    expect(native.x25519(agreement, new Uint8Array(32))).toBeUndefined();
  });
});

/**
 * X-Wing (draft-connolly-cfrg-xwing-kem) is no part of the suite: it shows that the parts compose.
 */
describeWith(corpus("xwing"), "X-Wing from the native parts", () => {
  const vectors = JSON.parse(readCorpus("xwing/test-vectors.json")) as Record<string, string>[];
  test.each(vectors.map((vector, i) => [i, vector] as const))("vector %i", (_i, vector) => {
    const expanded = shake256(bytes(vector.seed), 96);
    const kem = native.importPrivate("mlkem768", expanded.subarray(0, 64))!;
    const agreement = native.importPrivate("x25519", expanded.subarray(64))!;
    const publicKey = toHex(native.publicKey(kem)) + toHex(native.publicKey(agreement));
    expect(publicKey).toBe(vector.pk);
    const ciphertext = bytes(vector.ct);
    const ephemeral = ciphertext.subarray(1088);
    const first = native.exportSecret(native.mlkemDecapsulate(kem, ciphertext.subarray(0, 1088))!);
    const second = native.exportSecret(native.x25519(agreement, ephemeral)!);
    const combined = sha3_256
      .create()
      .update(first)
      .update(second)
      .update(ephemeral)
      .update(native.publicKey(agreement))
      .update(bytes("5c2e2f2f5e5c"))
      .digest();
    expect(toHex(combined)).toBe(vector.ss);
  });
});

function shake256(seed: Uint8Array, length: number): Uint8Array {
  return createHash("shake256", { outputLength: length }).update(seed).digest();
}
