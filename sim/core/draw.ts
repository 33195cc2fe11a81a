/**
 * Draws without a state: a pure function of what they are for (seed, pair of nodes, block of time).
 * The channel asks for a value of each link at each coherence block, in any order and perhaps
 * never; a stateful stream would make one link's value depend on who else was asked.
 *
 * Mixing is murmur3's finaliser over a running word.
 */
import { mix32 } from "../../src/base/mod.ts";

/** Takes one more word into a running word. */
export function mixIn(state: number, word: number): number {
  return mix32((state ^ Math.imul(word, 0x9e3779b1)) + 0x7f4a7c15);
}

/** Uniform in [0, 1) with 32 bits. */
export const drawUniform = (state: number): number => mix32(state) / 0x100000000;

/** Standard deviation of the sum of four uniforms in [0, 65536). */
const FOUR_SIGMA = 65536 * Math.sqrt(4 / 12);
const FOUR_MEAN = 2 * 65535;

/**
 * Nearly standard normal: the sum of four 16-bit uniforms (Irwin-Hall), cut at 3.46 sigma, which a
 * channel's decibels do not notice; a tenth of the cost of a true one.
 */
export function drawNormal(state: number): number {
  const a = mix32(state);
  const b = mix32(a ^ 0x85ebca6b);
  return ((a & 0xffff) + (a >>> 16) + (b & 0xffff) + (b >>> 16) - FOUR_MEAN) / FOUR_SIGMA;
}
