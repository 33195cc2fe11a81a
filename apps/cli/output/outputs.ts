/** Files that a command writes: tried before the work, and never one that it reads. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { UsageError, type Invocation } from "../command.ts";
import { whyNotWritable } from "./writable.ts";

/** Throws `UsageError` when an output is an input, another output, or cannot be written. */
export function refuseBadOutputs(
  invocation: Invocation,
  files: {
    readonly inputs: readonly (string | undefined)[];
    /** Names of the options that name outputs. */
    readonly outputs: readonly string[];
  },
): void {
  const taken = new Set(
    files.inputs.flatMap((path) => (path === undefined ? [] : [resolve(path)])),
  );
  for (const name of files.outputs) {
    const path = invocation.text(name);
    if (path === undefined) continue;
    if (taken.has(resolve(path))) {
      throw new UsageError(`--${name} ${path} would overwrite another file of this command`);
    }
    taken.add(resolve(path));
    const reason = whyNotWritable(path);
    if (reason !== undefined) {
      throw new UsageError(`--${name} ${path} cannot be written: ${reason}`);
    }
  }
}

/** False when the document could not be written, which has been said. */
export function writeReport(file: string, report: object): boolean {
  try {
    writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
    return true;
  } catch (error) {
    console.error(`skein: the report could not be written: ${(error as Error).message}`);
    return false;
  }
}
