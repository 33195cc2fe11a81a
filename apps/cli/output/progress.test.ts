import { expect, test } from "vitest";
import { startProgress } from "./progress.ts";

function shown(isTTY: boolean): readonly string[] {
  const written: string[] = [];
  let timeMs = 0;
  const to = { isTTY, write: (text: string) => written.push(text) };
  const progress = startProgress({ quiet: false, to, nowMs: () => timeMs });
  for (; timeMs <= 25_000; timeMs += 100) progress.show(timeMs / 50_000, () => `at ${timeMs}`);
  progress.end();
  return written;
}

test("without a terminal there is a line every ten seconds", () => {
  expect(shown(false)).toEqual([" 20% at 10000\n", " 40% at 20000\n"]);
});

test("on a terminal a bar is drawn over itself, and taken away at the end", () => {
  const written = shown(true);
  expect(written.length).toBe(126);
  expect(written[0]).toBe(`\r[${".".repeat(28)}]   0% at 200\u001b[K`);
  expect(written.at(-1)).toBe("\r\u001b[K");
});
