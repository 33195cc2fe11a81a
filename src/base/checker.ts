/**
 * Reading values that people wrote (missions, faults, configurations): every problem at once, each
 * with code, place and remedy.
 *
 * A `Checker` collects problems; a `Fields` walks one object of the input. Every reader returns a
 * value of its type even when the input is wrong (the fallback, else a harmless one), so that a
 * parser reads flat from top to bottom and finds all problems in one pass; the value is thrown
 * away when any problem was found. At most `PROBLEMS_MAX` problems are kept: a hostile file
 * cannot make the list grow without end.
 */
import { problem, type Problem, type ProblemCode } from "./problem.ts";
import type { Checked } from "./result.ts";

/** Problems beyond this many are counted, not kept. */
export const PROBLEMS_MAX = 100;

/** A unit in which the number may have been written by mistake. */
export interface UnitTrap {
  /** For example `km/h`. */
  readonly unit: string;
  /** Multiply a value in that unit by this to get the wanted unit. */
  readonly factor: number;
}

export interface NumberRule {
  readonly min: number;
  readonly max: number;
  /** Shown with the range, for example `m/s`. */
  readonly unit?: string;
  readonly integer?: boolean;
  readonly fallback?: number;
  /** Tried in order when the value is out of range; the first that would fit is suggested. */
  readonly traps?: readonly UnitTrap[];
}

export class Checker {
  readonly #problems: Problem[] = [];
  #dropped = 0;

  get count(): number {
    return this.#problems.length + this.#dropped;
  }

