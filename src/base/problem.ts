/**
 * A problem is an expected bad outcome as a value: a code, one sentence, the remedy, and where in
 * the input it stood. Codes are registered here and never reused; `docs/problems.md` lists them.
 */

/** Code -> one sentence. A layer adds its block; a number once given is never given again. */
export const PROBLEMS = Object.freeze({
  // base: bytes and CBOR
  BAS001: "the input ended before the value did",
  BAS002: "bytes are left over after the value",
  BAS003: "the value is not deterministic CBOR",
  BAS004: "the value is nested too deeply or is too large",
} as const);

export type ProblemCode = keyof typeof PROBLEMS;

export interface Problem {
  readonly code: ProblemCode;
  /** One sentence: what is wrong. */
  readonly text: string;
  /** What to do about it; empty where nothing can be done (bytes from the air). */
  readonly remedy: string;
  /** Where in the input: a path (`area.points[3].lat`), a line, or a byte offset; may be empty. */
  readonly where: string;
}

/** A problem with the registered sentence; `detail` is appended after a colon. */
export function problem(
  code: ProblemCode,
  options: { readonly detail?: string; readonly remedy?: string; readonly where?: string } = {},
): Problem {
  const sentence: string = PROBLEMS[code];
  return {
    code,
    text: options.detail === undefined ? sentence : `${sentence}: ${options.detail}`,
    remedy: options.remedy ?? "",
    where: options.where ?? "",
  };
}
