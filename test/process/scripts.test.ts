/** The programs behind the entries of package.json, run as a user runs them. */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");

function run(
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): { code: number | null; text: string; lastLine: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, file), ...args], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, SKEIN_REQUIRE_ALL: "", ...environment },
  });
  const lastLine = stdout.trimEnd().split("\n").at(-1) ?? "";
  return { code: status, text: stdout + stderr, lastLine };
}

describe("a part that does not exist ends with 2 and names those that do", () => {
  test.each([
    ["scripts/check.ts", ["spelling"], "types, lint, arrows, tidy, format"],
    ["scripts/bench.ts", ["no-such-bench"], "bench: there are "],
    ["scripts/deep.ts", ["no-such-run"], "deep: NAME"],
    ["scripts/deep.ts", ["--budget", "soon"], "deep: NAME"],
  ])("%s %j", (file, args, says) => {
    const { code, text } = run(file, args);
    expect(code).toBe(2);
    expect(text).toContain(says);
  });
});

test("check runs the part that is named, with its seconds", () => {
  const { text } = run("scripts/check.ts", ["arrows"]);
  expect(text).toMatch(/^arrows {2}(ok|FAILED) +\d+\.\d s\n/u);
  expect(text).not.toContain("lint");
});

test("test counts in its last line, and its code says whether all is well", () => {
  const { code, lastLine } = run("scripts/test.ts", ["scripts/counts.test.ts"]);
  expect(lastLine).toMatch(/^[1-9]\d* passed, 0 failed, 0 skipped$/u);
  expect(code).toBe(0);
  const none = run("scripts/test.ts", ["scripts/no-such.test.ts"]);
  expect(none.code).toBe(1);
  expect(none.lastLine).toBe("0 passed, 0 failed, 0 skipped");
});

test("without the corpora of others their tests are skipped with a reason, or fail", () => {
  const files = [
    "src/security/crypto/composite.test.ts",
    "src/security/crypto-portable/portable.test.ts",
    "adapters/crypto-native/native.test.ts",
  ];
  const without = { SKEIN_CORPUS: join(ROOT, "no-such-folder") };
  const skipped = run("scripts/test.ts", files, without);
  expect(skipped.lastLine).toMatch(/^[1-9]\d* passed, 0 failed, 5 skipped$/u);
  expect(skipped.text).toContain("skipped: Wycheproof no corpus wycheproof; SKEIN_CORPUS names");
  expect(skipped.code).toBe(0);
  const failed = run("scripts/test.ts", files, { ...without, SKEIN_REQUIRE_ALL: "1" });
  expect(failed.lastLine).toMatch(/^[1-9]\d* passed, 5 failed, 0 skipped$/u);
  expect(failed.text).toContain("no corpus xwing; SKEIN_CORPUS names the folder");
  expect(failed.code).toBe(1);
});

test("setup installs nothing when nothing is missing, and puts the command in place", () => {
  // Written at the end of each installation.
  const stamp = join(ROOT, "node_modules", ".skein-stamp");
  const before = statSync(stamp).mtimeMs;
  const { code, text } = run("scripts/setup.mjs", []);
  expect([code, text]).toEqual([0, ""]);
  expect(statSync(stamp).mtimeMs).toBe(before);
  expect(existsSync(join(ROOT, "node_modules", ".bin", "skein"))).toBe(true);
});

test("the command without its Node says in one line what to do, and ends with 2", () => {
  const folder = mkdtempSync(join(tmpdir(), "skein-bin-"));
  try {
    mkdirSync(join(folder, "apps", "cli"), { recursive: true });
    const bin = join(folder, "apps", "cli", "skein.mjs");
    const source = readFileSync(join(ROOT, "apps", "cli", "skein.mjs"), "utf8");
    // A pin no Node has reached stands for a machine whose Node is too old.
    writeFileSync(bin, source.replace("const NODE_MAJOR = 26;", "const NODE_MAJOR = 999;"));
    const { status, stderr } = spawnSync(process.execPath, [bin], { encoding: "utf8" });
    expect(status).toBe(2);
    expect(stderr.trim().split("\n")).toEqual([
      "skein: Node 999 is not installed; run: node scripts/setup.mjs",
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
