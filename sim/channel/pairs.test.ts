import { expect, test } from "vitest";
import { ByteReader, ByteWriter, SeededStream } from "../../src/base/mod.ts";
import { PAIR, PAIR_FIELDS, PairRows } from "./pairs.ts";

/** What a plain map would hold, beside the table under test. */
function filled(count: number): { readonly rows: PairRows; readonly known: Map<number, number> } {
  const rows = new PairRows();
  const known = new Map<number, number>();
  const stream = new SeededStream(5, "pairs");
  for (let i = 0; i < count; i += 1) {
    // Keys of 65,000 antennas go beyond 32 bits.
    const key = 1 + stream.below(65_000) * 65_000 + stream.below(65_000);
    known.set(key, i);
    const offset = rows.offset(key);
    rows.data[offset + PAIR.gain] = i;
    rows.data[offset + PAIR.gainUs] = i;
  }
  return { rows, known };
}

test("each pair keeps its own row while the table grows", () => {
  const { rows, known } = filled(5000);
  expect(rows.count).toBe(known.size);
  for (const [key, value] of known) {
    const offset = rows.find(key);
    expect(offset % PAIR_FIELDS).toBe(0);
    expect(rows.data[offset + PAIR.gain]).toBe(value);
  }
  expect(rows.find(999_999_999_999)).toBe(-1);
});

test("a new pair knows nothing: its gain and terrain are as old as can be", () => {
  const rows = new PairRows();
  const offset = rows.offset(77);
  expect(rows.data[offset + PAIR.gainUs]).toBe(-Infinity);
  expect(rows.data[offset + PAIR.profileUs]).toBe(-Infinity);
  expect(rows.data[offset + PAIR.shadowOdometerM]).toBeNaN();
});

test("a sweep drops the unused and keeps the rest findable", () => {
  const { rows, known } = filled(3000);
  rows.sweep(2000);
  for (const [key, value] of known) {
    const offset = rows.find(key);
    if (value < 2000) expect(offset).toBe(-1);
    else expect(rows.data[offset + PAIR.gain]).toBe(value);
  }
});

test("rows come back as they were saved, and a blob of another size is refused", () => {
  const { rows, known } = filled(700);
  const writer = new ByteWriter();
  rows.save(writer);
  const bytes = writer.take();
  const copy = new PairRows();
  copy.load(new ByteReader(bytes));
  for (const [key, value] of known) expect(copy.data[copy.find(key) + PAIR.gain]).toBe(value);
  const short = new ByteReader(new ByteWriter().u32(3).blob(new Uint8Array(8)).take());
  copy.load(short);
  expect(short.failed).toBe(true);
});
