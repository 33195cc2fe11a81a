import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { utf8Encode } from "../../base/mod.ts";
import { createPortableProvider } from "../crypto-portable/portable.ts";
import { openWith, sealWith } from "../crypto-portable/vectors.test-support.ts";
import { seededEntropy } from "../testing/entropy.test-support.ts";
import { withCharges, type CryptoOperation } from "./charge.ts";
import { memoise } from "./memoise.ts";

const make = (slots = 16): ReturnType<typeof memoise> =>
  memoise(createPortableProvider({ entropy: seededEntropy(7) }), { slots });
const nonce = new Uint8Array(12);
const aad = utf8Encode("header");

describe("memoised opening", () => {
  test("is computed once for equal bytes under an equal key, whoever holds it", () => {
    const provider = make();
    const first = provider.importSecret(new Uint8Array(32).fill(1));
    const second = provider.importSecret(new Uint8Array(32).fill(1));
    const sealed = sealWith(provider, first, { nonce, aad, plaintext: utf8Encode("hello") });
    expect(openWith(provider, first, { nonce, aad, sealed })).toEqual(utf8Encode("hello"));
    expect(openWith(provider, second, { nonce, aad, sealed })).toEqual(utf8Encode("hello"));
    expect(provider.memo).toEqual({ hits: 1, misses: 1 });
  });

  test("answers as the inner provider does, for any mix of keys, nonces, data and damage", () => {
    const provider = make(4);
    const plain = createPortableProvider({ entropy: seededEntropy(7) });
    const small = fc.integer({ min: 0, max: 3 });
    fc.assert(
      fc.property(fc.array(fc.tuple(small, small, small, small), { maxLength: 12 }), (calls) => {
        for (const [keyByte, nonceByte, aadByte, damage] of calls) {
          const secret = new Uint8Array(32).fill(keyByte);
          const keys = [provider.importSecret(secret), plain.importSecret(secret)] as const;
          const call = { nonce: new Uint8Array(12).fill(nonceByte), aad: Uint8Array.of(aadByte) };
          const sealed = sealWith(plain, keys[1], { ...call, plaintext: Uint8Array.of(5, 6) });
          if (damage > 0) sealed[damage]! ^= 1;
          const opened = openWith(provider, keys[0], { ...call, sealed });
          expect(opened).toEqual(openWith(plain, keys[1], { ...call, sealed }));
          provider.destroyKey(keys[0]);
          plain.destroyKey(keys[1]);
        }
      }),
    );
    expect(provider.memo.misses).toBeGreaterThan(0);
  });

  test("forgets with the key: a handle given anew finds no old answers", () => {
    const provider = make();
    const old = provider.importSecret(new Uint8Array(32).fill(1));
    const sealed = sealWith(provider, old, { nonce, aad, plaintext: utf8Encode("x") });
    expect(openWith(provider, old, { nonce, aad, sealed })).toBeDefined();
    provider.destroyKey(old);
    const other = provider.importSecret(new Uint8Array(32).fill(2));
    expect(other).toBe(old);
    expect(openWith(provider, other, { nonce, aad, sealed })).toBeUndefined();
  });

  test("a key lives until its last holder destroys it", () => {
    const provider = make();
    const key = provider.importSecret(new Uint8Array(32));
    provider.importSecret(new Uint8Array(32));
    provider.destroyKey(key);
    expect(provider.exportSecret(key)).toEqual(new Uint8Array(32));
    provider.destroyKey(key);
    expect(() => provider.destroyKey(key)).toThrow("as often as it was given");
  });

  test("calls beyond the stride go straight through", () => {
    const provider = make();
    const key = provider.importSecret(new Uint8Array(32));
    const plaintext = new Uint8Array(5000).fill(3);
    const sealed = sealWith(provider, key, { nonce, aad, plaintext });
    expect(openWith(provider, key, { nonce, aad, sealed })).toEqual(plaintext);
    expect(provider.memo.misses).toBe(0);
  });
});

describe("what is opened for all receivers", () => {
  test("is one array, found again by where the sealed bytes lie", () => {
    const provider = make();
    const key = provider.importSecret(new Uint8Array(32).fill(1));
    const sealed = sealWith(provider, key, { nonce, aad, plaintext: utf8Encode("hello") });
    const open = (input: Uint8Array): Uint8Array | undefined =>
      provider.aeadOpenShared(key, {
        ...{ nonce, input, aadOffset: 0, aadLength: aad.length, offset: aad.length },
        ...{ length: 5, output: input, outputOffset: 0 },
      });
    const frame = Uint8Array.of(...aad, ...sealed);
    const first = open(frame);
    expect(first).toEqual(utf8Encode("hello"));
    expect(open(frame)).toBe(first);
    expect(open(frame.slice())).toBe(first);
    const damaged = frame.slice();
    damaged[aad.length]! ^= 1;
    expect(open(damaged)).toBeUndefined();
    expect(provider.memo).toEqual({ hits: 2, misses: 2 });
  });

  test("carries its signature's answer, for the key that was asked about", () => {
    const provider = make();
    const [signer, other] = [provider.generateKey("ed25519"), provider.generateKey("ed25519")];
    const of = utf8Encode("vote");
    const signature = provider.ed25519Sign(signer, of);
    expect(provider.ed25519Recall(signer, of, 4)).toBeUndefined();
    expect(provider.ed25519Verify(signer, of, signature, of)).toBe(true);
    expect(provider.ed25519Recall(signer, of, 4)).toBe(true);
    expect(provider.ed25519Recall(other, of, 4)).toBeUndefined();
    expect(provider.ed25519Recall(signer, of.slice(), 4)).toBeUndefined();
  });
});

