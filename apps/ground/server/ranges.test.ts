import fc from "fast-check";
import { expect, test } from "vitest";
import { parseRanges, rangesOf } from "./ranges.ts";

test("writes runs as from-to and reads back what it wrote", () => {
  expect(rangesOf([3, 1, 2, 9, 2])).toBe("1-3,9");
  expect(rangesOf([])).toBe("");
  const indices = fc.array(fc.integer({ min: 0, max: 65_534 }), { maxLength: 50 });
  fc.assert(
    fc.property(indices, (some) => {
      const read = parseRanges(rangesOf(some));
      expect([...(read ?? [])].sort((a, b) => a - b)).toEqual(
        [...new Set(some)].sort((a, b) => a - b),
      );
    }),
  );
});

test.each(["1-", "-", "a", "1,,2", "5-2", "65535", "1-99999", "1;2", "1,".repeat(9000)])(
  "refuses %j",
  (text) => {
    expect(parseRanges(text.slice(0, 20_000))).toBeUndefined();
  },
);
