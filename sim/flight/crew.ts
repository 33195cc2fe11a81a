/**
 * The base: pads, a swap crew, chargers, and the batteries between them.
 *
 * A vehicle that landed on a pad is taken off release and waits for a free crew and a charged
 * battery; the swap takes `swapS`; then the vehicle is whole again and released. Its old battery
 * queues for a charger, which takes `chargeS` for an empty one. Whoever needs no swap is looked at
 * and released by hand all the same: a switch that was left thrown releases nobody. Stepped once a
 * second.
 */
import type { ByteReader, ByteWriter } from "../../src/base/mod.ts";
import { readPlain, writePlain } from "../core/mod.ts";
import type { BaseScenario } from "../world/scenario.ts";

/** A vehicle with more than this is sent on without a swap. */
const FULL_ENOUGH_RATIO = 0.97;
/** The switch back, a look, the switch thrown. */
const RELEASE_S = 2;

interface Swap {
  readonly slot: number;
  leftS: number;
  started: boolean;
  /** Until the switch is thrown by whoever needs no swap. */
  lookS: number;
}

interface CrewState {
  /** In order of landing. */
  swaps: Swap[];
  ready: number;
  /** Seconds of charging still needed, by battery on a charger. */
  charging: number[];
  /** The same, of those waiting for a charger. */
  waiting: number[];
  swapCount: number;
}

/** What the world does with a vehicle when its swap is over. */
export interface CrewHooks {
  readonly ratio: (slot: number) => number;
  readonly unrelease: (slot: number) => void;
  readonly swapped: (slot: number, changed: boolean) => void;
}

export class GroundCrew {
  readonly #base: BaseScenario;
  #state: CrewState;

  constructor(base: BaseScenario) {
    this.#base = base;
    this.#state = {
      swaps: [],
      ready: base.spareCount,
      charging: [],
      waiting: [],
      swapCount: 0,
    };
  }

  get swapCount(): number {
    return this.#state.swapCount;
  }

  get busy(): number {
    return this.#state.swaps.filter((swap) => swap.started).length;
  }

  get batteries(): { readonly ready: number; readonly charging: number; readonly waiting: number } {
    const { ready, charging, waiting } = this.#state;
    return { ready, charging: charging.length, waiting: waiting.length };
  }

  /** A vehicle stands on its pad after a flight, or its computer has started there. */
  landed(slot: number, hooks: CrewHooks, lookS: number = RELEASE_S): void {
    if (this.#state.swaps.some((swap) => swap.slot === slot)) return;
    hooks.unrelease(slot);
    this.#state.swaps.push({ slot, leftS: this.#base.swapS, started: false, lookS });
  }

  /** The vehicle left or was lost: nobody works on it any more. */
  forget(slot: number): void {
    this.#state.swaps = this.#state.swaps.filter((swap) => swap.slot !== slot);
  }

  step(dtS: number, hooks: CrewHooks): void {
    this.#charge(dtS);
    const state = this.#state;
    const done: Swap[] = [];
    for (const swap of state.swaps) {
      if (swap.started) {
        swap.leftS -= dtS;
        if (swap.leftS <= 0) done.push(swap);
      } else if (hooks.ratio(swap.slot) > FULL_ENOUGH_RATIO) {
        swap.lookS -= dtS;
        if (swap.lookS <= 0) done.push(swap);
      } else if (state.ready > 0 && this.busy < this.#base.crewCount) {
        swap.started = true;
        state.ready -= 1;
      }
    }
    state.swaps = state.swaps.filter((swap) => !done.includes(swap));
    for (const swap of done) this.#finish(swap, hooks);
  }

  #finish(swap: Swap, hooks: CrewHooks): void {
    if (swap.started) {
      this.#state.swapCount += 1;
      this.#state.waiting.push(this.#base.chargeS * (1 - hooks.ratio(swap.slot)));
    }
    hooks.swapped(swap.slot, swap.started);
  }

  save(to: ByteWriter): void {
    writePlain(to, this.#state);
  }

  load(from: ByteReader): void {
    this.#state = readPlain(from) as CrewState;
  }

  #charge(dtS: number): void {
    const state = this.#state;
    state.charging = state.charging.map((leftS) => leftS - dtS);
    state.ready += state.charging.filter((leftS) => leftS <= 0).length;
    state.charging = state.charging.filter((leftS) => leftS > 0);
    while (state.waiting.length > 0 && state.charging.length < this.#base.chargerCount) {
      state.charging.push(state.waiting.shift() ?? 0);
    }
  }
}
