/**
 * The reference search over 1,000 hidden persons in the kinematic model (`campaign.ts`): no radio,
 * no agreement, no dynamics. One flight of each plan serves all persons, because until the first
 * detection a search does not depend on where the person is; each person is seen or missed by its
 * own seeded draws. For ranking planners in seconds; the promise rests on `time-to-find`.
 *
 * `npm run deep -- time-to-find-kinematic [PERSONS]`
 */
import { join } from "node:path";
import { loadSearch } from "../../apps/mission/load-search.ts";
import { PLANNER_NAMES, plannerNamed } from "../../src/swarm/mod.ts";
import { campaign } from "./campaign.ts";
import {
  estimate,
  HORIZON_S,
  minutes,
  percent,
  restricted,
  shorterBy,
} from "./time-to-find-stats.ts";

const MISSION = join(import.meta.dirname, "..", "..", "missions", "jacksboro-search.json5");

export async function run(request: { readonly args: readonly string[] }): Promise<boolean> {
  const loaded = loadSearch(MISSION);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ text }) => text).join("; "));
  const persons = Number(request.args[0] ?? 1000);
  const times = PLANNER_NAMES.map((name) => {
    const options = { subjects: persons, seed: 1, durationS: HORIZON_S };
    const flown = campaign(loaded.value.search, plannerNamed(name), options);
    const found = flown.foundAtS.map((atS) => (atS === null ? 0 : 1));
    const capped = flown.foundAtS.map(restricted);
    process.stdout.write(
      `${name.padEnd(16)} ${capped.length} persons, ` +
        `found within 4 h ${percent(estimate(found))}, ` +
        `restricted mean ${minutes(estimate(capped))}, ${flown.sorties} flights\n`,
    );
    return capped;
  });
  const parallel = shorterBy(times[0]!, times[1]!);
  const square = shorterBy(times[0]!, times[2]!);
  process.stdout.write(`shorter than parallel track by ${percent(parallel)}\n`);
  process.stdout.write(`shorter than expanding square by ${percent(square)}\n`);
  return Promise.resolve(parallel.mean >= 0.25 && square.mean > 0);
}
