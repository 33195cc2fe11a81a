/**
 * Recording a run: where every vehicle was, what every node reported, the report at the end, and
 * what repeats the run (mission, seed, options). Opens in Foxglove and Lichtblick (`schemas.ts`);
 * `skein replay` summarises it.
 *
 * Times in the file are the run's own, counted from `epochMs`, never those of the machine it ran
 * on: one run gives one file.
 */
import { fail, ok, problem, type Problem, type Result } from "../../src/base/mod.ts";
import { ChunkWriter, type ChannelSpec } from "./chunk-writer.ts";
import { SCHEMAS, type SchemaName } from "./schemas.ts";

export interface RunIdentity {
  readonly mission: string;
  readonly seed: number;
  /** Directory indices of the vehicles, in order. */
  readonly vehicles: readonly number[];
  /** Unix milliseconds of the run's zero; 0 leaves the times as elapsed. */
  readonly epochMs: number;
  /** Anything else that is needed to repeat the run, as text. */
  readonly more: Readonly<Record<string, string>>;
}

export interface RecordedVehicle {
  readonly index: number;
  readonly state: string;
  readonly northM: number;
  readonly eastM: number;
  readonly altitudeAmslM: number;
  readonly latDeg: number;
  readonly lonDeg: number;
  /** Clockwise from north. */
  readonly yawRad: number;
  readonly batteryRatio: number;
  /** One sigma, horizontal. */
  readonly positionErrorM: number;
}

export type RecordedSeverity = "info" | "notice" | "warning" | "alarm";

