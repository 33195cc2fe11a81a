import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, type NodeIndex } from "../base/mod.ts";
import { PACKET_HEADER_BYTES, writeHeader, type PacketHeader } from "./packet.ts";
import { SendQueue, type Waiting } from "./queue.ts";
import { TrafficClass } from "./types.ts";

function packet(trafficClass: TrafficClass, sequence: number, expiresMs = 1000): Waiting {
  const header: PacketHeader = {
    trafficClass,
    ackWanted: false,
    fragment: false,
    flood: false,
    linkSequence: 0,
    origin: 1 as NodeIndex,
    destination: 2 as NodeIndex,
    nextHop: 2 as NodeIndex,
    ttl: 8,
    hops: 0,
    sequence,
    lifetimeMs: 500,
  };
  const bytes = new Uint8Array(PACKET_HEADER_BYTES + 1);
  writeHeader(bytes, header);
  return { header, bytes, expiresMs, again: false };
}

const drain = (queue: SendQueue, nowMs = 0): number[] => {
  const sequences: number[] = [];
  for (let it = queue.next(nowMs); it !== undefined; it = queue.next(nowMs)) {
    sequences.push(it.header.sequence);
  }
  return sequences;
};

const { emergency, command, state, coordination, bulk } = TrafficClass;

describe("the queue of packets to send", () => {
  test("the most urgent class first, each in order", () => {
    const queue = new SendQueue();
    for (const [i, it] of [bulk, state, coordination, command, emergency, command].entries()) {
      queue.add([packet(it, i)]);
    }
    expect(queue.length).toBe(6);
    expect(drain(queue)).toEqual([4, 3, 5, 1, 2, 0]);
  });

  test("what expires while it waits is handed back", () => {
    const queue = new SendQueue();
    queue.add([packet(state, 1, 100)]);
    queue.add([packet(state, 2, 300)]);
    expect(drain(queue, 100)).toEqual([2]);
    expect(queue.takeDropped().map((it) => it.header.sequence)).toEqual([1]);
    expect(queue.takeDropped()).toEqual([]);
  });

  test("full: state drops its oldest, the others refuse a message as a whole", () => {
    const queue = new SendQueue();
    for (let i = 0; i < 70; i += 1) expect(queue.add([packet(state, i)])).toBe(true);
    expect(queue.takeDropped().map((it) => it.header.sequence)).toEqual([0, 1, 2, 3, 4, 5]);
    const many = (count: number): Waiting[] =>
      Array.from({ length: count }, (_, i) => packet(bulk, i));
    expect(queue.add(many(250))).toBe(true);
    expect(queue.add(many(7))).toBe(false);
    expect(queue.add(many(6))).toBe(true);
    expect(queue.length).toBe(64 + 256);
    expect(queue.add(Array.from({ length: 65 }, (_, i) => packet(state, i)))).toBe(false);
  });
});

describe("the pace", () => {
  test("coordination waits for air time, emergency and command never do", () => {
    const queue = new SendQueue();
    queue.spend(200_000);
    for (const it of [coordination, command, emergency]) queue.add([packet(it, it, 5000)]);
    expect(drain(queue)).toEqual([0, 1]);
    expect(queue.readyMs(0, 0.5)).toBeCloseTo(100, 9);
    queue.refill(99, 0.5);
    expect(drain(queue)).toEqual([]);
    queue.refill(100, 0.5);
    expect(drain(queue)).toEqual([3]);
  });

  test("bulk goes only while half a bucket is left for the others", () => {
    const queue = new SendQueue();
    queue.spend(30_000);
    queue.add([packet(bulk, 1)]);
    queue.add([packet(state, 2)]);
    expect(drain(queue)).toEqual([2]);
    expect(queue.readyMs(10, 0.1)).toBeCloseTo(60, 9);
    queue.refill(50, 0.1);
    expect(drain(queue)).toEqual([1]);
  });

  test("what may go at once waits a millisecond at most", () => {
    const queue = new SendQueue();
    expect(queue.readyMs(5, 0.1)).toBe(Infinity);
    queue.add([packet(command, 1)]);
    expect(queue.readyMs(5, 0.1)).toBe(6);
  });
});

test("saved and loaded, the same packets leave in the same order", () => {
  const queue = new SendQueue();
  for (const [i, it] of [bulk, state, command].entries()) queue.add([packet(it, i)]);
  queue.spend(20_000);
  const writer = new ByteWriter();
  queue.save(writer);
  const loaded = new SendQueue();
  loaded.add([packet(state, 99)]);
  loaded.load(new ByteReader(writer.take()));
  expect(drain(loaded)).toEqual([2, 1, 0]);
});
