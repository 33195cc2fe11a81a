import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { TimeHeap } from "./heap.ts";
import { InvariantError } from "./invariant.ts";

test("events leave by time, and in the order of their coming within an instant", () => {
  const step = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constant("pop" as const));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new TimeHeap({ initialCount: 1 });
      const model: { time: number; payload: number }[] = [];
      steps.forEach((next, payload) => {
        if (next !== "pop") {
          heap.push(next, payload);
          // After all that are not later: stable by construction.
          const later = model.findIndex((event) => event.time > next);
          model.splice(later < 0 ? model.length : later, 0, { time: next, payload });
        } else if (model.length > 0) expect(heap.pop()).toBe(model.shift()?.payload);
        expect(heap.count).toBe(model.length);
        expect(heap.nextTime()).toBe(model[0]?.time ?? Infinity);
      });
      while (heap.count > 0) expect(heap.pop()).toBe(model.shift()?.payload);
    }),
  );
});

test("a saved queue goes on as if nothing had happened", () => {
  const heap = new TimeHeap();
  for (let i = 0; i < 100; i += 1) heap.push((i * 37) % 11, i);
  for (let i = 0; i < 30; i += 1) heap.pop();
  const writer = new ByteWriter();
  heap.save(writer);
  const copy = new TimeHeap({ initialCount: 2 });
  const reader = new ByteReader(writer.take());
  copy.load(reader);
  expect(reader.finish()).toBeUndefined();
  for (const queue of [heap, copy]) queue.push(5, 1000);
  while (heap.count > 0) {
    expect(copy.nextTime()).toBe(heap.nextTime());
    expect(copy.pop()).toBe(heap.pop());
  }
  expect(copy.count).toBe(0);
});

test("a saved queue that claims more events than it has is refused", () => {
  const reader = new ByteReader(new ByteWriter().u32(1000).safe(0).f64(1).take());
  const heap = new TimeHeap();
  heap.load(reader);
  expect(reader.failed).toBe(true);
  expect(heap.count).toBe(0);
});

test("bounds are asserted", () => {
  const heap = new TimeHeap({ maxCount: 1 });
  expect(() => heap.pop()).toThrow(InvariantError);
  expect(() => {
    heap.push(NaN, 0);
  }).toThrow(InvariantError);
  heap.push(1, 1);
  expect(() => {
    heap.push(1, 1);
  }).toThrow(InvariantError);
  heap.clear();
  expect(heap.nextTime()).toBe(Infinity);
});
