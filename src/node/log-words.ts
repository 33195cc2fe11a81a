/**
 * What a vehicle wants the log to keep of its orders, each vehicle at a time of its own.
 *
 * An order reaches all vehicles at once, and each would propose its word in the same moment: six
 * proposals with their broadcasts and acknowledgements, while the next order may be on its way.
 * Everybody has heard the word already, straight from the vehicle; the log only keeps it. So each
 * vehicle waits its slot, and a word that follows an earlier one before its slot takes its place:
 * the log keeps the last. Bound: the newest `WORDS_MAX` orders.
 */
import { NEVER, after, type ByteReader, type ByteWriter, type MonotonicMs } from "../base/mod.ts";
import type { LoggedStep } from "./order-book.ts";

/** One proposal, its broadcast and its acknowledgements in a cell of seven. */
const SLOT_MS = 100;
/** Until then an order and its agreement still have the air. */
const FIRST_MS = 200;
/** Large clusters share slots: a word is in the log within this and a commit. */
const SPREAD_MAX_MS = 2000;
const WORDS_MAX = 64;
const STEPS: readonly LoggedStep[] = ["acting", "done", "refused"];

export interface LogWord {
  readonly key: bigint;
  readonly step: LoggedStep;
  /** A problem code when refused, else empty. */
  readonly reason: string;
}

interface WaitingWord extends LogWord {
  readonly dueAt: MonotonicMs;
}

export class LogWords {
  readonly #waitMs: number;
  #waiting: readonly WaitingWord[] = [];

  /** `place` is the vehicle's among all vehicles, from 0. */
  constructor(place: number) {
    this.#waitMs = FIRST_MS + ((place * SLOT_MS) % SPREAD_MAX_MS);
  }

  add(now: MonotonicMs, word: LogWord): void {
    const earlier = this.#waiting.find(({ key }) => key === word.key);
    const dueAt = earlier?.dueAt ?? after(now, this.#waitMs);
    const others = this.#waiting.filter((one) => one !== earlier);
    this.#waiting = [...others, { ...word, dueAt }].slice(-WORDS_MAX);
  }

  /** Words whose slot has come, oldest first; they are forgotten here. */
  due(now: MonotonicMs): readonly LogWord[] {
    const ready = this.#waiting.filter(({ dueAt }) => dueAt <= now);
    if (ready.length > 0) this.#waiting = this.#waiting.filter(({ dueAt }) => dueAt > now);
    return ready;
  }

  wakeAt(): MonotonicMs {
    let soonest: MonotonicMs = NEVER;
    for (const { dueAt } of this.#waiting) if (dueAt < soonest) soonest = dueAt;
    return soonest;
  }

  save(to: ByteWriter): void {
    to.u8(this.#waiting.length);
    for (const { key, step, reason, dueAt } of this.#waiting) {
      to.u64(key).u8(STEPS.indexOf(step)).text(reason).f64(dueAt);
    }
  }

  load(from: ByteReader): void {
    const waiting: WaitingWord[] = [];
    for (let count = Math.min(from.u8(), WORDS_MAX); count > 0 && !from.failed; count -= 1) {
      const key = from.u64();
      const step = STEPS[from.u8()] ?? "acting";
      const reason = from.text(16);
      waiting.push({ key, step, reason, dueAt: from.f64() as MonotonicMs });
    }
    this.#waiting = waiting;
  }
}
