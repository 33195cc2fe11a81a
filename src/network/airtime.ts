/**
 * Air time: what a frame costs, how much of the channel is used, and how often a beacon may go out.
 *
 * Cost of a frame, 802.11n HT mixed 20 MHz, long guard interval (IEEE 802.11-2020, 19.4.3): 36 µs
 * preamble, then symbols of 4 µs of 4 x rate bits each, of which 22 are service and tail; plus an
 * arbitration gap (34 µs SIFS + 2 slots, half of CW 15) of 110 µs. At MCS0, 256 B cost 514 µs.
 *
 * A collision domain collapses above about 1,500 frames a second (ns-3 figures in the channel
 * model's tests): 80% of that is for everyone together, and what packets use is taken from the
 * beacons' part. The cap uses the count of neighbors, so all nodes of a cell come to the same
 * answer.
 */
import type { ByteReader, ByteWriter } from "../base/mod.ts";
import { COMMON_RADIO, type RadioIndex } from "../hal/mod.ts";

const PREAMBLE_US = 36;
const SYMBOL_US = 4;
const SERVICE_AND_TAIL_BITS = 22;
const MAC_OVERHEAD_BYTES = 38;
const ARBITRATION_US = 110;

export function frameAirTimeUs(datagramBytes: number, rateMbps: number): number {
  const bits = 8 * (datagramBytes + MAC_OVERHEAD_BYTES) + SERVICE_AND_TAIL_BITS;
  return PREAMBLE_US + SYMBOL_US * Math.ceil(bits / (rateMbps * SYMBOL_US)) + ARBITRATION_US;
}

export const KNEE_FRAMES_HZ = 1500;
const USABLE_SHARE = 0.8;

/** Classes 0 to 4, then beacons and acknowledgements as one. */
export const METERED_CLASSES = 6;
export const BEACON_METER = 5;

const BUCKETS = 10;
const BUCKET_MS = 100;
const WINDOW_MS: number = BUCKETS * BUCKET_MS;

/** Sliding window of a second in tenths. The last tenth is partly filled: rates lag, never jump. */
export class AirTimeMeter {
  readonly #ownUs = new Float64Array(BUCKETS * METERED_CLASSES);
  /** Frames of all kinds, and those that were no beacons, heard and sent. */
  readonly #frames = new Float64Array(BUCKETS);
  readonly #otherFrames = new Float64Array(BUCKETS);
  /** Sums of the columns above, kept as they change: all are whole numbers, so they are exact. */
  readonly #sums = { ownUs: new Float64Array(METERED_CLASSES), frames: 0, otherFrames: 0 };
  #bucket = 0;
  #bucketEndMs = BUCKET_MS;
  #commonRatio = 0;
  #clusterRatio = 0;
  /** Slows the beacons while the driver reports a crowded channel, [0.1, 1]. */
  #ease = 1;

