/** `skein replay` as a user runs it: record, look, repeat, compare, damage, and open the page. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");
const SKEIN = join(ROOT, "apps", "cli", "skein.mjs");
const folder = mkdtempSync(join(tmpdir(), "skein-replay-"));
const inFolder = (name: string): string => join(folder, name);
const RECORDED = inFolder("run.mcap");
const OTHER = inFolder("other.mcap");

afterAll(() => rmSync(folder, { recursive: true }));

function skein(...words: readonly string[]): {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SKEIN, ...words], {
    cwd: ROOT,
    encoding: "utf8",
  });
  return { code: status, out: stdout, err: stderr };
}

beforeAll(() => {
  const flown = ["run", "missions/tiny.json5", "--duration", "20s"];
  expect(skein(...flown, "--seed", "7", "--record", RECORDED).code).toBe(0);
  expect(skein(...flown, "--seed", "8", "--record", OTHER).code).toBe(0);
});

test("--summary tells what it holds, and exits with 0", () => {
  const { code, out } = skein("replay", RECORDED, "--summary");
  expect(code).toBe(0);
  expect(out).toContain("seed 7");
  expect(out).toMatch(/\/skein\/ground\/view +20 {2}skein\.GroundView/u);
});

test("--verify flies it again: equal to the end", () => {
  const { code, out } = skein("replay", RECORDED, "--verify");
  expect([code, out]).toEqual([0, "equal to the end: 20 trace hashes until 0:00:20.000\n"]);
});

test("--against another seed names the first difference, and exits with 1", () => {
  const { code, out } = skein("replay", RECORDED, "--against", OTHER);
  expect(code).toBe(1);
  expect(out).toContain("traces differ at 0:00:01.000, never equal");
  expect(out).toMatch(
    /first different (event|state) at 0:00:\d\d\.\d{3}, (vehicle \d|the ground)/u,
  );
  expect(skein("replay", RECORDED, "--against", RECORDED).code).toBe(0);
});

test("a flipped byte is told with its place, and the rest is shown", () => {
  const bytes = readFileSync(RECORDED);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 0x10;
  writeFileSync(inFolder("hurt.mcap"), bytes);
  const { code, out, err } = skein("replay", inFolder("hurt.mcap"), "--summary");
  expect(code).toBe(1);
  expect(err).toMatch(/^REC002 {2}bytes \d+ to \d+, between .* and .*: the recording is damaged/u);
  expect(out).toContain("seed 7");
  expect(err).not.toContain("    at ");
});

test("without an option it serves the page with its time line, until Ctrl-C", async () => {
  const child = spawn(process.execPath, [SKEIN, "replay", RECORDED, "--port", "0", "--headless"]);
  const ended = new Promise<number | null>((done) => child.on("exit", done));
  const link = await new Promise<string>((done) => {
    child.stdout.once("data", (text: Buffer) => done(text.toString("utf8").trim()));
  });
  expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{22}$/u);
  const page = await fetch(link);
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("Skein")]);
  child.kill("SIGINT");
  expect(await ended).toBe(0);
});

test("two questions at once, or about what is no event, are refused with exit 2", () => {
  expect(skein("replay", RECORDED, "--verify", "--summary").code).toBe(2);
  const { code, err } = skein("replay", RECORDED, "--why", "miracle");
  expect([code, err.includes("REC012")]).toEqual([2, true]);
});
