/**
 * A small world for tests of this layer: several Network machines, a delivery probability for each
 * pair, a constant delay, no collisions, no seals. The channel model of `sim` has its own tests.
 */
import {
  BROADCAST,
  ByteReader,
  ByteWriter,
  nodeIndex,
  SeededStream,
  TimeHeap,
  type MonotonicMs,
  type NodeIndex,
} from "../base/mod.ts";
import type { VehicleSample } from "../hal/mod.ts";
import { Network, type NetworkSetup } from "./network.ts";
import { NETWORK_DEFAULTS } from "./state.ts";
import {
  TrafficClass,
  type MeshChannel,
  type NetworkIn,
  type NetworkOut,
  type PlanPoint,
} from "./types.ts";

export const at = (ms: number): MonotonicMs => ms as MonotonicMs;

export function sampleAt(
  northM: number,
  eastM: number,
  over: Partial<VehicleSample> = {},
): VehicleSample {
  return {
    position: { northM, eastM, altitudeAmslM: 100 },
    velocity: { northMps: 0, eastMps: 0, downMps: 0 },
    yawRad: 0,
    positionErrorM: 1,
    positionValid: true,
    altitudeAglM: 50,
    batteryRatio: 0.8,
    batteryFullWh: 100,
    powerW: 200,
    windNorthMps: 0,
    windEastMps: 0,
    mode: "guided",
    armed: true,
    inAir: true,
    released: true,
    ready: true,
    ...over,
  };
}

export interface Delivered {
  readonly to: number;
  readonly from: number;
  readonly payload: Uint8Array;
  readonly atMs: number;
  readonly hops: number;
  readonly trafficClass: TrafficClass;
}

export interface MeshOptions {
  readonly count: number;
  readonly seed?: number;
  /** Probability that a frame of `from` reaches `to`, now. */
  readonly link: (from: number, to: number, nowMs: number) => number;
  readonly snrDb?: (from: number, to: number, nowMs: number) => number;
  readonly sample?: (node: number, nowMs: number) => VehicleSample;
  readonly plan?: (node: number, nowMs: number) => readonly PlanPoint[];
  readonly setup?: Partial<NetworkSetup>;
  readonly delayMs?: number;
}

interface Arrival {
  readonly to: number;
  readonly input: NetworkIn;
}

export class Mesh {
  readonly nodes: Network[];
  readonly delivered: Delivered[] = [];
  readonly outputs: {
    readonly node: number;
    readonly atMs: number;
    readonly output: NetworkOut;
  }[] = [];
  readonly stopped = new Set<number>();
  nowMs = 0;
  frames = 0;
  bytes = 0;
  readonly #options: MeshOptions;
  readonly #stream: SeededStream;
  readonly #heap = new TimeHeap();
  readonly #arrivals: (Arrival | undefined)[] = [];
  #selfMs = 0;

