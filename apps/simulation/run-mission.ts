/**
 * Flies a mission from start to end with the scripted operator, and keeps what the report needs.
 */
import { PROBLEMS, type ProblemCode } from "../../src/base/mod.ts";
import type { NodeEvent } from "../../src/node/mod.ts";
import type { WorldEvent } from "../../sim/mod.ts";
import { predictedSuccess } from "../../src/swarm/mod.ts";
import type { Simulation } from "./open-simulation.ts";
import { quantileOf, type Quantiles, type RunReport } from "./report.ts";
import { ScriptedOperator } from "./scripted-operator.ts";

const MS_PER_S = 1000;
const CURVE_PERIOD_S = 60;
const GROUND_SLOT = 0;

export interface RunOptions {
  readonly durationS: number;
  /** Ends the run when the person is found and confirmed. */
  readonly untilFound?: boolean;
  /** Called each second of the world; `note` is made only when it is called. */
  readonly onProgress?: (timeS: number, note: () => string) => void;
  readonly missionFile: string;
  /** Waits for the wall clock where a run must not be faster than it; called ten times a second. */
  readonly pace?: (timeS: number) => Promise<void>;
  /** Asked each second of the world; true ends the run there. */
  readonly stop?: () => boolean;
}

/** What the events of a run add up to. */
interface Tally {
  elections: number;
  handshakes: number;
  readonly handshakeBytes: number[];
  epochs: number;
  detectedAtS: number | null;
  confirmedAtS: number | null;
  readonly detectedS: Map<number, number>;
  readonly parked: Map<number, { readonly atS: number; readonly code: ProblemCode }>;
}

export async function runMission(simulation: Simulation, options: RunOptions): Promise<RunReport> {
  const { world, loaded, vehicles } = simulation;
  const { mission } = loaded;
  const operator = new ScriptedOperator({
    world,
    script: mission.operator,
    seed: simulation.options.seed,
    vehicles,
  });
  const tally = newTally();
  world.onEvent((event) => {
    note(tally, event);
  });
  const curve: (readonly [number, number, number])[] = [];
  const startedMs = performance.now();
  let peakBytes = 0;
  let timeS = 0;
  while (timeS < options.durationS) {
    if (options.pace !== undefined) await pacedSecond(world, timeS, options.pace);
    timeS += 1;
    world.runUntil(timeS * MS_PER_S);
    operator.tick(timeS);
    if (timeS % CURVE_PERIOD_S === 0) {
      const band = bandOf(simulation);
      curve.push([timeS, round(band.low, 4), round(band.high, 4)]);
      peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
    }
    options.onProgress?.(timeS, () => noteOf(simulation, timeS));
    if (options.untilFound === true && tally.confirmedAtS !== null) break;
    if (options.stop?.() === true) break;
  }
  const wallSeconds = (performance.now() - startedMs) / MS_PER_S;
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
  return assemble(simulation, options, { tally, curve, wallSeconds, peakBytes, timeS });
}

/** A world second in tenths, none of them ahead of the wall clock. */
async function pacedSecond(
  world: Simulation["world"],
  timeS: number,
  pace: (timeS: number) => Promise<void>,
): Promise<void> {
  for (let tenth = 1; tenth <= 10; tenth += 1) {
    const atS = timeS + tenth / 10;
    await pace(atS);
    world.runUntil(atS * MS_PER_S);
  }
}

const newTally = (): Tally => ({
  elections: 0,
  handshakes: 0,
  handshakeBytes: [],
  epochs: 0,
  detectedAtS: null,
  confirmedAtS: null,
  detectedS: new Map(),
  parked: new Map(),
});

