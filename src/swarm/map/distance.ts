/**
 * From a table of lost-person distances to a density on the ground.
 *
 * A log-normal has one straight line z(ln r); a table with four rows rarely lies on one. Fitting
 * by least squares moves the table's own 50% radius to 0.56, so here z(ln r) is the monotone
 * cubic of Fritsch and Butland (1984) through the rows, straight beyond the ends: log-normal
 * locally, every row of the table held exactly, density continuous. The density over distance
 * is then spread over the ring: f(r) / (2 pi r) per square metre. (The published maps of SAREnv
 * skip that division and so hold 0.22-0.28 of the mass inside their 50% radius.)
 *
 * Bounds: 2 to `QUANTILES_MAX` rows, shares and distances rising.
 */
import { invariant, ln } from "../../base/mod.ts";
import { normalQuantile } from "../mission/distances.ts";
import type { DistanceQuantile } from "../mission/mod.ts";
import { normalCdf, normalDensity } from "./normal.ts";

export const QUANTILES_MAX = 20;

export interface DistanceLaw {
  /** Share of people within `distanceM` of the last known position. */
  shareWithin(distanceM: number): number;
  /** Probability per square metre at that distance. */
  densityPerM2(distanceM: number): number;
}

interface Knots {
  readonly x: readonly number[];
  readonly z: readonly number[];
  readonly slope: readonly number[];
}

/** z and dz/dx at x = ln r. */
interface Point {
  readonly z: number;
  readonly slope: number;
}

export function distanceLaw(quantiles: readonly DistanceQuantile[]): DistanceLaw {
  const knots = knotsOf(quantiles);
  return {
    shareWithin: (distanceM) => (distanceM <= 0 ? 0 : normalCdf(at(knots, ln(distanceM)).z)),
    densityPerM2: (distanceM) => {
      const r = Math.max(1, distanceM);
      const { z, slope } = at(knots, ln(r));
      return (normalDensity(z) * slope) / (r * (2 * Math.PI * r));
    },
  };
}

function knotsOf(quantiles: readonly DistanceQuantile[]): Knots {
  const count = quantiles.length;
  invariant(count >= 2 && count <= QUANTILES_MAX, "a distance table has 2 to 20 rows");
  const x = quantiles.map((row) => ln(row.distanceM));
  const z = quantiles.map((row) => normalQuantile(row.share));
  const secant: number[] = [];
  for (let i = 0; i + 1 < count; i += 1) {
    const run = x[i + 1]! - x[i]!;
    const rise = z[i + 1]! - z[i]!;
    invariant(run > 0 && rise > 0, "shares and distances of a distance table rise");
    secant.push(rise / run);
  }
  const slope = x.map((_, i) => {
    const before = secant[Math.max(0, i - 1)]!;
    const after = secant[Math.min(count - 2, i)]!;
    // Fritsch-Butland: the harmonic mean keeps a rising table rising.
    return (2 * before * after) / (before + after);
  });
  return { x, z, slope };
}

function at(knots: Knots, x: number): Point {
  const { x: xs, z: zs, slope } = knots;
  const last = xs.length - 1;
  if (x <= xs[0]!) return { z: zs[0]! + slope[0]! * (x - xs[0]!), slope: slope[0]! };
  if (x >= xs[last]!) return { z: zs[last]! + slope[last]! * (x - xs[last]!), slope: slope[last]! };
  let i = 0;
  while (x > xs[i + 1]!) i += 1;
  const h = xs[i + 1]! - xs[i]!;
  const t = (x - xs[i]!) / h;
  const u = 1 - t;
  const m0 = slope[i]! * h;
  const m1 = slope[i + 1]! * h;
  const dz = zs[i + 1]! - zs[i]!;
  const z = zs[i]! + dz * t * t * (3 - 2 * t) + m0 * t * u * u - m1 * t * t * u;
  const dzdt = dz * 6 * t * u + m0 * u * (1 - 3 * t) + m1 * t * (3 * t - 2);
  return { z, slope: dzdt / h };
}
