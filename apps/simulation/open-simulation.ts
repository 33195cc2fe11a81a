/** A simulation with the cryptography of this machine: native, memoised, seeded by the run. */
import { createNativeProvider } from "../../adapters/crypto-native/native.ts";
import type { EntropySource } from "../../src/hal/mod.ts";
import { createPortableProvider, memoise, type CryptoProvider } from "../../src/security/mod.ts";
import { buildSimulation, type BuildOptions, type Simulation } from "./build-simulation.ts";
import { modelSignatures } from "./modelled-signatures.ts";
import { seededEntropy } from "./seeded-entropy.ts";

export type { Simulation } from "./build-simulation.ts";

export interface SimulationOptions extends BuildOptions {
  /** The portable provider is for engines without native code; slower by tens of times. */
  readonly provider?: "native" | "portable";
  /** Ed25519 as it is (the default), or as a tag of the same size that proves nothing. */
  readonly signatures?: "real" | "modelled";
  /** Whether what one receiver has opened is remembered for the next. On by default. */
  readonly memo?: boolean;
  /** Seed of keys and nonces; decisions must not depend on it. The run's seed by default. */
  readonly entropySeed?: number;
  /**
   * Seed of all that is drawn after the fleet's keys: a fork has the keys of the world that it was
   * taken from, and none of the nonces that go on the air there.
   */
  readonly forkSeed?: number;
}

export function openSimulation(options: SimulationOptions): Simulation {
  const { provider, signatures, memo, entropySeed, forkSeed, ...build } = options;
  let source = seededEntropy(entropySeed ?? build.seed);
  const entropy: EntropySource = (into) => source(into);
  const whole: CryptoProvider =
    provider === "portable"
      ? createPortableProvider({ entropy })
      : createNativeProvider({ entropy });
  const inner = signatures === "modelled" ? modelSignatures(whole) : whole;
  const simulation = buildSimulation(build, (memo ?? true) ? memoise(inner) : inner);
  if (forkSeed !== undefined) source = seededEntropy(forkSeed);
  return simulation;
}
