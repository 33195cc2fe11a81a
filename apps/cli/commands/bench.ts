/** `skein bench [NAME…]`: the benchmarks of `bench/`, each a program that prints its table. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Command, ExitCode } from "../command.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const NAMES_MAX = 32;

export const bench: Command = {
  name: "bench",
  summary: "Run the benchmarks and print their tables; names choose some of them.",
  operands: "[NAME…]",
  operandCount: { min: 0, max: NAMES_MAX },
  options: {},
  badOutcome: "a bench does not keep its promise",
  examples: ["skein bench", "skein bench security simulator"],
  run: ({ operands, flag }): Promise<ExitCode> => {
    const words = [
      join(ROOT, "scripts", "bench.ts"),
      ...operands,
      ...(flag("json") ? ["--json"] : []),
    ];
    const { status } = spawnSync(process.execPath, words, { stdio: "inherit", cwd: ROOT });
    return Promise.resolve(status === 0 || status === 2 ? status : 1);
  },
};
