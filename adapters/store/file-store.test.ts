import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { utf8Decode, utf8Encode } from "../../src/base/mod.ts";
import type { StoreRequest } from "../../src/hal/mod.ts";
import { FileStore, type FileStoreOptions, type OpenedStore } from "./file-store.ts";

const home = mkdtempSync(join(tmpdir(), "skein-store-"));
let folders = 0;
const newFolder = (): string => join(home, String((folders += 1)));
afterAll(() => rmSync(home, { recursive: true }));

async function opened(options: FileStoreOptions): Promise<OpenedStore> {
  const result = await FileStore.open(options);
  if (!result.ok) throw new Error(`${result.problem.code} ${result.problem.text}`);
  return result.value;
}

/** Contents by name, as text. */
function contents({ recovered }: OpenedStore): Record<string, string[]> {
  return Object.fromEntries(
    recovered.map(({ name, records }) => [
      name,
      records.map((record) => utf8Decode(record) ?? "?"),
    ]),
  );
}

const texts = (words: string): Uint8Array[] => words.split(" ").map(utf8Encode);
const append = (name: string, words: string): StoreRequest => ({
  kind: "append",
  name,
  records: texts(words),
});

test("appends, truncations and replacements are there after reopening", async () => {
  const folder = newFolder();
  const { store, recovered } = await opened({ folder });
  expect(recovered).toEqual([]);
  const answers = await Promise.all([
    store.request(1, append("raft", "a b c")),
    store.request(2, { kind: "truncate", name: "raft", keepCount: 1 }),
    store.request(3, append("raft", "d e")),
    store.request(4, { kind: "replace", name: "boot", records: texts("one") }),
    store.request(5, { kind: "replace", name: "boot", records: texts("two three") }),
    store.request(6, append("boot", "four")),
    store.request(7, append("empty", "x")),
    store.request(8, { kind: "truncate", name: "empty", keepCount: 0 }),
    store.request(9, { kind: "truncate", name: "raft", keepCount: 99 }),
  ]);
  expect(answers.map(({ ticket }) => ticket)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(new Set(answers.map(({ outcome }) => outcome))).toEqual(new Set(["done"]));
  await store.close();
  const again = await opened({ folder });
  expect(contents(again)).toEqual({
    boot: ["two", "three", "four"],
    empty: [],
    raft: ["a", "d", "e"],
  });
  expect(again.recovered.map(({ name }) => name)).toEqual(["boot", "empty", "raft"]);
  expect(again.notes).toEqual([]);
  await again.store.close();
});

test("a torn tail is dropped and said, and the next append stands where it was", async () => {
  const folder = newFolder();
  const { store } = await opened({ folder });
  await store.request(1, append("raft", "alpha beta gamma"));
  await store.close();
  const path = join(folder, "raft.log");
  truncateSync(path, statSync(path).size - 2);
  const torn = await opened({ folder });
  expect(torn.notes).toEqual(["raft: dropped 11 bytes of a torn tail"]);
  expect(contents(torn)).toEqual({ raft: ["alpha", "beta"] });
  await torn.store.request(2, append("raft", "delta"));
  await torn.store.close();
  const again = await opened({ folder });
  expect(contents(again)).toEqual({ raft: ["alpha", "beta", "delta"] });
  await again.store.close();
});

test("a file cut within its header starts anew", async () => {
  const folder = newFolder();
  const first = await opened({ folder });
  await first.store.request(1, append("raft", "a"));
  await first.store.close();
  truncateSync(join(folder, "raft.log"), 3);
  const again = await opened({ folder });
  expect(contents(again)).toEqual({ raft: [] });
  expect(await again.store.request(1, append("raft", "b"))).toMatchObject({ outcome: "done" });
  await again.store.close();
  const last = await opened({ folder });
  expect(contents(last)).toEqual({ raft: ["b"] });
  await last.store.close();
});

test("damage in the middle is not taken for a shorter log", async () => {
  const folder = newFolder();
  const { store } = await opened({ folder });
  await store.request(1, append("raft", "alpha beta gamma"));
  await store.close();
  const path = join(folder, "raft.log");
  const bytes = readFileSync(path);
  bytes[18]! ^= 4;
  writeFileSync(path, bytes);
  const result = await FileStore.open({ folder });
  expect(result).toMatchObject({ ok: false, problem: { code: "STO002", where: path } });
  // Under its old identity an empty store would vote twice in one term.
  expect(result.ok ? "" : result.problem.remedy).toContain("new identity");
  // The folder is free again for whoever looks into it.
  expect(await FileStore.open({ folder })).toMatchObject({ problem: { code: "STO002" } });
});

test("two stores do not share a folder at one time", async () => {
  const folder = newFolder();
  const { store } = await opened({ folder });
  expect(await FileStore.open({ folder })).toMatchObject({ problem: { code: "STO001" } });
  await store.close();
  const again = await opened({ folder });
  await again.store.close();
});

test("a folder that is a file is a problem, not a throw", async () => {
  const path = join(home, "file");
  writeFileSync(path, "");
  expect(await FileStore.open({ folder: path })).toMatchObject({ problem: { code: "STO003" } });
});

test("names that are no plain words, requests after closing, and too many names", async () => {
  const { store } = await opened({ folder: newFolder() });
  expect(await store.request(1, append("../evil", "x"))).toEqual({ ticket: 1, outcome: "broken" });
  for (let i = 0; i < 64; i += 1) await store.request(i, append(`n${String(i)}`, "x"));
  expect(await store.request(2, append("onemore", "x"))).toMatchObject({ outcome: "full" });
  await store.close();
  await store.close();
  expect(await store.request(3, append("raft", "x"))).toMatchObject({ outcome: "broken" });
});

describe("when there is no room", () => {
  test("the bound of the store itself: full, and what was there stays", async () => {
    const folder = newFolder();
    const { store } = await opened({ folder, maxBytes: 60 });
    expect(await store.request(1, append("raft", "alpha"))).toMatchObject({ outcome: "done" });
    const big: StoreRequest = { kind: "append", name: "raft", records: [new Uint8Array(100)] };
    expect(await store.request(2, big)).toMatchObject({ outcome: "full" });
    expect(await store.request(3, { ...big, kind: "replace" })).toMatchObject({ outcome: "full" });
    expect(await store.request(4, append("raft", "beta"))).toMatchObject({ outcome: "done" });
    await store.close();
    const again = await opened({ folder });
    expect(contents(again)).toEqual({ raft: ["alpha", "beta"] });
    await again.store.close();
  });

  test("a disk that fills up within a write: full, nothing half, later on again", async () => {
    const folder = newFolder();
    const disk = fakeDisk();
    const { store } = await opened({ folder, files: disk });
    await store.request(1, append("raft", "alpha"));
    disk.room = 5;
    expect(await store.request(2, append("raft", "beta"))).toMatchObject({ outcome: "full" });
    const replace: StoreRequest = { kind: "replace", name: "raft", records: texts("gamma") };
    expect(await store.request(3, replace)).toMatchObject({ outcome: "full" });
    disk.room = 5;
    expect(await store.request(4, append("new", "x"))).toMatchObject({ outcome: "full" });
    disk.room = Infinity;
    expect(await store.request(5, append("raft", "delta"))).toMatchObject({ outcome: "done" });
    expect(await store.request(6, append("new", "y"))).toMatchObject({ outcome: "done" });
    await store.close();
    const again = await opened({ folder });
    expect(contents(again)).toEqual({ new: ["y"], raft: ["alpha", "delta"] });
    await again.store.close();
  });

  test("a start on a full disk reads what is there, torn tails included", async () => {
    const folder = newFolder();
    const { store } = await opened({ folder });
    await store.request(1, append("raft", "alpha"));
    await store.request(2, append("boot", "one"));
    await store.close();
    truncateSync(join(folder, "raft.log"), 3);
    const disk = fakeDisk();
    disk.room = 0;
    const full = await opened({ folder, files: disk });
    expect(contents(full)).toEqual({ boot: ["one"], raft: [] });
    expect(full.notes.at(-1)).toBe(
      "raft: the torn tail could not be cut; nothing more is written to it",
    );
    expect(await full.store.request(3, append("raft", "x"))).toMatchObject({ outcome: "broken" });
    expect(await full.store.request(4, append("boot", "x"))).toMatchObject({ outcome: "full" });
    await full.store.close();
  });

  test("a flush that fails breaks the name for good, and no other", async () => {
    const disk = fakeDisk();
    const { store } = await opened({ folder: newFolder(), files: disk });
    await store.request(1, append("raft", "alpha"));
    await store.request(2, append("boot", "one"));
    disk.flushFails = true;
    expect(await store.request(3, append("raft", "beta"))).toMatchObject({ outcome: "broken" });
    disk.flushFails = false;
    expect(await store.request(4, append("raft", "beta"))).toMatchObject({ outcome: "broken" });
    expect(await store.request(5, append("boot", "two"))).toMatchObject({ outcome: "done" });
    await store.close();
  });
});

/** A disk with so many bytes of room, which writes what fits before it fails. */
function fakeDisk(): NonNullable<FileStoreOptions["files"]> & {
  room: number;
  flushFails: boolean;
} {
  const disk = {
    room: Infinity,
    flushFails: false,
    async write(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
      const fits = Math.min(disk.room, bytes.length);
      await file.write(bytes, 0, fits, at);
      disk.room -= fits;
      if (fits < bytes.length) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
    },
    flush(file: FileHandle): Promise<void> {
      return disk.flushFails ? Promise.reject(new Error("EIO")) : file.datasync();
    },
  };
  return disk;
}

test("killed at any moment: all that was answered for is there, in order", async () => {
  const folder = newFolder();
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, "writer.test-support.ts"), folder],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let answered = -1;
  let output = "";
  const died = new Promise((resolve) => child.once("exit", resolve));
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
    const lines = output.split("\n");
    answered = Math.max(answered, ...lines.slice(0, -1).map(Number));
    if (answered >= 60) child.kill("SIGKILL");
  });
  await died;
  const again = await opened({ folder });
  const numbers = contents(again)["raft"]!.map(Number);
  expect(numbers.length).toBeGreaterThan(answered);
  expect(numbers).toEqual(numbers.map((_, i) => i));
  const [boot] = contents(again)["boot"]!.map(Number);
  expect(boot).toBeGreaterThanOrEqual(answered - (answered % 5));
  await again.store.close();
});
