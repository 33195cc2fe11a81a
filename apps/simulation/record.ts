/** Records a simulated run as MCAP while it is flown. */
import { openRecording, type RecordedVehicle } from "../../adapters/recording/mod.ts";
import type { Result } from "../../src/base/mod.ts";
import { missionFrame } from "../../src/swarm/mod.ts";
import { WORLD_EPOCH_MS, type VehicleView } from "../../sim/mod.ts";
import { eventText } from "../events/event-text.ts";
import type { Simulation } from "./open-simulation.ts";
import type { RunReport } from "./report.ts";

const SAMPLE_MS = 1000;

export interface RunRecording {
  /** Writes the report, closes the file. */
  readonly end: (report: RunReport) => Result<string>;
}

/** Opens the file and listens to the world; nothing is recorded of what was before. */
export function startRecording(simulation: Simulation, path: string): Result<RunRecording> {
  const { world, loaded, options, vehicles } = simulation;
  const opened = openRecording(path, {
    mission: loaded.mission.name,
    seed: options.seed,
    vehicles,
    epochMs: WORLD_EPOCH_MS,
    more: { planner: options.planner ?? "massRate", crypto: simulation.crypto },
  });
  if (!opened.ok) return opened;
  const recording = opened.value;
  const frame = missionFrame(loaded.mission.origin);
  world.onSample(SAMPLE_MS, ({ timeMs, vehicles: views }) => {
    recording.vehicles(
      timeMs,
      views.map((view) => recorded(view, frame.toDegrees(view.position))),
    );
  });
  world.onEvent(({ timeMs, slot, event }) => {
    recording.event({
      timeMs,
      vehicle: slot,
      severity: event.severity,
      kind: event.detail.kind,
      text: eventText(event.detail),
      detail: { ...event.detail },
    });
  });
  return { ok: true, value: { end: (report) => recording.end(report) } };
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
