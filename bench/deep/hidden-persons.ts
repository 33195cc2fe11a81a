/**
 * Thousands of hidden persons at once, none of whom the vehicles know: for each the chance that
 * nobody has seen them yet, under the camera's own lateral-range curve along the tracks as flown.
 *
 * The mean over persons is the expected share not found, which one hidden person a run tells only
 * by its yes or no (Rao and Blackwell: the same expectation, without the noise of who was drawn).
 * Persons stand still, and a sighting is a find: operator and closer look are not waited for.
 */
import {
  AGL_MAX_RATIO,
  DWELL_S,
  halfFootprintM,
  sightChance,
  type CameraSpec,
  type Cover,
} from "../../sim/mod.ts";

export interface Person {
  readonly northM: number;
  readonly eastM: number;
  readonly cover: Cover;
}

export interface Eye {
  readonly slot: number;
  readonly northM: number;
  readonly eastM: number;
  readonly aglM: number;
}

interface Pass {
  share: number;
  aglM: number;
  readonly sinceS: number;
}

const BIN_M = 150;

export class HiddenPersons {
  readonly #persons: readonly Person[];
  readonly #camera: CameraSpec;
  readonly #responsive: boolean;
  readonly #unseen: Float64Array;
  readonly #bins = new Map<string, number[]>();
  /** By vehicle, the persons in its footprint. */
  readonly #passes = new Map<number, Map<number, Pass>>();
  #sum: number;

  constructor(
    persons: readonly Person[],
    options: { readonly camera: CameraSpec; readonly responsive: boolean },
  ) {
    this.#persons = persons;
    this.#camera = options.camera;
    this.#responsive = options.responsive;
    this.#unseen = new Float64Array(persons.length).fill(1);
    this.#sum = persons.length;
    for (const [i, { northM, eastM }] of persons.entries()) {
      const key = binOf(northM, eastM);
      const bin = this.#bins.get(key);
      if (bin === undefined) this.#bins.set(key, [i]);
      else bin.push(i);
    }
  }

  /** Expected share of persons whom nobody has seen. */
  get unseenShare(): number {
    return this.#sum / this.#persons.length;
  }

  /** The camera of a vehicle is here now; `undefined` when it looks at nothing (on its pad). */
  look(nowS: number, slot: number, eye: Eye | undefined): void {
    const passes = this.#passes.get(slot) ?? new Map<number, Pass>();
    this.#passes.set(slot, passes);
    const inView = eye === undefined ? new Map<number, number>() : this.#inView(eye);
    for (const [person, pass] of passes) {
      if (inView.has(person) && nowS - pass.sinceS < DWELL_S) continue;
      passes.delete(person);
      this.#end(person, pass);
    }
    for (const [person, share] of inView) {
      const pass = passes.get(person);
      const { aglM } = eye!;
      if (pass === undefined) passes.set(person, { share, aglM, sinceS: nowS });
      else if (share < pass.share) Object.assign(pass, { share, aglM });
    }
  }

  /** Persons in the footprint with their lateral range as a share of its half. */
  #inView({ northM, eastM, aglM }: Eye): ReadonlyMap<number, number> {
    const found = new Map<number, number>();
    if (aglM > AGL_MAX_RATIO * this.#camera.aglM) return found;
    const halfM = halfFootprintM(this.#camera, aglM);
    const reach = Math.ceil(halfM / BIN_M);
    for (let row = -reach; row <= reach; row += 1) {
      for (let col = -reach; col <= reach; col += 1) {
        const bin = this.#bins.get(binOf(northM + row * BIN_M, eastM + col * BIN_M));
        for (const i of bin ?? []) {
          const person = this.#persons[i]!;
          const share = Math.hypot(person.northM - northM, person.eastM - eastM) / halfM;
          if (share < 1) found.set(i, share);
        }
      }
    }
    return found;
  }

  #end(person: number, { share, aglM }: Pass): void {
    const { cover } = this.#persons[person]!;
    const look = { aglM, cover, share, responsive: this.#responsive };
    const before = this.#unseen[person]!;
    const after = before * (1 - sightChance(this.#camera, look));
    this.#unseen[person] = after;
    this.#sum += after - before;
  }
}

const binOf = (northM: number, eastM: number): string =>
  `${String(Math.floor(northM / BIN_M))},${String(Math.floor(eastM / BIN_M))}`;
