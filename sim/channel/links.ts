/**
 * Gain of every pair's link: path loss, shadowing behind terrain, slow shadowing, fast fading.
 *
 * Sources:
 * - Free space over the first metre (Friis, 1946), then log-distance: exponent 2.05 between
 *   vehicles in the air and 2.3 when one end is near the ground (campaigns found 2.0-2.6).
 * - Terrain in the way: single knife edge at the worst point of the profile (ITU-R P.526-15, eq.
 *   31), over an earth of 4/3 radius. Departure: one edge, where real ridges may have more.
 * - Shadowing AR(1) over the distance that both ends travelled: 2 dB air to air, 3.5 dB to the
 *   ground, decorrelation 35 m (campaigns: 20-50 m; Gudmundson, 1991).
 * - Rician block fading: K 12 dB air to air; to the ground 6 dB at the horizon to 10 dB overhead
 *   (falling with low elevation as in Al-Hourani's measurements); a block lasts 0.423 c / (v f).
 * - Below about 4 m height two-ray cancellation matters; antennas here stand higher or the link is
 *   short, so it is left out.
 *
 * A pair's slow part is refreshed when it is used and older than `GAIN_AGE_US`, its terrain profile
 * when older than `PROFILE_AGE_US`; links nobody uses cost nothing. Both directions share one
 * value. Bound: `PAIRED_NODES_MAX` nodes (a table over pairs; 10,000 need neighbours by grid).
 */
import {
  atan2,
  exp,
  invariant,
  log10,
  pow,
  type ByteReader,
  type ByteWriter,
} from "../../src/base/mod.ts";
import { drawNormal, loadSlabs, mixIn, saveSlabs } from "../core/mod.ts";

export const PAIRED_NODES_MAX = 1024;

/** Some metres of flight: a tenth of a decibel at 300 m. */
const GAIN_AGE_US = 500_000;
/** A cell of the true ground's grid. */
const PROFILE_AGE_US = 2_000_000;
const LIGHT_MPS = 299_792_458;
const EXPONENT_AIR = 2.05;
const EXPONENT_GROUND = 2.3;
const SHADOW_AIR_DB = 2;
const SHADOW_GROUND_DB = 3.5;
const DECORRELATION_M = 35;
/** An end lower than this over the ground has the ground in its first Fresnel zone. */
const NEAR_GROUND_M = 10;
const EARTH_RADIUS_M = 6_371_000 * (4 / 3);
const PROFILE_STEP_M = 40;
const PROFILE_SAMPLES_MAX = 32;

/** Where the antennas are; filled by the world, read here. */
export interface AntennaSlab {
  readonly northM: Float64Array;
  readonly eastM: Float64Array;
  readonly altitudeM: Float64Array;
  readonly aglM: Float64Array;
  /** Metres travelled since the start. */
  readonly odometerM: Float64Array;
  readonly speedMps: Float64Array;
}

export interface LinkOptions {
  readonly seed: number;
  readonly bandHz: number;
  readonly antennaGainDb: number;
  readonly antennas: AntennaSlab;
  /** True ground, for the profile. */
  readonly groundAmslM: (northM: number, eastM: number) => number;
}

export class LinkTable {
  readonly #count: number;
  readonly #options: LinkOptions;
  readonly #firstMetreDb: number;
  readonly #gain: Float64Array;
  readonly #gainUs: Float64Array;
  readonly #profileDb: Float64Array;
  readonly #profileUs: Float64Array;
  readonly #shadow: Float64Array;
  readonly #shadowOdometerM: Float64Array;
  readonly #steady: Float64Array;
  readonly #scatter: Float64Array;
  readonly #blockUs: Float64Array;

  constructor(options: LinkOptions) {
    const count = options.antennas.northM.length;
    invariant(count <= PAIRED_NODES_MAX, "a table over pairs is for few nodes");
    this.#count = count;
    this.#options = options;
    const wavelengths = (4 * Math.PI * options.bandHz) / LIGHT_MPS;
    this.#firstMetreDb = 20 * log10(wavelengths) - options.antennaGainDb;
    const pairs = count * count;
    this.#gain = new Float64Array(pairs);
    this.#gainUs = new Float64Array(pairs).fill(-Infinity);
    this.#profileDb = new Float64Array(pairs);
    this.#profileUs = new Float64Array(pairs).fill(-Infinity);
    this.#shadow = new Float64Array(pairs);
    this.#shadowOdometerM = new Float64Array(pairs).fill(NaN);
    this.#steady = new Float64Array(pairs);
    this.#scatter = new Float64Array(pairs);
    this.#blockUs = new Float64Array(pairs).fill(1);
  }