function note(tally: Tally, { timeMs, slot, event }: WorldEvent): void {
  const { detail }: NodeEvent = event;
  switch (detail.kind) {
    case "leaderElected":
      if (detail.leader === slot) tally.elections += 1;
      return;
    case "sessionOpened":
      tally.handshakes += 1;
      tally.handshakeBytes.push(detail.bytes);
      return;
    case "epochOpened":
      if (slot === GROUND_SLOT) tally.epochs += 1;
      return;
    case "detection":
      if (!tally.detectedS.has(detail.id)) tally.detectedS.set(detail.id, timeMs / MS_PER_S);
      return;
    case "behaviour": {
      const code = parkedCode(detail.state);
      if (code === undefined || tally.parked.has(slot)) return;
      tally.parked.set(slot, { atS: timeMs / MS_PER_S, code });
      return;
    }
    case "found":
      tally.confirmedAtS ??= timeMs / MS_PER_S;
      return;
    default:
      return;
  }
}

/** The code that a node gives when it parks a behaviour; the behaviour's own words hold none. */
function parkedCode(state: string): ProblemCode | undefined {
  const [, code] = /^parked: (SWM\d{3})$/u.exec(state) ?? [];
  return Object.keys(PROBLEMS).find((known): known is ProblemCode => known === code);
}

interface Collected {
  readonly tally: Tally;
  readonly curve: readonly (readonly [number, number, number])[];
  readonly wallSeconds: number;
  readonly peakBytes: number;
  readonly timeS: number;
}

function assemble(simulation: Simulation, options: RunOptions, run: Collected): RunReport {
  const { world, loaded, vehicles } = simulation;
  const { radio } = loaded.mission;
  const base = world.report();
  const { tally } = run;
  return {
    schema: "skein-run-report/1",
    mission: options.missionFile,
    seed: simulation.options.seed,
    planner: simulation.options.planner ?? "massRate",
    simSeconds: run.timeS,
    wallSeconds: round(run.wallSeconds, 3),
    realTimeFactor: round(run.timeS / run.wallSeconds, 1),
    peakMemoryMb: Math.round(run.peakBytes / 1e6),
    traceHash: base.traceHash,
    crypto: simulation.crypto,
    radioScenario: {
      band: base.radioScenario.band,
      powerDbm: radio.powerDbm,
      channels: base.radioScenario.channels,
      beaconHz: radio.beaconHz,
      meanReceivers: round(base.radioScenario.meanReceivers, 2),
    },
    behaviour: behaviourOf(simulation, tally),
    search: searchOf(simulation, run, base.search),
    consensus: consensusOf(simulation, tally),
    security: securityOf(simulation, tally),
    network: { ...base.network, routeOutageMs: quantiles(routeOutagesMs(simulation)) },
    vehicles: { count: vehicles.length, ...base.vehicles },
    orders: { actedMs: quantiles(actedMs(simulation)) },
    invariants: base.invariants,
  };
}

function searchOf(
  simulation: Simulation,
  run: Collected,
  base: ReturnType<Simulation["world"]["report"]>["search"],
): RunReport["search"] {
  const { tally, curve } = run;
  const band = bandOf(simulation);
  const ground = simulation.world.node(GROUND_SLOT);
  const rows = ground?.agreed.detections ?? [];
  return {
    posCurve: curve,
    posFinal: [round(band.low, 4), round(band.high, 4)],
    posPredicted: round(predictionOf(simulation), 4),
    areaSweptKm2: round(base.areaSweptKm2, 3),
    unseenShare: round(unseenShareOf(simulation), 4),
    detections: rows.map(([id, { detection, verdict }]) => ({
      id,
      atS: round(tally.detectedS.get(id) ?? 0, 1),
      vehicle: detection.finder,
      northM: detection.position.northCm / 100,
      eastM: detection.position.eastCm / 100,
      verdict: verdict === "open" ? "waiting" : verdict,
    })),
    falseAlarms: {
      cameras: base.falseAlarms,
      dismissed: rows.filter(([, { verdict }]) => verdict === "dismissed").length,
    },
    timeToDetectS: base.timeToDetectS,
    timeToConfirmS: tally.confirmedAtS,
    foundAtS: tally.confirmedAtS,
  };
}

