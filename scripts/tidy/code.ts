/** House rules that need the syntax tree, by the TypeScript 6 parser; no types are resolved. */
import ts from "typescript";
import { isTest, isTypeScript, type Finding, type Tree } from "./finding.ts";

export const FUNCTION_LINES_MAX = 70;

/** Folders whose files carry an essay at their head and a test beside them. */
const CORE = /^(src|sim|adapters)\//u;
const TESTED = /^(src|sim|adapters|scripts)\//u;

/** Tools and behaviours are loaded by their default export; nothing else has one. */
const DEFAULT_EXPORT_ALLOWED = /(^|\/)[a-z.-]+\.config\.(ts|js)$|behaviours?\/|\.behaviour\.ts$/u;

export function parse(path: string, text: string): ts.SourceFile {
  const kind = path.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, kind);
}

export function codeRules(path: string, text: string): Finding[] {
  if (!isTypeScript(path)) return [];
  const file = parse(path, text);
  return [
    ...headComment(path, file),
    ...functionLength(path, file),
    ...exportForms(path, file),
    ...unitSuffixes(path, file),
  ];
}

/** The head says what the file is and where it comes from. */
export function headComment(path: string, file: ts.SourceFile): Finding[] {
  if (!CORE.test(path) || isTest(path)) return [];
  const ranges = ts.getLeadingCommentRanges(file.text, 0) ?? [];
  if (ranges.length > 0) return [];
  return [{ path, line: 1, rule: "head-comment", text: "no comment at the head of the file" }];
}

export function functionLength(path: string, file: ts.SourceFile): Finding[] {
  if (isTest(path)) return [];
  const found: Finding[] = [];
  visit(file, (node) => {
    if (!ts.isFunctionLike(node) || !("body" in node) || node.body === undefined) return;
    const first = lineOf(file, node.getStart(file));
    const length = lineOf(file, node.end) - first + 1;
    if (length <= FUNCTION_LINES_MAX) return;
    const saying = `${length} lines, at most ${FUNCTION_LINES_MAX}`;
    found.push({ path, line: first, rule: "function-length", text: saying });
  });
  return found;
}

export function exportForms(path: string, file: ts.SourceFile): Finding[] {
  const found: Finding[] = [];
  const report = (node: ts.Node, text: string): void => {
    found.push({ path, line: lineOf(file, node.getStart(file)), rule: "export-form", text });
  };
  for (const statement of file.statements) {
    if (ts.isExportDeclaration(statement) && statement.exportClause === undefined) {
      report(statement, "export * hides what a door shows: name it");
    }
    const isDefault =
      ts.isExportAssignment(statement) ||
      (ts.canHaveModifiers(statement) &&
        ts.getModifiers(statement)?.some((it) => it.kind === ts.SyntaxKind.DefaultKeyword) ===
          true);
    if (isDefault && !DEFAULT_EXPORT_ALLOWED.test(path)) {
      report(statement, "a default export has no name of its own");
    }
  }
  return found;
}

/** Names that mean a physical quantity and so must end in its unit when they are plain numbers. */
const QUANTITY = new RegExp(
  "(timeout|delay|interval|duration|deadline|lifetime|elapsed|distance|speed|altitude|latitude|" +
    "longitude|heading|bearing|yaw|pitch|roll|frequency)$",
  "iu",
);

export function unitSuffixes(path: string, file: ts.SourceFile): Finding[] {
  if (!CORE.test(path) || isTest(path)) return [];
  const found: Finding[] = [];
  visit(file, (node) => {
    const declares =
      ts.isPropertySignature(node) ||
      ts.isPropertyDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isVariableDeclaration(node);
    if (!declares || node.type?.kind !== ts.SyntaxKind.NumberKeyword) return;
    const name = node.name.getText(file);
    if (!QUANTITY.test(name)) return;
    const line = lineOf(file, node.getStart(file));
    found.push({ path, line, rule: "unit-suffix", text: `${name}: a number needs its unit last` });
  });
  return found;
}

/**
 * A file that decides something has a test beside it: `x.test.ts`, one in its folder that imports
 * it, or one beside the folder and named like the folder. A program, which runs as it is loaded, is
 * tested by a process test that names its path.
 */
export function testBeside(tree: Tree): Finding[] {
  const found: Finding[] = [];
  for (const [path, text] of tree) {
    if (!TESTED.test(path) || !isTypeScript(path) || isTest(path)) continue;
    if (!hasLogic(parse(path, text)) || isTestedInFolder(tree, path)) continue;
    if (/^process\.exitCode = /mu.test(text) && isTestedAsProcess(tree, path)) continue;
    found.push({ path, line: 0, rule: "test-beside", text: "logic, and no test beside it" });
  }
  return found;
}

/** Logic is a branch or a loop; types, tables and wiring have none. */
export function hasLogic(file: ts.SourceFile): boolean {
  let logic = false;
  visit(file, (node) => {
    logic ||=
      ts.isIfStatement(node) ||
      ts.isSwitchStatement(node) ||
      ts.isConditionalExpression(node) ||
      ts.isForStatement(node) ||
      ts.isForOfStatement(node) ||
      ts.isWhileStatement(node) ||
      ts.isDoStatement(node);
  });
  return logic;
}

function isTestedInFolder(tree: Tree, path: string): boolean {
  if (tree.has(path.replace(/\.(tsx?)$/u, ".test.$1"))) return true;
  const slash = path.lastIndexOf("/");
  const folder = path.slice(0, slash + 1);
  if (tree.has(`${path.slice(0, slash)}.test.ts`)) return true;
  const specifier = `"./${path.slice(slash + 1)}"`;
  for (const [other, text] of tree) {
    const beside = other.startsWith(folder) && !other.slice(slash + 1).includes("/");
    if (beside && /\.test\.tsx?$/u.test(other) && text.includes(specifier)) return true;
  }
  return false;
}

function isTestedAsProcess(tree: Tree, path: string): boolean {
  return [...tree].some(
    ([other, text]) => /^test\/process\/.*\.test\.ts$/u.test(other) && text.includes(`"${path}"`),
  );
}

function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}

function lineOf(file: ts.SourceFile, position: number): number {
  return file.getLineAndCharacterOfPosition(position).line + 1;
}
