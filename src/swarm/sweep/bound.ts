/**
 * An upper bound of the mass that any paths of a given length can sweep.
 *
 * The ground within distance r of a connected curve of length L has area at most 2 r L + pi r^2
 * (a moving disc adds at most a crescent of area 2 r ds; equality for a straight line), so n paths
 * of total length L sweep at most 2 r L + n pi r^2, overlaps aside. No set of that area holds more
 * mass than the densest ground of the map taken in order, a last piece in part (Dantzig's bound of
 * the knapsack, 1957). The bound ignores that the ground must lie along paths, so the truth is
 * lower still wherever rich ground is scattered in pieces narrower than a swath.
 */
import type { DensityMap } from "./lattice.ts";

export function sweptMassBound(
  map: DensityMap,
  team: { readonly pathCount: number; readonly teamLengthM: number; readonly radiusM: number },
): number {
  const { pathCount, teamLengthM, radiusM } = team;
  const areaM2 = 2 * radiusM * teamLengthM + pathCount * Math.PI * radiusM * radiusM;
  let cells = areaM2 / (map.cellM * map.cellM);
  let mass = 0;
  for (const cell of Array.from(map.mass).sort((a, b) => b - a)) {
    if (cells <= 0) break;
    mass += cell * Math.min(1, cells);
    cells -= 1;
  }
  return mass;
}
