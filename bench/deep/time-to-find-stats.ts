/**
 * What the time-to-find runs add up to: share found, restricted mean time to find, and paired
 * differences with 95% confidence intervals.
 *
 * The restricted mean caps a search that does not find at the horizon (Royston and Parmar, 2013).
 * Runs of one seed hide the same person in the same wind, so plans are compared pair by pair.
 */
export const HORIZON_S: number = 4 * 3600;

export interface Estimate {
  readonly mean: number;
  /** Half the width of the 95% interval. */
  readonly half: number;
}

export function estimate(values: readonly number[]): Estimate {
  const n = Math.max(1, values.length);
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const square = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  return { mean, half: n > 1 ? 1.96 * Math.sqrt(square / (n - 1) / n) : Infinity };
}

export const restricted = (foundAtS: number | null): number =>
  foundAtS === null ? HORIZON_S : Math.min(HORIZON_S, foundAtS);

/** How much shorter the first takes than the second, as a share of the second (delta method). */
export function shorterBy(first: readonly number[], second: readonly number[]): Estimate {
  const a = estimate(first).mean;
  const b = estimate(second).mean;
  const parts = first.map(
    (value, i) => 1 - a / b - (value - a) / b + ((second[i]! - b) * a) / (b * b),
  );
  return estimate(parts);
}

export const minutes = ({ mean, half }: Estimate): string =>
  `${(mean / 60).toFixed(1)} +- ${(half / 60).toFixed(1)} min`;

export const percent = ({ mean, half }: Estimate): string =>
  `${(100 * mean).toFixed(1)} +- ${(100 * half).toFixed(1)}%`;
