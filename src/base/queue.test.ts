import * as fc from "fast-check";
import { expect, test } from "vitest";
import { InvariantError } from "./invariant.ts";
import { RingQueue } from "./queue.ts";

test("a full queue drops the oldest or refuses the newcomer, as the call says", () => {
  const queue = new RingQueue<string>(2);
  expect(queue.pushDropOldest("a")).toBeUndefined();
  expect(queue.pushRefuse("b")).toBe(true);
  expect(queue.pushRefuse("c")).toBe(false);
  expect(queue.pushDropOldest("d")).toBe("a");
  expect([...queue]).toEqual(["b", "d"]);
  expect(queue.peek()).toBe("b");
  expect(queue.at(1)).toBe("d");
  expect(queue.at(2)).toBeUndefined();
  expect(queue.at(-1)).toBeUndefined();
  queue.clear();
  expect(queue.shift()).toBeUndefined();
  expect(queue.length).toBe(0);
});

test("a queue without room is a mistake", () => {
  expect(() => new RingQueue(0)).toThrow(InvariantError);
});

test("behaves as an array of bounded length under any calls", () => {
  const call = fc.oneof(
    fc.record({ kind: fc.constant("drop" as const), value: fc.nat() }),
    fc.record({ kind: fc.constant("refuse" as const), value: fc.nat() }),
    fc.record({ kind: fc.constant("shift" as const), value: fc.constant(0) }),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 7 }),
      fc.array(call, { maxLength: 60 }),
      (room, calls) => {
        const queue = new RingQueue<number>(room);
        const model: number[] = [];
        for (const { kind, value } of calls) {
          if (kind === "shift") expect(queue.shift()).toBe(model.shift());
          else if (kind === "refuse") {
            expect(queue.pushRefuse(value)).toBe(model.length < room);
            if (model.length < room) model.push(value);
          } else {
            model.push(value);
            expect(queue.pushDropOldest(value)).toBe(
              model.length > room ? model.shift() : undefined,
            );
          }
          expect([...queue]).toEqual(model);
          expect(queue.length).toBe(model.length);
          expect(queue.capacity).toBe(room);
        }
      },
    ),
  );
});
