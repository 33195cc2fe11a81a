import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, nodeIndex } from "../../base/mod.ts";
import { encodeEntry, EntryKind } from "../entry.ts";
import { RaftLog } from "./log.ts";

function logOf(...terms: readonly number[]): RaftLog {
  const log = new RaftLog();
  for (const [i, term] of terms.entries()) {
    const entry = {
      kind: EntryKind.noop,
      proposer: nodeIndex(1),
      sequence: i,
      orderId: 0n,
      body: new Uint8Array(0),
      signatures: [],
    };
    log.append(term, entry, encodeEntry(entry));
  }
  return log;
}

describe("the log in memory", () => {
  test("indexes start at 1; the base stands for what is before", () => {
    const log = logOf(1, 1, 2);
    expect([log.baseIndex, log.lastIndex, log.lastTerm]).toEqual([0, 3, 2]);
    expect([0, 1, 2, 3, 4].map((index) => log.termAt(index))).toEqual([0, 1, 1, 2, undefined]);
    expect(log.at(0)).toBeUndefined();
  });

  test("compaction keeps the term at the base", () => {
    const log = logOf(1, 1, 2, 3);
    log.compact(2);
    expect([log.baseIndex, log.baseTerm, log.lastIndex]).toEqual([2, 1, 4]);
    expect(log.termAt(1)).toBeUndefined();
    expect(log.termAt(2)).toBe(1);
    expect(() => {
      log.compact(9);
    }).toThrow("compacted up to an entry it has");
  });

  test("what replaces a cut entry has another stamp", () => {
    const log = logOf(1, 1);
    const stamp = log.at(2)?.stamp;
    log.truncate(1);
    const { entry, bytes } = log.at(1)!;
    log.append(2, entry, bytes);
    expect(log.at(2)?.stamp).not.toBe(stamp);
    expect(() => log.append(1, entry, bytes)).toThrow("terms never fall");
  });

  test("a log is not cut below its base", () => {
    const log = logOf(1, 1, 1);
    log.compact(2);
    expect(() => {
      log.truncate(1);
    }).toThrow("not cut below its base");
  });

  // The examples of etcd's `findConflictByTerm`.
  const conflicts: readonly (readonly [number[], number, number, number])[] = [
    [[2, 2, 4, 4, 4], 5, 3, 2],
    [[2, 2, 4, 4, 4], 5, 5, 5],
    [[2, 2, 4, 4, 4], 9, 4, 5],
    [[2, 2, 4, 4, 4], 4, 1, 0],
    [[], 0, 7, 0],
  ];
  for (const [terms, index, term, expected] of conflicts) {
    test(`${terms.join(" ")} against (${String(index)}, ${String(term)})`, () => {
      expect(logOf(...terms).conflict(index, term)).toBe(expected);
    });
  }

  test("saved and loaded it is the same, and damage is refused", () => {
    const log = logOf(1, 2, 2);
    log.compact(1);
    const to = new ByteWriter();
    log.save(to);
    const copy = new RaftLog();
    copy.load(new ByteReader(to.take()));
    expect([copy.baseIndex, copy.lastIndex, copy.lastTerm]).toEqual([1, 3, 2]);
    expect(copy.at(3)).toEqual(log.at(3));
    const bytes = to.take();
    bytes[28] = 0xff;
    const from = new ByteReader(bytes);
    new RaftLog().load(from);
    expect(from.failed).toBe(true);
  });
});
