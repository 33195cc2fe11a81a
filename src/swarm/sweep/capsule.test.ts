import fc from "fast-check";
import { expect, test } from "vitest";
import { eachRow } from "./capsule.ts";

const place = fc.double({ min: 2, max: 28, noNaN: true });

/** Distance from (y, x) to the segment. */
function distance(
  y: number,
  x: number,
  [y0, x0, y1, x1]: readonly [number, number, number, number],
): number {
  const [dy, dx] = [y1 - y0, x1 - x0];
  const t = Math.min(1, Math.max(0, ((y - y0) * dy + (x - x0) * dx) / (dy * dy + dx * dx || 1)));
  return Math.hypot(y - y0 - t * dy, x - x0 - t * dx);
}

test("a row's interval holds exactly the points within the radius", () => {
  fc.assert(
    fc.property(
      place,
      place,
      place,
      place,
      fc.double({ min: 0.5, max: 6, noNaN: true }),
      (y0, x0, y1, x1, radius) => {
        const rows = new Map<number, readonly [number, number]>();
        eachRow({ y0, x0, y1, x1, radius }, 30, (row, low, high) => {
          rows.set(row, [low, high]);
        });
        for (let row = 0; row < 30; row += 1) {
          const [low, high] = rows.get(row) ?? [1, 0];
          for (let x = -5; x < 35; x += 0.5) {
            const gap = distance(row, x, [y0, x0, y1, x1]) - radius;
            if (Math.abs(gap) > 1e-6) expect(x >= low && x <= high).toBe(gap < 0);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});

test.each([
  ["flat", 10, 5, 10, 20],
  ["steep", 5, 10, 20, 10],
  ["a point", 10, 10, 10, 10],
])("%s: rows of a tenth of a pixel add up to 2 r L + pi r^2", (_, y0, x0, y1, x1) => {
  let area = 0;
  const scaled = { y0: 10 * y0 + 0.5, x0: 10 * x0, y1: 10 * y1 + 0.5, x1: 10 * x1, radius: 30 };
  eachRow(scaled, 300, (_row, low, high) => {
    area += (high - low) / 100;
  });
  const length = Math.hypot(y1 - y0, x1 - x0);
  expect(area).toBeCloseTo(6 * length + Math.PI * 9, 0);
});
