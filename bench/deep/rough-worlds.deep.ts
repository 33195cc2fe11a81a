/**
 * Whole worlds of real nodes under faults of every kind they must live through, seed after seed:
 * nothing violated, and the world saved and loaded in mid-search goes on the same
 * (`test/swarm/rough.ts`; `npm test` flies three seeds of it).
 *
 * `npm run deep -- rough-worlds --budget 1h [FROM]` flies seeds from FROM (1) on.
 */
import { flyRough } from "../../test/swarm/rough.ts";

/** A minute of search before the save at the earliest, and a minute without faults at the end. */
const END_S = 400;

export function run(request: {
  readonly budgetS: number;
  readonly args: readonly string[];
}): Promise<boolean> {
  const until = performance.now() + request.budgetS * 1000;
  const from = Number(request.args[0] ?? 1);
  const broken: number[] = [];
  let seed = from;
  for (; performance.now() < until; seed += 1) {
    const flown = flyRough({ seed, saveS: 100 + ((37 * seed) % 200), endS: END_S });
    const same = flown.loadedHash === flown.hash;
    if (same && flown.violated.length === 0) continue;
    broken.push(seed);
    const what = same ? flown.violated.slice(0, 3).join("; ") : "the loaded world went another way";
    process.stdout.write(`seed ${String(seed)}: ${what}\n`);
  }
  process.stdout.write(
    `seeds ${String(from)} to ${String(seed - 1)}: ${String(broken.length)} broken\n`,
  );
  return Promise.resolve(broken.length === 0 && seed > from);
}
