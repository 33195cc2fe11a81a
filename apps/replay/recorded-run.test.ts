import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recordTiny } from "../../test/support/recorded.ts";
import { lastAtOrBefore, openRecordedRun, type RecordedRun } from "./recorded-run.ts";

let folder = "";
let path = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "skein-recorded-run-"));
  path = join(folder, "run.mcap");
  await recordTiny(path, { durationS: 30 });
});
afterAll(() => rmSync(folder, { recursive: true }));

function opened(file: string): RecordedRun {
  const run = openRecordedRun(file);
  if (!run.ok) throw new Error(run.problem.text);
  return run.value;
}

test("a recording holds all that a page needs, by time", () => {
  const run = opened(path);
  expect([run.startS, run.endS]).toEqual([0, 30]);
  expect(run.hello?.["kind"]).toBe("hello");
  expect(run.viewTimes).toHaveLength(30);
  expect(run.viewAt(12.7)?.view["missionTimeS"]).toBe(12);
  expect(run.viewAt(0)?.view["missionTimeS"]).toBe(1);
  expect(run.viewAt(1e9)?.view["missionTimeS"]).toBe(30);
  expect(run.mapAt(5)).toBeUndefined();
  expect(run.mapAt(25)?.place).toBe(1);
  expect(run.trace.map(({ atS }) => atS)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  expect(run.orders.map(({ kind }) => kind)).toEqual(["start"]);
  expect(run.plan).toHaveLength(25);
  expect(run.success.length).toBeGreaterThan(25);
  expect(run.places.length).toBeGreaterThan(0);
  expect(run.damages).toEqual([]);
  run.close();
});

test("cut in the middle it holds what was before, and says that it was cut", () => {
  const whole = readFileSync(path);
  const cut = join(folder, "cut.mcap");
  copyFileSync(path, cut);
  writeFileSync(cut, whole.subarray(0, Math.floor(whole.length / 2)));
  const run = opened(cut);
  expect(run.damages.map(({ code }) => code)).toEqual(["REC003"]);
  expect(run.endS).toBeLessThanOrEqual(30);
  run.close();
});

test("the last entry at or before a time", () => {
  const list = [1, 3, 3, 7].map((atS) => ({ atS }));
  expect([0, 1, 2, 3, 6, 9].map((atS) => lastAtOrBefore(list, atS))).toEqual([-1, 0, 0, 2, 2, 3]);
});
