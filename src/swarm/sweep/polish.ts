/**
 * Polishing a path off its lattice: corners are cut or pushed out, ends and corridors slide to
 * where the map is richer, at equal length.
 *
 * The state is a polyline and, on a raster, how much of each pixel its legs cover: a pixel at the
 * edge of a swath counts in part, and two lanes that share it add up to at most a whole. (With
 * whole pixels only, annealing finds the half pixels that cost nothing and opens cracks there.) A
 * move repaints only its own legs and is worth the mass gained minus `price` a metre added. The
 * price is steered so that the length settles at the budget. Annealed from a temperature at which
 * a pixel row may be given up to one at which nothing may. Ground of the band that the path had at
 * first, where it holds any probability, counts a little more than its mass (`bandBonus`), so that
 * no gaps are opened between lanes for the sake of a few metres.
 */
import { ln, pow, type SeededStream } from "../../base/mod.ts";
import type { GroundPoint } from "../area/mod.ts";
import { eachRow } from "./capsule.ts";
import { densityAt, type DensityMap } from "./lattice.ts";
import { bandOf, rasterFor, type Raster, type SweepRule } from "./swept.ts";

export interface PolishOptions {
  readonly lengthM: number;
  readonly rule: SweepRule;
  readonly steps: number;
  readonly random: SeededStream;
  /** Mass per square metre by which covered ground of the band is worth more. */
  readonly bandBonusPerM2: number;
}

/** Units of coverage in a pixel that one leg covers wholly. */
const WHOLE = 256;
const EPOCHS = 200;
const DRAWS = 1 << 12;
const EXPONENTIALS = Float64Array.from({ length: DRAWS }, (_, i) => -ln((i + 0.5) / DRAWS));
/** Temperature at the start, as metres of a mean lane, and its share that is left at the end. */
const HOT_M = 0.6;
const COOLED = 0.004;
/** Half the side of the square from which a vertex move is drawn, at the start and the end. */
const STEP_START_M = 8;
const STEP_END_M = 1.5;

/** A path of at most `lengthM` near the given one that sweeps more. */
export function polish(
  map: DensityMap,
  path: readonly GroundPoint[],
  options: PolishOptions,
): GroundPoint[] {
  const state = new Ribbon(map, path, options);
  const { random } = options;
  const meanPerM = state.worth / state.lengthM;
  let temperature = meanPerM * HOT_M;
  let price = 0.8 * meanPerM;
  const perEpoch = Math.ceil(options.steps / EPOCHS);
  const cooling = pow(COOLED, 1 / (EPOCHS - 1));
  const shrinking = pow(STEP_END_M / STEP_START_M, 1 / (EPOCHS - 1));
  let sizeM = STEP_START_M;
  for (let epoch = 0; epoch < EPOCHS; epoch += 1) {
    for (let i = 0; i < perEpoch; i += 1) {
      const slack = temperature * EXPONENTIALS[random.u32() & (DRAWS - 1)]!;
      state.tryMove({ random, sizeM, price, slack });
    }
    price += (meanPerM * 4 * (state.lengthM - options.lengthM)) / options.lengthM;
    price = Math.max(0, price);
    temperature *= cooling;
    sizeM *= shrinking;
  }
  return cutTo(state.path(), options.lengthM);
}

interface Attempt {
  readonly random: SeededStream;
  readonly sizeM: number;
  readonly price: number;
  readonly slack: number;
}

/** How many vertices on either side of a turn or end may move with it. */
const TURN_REACH = 40;

/** 1 for vertices at most `TURN_REACH` from a turn or an end. */
function nearTurns(path: readonly GroundPoint[]): Uint8Array {
  const near = new Uint8Array(path.length + 1);
  path.forEach((at, i) => {
    const before = path[i - 1];
    const after = path[i + 1];
    if (before !== undefined && after !== undefined) {
      const straightN = at.northM - before.northM - (after.northM - at.northM);
      const straightE = at.eastM - before.eastM - (after.eastM - at.eastM);
      if (Math.abs(straightN) + Math.abs(straightE) < 1) return;
    }
    near.fill(1, Math.max(0, i - TURN_REACH), Math.min(path.length, i + TURN_REACH + 1));
  });
  return near;
}

/** Polyline with coverage counts. */
class Ribbon {
  readonly #raster: Raster;
  readonly #radius: number;
  readonly #value: Float64Array;
  readonly #cover: Uint16Array;
  readonly #y: Float64Array;
  readonly #x: Float64Array;
  readonly #count: number;
  /** Vertices near turns and ends; lanes between them stay straight. */
  readonly #movable: readonly number[];
  readonly #isMovable: Uint8Array;
  #worth = 0;
  #length = 0;

