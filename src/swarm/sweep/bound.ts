/**
 * An upper bound of the mass that any paths of a given length can sweep.
 *
 * Area. The ground within distance r of a connected curve of length L has area at most 2 r L +
 * pi r^2 (a moving disc adds a crescent of at most 2 r ds), so n paths of total length L sweep at
 * most A = 2 r L + n pi r^2. No set of that area holds more mass than the densest ground taken in
 * order (Dantzig's bound of the knapsack, 1957). With f the density and p that of the last ground
 * taken, this is p A + integral of e over the map, e = max(0, f - p). For any other p it is more,
 * and still holds.
 *
 * Discs. Swept ground S is a union of discs of radius r, so rich ground comes with the poor ground
 * of a disc around it, and that costs its slack s = max(0, p - f). Every poor point y deals its
 * slack out to the rich points x within 2 r: t(x, y) = s(y) e(x) / Z(y), Z(y) the sum of e within
 * 2 r of y. A rich x in S lies in some disc D inside S, so at least
 *     paid(x) = min over discs D that hold x of the sum of t(x, y) over y in D
 * of the slack in S was dealt to it; nobody is dealt more than s, hence
 *     mass(S) <= p A + integral over S of (e - s) <= p A + integral of max(0, e - paid).
 * On a raster every rounding is made against the bound: discs of slack are a pixel's diagonal
 * smaller, the reach of Z and of the minimum larger.
 */
import { invariant } from "../../base/mod.ts";
import type { DensityMap } from "./lattice.ts";

export interface BoundTeam {
  readonly pathCount: number;
  readonly teamLengthM: number;
  readonly radiusM: number;
}

/** Pixels a cell's side. */
const FINE = 8;
/** Any price gives a bound; these multiples of the marginal one are tried and the least kept. */
const PRICES = [1, 2, 5] as const;
const PIXELS_MAX = 16_000_000;

export function sweptMassBound(map: DensityMap, team: BoundTeam): number {
  const { pathCount, teamLengthM, radiusM } = team;
  const areaM2 = 2 * radiusM * teamLengthM + pathCount * Math.PI * radiusM * radiusM;
  const cells = areaM2 / (map.cellM * map.cellM);
  const sorted = Array.from(map.mass).sort((a, b) => b - a);
  const price = cells < sorted.length ? sorted[Math.floor(cells)]! : 0;
  // Nothing is poor where the budget reaches all ground that holds anything.
  if (price === 0) return richerThan(sorted, 0);
  return PRICES.reduce((least, multiple) => {
    const high = multiple * price;
    const undealt = high * cells + richerThan(sorted, high);
    // The discs take a part of the riches at most: no need to ask where that cannot help.
    if (high * cells >= least) return least;
    return Math.min(least, undealt - dealtSlack(map, high, radiusM));
  }, Infinity);
}

/** What the cells hold above a price. */
const richerThan = (masses: readonly number[], price: number): number =>
  masses.reduce((sum, mass) => sum + Math.max(0, mass - price), 0);

interface Grid {
  readonly rows: number;
  readonly cols: number;
  readonly values: Float64Array;
}

/** What the rich cells must pay for the poor ground that comes with them, in mass. */
function dealtSlack(map: DensityMap, price: number, radiusM: number): number {
  const pixelM = map.cellM / FINE;
  const radius = radiusM / pixelM;
  const margin = Math.ceil(3 * radius) + 2;
  const rows = map.rows * FINE + 2 * margin;
  const cols = map.cols * FINE + 2 * margin;
  invariant(rows * cols <= PIXELS_MAX, "a bound's raster stays within its size");
  const excess = new Float64Array(rows * cols);
  const slack = new Float64Array(rows * cols).fill(price);
  for (let i = 0; i < map.rows * FINE; i += 1) {
    for (let k = 0; k < map.cols * FINE; k += 1) {
      const mass = map.mass[Math.floor(i / FINE) * map.cols + Math.floor(k / FINE)]!;
      const at = (i + margin) * cols + k + margin;
      excess[at] = Math.max(0, mass - price);
      slack[at] = Math.max(0, price - mass);
    }
  }
  // A pixel's diagonal, half for a disc's middle and half for a point in its pixel.
  const grid = (values: Float64Array): Grid => ({ rows, cols, values });
  const reached = discSums(grid(excess), 2 * radius + Math.SQRT2);
  const rate = slack.map((value, i) => (reached[i]! > 0 ? value / reached[i]! : 0));
  const inDisc = discSums(grid(rate), radius - Math.SQRT2);
  const least = discMinima(grid(inDisc), radius + Math.SQRT2);
  let paid = 0;
  excess.forEach((value, i) => {
    if (value > 0) paid += Math.min(value, value * least[i]!);
  });
  return paid / (FINE * FINE);
}

/** Half widths of a disc's rows, from its lowest row up. */
function discRows(radius: number): readonly { readonly offset: number; readonly half: number }[] {
  const reach = Math.floor(radius);
  return Array.from({ length: 2 * reach + 1 }, (_, i) => {
    const offset = i - reach;
    return { offset, half: Math.floor(Math.sqrt(radius * radius - offset * offset)) };
  });
}

/** Sum over the disc around each pixel. */
function discSums({ rows, cols, values }: Grid, radius: number): Float64Array {
  const prefix = new Float64Array(rows * (cols + 1));
  for (let row = 0; row < rows; row += 1) {
    for (let col = 0; col < cols; col += 1) {
      const at = row * (cols + 1) + col;
      prefix[at + 1] = prefix[at]! + values[row * cols + col]!;
    }
  }
  const out = new Float64Array(rows * cols);
  for (const { offset, half } of discRows(radius)) {
    for (let row = Math.max(0, -offset); row < Math.min(rows, rows - offset); row += 1) {
      const from = (row + offset) * (cols + 1);
      for (let col = 0; col < cols; col += 1) {
        const high = prefix[from + Math.min(cols, col + half + 1)]!;
        const low = prefix[from + Math.max(0, col - half)]!;
        out[row * cols + col] = out[row * cols + col]! + high - low;
      }
    }
  }
  return out;
}

/** Least value in the disc around each pixel: sliding minima of its rows (Lemire, 2006). */
function discMinima({ rows, cols, values }: Grid, radius: number): Float64Array {
  const out = new Float64Array(rows * cols).fill(Infinity);
  const queue = new Int32Array(cols);
  for (const { offset, half } of discRows(radius)) {
    for (let row = Math.max(0, -offset); row < Math.min(rows, rows - offset); row += 1) {
      const from = (row + offset) * cols;
      let head = 0;
      let tail = 0;
      for (let next = 0; next < cols + half; next += 1) {
        if (next < cols) {
          while (tail > head && values[from + queue[tail - 1]!]! >= values[from + next]!) tail -= 1;
          queue[tail] = next;
          tail += 1;
        }
        const col = next - half;
        if (col < 0) continue;
        while (queue[head]! < col - half) head += 1;
        const at = row * cols + col;
        out[at] = Math.min(out[at]!, values[from + queue[head]!]!);
      }
    }
  }
  return out;
}
