/**
 * The shared medium: CSMA/CA with EDCA at every sender, one event a transmission, reception by
 * signal to interference and noise at every listener.
 *
 * Source: IEEE 802.11-2020, clause 10.23.2 (EDCA). Each sender senses the carrier by itself, so
 * hidden terminals and their collisions come out of the geometry. Departures: the end of a sensed
 * frame is known when it begins (it stands in its header); a sender hears nothing of another that
 * began within `BLIND_US`, which is how frames collide; no EIFS after a broken frame;
 * acknowledgements of unicast frames occupy the medium and are never lost. A busy medium found at
 * arrival draws a back-off, as does every transmission (post back-off).
 *
 * Reception: a receiver locks on the first frame it can sense; another takes it over only when it
 * is `CAPTURE_RATIO` stronger. Frames that begin together compete by signal to interference, and
 * the preamble must stand `PREAMBLE_RATIO` over what else is on the air. Over the share of the
 * frame that others overlap, all of them together count as noise.
 *
 * Flat slabs by emitter slot; frames are objects (one a transmission). Bounds: `queueFrames` for
 * each sender and class; the newest is refused when full.
 */
import {
  invariant,
  log10,
  pow,
  SeededStream,
  type ByteReader,
  type ByteWriter,
} from "../../src/base/mod.ts";
import { ALL_CHANNELS, COMMON_RADIO, type RadioIndex } from "../../src/hal/mod.ts";
import { loadSlabs, readPlain, saveSlabs, writePlain, type Slab } from "../core/mod.ts";
import { ACK_US, AIFS_US, airTimeUs, CW_MAX, CW_MIN, SIFS_US, SLOT_US } from "./air-time.ts";
import type { Near } from "./neighbours.ts";
import { ErrorRatio } from "./per.ts";

/** Clear-channel assessment plus turn-round: what begins within this is not heard in time. */
const BLIND_US = 4;
/**
 * From the decision to use an idle medium to the first symbol: receive-to-transmit turn-round, slot
 * boundary and driver. Calibrated: the golden figures lose 1.5% at 50 senders x 10 Hz and 2.3% at
 * 5 x 200 Hz, which is senders x rate x 2 x 14 us.
 */
const TURN_US = 14;
const CAPTURE_RATIO = 10;
/** 4 dB (the preamble detection threshold that the golden figures were made with). */
const PREAMBLE_RATIO = 2.5119;
const RETRIES_MAX = 7;
const CLASSES = 4;
const NOBODY = -1;

/** A frame waiting in a sender's radio or on the air. */
export interface AirFrame {
  readonly bytes: Uint8Array;
  /** On the air: datagram, MAC header and check sequence. */
  readonly airBytes: number;
  readonly access: number;
  readonly readyUs: number;
  readonly expiresUs: number;
  /** Slot of the one receiver that acknowledges, or -1 for a broadcast. */
  readonly destination: number;
  readonly retries: number;
}

/** Who is in reach of whom, mean power gain of a link, and the fading of now. */
export interface Links {
  near(slot: number, nowUs: number): Near;
  gainAt(near: Near, k: number, nowUs: number): number;
  fadeAt(near: Near, k: number, nowUs: number): number;
  gain(a: number, b: number, nowUs: number): number;
}

export interface MediumOptions {
  readonly emitterCount: number;
  /** Slots below this listen; those above only send. */
  readonly listenerCount: number;
  readonly seed: number;
  readonly mcs: number;
  readonly powerMw: number;
  readonly noiseMw: number;
  readonly carrierSenseMw: number;
  readonly queueFrames: number;
  readonly links: Links;
  readonly scheduleAccess: (atUs: number, slot: number) => void;
  readonly scheduleEnd: (atUs: number, transmission: number) => void;
  readonly awake: (slot: number) => boolean;
  /** Faults: whether this reception is lost whatever the signal. */
  readonly cut: (from: number, to: number, nowUs: number) => boolean;
  readonly deliver: (reception: Reception) => void;
  /**
   * The frequency channel that a slot's radio is tuned to; all are on one when absent. Each channel
   * is a collision domain of its own: others neither hear it, sense it nor suffer from it.
   */
  readonly channels?: Uint8Array;
}

/** One object, reused for every reception; it must not be kept. All receivers share `bytes`. */
export interface Reception {
  radio: RadioIndex;
  from: number;
  to: number;
  atUs: number;
  bytes: Uint8Array;
  rssiDbm: number;
  snrDb: number;
}

