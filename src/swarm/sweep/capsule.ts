/**
 * A leg's swath on a raster, row by row: a capsule (segment widened by a radius) is convex, so each
 * row meets it in one interval. Painting whole intervals is several times faster than asking every
 * pixel for its distance.
 */

/** In pixels, with pixel middles at integers. */
export interface Capsule {
  readonly y0: number;
  readonly x0: number;
  readonly y1: number;
  readonly x1: number;
  readonly radius: number;
}

/** The interval is in fractions of pixels and not cut to the raster. */
export type PaintRow = (row: number, low: number, high: number) => void;

/** Calls `paint` for every row of the raster whose middle line the capsule meets. */
export function eachRow(capsule: Capsule, rows: number, paint: PaintRow): void {
  const { y0, x0, y1, x1, radius } = capsule;
  const dy = y1 - y0;
  const dx = x1 - x0;
  const length = Math.sqrt(dx * dx + dy * dy);
  const uy = length > 0 ? dy / length : 0;
  const ux = length > 0 ? dx / length : 1;
  const bottom = Math.max(0, Math.ceil(Math.min(y0, y1) - radius));
  const top = Math.min(rows - 1, Math.floor(Math.max(y0, y1) + radius));
  const radius2 = radius * radius;
  for (let row = bottom; row <= top; row += 1) {
    let low = Infinity;
    let high = -Infinity;
    const below = row - y0;
    const above = row - y1;
    if (below * below <= radius2) {
      const half = Math.sqrt(radius2 - below * below);
      low = x0 - half;
      high = x0 + half;
    }
    if (above * above <= radius2) {
      const half = Math.sqrt(radius2 - above * above);
      low = Math.min(low, x1 - half);
      high = Math.max(high, x1 + half);
    }
    // The strip between the ends: |across| <= radius and 0 <= along <= length.
    let stripLow = -Infinity;
    let stripHigh = Infinity;
    if (uy !== 0) {
      const middle = (below * ux) / uy;
      const half = radius / Math.abs(uy);
      stripLow = middle - half;
      stripHigh = middle + half;
    } else if (Math.abs(below) > radius) stripHigh = -Infinity;
    if (ux !== 0) {
      const start = (-below * uy) / ux;
      const end = (length - below * uy) / ux;
      stripLow = Math.max(stripLow, Math.min(start, end));
      stripHigh = Math.min(stripHigh, Math.max(start, end));
    } else if (below * uy < 0 || below * uy > length) stripHigh = -Infinity;
    if (stripLow <= stripHigh) {
      low = Math.min(low, x0 + stripLow);
      high = Math.max(high, x0 + stripHigh);
    }
    if (low <= high) paint(row, low, high);
  }
}
