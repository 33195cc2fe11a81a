import { expect, test } from "vitest";
import type { FlightPlan, FlightRow } from "./flight.ts";
import { reportOf, textOf } from "./summary.ts";

const plan: FlightPlan = {
  missionFile: "m.json5",
  vehicleCount: 0,
  planner: "massRate",
  durationS: 600,
  untilFound: true,
  signatures: "real",
  faultFile: undefined,
};

const row = (seed: number, foundAtS: number | null, violated: string[] = []): FlightRow => ({
  seed,
  traceHash: "00",
  simSeconds: foundAtS ?? 600,
  wallSeconds: 1,
  foundAtS,
  posFinal: [0.2, 0.4],
  lost: 0,
  batterySwaps: 1,
  minSeparationM: 20 - seed,
  batteryReserveMinPct: null,
  violated,
});

test("a campaign adds up to shares with intervals, times and the worst of all flights", () => {
  const rows = [row(1, 100), row(2, 300), row(3, null, ["clearance"]), row(4, null)];
  const report = reportOf(plan, 2, {
    rows,
    givenUp: [{ seed: 9, why: "out of memory" }],
    hash: "ab",
    wallSeconds: 60,
  });
  expect(report.found).toMatchObject({ count: 2, share: 0.5, restrictedMeanS: 400 });
  // Wilson's interval of 2 in 4, by hand: (0.5 + 0.4802) / 1.9604 -+ 0.3498.
  expect(report.found.low).toBeCloseTo(0.15, 2);
  expect(report.found.high).toBeCloseTo(0.85, 2);
  expect(report.worst).toEqual({ separationM: 16, reservePct: null, lost: 0 });
  const text = textOf(report);
  expect(text).toContain("found in 2: 50.0% (95% interval 15.0% to 85.0%)");
  expect(text).toContain("seed 3 violated: clearance");
  expect(text).toContain("seed 9 could not be flown to its end: out of memory");
});

test("no flight at all says so without a division by nothing", () => {
  const report = reportOf(plan, 1, {
    rows: [],
    givenUp: [{ seed: 1, why: "gone" }],
    hash: "",
    wallSeconds: 0,
  });
  expect(report.found).toMatchObject({ share: 0, low: 0, high: 1, medianS: null });
});
