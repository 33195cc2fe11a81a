/**
 * The bans of `eslint.config.js` that keep `src` and `sim` deterministic, each planted. The rules
 * that need types are left out: they are typescript-eslint's own and tested there.
 */
import { join } from "node:path";
import { ESLint } from "eslint";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const eslint = new ESLint({
  cwd: root,
  overrideConfig: { languageOptions: { parserOptions: { project: null } } },
  ruleFilter: ({ ruleId }) => !ruleId.startsWith("@typescript-eslint/"),
});

/** Rules that speak up about one line of code at a path. */
async function rulesAgainst(code: string, path: string): Promise<string[]> {
  const results = await eslint.lintText(`${code}\n`, { filePath: join(root, path) });
  return results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message }) => ruleId ?? message),
  );
}

const BANNED: readonly (readonly [code: string, rule: string])[] = [
  ["export const a = Date.now();", "no-restricted-globals"],
  ["export const a = new Date();", "no-restricted-globals"],
  ["export const a = performance.now();", "no-restricted-globals"],
  ["export const a = new Intl.Collator();", "no-restricted-globals"],
  ["export const a = Promise.resolve(1);", "no-restricted-globals"],
  ["export const a = new WeakRef({});", "no-restricted-globals"],
  ["export const a = Math.random();", "no-restricted-properties"],
  ["export const a = Math.sin(1);", "no-restricted-properties"],
  ["export const a = Math.hypot(3, 4);", "no-restricted-properties"],
  ["export const a = Math.pow(2, 8);", "no-restricted-properties"],
  ["export const a = 2 ** 8;", "no-restricted-syntax"],
  ["export let a = 2; a **= 8;", "no-restricted-syntax"],
  ["const M = Math; export const a = M;", "no-restricted-syntax"],
  ["export async function f() {}", "no-restricted-syntax"],
  ["export const a = [2, 1].sort();", "no-restricted-syntax"],
  ["export const a = [2, 1].toSorted();", "no-restricted-syntax"],
  [`export const a = "a".localeCompare("b");`, "no-restricted-syntax"],
  ["export const a = (1).toLocaleString();", "no-restricted-syntax"],
  [`export const a = import("./b.ts");`, "no-restricted-syntax"],
];

test.each(BANNED)("%s", async (code, rule) => {
  expect(await rulesAgainst(code, "src/base/planted.ts")).toContain(rule);
  expect(await rulesAgainst(code, "sim/planted.ts")).toContain(rule);
  expect(await rulesAgainst(code, "apps/planted.ts")).toEqual([]);
});

test("what agrees in every engine is allowed", async () => {
  const code = "export const a = [Math.sqrt(2), Math.imul(3, 4)].sort((x, y) => x - y);";
  expect(await rulesAgainst(code, "src/base/planted.ts")).toEqual([]);
});
