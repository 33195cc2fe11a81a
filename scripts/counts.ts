/** Counting tests out of vitest's JSON report, and what the counts mean for the run. */

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The part of the report that is read; the field names are Jest's. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** A file that could not be loaded has no test to its name; it counts as one failed. */
export function countTests(report: Report): Counts {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of report.testResults) {
    let failedInFile = 0;
    for (const { status } of file.assertionResults) {
      if (status === "passed") counts.passed += 1;
      else if (status === "failed") failedInFile += 1;
      else counts.skipped += 1;
    }
    if (file.status === "failed" && failedInFile === 0) failedInFile = 1;
    counts.failed += failedInFile;
  }
  return counts;
}

export function skippedNames(report: Report): string[] {
  return report.testResults
    .flatMap((file) => file.assertionResults)
    .filter(({ status }) => status !== "passed" && status !== "failed")
    .map(({ fullName }) => fullName);
}

/**
 * The exit code: vitest's own (thresholds of coverage and unhandled errors fail a run in which
 * every test passed), or 1 for a failed test, for none at all, or for a skipped one where none may
 * be.
 */
export function verdict(counts: Counts, vitestCode: number, requireAll: boolean): number {
  const empty = counts.passed + counts.failed + counts.skipped === 0;
  const incomplete = requireAll && counts.skipped > 0;
  return vitestCode !== 0 || counts.failed > 0 || empty || incomplete ? 1 : 0;
}

export function lastLine(counts: Counts): string {
  return `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
}
