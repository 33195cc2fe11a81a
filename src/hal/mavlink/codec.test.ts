import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { ardupilotmega, common, MavLinkProtocolV2, minimal, standard } from "node-mavlink";
import { describe, expect, test } from "vitest";
import { fromHex, InvariantError, toHex } from "../../base/mod.ts";
import { decodePayload, encodeFrame, encodePayload, layoutOfKind, mavlink } from "./codec.ts";
import { MESSAGES, type MavlinkKind, type MavlinkMessage } from "./messages.ts";
import { MavlinkParser, type MavlinkFrame } from "./parser.ts";

interface Golden {
  readonly name: string;
  readonly hex: string;
  readonly version: 1 | 2;
  readonly signed: boolean;
  readonly systemId: number;
  readonly componentId: number;
  readonly sequence: number;
  readonly message: Readonly<Record<string, unknown>> & { readonly kind: MavlinkKind };
}

function goldensOf(peer: "node-mavlink" | "pymavlink"): readonly Golden[] {
  const url = new URL(`../../../vectors/mavlink/${peer}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8")) as readonly Golden[];
}

const goldens = goldensOf("pymavlink");

/** JSON has no 64-bit integers: they stand there as text. */
function messageOf(golden: Golden): MavlinkMessage {
  const message: Record<string, unknown> = { kind: golden.message.kind };
  for (const { name, type } of layoutOfKind(golden.message.kind).fields) {
    const value = golden.message[name];
    message[name] = type === "u64" || type === "i64" ? BigInt(value as string) : value;
  }
  return message as unknown as MavlinkMessage;
}

function parse(bytes: Uint8Array): MavlinkFrame[] {
  const frames: MavlinkFrame[] = [];
  new MavlinkParser().push(bytes, (frame) => frames.push(frame));
  return frames;
}

describe("frames that pymavlink and node-mavlink wrote", () => {
  test("there are some of each message", () => {
    const kinds = new Set(goldens.map((golden) => golden.message.kind));
    expect([...kinds].sort()).toEqual(Object.keys(MESSAGES).sort());
  });

  test.each([...goldens, ...goldensOf("node-mavlink")])("$name", (golden) => {
    const { version, signed, systemId, componentId, sequence } = golden;
    const message = messageOf(golden);
    const frame = { version, signed, systemId, componentId, sequence, message };
    expect(parse(fromHex(golden.hex)!)).toEqual([frame]);
    if (version === 2 && !signed) expect(toHex(encodeFrame(golden, message))).toBe(golden.hex);
  });
});

/** A value of each message, every field drawn from its whole range. */
const anyMessage: fc.Arbitrary<MavlinkMessage> = fc
  .constantFrom(...(Object.keys(MESSAGES) as MavlinkKind[]))
  .chain((kind) => {
    const bytes = fc.uint8Array({
      minLength: layoutOfKind(kind).fullBytes,
      maxLength: layoutOfKind(kind).fullBytes,
    });
    return bytes.map((payload) => decodePayload(layoutOfKind(kind), payload));
  });

test("node-mavlink writes the same frames", () => {
  const registry = {
    ...minimal.REGISTRY,
    ...standard.REGISTRY,
    ...common.REGISTRY,
    ...ardupilotmega.REGISTRY,
  };
  fc.assert(
    fc.property(anyMessage, fc.nat(255), fc.integer({ min: 1, max: 255 }), (message, seq, id) => {
      const values = message as unknown as Readonly<Record<string, unknown>>;
      const layout = layoutOfKind(message.kind);
      const Theirs = registry[layout.id]!;
      const theirs = new Theirs() as unknown as Record<string, unknown>;
      // It writes text as ASCII and stops an array at its first not-a-number.
      const plain = Object.values(values).every(
        (value) => typeof value !== "string" || /^[\x20-\x7e]*$/.test(value),
      );
      fc.pre(plain && layout.fields.length === Theirs.FIELDS.length);
      for (const field of Theirs.FIELDS) {
        const mine = layout.fields.find((candidate) => candidate.offset === field.offset)!;
        theirs[field.name] = values[mine.name];
      }
      const bytes = new MavLinkProtocolV2(id, 1).serialize(theirs, seq);
      const header = { systemId: id, componentId: 1, sequence: seq };
      expect(toHex(encodeFrame(header, message))).toBe(bytes.toString("hex"));
    }),
    { numRuns: 500 },
  );
});

test("any message comes back from its frame", () => {
  fc.assert(
    fc.property(anyMessage, (message) => {
      const frame = encodeFrame({ systemId: 1, componentId: 2, sequence: 3 }, message);
      const [again] = parse(frame);
      // Text beyond ASCII may be cut within a character: it settles after one passage.
      expect(again?.message.kind).toBe(message.kind);
      const twice = encodePayload(again!.message);
      expect(toHex(encodePayload(parse(frame)[0]!.message))).toBe(toHex(twice));
      const ascii = Object.values(message).every(
        (value) => typeof value !== "string" || /^[\x01-\x7e]*$/.test(value),
      );
      if (ascii) expect(again?.message).toEqual(message);
    }),
    { numRuns: 1000 },
  );
});

describe("values that do not fit", () => {
  test("integers are clamped and rounded, not wrapped", () => {
    const message = mavlink("globalPositionInt", { vx: 40_000, vy: -40_000, hdg: 1.6, alt: NaN });
    const again = decodePayload(layoutOfKind("globalPositionInt"), encodePayload(message));
    expect(again).toMatchObject({ vx: 32_767, vy: -32_768, hdg: 2, alt: 0 });
    const status = mavlink("sysStatus", {
      onboardControlSensorsPresent: 2 ** 40,
      batteryRemaining: -1,
    });
    const read = decodePayload(layoutOfKind("sysStatus"), encodePayload(status));
    expect(read).toMatchObject({ onboardControlSensorsPresent: 2 ** 32 - 1, batteryRemaining: -1 });
  });

  test("text is cut at its field, arrays too", () => {
    const text = mavlink("statustext", { text: "x".repeat(60), severity: 4 });
    const again = decodePayload(layoutOfKind("statustext"), encodePayload(text));
    expect(again).toMatchObject({ text: "x".repeat(50), severity: 4 });
    const battery = mavlink("batteryStatus", { voltages: new Array<number>(12).fill(7) });
    const read = decodePayload(layoutOfKind("batteryStatus"), encodePayload(battery));
    expect(read).toMatchObject({ voltages: new Array<number>(10).fill(7), id: 0 });
  });

  test("text that is no UTF-8 is read as Latin-1", () => {
    const payload = new Uint8Array(51);
    payload.set([6, 0x47, 0xfc]);
    expect(decodePayload(layoutOfKind("statustext"), payload)).toMatchObject({ text: "Gü" });
  });
});

test("a kind that is not in the table is a mistake", () => {
  expect(() => layoutOfKind("nothing" as MavlinkKind)).toThrow(InvariantError);
});
