/** How problems of a file are shown: one block each, with code, place and remedy. */
import type { Problem } from "../../../src/base/mod.ts";

export function problemText(problem: Problem): string {
  const place = problem.where === "" ? "" : `${problem.where}: `;
  const remedy = problem.remedy === "" ? "" : `\n        ${problem.remedy}`;
  return `${problem.code}  ${place}${problem.text}${remedy}`;
}

/** To standard error, or as JSON to standard output. */
export function printProblems(
  what: string,
  problems: readonly Problem[],
  options: { readonly json: boolean },
): void {
  if (options.json) {
    console.log(JSON.stringify({ ok: false, what, problems }, null, 2));
    return;
  }
  const count = problems.length === 1 ? "1 problem" : `${String(problems.length)} problems`;
  console.error(`${what}: ${count}, nothing was started`);
  for (const problem of problems) console.error(problemText(problem));
}
