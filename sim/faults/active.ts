/**
 * Faults that act now, and what they mean for links, processors and stores, in flat tables that are
 * rebuilt when a fault begins or ends (seldom), so that asking is cheap (at every reception).
 */
import { invariant, type ByteReader, type ByteWriter } from "../../src/base/mod.ts";
import { drawUniform, mixIn, readPlain, writePlain } from "../core/mod.ts";
import type { FaultAction, FaultKind } from "./types.ts";

/** Windows that act at one time; the oldest is lifted beyond it. */
export const ACTIVE_FAULTS_MAX = 256;

export interface ActiveWindow {
  readonly id: number;
  readonly action: FaultAction;
  readonly untilUs: number;
}

const ALONE = -1;

/** Faults without an end: they are done and over at once. */
export function isWindow(action: FaultAction): boolean {
  return "lastsS" in action;
}

export class ActiveFaults {
  readonly #count: number;
  readonly #seed: number;
  readonly #baseLoss: number;
  #windows: ActiveWindow[] = [];
  #nextId = 1;
  readonly #cutPairs: Uint8Array;
  readonly #group: Int32Array;
  #partitioned = false;
  readonly #loss: Float64Array;
  readonly #cpuFactor: Float64Array;
  readonly #clockErrorS: Float64Array;
  readonly #clockRate: Float64Array;
  #quiet = true;

  constructor(options: {
    readonly count: number;
    readonly seed: number;
    readonly lossRatio: number;
  }) {
    this.#count = options.count;
    this.#seed = options.seed;
    this.#baseLoss = options.lossRatio;
    this.#cutPairs = new Uint8Array(options.count * options.count);
    this.#group = new Int32Array(options.count);
    this.#loss = new Float64Array(options.count);
    this.#cpuFactor = new Float64Array(options.count);
    this.#clockErrorS = new Float64Array(options.count);
    this.#clockRate = new Float64Array(options.count);
    this.#rebuild();
  }

  get windows(): readonly ActiveWindow[] {
    return this.#windows;
  }

  /** Gives an id; a window fault stays until it ends or is lifted. */
  begin(action: FaultAction, nowUs: number): number {
    const id = this.#nextId;
    this.#nextId += 1;
    if ("lastsS" in action) {
      this.#windows.push({ id, action, untilUs: nowUs + action.lastsS * 1e6 });
      if (this.#windows.length > ACTIVE_FAULTS_MAX) this.#windows.shift();
      this.#rebuild();
    }
    return id;
  }

  /** Takes out what is over; gives what was taken. */
  expire(nowUs: number): readonly ActiveWindow[] {
    return this.#remove((window) => window.untilUs <= nowUs);
  }

  lift(id: number): readonly ActiveWindow[] {
    return this.#remove((window) => window.id === id);
  }

  liftKinds(kinds: readonly FaultKind[]): readonly ActiveWindow[] {
    return this.#remove((window) => kinds.length === 0 || kinds.includes(window.action.kind));
  }

  /** Whether a frame between these slots is lost whatever its signal. */
  cuts(from: number, to: number, nowUs: number): boolean {
    if (this.#quiet) return false;
    if (from >= this.#count) return false;
    if (this.#cutPairs[from * this.#count + to] === 1) return true;
    if (this.#partitioned) {
      const group = this.#group[from]!;
      if (group === ALONE || group !== this.#group[to]) return true;
    }
    const loss = this.#loss[to]!;
    if (loss === 0) return false;
    return drawUniform(mixIn(mixIn(mixIn(this.#seed, from), to), nowUs)) < loss;
  }

  cpuFactor(slot: number): number {
    return this.#cpuFactor[slot]!;
  }

  /** What is wrong with the civil time that this node is told. */
  clockErrorS(slot: number): number {
    return this.#clockErrorS[slot]!;
  }

  /** Local seconds a second, beside what the oscillator's own error makes of it. */
  clockRate(slot: number): number {
    return this.#clockRate[slot]!;
  }

  storeOutcome(slot: number): "done" | "full" | "broken" {
    for (const { action } of this.#windows) {
      if (action.kind === "store" && action.slot === slot) return action.outcome;
    }
    return "done";
  }

  save(to: ByteWriter): void {
    writePlain(to, { windows: this.#windows, nextId: this.#nextId });
  }

  load(from: ByteReader): void {
    const plain = readPlain(from) as { windows: ActiveWindow[]; nextId: number };
    this.#windows = plain.windows;
    this.#nextId = plain.nextId;
    this.#rebuild();
  }

  #remove(over: (window: ActiveWindow) => boolean): readonly ActiveWindow[] {
    const gone = this.#windows.filter(over);
    if (gone.length > 0) {
      this.#windows = this.#windows.filter((window) => !gone.includes(window));
      this.#rebuild();
    }
    return gone;
  }

  #rebuild(): void {
    this.#cutPairs.fill(0);
    this.#loss.fill(this.#baseLoss);
    this.#cpuFactor.fill(1);
    this.#clockErrorS.fill(0);
    this.#clockRate.fill(1);
    this.#partitioned = false;
    let matters = this.#baseLoss > 0;
    for (const { action } of this.#windows) {
      if (action.kind === "linkCut") {
        this.#cutPairs[action.a * this.#count + action.b] = 1;
        this.#cutPairs[action.b * this.#count + action.a] = 1;
        matters = true;
      } else if (action.kind === "partition") {
        this.#partition(action.groups);
        matters = true;
      } else if (action.kind === "lossBurst") {
        this.#burst(action.slots, action.lossRatio);
        matters = true;
      } else if (action.kind === "slowCpu") {
        this.#cpuFactor[action.slot]! *= action.factor;
      } else if (action.kind === "clockError") {
        this.#clockErrorS[action.slot]! += action.offsetS;
      } else if (action.kind === "clockDrift") {
        this.#clockRate[action.slot]! *= 1 + action.ppm * 1e-6;
      }
    }
    this.#quiet = !matters;
  }

  #partition(groups: readonly (readonly number[])[]): void {
    this.#partitioned = true;
    this.#group.fill(ALONE);
    groups.forEach((slots, group) => {
      for (const slot of slots) {
        invariant(slot < this.#count, "a partition names nodes of its world");
        this.#group[slot] = group;
      }
    });
  }

  #burst(slots: readonly number[], lossRatio: number): void {
    for (let i = 0; i < this.#count; i += 1) {
      if (slots.length > 0 && !slots.includes(i)) continue;
      this.#loss[i] = 1 - (1 - this.#loss[i]!) * (1 - lossRatio);
    }
  }
}
