/**
 * Starting programs of the checkout and waiting for them: what the entries of package.json share.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";

export const ROOT: string = join(import.meta.dirname, "..");

export interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** A JavaScript or TypeScript file in a Node of its own; its output is held back and returned. */
export function runNode(file: string, args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(ROOT, file), ...args], { cwd: ROOT });
    let output = "";
    const take = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", (error) => resolve({ code: 1, output: error.message }));
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/** The same with the terminal handed over, for what takes long and shows its progress. */
export function runNodeInForeground(file: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(ROOT, file), ...args], {
      cwd: ROOT,
      stdio: "inherit",
    });
    child.on("error", () => resolve(1));
    child.on("close", (code) => resolve(code ?? 1));
  });
}
