import { encode as oracleEncode, decode as oracleDecode, rfc8949EncodeOptions } from "cborg";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "./bytes.ts";
import { decodeCbor, encodeCbor, type CborValue } from "./cbor.ts";
import { InvariantError } from "./invariant.ts";

const hexOf = (value: CborValue): string => toHex(encodeCbor(value));

function codeOf(hex: string, limits = {}): string {
  const result = decodeCbor(fromHex(hex) ?? new Uint8Array(), limits);
  return result.ok ? "ok" : result.problem.code;
}

/** RFC 8949 appendix A, the examples that this subset can say. */
const examples: readonly [CborValue, string][] = [
  [0, "00"],
  [1, "01"],
  [10, "0a"],
  [23, "17"],
  [24, "1818"],
  [25, "1819"],
  [100, "1864"],
  [1000, "1903e8"],
  [1000000, "1a000f4240"],
  [1000000000000, "1b000000e8d4a51000"],
  [18446744073709551615n, "1bffffffffffffffff"],
  [-18446744073709551616n, "3bffffffffffffffff"],
  [-1, "20"],
  [-10, "29"],
  [-100, "3863"],
  [-1000, "3903e7"],
  [1.1, "fb3ff199999999999a"],
  [1.0e300, "fb7e37e43c8800759c"],
  [-4.1, "fbc010666666666666"],
  [Infinity, "fb7ff0000000000000"],
  [NaN, "fb7ff8000000000000"],
  [-Infinity, "fbfff0000000000000"],
  [false, "f4"],
  [true, "f5"],
  [null, "f6"],
  [new Uint8Array(), "40"],
  [Uint8Array.of(1, 2, 3, 4), "4401020304"],
  ["", "60"],
  ["a", "6161"],
  ["IETF", "6449455446"],
  ['"\\', "62225c"],
  ["\u00fc", "62c3bc"],
  ["\u6c34", "63e6b0b4"],
  ["\ud800\udd51", "64f0908591"],
  [[], "80"],
  [[1, 2, 3], "83010203"],
  [[1, [2, 3], [4, 5]], "8301820203820405"],
  [{}, "a0"],
  [{ a: 1, b: [2, 3] }, "a26161016162820203"],
  [["a", { b: "c" }], "826161a161626163"],
];

test.each(examples)("RFC 8949 appendix A: %o", (value, hex) => {
  expect(hexOf(value)).toBe(hex);
  expect(decodeCbor(fromHex(hex) ?? new Uint8Array())).toEqual({ ok: true, value });
});

const scalar: fc.Arbitrary<CborValue> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.maxSafeInteger(),
  // Bigints stand for what does not fit a number exactly.
  fc.bigInt({ min: 1n << 53n, max: (1n << 64n) - 1n }),
  fc.bigInt({ min: -(1n << 64n), max: -(1n << 53n) }),
  fc.double().map((x) => (x === 0 ? 0 : x)),
  fc.string({ unit: "binary" }),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Uint8Array.from(bytes)),
);

const { tree } = fc.letrec<{ tree: CborValue }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie("tree"), { maxLength: 30 }),
    fc.dictionary(fc.string({ unit: "binary" }), tie("tree"), { noNullPrototype: true }),
  ),
}));

describe("against cborg, an encoder nobody here wrote", () => {
  test("the same bytes", () => {
    fc.assert(
      fc.property(tree, (value) => {
        const oracle = oracleEncode(value, { ...rfc8949EncodeOptions, float64: true });
        expect(hexOf(value)).toBe(toHex(oracle));
      }),
      { numRuns: 500 },
    );
  });

  test("the same value from its bytes", () => {
    fc.assert(
      fc.property(tree, (value) => {
        const bytes = encodeCbor(value);
        const mine = decodeCbor(bytes);
        expect(mine).toEqual({ ok: true, value });
        expect(mine.ok && mine.value).toEqual(oracleDecode(bytes, { strict: true }));
      }),
      { numRuns: 500 },
    );
  });
});

