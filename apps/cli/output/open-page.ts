/** The page of the ground station, built when it is stale, for the commands that serve it. */
import type { Result } from "../../../src/base/mod.ts";
import type { PageFiles } from "../../ground/server/page-files.ts";

/** The build is loaded only here: other commands never pay for Vite. */
export async function openPage(quiet: boolean): Promise<Result<PageFiles>> {
  const { buildPage, PAGE_FOLDER } = await import("../../ground/build.ts");
  const { readPageFiles } = await import("../../ground/server/page-files.ts");
  const built = await buildPage();
  if (!built.ok) return built;
  if (built.value && !quiet) console.log("skein: the page was built");
  return { ok: true as const, value: readPageFiles(PAGE_FOLDER) };
}
