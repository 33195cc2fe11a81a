/**
 * The arrows between folders, by dependency-cruiser with the TypeScript 6 API.
 *
 * With a compiler it does not understand dependency-cruiser cruises no module and is content, so
 * the number of modules is part of the answer and none is a failure.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { cruise } from "dependency-cruiser";
import type { ICruiseResult } from "dependency-cruiser";
import { arrowRules, cruiseOptions } from "./arrow-rules.ts";

export interface Arrows {
  readonly modules: number;
  /** `from -> to: rule`, one a violation. */
  readonly violations: readonly string[];
}

/** Folders that hold code of the project; those that do not exist are left out. */
const FOLDERS = [
  "src",
  "sim",
  "adapters",
  "apps",
  "scripts",
  "test",
  "bench",
  "examples",
  "behaviours",
];

export async function checkArrows(root: string): Promise<Arrows> {
  const folders = FOLDERS.filter((folder) => existsSync(join(root, folder)));
  const result = await cruise(folders, {
    ...cruiseOptions,
    baseDir: root,
    validate: true,
    ruleSet: { forbidden: [...arrowRules] },
  });
  const output = result.output as ICruiseResult;
  const own = output.modules.filter((module) => /\.tsx?$/u.test(module.source));
  const violations = output.summary.violations.map(
    (violation) => `${violation.from} -> ${violation.to}: ${violation.rule.name}`,
  );
  if (own.length === 0) violations.push("no module was understood: the cruise says nothing");
  return { modules: own.length, violations: [...new Set(violations)].sort() };
}
