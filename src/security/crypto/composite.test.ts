import { describe, expect, test } from "vitest";
import { corpus, describeWith } from "../../../test/support/requirements.ts";
import { utf8Encode } from "../../base/mod.ts";
import { createPortableProvider } from "../crypto-portable/portable.ts";
import { readCorpus } from "../crypto-portable/vectors.test-support.ts";
import { seededEntropy } from "../testing/entropy.test-support.ts";
import {
  COMPOSITE_SIGNATURE_BYTES,
  compositePublicKey,
  compositeSign,
  compositeVerify,
  importComposite,
  joinComposite,
  splitComposite,
} from "./composite.ts";

const provider = createPortableProvider({ entropy: seededEntropy(4) });
const fromBase64 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "base64"));

interface Vectors {
  readonly m: string;
  readonly ctx: string;
  readonly tests: readonly {
    readonly tcId: string;
    readonly pk: string;
    readonly sk: string;
    readonly s: string;
    readonly sWithContext: string;
  }[];
}

describeWith(corpus("composite-sigs"), "draft-ietf-lamps-pq-composite-sigs", () => {
  const vectors = JSON.parse(readCorpus("composite-sigs/testvectors.json")) as Vectors;
  const vector = vectors.tests.find((one) => one.tcId === "id-MLDSA65-Ed25519-SHA512")!;

  test("both signatures of id-MLDSA65-Ed25519-SHA512 verify, with and without context", () => {
    const key = importComposite(provider, fromBase64(vector.pk))!;
    const message = fromBase64(vectors.m);
    const plain = { message, context: new Uint8Array(0), ...splitComposite(fromBase64(vector.s))! };
    expect(compositeVerify(provider, key, plain)).toBe(true);
    const context = fromBase64(vectors.ctx);
    const bound = { message, context, ...splitComposite(fromBase64(vector.sWithContext))! };
    expect(compositeVerify(provider, key, bound)).toBe(true);
    expect(compositeVerify(provider, key, { ...plain, context })).toBe(false);
  });

  test("the published private key has the published public key, and its signature verifies", () => {
    const seeds = fromBase64(vector.sk);
    const key = {
      mldsa: provider.importPrivate("mldsa65", seeds.subarray(0, 32))!,
      ed25519: provider.importPrivate("ed25519", seeds.subarray(32))!,
    };
    expect(compositePublicKey(provider, key)).toEqual(fromBase64(vector.pk));
    const message = fromBase64(vectors.m);
    const made = compositeSign(provider, key, message, new Uint8Array(0));
    expect(made.ed25519).toEqual(splitComposite(fromBase64(vector.s))!.ed25519);
    expect(joinComposite(made).length).toBe(COMPOSITE_SIGNATURE_BYTES);
  });
});

describe("a composite signature", () => {
  const key = { mldsa: provider.generateKey("mldsa65"), ed25519: provider.generateKey("ed25519") };
  const message = utf8Encode("land now");
  const context = utf8Encode("skein order 1");
  const made = compositeSign(provider, key, message, context);

  test("needs both halves, and the Ed25519 half can be asked for alone", () => {
    const signed = { message, context, ...made };
    expect(compositeVerify(provider, key, signed)).toBe(true);
    expect(compositeVerify(provider, key, { ...signed, mldsa: undefined })).toBe(true);
    const badMldsa = made.mldsa.slice();
    badMldsa[100]! ^= 1;
    expect(compositeVerify(provider, key, { ...signed, mldsa: badMldsa })).toBe(false);
    const badEd25519 = made.ed25519.slice();
    badEd25519[3]! ^= 1;
    expect(compositeVerify(provider, key, { ...signed, ed25519: badEd25519 })).toBe(false);
  });

  test("of any other length is refused", () => {
    expect(splitComposite(new Uint8Array(3405))).toBeUndefined();
    expect(importComposite(provider, new Uint8Array(1983))).toBeUndefined();
  });
});
