/** One planted violation a rule: a rule that cannot fail is no rule. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readTree, tidy } from "./tidy.ts";
import { problemsPage } from "./tidy/problems.ts";

/** `path:line: rule` of everything found in a planted tree. */
function findings(files: Record<string, string>): string[] {
  return tidy(new Map(Object.entries(files))).map(
    ({ path, line, rule }) => `${path}:${line}: ${rule}`,
  );
}

/** Words that this file itself may not carry, put together. */
function joined(...parts: readonly string[]): string {
  return parts.join("");
}

const HEAD = "/** A file with a head. */\n";

describe("text", () => {
  test("a line of 100 characters stands, one of 101 does not", () => {
    const line = (length: number): string => `${HEAD}// ${"x".repeat(length - 3)}\n`;
    expect(findings({ "src/a.ts": line(100) })).toEqual([]);
    expect(findings({ "src/a.ts": line(101) })).toEqual(["src/a.ts:2: line-width"]);
  });

  test("a long address in a comment cannot be broken", () => {
    expect(
      findings({ "src/a.ts": `${HEAD}// see https://example.org/${"a".repeat(90)}\n` }),
    ).toEqual([]);
  });

  test("800 lines stand, 801 do not", () => {
    const lines = (count: number): string => HEAD + "\n".repeat(count - 1);
    expect(findings({ "src/a.ts": lines(800) })).toEqual([]);
    expect(findings({ "src/a.ts": lines(801) })).toEqual(["src/a.ts:0: file-length"]);
  });

  test.each([joined("TO", "DO"), joined("FIX", "ME"), joined("X", "XX"), joined("HA", "CK")])(
    "the marker %s",
    (marker) => {
      expect(findings({ "apps/a.ts": `// ${marker}: later\n` })).toEqual([
        "apps/a.ts:1: leftover-marker",
      ]);
    },
  );

  test("a test switched off by hand, but not one that says when it runs", () => {
    const off = joined("describe", ".skip(1);\n");
    expect(findings({ "test/a.test.ts": off })).toEqual(["test/a.test.ts:1: leftover-marker"]);
    expect(findings({ "test/a.test.ts": `describe.skipIf(true)("x", () => 1);\n` })).toEqual([]);
  });

  test("paths of a machine and addresses of package hosts", () => {
    const machine = joined("see /wo", "rk/main\n");
    const host = joined("from https://regi", "stry.example.org/x\n");
    const found = findings({
      "docs/a.md": `# A\n${machine}${host}`,
      "b.json": joined('{"resolved', '": "https://x"}'),
    });
    expect(found).toEqual([
      "docs/a.md:2: forbidden-words",
      "docs/a.md:3: forbidden-words",
      "b.json:1: forbidden-words",
    ]);
    const relative = joined("the framewo", "rk/main and src/wo", "rk/x\n");
    expect(findings({ "docs/a.md": `# A\n${relative}` })).toEqual([]);
  });
});

describe("code", () => {
  const body = (lines: number): string =>
    `${HEAD}function f(): void {\n${"f();\n".repeat(lines - 2)}}\n`;

  test("a function of 70 lines stands, one of 71 does not, in a test it may", () => {
    expect(findings({ "src/a.ts": body(70) })).toEqual([]);
    expect(findings({ "src/a.ts": body(71) })).toEqual(["src/a.ts:2: function-length"]);
    expect(findings({ "src/a.test.ts": body(71) })).toEqual([]);
  });

  test("export * and default exports", () => {
    const found = findings({
      "src/mod.ts": `${HEAD}export * from "./a.ts";\n`,
      "src/b.ts": `${HEAD}export default 1;\n`,
      "src/c.ts": `${HEAD}export default function f(): void {}\n`,
      "vitest.config.ts": "export default {};\n",
      "examples/behaviours/hold.ts": "export default {};\n",
    });
    expect(found).toEqual([
      "src/mod.ts:2: export-form",
      "src/b.ts:2: export-form",
      "src/c.ts:2: export-form",
    ]);
  });

  test("a file of the core begins with what it is", () => {
    const text = "export const a: number = 1;\n";
    expect(findings({ "src/a.ts": text })).toEqual(["src/a.ts:1: head-comment"]);
    expect(findings({ "scripts/a.ts": text, "src/a.test.ts": text })).toEqual([]);
  });

  test("a quantity carries its unit", () => {
    const found = findings({
      "src/a.ts": `${HEAD}interface A {\n  speedMps: number;\n  voteTimeout: number;\n}\n`,
      "sim/b.ts": `${HEAD}function f(distance: number, yawRad: number): void {}\n`,
      "src/c.ts": `${HEAD}interface C {\n  speed: Speed;\n}\n`,
    });
    expect(found).toEqual(["src/a.ts:4: unit-suffix", "sim/b.ts:2: unit-suffix"]);
  });

  test("logic has a test beside it, by name or by import; wiring needs none", () => {
    const logic = `${HEAD}export const f = (a: boolean): number => (a ? 1 : 2);\n`;
    expect(findings({ "src/base/a.ts": logic })).toEqual(["src/base/a.ts:0: test-beside"]);
    expect(findings({ "src/base/a.ts": logic, "src/base/a.test.ts": "" })).toEqual([]);
    const other = `import { f } from "./a.ts";\n`;
    expect(findings({ "src/base/a.ts": logic, "src/base/b.test.ts": other })).toEqual([]);
    expect(findings({ "src/base/a.ts": logic, "src/base/deep/b.test.ts": other })).toHaveLength(1);
    expect(findings({ "src/base/a.ts": `${HEAD}export const a: number = 1;\n` })).toEqual([]);
    expect(findings({ "src/base/a.ts": logic, "src/base.test.ts": "" })).toEqual([]);
  });

  test("a program is tested by running it", () => {
    const program = "if (a) b();\nprocess.exitCode = main();\n";
    const runner = { "test/process/run.test.ts": `run("scripts/a.ts");\n` };
    expect(findings({ "scripts/a.ts": program })).toEqual(["scripts/a.ts:0: test-beside"]);
    expect(findings({ "scripts/a.ts": program, ...runner })).toEqual([]);
  });
});

