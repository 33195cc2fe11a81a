/**
 * `npm run deep -- NAME … [--budget 10m] [options of the part]`: runs that take minutes to hours.
 *
 * Each `bench/deep/NAME.deep.ts` exports `run({ budgetS, args })`, keeps to its budget by itself,
 * prints what it found and answers whether its promise is kept.
 */
import { join } from "node:path";
import { chooseParts, parseDeep, partNames, pathOfPart } from "./parts.ts";
import { ROOT } from "./run.ts";

const ENDING = ".deep.ts";
const FOLDER = join(ROOT, "bench", "deep");

interface DeepPart {
  run(request: { readonly budgetS: number; readonly args: readonly string[] }): Promise<boolean>;
}

async function main(argv: readonly string[]): Promise<number> {
  const known = partNames(FOLDER, ENDING);
  const request = parseDeep(argv);
  const chosen = request && chooseParts(known, request.names);
  if (request === undefined || chosen === undefined) {
    process.stderr.write(`deep: NAME … [--budget 90s|10m|2h]; there are ${known.join(", ")}\n`);
    return 2;
  }
  let kept = true;
  for (const name of chosen) {
    process.stdout.write(`\n== ${name}, at most ${request.budgetS} s\n`);
    const part = (await import(pathOfPart(FOLDER, name, ENDING))) as DeepPart;
    kept = (await part.run({ budgetS: request.budgetS, args: request.args })) && kept;
  }
  return kept ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
