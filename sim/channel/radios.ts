/**
 * The radios of all nodes: one on the common channel, and a second for those that are tuned to
 * their cluster's channel. Each radio has a medium access of its own; a node sends and listens on
 * both at once. Channels do not leak into each other.
 *
 * The second medium exists from the first `tune` on, so that a world of one channel pays for one.
 */
import type { ByteReader, ByteWriter } from "../../src/base/mod.ts";
import {
  ALL_CHANNELS,
  CLUSTER_RADIO,
  COMMON_RADIO,
  type ChannelReport,
  type RadioIndex,
} from "../../src/hal/mod.ts";
import { Medium, type AirFrame, type MediumCounters, type MediumOptions } from "./medium.ts";

/** Added to an event's argument when it is the second radio's; slots and frames are below. */
export const CLUSTER_EVENT: number = 1 << 19;
/** Another stream of back-offs than the first radio's. */
const CLUSTER_SEED = 0x6d2b79f5;

export class Radios {
  readonly #options: MediumOptions;
  readonly #common: Medium;
  /** By slot; 0 is a second radio that is off. */
  readonly #channels: Uint8Array;
  readonly #jamMw: Float64Array;
  #cluster: Medium | undefined;

  constructor(options: MediumOptions) {
    this.#options = options;
    this.#common = new Medium(options);
    this.#channels = new Uint8Array(options.emitterCount);
    this.#jamMw = new Float64Array(options.emitterCount);
  }

  /** Of both radios together. */
  get counters(): MediumCounters {
    const sum = { ...this.#common.counters };
    const more = this.#cluster?.counters;
    if (more === undefined) return sum;
    sum.transmissions += more.transmissions;
    sum.offered += more.offered;
    sum.received += more.received;
    sum.collided += more.collided;
    sum.expired += more.expired;
    sum.refused += more.refused;
    return sum;
  }

  /** Cluster channels in use now, beside the common one. */
  get channelsInUse(): number {
    const used = this.#channels.filter((channel) => channel !== 0 && channel !== ALL_CHANNELS);
    return new Set(used).size;
  }

  /**
   * The second radio of a slot listens and sends on this channel from now on, from 1; 0 is off. A
   * station on the ground may have a receiver for every channel: `ALL_CHANNELS`.
   */
  tune(slot: number, channel: number): void {
    if (this.#channels[slot] !== channel) this.#cluster?.silence(slot);
    this.#channels[slot] = channel;
    if (channel !== 0) this.#obtainCluster();
  }

  isTuned(slot: number): boolean {
    return this.#channels[slot] !== 0;
  }

  /** False when the frame is lost: the queue is full, or the second radio does not send. */
  send(radio: RadioIndex, slot: number, frame: AirFrame): boolean {
    if (radio === COMMON_RADIO) return this.#common.send(slot, frame);
    const sends = this.isTuned(slot) && this.#channels[slot] !== ALL_CHANNELS;
    return sends && this.#obtainCluster().send(slot, frame);
  }

  silence(slot: number): void {
    this.#common.silence(slot);
    this.#cluster?.silence(slot);
  }

  /** A jammer is broad: it is heard on every channel. */
  jam(slot: number, powerMw: number): void {
    this.#jamMw[slot] = powerMw;
    this.#common.jam(slot, powerMw);
    this.#cluster?.jam(slot, powerMw);
  }

  /** What the drivers of a slot's radios know, of the second that has passed since last asked. */
  takeReports(slot: number): readonly ChannelReport[] {
    const common = reportOf(this.#common, COMMON_RADIO, slot);
    if (this.#cluster === undefined || !this.isTuned(slot)) return [common];
    return [common, reportOf(this.#cluster, CLUSTER_RADIO, slot)];
  }

  onAccess(nowUs: number, argument: number): void {
    if (argument < CLUSTER_EVENT) this.#common.onAccess(nowUs, argument);
    else this.#cluster?.onAccess(nowUs, argument - CLUSTER_EVENT);
  }

  onEnd(nowUs: number, argument: number): void {
    if (argument < CLUSTER_EVENT) this.#common.onEnd(nowUs, argument);
    else this.#cluster?.onEnd(nowUs, argument - CLUSTER_EVENT);
  }

  save(to: ByteWriter): void {
    this.#common.save(to);
    to.bool(this.#cluster !== undefined);
    if (this.#cluster === undefined) return;
    to.raw(this.#channels);
    for (const mw of this.#jamMw) to.f64(mw);
    this.#cluster.save(to);
  }

  load(from: ByteReader): void {
    this.#common.load(from);
    this.#cluster = undefined;
    this.#channels.fill(0);
    if (!from.bool()) return;
    this.#channels.set(from.raw(this.#channels.length));
    for (let slot = 0; slot < this.#jamMw.length; slot += 1) this.#jamMw[slot] = from.f64();
    this.#obtainCluster().load(from);
  }

  #obtainCluster(): Medium {
    if (this.#cluster !== undefined) return this.#cluster;
    const options = this.#options;
    const medium = new Medium({
      ...options,
      seed: (options.seed ^ CLUSTER_SEED) >>> 0,
      channels: this.#channels,
      scheduleAccess: (atUs, slot) => {
        options.scheduleAccess(atUs, CLUSTER_EVENT + slot);
      },
      scheduleEnd: (atUs, index) => {
        options.scheduleEnd(atUs, CLUSTER_EVENT + index);
      },
      deliver: (reception) => {
        reception.radio = CLUSTER_RADIO;
        options.deliver(reception);
      },
    });
    this.#jamMw.forEach((mw, slot) => {
      if (mw > 0) medium.jam(slot, mw);
    });
    this.#cluster = medium;
    return medium;
  }
}

const reportOf = (medium: Medium, radio: RadioIndex, slot: number): ChannelReport => ({
  radio,
  busyRatio: Math.min(1, medium.takeBusyUs(slot) / 1e6),
  expiredCount: medium.takeExpired(slot),
});
