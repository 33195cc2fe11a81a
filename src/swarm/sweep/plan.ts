/**
 * Where a team of vehicles should fly to sweep the most probability with a budget of path length:
 * continuous paths, a start anywhere, no way to the area counted (the setting of the SAREnv
 * evaluation; the mission planner adds transit, batteries and zones).
 *
 * Each vehicle gets an equal piece of one long path: cutting costs nothing, for a piece may start
 * where the last one ended. The path comes from annealing on a lattice of swath-wide tiles
 * (`anneal.ts`) at several angles, the best of which are annealed longer and polished off the
 * lattice (`polish.ts`) with as much weight on closed gaps as it takes to leave less than
 * `unseenMax` of the band unseen. Where the budget is more than the whole map needs, plain lanes
 * over all of it, nearer together than a swath, leave nothing.
 *
 * Deterministic in (map, request); work is counted in steps, never in time.
 */
import { invariant, SeededStream } from "../../base/mod.ts";
import type { GroundPoint } from "../area/mod.ts";
import { anneal } from "./anneal.ts";
import { buildLattice, tileCenter, type DensityMap, type Lattice } from "./lattice.ts";
import { cutTo, polish } from "./polish.ts";
import { boustrophedon } from "./start.ts";
import { sweptGround, sweptMass, type SweepRule } from "./swept.ts";
import { Tour } from "./tour.ts";

export interface SweepRequest {
  readonly vehicleCount: number;
  /** Path length of the whole team. */
  readonly teamLengthM: number;
  /** Half the swath: ground within this distance of a path is seen. */
  readonly radiusM: number;
  readonly seed: number;
  /** 1 plans a 3.6 km disc with 66 m swaths in some ten seconds of one core. */
  readonly effort: number;
}

/** Share of the band that may stay unseen. */
const UNSEEN_MAX = 0.0096;
/** Rasters inside the planner: polishing on coarse ones, judging on finer ones. */
const POLISH_PIXELS = 6.6;
const JUDGE_PIXELS = 13;
const ANGLES = [11.25, 33.75, 45, 56.25, 78.75] as const;
/** Lattices that are annealed long and polished. */
const FINALISTS = 4;
/** Of these the ones that are polished; the best swept one flies. */
const POLISHED = 2;
const SCOUT_STEPS = 2_000_000;
const ANNEAL_STEPS = 20_000_000;
const POLISH_STEPS = 600_000;
/** Weights on closed gaps, in mean densities, tried until the band is closed enough. */
const BONUSES = [0.3, 0.4, 0.55, 0.75, 1.1, 2] as const;
/** A turn is dearer than the corner it misses by this share of a mean tile: it leaves a gap. */
const TURN_COST = 0.2;
const HOT = 0.22;
const COLD = 0.004;
/** Lanes of a complete sweep are at most this share of a swath apart. */
const COMPLETE_SPACING = 0.95;
const COMPLETE_SPACING_MIN = 0.5;

/** One path a vehicle, each at most teamLength / vehicleCount long. */
export function planSweep(map: DensityMap, request: SweepRequest): GroundPoint[][] {
  invariant(
    request.vehicleCount >= 1 && request.teamLengthM > 0,
    "a sweep has a team and a budget",
  );
  const path = completeSweep(map, request) ?? bestOf(map, request);
  return shareOut(path, request);
}

/** Lanes over the whole map, when the budget allows; undefined when it does not. */
function completeSweep(map: DensityMap, request: SweepRequest): GroundPoint[] | undefined {
  const swathM = 2 * request.radiusM;
  const lanes = (spacingM: number): GroundPoint[] => {
    const place = { tileM: spacingM, angleRad: 0, shiftCol: 0, shiftRow: 0 };
    const lattice = buildLattice(map, place);
    return turnsOnly(boustrophedon(lattice, 0).map((tile) => tileCenter(lattice, tile)));
  };
  let spacingM = COMPLETE_SPACING * swathM;
  const loose = lanes(spacingM);
  const neededM = lengthOf(loose);
  if (neededM > request.teamLengthM) return undefined;
  const total = totalMass(map);
  if (sweptGround(map, [loose], ruleWith(request, JUDGE_PIXELS)).massSwept < 0.995 * total)
    return undefined;
  spacingM *= Math.max(COMPLETE_SPACING_MIN, (1.02 * neededM) / request.teamLengthM);
  const tight = lanes(Math.min(spacingM, COMPLETE_SPACING * swathM));
  return lengthOf(tight) <= request.teamLengthM ? tight : loose;
}

interface Candidate {
  readonly lattice: Lattice;
  readonly tour: Tour;
  readonly mass: number;
}

const ruleWith = (request: SweepRequest, pixelsPerRadius: number): SweepRule => ({
  radiusM: request.radiusM,
  pixelM: request.radiusM / pixelsPerRadius,
});

function bestOf(map: DensityMap, request: SweepRequest): GroundPoint[] {
  const scouts = ANGLES.map((angleDeg, i) => {
    const lattice = latticeAt(map, request, (angleDeg * Math.PI) / 180);
    return annealed(lattice, request, { steps: SCOUT_STEPS, stream: i });
  });
  scouts.sort((a, b) => b.mass - a.mass || a.lattice.angleRad - b.lattice.angleRad);
  const finalists = scouts
    .slice(0, FINALISTS)
    .map(({ lattice }, i) => annealed(lattice, request, { steps: ANNEAL_STEPS, stream: 10 + i }));
  finalists.sort((a, b) => b.mass - a.mass || a.lattice.angleRad - b.lattice.angleRad);
  const judge = ruleWith(request, JUDGE_PIXELS);
  let best: GroundPoint[] = [];
  let most = -Infinity;
  for (const finalist of finalists.slice(0, POLISHED)) {
    const path = polished(map, finalist, request);
    const mass = sweptMass(map, [path], judge);
    if (mass <= most) continue;
    most = mass;
    best = path;
  }
  return best;
}

