/**
 * Published vectors for everything of suite 0x01, run against any provider: Wycheproof's files,
 * with 100% of the verdicts demanded. The corpus is not part of this repository; without it each
 * suite is one skipped test whose name says why (`test/support/requirements.ts`).
 */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { corpus, describeWith } from "../../../test/support/requirements.ts";
import { fromHex, toHex } from "../../base/mod.ts";
import type { CryptoProvider, KeyHandle } from "../provider.ts";

export type Case = Record<string, string> & { readonly tcId: number; readonly size: number };
interface Group {
  readonly tests: readonly Case[];
  readonly publicKey: unknown;
  readonly privateSeed: string;
  readonly ivSize: number;
  readonly tagSize: number;
}

/** A file of the corpus as text; only for the bodies of `describeWith(corpus(…), …)`. */
export function readCorpus(path: string): string {
  const found = corpus(path);
  if (found.kind === "missing") throw new Error(found.reason);
  const bytes = readFileSync(found.path);
  return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
}

export function wycheproof(name: string): readonly Group[] {
  const parsed = JSON.parse(readCorpus(`wycheproof/${name}`)) as { testGroups: readonly Group[] };
  return parsed.testGroups;
}

export function bytes(hex: string | undefined): Uint8Array {
  const decoded = fromHex(hex ?? "");
  if (decoded === undefined) throw new Error("the corpus holds hex");
  return decoded;
}

/** Opens with the provider; undefined when it refuses. */
export function openWith(
  provider: CryptoProvider,
  key: KeyHandle,
  parts: { nonce: Uint8Array; aad: Uint8Array; sealed: Uint8Array },
): Uint8Array | undefined {
  const { nonce, aad, sealed } = parts;
  const input = new Uint8Array(aad.length + sealed.length);
  input.set(aad);
  input.set(sealed, aad.length);
  const output = new Uint8Array(sealed.length - 16);
  const opened = provider.aeadOpen(key, {
    nonce,
    input,
    aadOffset: 0,
    aadLength: aad.length,
    offset: aad.length,
    length: output.length,
    output,
    outputOffset: 0,
  });
  return opened ? output : undefined;
}

export function sealWith(
  provider: CryptoProvider,
  key: KeyHandle,
  parts: { nonce: Uint8Array; aad: Uint8Array; plaintext: Uint8Array },
): Uint8Array {
  const { nonce, aad, plaintext } = parts;
  const input = new Uint8Array(aad.length + plaintext.length);
  input.set(aad);
  input.set(plaintext, aad.length);
  const output = new Uint8Array(plaintext.length + 16);
  provider.aeadSeal(key, {
    nonce,
    input,
    aadOffset: 0,
    aadLength: aad.length,
    offset: aad.length,
    length: plaintext.length,
    output,
    outputOffset: 0,
  });
  return output;
}

/** Runs each case of a file and gathers the ids of those that came out wrong. */
function wrongIn(name: string, right: (group: Group, one: Case) => boolean): number[] {
  const wrong: number[] = [];
  for (const group of wycheproof(name)) {
    for (const one of group.tests) if (!right(group, one)) wrong.push(one.tcId);
  }
  return wrong;
}

