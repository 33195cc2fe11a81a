/** `skein what-if` as a person or a script meets it. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { WhatIfReport } from "../../apps/whatif/report.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const TINY = "missions/tiny.json5";
const folder = mkdtempSync(join(tmpdir(), "skein-what-if-"));
afterAll(() => rmSync(folder, { recursive: true }));

function skein(...words: readonly string[]): { code: number | null; out: string; err: string } {
  const args = [join(ROOT, "apps", "cli", "skein.mjs"), ...words];
  const options = { cwd: ROOT, encoding: "utf8" } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, args, options);
  return { code: status, out: stdout, err: stderr };
}

test("the baseline is the flight that `run` flies, and the change shows beside it", () => {
  const file = join(folder, "changes.json5");
  writeFileSync(file, '[{ kind: "kill", vehicles: [1] }] // one of two');
  const when = ["--seed", "3", "--at", "60s", "--horizon", "1m"];
  const asked = skein("what-if", TINY, ...when, "--changes", file, "--json");
  const report = JSON.parse(asked.out) as WhatIfReport;
  expect(asked.code).toBe(0);
  expect(report).toMatchObject({ schema: "skein-what-if-report/1", atS: 60, horizonS: 60 });
  expect(report.changes.map(({ text }) => text)).toEqual(["vehicle 1 lost"]);
  expect(report.changed.outcome?.lost).toEqual([1]);
  expect(report.difference).toMatchObject({ lost: 1, violations: 0 });
  const run = skein("run", TINY, "--seed", "3", "--duration", "2m", "--json");
  const { traceHash } = JSON.parse(run.out) as { traceHash: string };
  expect(report.baseline.traceHash).toBe(traceHash);
});

test("prints a table whose lines name both outcomes", () => {
  const { code, out } = skein(
    "what-if",
    TINY,
    "--at",
    "5s",
    "--horizon",
    "1m",
    "--change",
    "gnss:2",
  );
  expect(code).toBe(0);
  expect(out).toMatch(/baseline +changed +difference/u);
  expect(out).toMatch(/POS at the end +\d/u);
  expect(out).toContain("vehicle 2 without GNSS");
});

describe("what cannot start ends with 2 and says why", () => {
  test.each([
    [["--change", "fly:9"], '--change does not know "fly:9"'],
    [[], "together take 1 to 8 changes"],
    [["--change", "kill:9", "--at", "1s"], "GND003  changes[0]: there is no such vehicle: 9"],
    [["--change", "kill:1", "--horizon", "3h"], "a duration from 1m to 2h"],
    [["--change", "kill:1", "--horizon", "5"], "a duration with its unit"],
    [["--changes", join(folder, "none.json5")], "IMP001"],
    [["--change", "kill:1", "--report", TINY], "would overwrite another file"],
  ])("%j", (words, says) => {
    const { code, err } = skein("what-if", TINY, ...words);
    expect(err).toContain(says);
    expect(code).toBe(2);
    expect(err).not.toContain("    at ");
  });
});
