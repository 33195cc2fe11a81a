import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, type NodeIndex } from "../base/mod.ts";
import { Confirmations } from "./confirm.ts";
import { PACKET_HEADER_BYTES, writeHeader, type PacketHeader } from "./packet.ts";
import type { Waiting } from "./queue.ts";
import { TrafficClass } from "./types.ts";

function packet(sequence: number, expiresMs = 1000): Waiting {
  const header: PacketHeader = {
    trafficClass: TrafficClass.coordination,
    ackWanted: false,
    fragment: false,
    flood: true,
    linkSequence: 0,
    origin: 1 as NodeIndex,
    destination: 0xffff as NodeIndex,
    nextHop: 0xffff as NodeIndex,
    ttl: 8,
    hops: 0,
    sequence,
    lifetimeMs: 500,
  };
  const bytes = new Uint8Array(PACKET_HEADER_BYTES + 1);
  writeHeader(bytes, header);
  return { header, bytes, expiresMs, again: false };
}

const sequences = (list: readonly Waiting[]): number[] => list.map((it) => it.header.sequence);

describe("a broadcast is said again", () => {
  const unanswered = (rows: readonly number[], neighbors: number): number[] => {
    const confirmations = new Confirmations();
    confirmations.watch(packet(1), 0, 2);
    for (const row of rows) confirmations.heardFrom(row);
    return sequences(confirmations.takeUnanswered(12, neighbors));
  };

  test("when fewer than half of the neighbors have answered", () => {
    expect(unanswered([], 6)).toEqual([1]);
    expect(unanswered([3, 40], 6)).toEqual([1]);
    expect(unanswered([3, 40, 31], 6)).toEqual([]);
    expect(unanswered([3, 3, 3], 6)).toEqual([1]);
    expect(unanswered([], 0)).toEqual([]);
  });

  test("after twelve milliseconds, once, and not past its time", () => {
    const confirmations = new Confirmations();
    expect(confirmations.nextDueMs()).toBe(Infinity);
    confirmations.watch(packet(1), 0, 1);
    confirmations.watch(packet(2, 13), 2, 1);
    expect(confirmations.nextDueMs()).toBe(12);
    expect(confirmations.takeUnanswered(11, 4)).toEqual([]);
    expect(sequences(confirmations.takeUnanswered(12, 4))).toEqual([1]);
    expect(confirmations.takeUnanswered(14, 4)).toEqual([]);
    expect(confirmations.nextDueMs()).toBe(Infinity);
  });

  test("answers count for those sent before them only", () => {
    const confirmations = new Confirmations();
    confirmations.watch(packet(1), 0, 1);
    confirmations.heardFrom(5);
    confirmations.watch(packet(2), 1, 1);
    expect(sequences(confirmations.takeUnanswered(20, 2))).toEqual([2]);
  });

  test("of more than sixteen the oldest is no longer watched", () => {
    const confirmations = new Confirmations();
    for (let i = 0; i < 20; i += 1) confirmations.watch(packet(i), 0, 1);
    expect(sequences(confirmations.takeUnanswered(12, 2))[0]).toBe(4);
  });

  test("saved and loaded, the same answers are missing", () => {
    const confirmations = new Confirmations();
    confirmations.watch(packet(1), 0, 1);
    confirmations.heardFrom(5);
    confirmations.watch(packet(2), 1, 1);
    const writer = new ByteWriter();
    confirmations.save(writer);
    const loaded = new Confirmations();
    loaded.load(new ByteReader(writer.take()));
    expect(loaded.nextDueMs()).toBe(12);
    expect(sequences(loaded.takeUnanswered(20, 2))).toEqual([2]);
  });
});
