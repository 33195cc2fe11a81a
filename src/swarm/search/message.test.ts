import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, segmentId, toHex } from "../../base/mod.ts";
import { decodeSwarmMessage, DUTY_CODES, encodeSwarmMessage } from "./message.ts";
import type { SwarmMessage } from "./message.ts";

interface Vector {
  readonly name: string;
  readonly hex: string;
  readonly message: SwarmMessage;
}

const url = new URL("../../../vectors/swarm-message/messages.json", import.meta.url);
const vectors = JSON.parse(readFileSync(url, "utf8")) as Vector[];

const message: fc.Arbitrary<SwarmMessage> = fc.oneof(
  fc.record({
    kind: fc.constant("progress" as const),
    rows: fc.array(
      fc.record({
        segment: fc.integer({ min: 0, max: 65_534 }).map(segmentId),
        pass: fc.integer({ min: 0, max: 255 }),
        lanes: fc.integer({ min: 0, max: 0xffffffff }),
      }),
      { maxLength: 32 },
    ),
  }),
  fc.record({
    kind: fc.constant("intent" as const),
    intent: fc.record({
      duty: fc.constantFrom(...DUTY_CODES.filter((duty) => duty !== undefined)),
      segments: fc.array(fc.integer({ min: 0, max: 65_534 }).map(segmentId), { maxLength: 4 }),
      place: fc.option(
        fc.record({
          id: fc.integer({ min: 0, max: 0xfffffffe }),
          costS: fc.integer({ min: 0, max: 65_535 }),
        }),
        { nil: undefined },
      ),
      spareS: fc.integer({ min: 0, max: 65_535 }),
      digest: fc.integer({ min: 0, max: 0xffffffff }),
    }),
  }),
  fc.record({
    kind: fc.constant("share" as const),
    key: fc.string({ minLength: 1, maxLength: 8 }),
    value: fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 8 }),
  }),
);

describe("swarm messages", () => {
  test.each(vectors)("$name keeps its golden bytes", ({ hex, message: told }) => {
    const decoded = decodeSwarmMessage(fromHex(hex)!);
    if (!decoded.ok) throw new Error(decoded.problem.text);
    expect(JSON.parse(JSON.stringify(decoded.value))).toEqual(told);
    expect(toHex(encodeSwarmMessage(decoded.value))).toBe(hex);
  });

  test("what is encoded is decoded", () => {
    fc.assert(
      fc.property(message, (told) => {
        expect(decodeSwarmMessage(encodeSwarmMessage(told))).toEqual({ ok: true, value: told });
      }),
    );
  });

  test("any bytes are read or refused, never thrown at", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 80 }),
        fc.constantFrom(0x50, 0x51, 0x52, 0x53),
        (bytes, kind) => {
          const told = Uint8Array.from([kind, 1, ...bytes]);
          const decoded = decodeSwarmMessage(told);
          if (decoded.ok) expect(toHex(encodeSwarmMessage(decoded.value))).toBe(toHex(told));
          else expect(decoded.problem.code).toBe("SWM007");
        },
      ),
      { numRuns: 500 },
    );
  });

  test("another version, too many rows, a word that is no text: refused", () => {
    for (const hex of [
      "500200",
      "500121",
      "510163",
      "52010000",
      "5201ff",
      "520101ff00",
      "530100",
    ]) {
      expect(decodeSwarmMessage(fromHex(hex)!).ok).toBe(false);
    }
  });
});