  get busyRatio(): number {
    return Math.max(this.#commonRatio, this.#clusterRatio);
  }

  sent(nowMs: number, meter: number, airTimeUs: number): void {
    this.#turn(nowMs);
    this.#ownUs[this.#bucket * METERED_CLASSES + meter]! += airTimeUs;
    this.#sums.ownUs[meter]! += airTimeUs;
    this.#count(meter === BEACON_METER);
  }

  heard(nowMs: number, isBeacon: boolean): void {
    if (nowMs >= this.#bucketEndMs) this.#turn(nowMs);
    this.#count(isBeacon);
  }

  /** Additive recovery, multiplicative retreat (Chiu and Jain, 1989), once a driver's report. */
  reported(busyRatio: number, radio: RadioIndex = COMMON_RADIO): void {
    const ratio = Math.min(1, Math.max(0, busyRatio));
    if (radio !== COMMON_RADIO) {
      this.#clusterRatio = ratio;
      return;
    }
    this.#commonRatio = ratio;
    const crowded = ratio > USABLE_SHARE;
    this.#ease = crowded ? Math.max(0.1, this.#ease * 0.7) : Math.min(1, this.#ease + 0.1);
  }

  ownRatio(nowMs: number, meter: number): number {
    this.#turn(nowMs);
    return this.#sums.ownUs[meter]! / (WINDOW_MS * 1000);
  }

  ownRatioTotal(nowMs: number): number {
    this.#turn(nowMs);
    let sumUs = 0;
    for (let meter = 0; meter < METERED_CLASSES; meter += 1) sumUs += this.#sums.ownUs[meter]!;
    return sumUs / (WINDOW_MS * 1000);
  }

  framesHz(nowMs: number): number {
    this.#turn(nowMs);
    return this.#sums.frames / (WINDOW_MS / 1000);
  }

  otherFramesHz(nowMs: number): number {
    this.#turn(nowMs);
    return this.#sums.otherFrames / (WINDOW_MS / 1000);
  }

  /**
   * The interval for `wantedHz`, slowed so that this cell's beacons and packets stay below the
   * knee.
   */
  beaconIntervalMs(nowMs: number, wantedHz: number, neighbors: number): number {
    const forBeaconsHz = Math.max(0, USABLE_SHARE * KNEE_FRAMES_HZ - this.otherFramesHz(nowMs));
    const capHz = (this.#ease * forBeaconsHz) / (neighbors + 1);
    const rateHz = Math.min(BEACON_HZ_MAX, Math.max(BEACON_HZ_MIN, Math.min(wantedHz, capHz)));
    return 1000 / rateHz;
  }

  save(to: ByteWriter): void {
    to.u8(this.#bucket)
      .f64(this.#bucketEndMs)
      .f64(this.#commonRatio)
      .f64(this.#clusterRatio)
      .f64(this.#ease);
    for (const column of [this.#ownUs, this.#frames, this.#otherFrames]) {
      for (const value of column) to.f64(value);
    }
  }

  load(from: ByteReader): void {
    this.#bucket = from.u8() % BUCKETS;
    this.#bucketEndMs = from.f64();
    this.#commonRatio = from.f64();
    this.#clusterRatio = from.f64();
    this.#ease = from.f64();
    for (const column of [this.#ownUs, this.#frames, this.#otherFrames]) {
      for (let i = 0; i < column.length; i += 1) column[i] = from.f64();
    }
    this.#sumUp();
  }

  #sumUp(): void {
    const sums = this.#sums;
    sums.ownUs.fill(0);
    this.#ownUs.forEach((us, i) => (sums.ownUs[i % METERED_CLASSES]! += us));
    sums.frames = this.#frames.reduce((sum, count) => sum + count, 0);
    sums.otherFrames = this.#otherFrames.reduce((sum, count) => sum + count, 0);
  }

  #count(isBeacon: boolean): void {
    this.#frames[this.#bucket]! += 1;
    this.#sums.frames += 1;
    if (isBeacon) return;
    this.#otherFrames[this.#bucket]! += 1;
    this.#sums.otherFrames += 1;
  }

  /** Opens the tenth that holds `nowMs`, clearing those passed over; at most all ten. */
  #turn(nowMs: number): void {
    if (nowMs < this.#bucketEndMs) return;
    const steps = Math.floor((nowMs - this.#bucketEndMs) / BUCKET_MS) + 1;
    for (let i = 0; i < Math.min(steps, BUCKETS); i += 1) {
      this.#bucket = (this.#bucket + 1) % BUCKETS;
      this.#clearBucket();
    }
    this.#bucketEndMs += steps * BUCKET_MS;
  }

  #clearBucket(): void {
    const bucket = this.#bucket;
    this.#sums.frames -= this.#frames[bucket]!;
    this.#sums.otherFrames -= this.#otherFrames[bucket]!;
    this.#frames[bucket] = 0;
    this.#otherFrames[bucket] = 0;
    for (let meter = 0; meter < METERED_CLASSES; meter += 1) {
      this.#sums.ownUs[meter]! -= this.#ownUs[bucket * METERED_CLASSES + meter]!;
      this.#ownUs[bucket * METERED_CLASSES + meter] = 0;
    }
  }
}

const BEACON_HZ_MIN = 0.5;
const BEACON_HZ_MAX = 10;
