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
 * value.
 *
 * Only pairs within `reachM` of each other are known at all: beyond it the gain is zero. Who is in
 * reach is found by a grid over positions that are at most `NEAR_AGE_US` old; each antenna has a
 * list of its neighbours in rising order of slot, in which the gain that is valid now stands beside
 * the slot, so that a transmission reads memory in a row. Pairs that nobody used for `UNUSED_US`
 * are forgotten: by then both ends have moved on.
 */
import { atan2, exp, log10, pow, type ByteReader, type ByteWriter } from "../../src/base/mod.ts";
import { drawNormal, loadSlabs, mixIn, PlaneGrid, saveSlabs } from "../core/mod.ts";
import { forgetPair, PAIR, PairRows } from "./pairs.ts";

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
/** Two vehicles that part at 18 m/s each change their distance by 150 m meanwhile. */
const NEAR_AGE_US = 4_000_000;
const UNUSED_US = 60_000_000;
/** Cells a reach: more of them fit the circle better, fewer are found faster. */
const CELLS_A_REACH = 4;

/** With 4 dB of shadowing upwards and a good fade a short slow frame just decodes. */
const UNDER_NOISE_DB = 6;
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
}

/** Antennas in reach of one, in rising order of slot; columns of one length, `count` of it used. */
export interface Near {
  readonly slot: number;
  count: number;
  slots: Uint32Array;
  /** Gain of each, valid until the time beside it. */
  gain: Float64Array;
  untilUs: Float64Array;
  /** Offset of the pair's row, -1 before it was first asked for. */
  rows: Int32Array;
  /** Which look at the grid this is from. */
  look: number;
}

export class LinkTable {
  readonly #count: number;
  readonly #options: LinkOptions;
  readonly #reachM: number;
  readonly #firstMetreDb: number;
  readonly #pairs: PairRows = new PairRows();
  readonly #grid: PlaneGrid = new PlaneGrid();
  readonly #everybody: Uint32Array;
  readonly #near: (Near | undefined)[] = [];
  readonly #found: number[] = [];
  /** Places at the last look. */
  readonly #northM: Float64Array;
  readonly #eastM: Float64Array;
  #lookUs = -Infinity;
  #look = 0;
  #sweptUs = 0;

  constructor(options: LinkOptions) {
    const count = options.antennas.northM.length;
    this.#count = count;
    this.#options = options;
    this.#reachM = options.reachM ?? EVERYWHERE_M;
    const wavelengths = (4 * Math.PI * options.bandHz) / LIGHT_MPS;
    this.#firstMetreDb = 20 * log10(wavelengths) - options.antennaGainDb;
    this.#everybody = Uint32Array.from({ length: count }, (_, i) => i);
    this.#northM = new Float64Array(count);
    this.#eastM = new Float64Array(count);
  }

