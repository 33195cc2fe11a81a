/**
 * Bounded tables of the agreed state with canonical bytes: keys are written in ascending order,
 * whatever the order of insertion, so that equal states have equal bytes and digests.
 */
import { invariant, type ByteReader, type ByteWriter } from "../../base/mod.ts";

interface TableCodec<Key, Row> {
  readonly maxRows: number;
  readonly compare: (a: Key, b: Key) => number;
  readonly write: (to: ByteWriter, key: Key, row: Row) => void;
  readonly read: (from: ByteReader) => readonly [Key, Row];
}

export const byNumber = (a: number, b: number): number => a - b;
export const byBigint = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
/** Code unit order, the same in every locale. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export class Table<Key, Row> {
  readonly #rows = new Map<Key, Row>();
  readonly #codec: TableCodec<Key, Row>;

  constructor(codec: TableCodec<Key, Row>) {
    this.#codec = codec;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(key: Key): Row | undefined {
    return this.#rows.get(key);
  }

  /** Whether there is room for `key`: it is there already, or the table is not full. */
  accepts(key: Key): boolean {
    return this.#rows.has(key) || this.#rows.size < this.#codec.maxRows;
  }

  set(key: Key, row: Row): void {
    invariant(this.accepts(key), "a table is asked for room before it is written");
    this.#rows.set(key, row);
  }

  delete(key: Key): void {
    this.#rows.delete(key);
  }

  /** Ascending by key. */
  entries(): readonly (readonly [Key, Row])[] {
    return [...this.#rows.entries()].sort((a, b) => this.#codec.compare(a[0], b[0]));
  }

  save(to: ByteWriter): void {
    to.u32(this.#rows.size);
    for (const [key, row] of this.entries()) this.#codec.write(to, key, row);
  }

  load(from: ByteReader): void {
    this.#rows.clear();
    const count = from.u32();
    if (count > this.#codec.maxRows) from.refuse();
    let previous: Key | undefined;
    for (let i = 0; i < count && !from.failed; i += 1) {
      const [key, row] = this.#codec.read(from);
      if (previous !== undefined && this.#codec.compare(previous, key) >= 0) from.refuse();
      previous = key;
      this.#rows.set(key, row);
    }
  }
}
