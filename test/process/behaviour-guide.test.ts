/**
 * `docs/guides/behaviours.md`, done as it stands there: every command of its first block, then the
 * checks of the house over what was written.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, rmSync, rmdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");
const FOLDER = join(ROOT, "behaviours");
/** In place of the guide's own name, so that a person's file of that name stays. */
const NAME = `guide-${String(process.pid)}`;

const guide = readFileSync(join(ROOT, "docs", "guides", "behaviours.md"), "utf8");
const [, block = ""] = /```sh\n([\s\S]*?)```/u.exec(guide) ?? [];
const commands = block
  .split("\n")
  .map((line) => line.replace(/#.*/u, "").trim().replaceAll("square", NAME))
  .filter((line) => line !== "");

function sh(command: string): { readonly code: number | null; readonly text: string } {
  const bin = join(ROOT, "node_modules", ".bin");
  const { status, stdout, stderr } = spawnSync(command, {
    cwd: ROOT,
    shell: true,
    encoding: "utf8",
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"] ?? ""}` },
  });
  return { code: status, text: stdout + stderr };
}

afterAll(() => {
  for (const end of [".ts", ".test.ts"]) rmSync(join(FOLDER, `${NAME}${end}`), { force: true });
  rmSync(join(ROOT, `${NAME}.mcap`), { force: true });
  if (existsSync(FOLDER) && readdirSync(FOLDER).length === 0) rmdirSync(FOLDER);
});

describe("the guide to behaviours", () => {
  test("writes one, tests it, flies it and looks at the flight", () => {
    expect(commands.length).toBe(4);
    const [write = "", check = "", fly = "", look = ""] = commands.map((command) => {
      const { code, text } = sh(command);
      expect([command, code, code === 0 ? "" : text]).toEqual([command, 0, ""]);
      return text;
    });
    expect(write).toContain(`behaviours/${NAME}.ts`);
    expect(check).toContain("1 passed, 0 failed, 0 skipped");
    expect(fly).toContain(`behaviour ${NAME}`);
    expect(fly).not.toContain("Warning");
    expect(look).toContain(`${NAME}.mcap`);
  });

  test("leaves files that lint and the formatter are content with", () => {
    const files = `behaviours/${NAME}.ts behaviours/${NAME}.test.ts`;
    expect(sh(`eslint --max-warnings=0 ${files}`)).toEqual({ code: 0, text: "" });
    expect(sh(`prettier --check --log-level=warn ${files}`)).toEqual({ code: 0, text: "" });
  });
});
