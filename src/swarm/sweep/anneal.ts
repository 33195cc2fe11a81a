/**
 * Simulated annealing of a tour (Kirkpatrick, Gelatt and Vecchi, 1983): most mass for a number of
 * tiles.
 *
 * The budget is a price on tiles: a move is worth its mass minus `price` for each tile it adds, and
 * the price is steered so that the count settles at the budget. Parts beside the path pay a rent
 * that rises until they merge or vanish. The temperature falls geometrically from a third of a
 * mean tile to a hundredth. Acceptance draws -ln(u) from a table, so that no logarithm is taken in
 * the loop; the number of steps is given, never a time.
 */
import { invariant, ln, pow, type SeededStream } from "../../base/mod.ts";
import type { Tour } from "./tour.ts";

export interface AnnealOptions {
  readonly tileBudget: number;
  readonly steps: number;
  readonly random: SeededStream;
  /** Of the mean mass of the visited tiles: where the temperature starts and ends. */
  readonly hot: number;
  readonly cold: number;
  readonly side: number;
}

const DRAWS = 1 << 12;
const EXPONENTIALS = Float64Array.from({ length: DRAWS }, (_, i) => -ln((i + 0.5) / DRAWS));
/** How often price, temperature and rent are set anew. */
const EPOCHS = 400;

interface Heat {
  temperature: number;
  price: number;
  rent: number;
}

/** Changes the tour in place; in the end it is one path of at most `tileBudget` tiles. */
export function anneal(tour: Tour, options: AnnealOptions): void {
  const { tileBudget, random } = options;
  invariant(tileBudget >= 4, "a sweep has at least four tiles");
  const mean = tour.mass() / tour.count;
  const heat: Heat = { temperature: options.hot * mean, price: 0.8 * mean, rent: 0 };
  const perEpoch = Math.ceil(options.steps / EPOCHS);
  const cooling = pow(options.cold / options.hot, 1 / (EPOCHS - 1));
  for (let epoch = 0; epoch < EPOCHS; epoch += 1) {
    heat.rent = mean * (0.5 + (8 * epoch) / EPOCHS);
    for (let i = 0; i < perEpoch; i += 1) step(tour, heat, { random, side: options.side });
    heat.price += (mean * 0.5 * (tour.count - tileBudget)) / tileBudget;
    heat.temperature *= cooling;
  }
  tour.dropRings();
  fit(tour, options);
}

interface Draw {
  readonly random: SeededStream;
  readonly side: number;
}

/** Moves by how often they are tried, of 16. */
function step(tour: Tour, heat: Heat, draw: Draw): void {
  const bits = draw.random.u32();
  const tile = tour.visitedAt(draw.random.below(tour.count));
  const direction = [1, -1, draw.side, -draw.side][(bits >>> 4) & 3]!;
  const accepts = (value: number): boolean =>
    value >= 0 || -value < heat.temperature * EXPONENTIALS[(bits >>> 8) & (DRAWS - 1)]!;
  const kind = bits & 15;
  if (kind < 5)
    tryBump(tour, { tile, direction, bits, price: heat.price, accepts, side: draw.side });
  else if (kind < 9) tryShrink(tour, { tile, bits, price: heat.price, accepts });
  else if (kind < 11) tryCorner(tour, tile, accepts);
  else if (kind < 15) tryFlip(tour, { tile, heat, accepts });
  else if (tour.isEnd(tile) || (bits & 0x100000) !== 0)
    tryEnd(tour, { tile, direction, heat, accepts });
  else tryRing(tour, { tile: tile + direction, heat, accepts });
}

type Accepts = (value: number) => boolean;

function tryBump(
  tour: Tour,
  at: {
    readonly tile: number;
    readonly direction: number;
    readonly bits: number;
    readonly price: number;
    readonly accepts: Accepts;
    readonly side: number;
  },
): void {
  const next = tour.neighbours(at.tile)[(at.bits >>> 6) & 1]!;
  if (next < 0) return;
  const flat = Math.abs(next - at.tile) === 1;
  if (flat === (Math.abs(at.direction) === 1)) return;
  if (at.accepts(tour.bumpGain(at.tile, next, at.direction) - 2 * at.price)) {
    tour.bump(at.tile, next, at.direction);
  }
}

function tryShrink(
  tour: Tour,
  at: {
    readonly tile: number;
    readonly bits: number;
    readonly price: number;
    readonly accepts: Accepts;
  },
): void {
  const next = tour.neighbours(at.tile)[(at.bits >>> 6) & 1]!;
  if (next < 0) return;
  const foot = tour.bumpFoot(at.tile, next);
  if (foot === undefined) return;
  if (at.accepts(tour.shrinkGain(at.tile, next, foot) + 2 * at.price)) {
    tour.shrink(at.tile, next, foot);
  }
}

