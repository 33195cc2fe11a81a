/**
 * A fast kinematic model of a search, for tuning planners: no radio, no agreement, no dynamics.
 *
 * Vehicles fly lanes at cruise with turns, go home at the reserve, and change batteries with the
 * base's chargers and crew. Subjects are drawn from the prior; a lane sees one with the chance
 * of a lateral-range curve that is flat over the footprint. Each subject's chance to be still unseen is
 * carried on, so one flight gives the expected curve. The figures that are published come from the
 * full simulator; this only ranks ideas.
 */
import { SeededStream } from "../../src/base/mod.ts";
import type { SegmentId } from "../../src/base/mod.ts";
import { CLIMB_COST_S_PER_M, homeCostS, usableS } from "../../src/swarm/energy/energy.ts";
import { cellEastM, cellNorthM, computedPrior, searchMap } from "../../src/swarm/map/mod.ts";
import type { PriorMap, SearchGround } from "../../src/swarm/map/mod.ts";
import { distanceM } from "../../src/swarm/planner/planner.ts";
import type { Choice, SearchPlanner } from "../../src/swarm/planner/planner.ts";
import { layoutOf, turnS } from "../../src/swarm/planner/segments.ts";
import type { Lane } from "../../src/swarm/planner/lanes.ts";
import { mergeProgress, progressTable } from "../../src/swarm/search/progress.ts";

export interface CampaignResult {
  readonly planner: string;
  readonly foundShare: number;
  /** Restricted mean time to find, seconds, given the subject is anywhere (outside never found). */
  readonly meanS: number;
  /** The same over subjects inside the area only. */
  readonly meanInsideS: number;
  readonly curve: readonly (readonly [number, number])[];
  readonly sorties: number;
  readonly searchS: number;
  readonly transitS: number;
}

interface Subject {
  readonly n: number;
  readonly e: number;
  readonly peak: number;
  unseen: number;
}

interface Craft {
  readonly slot: number;
  at: { northM: number; eastM: number };
  freeS: number;
  leftS: number;
  home: boolean;
  choice: Choice | undefined;
  run: number;
}

