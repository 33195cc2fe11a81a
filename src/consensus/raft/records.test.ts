import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nodeIndex } from "../../base/mod.ts";
import { encodeEntry, EntryKind } from "../entry.ts";
import {
  entryRecord,
  frameRecord,
  headerRecord,
  LOG_NAME,
  openRecord,
  readStore,
  SNAPSHOT_NAME,
  snapshotRecord,
  STATE_NAME,
  stateRecord,
} from "./records.ts";

const entry = {
  kind: EntryKind.noop,
  proposer: nodeIndex(1),
  sequence: 0,
  orderId: 0n,
  body: new Uint8Array(0),
  signatures: [],
};
const bytes = encodeEntry(entry);
const at = (index: number): Uint8Array => entryRecord(index, { term: 2, bytes });
const logOf = (...records: readonly Uint8Array[]) => readStore([{ name: LOG_NAME, records }]);

function flipped(record: Uint8Array, byte: number): Uint8Array {
  const copy = record.slice();
  copy[byte]! ^= 1;
  return copy;
}

describe("what a boot makes of its store", () => {
  test("a virgin store holds nothing and no damage", () => {
    expect(readStore([])).toEqual({
      state: undefined,
      snapshot: undefined,
      log: undefined,
      damage: "none",
    });
  });

  test("term, vote, boot and snapshot come back", () => {
    const state = { term: 5, votedFor: nodeIndex(2), boot: 9, rejoining: true };
    const snapshot = { lastIndex: 7, lastTerm: 4, bytes: Uint8Array.of(1, 2) };
    const found = readStore([
      { name: SNAPSHOT_NAME, records: [snapshotRecord(snapshot)] },
      { name: STATE_NAME, records: [stateRecord(state)] },
    ]);
    expect([found.state, found.snapshot]).toEqual([state, snapshot]);
    const nobody = readStore([
      { name: STATE_NAME, records: [stateRecord({ ...state, votedFor: undefined })] },
    ]);
    expect(nobody.state?.votedFor).toBeUndefined();
  });

  test("a whole log comes back", () => {
    const found = logOf(headerRecord(4, 1), at(5), at(6));
    expect(found.log?.entries.map((each) => each.term)).toEqual([2, 2]);
    expect([found.log?.baseIndex, found.damage]).toEqual([4, "none"]);
  });

  test("a last record cut short was never acknowledged: torn", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: at(6).length - 1 }), (length) => {
        const found = logOf(headerRecord(4, 1), at(5), at(6).subarray(0, length));
        expect([found.log?.entries.length, found.damage]).toEqual([1, "torn"]);
      }),
    );
  });

  test("a flipped bit in a whole record may have been acknowledged: rotten", () => {
    fc.assert(
      fc.property(fc.nat(at(6).length - 1), (byte) => {
        const found = logOf(headerRecord(4, 1), at(5), flipped(at(6), byte));
        expect([found.log?.entries.length, found.damage]).toEqual([1, "rotten"]);
      }),
    );
  });

  test("a record cut short in the middle, or written to the wrong place: rotten", () => {
    expect(logOf(headerRecord(4, 1), at(5).subarray(0, 9), at(6)).damage).toBe("rotten");
    expect(logOf(headerRecord(4, 1), at(5), at(7)).damage).toBe("rotten");
    expect(logOf(headerRecord(4, 1), frameRecord(Uint8Array.of(0, 0, 0, 5, 0))).damage).toBe(
      "rotten",
    );
  });

  test("a broken header counts only where entries stood under it", () => {
    expect(logOf(flipped(headerRecord(4, 1), 6)).damage).toBe("none");
    expect(logOf(flipped(headerRecord(4, 1), 6), at(5)).damage).toBe("rotten");
    expect(logOf(frameRecord(Uint8Array.of(1)), at(5)).damage).toBe("rotten");
  });

  test("a broken vote or snapshot is not taken for none", () => {
    const state = stateRecord({ term: 1, votedFor: undefined, boot: 1, rejoining: false });
    const short = frameRecord(Uint8Array.of(1));
    for (const name of [STATE_NAME, SNAPSHOT_NAME]) {
      expect(readStore([{ name, records: [flipped(state, 7)] }]).damage).toBe("rotten");
      expect(readStore([{ name, records: [short] }]).damage).toBe("rotten");
    }
  });

  test("any bytes open to a payload or a kind of damage, never a throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (given) => {
        const opened = openRecord(given);
        expect(["torn", "rotten"].includes(opened as string) || opened instanceof Uint8Array).toBe(
          true,
        );
      }),
    );
  });
});
