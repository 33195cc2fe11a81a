import { afterEach, expect, test, vi } from "vitest";
import { plainField, plainText, printPlainly } from "./plain-text.ts";

afterEach(() => vi.restoreAllMocks());

test("control characters are shown, lines and letters stay", () => {
  expect(plainText("\u001b[2J\u001b]0;title\u0007 \u009b31m \r\u007f")).toBe(
    "\\u001b[2J\\u001b]0;title\\u0007 \\u009b31m \\u000d\\u007f",
  );
  expect(plainText("abc \u202egpj.exe")).toBe("abc \\u202egpj.exe");
  expect(plainText("two\n\tlines: Zürich, 東京")).toBe("two\n\tlines: Zürich, 東京");
  expect(plainField("one\nfield")).toBe("one\\nfield");
});

test("what a command prints is plain, be it to one stream or the other", () => {
  const said: unknown[] = [];
  vi.spyOn(console, "log").mockImplementation((...words: unknown[]) => said.push(...words));
  vi.spyOn(console, "error").mockImplementation((...words: unknown[]) => said.push(...words));
  printPlainly();
  console.log("a\u001b[2J");
  console.error("b\u0007", 3);
  expect(said).toEqual(["a\\u001b[2J", "b\\u0007", 3]);
});
