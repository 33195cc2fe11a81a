import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../base/mod.ts";
import {
  encodeParity,
  gfInverse,
  gfMultiply,
  lossTail,
  parityCountFor,
  restoreData,
} from "./parity.ts";

interface Vector {
  readonly name: string;
  readonly data: readonly string[];
  readonly parity: readonly string[];
}

const vectors = JSON.parse(
  readFileSync(new URL("../../vectors/fragment/parity.json", import.meta.url), "utf8"),
) as readonly Vector[];

/** Multiplication by shift and reduce, from the definition of the field. */
function multiplyByDefinition(a: number, b: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit -= 1) {
    product = product & 0x80 ? (product << 1) ^ 0x11d : product << 1;
    if ((b >> bit) & 1) product ^= a;
  }
  return product & 0xff;
}

describe("the field", () => {
  test("products are those of the definition, inverses invert", () => {
    for (let a = 0; a < 256; a += 1) {
      for (let b = 0; b < 256; b += 7) expect(gfMultiply(a, b)).toBe(multiplyByDefinition(a, b));
      if (a > 0) expect(gfMultiply(a, gfInverse(a))).toBe(1);
    }
  });
});

describe("the code", () => {
  test.each(vectors)("$name", ({ data, parity }) => {
    const shards = data.map((hex) => fromHex(hex)!);
    const options = { parityCount: parity.length, shardBytes: shards[0]!.length };
    expect(encodeParity(shards, options).map(toHex)).toEqual(parity);
  });

  test("any k of k + m shards restore the data", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 57 }),
        fc.integer({ min: 0, max: 57 }),
        fc.integer({ min: 1, max: 20 }),
        fc.infiniteStream(fc.nat(1000)),
        (k, m, shardBytes, stream) => {
          const draw = (): number => stream.next().value as number;
          const data = Array.from({ length: k }, () =>
            Uint8Array.from({ length: shardBytes }, draw),
          );
          const parity = encodeParity(data, { parityCount: m, shardBytes });
          const kept: (Uint8Array | undefined)[] = [...data, ...parity];
          for (let lost = 0; lost < m; lost += 1) kept[draw() % kept.length] = undefined;
          const restored = kept.slice(0, k);
          expect(restoreData(restored, kept.slice(k), shardBytes)).toBe(true);
          expect(restored).toEqual(data);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("fewer than k do not", () => {
    const data = [Uint8Array.of(1), Uint8Array.of(2)];
    const parity = encodeParity(data, { parityCount: 1, shardBytes: 1 });
    expect(restoreData([undefined, undefined], parity, 1)).toBe(false);
  });
});

describe("how much parity", () => {
  test("the tail is the binomial one", () => {
    expect(lossTail(10, 0, 0.1)).toBeCloseTo(1 - 0.9 ** 10, 12);
    expect(lossTail(10, 2, 0.1)).toBeCloseTo(0.0701908264, 9);
    expect(lossTail(5, 0, 0)).toBe(0);
  });

  test("none without loss, more with more, never more than the data", () => {
    expect([0, 0.01, 0.05, 0.2, 0.9].map((loss) => parityCountFor(10, loss))).toEqual([
      0, 1, 3, 8, 10,
    ]);
    expect(parityCountFor(57, 0.05)).toBe(8);
  });
});
