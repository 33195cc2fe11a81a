import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { common, MavLinkProtocolV2 } from "node-mavlink";
import { describe, expect, test } from "vitest";
import { fromHex } from "../../base/mod.ts";
import { encodeFrame, mavlink } from "./codec.ts";
import { MavlinkParser, type MavlinkFrame } from "./parser.ts";

const goldens = JSON.parse(
  readFileSync(new URL("../../../vectors/mavlink/pymavlink.json", import.meta.url), "utf8"),
) as readonly { readonly hex: string }[];
const golden = fc.constantFrom(...goldens.map(({ hex }) => fromHex(hex)!));
const noise = fc.uint8Array({ maxLength: 40 });
const tempting = fc
  .array(fc.constantFrom(0xfd, 0xfe, 0, 1, 9, 255), { maxLength: 12 })
  .map((bytes) => Uint8Array.from(bytes));

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function parseAll(
  bytes: Uint8Array,
  cuts: readonly number[] = [],
): [MavlinkFrame[], MavlinkParser] {
  const parser = new MavlinkParser();
  const frames: MavlinkFrame[] = [];
  const places = [...cuts.map((cut) => cut % (bytes.length + 1)), 0, bytes.length];
  places.sort((a, b) => a - b);
  for (let i = 1; i < places.length; i += 1) {
    parser.push(bytes.subarray(places[i - 1], places[i]), (frame) => frames.push(frame));
  }
  return [frames, parser];
}

const HEARTBEAT = encodeFrame(
  { systemId: 1, componentId: 1, sequence: 0 },
  mavlink("heartbeat", { type: 2, autopilot: 3, mavlinkVersion: 3 }),
);

describe("whatever comes, nothing is thrown and every byte is accounted for", () => {
  test("noise and frames in any order, cut anywhere", () => {
    const parts = fc.array(fc.oneof(golden, noise, tempting), { maxLength: 8 });
    fc.assert(
      fc.property(parts, fc.array(fc.nat(), { maxLength: 5 }), (pieces, cuts) => {
        const bytes = joined(pieces);
        const [whole] = parseAll(bytes);
        const [inPieces] = parseAll(bytes, cuts);
        expect(inPieces).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });

  test("frames with flipped bits", () => {
    fc.assert(
      fc.property(golden, fc.nat(), fc.integer({ min: 1, max: 255 }), (frame, at, flip) => {
        const bytes = Uint8Array.from(frame);
        bytes[at % bytes.length]! ^= flip;
        const parser = new MavlinkParser();
        let read = 0;
        parser.pushDatagram(bytes, () => (read += 1));
        // A signature is trusted for nothing, so only its bytes may change without refusal.
        const signature =
          frame[2] === 1 && frame[0] === 0xfd && at % bytes.length >= bytes.length - 13;
        expect(read).toBe(signature ? 1 : 0);
      }),
      { numRuns: 1000 },
    );
  });

  test("frames between noise that cannot start a frame are all found", () => {
    const harmless = fc
      .uint8Array({ maxLength: 30, max: 0xfc })
      .map((bytes) => Uint8Array.from(bytes));
    fc.assert(
      fc.property(fc.array(fc.tuple(harmless, golden), { maxLength: 6 }), (pairs) => {
        const [frames, parser] = parseAll(joined(pairs.flat()));
        expect(frames).toHaveLength(pairs.length);
        const skipped = pairs.reduce((sum, [bytes]) => sum + bytes.length, 0);
        expect(parser.counts).toMatchObject({ frames: pairs.length, bytesSkipped: skipped });
      }),
    );
  });
});

test("a frame is found behind a false start in the same datagram", () => {
  const frames: MavlinkFrame[] = [];
  const parser = new MavlinkParser();
  parser.pushDatagram(joined([Uint8Array.of(0xfd, 255, 0), HEARTBEAT]), (frame) =>
    frames.push(frame),
  );
  expect(frames).toHaveLength(1);
  expect(parser.counts.bytesSkipped).toBe(3);
  parser.pushDatagram(HEARTBEAT.subarray(0, 12), (frame) => frames.push(frame));
  expect(frames).toHaveLength(1);
});

test("a standard message that Skein does not read is skipped whole, frames within it too", () => {
  const tunnel = new common.Tunnel();
  tunnel.payload = [...HEARTBEAT, ...new Array<number>(128 - HEARTBEAT.length).fill(0)];
  tunnel.payloadLength = 128;
  const frame = Uint8Array.from(new MavLinkProtocolV2().serialize(tunnel, 0));
  const [frames, parser] = parseAll(frame);
  expect(frames).toHaveLength(0);
  expect(parser.counts).toMatchObject({ ignored: 1, bytesSkipped: 0 });
});

test("unknown ids, wrong checksums and unknown flags are refused and counted apart", () => {
  const unknown = Uint8Array.from(HEARTBEAT);
  unknown[9] = 0x7f;
  expect(parseAll(unknown)[1].counts).toMatchObject({ frames: 0, idUnknown: 1 });
  const broken = Uint8Array.from(HEARTBEAT);
  broken[broken.length - 1]! ^= 1;
  expect(parseAll(broken)[1].counts).toMatchObject({ frames: 0, checksumWrong: 1 });
  const flagged = flaggedHeartbeat();
  expect(parseAll(flagged)[1].counts).toMatchObject({
    frames: 0,
    flagsRefused: 1,
    bytesSkipped: flagged.length,
  });
});

/** A heartbeat with incompatibility flag 0x80 and the checksum that belongs to it. */
function flaggedHeartbeat(): Uint8Array {
  const frame = Uint8Array.from(HEARTBEAT);
  frame[2] = 0x80;
  for (let crc = 0; crc < 0x10000; crc += 1) {
    frame[frame.length - 2] = crc & 255;
    frame[frame.length - 1] = crc >> 8;
    if (parseAll(frame)[1].counts.flagsRefused === 1) return frame;
  }
  throw new Error("no checksum fits");
}
