import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter } from "../../src/base/mod.ts";
import { drawNormal, drawUniform, mixIn } from "./draw.ts";
import { loadSlabs, saveSlabs } from "./slabs.ts";
import { TraceHash } from "./trace-hash.ts";
import { TripwireError, withTripwire } from "./tripwire.ts";

const MURMUR = [
  ["", "00000000000000000000000000000000"],
  ["abcd", "96b6ccaa45afc62e45afc62e45afc62e"],
  ["abcdefgh", "aef41136adb11487fa6c8092fa6c8092"],
  ["abcdefghijkl", "738503fef48224c027d4dfadd28ce553"],
  ["abcdefghijklmnop", "9fd2762790b91256e4ce8b21d193ba45"],
  ["The quick brown fox jumps over the lazy dog!", "a328ec0a13b01fa198f33b21b15df203"],
] as const;

function hashOf(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const hash = new TraceHash();
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < bytes.length; i += 4) hash.u32(view.getUint32(i, true));
  return hash.digest();
}

describe("the trace hash", () => {
  // Reference: smhasher's MurmurHash3_x86_128 with seed 0, by the Python package mmh3.
  test.each(MURMUR)("%j", (text, digest) => {
    expect(hashOf(text)).toBe(digest);
  });

  test("goes on from a saved state, whatever the fill of its block", () => {
    for (let words = 0; words < 9; words += 1) {
      const original = new TraceHash();
      for (let i = 0; i < words; i += 1) original.u32(i * 7919);
      const writer = new ByteWriter();
      original.save(writer);
      const copy = new TraceHash();
      copy.load(new ByteReader(writer.take()));
      expect(copy.integer(-5).quantity(1.26, 0.01).digest()).toBe(
        original.integer(-5).quantity(1.26, 0.01).digest(),
      );
    }
  });

  test("tells quantities apart by their step and takes what is no number", () => {
    const of = (value: number): string => new TraceHash().quantity(value, 0.01).digest();
    expect(of(1.001)).toBe(of(1.004));
    expect(of(1.001)).not.toBe(of(1.02));
    expect(of(NaN)).toBe(of(Infinity));
  });
});

describe("the tripwire", () => {
  const reads: readonly (readonly [string, () => unknown])[] = [
    ["Date.now", () => Date.now()],
    ["new Date", () => new Date()],
    ["performance.now", () => performance.now()],
    ["Math.random", () => Math.random()],
    ["crypto.getRandomValues", () => crypto.getRandomValues(new Uint8Array(1))],
    ["setTimeout", () => setTimeout(() => undefined, 0)],
  ];
  test.each(reads)("%s throws inside and works again outside", (_, read) => {
    expect(() => withTripwire(read)).toThrow(TripwireError);
    expect(read()).toBeDefined();
  });

  test("hands the answer through", () => {
    expect(withTripwire(() => 42)).toBe(42);
  });
});

describe("draws without a state", () => {
  test("are uniform and normal enough, and depend on every word", () => {
    let sum = 0;
    let squares = 0;
    let below = 0;
    const count = 20_000;
    for (let i = 0; i < count; i += 1) {
      const x = drawNormal(mixIn(7, i));
      sum += x;
      squares += x * x;
      if (drawUniform(mixIn(11, i)) < 0.3) below += 1;
    }
    expect(sum / count).toBeCloseTo(0, 1);
    expect(squares / count).toBeCloseTo(1, 1);
    expect(below / count).toBeCloseTo(0.3, 1);
    expect(mixIn(mixIn(1, 2), 3)).not.toBe(mixIn(mixIn(1, 3), 2));
  });
});

describe("slabs", () => {
  test("come back into slabs of the same sizes and no other", () => {
    const writer = new ByteWriter();
    saveSlabs([Float64Array.of(1.5, -2), Int32Array.of(7)], writer);
    const [reals, integers] = [new Float64Array(2), new Int32Array(1)];
    const reader = new ByteReader(writer.take());
    loadSlabs([reals, integers], reader);
    expect(reader.finish()).toBeUndefined();
    expect([...reals, ...integers]).toEqual([1.5, -2, 7]);
    const other = new ByteReader(writer.take());
    loadSlabs([new Float64Array(3)], other);
    expect(other.failed).toBe(true);
  });
});
