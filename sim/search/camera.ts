/**
 * The camera of a simulated vehicle: whom it sees on a pass, and what it takes for a person.
 *
 * Search theory (Koopman, Search and Screening, 1946): detection on a straight pass depends on the
 * lateral range x through a curve p(x); its area is the sweep width. Here p is flat to 70% of the
 * half footprint and falls linearly to nothing at its edge, so that W = 0.85 x footprint x chance.
 * The footprint grows with height above the true ground; the chance at height h is
 * 1 - (1 - chance)^(reference / h): half as high is as good as two independent looks.
 *
 * A pass lasts from when a target enters the footprint until it leaves, or `DWELL_S` at most, and
 * is decided once, at its end, by the least lateral range. False alarms are objects that lie about
 * (rocks, tents): a seeded Poisson field, so that the same stone fools the same camera again, and a
 * lower look gives it away by a lower score.
 */
import { pow, SeededStream, type ByteReader, type ByteWriter } from "../../src/base/mod.ts";
import type { LocalPosition, SensorReport } from "../../src/hal/mod.ts";
import { drawUniform, mixIn, readPlain, writePlain } from "../core/mod.ts";
import type { TrueGround } from "../terrain/mod.ts";
import type { CameraSpec, Cover } from "../world/scenario.ts";
import type { ImageTruth } from "../world/types.ts";

const FLAT_SHARE = 0.7;
/** Area under the lateral-range curve over footprint x chance. */
export const CURVE_AREA: number = (1 + FLAT_SHARE) / 2;
/** A look of a camera that stays is over after this. */
export const DWELL_S = 8;
const AGL_MIN_M = 8;
/** Beyond this many reference heights nothing is recognised. */
export const AGL_MAX_RATIO = 2.5;
const CLUTTER_CELL_M = 250;
const CLUTTER_MAX = 24;
const PASSES_MAX = 64;
const IMAGES_MAX = 4096;
const RESPONSIVE_GAIN = 1.25;
export const SUBJECT_TARGET = 0;

/**
 * Chance to see the subject on a pass at lateral range `x`, both as shares of the half footprint.
 */
export function lateralRange(share: number): number {
  if (share >= 1) return 0;
  return share <= FLAT_SHARE ? 1 : (1 - share) / (1 - FLAT_SHARE);
}

/** Chance on a pass right over the subject. */
export function passChance(
  camera: CameraSpec,
  at: { readonly aglM: number; readonly cover: Cover },
): number {
  const chance = camera.chance[at.cover] * camera.lightRatio;
  return 1 - pow(1 - Math.min(0.999, chance), camera.aglM / Math.max(AGL_MIN_M, at.aglM));
}

/** Chance that a pass of this least lateral range (share of the half footprint) sees a person. */
export function sightChance(
  camera: CameraSpec,
  pass: {
    readonly aglM: number;
    readonly cover: Cover;
    readonly share: number;
    readonly responsive: boolean;
  },
): number {
  const gain = pass.responsive ? RESPONSIVE_GAIN : 1;
  return Math.min(0.999, passChance(camera, pass) * gain) * lateralRange(pass.share);
}

export const halfFootprintM = (camera: CameraSpec, aglM: number): number =>
  (camera.footprintM / 2) * (aglM / camera.aglM);

/** The chance over the subject that gives this sweep width at the reference height. */
export const chanceOfSweepWidth = (sweepWidthM: number, footprintM: number): number =>
  Math.min(0.99, sweepWidthM / (CURVE_AREA * footprintM));

interface Pass {
  readonly target: number;
  readonly northM: number;
  readonly eastM: number;
  leastM: number;
  sinceS: number;
}

interface Viewer {
  passes: Pass[];
  sequence: number;
  boot: number;
  sweptM2: number;
}

interface Image {
  readonly ref: string;
  readonly truth: ImageTruth;
}

export interface CameraTarget {
  readonly position: LocalPosition;
  readonly responsive: boolean;
}

/** Where a camera is. */
export interface CameraPose {
  readonly slot: number;
  readonly northM: number;
  readonly eastM: number;
  readonly aglM: number;
  readonly nowS: number;
}

export class Cameras {
  readonly #camera: CameraSpec;
  readonly #ground: TrueGround;
  readonly #seed: number;
  readonly #viewers: Viewer[];
  readonly #streams: SeededStream[];
  readonly #swept: Uint8Array;
  #images: Image[] = [];
  #sweptCells = 0;
  #falseAlarms = 0;
  #firstSeenS: number | null = null;

