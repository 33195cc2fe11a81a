import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { phiOf } from "./accrual.ts";

describe("phi accrual (Hayashibara et al. 2004, section 4)", () => {
  test("phi is -log10 of the normal tail: 0.3 at the mean, 1.64 at two deviations", () => {
    const at = (silence: number): number => phiOf({ silence, mean: 1, variance: 0.25 });
    // Tail of the normal at 0, 1, 2, 3 deviations: 0.5, 0.1587, 0.02275, 0.00135.
    expect(at(1)).toBeCloseTo(0.301, 2);
    expect(at(1.5)).toBeCloseTo(0.7995, 2);
    expect(at(2)).toBeCloseTo(1.643, 2);
    expect(at(2.5)).toBeCloseTo(2.87, 1);
  });

  test("a lost beacon in an even rhythm stays below 5, two in a row do not", () => {
    const even = { mean: 1, variance: 0.01 };
    expect(phiOf({ silence: 2.3, ...even })).toBeLessThan(5);
    expect(phiOf({ silence: 3, ...even })).toBeGreaterThan(5);
  });

  test("a lossy link is given more time, a hopeless one not for ever", () => {
    const silence = 4;
    const even = phiOf({ silence, mean: 1, variance: 0.01 });
    const lossy = phiOf({ silence, mean: 1.4, variance: 0.6 });
    expect(lossy).toBeLessThan(even);
    expect(phiOf({ silence: 9, mean: 50, variance: 400 })).toBeGreaterThan(10);
  });

  test("it never falls as silence grows, and stays within 0 and 100", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        fc.double({ min: 0, max: 100, noNaN: true }),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        fc.double({ min: 0, max: 100, noNaN: true }),
        (silence, more, mean, variance) => {
          const now = phiOf({ silence, mean, variance });
          const later = phiOf({ silence: silence + more, mean, variance });
          expect(now).toBeGreaterThanOrEqual(0);
          expect(later).toBeLessThanOrEqual(100);
          expect(later).toBeGreaterThanOrEqual(now - 1e-9);
        },
      ),
    );
  });
});