  report(
    code: ProblemCode,
    options: { readonly detail?: string; readonly remedy?: string; readonly where: string },
  ): void {
    if (this.#problems.length < PROBLEMS_MAX) this.#problems.push(problem(code, options));
    else this.#dropped += 1;
  }

  /** Takes over problems found elsewhere, for example in a file that this one refers to. */
  adopt(problems: readonly Problem[]): void {
    for (const each of problems) {
      if (this.#problems.length < PROBLEMS_MAX) this.#problems.push(each);
      else this.#dropped += 1;
    }
  }

  /** The value, or all problems. */
  finish<T>(value: T): Checked<T> {
    return this.count === 0 ? { ok: true, value } : { ok: false, problems: [...this.#problems] };
  }

  /** Walks an object whose keys are all known; an unknown one is a problem (often a typo). */
  object(value: unknown, where: string, known: readonly string[]): Fields {
    if (!isRecord(value)) {
      this.wrongType(where, { wanted: "an object { ... }", found: value });
      return new Fields(this, {}, { where, broken: true });
    }
    for (const key of Object.keys(value)) {
      if (known.includes(key)) continue;
      const near = nearest(key, known);
      this.report("CHK004", {
        where: join(where, key),
        remedy:
          near === undefined
            ? `remove it; known here are: ${known.join(", ")}`
            : `did you mean \`${near}\`?`,
      });
    }
    return new Fields(this, value, { where, broken: false });
  }

  /** A list of at most `max` items; `each` is called with the item and its path. */
  list<T>(
    value: unknown,
    rule: { readonly where: string; readonly min?: number; readonly max: number },
    each: (item: unknown, where: string) => T,
  ): T[] {
    if (!Array.isArray(value)) {
      this.wrongType(rule.where, { wanted: "a list [ ... ]", found: value });
      return [];
    }
    const items = value as readonly unknown[];
    if (items.length > rule.max || items.length < (rule.min ?? 0)) {
      this.report("CHK005", {
        where: rule.where,
        detail: `${String(items.length)} items`,
        remedy: `give ${String(rule.min ?? 0)} to ${String(rule.max)} items`,
      });
      if (items.length > rule.max) return [];
    }
    return items.map((item, i) => each(item, `${rule.where}[${String(i)}]`));
  }

  number(value: unknown, where: string, rule: NumberRule): number {
    const instead = rule.fallback ?? rule.min;
    if (typeof value !== "number" || Number.isNaN(value)) {
      this.wrongType(where, { wanted: `a number${unitOf(rule)}`, found: value });
      return instead;
    }
    const whole = rule.integer !== true || Number.isInteger(value);
    if (whole && value >= rule.min && value <= rule.max) return value;
    this.report("CHK003", {
      where,
      detail: `${String(value)}${unitOf(rule)}`,
      remedy: rangeRemedy(value, rule),
    });
    return instead;
  }

  wrongType(where: string, what: { readonly wanted: string; readonly found: unknown }): void {
    this.report("CHK002", {
      where,
      detail: `${describe(what.found)} where ${what.wanted} belongs`,
      remedy: `write ${what.wanted}`,
    });
  }
}

/** One object of the input, with its path. A `broken` one reports nothing more about its fields. */
export class Fields {
  readonly #checker: Checker;
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #broken: boolean;
  readonly where: string;

  constructor(
    checker: Checker,
    value: Readonly<Record<string, unknown>>,
    options: { readonly where: string; readonly broken: boolean },
  ) {
    this.#checker = checker;
    this.#value = value;
    this.#broken = options.broken;
    this.where = options.where;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#value, key);
  }

  /** The path of a field, for problems that concern it. */
  at(key: string): string {
    return join(this.where, key);
  }

  /** The raw value; undefined when absent. */
  raw(key: string): unknown {
    return this.has(key) ? this.#value[key] : undefined;
  }

  number(key: string, rule: NumberRule): number {
    if (!this.#present(key, rule.fallback !== undefined)) return rule.fallback ?? rule.min;
    return this.#checker.number(this.#value[key], this.at(key), rule);
  }

  integer(key: string, rule: NumberRule): number {
    return this.number(key, { ...rule, integer: true });
  }

  text(key: string, rule: { readonly max: number; readonly fallback?: string }): string {
    if (!this.#present(key, rule.fallback !== undefined)) return rule.fallback ?? "";
    const value = this.#value[key];
    if (typeof value !== "string") {
      this.#checker.wrongType(this.at(key), { wanted: "a text in quotes", found: value });
    } else if (value.length > rule.max) {
      this.#checker.report("CHK005", {
        where: this.at(key),
        detail: `${String(value.length)} characters`,
        remedy: `write at most ${String(rule.max)} characters`,
      });
    } else return value;
    return rule.fallback ?? "";
  }

  bool(key: string, fallback: boolean): boolean {
    if (!this.has(key)) return fallback;
    const value = this.#value[key];
    if (typeof value === "boolean") return value;
    this.#checker.wrongType(this.at(key), { wanted: "true or false", found: value });
    return fallback;
  }

  oneOf<T extends string>(key: string, choices: readonly [T, ...T[]], fallback?: T): T {
    if (!this.#present(key, fallback !== undefined)) return fallback ?? choices[0];
    const value = this.#value[key];
    const found = choices.find((choice) => choice === value);
    if (found !== undefined) return found;
    this.#checker.report("CHK006", {
      where: this.at(key),
      detail: describe(value),
      remedy: `write one of: ${choices.join(", ")}`,
    });
    return fallback ?? choices[0];
  }

  /** A nested object; an absent one is a problem unless `optional`, and then reads as empty. */
  object(key: string, known: readonly string[], options: { optional?: boolean } = {}): Fields {
    if (!this.#present(key, options.optional === true)) {
      return new Fields(this.#checker, {}, { where: this.at(key), broken: !options.optional });
    }
    return this.#checker.object(this.#value[key], this.at(key), known);
  }

  /** A nested list; an absent one is empty, and a problem when `min` is above 0. */
  list<T>(
    key: string,
    rule: { readonly min?: number; readonly max: number },
    each: (item: unknown, where: string) => T,
  ): T[] {
    if (!this.#present(key, (rule.min ?? 0) === 0)) return [];
    return this.#checker.list(this.#value[key], { ...rule, where: this.at(key) }, each);
  }

  #present(key: string, optional: boolean): boolean {
    if (this.has(key)) return true;
    if (!optional && !this.#broken) {
      this.#checker.report("CHK001", { where: this.at(key), remedy: `add \`${key}\`` });
    }
    return false;
  }
}

/**
 * Deepest nesting of brackets in JSON or JSON5 text, found without parsing it, so that a bomb of
 * brackets is refused before a parser sees it. Brackets in strings and comments do not count.
 */
export function nestingDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < text.length; i += 1) {
    const c = text[i];
    if (c === '"' || c === "'") i = endOfString(text, i);
    else if (c === "/" && text[i + 1] === "/") i = endOf(text, "\n", i);
    else if (c === "/" && text[i + 1] === "*") i = endOf(text, "*/", i + 2);
    else if (c === "{" || c === "[") deepest = Math.max(deepest, (depth += 1));
    else if (c === "}" || c === "]") depth -= 1;
  }
  return deepest;
}

function endOf(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at < 0 ? text.length : at;
}

function endOfString(text: string, from: number): number {
  const quote = text[from];
  for (let i = from + 1; i < text.length; i += 1) {
    if (text[i] === "\\") i += 1;
    else if (text[i] === quote) return i;
  }
  return text.length;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const join = (where: string, key: string): string => (where === "" ? key : `${where}.${key}`);

const unitOf = (rule: NumberRule): string => (rule.unit === undefined ? "" : ` ${rule.unit}`);

function rangeRemedy(value: number, rule: NumberRule): string {
  const range = `${String(rule.min)} to ${String(rule.max)}${unitOf(rule)}`;
  const kind = rule.integer === true ? "a whole number from " : "a number from ";
  for (const trap of rule.traps ?? []) {
    const meant = value * trap.factor;
    if (meant < rule.min || meant > rule.max) continue;
    const shown = String(Number(meant.toPrecision(9)));
    return `it looks like ${trap.unit}: in${unitOf(rule)} that is ${shown}; allowed is ${range}`;
  }
  return `write ${kind}${range}`;
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return JSON.stringify(value.slice(0, 40));
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return `an ${typeof value}`;
}

/** The known key within two edits, if there is one: typos, not guesses. */
function nearest(key: string, known: readonly string[]): string | undefined {
  if (key.length > 64) return undefined;
  let best: string | undefined;
  let least = 3;
  for (const candidate of known) {
    const distance = edits(key, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

/** Levenshtein distance, letter case ignored. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let k = 0; k < b.length; k += 1) {
      const same = a[i]!.toLowerCase() === b[k]!.toLowerCase() ? 0 : 1;
      next.push(Math.min(row[k]! + same, row[k + 1]! + 1, next[k]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
