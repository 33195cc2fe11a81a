/** A drill's report as text: the table of checks, and what to type to see it fail again. */
import { boundOf, percent, type Outcome, type Verdict } from "./judge.ts";
import type { DrillReport } from "./run-drill.ts";
import type { Reproduction } from "./shrink.ts";

export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  held: "held",
  failed: "FAILED",
  nothingToJudge: "NOTHING TO JUDGE",
};

export function textOf(report: DrillReport): string {
  const { file, name, passed, vehicles, flights, wallSeconds, verdicts, givenUp } = report;
  const minutes = `${(report.durationS / 60).toFixed(1)} min`;
  const lines = [
    `${file}: ${passed ? "the hypothesis holds" : "the hypothesis does not hold"}`,
    `  ${name}: ${String(vehicles)} vehicles, ${minutes}, ${String(flights)} flights` +
      ` in ${wallSeconds.toFixed(0)} s` +
      (report.handOver ? "" : ", hand-over switched off"),
    ...verdicts.map(lineOf),
    ...report.rows.map(({ seed, drill }) => {
      const begun = String(drill.begun.length);
      const pos = percent(drill.posFinal);
      return `  seed ${String(seed)}: ${begun} faults, POS ${pos}, trace ${drill.traceHash}`;
    }),
    ...givenUp.map(
      ({ seed, why }) => `  seed ${String(seed)} could not be flown to its end: ${why}`,
    ),
    ...(report.reproduction === undefined ? [] : reproductionLines(report.reproduction)),
  ];
  return lines.join("\n");
}

const lineOf = ({ check, outcome, measured }: Verdict): string =>
  `  ${OUTCOME_WORDS[outcome].padEnd(7)} ${check.check} (${boundOf(check)}): ${measured}`;

function reproductionLines(found: Reproduction): readonly string[] {
  const { faults, from, flights, durationS, isMinimal, isConfirmed } = found;
  const cut = isMinimal ? "no smaller one fails" : "the budget ended it, a smaller one may fail";
  return [
    `  reproduction: ${String(faults.length)} of ${String(from.faults)} faults, ` +
      `${String(durationS)} of ${String(from.durationS)} s, ${String(flights)} flights; ${cut}`,
    ...faults.map((words) => `    ${words}`),
    `    ${isConfirmed ? "flown again from its file" : "NOT CONFIRMED"}: ${found.measured}`,
  ];
}
