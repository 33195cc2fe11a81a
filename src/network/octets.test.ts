import fc from "fast-check";
import { expect, test } from "vitest";
import {
  clampInteger,
  isNewer16,
  readI16,
  readI32,
  readU16,
  readU32,
  writeU16,
  writeU32,
} from "./octets.ts";

test("integers go through bytes as DataView has them, signed and not", () => {
  fc.assert(
    fc.property(fc.integer(), (value) => {
      const bytes = new Uint8Array(6);
      const view = new DataView(bytes.buffer);
      writeU32(bytes, 1, value);
      expect([readI32(bytes, 1), readU32(bytes, 1)]).toEqual([view.getInt32(1), view.getUint32(1)]);
      expect(readI32(bytes, 1)).toBe(value);
      writeU16(bytes, 1, value);
      expect([readI16(bytes, 1), readU16(bytes, 1)]).toEqual([view.getInt16(1), view.getUint16(1)]);
    }),
  );
});

test("serial order (RFC 1982): half a turn ahead is newer, the other half is older", () => {
  expect(isNewer16(1, 0)).toBe(true);
  expect(isNewer16(0, 1)).toBe(false);
  expect(isNewer16(5, 5)).toBe(false);
  expect(isNewer16(3, 0xfffe)).toBe(true);
  expect(isNewer16(0x7fff, 0)).toBe(true);
  expect(isNewer16(0x8000, 0)).toBe(false);
});

test("numbers saturate at the range of their field; not a number is 0", () => {
  expect([1.6, -9, 300, NaN, Infinity].map((it) => clampInteger(it, 0, 255))).toEqual([
    2, 0, 255, 0, 255,
  ]);
});
