/**
 * The sweep planner on the SAREnv maps, under the published rules and budgets, against every
 * published planner: by the published score, and by the mass truly swept (2 m raster), for which
 * the planners are re-flown. And against an upper bound for the ground that so much path can sweep.
 *
 * The published score counts cell centres; it can be raised by flying lines through them and
 * leaving the ground between unseen. So the planner never sees where the cells lie, and the share
 * of ground left unseen inside the searched band is shown beside the score. Greedy is drawn
 * unseeded in the original: it is re-flown with a seed, and its published score stands beside.
 */
import {
  lengthOf,
  planSweep,
  shareOut,
  sweptGround,
  sweptMass,
  sweptMassBound,
} from "../src/swarm/sweep/mod.ts";
import type { DensityMap } from "../src/swarm/sweep/mod.ts";
import { loadMap, publishedRows, RADIUS_M, sarenvFolder, SETS } from "./sarenv/data.ts";
import { concentric, greedy, pizza, publishedScore, spiral } from "./sarenv/planners.ts";
import type { Team } from "./sarenv/planners.ts";
import { printTable, type Row } from "./support/table.ts";

const TEAMS: readonly Team[] = [
  { vehicles: 1, budgetM: 100_000 },
  { vehicles: 2, budgetM: 100_000 },
  { vehicles: 5, budgetM: 100_000 },
  { vehicles: 5, budgetM: 250_000 },
  { vehicles: 5, budgetM: 300_000 },
];
const RULE = { radiusM: RADIUS_M, pixelM: 2 };
/** Every gap counts into which no further swath fits: the strict count, by which is promised. */
const STRICT = { ...RULE, gapShare: 1 };
/**
 * The first seed and no chosen one. Map 3 is the hard one (narrow roads through poor ground): at
 * 100 km and one vehicle seeds 1, 2 and 3 sweep 94.95, 95.19 and 95.02% of its bound.
 */
const SEED = 1;

const percent = (share: number): string => `${(100 * share).toFixed(2)}%`;

type Paths = ReturnType<typeof planSweep>;

/** One long path a budget, shared out for every team: planned once. */
function planner(map: DensityMap, effort: number): (team: Team) => Paths {
  const planned = new Map<number, Paths[number]>();
  return ({ vehicles, budgetM }) => {
    const request = {
      vehicleCount: 1,
      teamLengthM: budgetM,
      radiusM: RADIUS_M,
      seed: SEED,
      effort,
    };
    const path = planned.get(budgetM) ?? planSweep(map, request)[0]!;
    planned.set(budgetM, path);
    return shareOut(path, { vehicleCount: vehicles, teamLengthM: budgetM });
  };
}

function rowOf(folder: string, map: DensityMap, at: { set: number; team: Team; ours: Paths }): Row {
  const { set, team, ours } = at;
  const flown = {
    Spiral: spiral(team),
    Concentric: concentric(team),
    Pizza: pizza(team),
    Greedy: greedy(map, team),
  };
  let bestMass = { name: "", mass: 0 };
  for (const [name, paths] of Object.entries(flown)) {
    const mass = sweptMass(map, paths, RULE);
    if (mass > bestMass.mass) bestMass = { name, mass };
  }
  const rows = publishedRows(folder, team.vehicles, team.budgetM).filter((row) => row.set === set);
  const bestScore = rows.reduce((best, row) => (row.score > best.score ? row : best));
  const score = publishedScore(map, ours);
  const { massSwept, unseenShare } = sweptGround(map, ours, STRICT);
  const halfSwath = sweptGround(map, ours, RULE).unseenShare;
  const bound = sweptMassBound(map, {
    pathCount: team.vehicles,
    teamLengthM: team.budgetM,
    radiusM: RADIUS_M,
  });
  const lengthKm = ours.reduce((sum, path) => sum + lengthOf(path), 0) / 1000;
  const figures = [
    `score ${score.toFixed(4)} (best published ${bestScore.score.toFixed(4)} ${bestScore.planner})`,
    `swept ${massSwept.toFixed(4)} (best re-flown ${bestMass.mass.toFixed(4)} ${bestMass.name})`,
    `bound ${bound.toFixed(4)}: ${percent(massSwept / bound)}`,
    `unseen ${percent(unseenShare)} (gaps to half a swath ${percent(halfSwath)})`,
    `${lengthKm.toFixed(1)} km`,
  ];
  return {
    what:
      `set ${String(set)}, ${String(team.vehicles)} vehicles, ` +
      `${String(team.budgetM / 1000)} km`,
    measured: figures.join("; "),
    promised: "above both; >= 95% of bound; unseen < 1%",
    kept:
      score > bestScore.score &&
      massSwept > bestMass.mass &&
      massSwept >= 0.95 * bound &&
      unseenShare < 0.01 &&
      lengthKm * 1000 <= team.budgetM + 1e-6,
  };
}

/** The whole table; `effort` below 1 for a quick look. */
export function sarenvRows(folder: string, effort: number): Row[] {
  return SETS.flatMap((set) => {
    const map = loadMap(folder, set);
    const plan = planner(map, effort);
    return TEAMS.map((team) => rowOf(folder, map, { set, team, ours: plan(team) }));
  });
}

if (import.meta.main) {
  const folder = sarenvFolder();
  if (folder === undefined) {
    process.stdout.write("skipped: no corpus sarenv; SKEIN_CORPUS names it\n");
  } else printTable(sarenvRows(folder, Number(process.argv[2] ?? "1")));
}