  constructor(options: {
    readonly camera: CameraSpec;
    readonly ground: TrueGround;
    readonly seed: number;
    readonly count: number;
  }) {
    this.#camera = options.camera;
    this.#ground = options.ground;
    this.#seed = options.seed;
    this.#viewers = Array.from({ length: options.count }, () => ({
      passes: [],
      sequence: 0,
      boot: 0,
      sweptM2: 0,
    }));
    this.#streams = this.#viewers.map((_, i) => new SeededStream(options.seed, "camera", i));
    this.#swept = new Uint8Array(Math.ceil((options.ground.rows * options.ground.cols) / 8));
  }

  get falseAlarms(): number {
    return this.#falseAlarms;
  }

  get firstSeenS(): number | null {
    return this.#firstSeenS;
  }

  /** Ground that was inside a footprint at least once, on a raster of the ground's cells. */
  get sweptKm2(): number {
    return (this.#sweptCells * this.#ground.cellM * this.#ground.cellM) / 1e6;
  }

  image(ref: string): ImageTruth | undefined {
    return this.#images.find((image) => image.ref === ref)?.truth;
  }

  /** The node behind this camera started anew. */
  booted(slot: number, boot: number): void {
    const viewer = this.#viewers[slot]!;
    viewer.passes = [];
    viewer.sequence = 0;
    viewer.boot = boot;
  }

  /** Looks once; what was seen or taken for a person is told to `report`. */
  look(
    pose: CameraPose,
    subject: CameraTarget | undefined,
    report: (sighting: SensorReport) => void,
  ): void {
    const viewer = this.#viewers[pose.slot]!;
    if (pose.aglM < AGL_MIN_M || pose.aglM > AGL_MAX_RATIO * this.#camera.aglM) {
      viewer.passes.length = 0;
      return;
    }
    const halfM = halfFootprintM(this.#camera, pose.aglM);
    this.#sweep(pose, halfM);
    if (subject !== undefined) {
      const { northM, eastM } = subject.position;
      this.#meet(viewer, pose, { target: SUBJECT_TARGET, northM, eastM, halfM });
    }
    this.#meetClutter(viewer, pose, halfM);
    this.#endPasses(viewer, { pose, halfM, subject, report });
  }

  save(to: ByteWriter): void {
    writePlain(to, {
      viewers: this.#viewers,
      images: this.#images,
      sweptCells: this.#sweptCells,
      falseAlarms: this.#falseAlarms,
      firstSeenS: this.#firstSeenS,
    });
    for (const stream of this.#streams) stream.save(to);
    to.raw(this.#swept);
  }

  load(from: ByteReader): void {
    const plain = readPlain(from) as {
      viewers: Viewer[];
      images: Image[];
      sweptCells: number;
      falseAlarms: number;
      firstSeenS: number | null;
    };
    this.#viewers.splice(0, this.#viewers.length, ...plain.viewers);
    this.#images = plain.images;
    this.#sweptCells = plain.sweptCells;
    this.#falseAlarms = plain.falseAlarms;
    this.#firstSeenS = plain.firstSeenS;
    for (const stream of this.#streams) stream.load(from);
    this.#swept.set(from.raw(this.#swept.length));
  }

  #sweep(pose: CameraPose, halfM: number): void {
    const { cellM, southM, westM, rows, cols } = this.#ground;
    const row = (pose.northM - southM) / cellM;
    const col = (pose.eastM - westM) / cellM;
    const reach = halfM / cellM;
    const top = Math.min(rows - 1, Math.floor(row + reach));
    const right = Math.min(cols - 1, Math.floor(col + reach));
    for (let r = Math.max(0, Math.ceil(row - reach)); r <= top; r += 1) {
      for (let c = Math.max(0, Math.ceil(col - reach)); c <= right; c += 1) {
        if ((r - row) * (r - row) + (c - col) * (c - col) > reach * reach) continue;
        const cell = r * cols + c;
        const bit = 1 << (cell & 7);
        if ((this.#swept[cell >> 3]! & bit) !== 0) continue;
        this.#swept[cell >> 3]! |= bit;
        this.#sweptCells += 1;
      }
    }
  }

  /** Begins or follows the pass of one target, if it is in the footprint. */
  #meet(
    viewer: Viewer,
    pose: CameraPose,
    at: {
      readonly target: number;
      readonly northM: number;
      readonly eastM: number;
      readonly halfM: number;
    },
  ): void {
    const dn = at.northM - pose.northM;
    const de = at.eastM - pose.eastM;
    const square = dn * dn + de * de;
    if (square > at.halfM * at.halfM) return;
    const apartM = Math.sqrt(square);
    const pass = viewer.passes.find((each) => each.target === at.target);
    if (pass !== undefined) {
      if (apartM < pass.leastM) pass.leastM = apartM;
    } else if (viewer.passes.length < PASSES_MAX) {
      const { target, northM, eastM } = at;
      viewer.passes.push({ target, northM, eastM, leastM: apartM, sinceS: pose.nowS });
    }
  }

  #meetClutter(viewer: Viewer, pose: CameraPose, halfM: number): void {
    const rate = this.#camera.falseAlarmsPerKm2;
    if (rate === 0) return;
    const mean = ((rate / CURVE_AREA) * CLUTTER_CELL_M * CLUTTER_CELL_M) / 1e6;
    const last = Math.floor((pose.northM + halfM) / CLUTTER_CELL_M);
    const right = Math.floor((pose.eastM + halfM) / CLUTTER_CELL_M);
    for (let r = Math.floor((pose.northM - halfM) / CLUTTER_CELL_M); r <= last; r += 1) {
      for (let c = Math.floor((pose.eastM - halfM) / CLUTTER_CELL_M); c <= right; c += 1) {
        const state = mixIn(mixIn(this.#seed ^ 0x63d83595, r), c);
        const count = poisson(mean, drawUniform(state));
        for (let k = 0; k < count; k += 1) {
          const each = mixIn(state, k);
          this.#meet(viewer, pose, {
            target: each | 1,
            northM: (r + drawUniform(each ^ 0x1b873593)) * CLUTTER_CELL_M,
            eastM: (c + drawUniform(each ^ 0x52dce729)) * CLUTTER_CELL_M,
            halfM,
          });
        }
      }
    }
  }

  #endPasses(
    viewer: Viewer,
    look: {
      readonly pose: CameraPose;
      readonly halfM: number;
      readonly subject: CameraTarget | undefined;
      readonly report: (sighting: SensorReport) => void;
    },
  ): void {
    const { pose, halfM, subject, report } = look;
    if (viewer.passes.length === 0) return;
    const going: Pass[] = [];
    for (const pass of viewer.passes) {
      const isSubject = pass.target === SUBJECT_TARGET;
      const northM = isSubject ? (subject?.position.northM ?? pass.northM) : pass.northM;
      const eastM = isSubject ? (subject?.position.eastM ?? pass.eastM) : pass.eastM;
      const dn = northM - pose.northM;
      const de = eastM - pose.eastM;
      const gone = dn * dn + de * de > halfM * halfM;
      const dwelt = pose.nowS - pass.sinceS >= DWELL_S;
      if (!gone && !dwelt) {
        going.push(pass);
        continue;
      }
      const share = Math.min(1, pass.leastM / halfM);
      const sight = { northM, eastM, share, pose, responsive: subject?.responsive === true };
      const seen = isSubject ? this.#seeSubject(viewer, sight) : this.#mistake(viewer, sight);
      if (seen !== undefined) report(seen);
    }
    viewer.passes = going;
  }

  #seeSubject(viewer: Viewer, sight: Sight): SensorReport | undefined {
    const { pose, share } = sight;
    const stream = this.#streams[pose.slot]!;
    const cover = this.#ground.cover(sight.northM, sight.eastM);
    const { responsive } = sight;
    const chance = sightChance(this.#camera, { aglM: pose.aglM, cover, share, responsive });
    if (!stream.chance(chance)) return undefined;
    this.#firstSeenS ??= pose.nowS;
    const closer = 1 - pose.aglM / this.#camera.aglM;
    const confidence = 0.55 + 0.4 * Math.sqrt(stream.uniform()) + 0.3 * Math.max(0, closer);
    return this.#report(viewer, sight, { confidence, shows: "subject" });
  }

  #mistake(viewer: Viewer, sight: Sight): SensorReport | undefined {
    const { pose, share } = sight;
    const stream = this.#streams[pose.slot]!;
    const closeness = Math.min(1, pose.aglM / this.#camera.aglM);
    if (!stream.chance(lateralRange(share) * closeness)) return undefined;
    this.#falseAlarms += 1;
    const confidence = (0.25 + 0.5 * stream.uniform()) * closeness;
    return this.#report(viewer, sight, { confidence, shows: "nothing" });
  }

  #report(
    viewer: Viewer,
    sight: Sight,
    found: { readonly confidence: number; readonly shows: ImageTruth["shows"] },
  ): SensorReport {
    const { pose } = sight;
    const stream = this.#streams[pose.slot]!;
    const scale = Math.max(0.3, pose.aglM / this.#camera.aglM);
    const errorM = this.#camera.locationErrorM * scale;
    const northM = sight.northM + errorM * stream.normal();
    const eastM = sight.eastM + errorM * stream.normal();
    const sequence = viewer.sequence;
    viewer.sequence += 1;
    const imageRef = `v${pose.slot}-${viewer.boot}-${sequence}`;
    this.#images.push({ ref: imageRef, truth: { shows: found.shows, aglM: pose.aglM } });
    if (this.#images.length > IMAGES_MAX) this.#images.shift();
    return {
      sequence,
      position: { northM, eastM, altitudeAmslM: this.#ground.groundAmslM(northM, eastM) },
      errorM,
      confidence: Math.max(0.05, Math.min(0.99, found.confidence)),
      imageRef,
    };
  }
}

interface Sight {
  readonly northM: number;
  readonly eastM: number;
  /** Least lateral range over the half footprint. */
  readonly share: number;
  readonly pose: CameraPose;
  readonly responsive: boolean;
}

/** Poisson by inversion from one uniform, cut at `CLUTTER_MAX`. */
function poisson(mean: number, uniform: number): number {
  let term = pow(Math.E, -mean);
  let sum = term;
  let count = 0;
  while (uniform > sum && count < CLUTTER_MAX) {
    count += 1;
    term *= mean / count;
    sum += term;
  }
  return count;
}
