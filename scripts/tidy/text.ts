/** House rules that need no parser: each takes a path and its text and returns what is wrong. */
import { isCode, isTypeScript, type Finding } from "./finding.ts";

export const LINE_WIDTH_MAX = 100;
export const FILE_LINES_MAX = 800;

/** Lines wider than 100 characters; one that is an address and little else cannot be broken. */
export function lineWidth(path: string, text: string): Finding[] {
  if (!isCode(path)) return [];
  return onLines(
    text,
    (line) => line.length > LINE_WIDTH_MAX && !/https?:\/\/\S{60,}/u.test(line),
  ).map(({ line, content }) => ({
    path,
    line,
    rule: "line-width",
    text: `${content.length} characters, at most ${LINE_WIDTH_MAX}`,
  }));
}

export function fileLength(path: string, text: string): Finding[] {
  if (!isTypeScript(path)) return [];
  const lines = text.split("\n").length - 1;
  if (lines <= FILE_LINES_MAX) return [];
  const saying = `${lines} lines: one owner of state a file, at most ${FILE_LINES_MAX}`;
  return [{ path, line: 0, rule: "file-length", text: saying }];
}

const MARKERS = /\b(TO[D]O|FIX[M]E|X{3}|HAC[K])\b|\b(?:it|test|describe)\.(?:only|skip|todo)\b/u;

/**
 * Marks of unfinished work, and tests switched off by hand (`skipIf` names its reason and may
 * stand).
 */
export function leftoverMarkers(path: string, text: string): Finding[] {
  if (!isCode(path)) return [];
  return onLines(text, (line) => MARKERS.test(line)).map(({ line, content }) => ({
    path,
    line,
    rule: "leftover-marker",
    text: content.trim().slice(0, 60),
  }));
}

/** The project speaks of itself: no path of one machine, no address of a package host. */
const FOREIGN = [
  /(?<![\w.])\/(?:wor[k]|hom[e]|User[s]|farm)\/[a-z]/u,
  /\/tmp\/(?:bash_jobs|studio)/u,
  /https?:\/\/[a-z0-9.-]*(?:registry|mirror|proxy)/u,
  /"resolved":\s*"https?:/u,
];

export function forbiddenWords(path: string, text: string): Finding[] {
  return onLines(text, (line) => FOREIGN.some((pattern) => pattern.test(line))).map(
    ({ line, content }) => ({
      path,
      line,
      rule: "forbidden-words",
      text: content.trim().slice(0, 80),
    }),
  );
}

function onLines(
  text: string,
  wrong: (line: string) => boolean,
): { readonly line: number; readonly content: string }[] {
  return text
    .split("\n")
    .map((content, index) => ({ line: index + 1, content }))
    .filter(({ content }) => wrong(content));
}
