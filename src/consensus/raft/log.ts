/**
 * The log in memory: entries above a base (what lies at or below it is in the snapshot).
 *
 * Each slot carries a stamp, given in the order of appending and never twice: an observer that
 * remembers stamps sees in O(changes) what was appended and what was cut off.
 */
import { invariant, type ByteReader, type ByteWriter } from "../../base/mod.ts";
import { digestOf, type Digest } from "../digest.ts";
import { decodeEntry, ENTRY_MAX_BYTES, type LogEntry } from "../entry.ts";

export interface LogSlot {
  readonly term: number;
  readonly entry: LogEntry;
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  readonly stamp: number;
}

/** What observers and decisions may read of a log. */
export interface LogView {
  readonly baseIndex: number;
  readonly baseTerm: number;
  readonly lastIndex: number;
  readonly lastTerm: number;
  /** The term of the entry at `index`, or `undefined` outside [base, last]. */
  termAt(index: number): number | undefined;
  /** The slot at `index` in (base, last]. */
  at(index: number): LogSlot | undefined;
}

export class RaftLog implements LogView {
  #slots: LogSlot[] = [];
  #baseIndex = 0;
  #baseTerm = 0;
  #stamps = 0;

  get baseIndex(): number {
    return this.#baseIndex;
  }

  get baseTerm(): number {
    return this.#baseTerm;
  }

  get lastIndex(): number {
    return this.#baseIndex + this.#slots.length;
  }

  get lastTerm(): number {
    return this.#slots.at(-1)?.term ?? this.#baseTerm;
  }

  at(index: number): LogSlot | undefined {
    return this.#slots[index - this.#baseIndex - 1];
  }

  termAt(index: number): number | undefined {
    return index === this.#baseIndex ? this.#baseTerm : this.at(index)?.term;
  }

  append(term: number, entry: LogEntry, bytes: Uint8Array): number {
    invariant(term >= this.lastTerm, "terms never fall along a log");
    this.#stamps += 1;
    this.#slots.push({ term, entry, bytes, digest: digestOf(bytes), stamp: this.#stamps });
    return this.lastIndex;
  }

  /** Keeps what is at or below `index`. */
  truncate(index: number): void {
    invariant(index >= this.#baseIndex, "a log is not cut below its base");
    this.#slots.length = Math.min(this.#slots.length, index - this.#baseIndex);
  }

  /** Forgets what is at or below `index`, which a snapshot holds. */
  compact(index: number): void {
    const term = this.termAt(index);
    invariant(term !== undefined, "a log is compacted up to an entry it has");
    this.#slots = this.#slots.slice(index - this.#baseIndex);
    this.#baseIndex = index;
    this.#baseTerm = term;
  }

  /** Empty above a snapshot that someone else made. */
  reset(baseIndex: number, baseTerm: number): void {
    this.#slots = [];
    this.#baseIndex = baseIndex;
    this.#baseTerm = baseTerm;
  }

  /**
   * The largest index at or below `index` whose term is at or below `term`: where two logs may
   * still agree (below the base: ask for the snapshot), found without asking entry by entry
   * (Ongaro 2014, end of section 3.5).
   */
  conflict(index: number, term: number): number {
    let at = Math.min(index, this.lastIndex);
    while (at > this.#baseIndex && (this.termAt(at) ?? 0) > term) at -= 1;
    return at;
  }

  save(to: ByteWriter): void {
    to.u32(this.#baseIndex).u32(this.#baseTerm).u32(this.#stamps).u32(this.#slots.length);
    for (const slot of this.#slots) to.u32(slot.term).u32(slot.stamp).blob(slot.bytes);
  }

  load(from: ByteReader): void {
    this.reset(from.u32(), from.u32());
    this.#stamps = from.u32();
    const count = from.u32();
    for (let i = 0; i < count && !from.failed; i += 1) {
      const term = from.u32();
      const stamp = from.u32();
      const bytes = from.blob(ENTRY_MAX_BYTES);
      const entry = decodeEntry(bytes);
      if (!entry.ok) {
        from.refuse();
        return;
      }
      this.#slots.push({ term, entry: entry.value, bytes, digest: digestOf(bytes), stamp });
    }
  }
}
