import { expect, test } from "vitest";
import type { DrillRow } from "./flight.ts";
import { pageOf } from "./page.ts";
import type { DrillReport } from "./run-drill.ts";

const FLOWN: DrillRow = {
  traceHash: "abc",
  wallSeconds: 1,
  posCurve: [
    [0, 0],
    [50, 0.2],
    [100, 0.4],
  ],
  posFinal: 0.4,
  deliveryRatio: 0.9,
  commitP99Ms: 40,
  foundAtS: null,
  lost: 1,
  killed: 1,
  violated: [{ invariant: "separation", atS: 60, detail: "<b>" }],
  begun: [{ atS: 40, action: { kind: "kill", slot: 2 } }],
  orphans: [{ segment: 3, owner: 2, diedAtS: 40, takenAtS: 45, by: 1 }],
  sides: [],
  events: [{ atS: 44, slot: 0, text: "ground calls vehicle 2 dead" }],
};

const report: DrillReport = {
  schema: "skein-drill-report/1",
  file: "missions/drills/x.json5",
  name: "<script>alert(1)</script>",
  mission: "../tiny.json5",
  vehicles: 4,
  durationS: 100,
  handOver: true,
  wallSeconds: 3,
  flights: 3,
  passed: false,
  verdicts: [
    {
      check: { check: "leasesMoveOn", withinS: 10 },
      outcome: "failed",
      measured: "too late",
      seeds: [],
    },
  ],
  rows: [{ seed: 1, durationS: 100, drill: FLOWN, control: FLOWN, faultless: FLOWN }],
  givenUp: [{ seed: 9, why: "its thread ended" }],
  reproduction: {
    check: { check: "leasesMoveOn", withinS: 10 },
    seed: 1,
    drill: { format: "skein-drill/1" },
    faults: ["40 s: vehicle 2 falls"],
    from: { faults: 3, durationS: 100 },
    durationS: 60,
    flights: 12,
    isMinimal: true,
    isConfirmed: true,
    measured: "too late",
  },
};

test("a page says what failed, what it shrank to, and shows all three curves", () => {
  const page = pageOf([report]);
  for (const words of ["0 of 1 drills passed", "leasesMoveOn", "too late", "its thread ended"]) {
    expect(page).toContain(words);
  }
  expect(page.match(/<polyline/gu)).toHaveLength(3);
  expect(page).toContain("40 s: vehicle 2 falls");
  expect(page).toContain("1 of 3 faults, 60 of 100 s, after 12 flights");
  expect(pageOf([report, { ...report, passed: true }])).toContain('href="#drill-1"');
});

test("it needs nothing from anywhere, and a name is no markup", () => {
  const page = pageOf([report]);
  expect(page).not.toMatch(/https?:|src=|<link|<script|@import|url\(/u);
  expect(page).not.toContain("<b>:");
  expect(page).toContain("&#60;script&#62;");
});
