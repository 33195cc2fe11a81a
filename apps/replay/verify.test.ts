/** Recorded runs flown again: equal to the end, or told why a difference would say nothing. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recordTiny } from "../../test/support/recorded.ts";
import { openRecordedRun, type RecordedRun } from "./recorded-run.ts";
import { verifyRun } from "./verify.ts";

let folder = "";
let run: RecordedRun;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "skein-verify-"));
  run = await recorded("plain", {});
});

afterAll(() => {
  run.close();
  rmSync(folder, { recursive: true });
});

async function recorded(
  name: string,
  how: Partial<Parameters<typeof recordTiny>[1]>,
): Promise<RecordedRun> {
  const path = join(folder, `${name}.mcap`);
  await recordTiny(path, { durationS: 12, ...how });
  const opened = openRecordedRun(path);
  if (!opened.ok) throw new Error(opened.problem.text);
  return opened.value;
}

/** The same recording with another word about its run. */
const telling = (more: Readonly<Record<string, string>>): RecordedRun =>
  Object.create(run, { run: { value: { ...run.run, ...more } } }) as RecordedRun;

test("flown again from its seed a run has the same trace hash at every second", async () => {
  const verdict = await verifyRun(run);
  expect(verdict).toEqual({ ok: true, value: { kind: "equal", hashes: 12, untilS: 12 } });
});

test("a death that the recording does not tell of is found at its second", async () => {
  const killed = await recorded("killed", { killAtS: 6 });
  const verdict = await verifyRun(killed);
  expect(verdict).toMatchObject({
    ok: true,
    value: { kind: "different", atS: 7, equalUntilS: 6 },
  });
  killed.close();
});

test.each([
  ["REC007", { code: "0".repeat(32) }],
  ["REC008", { missionDigest: "0".repeat(32) }],
  ["REC009", { node: "1.2.3" }],
  ["REC010", { outside: "true" }],
  ["REC011", { seed: "" }],
  ["REC011", { faults: "{" }],
])("%s is told in place of a false difference: %j", async (code, more) => {
  const verdict = await verifyRun(telling(more));
  expect(verdict.ok ? [] : verdict.problems.map((each) => each.code)).toEqual([code]);
});

test("who wants to compare anyway may, and another seed is then a difference at once", async () => {
  const verdict = await verifyRun(telling({ code: "other", seed: "4" }), { anyway: true });
  expect(verdict).toMatchObject({ ok: true, value: { kind: "different", equalUntilS: null } });
});
