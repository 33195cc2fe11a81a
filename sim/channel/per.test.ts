import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ErrorRatio } from "./mod.ts";

/** ns-3 3.37, 802.11n HT 20 MHz, one stream: SNR in dB at PER 50, 10 and 1%. */
const GOLDEN = [
  [1500, 0, 0.31, 0.94, 1.57],
  [1500, 1, 3.3, 3.94, 4.6],
  [1500, 2, 5.79, 6.43, 7.12],
  [1500, 3, 8.93, 9.71, 10.48],
  [1500, 4, 12.03, 12.81, 13.57],
  [1500, 5, 16.23, 17.05, 17.98],
  [1500, 6, 17.53, 18.38, 19.31],
  [1500, 7, 18.8, 19.64, 20.51],
  [48, 0, -1.11, -0.18, 0.64],
  [48, 1, 1.91, 2.8, 3.63],
  [48, 2, 4.39, 5.29, 6.09],
  [48, 3, 7.22, 8.28, 9.3],
  [48, 4, 10.43, 11.44, 12.38],
  [48, 5, 14.35, 15.48, 16.6],
  [48, 6, 15.72, 16.84, 17.91],
  [48, 7, 17.15, 18.32, 19.44],
] as const;

/** The SNR at which the curve crosses an error ratio, by bisection. */
function snrDbAt(ratio: number, mcs: number, bytes: number): number {
  const curve = new ErrorRatio(mcs);
  let low = -20;
  let high = 40;
  for (let i = 0; i < 60; i += 1) {
    const middle = (low + high) / 2;
    if (curve.at(10 ** (middle / 10), bytes) > ratio) low = middle;
    else high = middle;
  }
  return low;
}

describe("packet error ratio against signal to noise", () => {
  test.each(GOLDEN)("%i bytes at MCS %i meets the golden figures", (bytes, mcs, ...figures) => {
    [0.5, 0.1, 0.01].forEach((ratio, i) => {
      expect(snrDbAt(ratio, mcs, bytes)).toBeCloseTo(figures[i] ?? NaN, 2);
    });
  });

  test("falls with signal and rises with length", () => {
    const curves = [0, 1, 2, 3, 4, 5, 6, 7].map((mcs) => new ErrorRatio(mcs));
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 7 }),
        fc.integer({ min: 20, max: 2000 }),
        fc.double({ min: -10, max: 30, noNaN: true }),
        (mcs, bytes, snrDb) => {
          const curve = curves[mcs]!;
          const here = curve.at(10 ** (snrDb / 10), bytes);
          expect(here).toBeGreaterThanOrEqual(0);
          expect(here).toBeLessThanOrEqual(1);
          expect(curve.at(10 ** ((snrDb + 0.2) / 10), bytes)).toBeLessThanOrEqual(here);
          expect(curve.at(10 ** (snrDb / 10), bytes + 50)).toBeGreaterThanOrEqual(here - 1e-9);
        },
      ),
    );
  });

  test("refuses a scheme that HT20 has not", () => {
    expect(() => new ErrorRatio(8)).toThrow("HT20");
  });
});