  /** Whom this antenna may reach or hear; the list is the table's own, for this instant. */
  near(slot: number, nowUs: number): Near {
    if (nowUs - this.#lookUs >= NEAR_AGE_US) this.#lookAnew(nowUs);
    const near = (this.#near[slot] ??= emptyNear(slot));
    if (near.look !== this.#look) this.#list(near);
    return near;
  }

  /** Power gain to neighbour `k` of a list without fast fading, as a ratio. */
  gainAt(near: Near, k: number, nowUs: number): number {
    if (nowUs >= near.untilUs[k]!) this.#renew(near, k, nowUs);
    return near.gain[k]!;
  }

  /** Fast fading to neighbour `k` in this coherence block, mean 1; ask `gainAt` first. */
  fadeAt(near: Near, k: number, nowUs: number): number {
    return this.#fade(near.rows[k]!, nowUs);
  }

  /** Power gain of any pair, zero out of reach. */
  gain(a: number, b: number, nowUs: number): number {
    if (nowUs - this.#lookUs >= NEAR_AGE_US) this.#lookAnew(nowUs);
    const dn = this.#northM[a]! - this.#northM[b]!;
    const de = this.#eastM[a]! - this.#eastM[b]!;
    if (dn * dn + de * de > this.#reachM * this.#reachM) return 0;
    const row = this.#pairs.offset(this.#key(a, b));
    if (nowUs - this.#pairs.data[row + PAIR.gainUs]! >= GAIN_AGE_US) this.#refresh(row, nowUs);
    return this.#pairs.data[row + PAIR.gain]!;
  }

  /** Fast fading of any pair whose gain was asked for. */
  fade(a: number, b: number, nowUs: number): number {
    return this.#fade(this.#pairs.offset(this.#key(a, b)), nowUs);
  }

  /** Forgets what is known of this node's links: it was moved, not flown. Looks anew. */
  forget(slot: number): void {
    for (let other = 0; other < this.#count; other += 1) {
      if (other === slot) continue;
      const row = this.#pairs.find(this.#key(slot, other));
      if (row >= 0) forgetPair(this.#pairs.data, row);
    }
    this.#lookUs = -Infinity;
  }

  save(to: ByteWriter): void {
    to.f64(this.#lookUs).f64(this.#sweptUs);
    saveSlabs([this.#northM, this.#eastM], to);
    this.#pairs.save(to);
  }

  load(from: ByteReader): void {
    this.#lookUs = from.f64();
    this.#sweptUs = from.f64();
    loadSlabs([this.#northM, this.#eastM], from);
    this.#pairs.load(from);
    this.#fillGrid();
  }

  #key(a: number, b: number): number {
    return a < b ? a * this.#count + b : b * this.#count + a;
  }

  /** Where everybody is now; all lists are void, and what nobody asks for any more goes. */
  #lookAnew(nowUs: number): void {
    const { northM, eastM } = this.#options.antennas;
    this.#lookUs = nowUs;
    this.#northM.set(northM);
    this.#eastM.set(eastM);
    if (nowUs - this.#sweptUs >= UNUSED_US) {
      this.#sweptUs = nowUs;
      this.#pairs.sweep(nowUs - UNUSED_US);
    }
    this.#fillGrid();
  }

  #fillGrid(): void {
    this.#look += 1;
    this.#grid.fill(this.#everybody, {
      northM: this.#northM,
      eastM: this.#eastM,
      cellM: this.#reachM / CELLS_A_REACH,
    });
  }

  #list(near: Near): void {
    const { slot } = near;
    const found = this.#found;
    this.#grid.near(this.#northM[slot]!, this.#eastM[slot]!, this.#reachM, found);
    if (near.slots.length < found.length) widen(near, found.length);
    let count = 0;
    for (const other of found) {
      if (other === slot) continue;
      near.slots[count] = other;
      count += 1;
    }
    near.count = count;
    near.untilUs.fill(-Infinity, 0, count);
    near.rows.fill(-1, 0, count);
    near.look = this.#look;
  }

  #renew(near: Near, k: number, nowUs: number): void {
    let row = near.rows[k]!;
    if (row < 0) {
      row = this.#pairs.offset(this.#key(near.slot, near.slots[k]!));
      near.rows[k] = row;
    }
    if (nowUs - this.#pairs.data[row + PAIR.gainUs]! >= GAIN_AGE_US) this.#refresh(row, nowUs);
    const { data } = this.#pairs;
    near.gain[k] = data[row + PAIR.gain]!;
    near.untilUs[k] = data[row + PAIR.gainUs]! + GAIN_AGE_US;
  }

  #fade(row: number, nowUs: number): number {
    const { data } = this.#pairs;
    const block = Math.floor(nowUs / data[row + PAIR.blockUs]!);
    const state = mixIn(mixIn(this.#options.seed, data[row]!), block);
    const scatter = data[row + PAIR.scatter]!;
    const x = data[row + PAIR.steady]! + scatter * drawNormal(state);
    const y = scatter * drawNormal(state ^ 0x5bd1e995);
    return x * x + y * y;
  }

  #refresh(row: number, nowUs: number): void {
    const { data } = this.#pairs;
    const a = Math.floor(data[row]! / this.#count);
    const b = data[row]! - a * this.#count;
    const at = this.#options.antennas;
    const dn = at.northM[b]! - at.northM[a]!;
    const de = at.eastM[b]! - at.eastM[a]!;
    const du = at.altitudeM[b]! - at.altitudeM[a]!;
    const flatM = Math.sqrt(dn * dn + de * de);
    const distanceM = Math.max(1, Math.sqrt(flatM * flatM + du * du));
    const nearGround = at.aglM[a]! < NEAR_GROUND_M || at.aglM[b]! < NEAR_GROUND_M;
    if (nowUs - data[row + PAIR.profileUs]! >= PROFILE_AGE_US) {
      data[row + PAIR.profileUs] = nowUs;
      data[row + PAIR.profileDb] = this.#knifeEdgeDb(a, b, flatM);
    }
    const sigmaDb = nearGround ? SHADOW_GROUND_DB : SHADOW_AIR_DB;
    const shadowDb = sigmaDb * this.#shadowAt(row, at.odometerM[a]! + at.odometerM[b]!, nowUs);
    const exponent = nearGround ? EXPONENT_GROUND : EXPONENT_AIR;
    const profileDb = data[row + PAIR.profileDb]!;
    const lossDb = this.#firstMetreDb + 10 * exponent * log10(distanceM) + profileDb;
    data[row + PAIR.gain] = pow(10, -(lossDb + shadowDb) / 10);
    data[row + PAIR.gainUs] = nowUs;
    const elevation = atan2(Math.abs(du), Math.max(1, flatM)) / (Math.PI / 2);
    this.#setFading(row, {
      kDb: nearGround ? 6 + 4 * elevation : 12,
      speedMps: Math.max(1, at.speedMps[a]! + at.speedMps[b]!),
    });
  }

  #setFading(row: number, fading: { readonly kDb: number; readonly speedMps: number }): void {
    const { data } = this.#pairs;
    const k = pow(10, fading.kDb / 10);
    data[row + PAIR.steady] = Math.sqrt(k / (k + 1));
    data[row + PAIR.scatter] = Math.sqrt(1 / (2 * (k + 1)));
    const coherenceS = (0.423 * LIGHT_MPS) / (fading.speedMps * this.#options.bandHz);
    data[row + PAIR.blockUs] = coherenceS * 1e6;
  }

  /** One step of the AR(1) process, in units of sigma. */
  #shadowAt(row: number, odometerM: number, nowUs: number): number {
    const { data } = this.#pairs;
    const before = data[row + PAIR.shadow]!;
    const beforeM = data[row + PAIR.shadowOdometerM]!;
    const movedM = odometerM - beforeM;
    if (movedM === 0) return before;
    const { seed } = this.#options;
    const state = mixIn(mixIn(seed ^ 0x2545f491, data[row]!), Math.floor(nowUs / 1000));
    const keep = Number.isNaN(beforeM) ? 0 : exp(-Math.abs(movedM) / DECORRELATION_M);
    const shadow = keep * before + Math.sqrt(1 - keep * keep) * drawNormal(state);
    data[row + PAIR.shadow] = shadow;
    data[row + PAIR.shadowOdometerM] = odometerM;
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

const emptyNear = (slot: number): Near => ({
  slot,
  count: 0,
  slots: new Uint32Array(0),
  gain: new Float64Array(0),
  untilUs: new Float64Array(0),
  rows: new Int32Array(0),
  look: 0,
});

/** Room for half as many again, so that a list which grows by one does not grow each time. */
function widen(near: Near, count: number): void {
  const room = Math.ceil(count * 1.5);
  near.slots = new Uint32Array(room);
  near.gain = new Float64Array(room);
  near.untilUs = new Float64Array(room);
  near.rows = new Int32Array(room);
}

/**
 * How far a sender is worth looking at: where distance alone has put its mean power 6 dB under the
 * noise. Beyond, no fading that happens lifts a frame over what decodes, and what it adds to
 * the noise is less than a decibel.
 */
export function reachM(radio: {
  readonly bandHz: number;
  readonly powerDbm: number;
  readonly antennaGainDb: number;
  readonly noiseDbm: number;
}): number {
  const firstMetreDb = 20 * log10((4 * Math.PI * radio.bandHz) / LIGHT_MPS) - radio.antennaGainDb;
  const marginDb = radio.powerDbm - firstMetreDb - (radio.noiseDbm - UNDER_NOISE_DB);
  return pow(10, marginDb / (10 * EXPONENT_AIR));
}
