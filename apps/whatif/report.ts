/** A what-if as the document of `--json` and as a small table. */
import type { WhatIfChange, WhatIfFuture, WhatIfOutcome } from "../ground/report/what-if.ts";
import { changeText } from "./changes.ts";
import { differenceOf, type OutcomeDifference } from "./outcome.ts";

type FutureReport = Omit<WhatIfFuture, "paths" | "pathEveryS">;

export interface WhatIfReport {
  readonly schema: "skein-what-if-report/1";
  readonly mission: string;
  readonly seed: number;
  readonly vehicles: number;
  readonly atS: number;
  readonly horizonS: number;
  readonly changes: readonly { readonly change: WhatIfChange; readonly text: string }[];
  /** How long the world stood still to be saved, and how many bytes that took. */
  readonly pauseMs: number;
  readonly savedBytes: number;
  readonly baseline: FutureReport;
  readonly changed: FutureReport;
  /** Changed minus baseline; null when one of them failed. */
  readonly difference: OutcomeDifference | null;
}

export interface WhatIfFacts {
  readonly mission: string;
  readonly seed: number;
  readonly vehicles: number;
  readonly atS: number;
  readonly horizonS: number;
  readonly changes: readonly WhatIfChange[];
  readonly pauseMs: number;
  readonly savedBytes: number;
}

export function whatIfReport(
  facts: WhatIfFacts,
  { baseline, changed }: { readonly baseline: WhatIfFuture; readonly changed: WhatIfFuture },
): WhatIfReport {
  const both = baseline.state === "done" && changed.state === "done";
  return {
    schema: "skein-what-if-report/1",
    ...facts,
    changes: facts.changes.map((change) => ({ change, text: changeText(change) })),
    baseline: withoutPaths(baseline),
    changed: withoutPaths(changed),
    difference: both ? differenceOf(baseline.outcome!, changed.outcome!) : null,
  };
}

function withoutPaths(future: WhatIfFuture): FutureReport {
  const { state, atS, speed, outcome, trouble, traceHash } = future;
  return { state, atS, speed, outcome, trouble, traceHash };
}

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
const minutes = (s: number): string => `${(s / 60).toFixed(1)} min`;
const signed = (value: number, text: (value: number) => string): string =>
  `${value < 0 ? "-" : "+"}${text(Math.abs(value))}`;
const points = (share: number): string => `${(100 * share).toFixed(1)} pts`;
const count = (value: number): string => String(value);

/** One line of the table: its name, and how it reads in an outcome and in the difference. */
interface Line {
  readonly name: string;
  readonly of: (outcome: WhatIfOutcome) => string;
  readonly by: (difference: OutcomeDifference) => string;
}

const LINES: readonly Line[] = [
  {
    name: "POS at the end",
    of: ({ pos }) => `${percent(pos.low)} to ${percent(pos.high)}`,
    by: ({ posLow, posHigh }) => `${signed(posLow, points)} to ${signed(posHigh, points)}`,
  },
  {
    name: "chance to find (model)",
    of: ({ find }) => `${percent(find.chanceLow)} to ${percent(find.chanceHigh)}`,
    by: ({ findChance }) => signed(findChance, points),
  },
  {
    name: "mean time to find (model)",
    of: ({ find }) => minutes(find.restrictedMeanS),
    by: ({ restrictedMeanS }) => signed(restrictedMeanS, minutes),
  },
  {
    name: "person confirmed",
    of: ({ confirmedAtS }) => (confirmedAtS === null ? "no" : `at ${minutes(confirmedAtS)}`),
    by: () => "",
  },
  {
    name: "vehicles lost",
    of: ({ lost }) => (lost.length === 0 ? "none" : lost.join(", ")),
    by: ({ lost }) => signed(lost, count),
  },
  {
    name: "landed outside",
    of: ({ landedOut }) => (landedOut.length === 0 ? "none" : landedOut.join(", ")),
    by: ({ landedOut }) => signed(landedOut, count),
  },
  {
    name: "least landing reserve",
    of: ({ reserveMin }) => (reserveMin === null ? "none landed" : percent(reserveMin)),
    by: ({ reserveMin }) => (reserveMin === null ? "-" : signed(reserveMin, points)),
  },
  {
    name: "battery swaps",
    of: ({ swaps }) => count(swaps),
    by: ({ swaps }) => signed(swaps, count),
  },
  {
    name: "segments unsearched",
    of: ({ segmentsUnsearched, segments }) => `${segmentsUnsearched} of ${segments}`,
    by: ({ segmentsUnsearched }) => signed(segmentsUnsearched, count),
  },
  {
    name: "swept",
    of: ({ sweptKm2 }) => `${sweptKm2.toFixed(2)} km2`,
    by: ({ sweptKm2 }) => signed(sweptKm2, (km2) => `${km2.toFixed(2)} km2`),
  },
  {
    name: "invariants violated",
    of: ({ violationCount }) => count(violationCount),
    by: ({ violations }) => signed(violations, count),
  },
];

export function whatIfText(report: WhatIfReport): string {
  const { baseline, changed, difference } = report;
  const row = (name: string, cells: readonly string[]): string =>
    `  ${name.padEnd(26)}${cells.map((cell) => cell.padEnd(20)).join("")}`.trimEnd();
  const head = [
    `${report.mission}, seed ${report.seed}, ${report.vehicles} vehicles: what if, ` +
      `after ${minutes(report.atS)}, for ${minutes(report.horizonS)}`,
    ...report.changes.map(({ text }) => `  ${text}`),
    "",
  ];
  const troubles = [
    ...(baseline.trouble === "" ? [] : [`  baseline failed: ${baseline.trouble}`]),
    ...(changed.trouble === "" ? [] : [`  changed failed: ${changed.trouble}`]),
  ];
  if (difference === null) return [...head, ...troubles].join("\n");
  const [was, is] = [baseline.outcome!, changed.outcome!];
  return [
    ...head,
    row("", ["baseline", "changed", "difference"]),
    ...LINES.map(({ name, of, by }) => row(name, [of(was), of(is), by(difference)])),
    ...was.violations.map(({ invariant, atS }) => `  baseline: ${invariant} at ${minutes(atS)}`),
    ...is.violations.map(({ invariant, atS }) => `  changed: ${invariant} at ${minutes(atS)}`),
    "",
    `  saved in ${report.pauseMs.toFixed(0)} ms, ${(report.savedBytes / 1e6).toFixed(1)} MB;` +
      ` forks ran at ${baseline.speed.toFixed(0)}x and ${changed.speed.toFixed(0)}x real time`,
    `  trace ${baseline.traceHash}, with the changes ${changed.traceHash}`,
  ].join("\n");
}
