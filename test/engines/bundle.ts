/** The story as one classic script that leaves its result, as JSON, in a global. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import JSON5 from "json5";

const MISSION = join(import.meta.dirname, "..", "..", "missions", "tiny.json5");

export async function bundleStory(): Promise<string> {
  const mission = JSON5.parse<unknown>(readFileSync(MISSION, "utf8"));
  const result = await build({
    stdin: {
      contents: `
        import { tell } from "./story.ts";
        globalThis.storyJson = JSON.stringify(tell(${JSON.stringify(mission)}));
      `,
      resolveDir: import.meta.dirname,
      loader: "ts",
    },
    bundle: true,
    write: false,
    format: "iife",
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2023",
  });
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error("the bundler wrote nothing");
  return file.text;
}
