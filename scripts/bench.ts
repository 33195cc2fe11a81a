/**
 * `npm run bench`: each `bench/NAME.bench.ts` in turn, in a process of its own, so that none warms
 * the next. `npm run bench -- NAME …` runs those named. A bench prints its table and ends with 1
 * when the promise it stands for is not kept; so does the whole.
 */
import { join } from "node:path";
import { chooseParts, partNames, pathOfPart } from "./parts.ts";
import { ROOT, runNodeInForeground } from "./run.ts";

const ENDING = ".bench.ts";

async function main(asked: readonly string[]): Promise<number> {
  const known = partNames(join(ROOT, "bench"), ENDING);
  const chosen = chooseParts(known, asked);
  if (chosen === undefined) {
    process.stderr.write(`bench: there are ${known.join(", ")}\n`);
    return 2;
  }
  const broken: string[] = [];
  for (const name of chosen) {
    process.stdout.write(`\n== ${name}\n`);
    const code = await runNodeInForeground(pathOfPart("bench", name, ENDING), []);
    if (code !== 0) broken.push(name);
  }
  const kept = chosen.length - broken.length;
  process.stdout.write(`\n${kept} of ${chosen.length} benches keep their promise\n`);
  if (broken.length > 0) process.stdout.write(`broken: ${broken.join(", ")}\n`);
  return broken.length === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