function behaviourOf({ options }: Simulation, { parked }: Tally): RunReport["behaviour"] {
  if (options.behaviour === undefined) return null;
  const rows = [...parked].sort(([a], [b]) => a - b);
  return {
    name: options.behaviour.name,
    parked: rows.map(([vehicle, { atS, code }]) => {
      return { vehicle, atS: round(atS, 1), code, reason: PROBLEMS[code] };
    }),
  };
}

function consensusOf(simulation: Simulation, tally: Tally): RunReport["consensus"] {
  const { world, vehicles } = simulation;
  const agreed = world.node(GROUND_SLOT)?.agreed;
  const times = [GROUND_SLOT, ...vehicles].flatMap((slot) => world.node(slot)?.commitMs ?? []);
  return {
    clusters: agreed?.clusters ?? 1,
    commitMs: { ...quantiles(times), p999: rounded(quantileOf(times, 0.999)) },
    elections: tally.elections,
    entries: agreed?.commits ?? 0,
  };
}

function securityOf(simulation: Simulation, tally: Tally): RunReport["security"] {
  const { world, vehicles } = simulation;
  const byReason: Record<string, number> = {};
  for (const slot of [GROUND_SLOT, ...vehicles]) {
    const node = world.node(slot);
    const refusals = (node?.refusals ?? []).map(({ reason, count }) => [reason, count] as const);
    for (const [reason, count] of [...refusals, ...(node?.layers.security.refused ?? [])]) {
      byReason[reason] = (byReason[reason] ?? 0) + count;
    }
  }
  return {
    handshakes: tally.handshakes,
    handshakeBytes: { warm: quantileOf(tally.handshakeBytes, 0.5), cold: null },
    epochs: tally.epochs,
    refused: { byReason },
  };
}

function predictionOf({ loaded, vehicles }: Simulation): number {
  const { mission, prior } = loaded;
  const timeS = mission.simulation.durationS;
  return predictedSuccess(mission, prior, { vehicleCount: vehicles.length, timeS });
}

/** Of the probability inside the area, what lies where no lane has passed. */
function unseenShareOf({ world, loaded }: Simulation): number {
  const swarm = world.node(GROUND_SLOT)?.layers.swarm;
  if (swarm === undefined) return 1;
  const { mass } = loaded.prior;
  let total = 0;
  let unseen = 0;
  for (let cell = 0; cell < mass.length; cell += 1) {
    total += mass[cell]!;
    if (swarm.coverageAt(cell) === 0) unseen += mass[cell]!;
  }
  return total > 0 ? unseen / total : 0;
}

function routeOutagesMs({ world, vehicles }: Simulation): readonly number[] {
  const slots = [GROUND_SLOT, ...vehicles];
  return slots.flatMap((slot) => world.node(slot)?.layers.network.routeOutagesMs ?? []);
}

/** From the key to the last target's word that it acts, of orders that all targets acted on. */
function actedMs({ world }: Simulation): readonly number[] {
  const times: number[] = [];
  for (const { at, rows } of world.node(GROUND_SLOT)?.orders ?? []) {
    const last = rows.reduce((latest, { actedAt }) => Math.max(latest, actedAt), 0);
    if (rows.length > 0 && Number.isFinite(last)) times.push(last - at);
  }
  return times;
}

function bandOf({ world }: Simulation): { readonly low: number; readonly high: number } {
  return world.node(GROUND_SLOT)?.layers.swarm.success ?? { low: 0, high: 0 };
}

const quantiles = (values: readonly number[]): Quantiles => ({
  p50: rounded(quantileOf(values, 0.5)),
  p99: rounded(quantileOf(values, 0.99)),
});

const rounded = (value: number | null): number | null => (value === null ? null : round(value, 2));

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

function noteOf(simulation: Simulation, timeS: number): string {
  const minutes = `${String(Math.floor(timeS / 60))} min simulated`;
  const { behaviour } = simulation.options;
  if (behaviour !== undefined) return `${minutes}, behaviour ${behaviour.name}`;
  const band = bandOf(simulation);
  return `${minutes}, POS ${percent(band.low)}-${percent(band.high)}`;
}

const percent = (share: number): string => `${String(Math.round(share * 100))}%`;
