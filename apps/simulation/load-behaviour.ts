/**
 * A behaviour from a file: types stripped, loops metered, then loaded as a module and checked. The
 * metered text is loaded from memory; its relative imports are made absolute, so that it finds the
 * swarm layer's door.
 */
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { fail, problem, type Result } from "../../src/base/mod.ts";
import { checkBehaviour, meterLoops, prepareMeter, type Behaviour } from "../../src/swarm/mod.ts";

const REMEDY = "see docs/guides/behaviours.md, or start from: skein new behaviour NAME";

export async function loadBehaviour(path: string): Promise<Result<Behaviour>> {
  try {
    const text = readFileSync(path, "utf8");
    const plain = stripTypeScriptTypes(text, { mode: "strip" });
    const metered = meterLoops(absoluteImports(plain, dirname(resolve(path))));
    prepareMeter();
    const url = `data:text/javascript;base64,${Buffer.from(metered).toString("base64")}`;
    const module = (await import(url)) as { readonly default?: unknown };
    const checked = checkBehaviour(module.default);
    return checked.ok ? checked : fail({ ...checked.problem, where: path });
  } catch (error) {
    return fail(problem("SWM001", { where: path, detail: firstLine(error), remedy: REMEDY }));
  }
}

/** `from "./x.ts"` becomes `from "file:///.../x.ts"`. */
function absoluteImports(source: string, folder: string): string {
  return source.replaceAll(
    /(\bfrom\s*|\bimport\s*)(["'])(\.{1,2}\/[^"']+)\2/g,
    (_all, head: string, quote: string, target: string) =>
      `${head}${quote}${pathToFileURL(resolve(folder, target)).href}${quote}`,
  );
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n")[0] ?? "";
}
