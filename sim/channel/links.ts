/**
 * Gain of every link: path loss, shadowing behind terrain, slow shadowing, fast fading.
 *
 * Sources:
 * - Free space over the first metre (Friis, 1946), then log-distance: exponent 2.05 between
 *   vehicles in the air and 2.3 when one end is near the ground (campaigns found 2.0-2.6).
 * - Terrain in the way: single knife edge at the worst point of the profile (ITU-R P.526-15, eq.
 *   31), over an earth of 4/3 radius. Departure: one edge, where real ridges may have more.
 * - Shadowing over the distance that both ends travelled: 2 dB air to air, 3.5 dB to the ground, a
 *   third left of it after 35 m (campaigns: 20-50 m; Gudmundson, 1991). Departure: not his AR(1)
 *   process but normal values drawn each `SHADOW_CELL_M` by hash and joined (value noise): a pair
 *   has no state, and its shadow is the same from either end.
 * - Rician block fading: K 12 dB air to air; to the ground 6 dB at the horizon to 10 dB overhead
 *   (falling with low elevation as in Al-Hourani's measurements); a block lasts 0.423 c / (v f).
 * - Below about 4 m height two-ray cancellation matters; antennas here stand higher or the link is
 *   short, so it is left out.
 *
 * Only pairs within `reachM` of each other are known at all: beyond it the gain is zero. Each
 * antenna has a list of its neighbours in rising order of slot with what is known of each beside
 * it (`neighbours.ts`), so that a transmission reads memory in a row.
 * A gain holds for half a second at 300 m and longer in proportion, up to `GAIN_AGE_MAX_US`: the
 * same flight changes a longer link by less. The terrain between two is looked at again when they
 * have flown `PROFILE_MOVED_M` and a share of their distance, and not at all where distance alone
 * leaves nothing to lose. Where curves are read from tables (`curves.ts`) they are within 0.03 dB.
 */
import { atan2, log10, pow, type ByteReader, type ByteWriter } from "../../src/base/mod.ts";
import { drawNormal, mixIn } from "../core/mod.ts";
import { fadingOf, pathCurve, pathGain, ratioOfDb, type PathCurve } from "./curves.ts";
import { indexOf, Neighbours, type Near } from "./neighbours.ts";

const GAIN_AGE_US = 500_000;
const GAIN_AGE_MAX_US = 4_000_000;
/** Some metres of flight are a tenth of a decibel here. */
const GAIN_AGE_M = 300;
/** A cell of the true ground's grid; and half a minute of flight at the longest link. */
const PROFILE_MOVED_M = 40;
const PROFILE_MOVED_SHARE = 1 / 12;
const LIGHT_MPS = 299_792_458;
const EXPONENT_AIR = 2.05;
const EXPONENT_GROUND = 2.3;
const SHADOW_AIR_DB = 2;
const SHADOW_GROUND_DB = 3.5;
/** Joined values this far apart correlate at 35 m by 1 / e. */
const SHADOW_CELL_M = 39;
const SHADOW_SEED = 0x2545f491;
/** An end lower than this over the ground has the ground in its first Fresnel zone. */
const NEAR_GROUND_M = 10;
const K_AIR_DB = 12;
const K_HORIZON_DB = 6;
const K_OVERHEAD_DB = 10;
const EARTH_RADIUS_M = 6_371_000 * (4 / 3);
const PROFILE_STEP_M = 40;
const PROFILE_SAMPLES_MAX = 32;
/** With 4 dB of shadowing upwards and a good fade a short slow frame now and then decodes. */
const UNDER_NOISE_DB = 5;
/** Reach of a table that is given none: further than the size of any world. */
const EVERYWHERE_M = 1e6;

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
  /** Pairs further apart on the map do not hear each other; without it all are in reach. */
  readonly reachM?: number;
  /** A link that distance alone makes weaker than this is not looked at for terrain. */
  readonly gainMin?: number;
}

export class LinkTable {
  readonly #count: number;
  readonly #options: LinkOptions;
  readonly #air: PathCurve;
  readonly #ground: PathCurve;
  readonly #gainMin: number;
  readonly #neighbours: Neighbours;

  constructor(options: LinkOptions) {
    this.#count = options.antennas.northM.length;
    this.#options = options;
    const firstMetreDb = firstMetreLossDb(options);
    this.#air = pathCurve(firstMetreDb, EXPONENT_AIR);
    this.#ground = pathCurve(firstMetreDb, EXPONENT_GROUND);
    this.#gainMin = options.gainMin ?? 0;
    this.#neighbours = new Neighbours(options.antennas, options.reachM ?? EVERYWHERE_M);
  }

  /** Whom this antenna may reach or hear; the list is the table's own, for this instant. */
  near(slot: number, nowUs: number): Near {
    return this.#neighbours.of(slot, nowUs);
  }

  /** Power gain to neighbour `k` of a list without fast fading, as a ratio. */
  gainAt(near: Near, k: number, nowUs: number): number {
    if (nowUs >= near.untilUs[k]!) this.#refresh(near, k, nowUs);
    return near.gain[k]!;
  }

  /** Fast fading to neighbour `k` in this coherence block, mean 1. */
  fadeAt(near: Near, k: number, nowUs: number): number {
    return this.fade(near.slot, near.slots[k]!, nowUs);
  }

  /** Power gain of any pair, zero out of reach. */
  gain(a: number, b: number, nowUs: number): number {
    const near = this.#neighbours.of(Math.min(a, b), nowUs);
    const k = indexOf(near, Math.max(a, b));
    return k < 0 ? 0 : this.gainAt(near, k, nowUs);
  }