describe("memoised verification", () => {
  test("of both signatures is computed once, and never confuses messages or contexts", () => {
    const provider = make();
    const message = utf8Encode("vote");
    const classical = provider.generateKey("ed25519");
    const signature = provider.ed25519Sign(classical, message);
    const publicKey = provider.importPublic("ed25519", provider.publicKey(classical))!;
    for (let i = 0; i < 3; i += 1) {
      expect(provider.ed25519Verify(publicKey, message, signature)).toBe(true);
    }
    expect(provider.ed25519Verify(publicKey, utf8Encode("vole"), signature)).toBe(false);
    expect(provider.memo).toEqual({ hits: 2, misses: 2 });
    const quantum = provider.generateKey("mldsa65");
    const context = utf8Encode("a");
    const long = provider.mldsaSign(quantum, message, context);
    expect(provider.mldsaVerify(quantum, message, context, long)).toBe(true);
    expect(provider.mldsaVerify(quantum, message, context, long)).toBe(true);
    expect(provider.mldsaVerify(quantum, message, utf8Encode("b"), long)).toBe(false);
    expect(provider.memo).toEqual({ hits: 3, misses: 4 });
    const huge = new Uint8Array(5000);
    expect(provider.ed25519Verify(publicKey, huge, signature)).toBe(false);
    expect(provider.mldsaVerify(quantum, huge, context, long)).toBe(false);
  });

  test("prepared keys are shared, damaged ones refused", () => {
    const provider = make();
    const bytes = provider.publicKey(provider.generateKey("mlkem768"));
    expect(provider.importPublic("mlkem768", bytes)).toBe(provider.importPublic("mlkem768", bytes));
    expect(provider.importPublic("mlkem768", bytes.subarray(1))).toBeUndefined();
    expect(provider.importPrivate("ed25519", new Uint8Array(31))).toBeUndefined();
    const seed = new Uint8Array(32).fill(4);
    expect(provider.importPrivate("ed25519", seed)).toBe(provider.importPrivate("ed25519", seed));
  });

  test("the agreements pass through and give equal secrets one handle", () => {
    const provider = make();
    const kem = provider.generateKey("mlkem768");
    const { secret, ciphertext } = provider.mlkemEncapsulate(kem);
    expect(provider.mlkemDecapsulate(kem, ciphertext)).toBe(secret);
    expect(provider.mlkemDecapsulate(kem, new Uint8Array(3))).toBeUndefined();
    const [a, b] = [provider.generateKey("x25519"), provider.generateKey("x25519")];
    expect(provider.x25519(a, provider.publicKey(b))).toBe(
      provider.x25519(b, provider.publicKey(a)),
    );
    expect(provider.x25519(a, new Uint8Array(32))).toBeUndefined();
    const salted = provider.hkdfSha512(secret, aad, aad, 32);
    expect(provider.hkdfSha512(secret, aad, aad, 32)).toBe(salted);
    expect(provider.hmacSha512(secret, aad)).toHaveLength(64);
    expect(provider.sha512(aad)).toHaveLength(64);
  });
});

test("every receiver is charged for what was computed once", () => {
  const shared = make();
  const charges = new Map<string, number>();
  const node = withCharges(shared, (operation: CryptoOperation) => {
    charges.set(operation, (charges.get(operation) ?? 0) + 1);
  });
  const secret = new Uint8Array(32);
  node.randomBytes(secret);
  const key = node.importSecret(secret);
  const sealed = sealWith(node, key, { nonce, aad, plaintext: aad });
  openWith(node, key, { nonce, aad, sealed });
  openWith(node, key, { nonce, aad, sealed });
  const sign = node.generateKey("ed25519");
  node.ed25519Verify(sign, aad, node.ed25519Sign(sign, aad));
  const agree = node.importPrivate("x25519", secret)!;
  node.x25519(agree, node.publicKey(agree));
  const kem = node.generateKey("mlkem768");
  node.importPublic("mlkem768", node.publicKey(kem));
  node.mlkemDecapsulate(kem, node.mlkemEncapsulate(kem).ciphertext);
  const quantum = node.generateKey("mldsa65");
  node.mldsaVerify(quantum, aad, aad, node.mldsaSign(quantum, aad, aad));
  node.hmacSha512(key, node.sha512(node.exportSecret(node.hkdfSha512(key, aad, aad, 32))));
  node.destroyKey(key);
  expect(shared.memo.hits).toBe(1);
  expect(Object.fromEntries(charges)).toEqual({
    aeadSeal: 1,
    aeadOpen: 2,
    "make-ed25519": 1,
    ed25519Sign: 1,
    ed25519Verify: 1,
    "make-x25519": 1,
    x25519: 1,
    "make-mlkem768": 1,
    mlkemEncapsulate: 1,
    mlkemDecapsulate: 1,
    "make-mldsa65": 1,
    mldsaSign: 1,
    mldsaVerify: 1,
    hkdf: 1,
    sha512: 1,
    hmac: 1,
  });
});
