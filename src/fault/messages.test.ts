import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, toHex, type NodeIndex } from "../base/mod.ts";
import { decodeFaultMessage, encodeFaultMessage, type FaultMessage } from "./messages.ts";

interface Vector extends FaultMessage {
  readonly name: string;
  readonly hex: string;
}

const vectors = JSON.parse(
  readFileSync(new URL("../../vectors/suspicion/messages.json", import.meta.url), "utf8"),
) as readonly Vector[];

describe("messages between detectors", () => {
  test.each(vectors)("$name", ({ hex, kind, peer, ageMs, leaving }) => {
    const message = { kind, peer, ageMs, leaving };
    expect(toHex(encodeFaultMessage(message))).toBe(hex);
    expect(decodeFaultMessage(fromHex(hex)!)).toEqual({ ok: true, value: message });
  });

  test("ages saturate", () => {
    const heard = { kind: "heard", peer: 1 as NodeIndex, leaving: false } as const;
    expect(toHex(encodeFaultMessage({ ...heard, ageMs: Infinity }))).toBe("41000001ffffffff");
    expect(toHex(encodeFaultMessage({ ...heard, ageMs: -1 }))).toBe("4100000100000000");
  });

  test("short, long and unknown ones are refused", () => {
    for (const hex of [
      "",
      "40",
      "40000003000008",
      "40000003000008ca00",
      "42000003000008ca",
      "40020003000008ca",
    ]) {
      expect(decodeFaultMessage(fromHex(hex)!)).toMatchObject({ problem: { code: "FLT001" } });
    }
  });

  test("any bytes are read without a throw, and what is read is written back the same", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 10 }), (bytes) => {
        const read = decodeFaultMessage(bytes);
        if (read.ok) expect(encodeFaultMessage(read.value)).toEqual(bytes);
      }),
    );
  });
});
