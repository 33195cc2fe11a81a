/** Drills as a whole, flown: one that holds, one with a planted fault, and workers that die. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadDrill, type LoadedDrill } from "./load-drill.ts";
import { runDrill, type DrillReport } from "./run-drill.ts";

const TINY = join(import.meta.dirname, "..", "..", "missions", "tiny.json5");
const folder = mkdtempSync(join(tmpdir(), "skein-drill-"));
afterAll(() => rmSync(folder, { recursive: true }));

function load(changes: object): LoadedDrill {
  const drill = {
    format: "skein-drill/1",
    name: "A vehicle falls",
    mission: relative(folder, TINY),
    vehicles: 4,
    seeds: "3",
    durationMinutes: 1.25,
    faults: [{ atS: 60, kind: "kill", node: 2 }],
    hypothesis: [{ check: "nothingViolated" }, { check: "leasesMoveOn", withinS: 10 }],
    ...changes,
  };
  const file = join(folder, "drill.json5");
  writeFileSync(file, JSON.stringify(drill));
  const loaded = loadDrill(file);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ text }) => text).join("; "));
  return loaded.value;
}

/** A thread that ends over every job. */
const DYING = new URL(
  `data:text/javascript,${encodeURIComponent(
    `import { parentPort } from "node:worker_threads";
     parentPort.on("message", () => { throw new Error("planted"); });`,
  )}`,
);

const outcomes = ({ verdicts }: DrillReport): readonly string[] =>
  verdicts.map(({ outcome }) => outcome);

describe("a drill", () => {
  test("holds: what the dead vehicle held has a new owner within ten seconds", async () => {
    const report = await runDrill({ loaded: load({}), workers: 1, shrinkForS: 60 });
    expect(outcomes(report)).toEqual(["held", "held"]);
    expect(report.passed).toBe(true);
    expect(report.reproduction).toBeUndefined();
    const [row] = report.rows;
    expect(row?.drill.begun).toEqual([{ atS: 60, action: { kind: "kill", slot: 2 } }]);
    expect(row?.drill.orphans.length).toBeGreaterThan(0);
    expect(row?.drill.lost).toBe(1);
  });

  test("with hand-over switched off fails, and shrinks to the one that shows it", async () => {
    const loaded = load({
      handOver: false,
      faults: [
        { atS: 50, kind: "lossBurst", lossRatio: 0.3, lastsS: 8 },
        { atS: 60, kind: "kill", node: 2 },
        { atS: 64, kind: "clockError", node: 1, offsetS: 30, lastsS: 8 },
      ],
      hypothesis: [{ check: "leasesMoveOn", withinS: 10 }],
    });
    const report = await runDrill({ loaded, workers: 2, shrinkForS: 60 });
    expect(report.passed).toBe(false);
    expect(report.reproduction).toMatchObject({
      seed: 3,
      faults: ["60 s: vehicle 2 falls"],
      from: { faults: 3, durationS: 75 },
      isConfirmed: true,
    });
    const again = { ...report.reproduction?.drill };
    expect(again).toMatchObject({ handOver: false, faults: [{ atS: 60, kind: "kill", node: 2 }] });
    expect(again["durationMinutes"]).toBeLessThan(75 / 60);
  });

  test("that shows nothing has not held", async () => {
    // It dies on its pad, before it holds anything.
    const loaded = load({
      durationMinutes: 0.4,
      faults: [{ atS: 3, kind: "kill", node: 2 }],
      hypothesis: [{ check: "leasesMoveOn" }],
    });
    const report = await runDrill({ loaded, workers: 1, shrinkForS: 60 });
    expect(outcomes(report)).toEqual(["nothingToJudge"]);
    expect(report.passed).toBe(false);
    expect(report.reproduction).toBeUndefined();
  });
});

test("success is measured between a flight without faults and a control", async () => {
  const loaded = load({
    durationMinutes: 1.5,
    hypothesis: [{ check: "posRegained", lostAtLeast: 0 }],
  });
  const report = await runDrill({ loaded, workers: 2 });
  const [row] = report.rows;
  expect(report.flights).toBe(3);
  expect(row?.faultless?.begun).toEqual([]);
  expect(row?.control?.begun).toEqual(row?.drill.begun);
  // Nobody takes over in the control.
  expect(row?.control?.orphans.every(({ takenAtS }) => takenAtS === null)).toBe(true);
});

test("a worker that dies over a flight is replaced; what ends three is named", async () => {
  const loaded = load({ seeds: "1-3", hypothesis: [{ check: "nothingViolated" }] });
  const report = await runDrill({ loaded, workers: 2, worker: DYING });
  expect(report.passed).toBe(false);
  expect(report.givenUp.map(({ seed }) => seed)).toEqual([1, 2, 3]);
  expect(report.givenUp[0]?.why).toBe("planted");
});
