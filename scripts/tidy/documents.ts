/**
 * House rules for documents: one title, links that lead somewhere, promises that something
 * enforces.
 */
import { posix } from "node:path";
import type { Finding, Tree } from "./finding.ts";

export function documentRules(tree: Tree): Finding[] {
  const found: Finding[] = [];
  for (const [path, text] of tree) {
    if (!path.endsWith(".md")) continue;
    const lines = withoutFences(text);
    found.push(...oneTitle(path, lines), ...linksResolve(path, lines, tree));
    if (path === "SPECIFICATION.md") found.push(...promisesEnforced(path, lines, tree));
  }
  return found;
}

/** The lines of a document with the content of code fences blanked, so that line numbers stay. */
export function withoutFences(text: string): string[] {
  let inside = false;
  return text.split("\n").map((line) => {
    if (!/^\s*(```|~~~)/u.test(line)) return inside ? "" : line;
    inside = !inside;
    return "";
  });
}

export function oneTitle(path: string, lines: readonly string[]): Finding[] {
  const titles = lines.filter((line) => /^# \S/u.test(line)).length;
  if (titles === 1) return [];
  return [{ path, line: 0, rule: "one-title", text: `${titles} titles of the first level` }];
}

const LINK = /!?\[[^\]]*\]\(([^()\s]+(?:\([^()]*\))?)(?:\s+"[^"]*")?\)/gu;

export function linksResolve(path: string, lines: readonly string[], tree: Tree): Finding[] {
  const found: Finding[] = [];
  lines.forEach((content, index) => {
    for (const target of linkTargets(content)) {
      const saying = whatIsWrongWith(target, path, tree);
      if (saying === undefined) continue;
      found.push({ path, line: index + 1, rule: "link", text: `${target}: ${saying}` });
    }
  });
  return found;
}

/**
 * Every row of a table in SPECIFICATION.md is a promise and links the test or bench that enforces
 * it.
 */
export function promisesEnforced(path: string, lines: readonly string[], tree: Tree): Finding[] {
  const found: Finding[] = [];
  lines.forEach((content, index) => {
    const row = content.startsWith("|") && !/^\|[\s:|-]+$/u.test(content);
    const header = /^\|[\s:|-]+$/u.test(lines[index + 1] ?? "");
    if (!row || header) return;
    const enforced = linkTargets(content).some(
      (target) => /\.(test|bench|deep)\.ts$/u.test(target) && tree.has(posix.normalize(target)),
    );
    if (enforced) return;
    const text = "a promise without an existing test or bench";
    found.push({ path, line: index + 1, rule: "promise", text });
  });
  return found;
}

function linkTargets(line: string): string[] {
  const plain = line.replace(/`[^`]*`/gu, (code) => code.replace(/[[\]()]/gu, " "));
  return [...plain.matchAll(LINK)].flatMap((match) => match[1] ?? []);
}

function whatIsWrongWith(target: string, from: string, tree: Tree): string | undefined {
  if (/^[a-z]+:/u.test(target)) return undefined;
  const [file = "", anchor] = decodeURIComponent(target).split("#");
  const path = file === "" ? from : posix.normalize(posix.join(posix.dirname(from), file));
  const folder = path.endsWith("/") ? path : `${path}/`;
  if (!tree.has(path)) {
    const isFolder = path === "." || [...tree.keys()].some((other) => other.startsWith(folder));
    return isFolder ? undefined : "leads nowhere";
  }
  if (anchor === undefined || !path.endsWith(".md")) return undefined;
  return anchorsOf(tree.get(path) ?? "").has(anchor) ? undefined : "no such heading";
}

/** Anchors as the usual hosts make them: lower case, punctuation dropped, spaces to hyphens. */
function anchorsOf(text: string): Set<string> {
  const headings = withoutFences(text).filter((line) => /^#{1,6} /u.test(line));
  return new Set(
    headings.map((line) =>
      line
        .replace(/^#+ /u, "")
        .trim()
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .replace(/ /gu, "-"),
    ),
  );
}
