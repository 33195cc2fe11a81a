/**
 * The steady state that a drill claims: named checks, each with its bound. What they mean is in
 * `judge.ts`; what they are read from is in the row of a flight (`flight.ts`).
 */
import type { Checker, Fields } from "../../src/base/mod.ts";
import { isRecord } from "../../src/base/mod.ts";

export type Check =
  /** No checker of the run has seen an invariant violated, save those named. */
  | { readonly check: "nothingViolated"; readonly except: readonly string[] }
  /** What a vehicle held when it died has a new owner, or is searched, within this time. */
  | { readonly check: "leasesMoveOn"; readonly withinS: number }
  /**
   * In a partition each side that was searching goes on; with `everySegment`, each side has
   * searched by the end of it what it had not before.
   */
  | { readonly check: "sidesSearch"; readonly everySegment: boolean }
  /**
   * Of the success that faults cost without hand-over, this share is regained, over all seeds
   * together. Judged only where they cost at least `lostAtLeast`.
   */
  | { readonly check: "posRegained"; readonly atLeast: number; readonly lostAtLeast: number }
  /** Middle of the success band at the end of each flight. */
  | { readonly check: "posFinal"; readonly atLeast: number }
  | { readonly check: "delivery"; readonly atLeast: number }
  | { readonly check: "commitP99"; readonly atMostMs: number }
  /** Share of the flights that find the person. */
  | { readonly check: "found"; readonly shareAtLeast: number }
  /** Vehicles lost in each flight, those that a fault killed not counted. */
  | { readonly check: "lostBesides"; readonly atMost: number };

export type CheckName = Check["check"];

export const CHECK_NAMES: readonly [CheckName, ...CheckName[]] = [
  "nothingViolated",
  "leasesMoveOn",
  "sidesSearch",
  "posRegained",
  "posFinal",
  "delivery",
  "commitP99",
  "found",
  "lostBesides",
];

const KEYS: Readonly<Record<CheckName, readonly string[]>> = {
  nothingViolated: ["except"],
  leasesMoveOn: ["withinS"],
  sidesSearch: ["everySegment"],
  posRegained: ["atLeast", "lostAtLeast"],
  posFinal: ["atLeast"],
  delivery: ["atLeast"],
  commitP99: ["atMostMs"],
  found: ["shareAtLeast"],
  lostBesides: ["atMost"],
};

export function readHypothesis(checker: Checker, file: Fields): readonly Check[] {
  const seen = new Set<string>();
  return file.list("hypothesis", { min: 1, max: CHECK_NAMES.length }, (item, where) => {
    const name = CHECK_NAMES.find((known) => isRecord(item) && item["check"] === known);
    const keys = name === undefined ? Object.values(KEYS).flat() : KEYS[name];
    const of = checker.object(item, where, ["check", ...keys]);
    const check = of.oneOf("check", CHECK_NAMES);
    if (name !== undefined && seen.has(name)) {
      const remedy = "write each check once, with the stricter bound";
      checker.report("DRL001", { where: of.at("check"), detail: `\`${name}\` twice`, remedy });
    }
    seen.add(check);
    return readCheck(checker, of, check);
  });
}

function readCheck(checker: Checker, of: Fields, check: CheckName): Check {
  const share = (key: string, fallback?: number): number =>
    of.number(key, { min: 0, max: 1, ...(fallback === undefined ? {} : { fallback }) });
  switch (check) {
    case "nothingViolated":
      return { check, except: readNames(checker, of) };
    case "leasesMoveOn": {
      const traps = [{ unit: "ms", factor: 0.001 }];
      const rule = { min: 0.1, max: 3600, unit: "s", fallback: 10, traps };
      return { check, withinS: of.number("withinS", rule) };
    }
    case "sidesSearch":
      return { check, everySegment: of.bool("everySegment", false) };
    case "posRegained":
      return { check, atLeast: share("atLeast", 0.7), lostAtLeast: share("lostAtLeast", 0.005) };
    case "posFinal":
    case "delivery":
      return { check, atLeast: share("atLeast") };
    case "commitP99":
      return { check, atMostMs: of.number("atMostMs", { min: 1, max: 1e6, unit: "ms" }) };
    case "found":
      return { check, shareAtLeast: share("shareAtLeast", 1) };
    case "lostBesides":
      return { check, atMost: of.integer("atMost", { min: 0, max: 65_535, fallback: 0 }) };
    default:
      return check satisfies never;
  }
}

const NAMES_MAX = 16;

function readNames(checker: Checker, of: Fields): readonly string[] {
  return of.list("except", { max: NAMES_MAX }, (item, where) =>
    checker.object({ name: item }, where, ["name"]).text("name", { max: 64 }),
  );
}