  /** Fast fading of any pair. */
  fade(a: number, b: number, nowUs: number): number {
    const at = this.#options.antennas;
    const dn = at.northM[b]! - at.northM[a]!;
    const de = at.eastM[b]! - at.eastM[a]!;
    // Whole metres a second: a block does not begin anew with each breath of wind.
    const speedMps = Math.max(1, Math.round(at.speedMps[a]! + at.speedMps[b]!));
    const blockUs = (0.423e6 * LIGHT_MPS) / (speedMps * this.#options.bandHz);
    const kDb = this.#isNearGround(a, b)
      ? groundFactorDb(dn * dn + de * de, at.altitudeM[b]! - at.altitudeM[a]!)
      : K_AIR_DB;
    const { steady, scatter } = fadingOf(kDb);
    const state = mixIn(mixIn(this.#options.seed, this.#key(a, b)), Math.floor(nowUs / blockUs));
    const x = steady + scatter * drawNormal(state);
    const y = scatter * drawNormal(state ^ 0x5bd1e995);
    return x * x + y * y;
  }

  /** Forgets what is known of this node's links: it was moved, not flown. Looks anew. */
  forget(slot: number): void {
    this.#neighbours.forget(slot);
  }

  save(to: ByteWriter): void {
    this.#neighbours.save(to);
  }

  load(from: ByteReader): void {
    this.#neighbours.load(from);
  }

  #key(a: number, b: number): number {
    return a < b ? a * this.#count + b : b * this.#count + a;
  }

  #isNearGround(a: number, b: number): boolean {
    const { aglM } = this.#options.antennas;
    return aglM[a]! < NEAR_GROUND_M || aglM[b]! < NEAR_GROUND_M;
  }

  #refresh(near: Near, k: number, nowUs: number): void {
    const a = near.slot;
    const b = near.slots[k]!;
    const at = this.#options.antennas;
    const dn = at.northM[b]! - at.northM[a]!;
    const de = at.eastM[b]! - at.eastM[a]!;
    const du = at.altitudeM[b]! - at.altitudeM[a]!;
    const square = dn * dn + de * de;
    const distanceM = Math.max(1, Math.sqrt(square + du * du));
    const nearGround = this.#isNearGround(a, b);
    const clear = pathGain(nearGround ? this.#ground : this.#air, distanceM);
    const odometerM = at.odometerM[a]! + at.odometerM[b]!;
    const sigmaDb = nearGround ? SHADOW_GROUND_DB : SHADOW_AIR_DB;
    let gain = clear * ratioOfDb(sigmaDb * this.#shadow(this.#key(a, b), odometerM));
    if (gain >= this.#gainMin) {
      const movedM = odometerM - near.profileM[k]!;
      // Not-a-number before the first look compares as not small.
      if (!(movedM < PROFILE_MOVED_M + distanceM * PROFILE_MOVED_SHARE)) {
        near.profileM[k] = odometerM;
        near.profile[k] = ratioOfDb(-this.#knifeEdgeDb(a, b, Math.sqrt(square)));
      }
      gain *= near.profile[k]!;
    }
    near.gain[k] = gain;
    const ageUs = GAIN_AGE_US * (distanceM / GAIN_AGE_M);
    near.untilUs[k] = nowUs + Math.min(GAIN_AGE_MAX_US, Math.max(GAIN_AGE_US, ageUs));
  }

  /** In units of sigma; the same for both ends. */
  #shadow(key: number, odometerM: number): number {
    const place = odometerM / SHADOW_CELL_M;
    const cell = Math.floor(place);
    const state = mixIn(this.#options.seed ^ SHADOW_SEED, key);
    const beyond = place - cell;
    const here = 1 - beyond;
    const joined =
      here * drawNormal(mixIn(state, cell)) + beyond * drawNormal(mixIn(state, cell + 1));
    return joined / Math.sqrt(here * here + beyond * beyond);
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

function groundFactorDb(square: number, upM: number): number {
  const elevation = atan2(Math.abs(upM), Math.max(1, Math.sqrt(square))) / (Math.PI / 2);
  return K_HORIZON_DB + (K_OVERHEAD_DB - K_HORIZON_DB) * elevation;
}

const firstMetreLossDb = (radio: {
  readonly bandHz: number;
  readonly antennaGainDb: number;
}): number => 20 * log10((4 * Math.PI * radio.bandHz) / LIGHT_MPS) - radio.antennaGainDb;

/**
 * How far a sender is worth looking at: where distance alone has put its mean power 5 dB under the
 * noise. Beyond, one frame in fifty would be lifted over what decodes, and what it adds to the
 * noise is about a decibel.
 */
export function reachM(radio: {
  readonly bandHz: number;
  readonly powerDbm: number;
  readonly antennaGainDb: number;
  readonly noiseDbm: number;
}): number {
  const marginDb = radio.powerDbm - firstMetreLossDb(radio) - (radio.noiseDbm - UNDER_NOISE_DB);
  return pow(10, marginDb / (10 * EXPONENT_AIR));
}

/** The gain below which a link is worth nothing to anybody, terrain or not. */
export const gainMinOf = (radio: {
  readonly powerDbm: number;
  readonly noiseDbm: number;
}): number => pow(10, (radio.noiseDbm - UNDER_NOISE_DB - radio.powerDbm) / 10);
