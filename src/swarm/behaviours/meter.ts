/**
 * Metering loops in a behaviour's source, so that one that never ends is stopped.
 *
 * JavaScript cannot be interrupted from within. Before a behaviour is loaded, a call is put at the
 * head of every loop body and function body; it spends from the step's budget and throws when that
 * is gone. The scanner knows strings, templates, comments and regular expressions; it is not a
 * parser: a loop whose body is no block is wrapped up to the end of its statement.
 *
 * Input is plain JavaScript (types already stripped). Bound: linear in the source.
 */
import { METER_NAME } from "./runner.ts";

const SPEND = `${METER_NAME}();`;

/** The source with every loop metered. */
export function meterLoops(source: string): string {
  const tokens = scan(source);
  const cuts: { readonly at: number; readonly text: string }[] = [];
  for (let i = 0; i < tokens.length; i += 1) {
    const token = tokens[i]!;
    if (token.text === "=>") {
      if (tokens[i + 1]?.text === "{") cuts.push({ at: tokens[i + 1]!.end, text: SPEND });
      continue;
    }
    const before = tokens[i - 1]?.text;
    if (before === "." || before === "?.") continue;
    const after = tokens[i + 1]?.text;
    // A property may be called like a keyword.
    if (after === ":" || (token.text === "do" && after === "(")) continue;
    if (token.text === "do") open(tokens, i + 1, cuts);
    if (token.text !== "for" && token.text !== "while" && token.text !== "function") continue;
    let head = i + 1;
    while (tokens[head] !== undefined && tokens[head]!.text !== "(") head += 1;
    const close = closing(tokens, head);
    // The condition of a do-while has no body of its own.
    if (close < 0 || (token.text === "while" && before === "}" && endsDo(tokens, i))) continue;
    open(tokens, close + 1, cuts);
  }
  cuts.sort((x, y) => x.at - y.at || (x.text < y.text ? -1 : 1));
  let out = "";
  let at = 0;
  for (const cut of cuts) {
    out += source.slice(at, cut.at) + cut.text;
    at = cut.at;
  }
  return out + source.slice(at);
}

interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Puts the call at the head of the body that begins at this token. */
function open(
  tokens: readonly Token[],
  index: number,
  cuts: { readonly at: number; readonly text: string }[],
): void {
  const token = tokens[index];
  if (token === undefined) return;
  if (token.text === "{") {
    cuts.push({ at: token.end, text: SPEND });
    return;
  }
  if (token.text === ";") {
    cuts.push({ at: token.start, text: `{${SPEND}}` });
    return;
  }
  let depth = 0;
  for (let i = index; i < tokens.length; i += 1) {
    const { text } = tokens[i]!;
    if (text === "(" || text === "[" || text === "{") depth += 1;
    if (text === ")" || text === "]" || text === "}") depth -= 1;
    const ends = depth === 0 && (text === ";" || text === "}");
    if (depth < 0 || ends) {
      const at = depth < 0 ? tokens[i]!.start : tokens[i]!.end;
      cuts.push({ at: token.start, text: `{${SPEND}` }, { at, text: "}" });
      return;
    }
  }
}

function closing(tokens: readonly Token[], from: number): number {
  let depth = 0;
  for (let i = from; i < tokens.length; i += 1) {
    if (tokens[i]!.text === "(") depth += 1;
    if (tokens[i]!.text === ")") depth -= 1;
    if (depth === 0) return i;
  }
  return -1;
}

/** Whether the block that ends before token `i` belongs to a `do`. */
function endsDo(tokens: readonly Token[], i: number): boolean {
  let depth = 0;
  for (let k = i - 1; k >= 0; k -= 1) {
    if (tokens[k]!.text === "}") depth += 1;
    if (tokens[k]!.text === "{") depth -= 1;
    if (depth === 0) return tokens[k - 1]?.text === "do";
  }
  return false;
}

const WORD = /[A-Za-z0-9_$]/;

function scan(source: string): Token[] {
  const tokens: Token[] = [];
  let i = 0;
  while (i < source.length) {
    const start = i;
    const c = source[i]!;
    const next = source[i + 1];
    if (c === "/" && next === "/") i = until(source, i, "\n");
    else if (c === "/" && next === "*") i = until(source, i + 2, "*/");
    else if (c === '"' || c === "'" || c === "`") i = pastQuoted(source, i);
    else if (c === "/" && beginsRegex(tokens)) i = pastRegex(source, i);
    else if (WORD.test(c)) {
      while (i < source.length && WORD.test(source[i]!)) i += 1;
      tokens.push({ text: source.slice(start, i), start, end: i });
    } else {
      const two = source.slice(i, i + 2);
      i += two === "=>" || two === "?." ? 2 : 1;
      if (c.trim() !== "") tokens.push({ text: source.slice(start, i), start, end: i });
    }
  }
  return tokens;
}

function until(source: string, from: number, mark: string): number {
  const at = source.indexOf(mark, from);
  return at < 0 ? source.length : at + mark.length;
}

/** Templates are skipped whole: code inside `${}` is an expression and has no loop statement. */
function pastQuoted(source: string, from: number): number {
  const quote = source[from]!;
  let i = from + 1;
  while (i < source.length && source[i] !== quote) i += source[i] === "\\" ? 2 : 1;
  return i + 1;
}

function beginsRegex(tokens: readonly Token[]): boolean {
  const last = tokens[tokens.length - 1]?.text;
  if (last === undefined) return true;
  if (last === "return" || last === "typeof") return true;
  return !(WORD.test(last[last.length - 1]!) || last === ")" || last === "]" || last === "}");
}

function pastRegex(source: string, from: number): number {
  let inClass = false;
  for (let i = from + 1; i < source.length; i += 1) {
    const c = source[i]!;
    if (c === "\\") i += 1;
    else if (c === "[") inClass = true;
    else if (c === "]") inClass = false;
    else if (c === "/" && !inClass) return i + 1;
    else if (c === "\n") return i;
  }
  return source.length;
}
