import { expect, test } from "vitest";
import { comparisonText, verdictText } from "./replay-answers.ts";

test("equal to the end, or the first time at which it differs", () => {
  expect(verdictText({ kind: "equal", hashes: 600, untilS: 600 })).toBe(
    "equal to the end: 600 trace hashes until 0:10:00.000",
  );
  const different = {
    kind: "different",
    atS: 7,
    equalUntilS: 6,
    recorded: "a",
    flown: "b",
  } as const;
  expect(verdictText(different)).toBe(
    ["different at 0:00:07.000, equal until 0:00:06.000", "  recorded a", "  flown    b"].join(
      "\n",
    ),
  );
});

test("two runs: what was asked, where the traces part, what each has there", () => {
  const text = comparisonText(
    {
      identity: [{ key: "seed", a: "1", b: "2" }],
      traceEqualUntilS: null,
      traceDiffersAtS: 1,
      first: { atS: 0.024, what: "event", vehicle: 1, a: "", b: "info duty: grounded" },
    },
    { a: "a.mcap", b: "other.mcap" },
  );
  expect(text.split("\n")).toEqual([
    "seed differs",
    "  a.mcap      1",
    "  other.mcap  2",
    "traces differ at 0:00:01.000, never equal",
    "first different event at 0:00:00.024, vehicle 1",
    "  a.mcap      nothing",
    "  other.mcap  info duty: grounded",
  ]);
});

test("equal runs, and runs without hashes", () => {
  const same = { identity: [], traceEqualUntilS: 9, traceDiffersAtS: null, first: null };
  const names = { a: "a", b: "b" };
  expect(comparisonText(same, names)).toBe(
    "traces equal until 0:00:09.000\nnothing recorded differs",
  );
  expect(comparisonText({ ...same, traceEqualUntilS: undefined }, names)).toContain(
    "one of them has no trace hashes",
  );
});
