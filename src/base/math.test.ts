import { readFileSync } from "node:fs";
import { transformSync } from "esbuild";
import * as fc from "fast-check";
import { getQuickJS } from "quickjs-emscripten";
import { describe, expect, test } from "vitest";
import * as math from "./math.ts";

type Unary = "acos" | "asin" | "atan" | "cos" | "exp" | "ln" | "log10" | "log2" | "sin" | "tan";

const BITS = new DataView(new ArrayBuffer(8));

function bitsOf(x: number): bigint {
  BITS.setFloat64(0, x);
  return BITS.getBigUint64(0);
}

function fromBits(hex: string): number {
  BITS.setBigUint64(0, BigInt(`0x${hex}`));
  return BITS.getFloat64(0);
}

/** Doubles on a line of integers, so that neighbours differ by one. */
function rank(x: number): bigint {
  const bits = bitsOf(x);
  return bits >> 63n === 1n ? -(bits & 0x7fffffffffffffffn) : bits;
}

function ulps(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b) ? 0 : Infinity;
  const distance = rank(a) - rank(b);
  return Number(distance < 0n ? -distance : distance);
}

const anything = fc.double();
const modest = fc.double({ min: -1e4, max: 1e4, noNaN: true });

describe("the functions agree with the platform's to the last places", () => {
  const cases: readonly [Unary, (x: number) => number, number][] = [
    ["sin", Math.sin, 1],
    ["cos", Math.cos, 1],
    ["tan", Math.tan, 2],
    ["asin", Math.asin, 1],
    ["acos", Math.acos, 1],
    ["atan", Math.atan, 1],
    ["exp", Math.exp, 1],
    ["ln", Math.log, 1],
    ["log2", Math.log2, 2],
    ["log10", Math.log10, 2],
  ];
  test.each(cases)("%s, over all doubles and near zero", (name, platform, bound) => {
    const near = (x: number): boolean => ulps(math[name](x), platform(x)) <= bound;
    fc.assert(fc.property(anything, near), { numRuns: 3000 });
    fc.assert(fc.property(modest, near), { numRuns: 3000 });
    fc.assert(fc.property(fc.double({ min: -1, max: 1 }), near), { numRuns: 3000 });
  });

  test("atan2 and hypot over all pairs of doubles", () => {
    const near = (y: number, x: number): boolean =>
      ulps(math.atan2(y, x), Math.atan2(y, x)) <= 1 &&
      ulps(math.hypot(y, x), Math.hypot(y, x)) <= 2;
    fc.assert(fc.property(anything, anything, near), { numRuns: 5000 });
    fc.assert(fc.property(modest, modest, near), { numRuns: 5000 });
  });

  test("hypot takes a third component", () => {
    expect(math.hypot(2, -3, 6)).toBe(7);
    expect(math.hypot(0, 0, -5e-324)).toBe(5e-324);
  });

  test("pow over all pairs, and over pairs whose result is in range", () => {
    const near = (x: number, y: number): boolean => ulps(math.pow(x, y), Math.pow(x, y)) <= 2;
    fc.assert(fc.property(anything, anything, near), { numRuns: 5000 });
    const base = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
    fc.assert(fc.property(base, fc.double({ min: -100, max: 100, noNaN: true }), near), {
      numRuns: 5000,
    });
    fc.assert(fc.property(modest, fc.integer({ min: -70, max: 70 }), near), { numRuns: 5000 });
  });
});

