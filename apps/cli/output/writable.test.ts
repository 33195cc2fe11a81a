import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { whyNotWritable } from "./writable.ts";

const folder = mkdtempSync(join(tmpdir(), "skein-writable-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("asking leaves nothing behind and changes nothing that is there", () => {
  expect(whyNotWritable(join(folder, "new.json"))).toBeUndefined();
  expect(readdirSync(folder)).toEqual([]);
  const old = join(folder, "old.json");
  writeFileSync(old, "kept");
  expect(whyNotWritable(old)).toBeUndefined();
  expect(readFileSync(old, "utf8")).toBe("kept");
});

test("a missing folder and a folder are told apart", () => {
  expect(whyNotWritable(join(folder, "no", "report.json"))).toBe("its folder does not exist");
  expect(whyNotWritable(folder)).toBe("it is a folder");
});
