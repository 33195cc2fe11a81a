/**
 * Seeded streams for protocols and the simulator: xoshiro128** (Blackman and Vigna, 2018), seeded
 * through SplitMix32-style mixing. Not for keys: those come from the `CryptoProvider`.
 *
 * Each machine has streams of its own, derived by name, so that a draw added in one never shifts
 * another.
 */
import type { ByteReader, ByteWriter } from "./bytes.ts";
import { ln } from "./math.ts";

export class SeededStream {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: number, ...path: readonly (number | string)[]) {
    let mixed = mix32(seed >>> 0) ^ mix32(Math.floor(seed / 0x100000000) >>> 0);
    for (const step of path)
      mixed = mix32(mixed ^ (typeof step === "number" ? step : hash32(step)));
    this.#a = mix32(mixed + 0x9e3779b9);
    this.#b = mix32(mixed + 0x3c6ef372);
    this.#c = mix32(mixed + 0xdaa66d2b);
    this.#d = mix32(mixed + 0x78dde6e4) | 1;
  }

  /** Uniform in [0, 2^32). */
  u32(): number {
    const product = Math.imul(this.#b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** Uniform in [0, 1) with 53 bits. */
  uniform(): number {
    const high = this.u32() >>> 5;
    return (high * 67108864 + (this.u32() >>> 6)) / 9007199254740992;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** Uniform integer in [0, bound), bound <= 2^32, without modulo bias to 2^-32. */
  below(bound: number): number {
    return Math.floor((this.u32() / 0x100000000) * bound);
  }

  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** Standard normal by the polar method (Marsaglia and Bray, 1964). */
  normal(): number {
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const s = x * x + y * y;
      if (s > 0 && s < 1) return x * Math.sqrt((-2 * ln(s)) / s);
    }
  }

  /** Exponential with the given mean. */
  exponential(mean: number): number {
    return -mean * ln(1 - this.uniform());
  }

  save(to: ByteWriter): void {
    to.u32(this.#a >>> 0)
      .u32(this.#b >>> 0)
      .u32(this.#c >>> 0)
      .u32(this.#d >>> 0);
  }

  load(from: ByteReader): void {
    this.#a = from.u32() | 0;
    this.#b = from.u32() | 0;
    this.#c = from.u32() | 0;
    this.#d = from.u32() | 0;
  }
}

/** A good 32-bit mixer (murmur3's finaliser). */
export function mix32(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** FNV-1a over UTF-16 code units; for stream names, not for security. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
