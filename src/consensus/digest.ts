/**
 * A 64-bit digest for finding divergence and damage, not for security: two FNV-1a lanes (Fowler,
 * Noll, Vo; draft-eastlake-fnv) with different offset bases and multipliers, each finished by
 * murmur3's mixer, as a pair of u32, so that no BigInt is made in a loop.
 */
import { mix32 } from "../base/mod.ts";

export interface Digest {
  readonly high: number;
  readonly low: number;
}

const PRIME = 0x01000193;
/** Another odd multiplier, so that the lanes do not lose one difference together. */
const PRIME_LOW = 0x85ebca6b;
const BASIS_HIGH = 0x811c9dc5;
const BASIS_LOW = 0x27d4eb2f;

export const NO_DIGEST: Digest = Object.freeze({ high: BASIS_HIGH, low: BASIS_LOW });

export function digestOf(bytes: Uint8Array): Digest {
  let high = BASIS_HIGH;
  let low = BASIS_LOW;
  for (const byte of bytes) {
    high = Math.imul(high ^ byte, PRIME);
    low = Math.imul(low ^ byte, PRIME_LOW);
  }
  return { high: mix32(high), low: mix32(low) };
}

/** Folds one more pair into a running digest: a chain over a history. */
export function chain(digest: Digest, next: Digest, salt: number): Digest {
  const high = mix32(Math.imul(digest.high ^ next.high, PRIME) + salt);
  return { high, low: mix32(Math.imul(digest.low ^ next.low, PRIME) ^ high) };
}

export const sameDigest = (a: Digest, b: Digest): boolean => a.high === b.high && a.low === b.low;
