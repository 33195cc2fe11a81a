import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter } from "../base/mod.ts";
import {
  createPeers,
  hasBit,
  loadPeers,
  NO_PEER,
  obtainRow,
  peerCount,
  releaseRow,
  rowOf,
  savePeers,
  setBit,
} from "./peers.ts";

describe("rows", () => {
  test("agree with a map, through any order of coming and going", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(80), fc.boolean()), { maxLength: 300 }),
        (happenings) => {
          const table = createPeers(32);
          const model = new Map<number, number>();
          for (const [peer, comes] of happenings) {
            const known = model.get(peer);
            if (comes) {
              const row = obtainRow(table, peer, 0);
              if (known !== undefined) expect(row).toBe(known);
              else if (model.size === 32) expect(row).toBe(-1);
              if (row >= 0) model.set(peer, row);
            } else if (known !== undefined) {
              releaseRow(table, known);
              model.delete(peer);
            }
            expect(peerCount(table)).toBe(model.size);
            for (let other = 0; other <= 80; other += 1) {
              expect(rowOf(table, other)).toBe(model.get(other) ?? -1);
            }
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test("broadcast is nobody", () => {
    expect(obtainRow(createPeers(32), NO_PEER, 0)).toBe(-1);
  });

  describe("a full table, and a newcomer that is heard itself", () => {
    /** Peers 0 to 31, the higher the better heard, all a moment ago. */
    function full(): ReturnType<typeof createPeers> {
      const table = createPeers(32);
      for (let peer = 0; peer < 32; peer += 1) {
        const row = obtainRow(table, peer, 0);
        table.heardMs[row] = 9_000;
        table.snrDb[row] = 10 + peer;
      }
      return table;
    }

    test("gives it the row of the one heard worst, if it is clearly better", () => {
      const table = full();
      expect(obtainRow(table, 100, 10_000, 13)).toBe(-1);
      const row = rowOf(table, 0);
      expect(obtainRow(table, 100, 10_000, 13.5)).toBe(row);
      expect([rowOf(table, 0), rowOf(table, 100)]).toEqual([-1, row]);
    });

    test("counts who fell silent as heard worst, but lets a young row first be heard", () => {
      const table = full();
      table.heardMs[rowOf(table, 31)] = 3_000;
      table.heardMs[rowOf(table, 30)] = 3_000;
      table.bornMs[rowOf(table, 30)] = 8_000;
      const row = rowOf(table, 31);
      expect(obtainRow(table, 100, 10_000, 5)).toBe(row);
    });

    test("never takes a member's, nor one whose route was told to others (RFC 8966, 3.5.1)", () => {
      const table = full();
      table.member[rowOf(table, 0)] = 1;
      table.feasibleKnown[rowOf(table, 1)] = 1;
      const row = rowOf(table, 2);
      expect(obtainRow(table, 100, 10_000, 40)).toBe(row);
    });

    test("takes in a member however it is heard", () => {
      const table = full();
      expect(obtainRow(table, 100, 10_000, Infinity)).toBe(0);
    });

    test("turns away who is only spoken of", () => {
      expect(obtainRow(full(), 100, 10_000)).toBe(-1);
    });
  });

  test("a full table gives the row of the longest silent, never a member's", () => {
    const table = createPeers(32);
    for (let peer = 0; peer < 32; peer += 1) {
      const row = obtainRow(table, peer, 0);
      table.heardMs[row] = peer * 1000;
      table.member[row] = peer === 0 ? 1 : 0;
    }
    expect(obtainRow(table, 100, 60_500)).toBe(-1);
    const row = rowOf(table, 1);
    expect(obtainRow(table, 100, 61_500)).toBe(row);
    expect([rowOf(table, 0), rowOf(table, 1), rowOf(table, 100)]).toEqual([0, -1, row]);
    expect(table.heardMs[row]).toBe(-Infinity);
  });

  test("who is released is no next hop and in no set any more", () => {
    const table = createPeers(64);
    const rows = [1, 2, 3].map((peer) => obtainRow(table, peer, 0));
    setBit(table, rows[0]!, rows[1]!, true);
    setBit(table, rows[0]!, rows[2]!, true);
    table.via[rows[2]!] = rows[1]!;
    table.candidateVia[rows[2]! * 3 + 1] = rows[1]!;
    releaseRow(table, rows[1]!);
    expect(hasBit(table, rows[0]!, rows[1]!)).toBe(false);
    expect(hasBit(table, rows[0]!, rows[2]!)).toBe(true);
    expect(table.via[rows[2]!]).toBe(-1);
    expect(table.candidateVia[rows[2]! * 3 + 1]).toBe(-1);
    setBit(table, rows[0]!, rows[2]!, false);
    expect(hasBit(table, rows[0]!, rows[2]!)).toBe(false);
  });

  test("rows come in sets of 32", () => {
    expect(() => createPeers(40)).toThrow("sets of 32");
  });
});

describe("save and load", () => {
  test("keeps every column of every row in use", () => {
    const table = createPeers(32);
    for (const peer of [5, 6, 7]) obtainRow(table, peer, peer);
    releaseRow(table, rowOf(table, 6));
    const row = rowOf(table, 7);
    table.northM[row] = 1.25;
    table.covers[row] = 0xdeadbeef;
    table.plan[row * 16 + 15] = 9;
    const writer = new ByteWriter();
    savePeers(table, writer);
    const loaded = createPeers(32);
    obtainRow(loaded, 99, 0);
    loadPeers(loaded, new ByteReader(writer.take()));
    const { own: before, ...columns } = table;
    const { own: after, ...loadedColumns } = loaded;
    expect(loadedColumns).toEqual(columns);
    expect([after.count, rowOf(loaded, 7), rowOf(loaded, 99)]).toEqual([before.count, row, -1]);
  });

  test("a row beyond the table is refused", () => {
    const reader = new ByteReader(new ByteWriter().u16(1).u16(32).take());
    loadPeers(createPeers(32), reader);
    expect(reader.failed).toBe(true);
  });
});