function tryCorner(tour: Tour, tile: number, accepts: Accepts): void {
  const target = tour.cornerTarget(tile);
  if (target >= 0 && accepts(tour.cornerGain(tile, target))) tour.moveCorner(tile, target);
}

function tryFlip(
  tour: Tour,
  at: { readonly tile: number; readonly heat: Heat; readonly accepts: Accepts },
): void {
  const gain = tour.flipGain(at.tile);
  // Merging is the best that can come of it; only then is the walk worth while.
  if (gain === -Infinity || !at.accepts(gain + at.heat.rent)) return;
  const parts = tour.flipParts(at.tile);
  if (at.accepts(gain - parts * at.heat.rent)) tour.flip(at.tile, parts);
}

function tryEnd(
  tour: Tour,
  at: {
    readonly tile: number;
    readonly direction: number;
    readonly heat: Heat;
    readonly accepts: Accepts;
  },
): void {
  const { tile, heat } = at;
  if (!tour.isEnd(tile)) return;
  const to = tile + at.direction;
  if (tour.isFree(to)) {
    if (at.accepts(tour.growGain(tile, to) - heat.price)) tour.grow(tile, to);
    return;
  }
  const bite = tour.bite(tile, to);
  if (bite === undefined) {
    if (at.accepts(tour.cutGain(tile) + heat.price)) tour.cut(tile);
  } else if (at.accepts(bite.gain + (bite.merges ? heat.rent : 0))) {
    tour.applyBite(tile, to, bite);
  }
}

function tryRing(
  tour: Tour,
  at: { readonly tile: number; readonly heat: Heat; readonly accepts: Accepts },
): void {
  const gain = tour.ringGain(at.tile);
  if (gain === undefined) return;
  const adds = tour.isFree(at.tile) ? 1 : -1;
  const value = gain - adds * (4 * at.heat.price + at.heat.rent);
  if (at.accepts(value)) tour.toggleRing(at.tile);
}

/** Brings the path to its budget: the cheapest bumps and ends go, then the best ones come. */
function fit(tour: Tour, { tileBudget, side }: AnnealOptions): void {
  for (let guard = 0; tour.count > tileBudget && guard < 10 * tileBudget; guard += 1) {
    shed(tour, tour.count - tileBudget);
  }
  for (let guard = 0; tour.count < tileBudget && guard < 10 * tileBudget; guard += 1) {
    if (!swell(tour, { room: tileBudget - tour.count, side })) return;
  }
}

/** Takes off the least valuable bump or end tile. */
function shed(tour: Tour, excess: number): void {
  let best = -Infinity;
  let apply = (): void => undefined;
  const consider = (perTile: number, change: () => void): void => {
    if (perTile <= best) return;
    best = perTile;
    apply = change;
  };
  for (let i = 0; i < tour.count; i += 1) {
    const tile = tour.visitedAt(i);
    if (tour.isEnd(tile)) consider(tour.cutGain(tile), () => tour.cut(tile));
    if (excess < 2) continue;
    for (const next of tour.neighbours(tile)) {
      const foot = next > tile ? tour.bumpFoot(tile, next) : undefined;
      if (foot === undefined) continue;
      consider(tour.shrinkGain(tile, next, foot) / 2, () => tour.shrink(tile, next, foot));
    }
  }
  apply();
}

/** Adds the most valuable bump or end tile; false when nothing adds mass. */
function swell(tour: Tour, at: { readonly room: number; readonly side: number }): boolean {
  let best = 0;
  let apply: (() => void) | undefined;
  const consider = (perTile: number, change: () => void): void => {
    if (perTile <= best) return;
    best = perTile;
    apply = change;
  };
  const around = [1, -1, at.side, -at.side];
  for (let i = 0; i < tour.count; i += 1) {
    const tile = tour.visitedAt(i);
    for (const direction of around) {
      const to = tile + direction;
      if (tour.isEnd(tile) && tour.isFree(to)) {
        consider(tour.growGain(tile, to), () => tour.grow(tile, to));
      }
      if (at.room < 2) continue;
      for (const next of tour.neighbours(tile)) {
        if (next <= tile || Math.abs(next - tile) === Math.abs(direction)) continue;
        const gain = tour.bumpGain(tile, next, direction) / 2;
        consider(gain, () => tour.bump(tile, next, direction));
      }
    }
  }
  apply?.();
  return apply !== undefined;
}
