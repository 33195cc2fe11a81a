/** Open envelopes: what every cluster can read, because it proves itself. */
import { expect, test } from "vitest";
import { nodeIndex } from "../../base/mod.ts";
import { decodeOpen, encodeOpen } from "./open.ts";

test("golden bytes: type 9 of suite 1, zero, sender, message", () => {
  const message = Uint8Array.of(0x70, 1, 2, 3);
  const bytes = encodeOpen(nodeIndex(0x0203), message);
  expect([...bytes]).toEqual([0x91, 0, 2, 3, 0x70, 1, 2, 3]);
  expect(decodeOpen(bytes)).toEqual(message);
});

test("an empty one and one of another version are none", () => {
  expect(decodeOpen(Uint8Array.of(0x91, 0, 2, 3))).toBeUndefined();
  expect(decodeOpen(Uint8Array.of(0x91, 1, 2, 3, 0x70))).toBeUndefined();
});