  constructor(options: MeshOptions) {
    this.#options = options;
    this.#stream = new SeededStream(options.seed ?? 1, "mesh");
    this.nodes = Array.from({ length: options.count }, (_, self) => this.#make(self, 0));
  }

  #make(self: number, life: number): Network {
    const seed = (this.#options.seed ?? 1) * 1000 + life;
    return new Network({ self: nodeIndex(self), seed, ...this.#options.setup });
  }

  restart(node: number, life: number): void {
    this.nodes[node] = this.#make(node, life);
  }

  /** Replaces a node by one loaded from its own save. */
  reload(node: number): void {
    const writer = new ByteWriter();
    this.nodes[node]!.save(writer);
    const fresh = this.#make(node, 99);
    const reader = new ByteReader(writer.take());
    fresh.load(reader);
    if (reader.finish() !== undefined) throw new Error("the save was not read to its end");
    this.nodes[node] = fresh;
  }

  send(
    from: number,
    to: number,
    payload: Uint8Array,
    trafficClass: TrafficClass = TrafficClass.coordination,
    lifetimeMs = 1000,
  ): void {
    const expiresAt = at(this.nowMs + lifetimeMs);
    this.step(from, { kind: "send", to: to as NodeIndex, trafficClass, payload, expiresAt });
  }

  step(node: number, input: NetworkIn): void {
    if (this.stopped.has(node)) return;
    const outputs: NetworkOut[] = [];
    this.nodes[node]!.step(at(this.nowMs), input, (output) => outputs.push(output));
    for (const output of outputs) this.#perform(node, output);
  }

  /** Runs until `untilMs`; `each` is called after every step. */
  run(untilMs: number, each?: () => void): void {
    for (;;) {
      const wakes = this.nodes.map((node, i) => (this.stopped.has(i) ? Infinity : node.wakeAt()));
      const wakeMs = Math.min(...wakes);
      const nextMs = Math.min(wakeMs, this.#heap.nextTime(), this.#selfMs);
      if (nextMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, nextMs);
      if (nextMs === this.#selfMs) this.#tellSelves();
      else if (this.#heap.nextTime() <= wakeMs) this.#arrive();
      else this.step(wakes.indexOf(wakeMs), { kind: "wake" });
      each?.();
    }
    this.nowMs = untilMs;
  }

  /**
   * Times from each sending to its delivery at `to`, of payloads that start with the given mark.
   */
  arrivals(to: number): Delivered[] {
    return this.delivered.filter((it) => it.to === to);
  }

  #tellSelves(): void {
    this.#selfMs += 200;
    this.nodes.forEach((_, node) => {
      const sample = this.#options.sample?.(node, this.nowMs) ?? sampleAt(node * 100, 0);
      const plan = this.#options.plan?.(node, this.nowMs) ?? [];
      const notes = { relay: true, ground: false, keyEpoch: 0, head: undefined };
      this.step(node, { kind: "self", sample, plan, notes });
    });
  }

  #arrive(): void {
    const slot = this.#heap.pop();
    const arrival = this.#arrivals[slot];
    this.#arrivals[slot] = undefined;
    if (arrival !== undefined) this.step(arrival.to, arrival.input);
  }

  #perform(node: number, output: NetworkOut): void {
    this.outputs.push({ node, atMs: this.nowMs, output });
    if (output.kind === "deliver") {
      const { from, payload, hops, trafficClass } = output;
      this.delivered.push({ to: node, from, payload, hops, trafficClass, atMs: this.nowMs });
    } else if (output.kind === "transmit") {
      const { channel } = output;
      this.#broadcast(node, { bytes: output.bytes.length, channel }, (rssiDbm, snrDb) => ({
        kind: "packet",
        from: node as NodeIndex,
        bytes: output.bytes,
        rssiDbm,
        snrDb,
      }));
    } else if (output.kind === "beacon") {
      const bytes = output.body.length;
      this.#broadcast(node, { bytes, channel: "common" }, (rssiDbm, snrDb) => ({
        kind: "beacon",
        from: node as NodeIndex,
        body: output.body,
        rssiDbm,
        snrDb,
        trust: "verified",
      }));
    }
  }

  #broadcast(
    from: number,
    frame: { readonly bytes: number; readonly channel: MeshChannel },
    input: (rssiDbm: number, snrDb: number) => NetworkIn,
  ): void {
    this.frames += 1;
    this.bytes += frame.bytes;
    const { addressOf } = { ...NETWORK_DEFAULTS, ...this.#options.setup };
    this.nodes.forEach((_, to) => {
      // Who is in no cluster listens on the channels of all.
      const isTuned = [addressOf(from), BROADCAST].includes(addressOf(to));
      if (frame.channel === "cluster" && !isTuned) return;
      if (to === from || !this.#stream.chance(this.#options.link(from, to, this.nowMs))) return;
      const snrDb = this.#options.snrDb?.(from, to, this.nowMs) ?? 20;
      const slot = this.#arrivals.length;
      this.#arrivals.push({ to, input: input(snrDb - 94, snrDb) });
      this.#heap.push(this.nowMs + (this.#options.delayMs ?? 1), slot);
    });
  }
}

/** A text as a payload, for stories. */
export const bytesOf = (text: string): Uint8Array =>
  Uint8Array.from(text, (letter) => letter.charCodeAt(0));
export const textOf = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
