import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter } from "../../base/mod.ts";
import { ReplayWindows, WINDOW } from "./window.ts";

/** The plain meaning of RFC 6479: fresh unless seen, zero, or a window behind the newest. */
class Model {
  readonly #seen = new Set<number>();
  #newest = 0;

  take(counter: number): boolean {
    const fresh = counter > 0 && counter > this.#newest - WINDOW && !this.#seen.has(counter);
    if (fresh) this.#seen.add(counter);
    if (fresh && counter > this.#newest) this.#newest = counter;
    return fresh;
  }
}

const take = (windows: ReplayWindows, row: number, counter: number): boolean => {
  const fresh = windows.isFresh(row, counter);
  if (fresh) windows.accept(row, counter);
  return fresh;
};

describe("RFC 6479: a replay window of 1024", () => {
  test("judges any sequence of counters as a set of all seen would", () => {
    const near = fc.integer({ min: 0, max: 3000 });
    const far = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(fc.array(fc.oneof(near, near, near, far), { maxLength: 200 }), (counters) => {
        const windows = new ReplayWindows(2);
        const model = new Model();
        for (const counter of counters) {
          expect(take(windows, 1, counter)).toBe(model.take(counter));
        }
        expect(windows.isFresh(0, 1)).toBe(true);
      }),
    );
  });

  test("in steps of any size, back to the very edge", () => {
    for (const stride of [1, 31, 32, 33, 1023, 1024, 1025, 1056, 5000]) {
      const windows = new ReplayWindows(1);
      const model = new Model();
      for (let counter = 1; counter < 40 * stride; counter += stride) {
        expect(take(windows, 0, counter)).toBe(model.take(counter));
        for (const behind of [0, 1, 31, 32, 1022, 1023, 1024]) {
          const old = Math.max(0, counter - behind);
          expect(take(windows, 0, old)).toBe(model.take(old));
        }
      }
    }
  });

  test("the last counter of all is taken once", () => {
    const windows = new ReplayWindows(1);
    expect(take(windows, 0, 0xffffffff)).toBe(true);
    expect(take(windows, 0, 0xffffffff)).toBe(false);
    expect(take(windows, 0, 0xffffffff - 1023)).toBe(true);
    expect(take(windows, 0, 0xffffffff - 1024)).toBe(false);
  });

  test("growing, resetting one row, saving and loading keep the others", () => {
    const windows = new ReplayWindows(1);
    take(windows, 0, 7);
    windows.grow(4);
    windows.grow(2);
    take(windows, 3, 9);
    const writer = new ByteWriter();
    windows.save(writer, 4);
    const loaded = new ReplayWindows(1);
    loaded.load(new ByteReader(writer.take()), 4);
    loaded.reset(3);
    expect(loaded.isFresh(0, 7)).toBe(false);
    expect(loaded.isFresh(3, 9)).toBe(true);
    expect(windows.isFresh(3, 9)).toBe(false);
  });
});
