/** What each check calls held, failed, or nothing to judge; each on flights made up for it. */
import { describe, expect, test } from "vitest";
import type { DrillRow } from "./flight.ts";
import type { Check } from "./hypothesis.ts";
import { boundOf, judge, type SeedRows } from "./judge.ts";

const CALM: DrillRow = {
  traceHash: "0",
  wallSeconds: 1,
  posCurve: [],
  posFinal: 0.5,
  deliveryRatio: 0.9,
  commitP99Ms: 40,
  foundAtS: null,
  lost: 0,
  killed: 0,
  violated: [],
  begun: [],
  orphans: [],
  sides: [],
  events: [],
};

const row = (drill: Partial<DrillRow>, bounds: Partial<SeedRows> = {}): SeedRows => ({
  seed: 1,
  durationS: 100,
  drill: { ...CALM, ...drill },
  control: undefined,
  faultless: undefined,
  ...bounds,
});

const outcome = (check: Check, ...rows: readonly SeedRows[]): string => judge(check, rows).outcome;

describe("leases", () => {
  const check: Check = { check: "leasesMoveOn", withinS: 10 };
  const orphan = { segment: 3, owner: 2, diedAtS: 50, takenAtS: 57, by: 4 };

  test("move on in time, too late, never, or were none", () => {
    expect(outcome(check, row({ orphans: [orphan] }))).toBe("held");
    expect(outcome(check, row({ orphans: [orphan, { ...orphan, takenAtS: 61 }] }))).toBe("failed");
    const never = { ...orphan, takenAtS: null, by: null };
    const verdict = judge(check, [row({ orphans: [never] })]);
    expect(verdict).toMatchObject({ outcome: "failed" });
    expect(verdict.measured).toContain("segment 3 of vehicle 2, dead at 50.0 s: nobody took it");
    expect(outcome(check, row({}))).toBe("nothingToJudge");
  });

  test("of a death just before the end are no evidence", () => {
    const late = { ...orphan, diedAtS: 95, takenAtS: null, by: null };
    expect(outcome(check, row({ orphans: [late] }))).toBe("nothingToJudge");
  });

  test("one seed that shows something is enough; one that fails decides", () => {
    expect(outcome(check, row({}), row({ orphans: [orphan] }))).toBe("held");
    const slow = row({ orphans: [{ ...orphan, takenAtS: 90 }] });
    expect(outcome(check, row({ orphans: [orphan] }), slow)).toBe("failed");
  });
});

describe("sides of a partition", () => {
  const side = {
    fromS: 1,
    toS: 60,
    slots: [1, 2],
    searching: 2,
    grown: 3,
    finished: 1,
    unsearched: 4,
  };
  const goOn: Check = { check: "sidesSearch", everySegment: false };
  const all: Check = { check: "sidesSearch", everySegment: true };

  test("go on, stop, or had nobody who searched", () => {
    expect(outcome(goOn, row({ sides: [side] }))).toBe("held");
    expect(outcome(goOn, row({ sides: [side, { ...side, grown: 0 }] }))).toBe("failed");
    expect(outcome(goOn, row({ sides: [{ ...side, searching: 0, grown: 0 }] }))).toBe(
      "nothingToJudge",
    );
  });

  test("have searched every segment, or not", () => {
    expect(outcome(all, row({ sides: [side] }))).toBe("failed");
    expect(outcome(all, row({ sides: [{ ...side, unsearched: 0 }] }))).toBe("held");
  });
});

describe("success regained", () => {
  const check: Check = { check: "posRegained", atLeast: 0.7, lostAtLeast: 0.01 };
  const flown = (drill: number, control: number, faultless: number): SeedRows =>
    row(
      { posFinal: drill },
      {
        control: { ...CALM, posFinal: control },
        faultless: { ...CALM, posFinal: faultless },
      },
    );

  test("is counted over all seeds together", () => {
    expect(outcome(check, flown(0.58, 0.5, 0.6))).toBe("held");
    expect(outcome(check, flown(0.54, 0.5, 0.6))).toBe("failed");
    expect(outcome(check, flown(0.54, 0.5, 0.6), flown(0.6, 0.5, 0.6))).toBe("held");
    expect(judge(check, [flown(0.58, 0.5, 0.6)]).measured).toBe(
      "80.0% regained; without hand-over 10.00 points of POS are lost",
    );
  });

  test("cannot be told where hardly anything was lost, or no bound was flown", () => {
    expect(outcome(check, flown(0.6, 0.6, 0.605))).toBe("nothingToJudge");
    expect(outcome(check, row({}))).toBe("nothingToJudge");
  });
});

describe("the rest", () => {
  const violated = [{ invariant: "separation", atS: 7, detail: "3.1 m" }];
  test.each<[Check, Partial<DrillRow>, string]>([
    [{ check: "nothingViolated", except: [] }, {}, "held"],
    [{ check: "nothingViolated", except: [] }, { violated }, "failed"],
    [{ check: "nothingViolated", except: ["separation"] }, { violated }, "held"],
    [{ check: "posFinal", atLeast: 0.5 }, {}, "held"],
    [{ check: "posFinal", atLeast: 0.51 }, {}, "failed"],
    [{ check: "delivery", atLeast: 0.95 }, {}, "failed"],
    [{ check: "commitP99", atMostMs: 40 }, {}, "held"],
    [{ check: "commitP99", atMostMs: 39 }, {}, "failed"],
    [{ check: "commitP99", atMostMs: 39 }, { commitP99Ms: null }, "nothingToJudge"],
    [{ check: "found", shareAtLeast: 1 }, {}, "failed"],
    [{ check: "found", shareAtLeast: 1 }, { foundAtS: 9 }, "held"],
    [{ check: "lostBesides", atMost: 0 }, { lost: 2, killed: 2 }, "held"],
    [{ check: "lostBesides", atMost: 0 }, { lost: 2, killed: 1 }, "failed"],
  ])("%j of %j: %s", (check, drill, expected) => {
    expect(outcome(check, row(drill))).toBe(expected);
    expect(boundOf(check)).not.toBe("");
  });

  test("found counts flights", () => {
    const half: Check = { check: "found", shareAtLeast: 0.5 };
    expect(judge(half, [row({ foundAtS: 9 }), row({})])).toMatchObject({
      outcome: "held",
      measured: "found in 1 of 2",
    });
    expect(outcome(half)).toBe("nothingToJudge");
  });
});
