/**
 * Builds the page when it is stale: when there is none, or when a source, a report type, or the
 * lock file is newer than what was built. Under a second cold; a warm start skips it.
 *
 * It is built beside its place and moved there whole, so that two programs that start at once, or
 * one that is killed half-way, never leave half a page.
 */
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import react from "@vitejs/plugin-react";
import { fail, ok, problem, type Result } from "../../src/base/mod.ts";

const GROUND = import.meta.dirname;
const WEB = join(GROUND, "web");
const ROOT = join(GROUND, "..", "..");

export const PAGE_FOLDER = join(WEB, "dist");

/** Newest change below a path, in Unix milliseconds; built files and modules do not count. */
export function newestMs(path: string): number {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return 0;
  if (!status.isDirectory()) return status.mtimeMs;
  const inside = readdirSync(path)
    .filter((name) => name !== "dist" && name !== "node_modules")
    .map((name) => newestMs(join(path, name)));
  return Math.max(status.mtimeMs, ...inside);
}

export function isStale(): boolean {
  const built = join(PAGE_FOLDER, "index.html");
  if (!existsSync(built)) return true;
  const sources = [
    WEB,
    join(GROUND, "report"),
    join(ROOT, "package-lock.json"),
    import.meta.filename,
  ];
  return Math.max(...sources.map(newestMs)) > statSync(built).mtimeMs;
}

/** Builds into `PAGE_FOLDER` if need be; true when it did. */
export async function buildPage(
  options: { readonly force?: boolean } = {},
): Promise<Result<boolean>> {
  if (options.force !== true && !isStale()) return ok(false);
  const aside = join(ROOT, ".cache", `ground-page-${randomBytes(6).toString("hex")}`);
  try {
    await build({
      root: WEB,
      configFile: false,
      logLevel: "error",
      plugins: [react()],
      build: {
        outDir: aside,
        emptyOutDir: true,
        target: "es2023",
        chunkSizeWarningLimit: 2000,
        // Nothing inline: the page's policy forbids it.
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
      },
    });
    rmSync(PAGE_FOLDER, { recursive: true, force: true });
    renameSync(aside, PAGE_FOLDER);
    return ok(true);
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    // Another program was quicker with the same page.
    if (!isStale()) return ok(false);
    const detail = (error as Error).message.split("\n")[0] ?? "";
    return fail(problem("GND008", { detail, remedy: "run: npm run setup, then npm start again" }));
  }
}
