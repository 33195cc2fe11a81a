import { describe, expect, test } from "vitest";
import { coverAt } from "./cover.ts";

const MAP = { seed: 41, forestShare: 0.35, scrubShare: 0.25, patchM: 450 };

function sharesOf(map: typeof MAP): Record<string, number> {
  const at = coverAt(map);
  const counts: Record<string, number> = { open: 0, scrub: 0, forest: 0 };
  for (let row = 0; row < 200; row += 1) {
    for (let col = 0; col < 200; col += 1) {
      const cover = at(row * 97 - 9000, col * 97 - 9000);
      counts[cover] = (counts[cover] ?? 0) + 1 / 40_000;
    }
  }
  return counts;
}

describe("land cover drawn from a seed", () => {
  test("has the shares that the mission names, within five percent of the ground", () => {
    const shares = sharesOf(MAP);
    expect(shares["forest"]).toBeGreaterThan(0.3);
    expect(shares["forest"]).toBeLessThan(0.4);
    expect(shares["scrub"]).toBeGreaterThan(0.2);
    expect(shares["scrub"]).toBeLessThan(0.3);
  });

  test("is the same for the same seed and another for another", () => {
    const a = coverAt(MAP);
    const b = coverAt(MAP);
    const c = coverAt({ ...MAP, seed: 42 });
    let differs = 0;
    for (let i = 0; i < 500; i += 1) {
      expect(a(i * 131, -i * 77)).toBe(b(i * 131, -i * 77));
      if (a(i * 131, -i * 77) !== c(i * 131, -i * 77)) differs += 1;
    }
    expect(differs).toBeGreaterThan(100);
  });

  test("comes in patches: points a twentieth of a patch apart mostly agree", () => {
    const at = coverAt(MAP);
    let agree = 0;
    for (let i = 0; i < 1000; i += 1) {
      const northM = i * 313;
      if (at(northM, 0) === at(northM + MAP.patchM / 20, 0)) agree += 1;
    }
    expect(agree).toBeGreaterThan(850);
  });

  test("without shares everything is open; with a full share nothing is", () => {
    expect(coverAt({ ...MAP, forestShare: 0, scrubShare: 0 })(1, 2)).toBe("open");
    expect(sharesOf({ ...MAP, forestShare: 1, scrubShare: 0 })["forest"]).toBeGreaterThan(0.98);
    expect(sharesOf({ ...MAP, forestShare: 0 })["forest"]).toBe(0);
  });
});
