import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { guardOfThread, isGuarded, runGuarded } from "./guarded-run.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const folder = mkdtempSync(join(tmpdir(), "skein-guarded-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

/** Flies a step of this body, and returns the exit code and what was said. */
async function flown(name: string, source: string): Promise<{ code: number; said: string }> {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, source);
  const said = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const mission = join(ROOT, "missions", "tiny.json5");
  const argv = ["run", mission, "--duration", "30s", "--vehicles", "1", "--behaviour", file];
  const code = await runGuarded(file, argv, { json: false, stepWallMaxMs: 400 });
  return { code, said: said.mock.calls.flat().join("\n") };
}

const stepping = (body: string): string =>
  `export default { name: "mine", params: {}, memory: () => undefined, step() { ${body} } };`;

test("this thread is not guarded", () => {
  expect([isGuarded(), guardOfThread()]).toEqual([false, undefined]);
});

test("what the engine itself repeats without end is ended from outside", async () => {
  const { code, said } = await flown("redos", stepping(`/^(a+)+$/.test("a".repeat(60) + "b");`));
  expect([code, said]).toEqual([1, expect.stringContaining("SWM011")]);
});

test("one that ends its process ends its thread", async () => {
  const { code, said } = await flown("exit", stepping("process.exit(0);"));
  expect([code, said]).toEqual([1, expect.stringContaining("SWM010")]);
  expect(said).toContain("with exit code 0");
});

test("an error that nobody takes is told, and the run is not called good", async () => {
  const body = `Promise.resolve().then(() => { throw new Error("boom"); });`;
  const { code, said } = await flown("late", stepping(body));
  expect([code, said]).toEqual([1, expect.stringContaining("Error: boom")]);
});

test("a module that never finishes loading is told", async () => {
  const { code, said } = await flown("waits", `await new Promise(() => {}); ${stepping("")}`);
  expect([code, said]).toEqual([1, expect.stringContaining("waits for what never comes")]);
});

test("a good one flies to its end", async () => {
  const { code, said } = await flown("good", stepping(""));
  expect([code, said]).toEqual([0, ""]);
});
