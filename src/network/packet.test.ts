import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, toHex, type NodeIndex } from "../base/mod.ts";
import {
  ACKS_MAX,
  channelOf,
  decodeAck,
  encodeAck,
  linkSequenceOf,
  nextHopOf,
  PACKET_BYTES_MAX,
  PACKET_HEADER_BYTES,
  PacketKind,
  packetKind,
  readHeader,
  stampPacket,
  writeHeader,
  type AckEntry,
  type PacketHeader,
} from "./packet.ts";
import { encodeRoutes } from "./presence.ts";
import type { RouteEntry, RouteRequest } from "./beacon.ts";
import type { MeshChannel } from "./types.ts";

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../vectors/packet/${name}.json`, import.meta.url), "utf8"));

const data = read("data") as readonly {
  readonly name: string;
  readonly hex: string;
  readonly header: PacketHeader;
  readonly payload: string;
}[];
const acks = read("ack") as readonly {
  readonly name: string;
  readonly hex: string;
  readonly linkSequence: number;
  readonly to: NodeIndex;
  readonly entries: readonly AckEntry[];
}[];

const routesPackets = read("routes") as readonly {
  readonly name: string;
  readonly hex: string;
  readonly channel: MeshChannel;
  readonly linkSequence: number;
  readonly ownSequence: number;
  readonly routes: readonly RouteEntry[];
  readonly requests: readonly RouteRequest[];
}[];

describe("routes packets", () => {
  test.each(routesPackets)("$name", ({ hex, channel, linkSequence, ...it }) => {
    const bytes = encodeRoutes(it.ownSequence, it.routes, it.requests);
    stampPacket(bytes, channel, linkSequence);
    expect(toHex(bytes)).toBe(hex);
    expect([packetKind(bytes), channelOf(bytes), linkSequenceOf(bytes)]).toEqual([
      PacketKind.routes,
      channel,
      linkSequence,
    ]);
  });

  test("a stamp replaces the one before it and leaves the kind", () => {
    const bytes = encodeRoutes(1, [], []);
    stampPacket(bytes, "cluster", 7);
    stampPacket(bytes, "common", 8);
    expect([packetKind(bytes), channelOf(bytes), linkSequenceOf(bytes)]).toEqual([2, "common", 8]);
  });
});

describe("data packets", () => {
  test.each(data)("$name", ({ hex, header, payload }) => {
    const bytes = fromHex(hex)!;
    expect(readHeader(bytes)).toEqual({ ok: true, value: header });
    expect(toHex(bytes.subarray(PACKET_HEADER_BYTES))).toBe(payload);
    expect(linkSequenceOf(bytes)).toBe(header.linkSequence);
    expect(nextHopOf(bytes)).toBe(header.nextHop);
    const written = new Uint8Array(bytes.length);
    writeHeader(written, header);
    written.set(bytes.subarray(PACKET_HEADER_BYTES), PACKET_HEADER_BYTES);
    expect(toHex(written)).toBe(hex);
  });

  test("lifetime is rounded up to steps of 10 ms and saturates: late, never early", () => {
    const bytes = fromHex(data[0]!.hex)!;
    const through = (lifetimeMs: number): number | undefined => {
      writeHeader(bytes, { ...data[0]!.header, lifetimeMs });
      const header = readHeader(bytes);
      return header.ok ? header.value.lifetimeMs : undefined;
    };
    expect([1, 10, 11, -5, 1e9].map(through)).toEqual([10, 10, 20, 0, 655_350]);
  });

  test("other versions and kinds, unknown classes, reserved flags, wrong sizes are refused", () => {
    const good = data[0]!.hex;
    const bad = [
      `20${good.slice(2)}`,
      `13${good.slice(2)}`,
      `100d${good.slice(4)}`,
      `1049${good.slice(4)}`,
      `1089${good.slice(4)}`,
      good.slice(0, 2 * PACKET_HEADER_BYTES),
      "",
      good.padEnd(2 * (PACKET_BYTES_MAX + 1), "0"),
    ];
    for (const hex of bad) {
      expect(readHeader(fromHex(hex)!)).toMatchObject({ problem: { code: "NET001" } });
    }
  });
});

describe("acknowledgements", () => {
  test.each(acks)("$name", ({ hex, linkSequence, to, entries }) => {
    expect(toHex(encodeAck(linkSequence, to, entries))).toBe(hex);
    expect(decodeAck(fromHex(hex)!)).toEqual({ ok: true, value: { to, entries } });
  });

  test("none, too many, or not as many as said are refused", () => {
    const entries = Array.from({ length: ACKS_MAX + 1 }, (_, i) => ({ origin: i, sequence: i }));
    const tooMany = encodeAck(1, 1 as NodeIndex, entries);
    const none = encodeAck(1, 1 as NodeIndex, []);
    const short = encodeAck(1, 1 as NodeIndex, entries.slice(0, 2)).subarray(0, 17);
    for (const bytes of [tooMany, none, short, new Uint8Array(0)]) {
      expect(decodeAck(bytes)).toMatchObject({ problem: { code: "NET001" } });
    }
  });
});

test("any bytes are read without a throw; what is read is written back the same", () => {
  const kind = fc.constantFrom(0x10, 0x11, 0x12, 0x1f, 0x00);
  fc.assert(
    fc.property(kind, fc.uint8Array({ maxLength: 60 }), (first, rest) => {
      const bytes = Uint8Array.of(first, ...rest);
      const known = packetKind(bytes);
      const header = readHeader(bytes);
      if (header.ok) {
        expect(known).toBe(0);
        const written = bytes.slice();
        writeHeader(written, header.value);
        expect(written).toEqual(bytes);
      }
      const ack = decodeAck(bytes);
      if (ack.ok) {
        const { to, entries } = ack.value;
        expect(encodeAck(linkSequenceOf(bytes), to, entries)).toEqual(bytes);
      }
    }),
  );
});