export interface RecordedEvent {
  readonly timeMs: number;
  /** Directory index of the node that says it. */
  readonly vehicle: number;
  readonly severity: RecordedSeverity;
  readonly kind: string;
  readonly text: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface Recording {
  vehicles(timeMs: number, vehicles: readonly RecordedVehicle[]): void;
  event(event: RecordedEvent): void;
  /** Writes the report and closes the file; says so when anything could not be written. */
  end(report: unknown): Result<string>;
}

const FRAME = "mission";
const NS_PER_MS = 1_000_000n;
const LIBRARY = "skein";

/** Foxglove's log levels: info 2, warning 3, error 4. */
const LEVELS: Readonly<Record<RecordedSeverity, number>> = {
  info: 2,
  notice: 2,
  warning: 3,
  alarm: 4,
};

const FIXED: readonly (ChannelSpec & { readonly schema: SchemaName })[] = [
  { topic: "/swarm", schema: "foxglove.SceneUpdate" },
  { topic: "/swarm/poses", schema: "foxglove.PosesInFrame" },
  { topic: "/log", schema: "foxglove.Log" },
  { topic: "/skein/vehicles", schema: "skein.Vehicles" },
  { topic: "/skein/events", schema: "skein.Event" },
  { topic: "/skein/report", schema: "skein.Report" },
];
const CHANNEL = {
  scene: 0,
  poses: 1,
  log: 2,
  vehicles: 3,
  events: 4,
  report: 5,
  fixes: 6,
} as const;

/** Metadata record that holds a run's identity. */
export const RUN_METADATA = "skein.run";

export function openRecording(path: string, run: RunIdentity): Result<Recording> {
  const fixes = run.vehicles.map((index) => ({
    topic: `/vehicle/${String(index)}/fix`,
    schema: "foxglove.LocationFix",
  }));
  try {
    const writer = new ChunkWriter(path, {
      library: LIBRARY,
      schemas: SCHEMAS,
      channels: [...FIXED, ...fixes],
    });
    writer.metadata(RUN_METADATA, {
      mission: run.mission,
      seed: String(run.seed),
      vehicles: run.vehicles.join(","),
      epochMs: String(run.epochMs),
      ...run.more,
    });
    return ok(recordingTo(writer, path, run));
  } catch (error) {
    return fail(cannotWrite(path, error));
  }
}

function recordingTo(writer: ChunkWriter, path: string, run: RunIdentity): Recording {
  const epochNs = BigInt(run.epochMs) * NS_PER_MS;
  const atNs = (timeMs: number): bigint => epochNs + BigInt(Math.round(timeMs * 1e6));
  let lastMs = 0;
  // The first failure (a full disk) ends the recording, never the run.
  let broken: Problem | undefined;
  const attempt = (work: () => void): void => {
    if (broken !== undefined) return;
    try {
      work();
    } catch (error) {
      broken = cannotWrite(path, error);
    }
  };
  return {
    vehicles: (timeMs, vehicles) => {
      attempt(() => {
        const ns = atNs(timeMs);
        lastMs = Math.max(lastMs, timeMs);
        writeVehicles(writer, ns, vehicles, run.vehicles);
      });
    },
    event: (event) => {
      attempt(() => {
        lastMs = Math.max(lastMs, event.timeMs);
        writeEvent(writer, atNs(event.timeMs), event);
      });
    },
    end: (report) => {
      attempt(() => {
        writer.message(CHANNEL.report, atNs(lastMs), report);
        writer.end();
      });
      return broken === undefined ? ok(path) : fail(broken);
    },
  };
}

function cannotWrite(path: string, error: unknown): Problem {
  const { code, message } = error as NodeJS.ErrnoException;
  const remedy = "free space or choose another place; what was written so far can be read";
  return problem("REC004", { detail: code ?? message, remedy, where: path });
}

function writeVehicles(
  writer: ChunkWriter,
  ns: bigint,
  vehicles: readonly RecordedVehicle[],
  known: readonly number[],
): void {
  const timestamp = stamp(ns);
  writer.message(CHANNEL.scene, ns, {
    deletions: [],
    entities: vehicles.map((vehicle) => entityOf(vehicle, timestamp)),
  });
  const poses = vehicles.map(poseOf);
  writer.message(CHANNEL.poses, ns, { timestamp, frame_id: FRAME, poses });
  writer.message(CHANNEL.vehicles, ns, {
    vehicles: vehicles.map(({ index, state, northM, eastM, altitudeAmslM, batteryRatio }) => ({
      index,
      state,
      northM: rounded(northM),
      eastM: rounded(eastM),
      altitudeAmslM: rounded(altitudeAmslM),
      batteryRatio: Math.round(batteryRatio * 1e4) / 1e4,
    })),
  });
  for (const vehicle of vehicles) {
    const place = known.indexOf(vehicle.index);
    if (place >= 0) writer.message(CHANNEL.fixes + place, ns, fixOf(vehicle, timestamp));
  }
}

function writeEvent(writer: ChunkWriter, ns: bigint, event: RecordedEvent): void {
  const { vehicle, severity, kind, text, detail, timeMs } = event;
  writer.message(CHANNEL.log, ns, {
    timestamp: stamp(ns),
    level: LEVELS[severity],
    message: text,
    name: `node ${String(vehicle)}`,
    file: kind,
    line: 0,
  });
  writer.message(CHANNEL.events, ns, {
    atS: timeMs / 1000,
    vehicle,
    severity,
    kind,
    text,
    detail: plain(detail),
  });
}

/** Identities are 64-bit numbers, which JSON has not; they are written as text. */
function plain(detail: Readonly<Record<string, unknown>>): unknown {
  return JSON.parse(
    JSON.stringify(detail, (_, value: unknown) =>
      typeof value === "bigint" ? value.toString(16) : value,
    ),
  ) as unknown;
}

interface Stamp {
  readonly sec: number;
  readonly nsec: number;
}

const stamp = (ns: bigint): Stamp => ({
  sec: Number(ns / 1_000_000_000n),
  nsec: Number(ns % 1_000_000_000n),
});

const rounded = (metres: number): number => Math.round(metres * 100) / 100;

interface Pose {
  readonly position: { readonly x: number; readonly y: number; readonly z: number };
  readonly orientation: {
    readonly x: number;
    readonly y: number;
    readonly z: number;
    readonly w: number;
  };
}

/** East, north, up; yaw turns from east to the left, so north is a quarter turn. */
function poseOf({ northM, eastM, altitudeAmslM, yawRad }: RecordedVehicle): Pose {
  const half = (Math.PI / 2 - yawRad) / 2;
  return {
    position: { x: rounded(eastM), y: rounded(northM), z: rounded(altitudeAmslM) },
    orientation: { x: 0, y: 0, z: Math.sin(half), w: Math.cos(half) },
  };
}

const WHITE = { r: 0.9, g: 0.93, b: 0.96, a: 1 };
const FLYING = { r: 0.44, g: 0.84, b: 0.6, a: 1 };
const LOST = { r: 1, g: 0.48, b: 0.42, a: 1 };
/** Drawn large: a mission is kilometres wide. */
const ARROW_M = 40;

function entityOf(vehicle: RecordedVehicle, timestamp: Stamp): unknown {
  const pose = poseOf(vehicle);
  const { index, state } = vehicle;
  return {
    timestamp,
    frame_id: FRAME,
    id: `vehicle ${String(index)}`,
    lifetime: { sec: 0, nsec: 0 },
    frame_locked: false,
    metadata: [{ key: "state", value: state }],
    arrows: [
      {
        pose,
        shaft_length: ARROW_M * 0.6,
        shaft_diameter: ARROW_M * 0.15,
        head_length: ARROW_M * 0.4,
        head_diameter: ARROW_M * 0.35,
        color: state === "lost" ? LOST : FLYING,
      },
    ],
    texts: [
      {
        pose,
        billboard: true,
        font_size: 14,
        scale_invariant: true,
        color: WHITE,
        text: String(index),
      },
    ],
  };
}

function fixOf(vehicle: RecordedVehicle, timestamp: Stamp): unknown {
  const variance = vehicle.positionErrorM * vehicle.positionErrorM;
  return {
    timestamp,
    frame_id: FRAME,
    latitude: vehicle.latDeg,
    longitude: vehicle.lonDeg,
    altitude: rounded(vehicle.altitudeAmslM),
    position_covariance: [variance, 0, 0, 0, variance, 0, 0, 0, 4 * variance],
    position_covariance_type: 1,
  };
}