test("whatever is decoded encodes to the same bytes again; nothing throws", () => {
  const mutated = fc
    .tuple(tree, fc.nat(), fc.integer({ min: 1, max: 255 }))
    .map(([value, at, flip]) => {
      const bytes = encodeCbor(value);
      bytes[at % bytes.length]! ^= flip;
      return bytes;
    });
  const bytes = fc.oneof(mutated, fc.uint8Array({ maxLength: 40 }));
  fc.assert(
    fc.property(bytes, (input) => {
      const result = decodeCbor(input);
      if (result.ok) expect(hexOf(result.value)).toBe(toHex(input));
      else expect(result.problem.code).toMatch(/^BAS00[1-4]$/);
    }),
    { numRuns: 2000 },
  );
});

describe("section 4.2.1: one encoding a value", () => {
  test.each([
    ["an integer in a longer form", "1817"],
    ["in two bytes for one", "1900ff"],
    ["in four bytes for two", "1a0000ffff"],
    ["in eight bytes for four", "1b00000000ffffffff"],
    ["reserved additional information", "1c"],
    ["an indefinite array", "9fff"],
    ["an indefinite text", "7f616161ff"],
    ["a tag", "c11a514b67b0"],
    ["undefined", "f7"],
    ["a short float", "f93e00"],
    ["a float that is an integer", "fb3ff0000000000000"],
    ["negative zero", "fb8000000000000000"],
    ["not-a-number with a payload", "fb7ff8000000000001"],
    ["text that is not UTF-8", "61ff"],
    ["keys out of order", "a2616200616100"],
    ["a longer key first", "a262616100616200"],
    ["a key twice", "a2616100616101"],
    ["a key that is no text", "a10000"],
  ])("refuses %s", (_, hex) => {
    expect(codeOf(hex)).toBe("BAS003");
  });

  test("negative zero is written as zero", () => {
    expect(hexOf(-0)).toBe("00");
  });

  test("a small bigint is written as the number it is", () => {
    expect(hexOf(5n)).toBe("05");
    expect(hexOf(-5000000000n)).toBe(hexOf(-5000000000));
    expect(decodeCbor(encodeCbor(-(1n << 53n)))).toEqual({ ok: true, value: -(1n << 53n) });
    expect(decodeCbor(encodeCbor(1n - (1n << 53n)))).toEqual({ ok: true, value: 1 - 2 ** 53 });
  });
});

describe("bounds", () => {
  test("short and overlong input", () => {
    expect(codeOf("")).toBe("BAS001");
    expect(codeOf("1903")).toBe("BAS001");
    expect(codeOf("8201")).toBe("BAS001");
    expect(codeOf("5b7fffffffffffffff00")).toBe("BAS001");
    expect(codeOf("a1616101")).toBe("ok");
    expect(codeOf("0000")).toBe("BAS002");
  });

  test("depth and count, with the place", () => {
    const deep = `${"81".repeat(33)}00`;
    expect(codeOf(deep)).toBe("BAS004");
    expect(codeOf("81818100", { depthMax: 2 })).toBe("BAS004");
    expect(codeOf("81818100", { depthMax: 3 })).toBe("ok");
    expect(codeOf("9b7fffffffffffffff")).toBe("BAS004");
    expect(codeOf("bb7fffffffffffffff")).toBe("BAS004");
    expect(codeOf("8401020304", { itemsMax: 4 })).toBe("BAS004");
    expect(codeOf("8382010203", { itemsMax: 6 })).toBe("BAS001");
    expect(codeOf("83820102820304f6", { itemsMax: 6 })).toBe("BAS004");
    const result = decodeCbor(Uint8Array.of(0x82, 0x01, 0xf7));
    expect(result).toMatchObject({ ok: false, problem: { where: "byte 3" } });
  });

  test("a key named __proto__ is a key like any other", () => {
    const result = decodeCbor(fromHex("a1695f5f70726f746f5f5f01")!);
    expect(result.ok && Object.keys(result.value as object)).toEqual(["__proto__"]);
  });

  test("the encoder asserts its own bounds", () => {
    let nested: CborValue = 0;
    for (let i = 0; i < 33; i += 1) nested = [nested];
    expect(() => encodeCbor(nested)).toThrow(InvariantError);
    expect(() => encodeCbor(1n << 64n)).toThrow(InvariantError);
    expect(() => encodeCbor({ a: undefined as unknown as CborValue })).toThrow(InvariantError);
  });
});
