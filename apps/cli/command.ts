/**
 * What a `skein` command is: a table of options from which parsing and `--help` are made, and a
 * function. Exit codes: 0 done, 1 the job ran and its outcome is bad, 2 the job could not start.
 */
import { parseArgs } from "node:util";

export type ExitCode = 0 | 1 | 2;

export interface OptionSpec {
  readonly kind: "text" | "flag";
  /** Shown in the help, for example `N` or `FILE`. */
  readonly value?: string;
  readonly help: string;
}

export interface Invocation {
  readonly operands: readonly string[];
  readonly text: (name: string) => string | undefined;
  readonly flag: (name: string) => boolean;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Operands as the help shows them, for example `MISSION`. */
  readonly operands: string;
  readonly operandCount: { readonly min: number; readonly max: number };
  readonly options: Readonly<Record<string, OptionSpec>>;
  readonly examples: readonly string[];
  /** What exit code 1 means here; without it, what it says in general. */
  readonly badOutcome?: string;
  readonly run: (invocation: Invocation) => Promise<ExitCode>;
}

/** A user's mistake on the command line: one line, exit 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const COMMON_OPTIONS = {
  json: { kind: "flag", help: "print one JSON document instead of text" },
  help: { kind: "flag", help: "show this help" },
} as const satisfies Record<string, OptionSpec>;

/** Parses the words after the command's name; throws `UsageError`. */
export function parseInvocation(command: Command, words: readonly string[]): Invocation {
  const specs: Record<string, OptionSpec> = { ...command.options, ...COMMON_OPTIONS };
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [
      name,
      { type: spec.kind === "flag" ? ("boolean" as const) : ("string" as const) },
    ]),
  );
  const parsed = parseWords(command, words, options);
  const helpAsked = parsed.values["help"] === true;
  const { min, max } = command.operandCount;
  const count = parsed.positionals.length;
  if (!helpAsked && (count < min || count > max)) {
    throw new UsageError(`skein ${command.name} takes ${command.operands || "no operands"}`);
  }
  return {
    operands: parsed.positionals,
    text: (name) => {
      const value = parsed.values[name];
      return typeof value === "string" ? value : undefined;
    },
    flag: (name) => parsed.values[name] === true,
  };
}

interface ParsedWords {
  readonly values: Readonly<Record<string, unknown>>;
  readonly positionals: readonly string[];
}

function parseWords(
  command: Command,
  words: readonly string[],
  options: Record<string, { type: "boolean" | "string" }>,
): ParsedWords {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
  } catch (error) {
    const [sentence = "bad options"] = (error as Error).message.split(". ");
    throw new UsageError(`${sentence} (see: skein ${command.name} --help)`);
  }
}

/** The help text of one command. */
export function helpOf(command: Command): string {
  const specs: Record<string, OptionSpec> = { ...command.options, ...COMMON_OPTIONS };
  const rows = Object.entries(specs).map(([name, spec]) => {
    const left = `--${name}${spec.value === undefined ? "" : ` ${spec.value}`}`;
    return `  ${left.padEnd(24)} ${spec.help}`;
  });
  const usage = ["skein", command.name, command.operands, "[options]"].filter((w) => w !== "");
  return [
    command.summary,
    "",
    `usage: ${usage.join(" ")}`,
    "",
    ...rows,
    "",
    "examples:",
    ...command.examples.map((line) => `  ${line}`),
    "",
    "exit codes:",
    "  0  done",
    `  1  ${command.badOutcome ?? "it ended badly"}`,
    "  2  it could not start",
  ].join("\n");
}

/** A whole number option within bounds, or its default. */
export function wholeNumber(
  invocation: Invocation,
  name: string,
  limits: { readonly min: number; readonly max: number; readonly otherwise: number },
): number {
  const raw = invocation.text(name);
  if (raw === undefined) return limits.otherwise;
  const value = Number(raw);
  const fits = Number.isInteger(value) && value >= limits.min && value <= limits.max;
  if (fits && raw.trim() !== "") return value;
  const range = `${String(limits.min)} to ${String(limits.max)}`;
  throw new UsageError(`--${name} takes a whole number from ${range}, not "${raw}"`);
}

/** One of some words, or the default. */
export function oneOf<Name extends string>(
  invocation: Invocation,
  option: string,
  names: readonly Name[],
  otherwise: Name,
): Name {
  const raw = invocation.text(option);
  if (raw === undefined) return otherwise;
  const name = names.find((one) => one === raw);
  if (name !== undefined) return name;
  throw new UsageError(`--${option} takes one of ${names.join(", ")}, not "${raw}"`);
}

const SECONDS_PER = { s: 1, m: 60, h: 3600 } as const;

/** A duration such as `90s`, `28m` or `4h`, in seconds. */
export function durationS(invocation: Invocation, name: string, otherwise: number): number {
  const raw = invocation.text(name);
  if (raw === undefined) return otherwise;
  const match = /^(\d+(?:\.\d+)?)(s|m|h)$/.exec(raw.trim());
  const unit = match?.[2] as keyof typeof SECONDS_PER | undefined;
  if (match === null || unit === undefined) {
    throw new UsageError(
      `--${name} takes a duration with its unit, like 90s, 28m or 4h, not "${raw}"`,
    );
  }
  const seconds = Number(match[1]) * SECONDS_PER[unit];
  if (seconds > 0) return seconds;
  throw new UsageError(`--${name} takes a duration longer than nothing, not "${raw}"`);
}
