import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { LOCK_FILE, lockFile } from "./folder-lock.ts";

const home = mkdtempSync(join(tmpdir(), "skein-lock-"));
afterAll(() => rmSync(home, { recursive: true }));

const MODULE = join(import.meta.dirname, "folder-lock.ts");
const TAKE = `
  const { lockFile } = await import(process.argv[1]);
  process.stdout.write(lockFile(process.argv[2]) === undefined ? "held" : "taken");
`;

test("one holder within a process and across processes, and the next when it lets go", () => {
  const path = join(home, LOCK_FILE);
  const lock = lockFile(path);
  expect(lock).toBeDefined();
  expect(lockFile(path)).toBeUndefined();
  const other = spawnSync(process.execPath, ["--input-type=module", "-e", TAKE, MODULE, path]);
  expect(other.stdout.toString()).toBe("held");
  lock?.release();
  const again = lockFile(path);
  // Nothing is ever written, and no journal stands beside it: a full disk cannot hinder it.
  expect(readdirSync(home)).toEqual([LOCK_FILE]);
  expect(statSync(path).size).toBe(0);
  again?.release();
});

test("a holder that is killed holds nothing, whatever process id comes after it", async () => {
  const path = join(home, "killed");
  const stay = `${TAKE}; setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", stay, MODULE, path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((done) => child.stdout.once("data", done));
  expect(lockFile(path)).toBeUndefined();
  const died = new Promise((done) => child.once("exit", done));
  child.kill("SIGKILL");
  await died;
  const lock = lockFile(path);
  expect(lock).toBeDefined();
  lock?.release();
});

test("what is no lock file is an error, not a lock", () => {
  const path = join(home, "prose");
  writeFileSync(path, "x".repeat(4096));
  expect(() => lockFile(path)).toThrow("not a database");
});
