/** Maps for the tests of the sweep planner. */
import type { DensityMap } from "./lattice.ts";

/** 1.2 km square of 30 m cells with the density that `at` gives for metres from the middle. */
export function mapOf(at: (northM: number, eastM: number) => number, cells = 40): DensityMap {
  const cellM = 30;
  const half = (cells * cellM) / 2;
  const mass = Float64Array.from({ length: cells * cells }, (_, i) => {
    const northM = (Math.floor(i / cells) + 0.5) * cellM - half;
    const eastM = ((i % cells) + 0.5) * cellM - half;
    return at(northM, eastM) * cellM * cellM;
  });
  return { rows: cells, cols: cells, cellM, southM: -half, westM: -half, mass };
}

/** Level inside 500 m of the middle, nothing beyond. */
export const disc: DensityMap = mapOf((n, e) => (n * n + e * e < 250_000 ? 1e-6 : 0));

/** A hill with a valley of nothing across it. */
export const hill: DensityMap = mapOf((n, e) =>
  Math.abs(n - e) < 90 ? 0 : 2e-6 / (1 + (n * n + e * e) / 90_000),
);
