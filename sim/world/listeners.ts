/** Who is told of what happens in a world; no part of its state, so that a clone has none. */
import type { FaultBegun, VehicleView, WorldEvent, WorldSample } from "./types.ts";

interface Sampler {
  readonly periodUs: number;
  nextUs: number;
  readonly listener: (sample: WorldSample) => void;
}

export class Listeners {
  readonly #events: ((event: WorldEvent) => void)[] = [];
  readonly #faults: ((begun: FaultBegun) => void)[] = [];
  readonly #samplers: Sampler[] = [];

  onEvent(listener: (event: WorldEvent) => void): void {
    this.#events.push(listener);
  }

  onFault(listener: (begun: FaultBegun) => void): void {
    this.#faults.push(listener);
  }

  /** First at the next multiple of the period. */
  onSample(periodMs: number, nowUs: number, listener: (sample: WorldSample) => void): void {
    const periodUs = Math.max(1000, Math.round(periodMs * 1000));
    this.#samplers.push({ periodUs, nextUs: nextMultiple(periodUs, nowUs), listener });
  }

  event(event: WorldEvent): void {
    for (const listener of this.#events) listener(event);
  }

  fault(begun: FaultBegun): void {
    for (const listener of this.#faults) listener(begun);
  }

  /** All samples that are due up to this time. */
  sampleUntil(untilUs: number, vehicles: () => readonly VehicleView[]): void {
    for (const sampler of this.#samplers) {
      while (sampler.nextUs <= untilUs) {
        const timeMs = sampler.nextUs / 1000;
        sampler.nextUs += sampler.periodUs;
        sampler.listener({ timeMs, vehicles: vehicles() });
      }
    }
  }

  /** The world has been loaded at another time. */
  moveTo(nowUs: number): void {
    for (const sampler of this.#samplers) sampler.nextUs = nextMultiple(sampler.periodUs, nowUs);
  }
}

const nextMultiple = (periodUs: number, nowUs: number): number =>
  (Math.floor(nowUs / periodUs) + 1) * periodUs;
