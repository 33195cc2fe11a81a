import fc from "fast-check";
import { expect, test } from "vitest";
import { chain, digestOf, NO_DIGEST, sameDigest } from "./digest.ts";

test("one changed bit changes both lanes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), fc.nat(), (bytes, at) => {
      const before = digestOf(bytes);
      bytes[at % bytes.length]! ^= 1 << (at % 8);
      const after = digestOf(bytes);
      expect([before.high === after.high, before.low === after.low]).toEqual([false, false]);
    }),
  );
});

test("a chain tells the order", () => {
  const [a, b] = [digestOf(Uint8Array.of(1)), digestOf(Uint8Array.of(2))];
  const ab = chain(chain(NO_DIGEST, a, 0), b, 0);
  const ba = chain(chain(NO_DIGEST, b, 0), a, 0);
  expect(sameDigest(ab, ba)).toBe(false);
  expect(sameDigest(ab, chain(chain(NO_DIGEST, a, 0), b, 0))).toBe(true);
  expect(sameDigest(ab, chain(chain(NO_DIGEST, a, 0), b, 1))).toBe(false);
});

test("stored records hold digests, so the digest of some bytes stays what it is", () => {
  expect(digestOf(new Uint8Array(0))).toEqual({ high: 2872998923, low: 2349025055 });
  expect(digestOf(Uint8Array.of(1))).toEqual({ high: 90457223, low: 1323985171 });
});
