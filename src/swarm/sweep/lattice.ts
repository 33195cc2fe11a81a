/**
 * The probability map seen through a lattice of square tiles one swath wide.
 *
 * A vehicle that flies from tile centre to neighbouring tile centre sweeps exactly the tiles it
 * visits, but for the outer corner where it turns (a square's corner minus a quarter disc) and the
 * two far corners where it ends. So each tile has a mass and four corner masses, and a path's mass
 * is a sum over its tiles. The lattice may lie anywhere and at any angle: the planner tries several
 * and never looks at where the map's own cells lie.
 */
import { cos, invariant, sin } from "../../base/mod.ts";
import type { GroundPoint } from "../area/mod.ts";

/** Probability by square cells; row 0 in the south, column 0 in the west. */
export interface DensityMap {
  readonly rows: number;
  readonly cols: number;
  readonly cellM: number;
  /** Corner of the south-west cell. */
  readonly southM: number;
  readonly westM: number;
  readonly mass: ArrayLike<number>;
}

export interface LatticePlace {
  readonly tileM: number;
  /** Direction of the lattice's columns, from east towards north. */
  readonly angleRad: number;
  /** Shift along columns and rows as shares of a tile. */
  readonly shiftCol: number;
  readonly shiftRow: number;
}

export interface Lattice extends LatticePlace {
  /** Tiles a side; tile id = row * side + column. The outermost ring of tiles lies off the map. */
  readonly side: number;
  readonly mass: Float64Array;
  /** Four a tile: corner 0 low column low row, 1 high column low row, 2 low high, 3 high high. */
  readonly cornerMass: Float64Array;
  /** Middle of the map, about which the lattice turns. */
  readonly center: GroundPoint;
}

/** Samples a tile's side; with 66 m tiles one every 4 m. */
const SAMPLES = 16;

/** Mass per square metre at a point; 0 beyond the map. */
export function densityAt(map: DensityMap, northM: number, eastM: number): number {
  const row = Math.floor((northM - map.southM) / map.cellM);
  const col = Math.floor((eastM - map.westM) / map.cellM);
  if (row < 0 || col < 0 || row >= map.rows || col >= map.cols) return 0;
  return map.mass[row * map.cols + col]! / (map.cellM * map.cellM);
}

export function buildLattice(map: DensityMap, place: LatticePlace): Lattice {
  const { tileM } = place;
  invariant(tileM > 0, "a tile has a size");
  const heightM = map.rows * map.cellM;
  const widthM = map.cols * map.cellM;
  const center = { northM: map.southM + heightM / 2, eastM: map.westM + widthM / 2 };
  const reachM = Math.sqrt(heightM * heightM + widthM * widthM) / 2;
  const side = 2 * (Math.ceil(reachM / tileM) + 2);
  const lattice: Lattice = {
    ...place,
    side,
    center,
    mass: new Float64Array(side * side),
    cornerMass: new Float64Array(4 * side * side),
  };
  const cosine = cos(place.angleRad);
  const sine = sin(place.angleRad);
  for (let tile = 0; tile < side * side; tile += 1) fillTile(map, lattice, { tile, cosine, sine });
  return lattice;
}

function fillTile(
  map: DensityMap,
  lattice: Lattice,
  at: { readonly tile: number; readonly cosine: number; readonly sine: number },
): void {
  const { tile, cosine, sine } = at;
  const { side, tileM, center } = lattice;
  const stepM = tileM / SAMPLES;
  const radius2 = (tileM * tileM) / 4;
  const alongM = ((tile % side) - side / 2 + lattice.shiftCol) * tileM;
  const acrossM = (Math.floor(tile / side) - side / 2 + lattice.shiftRow) * tileM;
  for (let i = 0; i < SAMPLES; i += 1) {
    const v = (i + 0.5) * stepM - tileM / 2;
    for (let k = 0; k < SAMPLES; k += 1) {
      const u = (k + 0.5) * stepM - tileM / 2;
      const along = alongM + u;
      const across = acrossM + v;
      const eastM = center.eastM + along * cosine - across * sine;
      const northM = center.northM + along * sine + across * cosine;
      const mass = densityAt(map, northM, eastM) * stepM * stepM;
      if (mass === 0) continue;
      lattice.mass[tile] = lattice.mass[tile]! + mass;
      if (u * u + v * v <= radius2) continue;
      const corner = 4 * tile + (u > 0 ? 1 : 0) + (v > 0 ? 2 : 0);
      lattice.cornerMass[corner] = lattice.cornerMass[corner]! + mass;
    }
  }
}

/** Centre of a tile. */
export function tileCenter(lattice: Lattice, tile: number): GroundPoint {
  const { side, tileM, center, angleRad } = lattice;
  const along = ((tile % side) - side / 2 + lattice.shiftCol) * tileM;
  const across = (Math.floor(tile / side) - side / 2 + lattice.shiftRow) * tileM;
  const cosine = cos(angleRad);
  const sine = sin(angleRad);
  return {
    northM: center.northM + along * sine + across * cosine,
    eastM: center.eastM + along * cosine - across * sine,
  };
}