interface Transmission {
  from: number;
  /** The channel it began on, whatever its sender is tuned to when it ends. */
  channel: number;
  startUs: number;
  endUs: number;
  frame: AirFrame;
  /** Others on the air meanwhile: from, start, end, three numbers each. */
  overlaps: number[];
}

export interface MediumCounters {
  transmissions: number;
  offered: number;
  received: number;
  collided: number;
  expired: number;
  refused: number;
}

export class Medium {
  readonly #options: MediumOptions;
  readonly #errorRatio: ErrorRatio;
  readonly #queues: AirFrame[][];
  readonly #streams: SeededStream[];
  readonly #backoff: Int32Array;
  readonly #window: Int32Array;
  /** Frames that found the medium idle go out at this time, whatever begins meanwhile. */
  readonly #turnUs: Float64Array;
  readonly #busyUntilUs: Float64Array;
  readonly #busyUs: Float64Array;
  readonly #attemptUs: Float64Array;
  readonly #attemptClass: Int8Array;
  readonly #wakeUs: Float64Array;
  readonly #sendingUntilUs: Float64Array;
  readonly #airUs: Float64Array;
  readonly #expired: Uint32Array;
  /** Slots with a frame waiting or a back-off running down. */
  readonly #engaged: Uint8Array;
  readonly #active: (Transmission | undefined)[] = [];
  readonly #jamMw: Float64Array;
  /** Of each listener, jammers counted. */
  readonly #noiseDbm: Float64Array;
  readonly #reception: Reception = {
    radio: COMMON_RADIO,
    from: 0,
    to: 0,
    atUs: 0,
    bytes: new Uint8Array(0),
    rssiDbm: 0,
    snrDb: 0,
  };
  readonly counters: MediumCounters = {
    transmissions: 0,
    offered: 0,
    received: 0,
    collided: 0,
    expired: 0,
    refused: 0,
  };

  constructor(options: MediumOptions) {
    const n = options.emitterCount;
    this.#options = options;
    this.#errorRatio = new ErrorRatio(options.mcs);
    this.#queues = Array.from({ length: n * CLASSES }, () => []);
    this.#streams = Array.from({ length: n }, (_, i) => new SeededStream(options.seed, "mac", i));
    this.#backoff = new Int32Array(n * CLASSES);
    this.#window = Int32Array.from({ length: n * CLASSES }, (_, i) => CW_MIN[i % CLASSES]!);
    this.#turnUs = new Float64Array(n * CLASSES);
    this.#busyUntilUs = new Float64Array(n);
    this.#busyUs = new Float64Array(n);
    this.#attemptUs = new Float64Array(n).fill(Infinity);
    this.#attemptClass = new Int8Array(n);
    this.#wakeUs = new Float64Array(n).fill(Infinity);
    this.#sendingUntilUs = new Float64Array(n);
    this.#airUs = new Float64Array(n * CLASSES);
    this.#expired = new Uint32Array(n);
    this.#engaged = new Uint8Array(n);
    this.#jamMw = new Float64Array(n);
    this.#noiseDbm = new Float64Array(n).fill(10 * log10(options.noiseMw));
  }

  /** Puts a frame into a sender's radio; false when its queue is full and the frame is lost. */
  send(slot: number, frame: AirFrame): boolean {
    const queue = this.#queues[slot * CLASSES + frame.access]!;
    if (queue.length >= this.#options.queueFrames) {
      this.counters.refused += 1;
      return false;
    }
    queue.push(frame);
    this.#engaged[slot] = 1;
    if (queue.length === 1) {
      this.#arrive(slot, frame);
      this.#plan(slot);
    }
    return true;
  }

  /** The radio is switched off: what waits is gone. */
  silence(slot: number): void {
    for (let c = 0; c < CLASSES; c += 1) this.#queues[slot * CLASSES + c]!.length = 0;
    this.#attemptUs[slot] = Infinity;
  }

  /** Extra noise at a listener's antenna. */
  jam(slot: number, powerMw: number): void {
    this.#jamMw[slot] = powerMw;
    this.#noiseDbm[slot] = 10 * log10(this.#options.noiseMw + powerMw);
  }

  /** Time for which this slot sensed or made a carrier, since the last call. */
  takeBusyUs(slot: number): number {
    const busy = this.#busyUs[slot]!;
    this.#busyUs[slot] = 0;
    return busy;
  }

  takeExpired(slot: number): number {
    const expired = this.#expired[slot]!;
    this.#expired[slot] = 0;
    return expired;
  }

  /** Time on the air of a sender and class since the start. */
  airUs(slot: number, access: number): number {
    return this.#airUs[slot * CLASSES + access]!;
  }

  waiting(slot: number): number {
    let count = 0;
    for (let c = 0; c < CLASSES; c += 1) count += this.#queues[slot * CLASSES + c]!.length;
    return count;
  }

  /** The access event of a slot has come. */
  onAccess(nowUs: number, slot: number): void {
    if (this.#wakeUs[slot] !== nowUs) return;
    this.#wakeUs[slot] = Infinity;
    const attemptUs = this.#attemptUs[slot]!;
    if (attemptUs === Infinity) return;
    if (attemptUs > nowUs) {
      this.#wakeAt(slot, attemptUs);
      return;
    }
    const access = this.#attemptClass[slot]!;
    const queue = this.#queues[slot * CLASSES + access]!;
    while (queue.length > 0 && queue[0]!.expiresUs < nowUs) {
      queue.shift();
      this.counters.expired += 1;
      this.#expired[slot]! += 1;
    }
    const frame = queue.shift();
    if (frame === undefined) this.#plan(slot);
    else this.#begin(slot, frame, nowUs);
  }

  /** A transmission ends: every listener hears it or not. */
  onEnd(nowUs: number, index: number): void {
    const transmission = this.#active[index];
    invariant(transmission !== undefined, "a transmission that ends has begun");
    this.#active[index] = undefined;
    const { from, frame, channel } = transmission;
    let acknowledged = false;
    const seal = sumOf(frame.bytes);
    const near = this.#options.links.near(from, nowUs);
    for (let k = 0; k < near.count; k += 1) {
      const to = near.slots[k]!;
      if (to >= this.#options.listenerCount) break;
      const tuned = this.#channelOf(to);
      if ((tuned !== channel && tuned !== ALL_CHANNELS) || !this.#options.awake(to)) continue;
      if (!this.#hears(transmission, { near, k }, nowUs)) continue;
      if (to === frame.destination) acknowledged = true;
      this.counters.received += 1;
      const reception = this.#reception;
      reception.from = from;
      reception.to = to;
      reception.atUs = nowUs;
      reception.bytes = frame.bytes;
      this.#options.deliver(reception);
    }
    invariant(sumOf(frame.bytes) === seal, "no receiver changes a frame that others hear as well");
    if (frame.destination !== NOBODY) this.#settle(transmission, acknowledged);
  }

  save(to: ByteWriter): void {
    const frames = this.#queues.map((queue) => queue);
    writePlain(to, { frames, active: this.#active, counters: this.counters });
    for (const stream of this.#streams) stream.save(to);
    saveSlabs(this.#slabs(), to);
  }

  load(from: ByteReader): void {
    const plain = readPlain(from) as {
      frames: AirFrame[][];
      active: (Transmission | undefined)[];
      counters: MediumCounters;
    };
    this.#queues.forEach((queue, i) => queue.splice(0, queue.length, ...(plain.frames[i] ?? [])));
    this.#active.splice(0, this.#active.length, ...plain.active);
    Object.assign(this.counters, plain.counters);
    for (const stream of this.#streams) stream.load(from);
    loadSlabs(this.#slabs(), from);
  }

  #slabs(): readonly Slab[] {
    return [
      this.#backoff,
      this.#window,
      this.#turnUs,
      this.#busyUntilUs,
      this.#busyUs,
      this.#attemptUs,
      this.#attemptClass,
      this.#wakeUs,
      this.#sendingUntilUs,
      this.#airUs,
      this.#expired,
      this.#engaged,
      this.#jamMw,
      this.#noiseDbm,
    ];
  }

  #channelOf(slot: number): number {
    return this.#options.channels?.[slot] ?? 0;
  }

  #idleFromUs(slot: number): number {
    return Math.max(this.#busyUntilUs[slot]!, this.#sendingUntilUs[slot]!);
  }

  #draw(slot: number, access: number): void {
    const i = slot * CLASSES + access;
    this.#backoff[i] = this.#streams[slot]!.below(this.#window[i]! + 1);
  }

  /** A frame comes to an empty queue: a busy medium draws a back-off, an idle one is taken. */
  #arrive(slot: number, frame: AirFrame): void {
    const i = slot * CLASSES + frame.access;
    const openUs = this.#idleFromUs(slot) + AIFS_US[frame.access]!;
    const passed = Math.floor((frame.readyUs - openUs) / SLOT_US);
    if (passed < 0) {
      if (this.#backoff[i] === 0) this.#draw(slot, frame.access);
    } else if (passed >= this.#backoff[i]!) {
      this.#backoff[i] = 0;
      this.#turnUs[i] = frame.readyUs + TURN_US;
    }
  }

  /** Chooses the class and time of the next attempt from the state of now. */
  #plan(slot: number): void {
    const idleUs = this.#idleFromUs(slot);
    let bestUs = Infinity;
    for (let c = 0; c < CLASSES; c += 1) {
      const head = this.#queues[slot * CLASSES + c]![0];
      if (head === undefined) continue;
      const openUs = idleUs + AIFS_US[c]! + this.#backoff[slot * CLASSES + c]! * SLOT_US;
      const atUs = Math.max(openUs, head.readyUs, this.#turnUs[slot * CLASSES + c]!);
      if (atUs < bestUs) {
        bestUs = atUs;
        this.#attemptClass[slot] = c;
      } else if (atUs === bestUs) {
        // Collision inside one sender: the higher class goes, the lower backs off as after a loss.
        this.#draw(slot, c);
      }
    }
    this.#attemptUs[slot] = bestUs;
    if (bestUs < this.#wakeUs[slot]!) this.#wakeAt(slot, bestUs);
  }

  #wakeAt(slot: number, atUs: number): void {
    this.#wakeUs[slot] = atUs;
    this.#options.scheduleAccess(atUs, slot);
  }

  /**
   * The medium becomes busy for this slot: idle slots that have passed are taken off its back-offs.
   */
  #freeze(slot: number, nowUs: number, committed: boolean): void {
    const idleUs = this.#idleFromUs(slot);
    let engaged = 0;
    for (let c = 0; c < CLASSES; c += 1) {
      const i = slot * CLASSES + c;
      const passed = Math.floor((nowUs - idleUs - AIFS_US[c]!) / SLOT_US);
      if (passed > 0) this.#backoff[i] = Math.max(0, this.#backoff[i]! - passed);
      const waiting = this.#queues[i]!.length > 0;
      const goes = committed && this.#attemptClass[slot] === c;
      if (waiting && !goes && this.#backoff[i] === 0) this.#draw(slot, c);
      if (waiting || this.#backoff[i]! > 0) engaged = 1;
    }
    this.#engaged[slot] = engaged;
  }

  #begin(slot: number, frame: AirFrame, nowUs: number): void {
    const { carrierSenseMw, powerMw, links } = this.#options;
    const airUs = airTimeUs(frame.airBytes, this.#options.mcs);
    const endUs = nowUs + airUs;
    const clearUs = frame.destination === NOBODY ? endUs : endUs + SIFS_US + ACK_US;
    this.#freeze(slot, nowUs, true);
    this.#draw(slot, frame.access);
    this.#engaged[slot] = 1;
    this.#countBusy(slot, nowUs, clearUs);
    this.#sendingUntilUs[slot] = clearUs;
    this.#airUs[slot * CLASSES + frame.access]! += airUs;
    this.counters.transmissions += 1;
    const channel = this.#channelOf(slot);
    this.#enter({ from: slot, channel, startUs: nowUs, endUs, frame, overlaps: [] });
    const near = links.near(slot, nowUs);
    for (let k = 0; k < near.count; k += 1) {
      const other = near.slots[k]!;
      if (this.#channelOf(other) !== channel) continue;
      if (powerMw * links.gainAt(near, k, nowUs) < carrierSenseMw) continue;
      this.#countBusy(other, nowUs, clearUs);
      const committed = this.#isCommitted(other, nowUs);
      if (this.#engaged[other] === 1) this.#freeze(other, nowUs, committed);
      if (clearUs > this.#busyUntilUs[other]!) this.#busyUntilUs[other] = clearUs;
      if (!committed && this.#attemptUs[other] !== Infinity) this.#plan(other);
    }
    this.#plan(slot);
  }

  /** Whether this slot goes on air at its planned time although another begins now. */
  #isCommitted(slot: number, nowUs: number): boolean {
    const atUs = this.#attemptUs[slot]!;
    if (atUs <= nowUs + BLIND_US) return true;
    return (
      atUs <= nowUs + TURN_US && this.#turnUs[slot * CLASSES + this.#attemptClass[slot]!] === atUs
    );
  }

  #countBusy(slot: number, nowUs: number, untilUs: number): void {
    const from = Math.max(nowUs, this.#idleFromUs(slot));
    if (untilUs > from) this.#busyUs[slot]! += untilUs - from;
  }

  #enter(transmission: Transmission): void {
    let free = this.#active.length;
    for (let i = 0; i < this.#active.length; i += 1) {
      const other = this.#active[i];
      if (other === undefined) {
        if (i < free) free = i;
        continue;
      }
      // One that ends at this very instant has its end event still to come, but shares no time.
      if (other.endUs <= transmission.startUs || other.channel !== transmission.channel) continue;
      other.overlaps.push(transmission.from, transmission.startUs, transmission.endUs);
      transmission.overlaps.push(other.from, other.startUs, other.endUs);
    }
    this.#active[free] = transmission;
    this.#options.scheduleEnd(transmission.endUs, free);
  }

  /** Whether the listener receives the frame; leaves signal figures in the shared reception. */
  #hears(
    transmission: Transmission,
    { near, k }: { readonly near: Near; readonly k: number },
    nowUs: number,
  ): boolean {
    const { from, frame, overlaps } = transmission;
    const { links } = this.#options;
    const to = near.slots[k]!;
    const noiseMw = this.#options.noiseMw + this.#jamMw[to]!;
    const meanMw = this.#options.powerMw * links.gainAt(near, k, nowUs);
    // 12 dB of fading upwards do not happen: below this nothing is lost by not looking.
    if (meanMw * 16 < noiseMw) return false;
    if (this.#options.cut(from, to, nowUs)) return false;
    const signalMw = meanMw * links.fadeAt(near, k, nowUs);
    if (meanMw * 2 > noiseMw) this.counters.offered += 1;
    const clear = this.#errorRatio.at(signalMw / noiseMw, frame.airBytes);
    if (clear >= 1) return false;
    let survives = 1 - clear;
    if (overlaps.length > 0) {
      survives *= this.#survivesOverlaps(transmission, to, { nowUs, signalMw, noiseMw });
      if (survives === 0) {
        this.counters.collided += 1;
        return false;
      }
    }
    if (survives < 1 && !this.#streams[to]!.chance(survives)) {
      if (overlaps.length > 0) this.counters.collided += 1;
      return false;
    }
    this.#reception.rssiDbm = 10 * log10(signalMw);
    this.#reception.snrDb = this.#reception.rssiDbm - this.#noiseDbm[to]!;
    return true;
  }

  /** Chance that the frame lives through what else was on the air at this listener. */
  #survivesOverlaps(
    transmission: Transmission,
    to: number,
    at: { readonly nowUs: number; readonly signalMw: number; readonly noiseMw: number },
  ): number {
    const { startUs, endUs, overlaps, frame } = transmission;
    let preambleMw = at.noiseMw;
    let othersMw = 0;
    let sharedUs = 0;
    for (let i = 0; i < overlaps.length; i += 3) {
      const other = overlaps[i]!;
      if (other === to) return 0;
      const mw = this.#options.powerMw * this.#options.links.gain(other, to, at.nowUs);
      const otherStartUs = overlaps[i + 1]!;
      if (otherStartUs <= startUs) {
        preambleMw += mw;
        const locked = otherStartUs < startUs - BLIND_US && mw > at.noiseMw;
        if (locked && at.signalMw < mw * CAPTURE_RATIO) return 0;
      }
      othersMw += mw;
      sharedUs += Math.min(endUs, overlaps[i + 2]!) - Math.max(startUs, otherStartUs);
    }
    if (preambleMw > at.noiseMw && at.signalMw < preambleMw * PREAMBLE_RATIO) return 0;
    const share = Math.min(1, sharedUs / (endUs - startUs));
    const lost = this.#errorRatio.at(at.signalMw / (at.noiseMw + othersMw), frame.airBytes);
    return lost >= 1 ? 0 : pow(1 - lost, share);
  }

  /** After a unicast frame: done, or once more with a doubled window. */
  #settle(transmission: Transmission, acknowledged: boolean): void {
    const { from, frame } = transmission;
    const i = from * CLASSES + frame.access;
    const again = !acknowledged && frame.retries < RETRIES_MAX;
    this.#window[i] = again
      ? Math.min(CW_MAX[frame.access]!, 2 * this.#window[i]! + 1)
      : CW_MIN[frame.access]!;
    if (again) this.#queues[i]!.unshift({ ...frame, retries: frame.retries + 1 });
    this.#draw(from, frame.access);
    this.#plan(from);
  }
}

/** A cheap sum that a changed byte changes. */
function sumOf(bytes: Uint8Array): number {
  let sum = bytes.length;
  for (let i = 0; i < bytes.length; i += 1) sum = (Math.imul(sum, 31) + bytes[i]!) | 0;
  return sum;
}
