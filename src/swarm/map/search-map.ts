/**
 * The map during the search: what has been swept, what clues say, and what that leaves.
 *
 * Coverage is kept per cell as a whole number of 1/4096 of C = W L / A, so that sums do not depend
 * on their order: nodes that know the same lanes and the same clues hold the same bits. The
 * posterior of a cell is prior x clue factor x exp(-effect C) (Bayes by negative search; the effect
 * is that of well-flown passes, `passEffect`), scaled with the mass outside the area so that
 * everything sums to one.
 *
 * Cells are held in pages of `PAGE_CELLS`, made when something is first known of one of them; until
 * then a page is the prior, which all nodes of a process share. A vehicle of a large fleet knows
 * little of a large area, and pays for that little.
 */
import { exp, invariant } from "../../base/mod.ts";
import { podParallel, podRandom } from "./pod.ts";
import { cellEastM, cellNorthM } from "./prior.ts";
import type { PriorMap } from "./prior.ts";
import type { SuccessBand } from "../types.ts";

/** One unit of coverage. */
export const COVERAGE_UNIT: number = 1 / 4096;
/** Coverage at which a cell stays; POD is 1 - 1e-13 there. */
const COVERAGE_MAX_UNITS = 30 * 4096;

/** Evidence that the subject was near a point: likelihood 1 + weight x exp(-d^2 / 2 s^2). */
export interface Clue {
  readonly northM: number;
  readonly eastM: number;
  readonly errorM: number;
  /** Likelihood ratio at the point itself; below 0 is not allowed, 0 says nothing. */
  readonly weight: number;
}

export const CLUES_MAX = 256;

const PAGE_BITS = 8;
const PAGE_CELLS = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_CELLS - 1;

interface Page {
  /** Units of `COVERAGE_UNIT`. */
  readonly coverage: Uint32Array;
  /** Likelihood of the clues. */
  readonly factor: Float64Array;
  /** prior x factor x exp(-effect C), not scaled. */
  readonly left: Float64Array;
}

export interface SearchMap {
  readonly prior: PriorMap;
  readonly pages: (Page | undefined)[];
  /** Grows with every change; caches compare it. */
  revision: number;
}

export function searchMap(prior: PriorMap): SearchMap {
  const pages = new Array<Page | undefined>(Math.ceil(prior.mass.length / PAGE_CELLS));
  return { prior, pages: pages.fill(undefined), revision: 0 };
}

/** Prior x clues x exp(-effect C) of a cell, not scaled. */
export function leftAt(map: SearchMap, cell: number): number {
  const page = map.pages[cell >> PAGE_BITS];
  return page === undefined ? map.prior.mass[cell]! : page.left[cell & PAGE_MASK]!;
}

/** Coverage of a cell in units of `COVERAGE_UNIT`; none outside the map. */
export const coverageAt = (map: SearchMap, cell: number): number =>
  map.pages[cell >> PAGE_BITS]?.coverage[cell & PAGE_MASK] ?? 0;

/** Adds swept coverage to one cell. */
export function sweep(map: SearchMap, cell: number, units: number): void {
  invariant(Number.isInteger(units) && units >= 0, "coverage comes in whole units");
  const page = obtainPage(map, cell);
  const at = cell & PAGE_MASK;
  page.coverage[at] = Math.min(COVERAGE_MAX_UNITS, page.coverage[at]! + units);
  refresh(map.prior, page, cell);
  map.revision += 1;
}

function obtainPage(map: SearchMap, cell: number): Page {
  const number = cell >> PAGE_BITS;
  const known = map.pages[number];
  if (known !== undefined) return known;
  const left = new Float64Array(PAGE_CELLS);
  left.set(map.prior.mass.subarray(number << PAGE_BITS, (number + 1) << PAGE_BITS));
  const factor = new Float64Array(PAGE_CELLS).fill(1);
  return (map.pages[number] = { coverage: new Uint32Array(PAGE_CELLS), factor, left });
}

function refresh({ mass, effect }: PriorMap, page: Page, cell: number): void {
  const at = cell & PAGE_MASK;
  const kept = exp(-page.coverage[at]! * COVERAGE_UNIT * effect[cell]!);
  page.left[at] = mass[cell]! * page.factor[at]! * kept;
}

/** Sets the clues that hold now; earlier ones that are not in the list are forgotten. */
export function setClues(map: SearchMap, clues: readonly Clue[]): void {
  invariant(clues.length <= CLUES_MAX, "clues are bounded");
  for (const page of map.pages) page?.factor.fill(1);
  for (const clue of clues) applyClue(map, clue);
  map.pages.forEach((page, number) => {
    if (page === undefined) return;
    const end = Math.min(map.prior.mass.length, (number + 1) << PAGE_BITS);
    for (let cell = number << PAGE_BITS; cell < end; cell += 1) refresh(map.prior, page, cell);
  });
  map.revision += 1;
}

function applyClue(map: SearchMap, clue: Clue): void {
  const { grid } = map.prior;
  const reachM = 5 * clue.errorM + grid.cellM;
  const rowFrom = Math.max(0, Math.floor((clue.northM - reachM - grid.southM) / grid.cellM));
  const rowTo = Math.min(grid.rows, Math.ceil((clue.northM + reachM - grid.southM) / grid.cellM));
  const colFrom = Math.max(0, Math.floor((clue.eastM - reachM - grid.westM) / grid.cellM));
  const colTo = Math.min(grid.cols, Math.ceil((clue.eastM + reachM - grid.westM) / grid.cellM));
  // A cell is wider than a sharp clue: its own size is added to the error.
  const variance = clue.errorM * clue.errorM + (grid.cellM * grid.cellM) / 12;
  for (let row = rowFrom; row < rowTo; row += 1) {
    for (let col = colFrom; col < colTo; col += 1) {
      const cell = row * grid.cols + col;
      const dn = cellNorthM(grid, cell) - clue.northM;
      const de = cellEastM(grid, cell) - clue.eastM;
      const bump = clue.weight * exp(-(dn * dn + de * de) / (2 * variance));
      const { factor } = obtainPage(map, cell);
      factor[cell & PAGE_MASK] = factor[cell & PAGE_MASK]! * (1 + bump);
    }
  }
}

/** What `leftAt` is divided by to become probabilities: the sum of all cells and the outside. */
export function totalLeft(map: SearchMap): number {
  let total = map.prior.outside;
  for (let cell = 0; cell < map.prior.mass.length; cell += 1) total += leftAt(map, cell);
  return total;
}

/** Probability of each cell now; a copy for the page. */
export function posterior(map: SearchMap): Float64Array {
  const total = totalLeft(map);
  return map.prior.mass.map((_, cell) => leftAt(map, cell) / total);
}

/**
 * Cumulative probability of success: the share of the prior that the search so far would have
 * found. Clues move where the search goes on, they do not change what it was worth.
 */
export function successBand(map: SearchMap, errorRatio: number): SuccessBand {
  const { mass, outside } = map.prior;
  let low = 0;
  let high = 0;
  for (let cell = 0; cell < mass.length; cell += 1) {
    const units = coverageAt(map, cell);
    if (units === 0) continue;
    const coverage = units * COVERAGE_UNIT;
    low += mass[cell]! * podRandom(coverage * (1 - errorRatio));
    high += mass[cell]! * podParallel(coverage * (1 + errorRatio));
  }
  return { low, high, outside };
}
