/** Repeatable, hence worthless as a secret: for the keys of simulated vehicles only. */
import { SeededStream } from "../../src/base/mod.ts";

export function seededEntropy(seed: number): (into: Uint8Array) => void {
  const stream = new SeededStream(seed, "entropy");
  return (into) => {
    for (let i = 0; i < into.length; i += 1) into[i] = stream.u32() & 0xff;
  };
}
