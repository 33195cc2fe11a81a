/** Why-chains of a real flight: from a vehicle's word back to the operator, across the air. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recordTiny } from "../../test/support/recorded.ts";
import { openRecordedRun, type RecordedRun } from "../replay/recorded-run.ts";
import { chainOf, findWhy, whyLines } from "../replay/why.ts";
import { loadSearch } from "../mission/load-search.ts";
import { openSimulation } from "./open-simulation.ts";
import { runMission } from "./run-mission.ts";

let folder = "";
let run: RecordedRun;
let recordedHash = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "skein-causes-"));
  const path = join(folder, "run.mcap");
  recordedHash = (await recordTiny(path, { durationS: 30 })).traceHash;
  const opened = openRecordedRun(path);
  if (!opened.ok) throw new Error(opened.problem.text);
  run = opened.value;
});

afterAll(() => {
  run.close();
  rmSync(folder, { recursive: true });
});

test("the first that acts on an order does so because of the operator's wish", () => {
  const acting = findWhy(run, "order");
  const chain = chainOf(run, acting?.cause ?? -1) ?? [];
  expect(chain[0]).toMatchObject({ node: acting?.vehicle, stimulus: "message" });
  expect(chain.some(({ node }) => node === 0)).toBe(true);
  expect(chain.at(-1)?.stimulus).toBe("operator");
});

test("every step of a chain is no later than the one that followed from it", () => {
  for (const { cause } of run.events) {
    const chain = cause === undefined ? [] : (chainOf(run, cause) ?? []);
    const times = chain.map(({ atS }) => atS);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
  }
});

test("what only came after is not called a cause", () => {
  const event = findWhy(run, "1@30");
  const lines = whyLines(run, event?.cause ?? -1) ?? [];
  expect(lines.length).toBeGreaterThan(3);
  lines.forEach((line, i) => {
    const own = /its own|its radio|its clock/u.test(lines[i - 1] ?? "");
    if (i > 0) expect(line.startsWith(own ? "after " : "because ")).toBe(true);
  });
});

test("a run that is watched for its causes has the trace hash of one that is not", async () => {
  const loaded = loadSearch("missions/tiny.json5");
  if (!loaded.ok) throw new Error("the tiny mission is good");
  const simulation = openSimulation({ loaded: loaded.value, seed: 3, vehicleCount: 2 });
  const report = await runMission(simulation, { durationS: 30, missionFile: "" });
  expect(report.traceHash).toBe(recordedHash);
});
