import { expect, test } from "vitest";
import { utf8Encode } from "../../base/mod.ts";
import { crcOver, otherCrcExtra } from "./crc.ts";

test("the check value of CRC-16/MCRF4XX (catalogue of parametrised CRC algorithms)", () => {
  expect(crcOver(utf8Encode("123456789"), 0, 9)).toBe(0x6f91);
});

test("a range of bytes only", () => {
  expect(crcOver(utf8Encode("x123456789x"), 1, 10)).toBe(0x6f91);
  expect(crcOver(new Uint8Array(0), 0, 0)).toBe(0xffff);
});

test("messages of no standard dialect have no CRC_EXTRA", () => {
  expect(otherCrcExtra(0xffffff)).toBeUndefined();
  // SCALED_IMU of `common`.
  expect(otherCrcExtra(26)).toBe(170);
});
