/**
 * Records a simulated run while it is flown: the truth about each vehicle, what every node
 * reported, what the ground station's page would have shown, and the trace hash each second.
 *
 * Nothing here is part of the world: a run has one trace hash, recorded or not (tested).
 */
import {
  openBroadcast,
  openRecording,
  type MessageSink,
  type RecordedVehicle,
  type Recording,
  type RunIdentity,
} from "../../adapters/recording/mod.ts";
import { ok, type Result } from "../../src/base/mod.ts";
import { missionFrame } from "../../src/swarm/mod.ts";
import { WORLD_EPOCH_MS, type VehicleView } from "../../sim/mod.ts";
import { eventText } from "../events/event-text.ts";
import type { GroundView } from "../ground/report/view.ts";
import { WorldHost } from "../ground/server/world-host.ts";
import { Causes } from "./causes.ts";
import type { Simulation } from "./open-simulation.ts";
import type { RunReport } from "./report.ts";
import { codeDigest, commitName, missionDigest } from "./run-identity.ts";

const GROUND_SLOT = 0;
const SECOND_MS = 1000;
/** A view tells 0.6 kB a vehicle: beyond this many vehicles views come less often. */
const VIEW_EACH_SECOND_UP_TO = 50;
const VIEW_EVERY_MAX_S = 10;
const MAP_EVERY_S = 10;
const ORDERS_KNOWN_MAX = 1000;

export interface RunRecording {
  /** Writes the report, closes the file. */
  readonly end: (report: RunReport) => Result<string>;
}

/** How the run was asked for, as far as it decides what happens. */
export interface RunAsked {
  readonly missionFile: string;
  readonly durationS: number;
  readonly untilFound: boolean;
  /** The content of the fault file as JSON, empty without one. */
  readonly faults: string;
  /** Of the behaviour's source, empty when the search is flown. */
  readonly behaviourDigest: string;
  readonly behaviourFile: string;
  /** Whether somebody may command vehicles from outside while it flies. */
  readonly outside: boolean;
}

export interface RecordTo {
  /** The file, when there is one. */
  readonly path?: string;
  readonly sinks?: readonly MessageSink[];
}

/** Opens the file and listens to the world; nothing is recorded of what was before. */
export function startRecording(
  simulation: Simulation,
  asked: RunAsked,
  to: RecordTo,
): Result<RunRecording> {
  const identity = identityOf(simulation, asked);
  const sinks = to.sinks ?? [];
  const opened =
    to.path === undefined
      ? ok(openBroadcast(identity, sinks))
      : openRecording(to.path, identity, sinks);
  if (!opened.ok) return opened;
  const recording = opened.value;
  recordNodes(simulation, recording);
  recordGround(simulation, recording);
  return ok({ end: (report) => recording.end(report) });
}

export function identityOf(simulation: Simulation, asked: RunAsked): RunIdentity {
  const { loaded, options, vehicles } = simulation;
  return {
    mission: loaded.mission.name,
    seed: options.seed,
    vehicles,
    epochMs: WORLD_EPOCH_MS,
    more: {
      planner: options.planner ?? "massRate",
      crypto: simulation.crypto,
      missionFile: asked.missionFile,
      missionDigest: missionDigest(loaded),
      durationS: String(asked.durationS),
      untilFound: String(asked.untilFound),
      faults: asked.faults,
      behaviourFile: asked.behaviourFile,
      behaviourDigest: asked.behaviourDigest,
      outside: String(asked.outside),
      code: codeDigest(),
      commit: commitName(),
      node: process.versions.node,
    },
  };
}

/** Every node's reports, the vehicles' truth and the trace hash. */
function recordNodes({ world, loaded, onBirth }: Simulation, recording: Recording): void {
  const causes = new Causes(() => world.timeMs);
  onBirth((slot, node) => causes.watch(slot, node));
  const frame = missionFrame(loaded.mission.origin);
  world.onEvent(({ timeMs, slot, event }) => {
    const cause = causes.told(slot, event, (step) => recording.cause(step));
    recording.event({
      timeMs,
      vehicle: slot,
      severity: event.severity,
      kind: event.detail.kind,
      text: eventText(event.detail),
      detail: { ...event.detail },
      ...(cause === undefined ? {} : { cause }),
    });
  });
  world.onSample(SECOND_MS, ({ timeMs, vehicles: views }) => {
    recording.vehicles(
      timeMs,
      views.map((view) => recorded(view, frame.toDegrees(view.position))),
    );
    recording.trace(timeMs, world.traceHash());
  });
}

/** What the operator's page would have shown. */
function recordGround(simulation: Simulation, recording: Recording): void {
  const { world, vehicles } = simulation;
  const host = new WorldHost(simulation, 0, { speed: 1, observes: true });
  const wanted = Math.ceil(vehicles.length / VIEW_EACH_SECOND_UP_TO);
  const viewEveryS = Math.min(VIEW_EVERY_MAX_S, wanted);
  const known = new Set<string>();
  let planning = true;
  recording.ground("hello", world.timeMs, host.hello);
  world.onSample(SECOND_MS, ({ timeMs }) => {
    const nowS = Math.round(timeMs / SECOND_MS);
    host.observe(nowS);
    const band = world.node(GROUND_SLOT)?.layers.swarm.success;
    if (band !== undefined) recording.success(timeMs, band);
    if (nowS % viewEveryS !== 0) return;
    const view = host.view(timeMs);
    if (planning && !host.predictMore()) {
      planning = false;
      recording.ground("plan", timeMs, { plan: rounded(view.pos.plan) });
    }
    recording.ground("view", timeMs, recordedView(view, nowS));
    recordOrders(view.orders, known, recording);
    const events = host.takeEvents();
    if (events.length > 0) recording.ground("events", timeMs, { events });
    const places = host.takePlaces();
    if (places.length > 0) recording.ground("places", timeMs, { places });
    if (nowS % MAP_EVERY_S === 0) recording.ground("map", timeMs, host.map());
  });
}

/** Each order once; a view shows the newest only, so that those forgotten here come no more. */
function recordOrders(
  orders: GroundView["orders"],
  known: Set<string>,
  recording: Recording,
): void {
  for (const { id, kind, about, targets, issuedAtS } of orders.toReversed()) {
    if (known.has(id)) continue;
    known.add(id);
    recording.order({ timeMs: issuedAtS * SECOND_MS, id, kind, about, targets });
  }
  for (const id of known) {
    if (known.size <= ORDERS_KNOWN_MAX) break;
    known.delete(id);
  }
}

/** Curve and plan stand once in the file, not in each view. */
function recordedView(view: GroundView, nowS: number): object {
  const pos = { ...view.pos, curve: [], plan: [] };
  return rounded({ ...view, missionTimeS: nowS, pos }) as object;
}

/** Numbers to four decimals: a tenth of a millimetre, and a file of half the size. */
function rounded(value: unknown): unknown {
  if (typeof value === "number") return Math.round(value * 1e4) / 1e4;
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rounded(item)]));
}

function recorded(
  view: VehicleView,
  place: { readonly latDeg: number; readonly lonDeg: number },
): RecordedVehicle {
  return {
    index: view.slot,
    state: view.mode,
    ...view.position,
    ...place,
    yawRad: view.yawRad,
    batteryRatio: view.batteryRatio,
    positionErrorM: 1,
  };
}
