/**
 * `npm test`: every project with coverage; the last line counts the tests.
 *
 * Arguments go to vitest. Naming files or a project (`npm test -- src/base`, `--project swarm`)
 * leaves the coverage out: the rest was not run, so its thresholds would say nothing.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countTests, lastLine, skippedNames, verdict } from "./counts.ts";
import { runNodeInForeground } from "./run.ts";

const VITEST = "node_modules/vitest/vitest.mjs";

async function main(args: readonly string[]): Promise<number> {
  const requireAll = process.env["SKEIN_REQUIRE_ALL"] === "1";
  const folder = mkdtempSync(join(tmpdir(), "skein-test-"));
  const reportPath = join(folder, "report.json");
  try {
    const code = await runNodeInForeground(VITEST, [
      "run",
      ...(args.length === 0 ? ["--coverage"] : args),
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${reportPath}`,
    ]);
    const report = JSON.parse(readFileSync(reportPath, "utf8")) as Parameters<typeof countTests>[0];
    const counts = countTests(report);
    for (const name of skippedNames(report)) process.stdout.write(`skipped: ${name}\n`);
    const result = verdict(counts, code, requireAll);
    if (result !== 0 && counts.failed === 0) process.stdout.write(`${reason(code, requireAll)}\n`);
    process.stdout.write(`${lastLine(counts)}\n`);
    return result;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function reason(code: number, requireAll: boolean): string {
  if (code !== 0)
    return "not a success: coverage below its threshold, or an error outside of a test";
  return requireAll ? "not a success: SKEIN_REQUIRE_ALL=1 and a test was skipped" : "no test ran";
}

process.exitCode = await main(process.argv.slice(2));
