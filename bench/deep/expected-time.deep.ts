/**
 * Expected time to find, of all persons at once: the reference search in the full simulator with
 * nobody to be found, judged against thousands of hidden persons (`hidden-persons.ts`). One flight
 * says what a hundred of `time-to-find` say, so planners can be told apart in minutes; it does not
 * wait for the operator, and so comes out a little shorter than time to find.
 *
 * `npm run deep -- expected-time --budget 30m [FROM [TO]]` flies seeds FROM (1) to TO (4).
 */
import { join } from "node:path";
import { loadSearch } from "../../apps/mission/load-search.ts";
import { openSimulation } from "../../apps/simulation/open-simulation.ts";
import { drawnSubject, scenarioOf } from "../../apps/simulation/scenario.ts";
import { ScriptedOperator } from "../../apps/simulation/scripted-operator.ts";
import type { VehicleView } from "../../sim/mod.ts";
import { SeededStream } from "../../src/base/mod.ts";
import { coverAt, PLANNER_NAMES, type PlannerName } from "../../src/swarm/mod.ts";
import { printTable } from "../support/table.ts";
import { HiddenPersons, type Person } from "./hidden-persons.ts";
import { estimate, HORIZON_S, minutes, percent, shorterBy } from "./time-to-find-stats.ts";

const MISSION = join(import.meta.dirname, "..", "..", "missions", "jacksboro-search.json5");
const PERSONS = 6000;
const STEP_S = 0.5;
/** The person of the run stands where no vehicle flies. */
const NOWHERE = { northM: 9000, eastM: 9000 };

type Loaded = Extract<ReturnType<typeof loadSearch>, { readonly ok: true }>["value"];

interface Flown {
  readonly timeS: number;
  readonly found: number;
  readonly violated: readonly string[];
}

export async function run(request: {
  readonly budgetS: number;
  readonly args: readonly string[];
}): Promise<boolean> {
  const until = performance.now() + request.budgetS * 1000;
  const [from, to] = [Number(request.args[0] ?? 1), Number(request.args[1] ?? 4)];
  const flown = new Map<PlannerName, Flown[]>(PLANNER_NAMES.map((name) => [name, []]));
  for (let seed = from; seed <= to && performance.now() < until; seed += 1) {
    for (const planner of PLANNER_NAMES) {
      const one = await Promise.resolve(fly(seed, planner));
      flown.get(planner)!.push(one);
      const mean = (one.timeS / 60).toFixed(1);
      process.stdout.write(`seed ${String(seed)} ${planner}: ${mean} min\n`);
    }
  }
  return tell(flown);
}

function fly(seed: number, planner: PlannerName): Flown {
  const loaded = withNobody();
  const simulation = openSimulation({ loaded, seed, planner, signatures: "modelled" });
  const { world, vehicles } = simulation;
  const { mission } = loaded;
  const operator = new ScriptedOperator({ world, script: mission.operator, seed, vehicles });
  const persons = personsOf(loaded, vehicles.length);
  let unseenS = 0;
  for (let timeS = STEP_S; timeS <= HORIZON_S; timeS += STEP_S) {
    world.runUntil(timeS * 1000);
    if (Number.isInteger(timeS)) operator.tick(timeS);
    for (const view of world.view().vehicles) persons.look(timeS, view.slot, eyeOf(view));
    unseenS += STEP_S * persons.unseenShare;
  }
  const violated = world.report().invariants.violated.map(({ invariant }) => invariant);
  return { timeS: unseenS, found: 1 - persons.unseenShare, violated };
}

function withNobody(): Loaded {
  const loaded = loadSearch(MISSION);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ text }) => text).join("; "));
  const { mission } = loaded.value;
  const subject = { ...mission.simulation.subject, placed: "at" as const, position: NOWHERE };
  const simulation = { ...mission.simulation, subject };
  return { ...loaded.value, mission: { ...mission, simulation } };
}

/** The same persons for every flight. */
function personsOf({ mission, ground, prior }: Loaded, vehicleCount: number): HiddenPersons {
  const stream = new SeededStream(1, "hidden persons");
  const cover = coverAt(mission.cover);
  const persons = Array.from({ length: PERSONS }, (): Person => {
    const at = drawnSubject(prior, stream);
    return { ...at, cover: cover(at.northM, at.eastM) };
  });
  const { camera } = scenarioOf({ mission, ground, prior, vehicleCount, seed: 1 });
  return new HiddenPersons(persons, { camera, responsive: mission.simulation.subject.responsive });
}

function eyeOf(view: VehicleView): Parameters<HiddenPersons["look"]>[2] {
  if (view.state !== "flying") return undefined;
  const { northM, eastM } = view.position;
  return { slot: view.slot, northM, eastM, aglM: view.altitudeAglM };
}

function tell(flown: ReadonlyMap<PlannerName, readonly Flown[]>): boolean {
  const times = (name: PlannerName): number[] => flown.get(name)!.map(({ timeS }) => timeS);
  const [mine, ...others] = PLANNER_NAMES;
  const rows = PLANNER_NAMES.map((name) => {
    const runs = flown.get(name)!;
    const broken = runs.flatMap(({ violated }) => violated);
    const found = percent(estimate(runs.map((one) => one.found)));
    const measured = `${minutes(estimate(times(name)))}; found ${found}; ${String(broken.length)}`;
    return {
      what: `${name}: mean capped at 4 h; found within 4 h; violations`,
      measured,
      promised: "0 violations",
      kept: broken.length === 0,
    };
  });
  const pairs = others.map((name) => {
    const below = shorterBy(times(mine!), times(name));
    const least = name === "parallelTrack" ? 0.25 : 0;
    return {
      what: `${mine!} below ${name}`,
      measured: percent(below),
      promised: least > 0 ? ">= 25%" : "> 0",
      kept: least > 0 ? below.mean >= least : below.mean - below.half > 0,
    };
  });
  printTable([...rows, ...pairs]);
  return [...rows, ...pairs].every(({ kept }) => kept);
}
