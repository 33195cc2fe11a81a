import { expect, test } from "vitest";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { hash32, mix32, SeededStream } from "./random.ts";

/** xoshiro128** 1.1 with 64-bit arithmetic, written from the authors' C (prng.di.unimi.it). */
function* reference(seed: readonly bigint[]): Generator<number, never> {
  const mask = 0xffffffffn;
  const rotate = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (32n - k))) & mask;
  const s = [...seed] as [bigint, bigint, bigint, bigint];
  for (;;) {
    yield Number((rotate((s[1] * 5n) & mask, 7n) * 9n) & mask);
    const t = (s[1] << 9n) & mask;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 11n);
  }
}

function withState(...state: readonly [number, number, number, number]): SeededStream {
  const writer = new ByteWriter();
  for (const word of state) writer.u32(word);
  const stream = new SeededStream(0);
  stream.load(new ByteReader(writer.take()));
  return stream;
}

test("published outputs from the state 1, 2, 3, 4", () => {
  const stream = withState(1, 2, 3, 4);
  const drawn = Array.from({ length: 10 }, () => stream.u32());
  // As in the test suite of the Rust crate rand_xoshiro (xoshiro128starstar.rs).
  expect(drawn).toEqual([
    11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597,
    4258142804,
  ]);
});

test("ten thousand outputs of an independent implementation", () => {
  const stream = withState(0xdeadbeef, 0x12345678, 0x9abcdef0, 0xffffffff);
  const oracle = reference([0xdeadbeefn, 0x12345678n, 0x9abcdef0n, 0xffffffffn]);
  for (let i = 0; i < 10_000; i += 1) expect(stream.u32()).toBe(oracle.next().value);
});

test("streams of different names or seeds are different, of the same are the same", () => {
  const first = (seed: number, ...path: (number | string)[]): number =>
    new SeededStream(seed, ...path).u32();
  expect(first(7, "wind", 3)).toBe(first(7, "wind", 3));
  const all = [
    first(7),
    first(8),
    first(7 + 2 ** 32),
    first(7, "wind"),
    first(7, "wind", 1),
    first(7, "wind", 2),
    first(7, "radio"),
  ];
  expect(new Set(all).size).toBe(all.length);
});

test("a draw in one stream never shifts another", () => {
  const radio = new SeededStream(1, "radio");
  const alone = [radio.u32(), radio.u32()];
  const wind = new SeededStream(1, "wind");
  const again = new SeededStream(1, "radio");
  const between = [again.u32(), (wind.u32(), again.u32())];
  expect(between).toEqual(alone);
});

test("a saved stream goes on where it was", () => {
  const stream = new SeededStream(99, "x");
  stream.normal();
  const writer = new ByteWriter();
  stream.save(writer);
  const copy = new SeededStream(0);
  copy.load(new ByteReader(writer.take()));
  expect([copy.u32(), copy.uniform()]).toEqual([stream.u32(), stream.uniform()]);
});

/** Means and variances within five standard errors: fails by chance once in a million. */
test("the distributions have their moments", () => {
  const stream = new SeededStream(2024, "moments");
  const count = 40_000;
  const moments = (draw: () => number): [number, number] => {
    let [sum, squares] = [0, 0];
    for (let i = 0; i < count; i += 1) {
      const x = draw();
      sum += x;
      squares += x * x;
    }
    return [sum / count, squares / count - (sum / count) ** 2];
  };
  const within = (x: number, mean: number, deviation: number): void =>
    expect(Math.abs(x - mean)).toBeLessThan((5 * deviation) / Math.sqrt(count));
  const [uniformMean, uniformVariance] = moments(() => stream.uniform());
  within(uniformMean, 0.5, Math.sqrt(1 / 12));
  within(uniformVariance, 1 / 12, Math.sqrt(1 / 180));
  const [normalMean, normalVariance] = moments(() => stream.normal());
  within(normalMean, 0, 1);
  within(normalVariance, 1, Math.SQRT2);
  within(moments(() => stream.exponential(3))[0], 3, 3);
  within(moments(() => stream.between(-2, 4))[0], 1, Math.sqrt(3));
  within(moments(() => (stream.chance(0.2) ? 1 : 0))[0], 0.2, 0.4);
  within(moments(() => stream.below(10))[0], 4.5, Math.sqrt(99 / 12));
});

test("below stays below, and reaches every value", () => {
  const stream = new SeededStream(5);
  const seen = new Set(Array.from({ length: 300 }, () => stream.below(6)));
  expect([...seen].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(stream.below(1)).toBe(0);
});

test("published values of the hash and the mixer", () => {
  // FNV-1a 32 of "", "a", "foobar" (Fowler, Noll, Vo test vectors); murmur3's finaliser of 0 and 1.
  expect([hash32(""), hash32("a"), hash32("foobar")]).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
  expect([mix32(0), mix32(1)]).toEqual([0, 0x514e28b7]);
});
