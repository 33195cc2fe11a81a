import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BUDGET_DEFAULT_S, chooseParts, parseBudgetS, parseDeep, partNames } from "./parts.ts";

test("parts are the files with the ending, by name", () => {
  const folder = mkdtempSync(join(tmpdir(), "skein-parts-"));
  try {
    for (const file of ["b.bench.ts", "a.bench.ts", "a.test.ts"])
      writeFileSync(join(folder, file), "");
    expect(partNames(folder, ".bench.ts")).toEqual(["a", "b"]);
    expect(partNames(join(folder, "gone"), ".bench.ts")).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("no name means all, an unknown name means none", () => {
  expect(chooseParts(["a", "b"], [])).toEqual(["a", "b"]);
  expect(chooseParts(["a", "b"], ["b"])).toEqual(["b"]);
  expect(chooseParts(["a", "b"], ["b", "c"])).toBeUndefined();
});

test("a budget is seconds, minutes or hours", () => {
  expect(["90", "90s", "10m", "1.5h"].map(parseBudgetS)).toEqual([90, 90, 600, 5400]);
  expect(["", "m", "-5m", "0", "10 m", "10d"].map(parseBudgetS)).toEqual(Array(6).fill(undefined));
});

test("names first, then the budget and what belongs to the part", () => {
  expect(parseDeep(["time-to-find", "--seeds", "200", "--budget", "10m"])).toEqual({
    names: ["time-to-find"],
    budgetS: 600,
    args: ["--seeds", "200"],
  });
  expect(parseDeep([])).toEqual({ names: [], budgetS: BUDGET_DEFAULT_S, args: [] });
  expect(parseDeep(["a", "--budget", "soon"])).toBeUndefined();
  expect(parseDeep(["a", "--budget"])).toBeUndefined();
});
