/**
 * Entropy for the simulator and for tests: repeatable, therefore worthless as a secret. This folder
 * is out of bounds for `apps/agent` and the adapters (dependency rule), so that no vehicle can be
 * built on it.
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