/** A lattice whose turns carry their price. */
function latticeAt(map: DensityMap, request: SweepRequest, angleRad: number): Lattice {
  const tileM = 2 * request.radiusM;
  const lattice = buildLattice(map, { tileM, angleRad, shiftCol: 0, shiftRow: 0 });
  const price = (TURN_COST * totalMass(map) * tileM * tileM) / massiveAreaM2(map);
  const cornerMass = lattice.cornerMass.map((mass) => mass + price);
  return { ...lattice, cornerMass };
}

function annealed(
  lattice: Lattice,
  request: SweepRequest,
  run: { readonly steps: number; readonly stream: number },
): Candidate {
  const tileBudget = Math.max(4, Math.floor(request.teamLengthM / lattice.tileM) + 1);
  const richest = [...lattice.mass].sort((a, b) => b - a);
  const marginal = richest[Math.min(tileBudget, richest.length - 1)]!;
  const start = boustrophedon(lattice, 0.9 * marginal);
  const first = start.length >= 4 ? start : seedPath(lattice);
  const tour = new Tour(lattice, first);
  anneal(tour, {
    tileBudget,
    steps: Math.ceil(run.steps * request.effort),
    random: new SeededStream(request.seed, "sweep", run.stream),
    hot: HOT,
    cold: COLD,
    side: lattice.side,
  });
  // On a map of a few tiles annealing may lose the one that matters.
  const kept = new Tour(lattice, first.slice(0, tileBudget));
  const better = tour.mass() >= kept.mass() ? tour : kept;
  return { lattice, tour: better, mass: better.mass() };
}

/** Four tiles in a row at the richest place, for maps too small for lanes. */
function seedPath(lattice: Lattice): number[] {
  let richest = 0;
  lattice.mass.forEach((mass, tile) => {
    if (mass > lattice.mass[richest]!) richest = tile;
  });
  const { side } = lattice;
  const col = Math.min(side - 5, Math.max(1, (richest % side) - 1));
  const start = Math.floor(richest / side) * side + col;
  return [start, start + 1, start + 2, start + 3];
}

/** The first polish that leaves little enough unseen, else the path as it was. */
function polished(
  map: DensityMap,
  { lattice, tour }: Candidate,
  request: SweepRequest,
): GroundPoint[] {
  const judge = ruleWith(request, JUDGE_PIXELS);
  const rough = tour.path().map((tile) => tileCenter(lattice, tile));
  const meanDensity = totalMass(map) / massiveAreaM2(map);
  for (const bonus of BONUSES) {
    const path = polish(map, rough, {
      lengthM: request.teamLengthM,
      rule: ruleWith(request, POLISH_PIXELS),
      steps: Math.ceil(POLISH_STEPS * request.effort),
      random: new SeededStream(request.seed, "polish"),
      bandBonusPerM2: bonus * meanDensity,
    });
    if (sweptGround(map, [path], judge).unseenShare <= UNSEEN_MAX) return path;
  }
  return cutTo(rough, request.teamLengthM);
}

function totalMass(map: DensityMap): number {
  let total = 0;
  for (let i = 0; i < map.mass.length; i += 1) total += map.mass[i]!;
  return total;
}

/** Area of all cells that hold any probability. */
function massiveAreaM2(map: DensityMap): number {
  let cells = 0;
  for (let i = 0; i < map.mass.length; i += 1) if (map.mass[i]! > 0) cells += 1;
  return Math.max(1, cells) * map.cellM * map.cellM;
}

export function lengthOf(path: readonly GroundPoint[]): number {
  let length = 0;
  path.forEach((to, i) => {
    const from = path[Math.max(0, i - 1)]!;
    const dn = to.northM - from.northM;
    const de = to.eastM - from.eastM;
    length += Math.sqrt(dn * dn + de * de);
  });
  return length;
}

/** Leaves out the points of a lane between its turns. */
function turnsOnly(path: readonly GroundPoint[]): GroundPoint[] {
  return path.filter((at, i) => {
    const before = path[i - 1];
    const after = path[i + 1];
    if (before === undefined || after === undefined) return true;
    const cross =
      (at.northM - before.northM) * (after.eastM - at.eastM) -
      (at.eastM - before.eastM) * (after.northM - at.northM);
    return Math.abs(cross) > 1e-6;
  });
}

/** A path in equal pieces, one a vehicle, together at most the team's length. */
export function shareOut(
  path: readonly GroundPoint[],
  team: { readonly vehicleCount: number; readonly teamLengthM: number },
): GroundPoint[][] {
  const pieceM = Math.min(lengthOf(path), team.teamLengthM) / team.vehicleCount;
  return Array.from({ length: team.vehicleCount }, (_, i) =>
    cutTo(dropFirst(path, i * pieceM), pieceM),
  );
}

/** What is left of a path after its first `lengthM` metres. */
function dropFirst(path: readonly GroundPoint[], lengthM: number): GroundPoint[] {
  let left = lengthM;
  for (let i = 0; i + 1 < path.length; i += 1) {
    const from = path[i]!;
    const to = path[i + 1]!;
    const dn = to.northM - from.northM;
    const de = to.eastM - from.eastM;
    const legM = Math.sqrt(dn * dn + de * de);
    if (legM > left) {
      const t = left / legM;
      const start = { northM: from.northM + dn * t, eastM: from.eastM + de * t };
      return [start, ...path.slice(i + 1)];
    }
    left -= legM;
  }
  return path.slice(-1);
}
