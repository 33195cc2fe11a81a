import fc from "fast-check";
import { expect, test } from "vitest";
import { messageFrame, parseWish, timeFrame } from "./protocol.ts";

test("a message's frame is opcode, subscription, time, content, little-endian", () => {
  const frame = messageFrame(0x01020304, 0x1122334455667788n, Uint8Array.of(0xaa));
  expect([...frame]).toEqual([1, 4, 3, 2, 1, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0xaa]);
  expect([...timeFrame(258n)]).toEqual([2, 2, 1, 0, 0, 0, 0, 0, 0]);
});

test.each([
  ['{"op":"subscribe","subscriptions":[{"id":1,"channelId":2}]}', "subscribe"],
  ['{"op":"unsubscribe","subscriptionIds":[1]}', "unsubscribe"],
  ['{"op":"getParameters"}', "other"],
])("%s is %s", (text, kind) => {
  const wish = parseWish(text);
  expect(wish.ok ? wish.value.kind : "").toBe(kind);
});

test.each([
  ["{"],
  ["[]"],
  ["{}"],
  ['{"op":"subscribe"}'],
  ['{"op":"subscribe","subscriptions":[{"id":1.5,"channelId":0}]}'],
  ['{"op":"subscribe","subscriptions":[7]}'],
  ['{"op":"unsubscribe","subscriptionIds":["1"]}'],
  ["[[[[[[[[]]]]]]]]"],
])("%s is refused", (text) => {
  expect(parseWish(text).ok).toBe(false);
});

test("no text throws", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      parseWish(text);
    }),
  );
});
