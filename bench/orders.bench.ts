/**
 * From the operator's key to the vehicles, and from a proposal to its commit, in the whole product:
 * the real node in six vehicles and on the ground, the reference search and its pinned radio, and
 * 5% of all receptions lost besides what the channel takes. World time: the machine's load does not
 * enter.
 *
 * When everybody searches, holds and starts are given in turn. A hold is a stop: flooded, acted on
 * by receipt. A start waits for agreement. "Acts" is each vehicle's own word, at its own time; an
 * order that not all six act on within `GAP_S` counts as that long. Commits are those of all
 * proposals of the run, at their proposers; those before everybody searched are told apart, because
 * elections, joining and the first keys fall into them.
 */
import { join } from "node:path";
import { loadSearch } from "../apps/mission/load-search.ts";
import { openSimulation, type Simulation } from "../apps/simulation/open-simulation.ts";
import { ScriptedOperator } from "../apps/simulation/scripted-operator.ts";
import { NO_RATES } from "../sim/mod.ts";
import { printTable, quantile, type Row } from "./support/table.ts";

const MISSION = join(import.meta.dirname, "..", "missions", "jacksboro-search.json5");
const LOSS_RATIO = 0.05;
const WARM_S = 120;
const QUIET_S = 240;
const PAIRS = 50;
const GAP_S = 3;
const SEEDS = [7, 8, 9];

interface Measured {
  readonly holdMs: readonly number[];
  readonly startMs: readonly number[];
  readonly bootCommitMs: readonly number[];
  readonly quietCommitMs: readonly number[];
  readonly commitMs: readonly number[];
  readonly elections: number;
  readonly delivered: number;
  readonly violated: number;
}

function open(seed: number): Simulation {
  const loaded = loadSearch(MISSION);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ text }) => text).join("; "));
  const faults = { script: [], rates: { ...NO_RATES, lossRatio: LOSS_RATIO } };
  return openSimulation({ loaded: loaded.value, seed, faults });
}

/** By order id, when each vehicle first said that it acts. */
type Acts = Map<string, Map<number, number>>;

function listen({ world }: Simulation): Acts {
  const acts: Acts = new Map();
  world.onEvent(({ timeMs, slot, event: { detail } }) => {
    if (detail.kind !== "order" || detail.vehicle !== slot) return;
    if (detail.state !== "acting" && detail.state !== "done") return;
    const times = acts.get(detail.orderId) ?? new Map<number, number>();
    acts.set(detail.orderId, times);
    if (!times.has(slot)) times.set(slot, timeMs);
  });
  return acts;
}

/** Gives one order to all and waits; milliseconds until the last of them acts. */
function give(simulation: Simulation, acts: Acts, kind: "hold" | "start"): number {
  const { world, vehicles } = simulation;
  const atMs = world.timeMs;
  const known = new Set(acts.keys());
  const draft = { targets: "all", validForMs: 30_000, supersedes: undefined } as const;
  world.operator({ ...draft, command: { kind } });
  world.runUntil(atMs + GAP_S * 1000);
  const times = [...acts].filter(([id]) => !known.has(id)).map(([, each]) => [...each.values()]);
  const all = times.find((each) => each.length === vehicles.length);
  return all === undefined ? GAP_S * 1000 : Math.max(...all) - atMs;
}

function commitsOf({ world, vehicles }: Simulation): number[] {
  return [0, ...vehicles].flatMap((slot) => world.node(slot)?.commitMs ?? []);
}

function measure(seed: number): Measured {
  const simulation = open(seed);
  const { world, vehicles, loaded } = simulation;
  const script = { ...loaded.mission.operator, reviewS: Infinity };
  const operator = new ScriptedOperator({ world, script, seed, vehicles });
  for (let timeS = 1; timeS <= WARM_S; timeS += 1) {
    world.runUntil(timeS * 1000);
    operator.tick(timeS);
  }
  const searching = vehicles.every((slot) => world.node(slot)?.duty === "search");
  if (!searching) throw new Error(`seed ${String(seed)}: not everybody searches after the start`);
  const bootCommitMs = commitsOf(simulation);
  let elections = 0;
  world.onEvent(({ slot, event: { detail } }) => {
    if (detail.kind === "leaderElected" && detail.leader === slot) elections += 1;
  });
  world.runUntil((WARM_S + QUIET_S) * 1000);
  const quiet = commitsOf(simulation);
  const acts = listen(simulation);
  const [holdMs, startMs]: [number[], number[]] = [[], []];
  for (let i = 0; i < PAIRS; i += 1) {
    holdMs.push(give(simulation, acts, "hold"));
    startMs.push(give(simulation, acts, "start"));
  }
  const { network, invariants } = world.report();
  return {
    holdMs,
    startMs,
    bootCommitMs,
    quietCommitMs: without(quiet, bootCommitMs),
    commitMs: without(commitsOf(simulation), quiet),
    elections,
    delivered: network.deliveryRatio,
    violated: invariants.violated.length,
  };
}

/** The later list holds the earlier one's values too, in no order. */
function without(all: readonly number[], earlier: readonly number[]): number[] {
  const left = new Map<number, number>();
  for (const value of earlier) left.set(value, (left.get(value) ?? 0) + 1);
  return all.filter((value) => {
    const count = left.get(value) ?? 0;
    if (count > 0) left.set(value, count - 1);
    return count === 0;
  });
}

const figures = (values: readonly number[]): string => {
  const [p50, p99, worst] = [0.5, 0.99, 1].map((share) => quantile(values, share).toFixed(0));
  return `${p50!} / ${p99!} / ${worst!} ms of ${String(values.length)}`;
};

function row(what: string, values: readonly number[], promisedMs?: number): Row {
  const name = `${what}, p50 / p99 / worst`;
  const measured = figures(values);
  if (promisedMs === undefined) return { what: name, measured, promised: "", kept: true };
  const kept = values.length > 0 && quantile(values, 0.99) <= promisedMs;
  return { what: name, measured, promised: `p99 <= ${String(promisedMs)} ms`, kept };
}

const runs = SEEDS.map(measure);
const all = (pick: (run: Measured) => readonly number[]): number[] => runs.flatMap(pick);
const violated = runs.reduce((sum, run) => sum + run.violated, 0);
printTable([
  row(
    "key to all six acting, hold",
    all((run) => run.holdMs),
    300,
  ),
  row(
    "key to all six acting, start (agreed first)",
    all((run) => run.startMs),
    300,
  ),
  row(
    "commit while they search",
    all((run) => run.quietCommitMs),
    50,
  ),
  row(
    `commit while orders come every ${String(GAP_S)} s`,
    all((run) => run.commitMs),
  ),
  row(
    `commit in the first ${String(WARM_S)} s (elections, joining, keys)`,
    all((run) => run.bootCommitMs),
  ),
  {
    what: "elections while they search; delivered",
    measured: `${runs.map((run) => run.elections).join(", ")}; ${runs
      .map((run) => `${(100 * run.delivered).toFixed(1)}%`)
      .join(", ")}`,
    promised: "",
    kept: true,
  },
  {
    what: "invariants violated",
    measured: String(violated),
    promised: "0",
    kept: violated === 0,
  },
]);
