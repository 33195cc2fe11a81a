import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, SeededStream, type NodeIndex } from "../base/mod.ts";
import { Floods, noteCover } from "./flood.ts";
import { PACKET_HEADER_BYTES, writeHeader, type PacketHeader } from "./packet.ts";
import { createPeers, LinkState, obtainRow, type PeerTable } from "./peers.ts";
import type { Waiting } from "./queue.ts";
import { TrafficClass } from "./types.ts";

function packet(sequence: number, trafficClass: TrafficClass): Waiting {
  const header: PacketHeader = {
    trafficClass,
    ackWanted: false,
    fragment: false,
    flood: true,
    linkSequence: 0,
    origin: 10 as NodeIndex,
    destination: 0xffff as NodeIndex,
    nextHop: 0xffff as NodeIndex,
    ttl: 8,
    hops: 0,
    sequence,
    lifetimeMs: 500,
  };
  const bytes = new Uint8Array(PACKET_HEADER_BYTES + 1);
  writeHeader(bytes, header);
  return { header, bytes, expiresMs: 1000, again: false };
}

/** Rows 0 to 3: all neighbors; the sender in row 0 reaches row 1 only. */
function neighborhood(): PeerTable {
  const table = createPeers(32);
  for (const peer of [10, 11, 12, 13]) {
    table.state[obtainRow(table, peer, 0)] = LinkState.up;
  }
  noteCover(table, { byRow: 0, ofRow: 1, ratio: 0.9 });
  noteCover(table, { byRow: 0, ofRow: 2, ratio: 0.4 });
  return table;
}

const hold = (
  floods: Floods,
  table: PeerTable,
  options: { trafficClass?: TrafficClass; snrDb?: number; sequence?: number; seed?: number } = {},
): Waiting | undefined => {
  const { trafficClass = TrafficClass.coordination, snrDb = 20, sequence = 1, seed = 1 } = options;
  const heard = {
    packet: packet(sequence, trafficClass),
    senderRow: 0,
    originRow: 0,
    snrDb,
    nowMs: 0,
    neighbors: 4,
  };
  return floods.hold(table, heard, new SeededStream(seed));
};

const repeats = (floods: Floods, table: PeerTable): number => floods.takeDue(table, 1000).length;
const copy = { origin: 10, sequence: 1 };

describe("who repeats a flood", () => {
  test("one who has a neighbor that the sender does not reach", () => {
    const [floods, table] = [new Floods(), neighborhood()];
    hold(floods, table);
    expect(floods.takeDue(table, 0)).toEqual([]);
    expect(repeats(floods, table)).toBe(1);
    expect(floods.length).toBe(0);
  });

  test("nobody in a cell where all hear each other well", () => {
    const heardAtDb = (snrDb: number): number => {
      const [floods, table] = [new Floods(), neighborhood()];
      table.snrDb.fill(40);
      hold(floods, table, { snrDb });
      return repeats(floods, table);
    };
    expect([27, 28].map(heardAtDb)).toEqual([1, 0]);
  });

  test("nobody any more when three others did", () => {
    const [floods, table] = [new Floods(), neighborhood()];
    hold(floods, table);
    for (let i = 0; i < 3; i += 1) floods.heardAgain(table, copy, 2);
    expect(repeats(floods, table)).toBe(0);
  });

  test("not one whose neighbors all have it from those heard so far", () => {
    const [floods, table] = [new Floods(), neighborhood()];
    hold(floods, table);
    floods.heardAgain(table, copy, 2);
    floods.heardAgain(table, copy, 3);
    expect(repeats(floods, table)).toBe(0);
  });

  test("what another reaches counts too, and other packets' copies do not", () => {
    const [floods, table] = [new Floods(), neighborhood()];
    noteCover(table, { byRow: 1, ofRow: 2, ratio: 0.9 });
    noteCover(table, { byRow: 1, ofRow: 3, ratio: 0.9 });
    hold(floods, table);
    hold(floods, table, { sequence: 2 });
    floods.heardAgain(table, copy, 1);
    floods.heardAgain(table, { origin: 11, sequence: 2 }, 1);
    const left = floods.takeDue(table, 1000).map((it) => it.header.sequence);
    expect(left).toEqual([2]);
  });

  test("an emergency is repeated though all are covered, until three copies were heard", () => {
    const covered = neighborhood();
    for (const row of [1, 2, 3]) noteCover(covered, { byRow: 0, ofRow: row, ratio: 1 });
    for (const [copies, expected] of [
      [0, 1],
      [1, 1],
      [2, 0],
    ] as const) {
      const floods = new Floods();
      hold(floods, covered, { trafficClass: TrafficClass.emergency });
      for (let i = 0; i < copies; i += 1) floods.heardAgain(covered, copy, 1 + i);
      expect(repeats(floods, covered)).toBe(expected);
    }
  });

  test("an unknown sender covers nobody", () => {
    const [floods, table] = [new Floods(), neighborhood()];
    const heard = {
      packet: packet(1, TrafficClass.state),
      senderRow: -1,
      originRow: -1,
      snrDb: 20,
      nowMs: 0,
      neighbors: 4,
    };
    floods.hold(table, heard, new SeededStream(1));
    expect(repeats(floods, table)).toBe(1);
  });
});

describe("when", () => {
  test("the weaker the sender was heard, the sooner; emergencies soonest of all", () => {
    const table = neighborhood();
    const meanDueMs = (snrDb: number, trafficClass: TrafficClass): number => {
      let sum = 0;
      for (let seed = 0; seed < 50; seed += 1) {
        const floods = new Floods();
        hold(floods, table, { snrDb, trafficClass, seed });
        sum += floods.nextDueMs();
      }
      return sum / 50;
    };
    const { emergency, coordination } = TrafficClass;
    expect(meanDueMs(3, coordination)).toBeLessThan(meanDueMs(30, coordination) - 5);
    expect(meanDueMs(60, coordination)).toBeLessThanOrEqual(18);
    expect(meanDueMs(60, emergency)).toBeLessThanOrEqual(6);
  });

  test("of more than 64 waiting the oldest goes out at once", () => {
    const [floods, table] = [new Floods(), neighborhood()];
    for (let sequence = 0; sequence < 64; sequence += 1) {
      expect(hold(floods, table, { sequence })).toBeUndefined();
    }
    expect(hold(floods, table, { sequence: 64 })?.header.sequence).toBe(0);
    expect(floods.length).toBe(64);
  });

  test("saved and loaded, the same wait goes on", () => {
    const [floods, table] = [new Floods(), neighborhood()];
    hold(floods, table);
    floods.heardAgain(table, copy, 2);
    const writer = new ByteWriter();
    floods.save(writer);
    const loaded = new Floods();
    loaded.load(new ByteReader(writer.take()));
    expect(loaded.nextDueMs()).toBe(floods.nextDueMs());
    loaded.heardAgain(table, copy, 3);
    expect(repeats(loaded, table)).toBe(0);
  });
});
