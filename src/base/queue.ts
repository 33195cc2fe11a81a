/**
 * A bounded first-in, first-out queue over a fixed array. What happens when it is full is chosen by
 * the name of the call: the oldest is dropped, or the newcomer is refused.
 */
import { invariant } from "./invariant.ts";

export class RingQueue<T> {
  readonly #slots: (T | undefined)[];
  #head = 0;
  #length = 0;

  constructor(capacity: number) {
    invariant(Number.isInteger(capacity) && capacity > 0, "a queue has room for at least one");
    this.#slots = new Array<T | undefined>(capacity).fill(undefined);
  }

  get length(): number {
    return this.#length;
  }

  get capacity(): number {
    return this.#slots.length;
  }

  /** Adds at the end; when full the oldest leaves and is returned. */
  pushDropOldest(item: T): T | undefined {
    const dropped = this.#length === this.#slots.length ? this.shift() : undefined;
    this.#append(item);
    return dropped;
  }

  /** Adds at the end; when full nothing changes and the answer is false. */
  pushRefuse(item: T): boolean {
    if (this.#length === this.#slots.length) return false;
    this.#append(item);
    return true;
  }

  /** Takes the oldest, or `undefined` when empty. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#slots.length;
    this.#length -= 1;
    return item;
  }

  /** The oldest, left where it is. */
  peek(): T | undefined {
    return this.at(0);
  }

  /** The `i`-th oldest, or `undefined` outside [0, length). */
  at(i: number): T | undefined {
    if (i < 0 || i >= this.#length) return undefined;
    return this.#slots[(this.#head + i) % this.#slots.length];
  }

  clear(): void {
    this.#slots.fill(undefined);
    this.#head = 0;
    this.#length = 0;
  }

  /** Oldest first. The queue must not change while it is walked. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (let i = 0; i < this.#length; i += 1) {
      yield this.#slots[(this.#head + i) % this.#slots.length] as T;
    }
  }

  #append(item: T): void {
    this.#slots[(this.#head + this.#length) % this.#slots.length] = item;
    this.#length += 1;
  }
}
