/**
 * `npm run check`: types, lint, arrows, house rules and formatting, side by side, one line each.
 *
 * `npm run check -- lint arrows` runs the parts named. Ends with 1 if any part is not content.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { checkArrows } from "./arrows.ts";
import { ROOT, runNode, type Outcome } from "./run.ts";

type Part = () => Promise<Outcome>;

/** Each project of types with the folder without which it would have no input. */
const PROJECTS = [
  { file: "tsconfig.src.json", folder: "src" },
  { file: "tsconfig.node.json", folder: "scripts" },
  { file: "tsconfig.test.json", folder: "test" },
  { file: "tsconfig.web.json", folder: "apps/ground/web" },
];

/**
 * TypeScript 7 is called by its path: the name `tsc` belongs to 6, whose API lint and arrows use.
 */
const TSC = "node_modules/typescript-7/bin/tsc";

const PARTS: Readonly<Record<string, Part>> = {
  types,
  lint: () => runNode("node_modules/eslint/bin/eslint.js", ["--max-warnings=0", "."]),
  arrows,
  tidy: () => runNode("scripts/tidy.ts", []),
  format: () =>
    runNode("node_modules/prettier/bin/prettier.cjs", [
      "--check",
      "--log-level=warn",
      "**/*.{ts,tsx,mjs,js,json,css,html}",
    ]),
};

async function types(): Promise<Outcome> {
  const projects = PROJECTS.filter(({ folder }) => existsSync(join(ROOT, folder)));
  const outcomes = await Promise.all(
    projects.map(({ file }) => runNode(TSC, ["-p", file, "--pretty", "false"])),
  );
  const lines = outcomes.flatMap(({ output }) => output.split("\n"));
  return {
    code: outcomes.some(({ code }) => code !== 0) ? 1 : 0,
    output: [...new Set(lines)].join("\n"),
  };
}

async function arrows(): Promise<Outcome> {
  const { modules, violations } = await checkArrows(ROOT);
  const output = [...violations, `${modules} modules`].join("\n");
  return { code: violations.length === 0 ? 0 : 1, output };
}

async function runPart(name: string, part: Part): Promise<boolean> {
  const startMs = performance.now();
  const { code, output } = await part();
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  const verdict = code === 0 ? "ok" : "FAILED";
  process.stdout.write(`${name.padEnd(7)} ${verdict.padEnd(6)} ${seconds.padStart(5)} s\n`);
  if (code !== 0) process.stdout.write(`${output.trimEnd()}\n`);
  return code === 0;
}

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !(name in PARTS));
  if (unknown.length > 0) {
    const known = Object.keys(PARTS).join(", ");
    process.stderr.write(`check: no part ${unknown.join(", ")}; there are ${known}\n`);
    return 2;
  }
  const chosen = Object.entries(PARTS).filter(
    ([name]) => names.length === 0 || names.includes(name),
  );
  const verdicts = await Promise.all(chosen.map(([name, part]) => runPart(name, part)));
  return verdicts.every(Boolean) ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
