/**
 * The house rules of STYLE as code: `scripts/tidy.ts` prints what breaks them and ends with 1.
 *
 * Each rule is a pure function in `tidy/` with a test that plants its violation. `--write-problems`
 * writes the page of problem codes instead of comparing it.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { codeRules, testBeside } from "./tidy/code.ts";
import { documentRules } from "./tidy/documents.ts";
import type { Finding, Tree } from "./tidy/finding.ts";
import {
  PAGE_PATH,
  problemRules,
  problemsPage,
  readRegistry,
  REGISTRY_PATH,
} from "./tidy/problems.ts";
import { fileLength, forbiddenWords, leftoverMarkers, lineWidth } from "./tidy/text.ts";

const TEXT = /\.(ts|tsx|mjs|js|json|json5|css|html|md|yml|yaml|sh|txt|geojson|kml|plan|params)$/u;

/** All files that are tracked or would be, read once. */
export function readTree(root: string): Tree {
  const list = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], {
    cwd: root,
    encoding: "utf8",
  });
  const paths = [...new Set(list.split("\0"))].filter(
    (path) => path !== "" && existsSync(join(root, path)),
  );
  return new Map(
    paths.map((path) => [path, TEXT.test(path) ? readFileSync(join(root, path), "utf8") : ""]),
  );
}

export function tidy(tree: Tree): Finding[] {
  const perFile = [...tree].flatMap(([path, text]) => [
    ...lineWidth(path, text),
    ...fileLength(path, text),
    ...leftoverMarkers(path, text),
    ...forbiddenWords(path, text),
    ...codeRules(path, text),
  ]);
  return [...perFile, ...testBeside(tree), ...documentRules(tree), ...problemRules(tree)];
}

function main(root: string, args: readonly string[]): number {
  const tree = readTree(root);
  if (args.includes("--write-problems")) {
    const { codes } = readRegistry(tree.get(REGISTRY_PATH) ?? "");
    writeFileSync(join(root, PAGE_PATH), problemsPage(codes));
    return 0;
  }
  const found = tidy(tree);
  for (const { path, line, rule, text } of found) {
    process.stdout.write(`${path}:${line}: ${rule}: ${text}\n`);
  }
  process.stdout.write(`${tree.size} files, ${found.length} findings\n`);
  return found.length === 0 ? 0 : 1;
}

if (import.meta.main)
  process.exitCode = main(join(import.meta.dirname, ".."), process.argv.slice(2));
