/** `skein ground` as a user runs it: its link, a taken port, bad input, Ctrl-C. */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");
const SKEIN = join(ROOT, "apps", "cli", "skein.mjs");

const running: ChildProcessWithoutNullStreams[] = [];

afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
});

interface Ended {
  readonly code: number | null;
  readonly text: string;
}

function skein(...words: readonly string[]): {
  readonly child: ChildProcessWithoutNullStreams;
  readonly firstLine: Promise<string>;
  readonly ended: Promise<Ended>;
} {
  const child = spawn(process.execPath, [SKEIN, ...words], { cwd: ROOT });
  running.push(child);
  let text = "";
  const firstLine = new Promise<string>((done) => {
    const take = (piece: Buffer): void => {
      text += piece.toString("utf8");
      if (text.includes("\n")) done(text.split("\n")[0] ?? "");
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
  });
  const ended = new Promise<Ended>((done) => {
    child.on("exit", (code) => done({ code, text }));
  });
  return { child, firstLine, ended };
}

test("prints its link, serves the page there, and ends with 0 on Ctrl-C", async () => {
  const { child, firstLine, ended } = skein(
    ...["ground", "missions/tiny.json5", "--port", "0", "--headless"],
  );
  const link = await firstLine;
  expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{22}$/u);
  const page = await fetch(link);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain("Skein ground station");
  child.kill("SIGINT");
  expect((await ended).code).toBe(0);
});

test("a taken port is one clear line and exit 2", async () => {
  const other = createServer();
  await new Promise<void>((done) => other.listen(0, "127.0.0.1", () => done()));
  const { port } = other.address() as AddressInfo;
  const { code, text } = await skein("ground", "missions/tiny.json5", "--port", String(port)).ended;
  expect(code).toBe(2);
  expect(text).toContain(`GND007  port ${port}: the port is taken`);
  expect(text).toContain("--port 0");
  expect(text).not.toContain("    at ");
  other.close();
});

test("a mission that is none is refused with its problems, and nothing starts", async () => {
  const { code, text } = await skein("ground", "package.json", "--port", "0").ended;
  expect(code).toBe(2);
  expect(text).toContain("nothing was started");
  expect(text).not.toContain("    at ");
});
