/** A row that came from another machine: every field checked, or it is none. */
import { Checker, isRecord, type Checked } from "../../src/base/mod.ts";
import type { FlightRow } from "./flight.ts";

const FIELDS = [
  "seed",
  "traceHash",
  "simSeconds",
  "wallSeconds",
  "foundAtS",
  "posFinal",
  "lost",
  "batterySwaps",
  "minSeparationM",
  "batteryReserveMinPct",
  "violated",
] as const satisfies readonly (keyof FlightRow)[];

const SECONDS = { min: 0, max: 1e9 };
const COUNT = { min: 0, max: 1e9 };
const SHARE = { min: 0, max: 1 };
const VIOLATED_MAX = 100;
const TEXT_MAX = 100;

/** `seed` is the one that the row must be of. */
export function parseFlightRow(value: unknown, seed: number): Checked<FlightRow> {
  const checker = new Checker();
  const row = checker.object(value, "", FIELDS);
  const orNull = (key: string, rule: { min: number; max: number }): number | null =>
    row.raw(key) === null ? null : row.number(key, rule);
  const traceHash = row.text("traceHash", { max: 64 });
  if (!/^[0-9a-f]{8,64}$/u.test(traceHash)) {
    checker.report("CHK003", { where: "traceHash", remedy: "write 8 to 64 hexadecimal digits" });
  }
  const band = row.list("posFinal", { min: 2, max: 2 }, (share, where) =>
    checker.number(share, where, SHARE),
  );
  const text = (item: unknown, where: string): string => {
    if (typeof item === "string" && item.length <= TEXT_MAX) return item;
    checker.wrongType(where, { wanted: "a short text", found: item });
    return "";
  };
  return checker.finish({
    seed: row.integer("seed", { min: seed, max: seed }),
    traceHash,
    simSeconds: row.number("simSeconds", SECONDS),
    wallSeconds: row.number("wallSeconds", SECONDS),
    foundAtS: orNull("foundAtS", SECONDS),
    posFinal: [band[0] ?? 0, band[1] ?? 0],
    lost: row.integer("lost", COUNT),
    batterySwaps: row.integer("batterySwaps", COUNT),
    minSeparationM: orNull("minSeparationM", { min: 0, max: 1e7 }),
    batteryReserveMinPct: orNull("batteryReserveMinPct", { min: -100, max: 100 }),
    violated: row.list("violated", { max: VIOLATED_MAX }, text),
  });
}

/** For a store's reader: the row, or nothing. */
export function flightRowOf(value: unknown, seed: number): FlightRow | undefined {
  if (!isRecord(value)) return undefined;
  const row = parseFlightRow(value, seed);
  return row.ok ? row.value : undefined;
}
