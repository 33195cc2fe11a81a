/** What a house rule says: where, which rule, and one sentence. */
export interface Finding {
  readonly path: string;
  /** From 1; 0 where the finding is about the file as a whole. */
  readonly line: number;
  readonly rule: string;
  readonly text: string;
}

/**
 * Every file of the project by its path from the root; files that are no text stand with an empty
 * string.
 */
export type Tree = ReadonlyMap<string, string>;

export function isTest(path: string): boolean {
  return /\.test(-support)?\.tsx?$/u.test(path) || /^(test|bench)\//u.test(path);
}

export function isCode(path: string): boolean {
  return /\.(ts|tsx|mjs|js|css)$/u.test(path);
}

export function isTypeScript(path: string): boolean {
  return /\.tsx?$/u.test(path) && !path.endsWith(".d.ts");
}
