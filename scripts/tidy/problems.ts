/**
 * House rules for problem codes, and the page that lists them, which is written from the registry.
 */
import { isTest, isTypeScript, type Finding, type Tree } from "./finding.ts";

export const REGISTRY_PATH = "src/base/problem.ts";
export const PAGE_PATH = "docs/problems.md";

type Registry = Readonly<Record<string, string>>;

/** The registry by text: importing it would load one state of the tree while another is judged. */
export function readRegistry(text: string): { readonly codes: Registry; readonly twice: string[] } {
  const codes: Record<string, string> = {};
  const twice: string[] = [];
  for (const match of text.matchAll(/^\s+([A-Z]{3}\d{3}):\s*("(?:[^"\\]|\\.)*")/gmu)) {
    const [, code = "", sentence = '""'] = match;
    if (code in codes) twice.push(code);
    codes[code] = JSON.parse(sentence) as string;
  }
  return { codes, twice };
}

export function problemRules(tree: Tree): Finding[] {
  const { codes, twice } = readRegistry(tree.get(REGISTRY_PATH) ?? "");
  const found: Finding[] = [];
  const report = (path: string, text: string): void => {
    found.push({ path, line: 0, rule: "problem-code", text });
  };
  for (const code of twice) report(REGISTRY_PATH, `${code} is registered twice`);
  const used = usedCodes(tree);
  for (const code of Object.keys(codes)) {
    if (!used.has(code)) report(REGISTRY_PATH, `${code} is used nowhere`);
  }
  for (const [code, path] of used) {
    if (!(code in codes)) report(path, `${code} is not registered`);
  }
  if (Object.keys(codes).length > 0 && tree.get(PAGE_PATH) !== problemsPage(codes)) {
    report(PAGE_PATH, "not what the registry says; run scripts/tidy.ts --write-problems");
  }
  return found;
}

/** Codes given to `problem(...)` and its like, as whole string literals, with one place each. */
function usedCodes(tree: Tree): Map<string, string> {
  const used = new Map<string, string>();
  for (const [path, text] of tree) {
    if (!isTypeScript(path) || isTest(path) || path === REGISTRY_PATH) continue;
    if (path.startsWith("scripts/")) continue;
    for (const match of text.matchAll(/"([A-Z]{3}\d{3})"/gu)) used.set(match[1] ?? "", path);
  }
  return used;
}

export function problemsPage(codes: Registry): string {
  const rows = Object.keys(codes)
    .sort()
    .map((code) => `| ${code} | ${(codes[code] ?? "").replaceAll("|", "\\|")} |`);
  return [
    "# Problem codes",
    "",
    "Every expected bad outcome has a code, registered once and never given again. This page is",
    "written from `src/base/problem.ts` by `scripts/tidy.ts --write-problems`; `npm run check`",
    "compares them.",
    "",
    "| code | what it says |",
    "|---|---|",
    ...rows,
    "",
  ].join("\n");
}
