import { existsSync, readdirSync } from "node:fs";
import { defineConfig } from "vitest/config";

/**
 * Each folder of `src` that exists carries its own thresholds, so that one layer cannot hide behind
 * another.
 */
function thresholdsPerLayer(): Record<string, { lines: number; branches: number }> {
  const layers = existsSync("src") ? readdirSync("src", { withFileTypes: true }) : [];
  return Object.fromEntries(
    layers
      .filter((entry) => entry.isDirectory())
      .map((entry) => [`src/${entry.name}/**/*.ts`, { lines: 95, branches: 90 }]),
  );
}

/** Node's own type stripping, one module graph a worker: 153 files take 1.1 s instead of 24 s. */
const shared = {
  pool: "threads",
  isolate: false,
  environment: "node",
  experimental: { viteModuleRunner: false },
} as const;

/**
 * Ends a test that hangs, on the slowest machine that runs them; no test is judged by it. Bounds on
 * time that mean something stand in the tests.
 */
const HANG_S = 120;

/** Projects run one after the other, so that what measures time shares no core with the rest. */
function project(name: string, groupOrder: number, include: string[]) {
  return {
    test: {
      ...shared,
      name,
      include,
      exclude: ["apps/ground/web/**", "**/node_modules/**"],
      testTimeout: HANG_S * 1000,
      hookTimeout: HANG_S * 1000,
      sequence: { groupOrder },
    },
  };
}

/** `behaviours` is where `skein new behaviour` writes; a checkout has none until it is called. */
const BESIDE_THE_CODE =
  "{src,sim,adapters,scripts,apps,bench,examples,behaviours,test/support}/**/*.test.ts";

export default defineConfig({
  test: {
    projects: [
      project("unit", 0, [BESIDE_THE_CODE]),
      project("swarm", 1, ["test/swarm/**/*.test.ts"]),
      project("process", 2, ["test/process/**/*.test.ts"]),
      project("browser", 3, ["test/browser/**/*.test.ts"]),
    ],
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      exclude: ["**/*.test.ts", "**/*.test-support.ts"],
      reporter: ["text-summary", "json-summary"],
      reportsDirectory: "coverage",
      reportOnFailure: true,
      thresholds: thresholdsPerLayer(),
    },
  },
});
