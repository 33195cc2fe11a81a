/**
 * A behaviour from a file: types stripped, loops metered, then loaded as a module and checked. The
 * metered text is loaded from memory; its relative imports are made absolute, so that it finds the
 * swarm layer's door.
 */
import { readFileSync, statSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { fail, problem, type Result } from "../../src/base/mod.ts";
import { checkBehaviour, prepareMeter, type Behaviour } from "../../src/swarm/mod.ts";
import { meterLoops } from "./meter.ts";

const REMEDY = "see docs/guides/behaviours.md, or start from: skein new behaviour NAME";

const SOURCE_MAX_BYTES = 1024 * 1024;

export async function loadBehaviour(path: string): Promise<Result<Behaviour>> {
  let text: string;
  try {
    const status = statSync(path);
    if (!status.isFile() || status.size > SOURCE_MAX_BYTES) {
      const detail = status.isFile() ? "it is larger than 1 MB" : "it is no plain file";
      return fail(problem("IMP001", { where: path, detail, remedy: REMEDY }));
    }
    text = readFileSync(path, "utf8");
  } catch (error) {
    const detail = (error as NodeJS.ErrnoException).code ?? "unknown";
    return fail(problem("IMP001", { where: path, detail, remedy: REMEDY }));
  }
  try {
    const plain = withoutTypes(text);
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

/**
 * Node calls its own stripping experimental, on standard error, at its first use; the version is
 * pinned here, and a person who flies a behaviour can do nothing about it.
 */
function withoutTypes(text: string): string {
  const warn = process.emitWarning.bind(process);
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(text, { mode: "strip" });
  } finally {
    process.emitWarning = warn;
  }
}

/** `from "./x.ts"` becomes `from "file:///.../x.ts"`. */
function absoluteImports(source: string, folder: string): string {
  return source.replaceAll(
    /(\bfrom\s*|\bimport\s*)(["'])(\.{0,2}\/[^"']+)\2/g,
    (_all, head: string, quote: string, target: string) =>
      `${head}${quote}${pathToFileURL(resolve(folder, target)).href}${quote}`,
  );
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n")[0] ?? "";
}