export function campaign(
  world: SearchGround,
  planner: SearchPlanner,
  options: { readonly subjects: number; readonly seed: number; readonly durationS: number },
): CampaignResult {
  const { mission, ground } = world;
  const prior = computedPrior(world);
  const plan = planner.divide(world, prior);
  const map = searchMap(prior);
  const table = progressTable(plan);
  const subjects = draw(world, prior, options);
  const home = mission.base.position;
  const wind = { northMps: 0, eastMps: 0 };
  const full = usableS(mission, 1);
  const craft: Craft[] = Array.from({ length: mission.vehicles.count }, (_, slot) => ({
    slot,
    at: home,
    freeS: slot * 2,
    leftS: full,
    home: true,
    choice: undefined,
    run: 0,
  }));
  const crewFreeS = new Array<number>(mission.base.crewCount).fill(0);
  const chargerFreeS = new Array<number>(mission.base.chargerCount).fill(0);
  const ready = new Array<number>(mission.base.spareCount).fill(0);
  const curve: [number, number][] = [];
  let integral = 0;
  let lastS = 0;
  let found = 0;
  let sorties = 0;
  let searchS = 0;
  let transitS = 0;
  for (;;) {
    const one = craft.reduce((x, y) => (y.freeS < x.freeS ? y : x));
    const now = one.freeS;
    if (now >= options.durationS) break;
    if (one.choice === undefined) {
      const taken = new Set<SegmentId>();
      for (const other of craft) {
        if (other === one || other.choice === undefined) continue;
        taken.add(other.choice.segment);
        for (const next of other.choice.next) taken.add(next);
      }
      one.choice = planner.choose({
        plan,
        map,
        progress: table,
        at: one.at,
        slot: one.slot,
        slots: craft.length,
        usableS: one.leftS,
        home,
        wind,
        taken: (id) => taken.has(id),
      });
      one.run = 0;
      if (one.choice === undefined) {
        goHome(one);
        continue;
      }
      if (one.home) sorties += 1;
      one.home = false;
    }
    const { choice } = one;
    const layout = layoutOf(plan, choice.segment, choice.pass);
    const run = choice.runs[one.run]!;
    const lane = layout.lanes[run.lane]!;
    const from = run.reversed ? lane.b : lane.a;
    const to = run.reversed ? lane.a : lane.b;
    const gap = distanceM(one.at, from);
    const wayS =
      one.run === 0 ? gap / mission.vehicles.cruiseMps + 4 : gap < 5 ? 0 : turnS(world, gap);
    const takeS = wayS + lane.timeS;
    const costS = takeS + lane.climbM * CLIMB_COST_S_PER_M;
    if (one.leftS - costS < homeCostS(mission, ground, [to, home], wind)) {
      goHome(one);
      continue;
    }
    one.leftS -= costS;
    one.freeS += takeS;
    one.at = to;
    searchS += lane.timeS;
    transitS += wayS;
    integral += (one.freeS - lastS > 0 ? one.freeS - lastS : 0) * (1 - found);
    lastS = Math.max(lastS, one.freeS);
    found += look(lane);
    curve.push([lastS, found]);
    mergeProgress(
      plan,
      { table, map },
      { segment: choice.segment, pass: choice.pass, lanes: 2 ** run.lane },
    );
    one.run += 1;
    if (one.run >= choice.runs.length) one.choice = undefined;
  }
  integral += Math.max(0, options.durationS - lastS) * (1 - found);
  const inside = 1 - prior.outside;
  return {
    planner: planner.name,
    foundShare: found,
    meanS: integral,
    meanInsideS: (integral - prior.outside * options.durationS) / inside,
    curve,
    sorties,
    searchS,
    transitS,
  };

  function goHome(one: Craft): void {
    one.choice = undefined;
    if (one.home) {
      one.freeS = Infinity;
      return;
    }
    const flightS = distanceM(one.at, home) / mission.vehicles.cruiseMps + 45;
    transitS += flightS;
    const landed = one.freeS + flightS;
    // The crew takes a charged battery and puts the empty one on a charger.
    const crew = crewFreeS.indexOf(Math.min(...crewFreeS));
    ready.sort((x, y) => x - y);
    const batteryS = ready.shift() ?? Infinity;
    const start = Math.max(landed, crewFreeS[crew]!, batteryS);
    crewFreeS[crew] = start + mission.base.swapS;
    const charger = chargerFreeS.indexOf(Math.min(...chargerFreeS));
    const charged = Math.max(chargerFreeS[charger]!, start) + mission.base.chargeS;
    chargerFreeS[charger] = charged;
    ready.push(charged);
    one.freeS = start + mission.base.swapS + 20;
    one.at = home;
    one.leftS = full;
    one.home = true;
  }

  function look(lane: Lane): number {
    let gained = 0;
    const north = lane.a.eastM === lane.b.eastM;
    const lo = north
      ? Math.min(lane.a.northM, lane.b.northM)
      : Math.min(lane.a.eastM, lane.b.eastM);
    const hi = north
      ? Math.max(lane.a.northM, lane.b.northM)
      : Math.max(lane.a.eastM, lane.b.eastM);
    for (const s of subjects) {
      const along = north ? s.n : s.e;
      if (along < lo - 5 || along > hi + 5) continue;
      const off = Math.abs(north ? s.e - lane.a.eastM : s.n - lane.a.northM);
      if (off > mission.sensor.footprintM / 2) continue;
      gained += s.unseen * s.peak;
      s.unseen *= 1 - s.peak;
    }
    return gained / options.subjects;
  }
}

function draw(
  world: SearchGround,
  prior: PriorMap,
  options: { readonly subjects: number; readonly seed: number },
): Subject[] {
  const random = new SeededStream(options.seed, "subjects");
  const sums: number[] = [];
  let total = 0;
  for (const mass of prior.mass) sums.push((total += mass));
  // Stratified: the i-th subject is drawn from the i-th slice of the cumulative mass.
  const out: Subject[] = [];
  let cell = 0;
  for (let i = 0; i < options.subjects; i += 1) {
    const u = (i + random.uniform()) / options.subjects;
    if (u >= total) break;
    while (sums[cell]! < u) cell += 1;
    const n = cellNorthM(prior.grid, cell) + (random.uniform() - 0.5) * prior.grid.cellM;
    const e = cellEastM(prior.grid, cell) + (random.uniform() - 0.5) * prior.grid.cellM;
    const w = world.mission.sensor.sweepWidthM[world.coverAt(n, e)];
    out.push({ n, e, peak: Math.min(1, w / world.mission.sensor.footprintM), unseen: 1 });
  }
  return out;
}
