/**
 * Lost-person distances: the four tables of the SAREnv data set and a log-normal fitted to any.
 *
 * The fit is ordinary least squares of ln(distance) on the standard normal quantiles of the shares,
 * as the data set's README recomputed it. The source tells environment and climate apart and no
 * categories of people, so none are offered; a team's own table comes in with its own source.
 */
import { exp, invariant, ln } from "../../base/mod.ts";
import type { DistanceQuantile, DistanceTable } from "./mission.ts";

const SOURCE =
  "SAREnv data set (Drones, 2025; github.com/namurproject/SAREnv, MIT), " +
  "distances by environment and climate";

/** Kilometres at 25, 50, 75 and 95 percent. */
const TABLES = {
  flat: { temperate: [0.6, 1.8, 3.2, 9.9], dry: [1.3, 2.1, 6.6, 13.1] },
  mountainous: { temperate: [1.1, 3.1, 5.8, 18.3], dry: [1.6, 3.2, 6.5, 19.3] },
} as const;
const SHARES = [0.25, 0.5, 0.75, 0.95] as const;

export type Environment = keyof typeof TABLES;
export type Climate = keyof (typeof TABLES)[Environment];

/** The published table of an environment and climate. */
export function publishedDistances(environment: Environment, climate: Climate): DistanceTable {
  const quantiles = TABLES[environment][climate].map((km, i) => ({
    share: SHARES[i]!,
    distanceM: km * 1000,
  }));
  return { environment, climate, source: SOURCE, quantiles, ...fitLogNormal(quantiles) };
}

/** A team's own table. Quantiles rise strictly in share and distance; there are at least two. */
export function ownDistances(
  quantiles: readonly DistanceQuantile[],
  source: string,
): DistanceTable {
  return { environment: "own", climate: "own", source, quantiles, ...fitLogNormal(quantiles) };
}

/** Least squares of ln(distance in metres) on normal quantiles. */
export function fitLogNormal(quantiles: readonly DistanceQuantile[]): {
  readonly mu: number;
  readonly sigma: number;
} {
  const n = quantiles.length;
  let sumZ = 0;
  let sumY = 0;
  let sumZZ = 0;
  let sumZY = 0;
  for (const { share, distanceM } of quantiles) {
    const z = normalQuantile(share);
    const y = ln(distanceM);
    sumZ += z;
    sumY += y;
    sumZZ += z * z;
    sumZY += z * y;
  }
  const sigma = (n * sumZY - sumZ * sumY) / (n * sumZZ - sumZ * sumZ);
  return { mu: (sumY - sigma * sumZ) / n, sigma };
}

/** Distance of a share: through the table's own points, straight in (normal quantile, ln). */
export function distanceOfShareM(table: DistanceTable, share: number): number {
  const { quantiles } = table;
  const z = normalQuantile(share);
  let upper = quantiles.findIndex((quantile) => quantile.share >= share);
  if (quantiles[upper]?.share === share) return quantiles[upper]!.distanceM;
  if (upper < 0) upper = quantiles.length - 1;
  upper = Math.max(1, upper);
  const a = quantiles[upper - 1]!;
  const b = quantiles[upper]!;
  const za = normalQuantile(a.share);
  const t = (z - za) / (normalQuantile(b.share) - za);
  return exp(ln(a.distanceM) + t * (ln(b.distanceM) - ln(a.distanceM)));
}

// Wichura, "Algorithm AS 241: The percentage points of the normal distribution" (1988), PPND16:
// accurate to about 1e-16 for shares between e^-25 and 1 - e^-25.
const CENTRAL_TOP = [
  2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
  13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608,
];
const CENTRAL_BOTTOM = [
  5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
  5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1,
];
const OUTER_TOP = [
  7.7454501427834140764e-4, 2.27238449892691845833e-2, 2.4178072517745061177e-1,
  1.27045825245236838258, 3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959,
  1.42343711074968357734,
];
const OUTER_BOTTOM = [
  1.05075007164441684324e-9, 5.475938084995344946e-4, 1.51986665636164571966e-2,
  1.4810397642748007459e-1, 6.8976733498510000455e-1, 1.6763848301838038494, 2.05319162663775882187,
  1,
];

const horner = (coefficients: readonly number[], x: number): number =>
  coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);

/** Inverse of the standard normal distribution function; `share` strictly between 0 and 1. */
export function normalQuantile(share: number): number {
  invariant(share > 1e-10 && share < 1 - 1e-10, "a share lies well inside 0 to 1");
  const q = share - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * horner(CENTRAL_TOP, r)) / horner(CENTRAL_BOTTOM, r);
  }
  const r = Math.sqrt(-ln(q < 0 ? share : 1 - share)) - 1.6;
  const size = horner(OUTER_TOP, r) / horner(OUTER_BOTTOM, r);
  return q < 0 ? -size : size;
}
