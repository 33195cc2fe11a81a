/** Repeatable, hence worthless as a secret: for the keys of simulated vehicles only. */
import { SeededStream } from "../../src/base/mod.ts";
import type { EntropySource } from "../../src/hal/mod.ts";

export function seededEntropy(seed: number): EntropySource {
  const stream = new SeededStream(seed, "entropy");
  return (into) => {
    for (let i = 0; i < into.length; i += 1) into[i] = stream.u32() & 0xff;
  };
}
