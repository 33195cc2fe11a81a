import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { FlightRow } from "./flight.ts";
import { flightRowOf, parseFlightRow } from "./flight-row.ts";

const row: FlightRow = {
  seed: 7,
  traceHash: "0123456789abcdef0123456789abcdef",
  simSeconds: 600,
  wallSeconds: 2.5,
  foundAtS: null,
  posFinal: [0.2, 0.4],
  lost: 0,
  batterySwaps: 1,
  minSeparationM: 12.5,
  batteryReserveMinPct: null,
  violated: ["clearance"],
};

test("a row comes back from its JSON as it was", () => {
  expect(flightRowOf(JSON.parse(JSON.stringify(row)), 7)).toEqual(row);
});

test("a row of another seed, with a field wrong, missing or too much, is none", () => {
  const wrong: readonly Record<string, unknown>[] = [
    { seed: 8 },
    { traceHash: "xyz" },
    { simSeconds: -1 },
    { simSeconds: "600" },
    { foundAtS: undefined },
    { posFinal: [0.2] },
    { posFinal: [0.2, 7] },
    { lost: 0.5 },
    { violated: [7] },
    { violated: Array.from({ length: 101 }, () => "x") },
    { more: 1 },
  ];
  for (const change of wrong) {
    const read = parseFlightRow({ ...row, ...change }, 7);
    expect(read.ok, JSON.stringify(change)).toBe(false);
  }
});

test("any JSON is refused, never thrown over", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(flightRowOf(value, 7)).toBeUndefined();
    }),
  );
});
