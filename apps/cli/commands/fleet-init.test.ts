import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { parseInvocation, UsageError } from "../command.ts";
import { fleetInit } from "./fleet-init.ts";

const home = mkdtempSync(join(tmpdir(), "skein-fleet-"));
afterAll(() => rmSync(home, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

const init = async (folder: string): Promise<number> =>
  fleetInit.run(parseInvocation(fleetInit, [folder, "--vehicles", "1"]));

test("makes its folder and those above it, once", async () => {
  vi.spyOn(console, "log").mockImplementation(() => undefined);
  const folder = join(home, "a", "b");
  expect(await init(folder)).toBe(0);
  expect(existsSync(join(folder, "mission.package"))).toBe(true);
  await expect(async () => init(folder)).rejects.toThrow("is not empty");
});

test("a file in its place, and a place where nothing can be made, are told", async () => {
  const file = join(home, "file");
  writeFileSync(file, "");
  await expect(async () => init(file)).rejects.toThrow(UsageError);
  await expect(async () => init(join(file, "below"))).rejects.toThrow("cannot be a folder of keys");
});

test.skipIf(!existsSync("/proc/self"))("a file system that makes no folders is told", async () => {
  await expect(async () => init("/proc/nope/below")).rejects.toThrow("cannot be a folder of keys");
});
