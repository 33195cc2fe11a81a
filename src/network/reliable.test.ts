import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, SeededStream, type NodeIndex } from "../base/mod.ts";
import { PACKET_HEADER_BYTES, writeHeader, type PacketHeader } from "./packet.ts";
import type { Waiting } from "./queue.ts";
import { HopRetries } from "./reliable.ts";
import { TrafficClass } from "./types.ts";

const hop = 5 as NodeIndex;

function packet(sequence: number, trafficClass: TrafficClass = TrafficClass.command): Waiting {
  const header: PacketHeader = {
    trafficClass,
    ackWanted: true,
    fragment: false,
    flood: false,
    linkSequence: 0,
    origin: 1 as NodeIndex,
    destination: 2 as NodeIndex,
    nextHop: hop,
    ttl: 8,
    hops: 0,
    sequence,
    lifetimeMs: 500,
  };
  const bytes = new Uint8Array(PACKET_HEADER_BYTES + 1);
  writeHeader(bytes, header);
  return { header, bytes, expiresMs: 1000, again: false };
}

const stream = (): SeededStream => new SeededStream(1, "reliable");
const ack = (sequence: number): { origin: number; sequence: number } => ({ origin: 1, sequence });

/** Times at which a packet that nobody acknowledges is sent again. */
function tryTimes(trafficClass: TrafficClass): number[] {
  const retries = new HopRetries();
  const draws = stream();
  retries.watch(packet(1, trafficClass), hop, 0, draws);
  const times: number[] = [];
  while (retries.length > 0) {
    const dueMs = retries.nextDueMs();
    for (const entry of retries.takeDue(dueMs)) {
      if (!retries.mayTryAgain(entry, dueMs)) continue;
      times.push(dueMs);
      retries.again(entry, hop, dueMs, draws);
    }
  }
  return times;
}

describe("hop acknowledgement", () => {
  test("a command is tried six times, further and further apart, state twice", () => {
    const times = tryTimes(TrafficClass.command);
    expect(times).toHaveLength(5);
    const gaps = times.map((ms, i) => ms - (times[i - 1] ?? 0));
    expect(gaps.slice(0, 3).every((gap, i) => i === 0 || gap > gaps[i - 1]!)).toBe(true);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(120 * 1.2);
    expect(tryTimes(TrafficClass.state)).toHaveLength(1);
  });

  test("never past its expiry", () => {
    const retries = new HopRetries();
    retries.watch({ ...packet(1), expiresMs: 20 }, hop, 0, stream());
    const [entry] = retries.takeDue(1000);
    expect(retries.mayTryAgain(entry!, 19)).toBe(true);
    expect(retries.mayTryAgain(entry!, 20)).toBe(false);
  });

  test("only the neighbor that got the packet can acknowledge it, once", () => {
    const retries = new HopRetries();
    retries.watch(packet(1), hop, 0, stream());
    expect(retries.acknowledge(6 as NodeIndex, ack(1), 1)).toBeUndefined();
    expect(retries.acknowledge(hop, ack(2), 1)).toBeUndefined();
    expect(retries.acknowledge(hop, ack(1), 1)?.packet.header.sequence).toBe(1);
    expect(retries.acknowledge(hop, ack(1), 1)).toBeUndefined();
    expect(retries.nextDueMs()).toBe(Infinity);
  });

  test("the timeout follows measured round trips (RFC 6298), repeats not counted (Karn)", () => {
    const timeoutMs = (roundTripMs: number, tries: number): number => {
      const retries = new HopRetries();
      const draws = stream();
      for (let i = 0; i < 60; i += 1) {
        retries.watch(packet(i), hop, 0, draws);
        const [entry] = tries > 1 ? retries.takeDue(10_000) : [];
        if (entry !== undefined) retries.again(entry, hop, 0, draws);
        retries.acknowledge(hop, ack(i), roundTripMs);
      }
      retries.watch(packet(99), hop, 0, draws);
      return retries.nextDueMs();
    };
    expect(timeoutMs(2, 1)).toBeLessThan(10);
    expect(timeoutMs(40, 1)).toBeGreaterThan(36);
    expect(timeoutMs(40, 2)).toBeLessThan(37);
  });

  test("holds 64, and says when it is full", () => {
    const retries = new HopRetries();
    for (let i = 0; i < 64; i += 1) {
      expect(retries.isFull).toBe(false);
      retries.watch(packet(i), hop, 0, stream());
    }
    expect(retries.isFull).toBe(true);
  });

  test("saved and loaded, it waits for the same acknowledgements until the same time", () => {
    const retries = new HopRetries();
    retries.watch(packet(1), hop, 3, stream());
    const writer = new ByteWriter();
    retries.save(writer);
    const loaded = new HopRetries();
    loaded.load(new ByteReader(writer.take()));
    expect(loaded.nextDueMs()).toBe(retries.nextDueMs());
    expect(loaded.acknowledge(hop, ack(1), 5)?.packet).toEqual(packet(1));
  });
});
