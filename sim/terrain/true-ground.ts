/**
 * The ground as it truly is: the planner's grid, plus a smooth seeded error, plus trees.
 *
 * Survey grids err: SRTM by up to 16 m, in patches of hundreds of metres, which is why vehicles
 * carry a rangefinder and why clearance can fail. The error is value noise over a square lattice of
 * hashed normals, smoothly interpolated, clamped. Trees stand as the cover map says, and none near
 * the base.
 *
 * Heights are sampled once on a grid of `CELL_M` over the scenario's extent and read bilinearly;
 * outside they are computed on the spot. Immutable, so clones of a world share it.
 */
import { invariant } from "../../src/base/mod.ts";
import { drawNormal, mixIn } from "../core/mod.ts";
import type { Cover, GroundScenario, Place } from "../world/scenario.ts";

const CELL_M = 30;
const MARGIN_M = 1_000;
const CELLS_MAX = 4_000_000;
/** Pads and the sky over them are kept clear of trees within this. */
const CLEARING_M = 80;
const SCRUB_SHARE = 0.2;
const COVERS: readonly Cover[] = ["open", "scrub", "forest"];

export interface TrueGroundOptions {
  readonly seed: number;
  readonly ground: GroundScenario;
  readonly base: Place;
  /** Places that the grid must contain: the fence's corners, the subject. */
  readonly extent: readonly Place[];
}

export class TrueGround {
  readonly cellM: number = CELL_M;
  readonly southM: number;
  readonly westM: number;
  readonly rows: number;
  readonly cols: number;
  readonly #options: TrueGroundOptions;
  readonly #heights: Float32Array;
  readonly #covers: Uint8Array;

  constructor(options: TrueGroundOptions) {
    const places = [options.base, ...options.extent];
    const north = places.map((place) => place.northM);
    const east = places.map((place) => place.eastM);
    this.#options = options;
    this.southM = Math.min(...north) - MARGIN_M;
    this.westM = Math.min(...east) - MARGIN_M;
    this.rows = 2 + Math.ceil((Math.max(...north) + MARGIN_M - this.southM) / CELL_M);
    this.cols = 2 + Math.ceil((Math.max(...east) + MARGIN_M - this.westM) / CELL_M);
    invariant(this.rows * this.cols <= CELLS_MAX, "a world's ground is at most about 60 km square");
    this.#heights = new Float32Array(this.rows * this.cols);
    this.#covers = new Uint8Array(this.rows * this.cols);
    this.#sample();
  }

  groundAmslM(northM: number, eastM: number): number {
    const row = (northM - this.southM) / CELL_M;
    const col = (eastM - this.westM) / CELL_M;
    const r = Math.floor(row);
    const c = Math.floor(col);
    if (r < 0 || c < 0 || r >= this.rows - 1 || c >= this.cols - 1) {
      return this.#compute(northM, eastM);
    }
    const fr = row - r;
    const fc = col - c;
    const i = r * this.cols + c;
    const h = this.#heights;
    const lower = h[i]! * (1 - fc) + h[i + 1]! * fc;
    const upper = h[i + this.cols]! * (1 - fc) + h[i + this.cols + 1]! * fc;
    return lower * (1 - fr) + upper * fr;
  }

  cover(northM: number, eastM: number): Cover {
    const r = Math.round((northM - this.southM) / CELL_M);
    const c = Math.round((eastM - this.westM) / CELL_M);
    if (r < 0 || c < 0 || r >= this.rows || c >= this.cols) {
      return this.#coverOf(northM, eastM);
    }
    return COVERS[this.#covers[r * this.cols + c]!]!;
  }

  canopyM(northM: number, eastM: number): number {
    const cover = this.cover(northM, eastM);
    if (cover === "open") return 0;
    return this.#options.ground.canopyM * (cover === "forest" ? 1 : SCRUB_SHARE);
  }

  /** Ground or tree tops: what a rangefinder sees and a vehicle hits. */
  surfaceAmslM(northM: number, eastM: number): number {
    return this.groundAmslM(northM, eastM) + this.canopyM(northM, eastM);
  }

  #sample(): void {
    for (let r = 0; r < this.rows; r += 1) {
      const northM = this.southM + r * CELL_M;
      for (let c = 0; c < this.cols; c += 1) {
        const eastM = this.westM + c * CELL_M;
        this.#heights[r * this.cols + c] = this.#compute(northM, eastM);
        this.#covers[r * this.cols + c] = COVERS.indexOf(this.#coverOf(northM, eastM));
      }
    }
  }

  #coverOf(northM: number, eastM: number): Cover {
    const dn = northM - this.#options.base.northM;
    const de = eastM - this.#options.base.eastM;
    if (dn * dn + de * de < CLEARING_M * CLEARING_M) return "open";
    return this.#options.ground.coverAt(northM, eastM);
  }

  #compute(northM: number, eastM: number): number {
    return this.#options.ground.ground.heightAmslM(northM, eastM) + this.#errorM(northM, eastM);
  }

  #errorM(northM: number, eastM: number): number {
    const { errorSigmaM, errorMaxM, errorLengthM } = this.#options.ground;
    if (errorSigmaM === 0) return 0;
    const row = northM / errorLengthM;
    const col = eastM / errorLengthM;
    const r = Math.floor(row);
    const c = Math.floor(col);
    const fr = smooth(row - r);
    const fc = smooth(col - c);
    const lower = this.#knot(r, c) * (1 - fc) + this.#knot(r, c + 1) * fc;
    const upper = this.#knot(r + 1, c) * (1 - fc) + this.#knot(r + 1, c + 1) * fc;
    const errorM = errorSigmaM * (lower * (1 - fr) + upper * fr);
    return Math.max(-errorMaxM, Math.min(errorMaxM, errorM));
  }

  #knot(row: number, col: number): number {
    return drawNormal(mixIn(mixIn(this.#options.seed, row), col));
  }
}

const smooth = (t: number): number => t * t * (3 - 2 * t);
