/**
 * The first tour: a boustrophedon over the rows of the lattice, each row flown over the one stretch
 * that is worth most at a given price per tile, neighbouring rows joined at a common turn.
 */
import type { Lattice } from "./lattice.ts";

/** Tiles of a path that sweeps the stretches worth `pricePerTile`; at least a few tiles long. */
export function boustrophedon(lattice: Lattice, pricePerTile: number): number[] {
  const { side } = lattice;
  const rows: { low: number; high: number; row: number }[] = [];
  for (let row = 1; row < side - 1; row += 1) {
    const stretch = bestStretch(lattice, row, pricePerTile);
    if (stretch !== undefined) rows.push({ ...stretch, row });
  }
  const block = widestBlock(rows);
  block.forEach((line, i) => {
    const next = block[i + 1];
    if (next === undefined) return;
    // Even rows run up and turn at the high end, odd ones at the low end.
    if (i % 2 === 0) line.high = next.high = Math.max(line.high, next.high);
    else line.low = next.low = Math.min(line.low, next.low);
  });
  const path: number[] = [];
  block.forEach(({ low, high, row }, i) => {
    for (let k = low; k <= high; k += 1)
      path.push(row * side + (i % 2 === 0 ? k : high - (k - low)));
  });
  return path;
}

/** The stretch of a row with the largest mass less price (Kadane); undefined when none pays. */
function bestStretch(
  lattice: Lattice,
  row: number,
  price: number,
): { readonly low: number; readonly high: number } | undefined {
  let best = 0;
  let found: { low: number; high: number } | undefined;
  let sum = 0;
  let low = 1;
  for (let col = 1; col < lattice.side - 1; col += 1) {
    if (sum <= 0) {
      sum = 0;
      low = col;
    }
    sum += lattice.mass[row * lattice.side + col]! - price;
    if (sum <= best) continue;
    best = sum;
    found = { low, high: col };
  }
  return found;
}

/** The longest run of neighbouring rows whose stretches overlap. */
function widestBlock<T extends { low: number; high: number; row: number }>(
  rows: readonly T[],
): T[] {
  let best: T[] = [];
  let run: T[] = [];
  for (const line of rows) {
    const last = run.at(-1);
    const joins = last?.row === line.row - 1 && line.low <= last.high && line.high >= last.low;
    run = joins ? [...run, line] : [line];
    if (run.length > best.length) best = run;
  }
  return best;
}