  constructor(map: DensityMap, path: readonly GroundPoint[], options: PolishOptions) {
    const raster = rasterFor(map, options.rule);
    this.#raster = raster;
    const { pixelM } = raster;
    this.#radius = options.rule.radiusM / pixelM;
    this.#cover = new Uint16Array(raster.rows * raster.cols);
    this.#value = new Float64Array(raster.rows * raster.cols);
    const band = bandOf(raster, [path], options.rule.radiusM);
    for (let i = 0; i < this.#value.length; i += 1) {
      const northM = raster.southM + (Math.floor(i / raster.cols) + 0.5) * pixelM;
      const eastM = raster.westM + ((i % raster.cols) + 0.5) * pixelM;
      const density = densityAt(map, northM, eastM);
      const bonus = band[i] === 1 && density > 0 ? options.bandBonusPerM2 : 0;
      this.#value[i] = (density + bonus) * pixelM * pixelM;
    }
    this.#count = path.length;
    this.#y = Float64Array.from(path, (p) => (p.northM - raster.southM) / pixelM - 0.5);
    this.#x = Float64Array.from(path, (p) => (p.eastM - raster.westM) / pixelM - 0.5);
    for (let i = 0; i + 1 < this.#count; i += 1) this.#paint(i, 1);
    this.#isMovable = nearTurns(path);
    this.#movable = path.map((_, i) => i).filter((i) => this.#isMovable[i] === 1);
  }

  get worth(): number {
    return this.#worth;
  }

  get lengthM(): number {
    return this.#length * this.#raster.pixelM;
  }

  path(): GroundPoint[] {
    const { southM, westM, pixelM } = this.#raster;
    return Array.from({ length: this.#count }, (_, i) => ({
      northM: southM + (this.#y[i]! + 0.5) * pixelM,
      eastM: westM + (this.#x[i]! + 0.5) * pixelM,
    }));
  }

  /** Moves one vertex, or two neighbours alike, and takes it back when it does not pay. */
  tryMove({ random, sizeM, price, slack }: Attempt): void {
    const first = this.#movable[random.below(this.#movable.length)]!;
    const pair = random.chance(0.4) && this.#isMovable[first + 1] === 1;
    const last = pair ? first + 1 : first;
    const scale = sizeM / this.#raster.pixelM;
    const dy = scale * (2 * random.uniform() - 1);
    const dx = scale * (2 * random.uniform() - 1);
    const worth = this.#worth;
    const length = this.#length;
    this.#shift(first, last, dy, dx);
    const gain = this.#worth - worth - price * (this.#length - length) * this.#raster.pixelM;
    if (gain >= -slack) return;
    this.#shift(first, last, -dy, -dx);
    // Sums return to their old bits, not merely near them.
    this.#worth = worth;
    this.#length = length;
  }

  #shift(first: number, last: number, dy: number, dx: number): void {
    const from = Math.max(0, first - 1);
    const to = Math.min(this.#count - 2, last);
    for (let leg = from; leg <= to; leg += 1) this.#paint(leg, -1);
    for (let i = first; i <= last; i += 1) {
      this.#y[i] = this.#y[i]! + dy;
      this.#x[i] = this.#x[i]! + dx;
    }
    for (let leg = from; leg <= to; leg += 1) this.#paint(leg, 1);
  }

  /** Adds or takes away one leg; coverage that comes or goes changes the worth. */
  #paint(leg: number, sign: 1 | -1): void {
    const [y0, x0] = [this.#y[leg]!, this.#x[leg]!];
    const [y1, x1] = [this.#y[leg + 1]!, this.#x[leg + 1]!];
    this.#length += sign * Math.sqrt((y1 - y0) * (y1 - y0) + (x1 - x0) * (x1 - x0));
    const { rows, cols } = this.#raster;
    let worth = 0;
    const cover = this.#cover;
    const value = this.#value;
    eachRow({ y0, x0, y1, x1, radius: this.#radius }, rows, (row, low, high) => {
      const at = row * cols;
      const first = Math.max(0, Math.floor(low + 0.5));
      const last = Math.min(cols - 1, Math.ceil(high - 0.5));
      if (first > last) return;
      worth += this.#edge(at, first, { low, high, sign });
      if (last > first) worth += this.#edge(at, last, { low, high, sign });
      // Between its ends a row is covered wholly: no shares to work out in the inner loop.
      for (let i = at + first + 1; i < at + last; i += 1) {
        const before = cover[i]!;
        cover[i] = before + sign * WHOLE;
        const low256 = sign === 1 ? before : before - WHOLE;
        if (low256 < WHOLE) worth += (sign * (WHOLE - low256) * value[i]!) / WHOLE;
      }
    });
    this.#worth += worth;
  }

  /** A pixel at the end of a row, covered in part; the change of worth. */
  #edge(
    row: number,
    col: number,
    { low, high, sign }: { readonly low: number; readonly high: number; readonly sign: 1 | -1 },
  ): number {
    const share = Math.min(high, col + 0.5) - Math.max(low, col - 0.5);
    const before = this.#cover[row + col]!;
    const after = before + sign * Math.round(Math.max(0, share) * WHOLE);
    this.#cover[row + col] = after;
    const gained = Math.min(WHOLE, after) - Math.min(WHOLE, before);
    return (gained / WHOLE) * this.#value[row + col]!;
  }
}

/** The first `lengthM` metres of a path. */
export function cutTo(path: readonly GroundPoint[], lengthM: number): GroundPoint[] {
  const out: GroundPoint[] = [];
  let left = lengthM;
  for (const [i, to] of path.entries()) {
    const from = path[i - 1];
    if (from === undefined) {
      out.push(to);
      continue;
    }
    const dn = to.northM - from.northM;
    const de = to.eastM - from.eastM;
    const legM = Math.sqrt(dn * dn + de * de);
    if (legM > left) {
      const t = left / legM;
      if (t > 0) out.push({ northM: from.northM + dn * t, eastM: from.eastM + de * t });
      return out;
    }
    left -= legM;
    out.push(to);
  }
  return out;
}
