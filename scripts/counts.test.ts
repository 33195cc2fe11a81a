import { describe, expect, test } from "vitest";
import { countTests, lastLine, skippedNames, verdict } from "./counts.ts";

/** A report with one file, whose tests ended as told. */
function report(fileStatus: string, ...statuses: string[]): Parameters<typeof countTests>[0] {
  const assertionResults = statuses.map((status, index) => ({ status, fullName: `t${index}` }));
  return { testResults: [{ name: "a.test.ts", status: fileStatus, assertionResults }] };
}

describe("counting", () => {
  test("passed, failed, and all that neither passed nor failed", () => {
    const counts = countTests(report("failed", "passed", "passed", "failed", "pending", "todo"));
    expect(counts).toEqual({ passed: 2, failed: 1, skipped: 2 });
    expect(lastLine(counts)).toBe("2 passed, 1 failed, 2 skipped");
  });

  test("a file that does not load is one failed test", () => {
    expect(countTests(report("failed")).failed).toBe(1);
  });

  test("the names of what was skipped", () => {
    expect(skippedNames(report("passed", "passed", "skipped"))).toEqual(["t1"]);
  });
});

describe("the verdict", () => {
  const good = { passed: 3, failed: 0, skipped: 0 };

  test("all passed is a success", () => {
    expect(verdict(good, 0, true)).toBe(0);
  });

  test("a failed test, a missed threshold and an empty run are not", () => {
    expect(verdict({ ...good, failed: 1 }, 0, false)).toBe(1);
    expect(verdict(good, 1, false)).toBe(1);
    expect(verdict({ passed: 0, failed: 0, skipped: 0 }, 0, false)).toBe(1);
  });

  test("a skipped test fails the run only where everything is required", () => {
    expect(verdict({ ...good, skipped: 1 }, 0, false)).toBe(0);
    expect(verdict({ ...good, skipped: 1 }, 0, true)).toBe(1);
  });
});
