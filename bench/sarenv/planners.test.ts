import { describe, expect, test } from "vitest";
import { corpus, describeWith } from "../../test/support/requirements.ts";
import { loadMap, publishedRows, SETS } from "./data.ts";
import { concentric, lengthOf, pizza, publishedScore, spiral } from "./planners.ts";

describeWith(corpus("sarenv/datasets.json"), "the published planners, re-flown", (file) => {
  const folder = file.replace(/datasets\.json$/u, "");
  const teams = [
    [1, 100_000],
    [2, 100_000],
    [5, 250_000],
  ] as const;

  test.each(teams)(
    "%i vehicles, %i m: scores to 1e-12, lengths to a millimetre",
    (vehicles, budgetM) => {
      const published = publishedRows(folder, vehicles, budgetM);
      const team = { vehicles, budgetM };
      const flown = { Spiral: spiral(team), Concentric: concentric(team), Pizza: pizza(team) };
      for (const set of SETS) {
        const map = loadMap(folder, set);
        for (const [planner, paths] of Object.entries(flown)) {
          const row = published.find((each) => each.set === set && each.planner === planner);
          expect(Math.abs(publishedScore(map, paths) - row!.score)).toBeLessThan(1e-12);
          const lengthKm = paths.reduce((sum, path) => sum + lengthOf(path), 0) / 1000;
          expect(Math.abs(lengthKm - row!.lengthKm)).toBeLessThan(1e-6);
        }
      }
    },
  );
});

describe("without the corpus", () => {
  test("pizza leaves each sector's border clear", () => {
    const [path] = pizza({ vehicles: 4, budgetM: 100_000 });
    expect(Math.min(...path!.slice(1).map(({ northM }) => northM))).toBeGreaterThan(14);
  });
});
