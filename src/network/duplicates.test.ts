import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { forgetSeen, markSeen } from "./duplicates.ts";
import { createPeers, obtainRow, type PeerTable } from "./peers.ts";

function opened(): { readonly table: PeerTable; readonly row: number } {
  const table = createPeers(32);
  return { table, row: obtainRow(table, 7, 0) };
}

describe("the window of 128 sequences", () => {
  test("agrees with a set, for any order within the window", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 0xffffffff }),
        fc.array(fc.integer({ min: 0, max: 127 }), { maxLength: 300 }),
        (start, offsets) => {
          const { table, row } = opened();
          const seen = new Set<number>();
          for (const offset of offsets) {
            const sequence = (start + offset) >>> 0;
            expect(markSeen(table, row, sequence)).toBe(!seen.has(sequence));
            seen.add(sequence);
          }
        },
      ),
    );
  });

  test("moves on by any step, and keeps what is still inside", () => {
    for (const step of [1, 31, 32, 33, 64, 96, 127, 128, 500]) {
      const { table, row } = opened();
      markSeen(table, row, 1000);
      expect(markSeen(table, row, 1000 + step)).toBe(true);
      expect(markSeen(table, row, 1000)).toBe(false);
      expect(markSeen(table, row, 1000 + step)).toBe(false);
      if (step > 1 && step < 128) expect(markSeen(table, row, 1001)).toBe(true);
    }
  });

  test("goes over the end of the numbers", () => {
    const { table, row } = opened();
    expect([0xffffffff, 0, 1, 0xffffffff].map((it) => markSeen(table, row, it))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});

describe("a restarted origin", () => {
  test("far behind opens a new window at once", () => {
    const { table, row } = opened();
    markSeen(table, row, 5_000_000);
    expect([5, 5].map((it) => markSeen(table, row, it))).toEqual([true, false]);
  });

  test("a little behind is let in after 32 refusals", () => {
    const { table, row } = opened();
    markSeen(table, row, 10_000);
    const fresh = Array.from({ length: 40 }, (_, i) => markSeen(table, row, 5000 + i));
    expect(fresh.indexOf(true)).toBe(31);
    expect(fresh.slice(31)).toEqual(new Array<boolean>(9).fill(true));
  });

  test("known by its boot tag, it starts clean", () => {
    const { table, row } = opened();
    markSeen(table, row, 10);
    forgetSeen(table, row);
    expect(markSeen(table, row, 10)).toBe(true);
  });
});
