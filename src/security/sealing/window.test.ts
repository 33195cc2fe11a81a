import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter } from "../../base/mod.ts";
import { AHEAD_MAX, ReplayWindows, WINDOW } from "./window.ts";

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

describe("RFC 6479: a replay window of 2016", () => {
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
    for (const stride of [1, 31, 32, 33, 2015, 2016, 2017, 2048, 9000]) {
      const windows = new ReplayWindows(1);
      const model = new Model();
      for (let counter = 1; counter < 40 * stride; counter += stride) {
        expect(take(windows, 0, counter)).toBe(model.take(counter));
        for (const behind of [0, 1, 31, 32, 2014, 2015, 2016]) {
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
    expect(take(windows, 0, 0xffffffff - 2015)).toBe(true);
    expect(take(windows, 0, 0xffffffff - 2016)).toBe(false);
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

const claim = (windows: ReplayWindows, counter: number): boolean => {
  const fresh = windows.isFreshClaim(0, counter);
  if (fresh) windows.acceptClaim(0, counter);
  return fresh;
};

describe("counters that the sender did not sign", () => {
  test("never put behind the window what the sender says after its last signature", () => {
    const forged = fc.integer({ min: 1, max: 0xffffffff });
    fc.assert(
      fc.property(fc.nat(0x7fffffff), fc.array(forged, { maxLength: 60 }), (signed, counters) => {
        const windows = new ReplayWindows(1);
        windows.anchor(0, signed);
        const burnt = new Set(counters.filter((counter) => claim(windows, counter)));
        for (let counter = signed + 1; counter <= signed + AHEAD_MAX; counter += 97) {
          expect(claim(windows, counter)).toBe(!burnt.has(counter));
        }
      }),
    );
  });

  test("are taken in rising order beyond its reach, and never twice", () => {
    const windows = new ReplayWindows(1);
    windows.anchor(0, 10);
    expect([5000, 4999, 5000, 5001].map((counter) => claim(windows, counter))).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect(claim(windows, 11)).toBe(true);
    // The beacon left before the last of them: they have overtaken it, and count as seen too.
    windows.anchor(0, 4990);
    expect([4000, 4990, 5000, 5001, 5002].map((counter) => claim(windows, counter))).toEqual([
      false,
      false,
      false,
      false,
      true,
    ]);
  });

  test("that go far beyond cost what comes before the next signature, and no more", () => {
    const windows = new ReplayWindows(1);
    expect(claim(windows, 0xffffffff)).toBe(true);
    expect([1, 2, 1008].map((counter) => claim(windows, counter))).toEqual([true, true, true]);
    expect(claim(windows, 1009)).toBe(false);
    windows.anchor(0, 1010);
    expect([1010, 1011, 2018].map((counter) => claim(windows, counter))).toEqual([
      false,
      true,
      true,
    ]);
  });

  test("an older signature changes nothing; what was marked survives one that is behind", () => {
    const windows = new ReplayWindows(1);
    windows.anchor(0, 1000);
    expect([claim(windows, 2000), claim(windows, 9000)]).toEqual([true, true]);
    windows.anchor(0, 900);
    expect(claim(windows, 9000)).toBe(false);
    windows.anchor(0, 1500);
    expect([1500, 1400, 2000, 1501].map((counter) => claim(windows, counter))).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  test("are saved and loaded with their anchor", () => {
    const windows = new ReplayWindows(1);
    windows.anchor(0, 1000);
    claim(windows, 7000);
    const writer = new ByteWriter();
    windows.save(writer, 1);
    const loaded = new ReplayWindows(1);
    loaded.load(new ByteReader(writer.take()), 1);
    expect([claim(loaded, 7000), claim(loaded, 7001), claim(loaded, 1900)]).toEqual([
      false,
      true,
      true,
    ]);
    loaded.reset(0);
    expect(claim(loaded, 1)).toBe(true);
  });
});
