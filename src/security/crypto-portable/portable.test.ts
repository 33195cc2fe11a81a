import { shake128 } from "@noble/hashes/sha3.js";
import { ml_dsa65 } from "@noble/post-quantum/ml-dsa.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { describe, expect, test } from "vitest";
import { corpus, describeWith } from "../../../test/support/requirements.ts";
import { toHex } from "../../base/mod.ts";
import { seededEntropy } from "../testing/entropy.test-support.ts";
import { createPortableProvider } from "./portable.ts";
import { bytes, describePublishedVectors, readCorpus, wycheproof } from "./vectors.test-support.ts";

describePublishedVectors(() => createPortableProvider({ entropy: seededEntropy(1) }));

const PUBLISHED = ["wycheproof", "cctv-mlkem"] as const;

describeWith(corpus(...PUBLISHED), "what only the portable library can show", () => {
  test("Wycheproof ML-KEM-768 encapsulation with given randomness", () => {
    let checked = 0;
    for (const { tests } of wycheproof("mlkem_768_encaps_test.json")) {
      for (const one of tests) {
        if (one.result !== "valid") continue;
        const { cipherText, sharedSecret } = ml_kem768.encapsulate(bytes(one.ek), bytes(one.m));
        expect([toHex(cipherText), toHex(sharedSecret)]).toEqual([one.c, one.K]);
        checked += 1;
      }
    }
    expect(checked).toBe(133);
  });

  test("Wycheproof ML-KEM-768 decapsulation with a whole key, damaged ones refused", () => {
    for (const { tests } of wycheproof("mlkem_768_semi_expanded_decaps_test.json")) {
      for (const one of tests) {
        const run = (): string => toHex(ml_kem768.decapsulate(bytes(one.c), bytes(one.dk)));
        if (one.result === "valid") expect(run()).toBe(one.K);
        else expect(run).toThrow();
      }
    }
  });

  test("Wycheproof ML-DSA-65 deterministic signing", () => {
    let signed = 0;
    for (const group of wycheproof("mldsa_65_sign_seed_test.json")) {
      const seed = bytes(group.privateSeed);
      for (const one of group.tests) {
        const run = (): string => {
          const { secretKey } = ml_dsa65.keygen(seed);
          if (one.msg === undefined) {
            const options = { externalMu: true, extraEntropy: false } as const;
            return toHex(ml_dsa65.internal.sign(bytes(one.mu), secretKey, options));
          }
          const extraEntropy = one.rnd === undefined ? (false as const) : bytes(one.rnd);
          const options = { context: bytes(one.ctx), extraEntropy };
          return toHex(ml_dsa65.sign(bytes(one.msg), secretKey, options));
        };
        if (one.result === "valid") expect(run()).toBe(one.sig);
        else expect(run).toThrow();
        signed += 1;
      }
    }
    expect(signed).toBe(105);
  }, 120_000);

  test("CCTV: implicit rejection is compared in full (strcmp)", () => {
    const fields = cctv("strcmp");
    const secret = ml_kem768.decapsulate(bytes(fields.c), bytes(fields.dk));
    expect(toHex(secret)).toBe(fields.K);
  });

  test("CCTV: a matrix that needs more than three SHAKE blocks (unluckysample)", () => {
    const fields = cctv("unluckysample");
    const made = ml_kem768.encapsulate(bytes(fields.ek), bytes(fields.m));
    expect([toHex(made.cipherText), toHex(made.sharedSecret)]).toEqual([fields.c, fields.K]);
    expect(toHex(ml_kem768.decapsulate(bytes(fields.c), bytes(fields.dk)))).toBe(fields.K);
  });

  test("CCTV: keys with one coefficient out of range are refused (modulus)", () => {
    const provider = createPortableProvider({ entropy: seededEntropy(2) });
    const lines = readCorpus("cctv-mlkem/modulus/ML-KEM-768.txt.gz").trim().split("\n");
    expect(lines.length).toBe(780);
    const taken = lines.filter((line) => provider.importPublic("mlkem768", bytes(line.trim())));
    expect(taken).toEqual([]);
  });

  test("accumulated hash of 100 random ML-KEM-768 runs, final FIPS 203", () => {
    const stream = shake128.create({});
    const into = shake128.create({});
    for (let i = 0; i < 100; i += 1) {
      const seed = stream.xof(64);
      const { publicKey, secretKey } = ml_kem768.keygen(seed);
      const made = ml_kem768.encapsulate(publicKey, stream.xof(32));
      const random = ml_kem768.decapsulate(stream.xof(1088), secretKey);
      into.update(publicKey).update(made.cipherText).update(made.sharedSecret).update(random);
    }
    expect(toHex(into.xof(32))).toBe(
      "1114b1b6699ed191734fa339376afa7e285c9e6acf6ff0177d346696ce564415",
    );
  });
});

function cctv(set: string): Record<string, string> {
  const text = readCorpus(`cctv-mlkem/${set}/ML-KEM-768.txt`);
  const pairs = text
    .trim()
    .split("\n")
    .map((line) => line.split(" = ").map((part) => part.trim()));
  return Object.fromEntries(pairs) as Record<string, string>;
}

describe("keys", () => {
  test("a destroyed key is wiped, and using its handle breaks an invariant", () => {
    const provider = createPortableProvider({ entropy: seededEntropy(3) });
    const key = provider.importSecret(Uint8Array.of(1, 2, 3));
    provider.destroyKey(key);
    expect(() => provider.exportSecret(key)).toThrow("a key handle names a live key");
  });

  test("a key of one algorithm is not used with another", () => {
    const provider = createPortableProvider({ entropy: seededEntropy(3) });
    const key = provider.generateKey("ed25519");
    expect(() => provider.x25519(key, new Uint8Array(32))).toThrow("its own algorithm");
  });

  test("wrong lengths are refused, not thrown at", () => {
    const provider = createPortableProvider({ entropy: seededEntropy(3) });
    for (const algorithm of ["x25519", "ed25519", "mlkem768", "mldsa65"] as const) {
      expect(provider.importPrivate(algorithm, new Uint8Array(5))).toBeUndefined();
      expect(provider.importPublic(algorithm, new Uint8Array(5))).toBeUndefined();
    }
    const kem = provider.generateKey("mlkem768");
    expect(provider.mlkemDecapsulate(kem, new Uint8Array(5))).toBeUndefined();
    const agreement = provider.generateKey("x25519");
    expect(provider.x25519(agreement, new Uint8Array(5))).toBeUndefined();
  });
});
