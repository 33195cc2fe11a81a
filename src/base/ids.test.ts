import { expect, test } from "vitest";
import { BROADCAST, missionId, nodeId, nodeIndex, segmentId } from "./ids.ts";
import { InvariantError } from "./invariant.ts";

test("the ends of each range are taken and what lies beyond is not", () => {
  expect(nodeId(0n)).toBe(0n);
  expect(nodeId((1n << 64n) - 1n)).toBe(0xffffffffffffffffn);
  expect(nodeIndex(0xffff)).toBe(BROADCAST);
  expect(missionId(0xffffffff)).toBe(0xffffffff);
  expect(segmentId(0xffff)).toBe(0xffff);
  for (const wrong of [-1, 0x10000, 1.5, NaN]) {
    expect(() => nodeIndex(wrong)).toThrow(InvariantError);
    expect(() => segmentId(wrong)).toThrow(InvariantError);
  }
  for (const wrong of [-1, 0x100000000, 0.5]) {
    expect(() => missionId(wrong)).toThrow(InvariantError);
  }
  expect(() => nodeId(-1n)).toThrow(InvariantError);
  expect(() => nodeId(1n << 64n)).toThrow(InvariantError);
});
