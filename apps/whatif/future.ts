/**
 * A fork of a world that runs ahead: the same mission built again, what the world saved loaded into
 * it, the changes made, then second by second with the operator that the world had.
 *
 * With no change it decides what the world itself will decide, and its trace hash is the world's at
 * each second. It shares nothing with the world: nothing that happens in it reaches a radio, and
 * its nonces come from a seed of its own. Bounds: `PATH_POINTS_MAX` places a vehicle.
 */
import { createHash } from "node:crypto";
import { ByteReader, invariant, problem, type Checked } from "../../src/base/mod.ts";
import type { Node } from "../../src/node/mod.ts";
import type { PlannerName } from "../../src/swarm/mod.ts";
import { WORLD_EPOCH_MS } from "../../sim/mod.ts";
import type { WhatIfChange, WhatIfFuture } from "../ground/report/what-if.ts";
import { draftOf, type AirOrder } from "../ground/server/drafts.ts";
import { armingAfter, armingBefore } from "../ground/server/order-desk.ts";
import { loadSearch } from "../mission/load-search.ts";
import type { SearchMission } from "../mission/search-mission.ts";
import { Arming, switchesOf } from "../simulation/arming.ts";
import { loadFaults } from "../simulation/load-faults.ts";
import { openSimulation, type Simulation } from "../simulation/open-simulation.ts";
import { ScriptedOperator } from "../simulation/scripted-operator.ts";
import { amendment, faultsOf, isPlan } from "./changes.ts";
import { OutcomeSums, type Look } from "./outcome.ts";

const GROUND_SLOT = 0;
const MS_PER_S = 1000;
const CURVE_POINTS = 60;
const PATH_POINTS_MAX = 120;
const PATH_EVERY_MIN_S = 5;

/** How to build the world that was forked; plain data, sent to workers. */
export interface WorldRecipe {
  readonly missionFile: string;
  readonly seed: number;
  /** Undefined for the mission's own. */
  readonly vehicleCount: number | undefined;
  readonly faultFile: string | undefined;
  readonly planner: PlannerName;
  /** Of the mission as it was read when the world began (`fingerprintOf`). */
  readonly fingerprint: string;
}

/** A world as it was saved. */
export interface SavedWorld {
  readonly atMs: number;
  readonly world: Uint8Array;
  /** `arming`: a person at the page, of whom only the arming goes on; `script`: the mission's. */
  readonly operator: { readonly kind: "arming" | "script"; readonly state: Uint8Array };
}

export interface FutureOrder {
  readonly recipe: WorldRecipe;
  readonly saved: SavedWorld;
  readonly changes: readonly WhatIfChange[];
  readonly untilMs: number;
  /** Whether cameras see the person: not where the truth must not show. */
  readonly hidesSubject: boolean;
}

/** What a mission's files say, in few letters. */
export function fingerprintOf({ mission, prior }: SearchMission): string {
  const hash = createHash("sha256");
  hash.update(JSON.stringify(mission));
  hash.update(new Uint8Array(prior.mass.buffer, prior.mass.byteOffset, prior.mass.byteLength));
  return hash.digest("hex").slice(0, 32);
}

/** Whoever commands and arms in a fork, each full second. */
interface FutureOperator {
  readonly arming: Arming;
  tick(timeS: number): void;
}

export class Future {
  readonly #order: FutureOrder;
  readonly #simulation: Simulation;
  readonly #operator: FutureOperator;
  readonly #sums: OutcomeSums;
  readonly #curveEveryS: number;
  readonly #pathEveryS: number;
  readonly #paths: Map<number, number[]>;
  #node: Node | undefined;
  #wallMs = 0;

  constructor(order: FutureOrder, simulation: Simulation) {
    const { saved, changes, untilMs } = order;
    this.#order = order;
    this.#simulation = simulation;
    simulation.world.load(new ByteReader(saved.world));
    this.#operator = operatorOf(simulation, saved.operator);
    const horizonS = (untilMs - saved.atMs) / MS_PER_S;
    this.#curveEveryS = Math.max(1, Math.ceil(horizonS / CURVE_POINTS));
    this.#pathEveryS = Math.max(PATH_EVERY_MIN_S, Math.ceil(horizonS / PATH_POINTS_MAX));
    this.#paths = new Map(simulation.vehicles.map((vehicle) => [vehicle, []]));
    this.#sums = new OutcomeSums(this.#look());
    this.#extendPaths();
    this.#change(changes);
  }

  get isDone(): boolean {
    return this.#simulation.world.timeMs >= this.#order.untilMs;
  }

  get traceHash(): string {
    return this.#simulation.world.traceHash();
  }

