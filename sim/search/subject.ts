/**
 * The hidden person: stands still, or walks as lost people do, in legs of some minutes with rests,
 * and never far out of the mapped ground.
 */
import { cos, SeededStream, sin, type ByteReader, type ByteWriter } from "../../src/base/mod.ts";
import type { TrueGround } from "../terrain/mod.ts";
import type { Place, SubjectScenario } from "../world/scenario.ts";

const LEG_MEAN_S = 240;
const REST_CHANCE = 0.4;
/** A walker turns back at this distance from where the search was called for. */
const REACH_M = 8_000;

export class Subject {
  readonly #scenario: SubjectScenario;
  readonly #ground: TrueGround;
  readonly #stream: SeededStream;
  #northM: number;
  #eastM: number;
  #courseRad = 0;
  #legLeftS = 0;
  #resting = true;

  constructor(scenario: SubjectScenario, ground: TrueGround, seed: number) {
    this.#scenario = scenario;
    this.#ground = ground;
    this.#stream = new SeededStream(seed, "subject");
    this.#northM = scenario.position.northM;
    this.#eastM = scenario.position.eastM;
  }

  get responsive(): boolean {
    return this.#scenario.responsive;
  }

  get position(): {
    readonly northM: number;
    readonly eastM: number;
    readonly altitudeAmslM: number;
  } {
    const altitudeAmslM = this.#ground.groundAmslM(this.#northM, this.#eastM);
    return { northM: this.#northM, eastM: this.#eastM, altitudeAmslM };
  }

  step(dtS: number): void {
    if (!this.#scenario.moving) return;
    this.#legLeftS -= dtS;
    if (this.#legLeftS <= 0) this.#nextLeg();
    if (this.#resting) return;
    this.#northM += cos(this.#courseRad) * this.#scenario.speedMps * dtS;
    this.#eastM += sin(this.#courseRad) * this.#scenario.speedMps * dtS;
    const start: Place = this.#scenario.position;
    const dn = this.#northM - start.northM;
    const de = this.#eastM - start.eastM;
    if (dn * dn + de * de > REACH_M * REACH_M) this.#courseRad += Math.PI;
  }

  #nextLeg(): void {
    this.#legLeftS = this.#stream.exponential(LEG_MEAN_S);
    this.#resting = this.#stream.chance(REST_CHANCE);
    // Lost people seldom turn right back: the next leg bends by a normal of 60 degrees.
    this.#courseRad += this.#stream.normal() * (Math.PI / 3);
  }

  save(to: ByteWriter): void {
    to.f64(this.#northM).f64(this.#eastM).f64(this.#courseRad).f64(this.#legLeftS);
    to.bool(this.#resting);
    this.#stream.save(to);
  }

  load(from: ByteReader): void {
    this.#northM = from.f64();
    this.#eastM = from.f64();
    this.#courseRad = from.f64();
    this.#legLeftS = from.f64();
    this.#resting = from.bool();
    this.#stream.load(from);
  }
}

/** A probability map as a grid: weights row-major, row 0 south, cell centres. */
export interface WeightGrid {
  readonly southM: number;
  readonly westM: number;
  readonly cellM: number;
  readonly rows: number;
  readonly cols: number;
  readonly weights: ArrayLike<number>;
}

/** A place drawn from the map by the run's seed, uniform inside its cell. */
export function drawPlace(grid: WeightGrid, seed: number): Place {
  const stream = new SeededStream(seed, "subject-place");
  let total = 0;
  for (let i = 0; i < grid.rows * grid.cols; i += 1) total += Math.max(0, grid.weights[i] ?? 0);
  let left = stream.uniform() * total;
  let cell = 0;
  for (let i = 0; i < grid.rows * grid.cols; i += 1) {
    const weight = Math.max(0, grid.weights[i] ?? 0);
    if (weight === 0) continue;
    cell = i;
    left -= weight;
    if (left < 0) break;
  }
  const row = Math.floor(cell / grid.cols);
  const col = cell - row * grid.cols;
  return {
    northM: grid.southM + (row + stream.uniform()) * grid.cellM,
    eastM: grid.westM + (col + stream.uniform()) * grid.cellM,
  };
}