describe("special values are those of ECMAScript", () => {
  const special = [
    0,
    -0,
    1,
    -1,
    0.5,
    -0.5,
    2,
    -2,
    3,
    -3,
    1e300,
    -1e300,
    5e-324,
    -5e-324,
    2 ** 53,
    2 ** 53 + 2,
    2 ** 31,
    2 ** 70,
    1 + 2 ** -30,
    1 - 2 ** -30,
    1.5,
    0.75,
    NaN,
    Infinity,
    -Infinity,
  ];

  test.each(special)("at %d", (x) => {
    for (const [name, platform] of [
      ["sin", Math.sin],
      ["cos", Math.cos],
      ["tan", Math.tan],
      ["asin", Math.asin],
      ["acos", Math.acos],
      ["atan", Math.atan],
      ["exp", Math.exp],
      ["ln", Math.log],
      ["log2", Math.log2],
      ["log10", Math.log10],
    ] as const) {
      const [mine, theirs] = [math[name](x), platform(x)];
      expect(ulps(mine, theirs), `${name}(${String(x)})`).toBeLessThanOrEqual(1);
      if (theirs === 0) expect(mine, `${name}(${String(x)})`).toBe(theirs);
    }
    for (const y of special) {
      for (const name of ["atan2", "hypot", "pow"] as const) {
        const [mine, theirs] = [math[name](x, y), Math[name](x, y)];
        const what = `${name}(${String(x)}, ${String(y)})`;
        expect(ulps(mine, theirs), what).toBeLessThanOrEqual(2);
        if (theirs === 0) expect(mine, what).toBe(theirs);
      }
    }
  });
});

/** Exact values from a 60-digit computation, rounded to the nearest double. */
test("values that the platform's own library gets wrong or that reduce badly", () => {
  expect(
    ulps(math.pow(1.0000001741331415, -3921602032.774587), 2.6830401756675957e-297),
  ).toBeLessThan(2);
  expect(math.sin(1e22)).toBe(-0.8522008497671888);
  // The double nearest to a multiple of pi/2 (Muller et al., Handbook of Floating-Point, 11.1).
  expect(ulps(math.cos(6381956970095103 * 2 ** 797), -4.68716592425462761112e-19)).toBeLessThan(2);
  expect(math.log2(2 ** -1074)).toBe(-1074);
  for (let k = -1074; k < 1024; k += 1) expect(math.pow(2, k)).toBe(2 ** k);
});

interface Vector {
  readonly name: "atan2" | "hypot" | "pow" | Unary;
  readonly args: readonly [string, string?];
  readonly hex: string;
}

const vectors = JSON.parse(
  readFileSync(new URL("../../vectors/math/bits.json", import.meta.url), "utf8"),
) as readonly Vector[];

test("golden bits, unchanged since they were first written down", () => {
  expect(vectors.length).toBeGreaterThan(300);
  for (const { name, args, hex } of vectors) {
    const value = math[name](fromBits(args[0]), args[1] === undefined ? NaN : fromBits(args[1]));
    expect(bitsOf(value).toString(16).padStart(16, "0"), `${name} ${args.join(" ")}`).toBe(hex);
  }
});

test("another engine computes the same bits", async () => {
  const source = readFileSync(new URL("./math.ts", import.meta.url), "utf8");
  const script = transformSync(source, { loader: "ts" }).code.replaceAll(/^export /gm, "");
  const program = `${script}
    const view = new DataView(new ArrayBuffer(8));
    const read = (hex) => (view.setBigUint64(0, BigInt("0x" + hex)), view.getFloat64(0));
    const bits = (x) => (view.setFloat64(0, x), view.getBigUint64(0));
    const show = (x) => bits(x).toString(16).padStart(16, "0");
    const all = { acos, asin, atan, atan2, cos, exp, hypot, ln, log10, log2, pow, sin, tan };
    JSON.stringify(JSON.parse(vectors).map((v) => show(all[v.name](...v.args.map(read)))));`;
  const context = (await getQuickJS()).newContext();
  try {
    context.setProp(context.global, "vectors", context.newString(JSON.stringify(vectors)));
    const answer = context.unwrapResult(context.evalCode(program));
    const bits = JSON.parse(context.getString(answer)) as string[];
    answer.dispose();
    expect(bits).toEqual(vectors.map((vector) => vector.hex));
  } finally {
    context.dispose();
  }
});
