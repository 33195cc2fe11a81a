/**
 * What grows on the ground, drawn from a seed: smooth value noise on a lattice of the patch size,
 * cut at the quantiles that give each cover its share. No land cover ships with the elevation
 * grids, so a mission names shares and a patch size, and every node draws the same map.
 *
 * Bounds: shares hold within a few percent over areas of a hundred patches and more (the quantiles
 * are those of `SAMPLES` points of the same noise).
 */
import { mix32 } from "../../base/mod.ts";
import type { Cover, CoverMap } from "../mission/mission.ts";

const SAMPLES = 4096;
/** Sample points lie this many patches apart along each axis, irrationally enough not to repeat. */
const SAMPLE_STEP = 0.618_033_988_75;

export type CoverAt = (northM: number, eastM: number) => Cover;

export function coverAt(map: CoverMap): CoverAt {
  if (map.forestShare <= 0 && map.scrubShare <= 0) return () => "open";
  const { forestAbove, scrubAbove } = thresholds(map);
  return (northM, eastM) => {
    const value = noise(map.seed, northM / map.patchM, eastM / map.patchM);
    if (value >= forestAbove) return "forest";
    return value >= scrubAbove ? "scrub" : "open";
  };
}

function thresholds(map: CoverMap): { readonly forestAbove: number; readonly scrubAbove: number } {
  const side = Math.sqrt(SAMPLES);
  const values = new Float64Array(SAMPLES);
  for (let i = 0; i < SAMPLES; i += 1) {
    const row = Math.floor(i / side);
    values[i] = noise(map.seed, row * SAMPLE_STEP, (i - row * side) * SAMPLE_STEP);
  }
  values.sort((x, y) => x - y);
  const above = (share: number): number => {
    if (share <= 0) return 2;
    return values[Math.min(SAMPLES - 1, Math.round((1 - Math.min(1, share)) * SAMPLES))]!;
  };
  return {
    forestAbove: above(map.forestShare),
    scrubAbove: above(map.forestShare + map.scrubShare),
  };
}

/** Value noise in [0, 1): lattice values joined by a smooth step. */
function noise(seed: number, north: number, east: number): number {
  const row = Math.floor(north);
  const col = Math.floor(east);
  const v = smooth(north - row);
  const u = smooth(east - col);
  const south = mix(lattice(seed, row, col), lattice(seed, row, col + 1), u);
  const northern = mix(lattice(seed, row + 1, col), lattice(seed, row + 1, col + 1), u);
  return mix(south, northern, v);
}

const lattice = (seed: number, row: number, col: number): number =>
  mix32(Math.imul(row, 0x27d4eb2d) ^ mix32(Math.imul(col, 0x165667b1) ^ mix32(seed))) / 0x100000000;

const smooth = (t: number): number => t * t * (3 - 2 * t);

const mix = (a: number, b: number, t: number): number => a + (b - a) * t;
