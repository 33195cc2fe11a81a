/**
 * A fast kinematic model of a search, for tuning planners: no radio, no agreement, no dynamics.
 *
 * Vehicles fly lanes at cruise with turns, go home at the reserve, and change batteries with the
 * base's chargers and crew. Persons are drawn from the prior inside the area; a lane sees one with
 * the chance of a lateral-range curve that is flat over the footprint. One flight serves all of
 * them: until the first detection a search does not depend on where the person is.
 */
import { SeededStream } from "../../src/base/mod.ts";
import type { SegmentId } from "../../src/base/mod.ts";
import { CLIMB_COST_S_PER_M, homeCostS, usableS } from "../../src/swarm/energy/energy.ts";
import { cellEastM, cellNorthM, computedPrior, searchMap } from "../../src/swarm/map/mod.ts";
import type { PriorMap, SearchGround, SearchMap } from "../../src/swarm/map/mod.ts";
import { distanceM } from "../../src/swarm/planner/planner.ts";
import type { Choice, SearchPlanner } from "../../src/swarm/planner/planner.ts";
import { layoutOf, turnS } from "../../src/swarm/planner/segments.ts";
import type { SearchPlan } from "../../src/swarm/planner/segments.ts";
import type { Lane } from "../../src/swarm/planner/lanes.ts";
import { mergeProgress, progressTable } from "../../src/swarm/search/progress.ts";
import type { ProgressTable } from "../../src/swarm/search/progress.ts";

export interface CampaignOptions {
  readonly subjects: number;
  readonly seed: number;
  readonly durationS: number;
}

export interface CampaignResult {
  readonly planner: string;
  /** When each person was first seen; null when not. */
  readonly foundAtS: readonly (number | null)[];
  /** Expected share found, lane by lane. */
  readonly curve: readonly (readonly [number, number])[];
  readonly sorties: number;
  readonly searchS: number;
  readonly transitS: number;
}

interface Person {
  readonly n: number;
  readonly e: number;
  readonly chance: number;
  readonly draws: SeededStream;
  unseen: number;
  foundAtS: number | null;
}

interface Craft {
  readonly slot: number;
  at: { northM: number; eastM: number };
  freeS: number;
  leftS: number;
  atBase: boolean;
  choice: Choice | undefined;
  run: number;
}

/** Batteries, chargers and crew: when a vehicle that has landed can go again. */
class Base {
  readonly #crewFreeS: number[];
  readonly #chargerFreeS: number[];
  #readyS: number[];
  readonly #swapS: number;
  readonly #chargeS: number;

  constructor(world: SearchGround) {
    const { base } = world.mission;
    this.#crewFreeS = new Array<number>(base.crewCount).fill(0);
    this.#chargerFreeS = new Array<number>(base.chargerCount).fill(0);
    this.#readyS = new Array<number>(base.spareCount).fill(0);
    this.#swapS = base.swapS;
    this.#chargeS = base.chargeS;
  }

