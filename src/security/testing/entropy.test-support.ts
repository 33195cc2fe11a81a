/**
 * Entropy for tests: repeatable, therefore worthless as a secret.
 */
import { SeededStream } from "../../base/mod.ts";

/** Fills buffers from a stream that the seed names. */
export function seededEntropy(
  seed: number,
  ...path: readonly string[]
): (into: Uint8Array) => void {
  const stream = new SeededStream(seed, "entropy", ...path);
  return (into) => {
    for (let i = 0; i < into.length; i += 1) into[i] = stream.u32() & 0xff;
  };
}