  /** Runs to the next full second, or to the end if that is sooner. */
  second(clock: () => number): void {
    const { world } = this.#simulation;
    const startMs = clock();
    const nextS = Math.floor(world.timeMs / MS_PER_S) + 1;
    world.runUntil(Math.min(nextS * MS_PER_S, this.#order.untilMs));
    if (world.timeMs === nextS * MS_PER_S) this.#everySecond(nextS);
    this.#wallMs += clock() - startMs;
  }

  view(): WhatIfFuture {
    const { world } = this.#simulation;
    const segments = this.#ground().layers.swarm.segments;
    const passes = segments.map(({ progress }) => ({ passes: progress.pass }));
    const ranMs = world.timeMs - this.#order.saved.atMs;
    return {
      state: this.isDone ? "done" : "running",
      atS: world.timeMs / MS_PER_S,
      speed: this.#wallMs > 0 ? ranMs / this.#wallMs : 0,
      outcome: this.#sums.outcome(this.#look(), passes),
      trouble: "",
      traceHash: this.isDone ? this.traceHash : "",
      pathEveryS: this.#pathEveryS,
      paths: [...this.#paths].map(([vehicle, points]) => ({ vehicle, points })),
    };
  }

  #everySecond(timeS: number): void {
    this.#operator.tick(timeS);
    const view = this.#simulation.world.view();
    this.#sums.look(view.vehicles);
    const ground = this.#ground().layers;
    const rows = ground.consensus.state.detections.entries();
    if (rows.some(([, { verdict }]) => verdict === "confirmed")) this.#sums.confirm(timeS);
    const sinceS = timeS - Math.floor(this.#order.saved.atMs / MS_PER_S);
    if (sinceS % this.#curveEveryS === 0) {
      this.#sums.extendCurve(timeS, ground.swarm.success);
    }
    if (sinceS % this.#pathEveryS === 0) this.#extendPaths();
  }

  #extendPaths(): void {
    for (const { slot, position } of this.#simulation.world.view().vehicles) {
      const { northM, eastM, altitudeAmslM } = position;
      this.#paths.get(slot)?.push(...[northM, eastM, altitudeAmslM].map(Math.round));
    }
  }

  #change(changes: readonly WhatIfChange[]): void {
    const { world, options } = this.#simulation;
    const { vehicles } = world.view();
    for (const change of changes) {
      if (isPlan(change)) this.#give(change.order);
      else {
        for (const action of faultsOf(change, { vehicles, seed: options.seed })) {
          world.applyFault(action);
        }
      }
    }
  }

  /** As the order desk gives it, without waiting for the signature. */
  #give(order: AirOrder): void {
    const { world, vehicles } = this.#simulation;
    const { arming } = this.#operator;
    armingBefore(arming, order, vehicles);
    world.operator(draftOf(order, { nowMs: WORLD_EPOCH_MS + world.timeMs, boots: [] }));
    armingAfter(arming, order, { ground: this.#ground(), vehicles });
  }

  #look(): Look {
    const { world } = this.#simulation;
    const { low, high } = this.#ground().layers.swarm.success;
    const { areaSweptKm2 } = world.report().search;
    return { view: world.view(), sweptKm2: areaSweptKm2, pos: { low, high } };
  }

  /** The station's node as it runs, or as it was last while it restarts. */
  #ground(): Node {
    this.#node = this.#simulation.world.node(GROUND_SLOT) ?? this.#node;
    invariant(this.#node !== undefined, "a world that is forked has a ground station that runs");
    return this.#node;
  }
}

function operatorOf(simulation: Simulation, saved: SavedWorld["operator"]): FutureOperator {
  const { world, loaded, options, vehicles } = simulation;
  const from = new ByteReader(saved.state);
  if (saved.kind === "script") {
    const script = loaded.mission.operator;
    const operator = new ScriptedOperator({ world, script, seed: options.seed, vehicles });
    operator.load(from);
    return operator;
  }
  const arming = new Arming();
  arming.load(from);
  return { arming, tick: (timeS) => armDue(simulation, arming, timeS) };
}

function armDue({ world }: Simulation, arming: Arming, timeS: number): void {
  const ground = world.node(GROUND_SLOT);
  if (ground === undefined || !arming.awaited) return;
  for (const draft of arming.due(ground, timeS, switchesOf(world))) world.operator(draft);
}

/** Builds the fork; refuses when the mission's files are not those of the world any more. */
export function openFuture(order: FutureOrder): Checked<Future> {
  const { recipe, changes } = order;
  const { missionFile, seed, vehicleCount, faultFile, planner } = recipe;
  const loaded = loadSearch(missionFile, vehicleCount === undefined ? {} : { vehicleCount });
  if (!loaded.ok) return loaded;
  if (fingerprintOf(loaded.value) !== recipe.fingerprint) {
    const remedy = "put the file back as it was, or start the world again from the new one";
    return { ok: false, problems: [problem("GND026", { remedy, where: missionFile })] };
  }
  const { count } = loaded.value.mission.vehicles;
  const faults = faultFile === undefined ? undefined : loadFaults(faultFile, count);
  if (faults?.ok === false) return faults;
  const choice = changes.findLast((change) => change.kind === "planner")?.planner;
  const simulation = openSimulation({
    loaded: loaded.value,
    seed,
    vehicleCount: count,
    planner,
    ...(choice === undefined ? {} : { choice }),
    ...(faults === undefined ? {} : { faults: faults.value }),
    amend: amendment(changes, order.hidesSubject),
    forkSeed: forkSeedOf(seed, order.saved.atMs),
  });
  return { ok: true, value: new Future(order, simulation) };
}

/** Another stream of nonces than the world's, and the same each time. */
const forkSeedOf = (seed: number, atMs: number): number =>
  (seed * 31 + Math.round(atMs) + 0x5eed) % 2 ** 53;