  /** When a vehicle that landed at `landedS` has a full battery again. */
  relieve(landedS: number): number {
    const crew = earliest(this.#crewFreeS);
    this.#readyS.sort((x, y) => x - y);
    const batteryS = this.#readyS.shift() ?? Infinity;
    const startS = Math.max(landedS, this.#crewFreeS[crew]!, batteryS);
    this.#crewFreeS[crew] = startS + this.#swapS;
    const charger = earliest(this.#chargerFreeS);
    const chargedS = Math.max(this.#chargerFreeS[charger]!, startS) + this.#chargeS;
    this.#chargerFreeS[charger] = chargedS;
    this.#readyS = [...this.#readyS, chargedS];
    return startS + this.#swapS + LAUNCH_S;
  }
}

const LAUNCH_S = 20;
const LANDING_S = 45;

const earliest = (times: readonly number[]): number =>
  times.reduce((best, value, i) => (value < times[best]! ? i : best), 0);

interface Search {
  readonly world: SearchGround;
  readonly planner: SearchPlanner;
  readonly plan: SearchPlan;
  readonly map: SearchMap;
  readonly table: ProgressTable;
  readonly craft: readonly Craft[];
  readonly base: Base;
  readonly persons: readonly Person[];
  sorties: number;
  searchS: number;
  transitS: number;
}

const WIND = { northMps: 0, eastMps: 0 };

export function campaign(
  world: SearchGround,
  planner: SearchPlanner,
  options: CampaignOptions,
): CampaignResult {
  const prior = computedPrior(world);
  const plan = planner.divide(world, prior);
  const { mission } = world;
  const search: Search = {
    world,
    planner,
    plan,
    map: searchMap(prior),
    table: progressTable(plan),
    craft: Array.from({ length: mission.vehicles.count }, (_, slot) => ({
      slot,
      at: mission.base.position,
      freeS: slot * 10,
      leftS: usableS(mission, 1),
      atBase: true,
      choice: undefined,
      run: 0,
    })),
    base: new Base(world),
    persons: draw(world, prior, options),
    sorties: 0,
    searchS: 0,
    transitS: 0,
  };
  const curve: [number, number][] = [];
  for (;;) {
    const one = search.craft.reduce((x, y) => (y.freeS < x.freeS ? y : x));
    if (one.freeS >= options.durationS) break;
    if (!advance(search, one)) continue;
    const unseen = search.persons.reduce((sum, person) => sum + person.unseen, 0);
    curve.push([one.freeS, 1 - unseen / search.persons.length]);
  }
  const foundAtS = search.persons.map((person) => person.foundAtS);
  const { sorties, searchS, transitS } = search;
  return { planner: planner.name, foundAtS, curve, sorties, searchS, transitS };
}

/** One lane of one vehicle, or its way home; true when a lane was flown. */
function advance(search: Search, one: Craft): boolean {
  const { world, plan, table, map } = search;
  const { mission, ground } = world;
  if (one.choice === undefined) {
    one.choice = choose(search, one);
    one.run = 0;
    if (one.choice === undefined) {
      goHome(search, one);
      return false;
    }
    if (one.atBase) search.sorties += 1;
    one.atBase = false;
  }
  const { segment, pass, runs } = one.choice;
  const run = runs[one.run]!;
  const lane = layoutOf(plan, segment, pass).lanes[run.lane]!;
  const [from, to] = run.reversed ? [lane.b, lane.a] : [lane.a, lane.b];
  const gapM = distanceM(one.at, from);
  const turn = gapM < 5 ? 0 : turnS(world, gapM);
  const wayS = one.run === 0 ? gapM / mission.vehicles.cruiseMps + 4 : turn;
  const costS = wayS + lane.timeS + lane.climbM * CLIMB_COST_S_PER_M;
  const home = [to, mission.base.position];
  if (one.leftS - costS < homeCostS(mission, ground, home, WIND)) {
    goHome(search, one);
    return false;
  }
  one.leftS -= costS;
  one.freeS += wayS + lane.timeS;
  one.at = to;
  search.searchS += lane.timeS;
  search.transitS += wayS;
  look(search, lane, one.freeS);
  mergeProgress(plan, { table, map }, { segment, pass, lanes: (1 << run.lane) >>> 0 });
  one.run += 1;
  if (one.run >= runs.length) one.choice = undefined;
  return true;
}

function choose(search: Search, one: Craft): Choice | undefined {
  const taken = new Set<SegmentId>();
  for (const other of search.craft) {
    if (other === one || other.choice === undefined) continue;
    taken.add(other.choice.segment);
    for (const next of other.choice.next.slice(0, 1)) taken.add(next);
  }
  return search.planner.choose({
    plan: search.plan,
    map: search.map,
    progress: search.table,
    at: one.at,
    slot: one.slot,
    slots: search.craft.length,
    usableS: one.leftS,
    home: search.world.mission.base.position,
    wind: WIND,
    taken: (id) => taken.has(id),
  });
}

function goHome(search: Search, one: Craft): void {
  const { mission } = search.world;
  one.choice = undefined;
  if (one.atBase) {
    one.freeS = Infinity;
    return;
  }
  const flightS = distanceM(one.at, mission.base.position) / mission.vehicles.cruiseMps + LANDING_S;
  search.transitS += flightS;
  one.freeS = search.base.relieve(one.freeS + flightS);
  one.at = mission.base.position;
  one.leftS = usableS(mission, 1);
  one.atBase = true;
}

function look(search: Search, lane: Lane, nowS: number): void {
  const north = lane.a.eastM === lane.b.eastM;
  const [a, b] = north ? [lane.a.northM, lane.b.northM] : [lane.a.eastM, lane.b.eastM];
  const crossM = north ? lane.a.eastM : lane.a.northM;
  const reachM = search.world.mission.sensor.footprintM / 2;
  for (const person of search.persons) {
    const [along, across] = north ? [person.n, person.e] : [person.e, person.n];
    if (along < Math.min(a, b) - 5 || along > Math.max(a, b) + 5) continue;
    if (Math.abs(across - crossM) > reachM) continue;
    person.unseen *= 1 - person.chance;
    if (person.draws.chance(person.chance)) person.foundAtS ??= nowS;
  }
}

/** Stratified: the i-th person is drawn from the i-th slice of the mass inside the area. */
function draw(world: SearchGround, prior: PriorMap, options: CampaignOptions): Person[] {
  const random = new SeededStream(options.seed, "persons");
  const { sweepWidthM, footprintM } = world.mission.sensor;
  const sums: number[] = [];
  let total = 0;
  for (const mass of prior.mass) sums.push((total += mass));
  let cell = 0;
  return Array.from({ length: options.subjects }, (_, i) => {
    const mark = (total * (i + random.uniform())) / options.subjects;
    while (sums[cell]! < mark) cell += 1;
    const n = cellNorthM(prior.grid, cell) + (random.uniform() - 0.5) * prior.grid.cellM;
    const e = cellEastM(prior.grid, cell) + (random.uniform() - 0.5) * prior.grid.cellM;
    const chance = Math.min(1, sweepWidthM[world.coverAt(n, e)] / footprintM);
    const draws = new SeededStream(options.seed, "looks", i);
    return { n, e, chance, draws, unseen: 1, foundAtS: null };
  });
}