describe("documents", () => {
  test("one title, not counting what stands in a code fence", () => {
    expect(findings({ "a.md": "# A\n```sh\n# a comment\n```\n" })).toEqual([]);
    expect(findings({ "a.md": "# A\n# B\n" })).toEqual(["a.md:0: one-title"]);
    expect(findings({ "a.md": "## A\n" })).toEqual(["a.md:0: one-title"]);
  });

  test("links lead to files, folders and headings", () => {
    const guide = "# Guide\n## First, a search\n";
    const good = "# A\n[g](docs/g.md#first-a-search) [f](docs/) [u](https://example.org) [h](#a)\n";
    expect(findings({ "a.md": good, "docs/g.md": guide })).toEqual([]);
    const bad = "# A\n[g](docs/gone.md)\n[h](docs/g.md#second)\n`[code](nowhere)`\n";
    expect(findings({ "a.md": bad, "docs/g.md": guide })).toEqual(["a.md:2: link", "a.md:3: link"]);
  });

  test("a promise links the test or bench that enforces it", () => {
    const table = (cell: string): string =>
      `# S\n\n| promise | by |\n|---|---|\n| fast | ${cell} |\n`;
    const tree = { "bench/a.bench.ts": "", "docs/a.md": "# A\n" };
    expect(findings({ ...tree, "SPECIFICATION.md": table("[a](bench/a.bench.ts)") })).toEqual([]);
    const without = ["SPECIFICATION.md:5: promise"];
    expect(findings({ ...tree, "SPECIFICATION.md": table("a review") })).toEqual(without);
    expect(findings({ ...tree, "SPECIFICATION.md": table("[a](docs/a.md)") })).toEqual(without);
  });
});

describe("problem codes", () => {
  const registry = (...lines: string[]): string => `${HEAD}const P = {\n${lines.join("")}};\n`;
  const first = `  NET001: "too long",\n`;
  const page = problemsPage({ NET001: "too long" });
  const user = `${HEAD}problem("NET001");\n`;

  test("registered, used and documented", () => {
    const tree = {
      "src/base/problem.ts": registry(first),
      "src/network/a.ts": user,
      "docs/problems.md": page,
    };
    expect(findings(tree)).toEqual([]);
  });

  test("twice, unused, unknown, undocumented", () => {
    const base = { "docs/problems.md": page, "src/network/a.ts": user };
    const problem = "problem-code";
    expect(findings({ ...base, "src/base/problem.ts": registry(first, first) })).toEqual([
      `src/base/problem.ts:0: ${problem}`,
    ]);
    const unused = { "src/base/problem.ts": registry(first), "docs/problems.md": page };
    expect(findings(unused)).toEqual([`src/base/problem.ts:0: ${problem}`]);
    const unknown = {
      ...base,
      "src/base/problem.ts": registry(first),
      "sim/b.ts": `${HEAD}f("NET002");\n`,
    };
    expect(findings(unknown)).toEqual([`sim/b.ts:0: ${problem}`]);
    const stale = {
      ...base,
      "src/base/problem.ts": registry(first),
      "docs/problems.md": "# Old\n",
    };
    expect(findings(stale)).toEqual([`docs/problems.md:0: ${problem}`]);
  });
});

test("the tree holds what git would take, without what it ignores", () => {
  const root = mkdtempSync(join(tmpdir(), "skein-tidy-"));
  try {
    execFileSync("git", ["init", "-q"], { cwd: root });
    mkdirSync(join(root, "src"));
    writeFileSync(join(root, ".gitignore"), "ignored.ts\n");
    writeFileSync(join(root, "src", "a.ts"), "text");
    writeFileSync(join(root, "picture.png"), "bytes");
    writeFileSync(join(root, "ignored.ts"), "text");
    expect([...readTree(root)].sort()).toEqual([
      [".gitignore", ""],
      ["picture.png", ""],
      ["src/a.ts", "text"],
    ]);
  } finally {
    rmSync(root, { recursive: true });
  }
});
