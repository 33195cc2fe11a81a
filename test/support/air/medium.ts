/**
 * The simulator's channel model as the air between real programs: their frames contend, collide and
 * are lost in `sim/channel`'s medium, which here runs by the wall clock.
 *
 * A topology is a list of links of one strength; nodes without a link neither hear nor sense each
 * other. The loss trace is a pure function of seed, link and time, the same for whatever runs over
 * it. Frames come through up to a millisecond early; a loaded machine hands them on late, by as
 * long as its processes wait for a core.
 */
import { SeededStream, TimeHeap } from "../../../src/base/mod.ts";
import { Medium, type Links, type Near } from "../../../sim/channel/mod.ts";

const END = 1 << 20;
/** 25 dB over the noise: what is lost is lost by the trace and by collisions. */
const NOISE_MW = 10 ** -9.4;
const GAIN = (NOISE_MW * 10 ** 2.5) / 40;
/** One draw of the loss trace holds for so long: a frame and its first repeats share a fade. */
const FADE_US = 5000;
/** MAC header, LLC and check sequence instead of the Ethernet header. */
const AIR_OVERHEAD_BYTES = 22;
const BEST_EFFORT = 2;
const EXPIRY_US = 500_000;
/** A timer counts in milliseconds: what is due within one is done now, and nobody has to spin. */
const EARLY_US = 1000;

export type Link = readonly [number, number];

export interface AirOptions {
  readonly nodes: number;
  readonly links: readonly Link[];
  readonly seed: number;
  /** Share of frames that a link loses, each direction apart. */
  readonly loss: number;
  /** A frame has come through to `to`. */
  readonly deliver: (to: number, from: number, frame: Uint8Array) => void;
}

export class Air {
  readonly #options: AirOptions;
  readonly #heap = new TimeHeap();
  readonly #medium: Medium;
  readonly #startNs = process.hrtime.bigint();
  #cut: Link | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** The medium's own time: that of its latest event. */
  #mediumUs = 0;
  #closed = false;

  constructor(options: AirOptions) {
    this.#options = options;
    this.#medium = new Medium({
      emitterCount: options.nodes,
      listenerCount: options.nodes,
      seed: options.seed,
      mcs: 1,
      powerMw: 40,
      noiseMw: NOISE_MW,
      carrierSenseMw: NOISE_MW * 10,
      queueFrames: 64,
      links: fixedLinks(options.nodes, options.links),
      scheduleAccess: (atUs, slot) => this.#heap.push(atUs, slot),
      scheduleEnd: (atUs, index) => this.#heap.push(atUs, END + index),
      awake: () => true,
      cut: (from, to, nowUs) => this.#isLost(from, to, nowUs),
      deliver: ({ to, from, bytes }) => {
        const address = slotOf(bytes);
        if (address < 0 || address === to) options.deliver(to, from, bytes);
      },
    });
  }

  get nowMs(): number {
    return this.#nowUs() / 1000;
  }

  /** Nothing passes this link from now on, in either direction; `undefined` mends it. */
  cut(link: Link | undefined): void {
    this.#cut = link;
  }

  /** A node's kernel hands its radio an Ethernet frame. */
  send(slot: number, frame: Uint8Array): void {
    if (this.#closed) return;
    this.#run();
    const readyUs = Math.max(this.#mediumUs, this.#nowUs());
    this.#medium.send(slot, {
      bytes: frame,
      airBytes: frame.length + AIR_OVERHEAD_BYTES,
      access: BEST_EFFORT,
      readyUs,
      expiresUs: readyUs + EXPIRY_US,
      destination: slotOf(frame),
      retries: 0,
    });
    this.#sleep();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #nowUs(): number {
    return Number((process.hrtime.bigint() - this.#startNs) / 1000n);
  }

  #run(): void {
    const untilUs = this.#nowUs() + EARLY_US;
    for (let atUs = this.#heap.nextTime(); atUs <= untilUs; atUs = this.#heap.nextTime()) {
      const payload = this.#heap.pop();
      this.#mediumUs = atUs;
      if (payload >= END) this.#medium.onEnd(atUs, payload - END);
      else this.#medium.onAccess(atUs, payload);
    }
  }

  #sleep(): void {
    clearTimeout(this.#timer);
    const leftUs = this.#heap.nextTime() - this.#nowUs();
    if (leftUs === Infinity || this.#closed) return;
    this.#timer = setTimeout(
      () => {
        this.#run();
        this.#sleep();
      },
      Math.max(1, Math.floor(leftUs / 1000)),
    );
  }

  #isLost(from: number, to: number, nowUs: number): boolean {
    const cut = this.#cut;
    if (cut?.includes(from) === true && cut.includes(to)) return true;
    const { seed, loss, nodes } = this.#options;
    const fade = Math.floor(nowUs / FADE_US);
    return new SeededStream(seed, "loss", from * nodes + to + fade * nodes * nodes).chance(loss);
  }
}

/** MAC addresses of the lab end in the number of their node. */
export const macOf = (slot: number): string => `02:00:00:00:00:${String(slot + 16)}`;

/** The node that an Ethernet frame is for, -1 for many. */
function slotOf(frame: Uint8Array): number {
  const isMany = (frame[0]! & 1) === 1;
  return isMany ? -1 : Number(frame[5]!.toString(16)) - 16;
}

function fixedLinks(nodes: number, links: readonly Link[]): Links {
  const isLink = (a: number, b: number): boolean =>
    links.some((link) => link.includes(a) && link.includes(b));
  const nears = Array.from({ length: nodes }, (_, slot): Near => {
    const others = Array.from({ length: nodes }, (__, other) => other);
    const slots = Uint32Array.from(others.filter((it) => it !== slot && isLink(slot, it)));
    const gain = new Float64Array(slots.length).fill(GAIN);
    const untilUs = new Float64Array(slots.length).fill(Infinity);
    return {
      slot,
      count: slots.length,
      slots,
      gain,
      untilUs,
      profile: new Float32Array(nodes),
      profileM: new Float64Array(nodes),
      look: 1,
    };
  });
  return {
    near: (slot) => nears[slot]!,
    gainAt: () => GAIN,
    fadeAt: () => 1,
    gain: (a, b) => (isLink(a, b) ? GAIN : 0),
  };
}
