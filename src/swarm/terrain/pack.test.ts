import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../base/mod.ts";
import { crc32, decodeTerrain, encodeTerrain } from "./pack.ts";
import type { ElevationGrid } from "./terrain.ts";

const grid = (rows: number, cols: number, heights: readonly number[]): ElevationGrid => ({
  name: "g",
  source: "s",
  licence: "l",
  rows,
  cols,
  northDeg: 46.5,
  westDeg: -7.25,
  spacingDeg: 0.001,
  elevationsM: Int16Array.from(heights),
});

interface Vector {
  readonly name: string;
  readonly rows: number;
  readonly cols: number;
  readonly heights: readonly number[];
  readonly hex: string;
}
const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../../vectors/terrain/pack.json"), "utf8"),
) as readonly Vector[];

describe("golden bytes", () => {
  test.each(vectors)("$name", ({ rows, cols, heights, hex }) => {
    expect(toHex(encodeTerrain(grid(rows, cols, heights)))).toBe(hex);
    const decoded = decodeTerrain(fromHex(hex)!);
    expect(decoded).toEqual({ ok: true, value: grid(rows, cols, heights) });
  });
});

test("CRC-32 of the nine digits is the published check value", () => {
  expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
});

test("any heights come back", () => {
  const sizes = fc.tuple(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 2, max: 9 }));
  const heights = fc.array(fc.integer({ min: -32768, max: 32767 }), {
    minLength: 81,
    maxLength: 81,
  });
  fc.assert(
    fc.property(sizes, heights, ([rows, cols], many) => {
      const original = grid(rows, cols, many.slice(0, rows * cols));
      expect(decodeTerrain(encodeTerrain(original))).toEqual({ ok: true, value: original });
    }),
  );
});

describe("damage", () => {
  const good = encodeTerrain(grid(3, 3, [1, 2, 3, 4, 5, 6, 7, 8, 300]));
  const whatIsWrong = (bytes: Uint8Array): string => {
    const decoded = decodeTerrain(bytes);
    return decoded.ok ? "nothing" : `${decoded.problem.code} ${decoded.problem.text}`;
  };

  test("every cut and every changed byte gives a problem or another grid, never a throw", () => {
    for (let i = 0; i < good.length; i += 1) {
      expect(whatIsWrong(good.slice(0, i))).toContain("MIS008");
      const changed = Uint8Array.from(good);
      changed[i]! ^= 0x41;
      expect(typeof whatIsWrong(changed)).toBe("string");
    }
  });

  test.each([
    ["a foreign file", (b: Uint8Array) => b.fill(7, 0, 4), "no terrain pack"],
    ["a later version", (b: Uint8Array) => b.fill(2, 4, 5), "version 2"],
    [
      "a changed height",
      (b: Uint8Array) => b.fill(b[b.length - 3]! ^ 1, b.length - 3, b.length - 2),
      "checksum",
    ],
    ["a place off the earth", (b: Uint8Array) => b.fill(0x7f, 24, 25), "out of range"],
    ["a huge claim", (b: Uint8Array) => b.fill(0x1f, 20, 24), "too short"],
  ])("%s is told", (_, harm, words) => {
    const bytes = Uint8Array.from(good);
    harm(bytes);
    expect(whatIsWrong(bytes)).toContain(words);
  });
});
