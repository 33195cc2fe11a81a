/** Finding benches and deep runs by name, and reading what the command line asks of them. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Names of `NAME.bench.ts` (or another ending) in a folder, in alphabetical order. */
export function partNames(folder: string, ending: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length))
    .sort();
}

/** The parts asked for, all where none is; undefined when one does not exist. */
export function chooseParts(
  known: readonly string[],
  asked: readonly string[],
): readonly string[] | undefined {
  if (asked.length === 0) return known;
  return asked.every((name) => known.includes(name)) ? asked : undefined;
}

export const BUDGET_DEFAULT_S = 600;

const SECONDS_PER: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** `90s`, `10m`, `2h`, or plain seconds; undefined for anything else. */
export function parseBudgetS(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([smh]?)$/u.exec(text);
  if (match === null) return undefined;
  const seconds = Number(match[1]) * (SECONDS_PER[match[2] === "" ? "s" : (match[2] ?? "")] ?? 1);
  return seconds > 0 ? seconds : undefined;
}

export interface DeepRequest {
  readonly names: readonly string[];
  readonly budgetS: number;
  /** What stands after the names and is no option of ours; handed to the part. */
  readonly args: readonly string[];
}

/**
 * `time-to-find --budget 10m --seeds 200`: leading names, our own budget, the rest for the part.
 */
export function parseDeep(argv: readonly string[]): DeepRequest | undefined {
  const firstOption = argv.findIndex((arg) => arg.startsWith("-"));
  const names = firstOption === -1 ? argv : argv.slice(0, firstOption);
  const args = firstOption === -1 ? [] : argv.slice(firstOption);
  const at = args.indexOf("--budget");
  if (at === -1) return { names, budgetS: BUDGET_DEFAULT_S, args };
  const budgetS = parseBudgetS(args[at + 1] ?? "");
  if (budgetS === undefined) return undefined;
  return { names, budgetS, args: [...args.slice(0, at), ...args.slice(at + 2)] };
}

export function pathOfPart(folder: string, name: string, ending: string): string {
  return join(folder, `${name}${ending}`);
}
