import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter } from "../../base/mod.ts";
import { DuplicateWindow, WINDOW_BITS } from "./rows.ts";
import { byBigint, byNumber, byText, Table } from "./tables.ts";

describe("the window of applied sequences", () => {
  test("against a set that forgets nothing: the same wherever the window reaches", () => {
    const jumps = fc.array(
      fc.oneof(fc.integer({ min: -40, max: 40 }), fc.integer({ min: -3, max: 100 })),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(jumps, (steps) => {
        const window = new DuplicateWindow();
        const seen = new Set<number>();
        let highest = 0;
        let at = 50;
        for (const step of steps) {
          at = Math.max(1, at + step);
          const tooOld = at < highest - WINDOW_BITS;
          expect(window.has(at)).toBe(tooOld || seen.has(at));
          if (window.has(at)) continue;
          window.add(at);
          seen.add(at);
          highest = Math.max(highest, at);
        }
      }),
    );
  });

  test("a new boot counts from far above: nothing of it is a duplicate", () => {
    const window = new DuplicateWindow();
    window.add(0x100000000 + 3);
    expect(window.has(0x200000000 + 1)).toBe(false);
    window.add(0x200000000 + 1);
    expect(window.has(0x100000000 + 4)).toBe(true);
    expect(window.has(0x200000000 + 2)).toBe(false);
  });
});

const table = (): Table<number, number> =>
  new Table({
    maxRows: 3,
    compare: byNumber,
    write: (to, key, row) => to.u8(key).u8(row),
    read: (from) => [from.u8(), from.u8()],
  });

describe("a bounded table", () => {
  test("has equal bytes whatever the order of insertion", () => {
    const bytes = [
      [1, 2, 3],
      [3, 1, 2],
    ].map((keys) => {
      const rows = table();
      for (const key of keys) rows.set(key, key * 2);
      const to = new ByteWriter();
      rows.save(to);
      return to.take();
    });
    expect(bytes[0]).toEqual(bytes[1]);
  });

  test("says when it is full, and refuses loudly what was not asked for", () => {
    const rows = table();
    for (const key of [1, 2, 3]) rows.set(key, 0);
    expect([rows.accepts(4), rows.accepts(2)]).toEqual([false, true]);
    expect(() => {
      rows.set(4, 0);
    }).toThrow("asked for room");
    rows.delete(2);
    expect([rows.accepts(4), rows.size, rows.get(1)]).toEqual([true, 2, 0]);
  });

  test("loads only ascending keys within its bound", () => {
    const load = (...bytes: readonly number[]): boolean => {
      const from = new ByteReader(Uint8Array.of(0, 0, 0, ...bytes));
      table().load(from);
      return !from.failed;
    };
    expect(load(2, 1, 0, 2, 0)).toBe(true);
    expect(load(2, 2, 0, 1, 0)).toBe(false);
    expect(load(2, 1, 0, 1, 0)).toBe(false);
    expect(load(4, 1, 0, 2, 0, 3, 0, 4, 0)).toBe(false);
  });

  test("orders numbers, bigints and texts totally", () => {
    expect([byNumber(1, 2), byBigint(2n, 1n), byBigint(1n, 1n), byBigint(1n, 2n)]).toEqual([
      -1, 1, 0, -1,
    ]);
    expect([byText("a", "b"), byText("b", "a"), byText("a", "a")]).toEqual([-1, 1, 0]);
  });
});
