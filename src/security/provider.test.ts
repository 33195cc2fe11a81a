import { describe, expect, test } from "vitest";
import { equalConstantTime } from "./provider.ts";

describe("constant-time comparison", () => {
  test("finds a difference wherever it is, and equal bytes equal", () => {
    const bytes = Uint8Array.from({ length: 33 }, (_, i) => i * 7);
    expect(equalConstantTime(bytes, bytes.slice())).toBe(true);
    for (let at = 0; at < bytes.length; at += 1) {
      const other = bytes.slice();
      other[at]! ^= 0x80;
      expect(equalConstantTime(bytes, other)).toBe(false);
    }
    expect(equalConstantTime(bytes, bytes.subarray(1))).toBe(false);
    expect(equalConstantTime(new Uint8Array(0), new Uint8Array(0))).toBe(true);
  });
});