  /** Power gain without fast fading, as a ratio. */
  gain(a: number, b: number, nowUs: number): number {
    const pair = a < b ? a * this.#count + b : b * this.#count + a;
    if (nowUs - this.#gainUs[pair]! >= GAIN_AGE_US) this.#refresh(pair, nowUs);
    return this.#gain[pair]!;
  }

  /** Power gain of the fast fading of this coherence block, mean 1; ask `gain` first. */
  fade(a: number, b: number, nowUs: number): number {
    const pair = a < b ? a * this.#count + b : b * this.#count + a;
    const block = Math.floor(nowUs / this.#blockUs[pair]!);
    const state = mixIn(mixIn(this.#options.seed, pair), block);
    const x = this.#steady[pair]! + this.#scatter[pair]! * drawNormal(state);
    const y = this.#scatter[pair]! * drawNormal(state ^ 0x5bd1e995);
    return x * x + y * y;
  }

  /** Forgets what is known of this node's links: it was moved, not flown. */
  forget(slot: number): void {
    for (let other = 0; other < this.#count; other += 1) {
      const pair = slot < other ? slot * this.#count + other : other * this.#count + slot;
      this.#gainUs[pair] = -Infinity;
      this.#profileUs[pair] = -Infinity;
      this.#shadowOdometerM[pair] = NaN;
    }
  }

  save(to: ByteWriter): void {
    saveSlabs(this.#slabs(), to);
  }

  load(from: ByteReader): void {
    loadSlabs(this.#slabs(), from);
  }

  #slabs(): readonly Float64Array[] {
    return [
      this.#gain,
      this.#gainUs,
      this.#profileDb,
      this.#profileUs,
      this.#shadow,
      this.#shadowOdometerM,
      this.#steady,
      this.#scatter,
      this.#blockUs,
    ];
  }

  #refresh(pair: number, nowUs: number): void {
    const a = Math.floor(pair / this.#count);
    const b = pair - a * this.#count;
    const at = this.#options.antennas;
    const dn = at.northM[b]! - at.northM[a]!;
    const de = at.eastM[b]! - at.eastM[a]!;
    const du = at.altitudeM[b]! - at.altitudeM[a]!;
    const flatM = Math.sqrt(dn * dn + de * de);
    const distanceM = Math.max(1, Math.sqrt(flatM * flatM + du * du));
    const nearGround = at.aglM[a]! < NEAR_GROUND_M || at.aglM[b]! < NEAR_GROUND_M;
    if (nowUs - this.#profileUs[pair]! >= PROFILE_AGE_US) {
      this.#profileUs[pair] = nowUs;
      this.#profileDb[pair] = this.#knifeEdgeDb(a, b, flatM);
    }
    const sigmaDb = nearGround ? SHADOW_GROUND_DB : SHADOW_AIR_DB;
    const shadowDb = sigmaDb * this.#shadowAt(pair, at.odometerM[a]! + at.odometerM[b]!, nowUs);
    const exponent = nearGround ? EXPONENT_GROUND : EXPONENT_AIR;
    const lossDb = this.#firstMetreDb + 10 * exponent * log10(distanceM) + this.#profileDb[pair]!;
    this.#gain[pair] = pow(10, -(lossDb + shadowDb) / 10);
    this.#gainUs[pair] = nowUs;
    const elevation = atan2(Math.abs(du), Math.max(1, flatM)) / (Math.PI / 2);
    this.#setFading(pair, {
      kDb: nearGround ? 6 + 4 * elevation : 12,
      speedMps: Math.max(1, at.speedMps[a]! + at.speedMps[b]!),
    });
  }

  #setFading(pair: number, fading: { readonly kDb: number; readonly speedMps: number }): void {
    const k = pow(10, fading.kDb / 10);
    this.#steady[pair] = Math.sqrt(k / (k + 1));
    this.#scatter[pair] = Math.sqrt(1 / (2 * (k + 1)));
    const coherenceS = (0.423 * LIGHT_MPS) / (fading.speedMps * this.#options.bandHz);
    this.#blockUs[pair] = coherenceS * 1e6;
  }

  /** One step of the AR(1) process, in units of sigma. */
  #shadowAt(pair: number, odometerM: number, nowUs: number): number {
    const beforeM = this.#shadowOdometerM[pair]!;
    const movedM = odometerM - beforeM;
    if (movedM === 0) return this.#shadow[pair]!;
    const state = mixIn(mixIn(this.#options.seed ^ 0x2545f491, pair), Math.floor(nowUs / 1000));
    const keep = Number.isNaN(beforeM) ? 0 : exp(-Math.abs(movedM) / DECORRELATION_M);
    const shadow = keep * this.#shadow[pair]! + Math.sqrt(1 - keep * keep) * drawNormal(state);
    this.#shadow[pair] = shadow;
    this.#shadowOdometerM[pair] = odometerM;
    return shadow;
  }

  /** Diffraction loss over the highest obstacle, 0 with clear sight. */
  #knifeEdgeDb(a: number, b: number, flatM: number): number {
    const at = this.#options.antennas;
    const count = Math.min(PROFILE_SAMPLES_MAX, Math.ceil(flatM / PROFILE_STEP_M));
    const wavelengthM = LIGHT_MPS / this.#options.bandHz;
    let worst = -Infinity;
    for (let i = 1; i < count; i += 1) {
      const t = i / count;
      const northM = at.northM[a]! + (at.northM[b]! - at.northM[a]!) * t;
      const eastM = at.eastM[a]! + (at.eastM[b]! - at.eastM[a]!) * t;
      const rayM = at.altitudeM[a]! + (at.altitudeM[b]! - at.altitudeM[a]!) * t;
      const before = flatM * t;
      const beyond = flatM - before;
      const bulgeM = (before * beyond) / (2 * EARTH_RADIUS_M);
      const heightM = this.#options.groundAmslM(northM, eastM) + bulgeM - rayM;
      const v = heightM * Math.sqrt((2 * flatM) / (wavelengthM * before * beyond));
      if (v > worst) worst = v;
    }
    return knifeEdgeLossDb(worst);
  }
}

/** ITU-R P.526-15, equation 31; zero where the edge lies clear of the ray. */
export function knifeEdgeLossDb(v: number): number {
  if (v <= -0.78) return 0;
  const w = v - 0.1;
  return 6.9 + 20 * log10(Math.sqrt(w * w + 1) + w);
}