/** Defines the suites; `make` gives a fresh provider. */
export function describePublishedVectors(make: () => CryptoProvider): void {
  describeWith(corpus("wycheproof"), "Wycheproof", () => {
    const provider = make();

    test("ChaCha20-Poly1305 (RFC 8439)", () => {
      const wrong = wrongIn("chacha20_poly1305_test.json", (group, one) => {
        if (group.ivSize !== 96) return one.result === "invalid";
        const key = provider.importSecret(bytes(one.key));
        const parts = { nonce: bytes(one.iv), aad: bytes(one.aad) };
        const sealed = bytes((one.ct ?? "") + (one.tag ?? ""));
        const opened = openWith(provider, key, { ...parts, sealed });
        if (one.result === "invalid") return opened === undefined;
        const again = sealWith(provider, key, { ...parts, plaintext: bytes(one.msg) });
        return opened !== undefined && toHex(opened) === one.msg && toHex(again) === toHex(sealed);
      });
      expect(wrong).toEqual([]);
    });

    test("HKDF-SHA-512 (RFC 5869), sizes beyond 255 blocks left out", () => {
      const wrong = wrongIn("hkdf_sha512_test.json", (_group, one) => {
        if (one.result === "invalid") return one.size > 255 * 64;
        const secret = provider.importSecret(bytes(one.ikm));
        const okm = provider.hkdfSha512(secret, bytes(one.salt), bytes(one.info), one.size);
        return toHex(provider.exportSecret(okm)) === one.okm;
      });
      expect(wrong).toEqual([]);
    });

    test("HMAC-SHA-512 (RFC 2104)", () => {
      const wrong = wrongIn("hmac_sha512_test.json", (group, one) => {
        const key = provider.importSecret(bytes(one.key));
        const tag = provider.hmacSha512(key, bytes(one.msg)).subarray(0, group.tagSize / 8);
        return (toHex(tag) === one.tag) === (one.result === "valid");
      });
      expect(wrong).toEqual([]);
    });

    test("X25519 (RFC 7748), all-zero results refused", () => {
      const wrong = wrongIn("x25519_test.json", (_group, one) => {
        const key = provider.importPrivate("x25519", bytes(one.private));
        const shared = provider.x25519(key!, bytes(one.public));
        if (/^0*$/.test(one.shared ?? "")) return shared === undefined;
        return shared !== undefined && toHex(provider.exportSecret(shared)) === one.shared;
      });
      expect(wrong).toEqual([]);
    });

    test("Ed25519 (RFC 8032)", () => {
      const wrong = wrongIn("ed25519_test.json", (group, one) => {
        const { pk } = group.publicKey as { pk: string };
        const key = provider.importPublic("ed25519", bytes(pk));
        const valid = provider.ed25519Verify(key!, bytes(one.msg), bytes(one.sig));
        return valid === (one.result === "valid");
      });
      expect(wrong).toEqual([]);
    });

    test("ML-KEM-768 (FIPS 203): decapsulation from a seed", () => {
      const wrong = wrongIn("mlkem_768_test.json", (_group, one) => {
        const key = provider.importPrivate("mlkem768", bytes(one.seed));
        const secret = key && provider.mlkemDecapsulate(key, bytes(one.c));
        if (one.result === "invalid") return secret === undefined;
        return secret !== undefined && toHex(provider.exportSecret(secret)) === one.K;
      });
      expect(wrong).toEqual([]);
    });

    test("ML-KEM-768: encapsulation keys that must be refused", () => {
      const wrong = wrongIn("mlkem_768_encaps_test.json", (_group, one) => {
        const key = provider.importPublic("mlkem768", bytes(one.ek));
        return (key !== undefined) === (one.result === "valid");
      });
      expect(wrong).toEqual([]);
    });

    test("ML-KEM-768: key pairs from seeds", () => {
      const wrong = wrongIn("mlkem_768_keygen_seed_test.json", (_group, one) => {
        const key = provider.importPrivate("mlkem768", bytes(one.seed));
        return toHex(provider.publicKey(key!)) === one.ek;
      });
      expect(wrong).toEqual([]);
    });

    test("ML-DSA-65 (FIPS 204): verification", () => {
      const wrong = wrongIn("mldsa_65_verify_test.json.gz", (group, one) => {
        const key = provider.importPublic("mldsa65", bytes(group.publicKey as string));
        const context = bytes(one.ctx);
        const valid =
          key !== undefined && provider.mldsaVerify(key, bytes(one.msg), context, bytes(one.sig));
        return valid === (one.result === "valid");
      });
      expect(wrong).toEqual([]);
    });
  });
}
