import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openRecording } from "../../adapters/recording/mod.ts";
import { compareRuns } from "./difference.ts";
import { openRecordedRun, type RecordedRun } from "./recorded-run.ts";

let folder = "";
const open: RecordedRun[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "skein-difference-"));
});
afterAll(() => {
  for (const run of open) run.close();
  rmSync(folder, { recursive: true });
});

interface Told {
  readonly seed?: number;
  /** North of vehicle 2 at 3 s. */
  readonly northM?: number;
  /** What vehicle 1 says at 2 s. */
  readonly text?: string;
  readonly hashAt2?: string;
  readonly order?: boolean;
}

/** Three seconds of two vehicles. */
function recorded({ seed = 1, northM = 30, text, hashAt2 = "b", order }: Told): RecordedRun {
  const path = join(folder, `${String(open.length)}.mcap`);
  const identity = {
    mission: "Tiny",
    seed,
    vehicles: [1, 2],
    epochMs: 1_790_000_000_000,
    more: {},
  };
  const opened = openRecording(path, identity);
  if (!opened.ok) throw new Error(opened.problem.text);
  const recording = opened.value;
  const vehicle = (index: number, north: number) => ({
    index,
    state: "hold",
    northM: north,
    eastM: 0,
    altitudeAmslM: 600,
    latDeg: 46,
    lonDeg: 7,
    yawRad: 0,
    batteryRatio: 1,
    positionErrorM: 1,
  });
  for (const second of [1, 2, 3]) {
    const timeMs = second * 1000;
    recording.vehicles(timeMs, [vehicle(1, 0), vehicle(2, second === 3 ? northM : 10 * second)]);
    recording.trace(timeMs, second === 1 ? "a" : second === 2 ? hashAt2 : `${hashAt2}c`);
  }
  const said = { timeMs: 2000, vehicle: 1, severity: "info", kind: "duty", detail: {} } as const;
  if (text !== undefined) recording.event({ ...said, text });
  if (order === true) {
    recording.order({ timeMs: 1500, id: "1", kind: "hold", about: "", targets: [2] });
  }
  recording.end({});
  const run = openRecordedRun(path);
  if (!run.ok) throw new Error(run.problem.text);
  open.push(run.value);
  return run.value;
}

test("a run does not differ from itself", () => {
  expect(compareRuns(recorded({ text: "x" }), recorded({ text: "x" }))).toEqual({
    identity: [],
    traceEqualUntilS: 3,
    traceDiffersAtS: null,
    first: null,
  });
});

test("where a vehicle is first elsewhere: time, number, both places", () => {
  const { first } = compareRuns(recorded({}), recorded({ northM: 31 }));
  expect(first).toMatchObject({ atS: 3, what: "state", vehicle: 2 });
  expect(first?.a).toContain("30 m north");
  expect(first?.b).toContain("31 m north");
});

test("an event that one has and the other has not, and one with other words", () => {
  const lacks = compareRuns(recorded({ text: "search" }), recorded({}));
  expect(lacks.first).toEqual({
    atS: 2,
    what: "event",
    vehicle: 1,
    a: "info duty: search",
    b: "",
  });
  const other = compareRuns(recorded({ text: "search" }), recorded({ text: "hold" }));
  expect(other.first).toMatchObject({ a: "info duty: search", b: "info duty: hold" });
});

test("the earliest of all counts: an order before the state that follows from it", () => {
  const { first } = compareRuns(recorded({}), recorded({ northM: 5, order: true }));
  expect(first).toEqual({ atS: 1.5, what: "order", vehicle: null, a: "", b: "order hold to 2" });
});

test("the trace tells of a difference that nothing recorded shows", () => {
  const compared = compareRuns(recorded({}), recorded({ hashAt2: "x", seed: 2 }));
  expect(compared).toEqual({
    identity: [{ key: "seed", a: "1", b: "2" }],
    traceEqualUntilS: 1,
    traceDiffersAtS: 2,
    first: null,
  });
});
