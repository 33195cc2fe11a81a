/**
 * Recording a run: where every vehicle was, what every node reported, what the ground station's
 * page showed, the trace hash each second, what led to what, the report at the end, and what
 * repeats the run (mission, seed, options). Opens in Foxglove and Lichtblick; `skein replay` plays
 * it. Channels and their schemas: `docs/protocols/recording.md`.
 *
 * Times in the file are the run's own, counted from `epochMs`, never those of the machine it ran
 * on: one run gives one file. What is recorded can go to other sinks at the same time (a Foxglove
 * server).
 *
 * Bounds: `FIXES_MAX` vehicles have a channel of their own; all are in those of the swarm.
 */
import { fail, ok, problem, type Problem, type Result } from "../../src/base/mod.ts";
import { ChunkWriter, type ChannelSpec } from "./chunk-writer.ts";
import { GROUND_SCHEMAS } from "./ground-schemas.ts";
import {
  entityOf,
  fixOf,
  FRAME,
  poseOf,
  rounded,
  stamp,
  type RecordedVehicle,
} from "./messages.ts";
import { SCHEMAS } from "./schemas.ts";

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

export type RecordedSeverity = "info" | "notice" | "warning" | "alarm";

export interface RecordedEvent {
  readonly timeMs: number;
  /** Directory index of the node that says it. */
  readonly vehicle: number;
  readonly severity: RecordedSeverity;
  readonly kind: string;
  readonly text: string;
  readonly detail: Readonly<Record<string, unknown>>;
  /** The step that told it (`RecordedCause`), when causes are recorded. */
  readonly cause?: number;
}

/** One step of a node that led to something told: which step or message it followed from. */
export interface RecordedCause {
  readonly id: number;
  readonly timeMs: number;
  /** Directory index of the node that took the step. */
  readonly node: number;
  readonly stimulus: string;
  /** What the step was about, in words; empty when the stimulus says all. */
  readonly about: string;
  /** The step that this one followed from; absent at a root. */
  readonly from?: number;
}

/** What the ground station's page showed: its own messages (`apps/ground/report/view.ts`). */
export type GroundTopic = "hello" | "plan" | "view" | "map" | "events" | "places";

export interface RecordedOrder {
  readonly timeMs: number;
  readonly id: string;
  readonly kind: string;
  /** What it concerns beside its targets; empty when they say all. */
  readonly about: string;
  readonly targets: readonly number[];
}

export interface Recording {
  vehicles(timeMs: number, vehicles: readonly RecordedVehicle[]): void;
  event(event: RecordedEvent): void;
  /** The trace hash of all that happened up to this time. */
  trace(timeMs: number, hash: string): void;
  success(timeMs: number, band: { readonly low: number; readonly high: number }): void;
  ground(topic: GroundTopic, timeMs: number, message: object): void;
  /** Given by the operator, as the ground station signed it. */
  order(order: RecordedOrder): void;
  cause(cause: RecordedCause): void;
  /** Writes the report and closes the file; says so when anything could not be written. */
  end(report: unknown): Result<string>;
}

const NS_PER_MS = 1_000_000n;
const LIBRARY = "skein";

/** Foxglove's log levels: info 2, warning 3, error 4. */
const LEVELS: Readonly<Record<RecordedSeverity, number>> = {
  info: 2,
  notice: 2,
  warning: 3,
  alarm: 4,
};

const FIXED = [
  { topic: "/swarm", schema: "foxglove.SceneUpdate" },
  { topic: "/swarm/poses", schema: "foxglove.PosesInFrame" },
  { topic: "/log", schema: "foxglove.Log" },
  { topic: "/skein/vehicles", schema: "skein.Vehicles" },
  { topic: "/skein/events", schema: "skein.Event" },
  { topic: "/skein/report", schema: "skein.Report" },
  { topic: "/skein/trace", schema: "skein.TraceHash" },
  { topic: "/skein/success", schema: "skein.Success" },
  { topic: "/skein/orders", schema: "skein.Order" },
  { topic: "/skein/causes", schema: "skein.Cause" },
  { topic: "/skein/ground/hello", schema: "skein.GroundHello" },
  { topic: "/skein/ground/plan", schema: "skein.GroundPlan" },
  { topic: "/skein/ground/view", schema: "skein.GroundView" },
  { topic: "/skein/ground/map", schema: "skein.GroundMap" },
  { topic: "/skein/ground/events", schema: "skein.GroundEvents" },
  { topic: "/skein/ground/places", schema: "skein.GroundPlaces" },
] as const satisfies readonly ChannelSpec[];

type Topic = (typeof FIXED)[number]["topic"];

/** Where a topic stands in the list of channels. */
const channelOf = (topic: Topic): number => FIXED.findIndex((each) => each.topic === topic);

const CHANNEL = {
  scene: channelOf("/swarm"),
  poses: channelOf("/swarm/poses"),
  log: channelOf("/log"),
  vehicles: channelOf("/skein/vehicles"),
  events: channelOf("/skein/events"),
  report: channelOf("/skein/report"),
  trace: channelOf("/skein/trace"),
  success: channelOf("/skein/success"),
  orders: channelOf("/skein/orders"),
  causes: channelOf("/skein/causes"),
  fixes: FIXED.length,
} as const;

const FIXES_MAX = 64;

/** Every schema by its name. */
const ALL_SCHEMAS: Readonly<Record<string, unknown>> = { ...SCHEMAS, ...GROUND_SCHEMAS };

/** A channel as others are told of it. */
export interface RecordingChannel extends ChannelSpec {
  /** The JSON schema of its messages, as text. */
  readonly schemaText: string;
}

/** The channels of a recording of these vehicles; a message names its channel by the place here. */
export function recordingChannels(vehicles: readonly number[]): readonly RecordingChannel[] {
  return [...FIXED, ...fixChannels(vehicles)].map((each) => ({
    ...each,
    schemaText: JSON.stringify(ALL_SCHEMAS[each.schema]),
  }));
}

const fixChannels = (vehicles: readonly number[]): readonly ChannelSpec[] =>
  vehicles.slice(0, FIXES_MAX).map((index) => ({
    topic: `/vehicle/${String(index)}/fix`,
    schema: "foxglove.LocationFix",
  }));

/** Takes each message beside the file. */
export interface MessageSink {
  message(channel: number, atNs: bigint, json: Uint8Array): void;
}

const ENCODER = new TextEncoder();

/** Encodes a message once for all who take it. */
interface Outlet {
  message(channel: number, atNs: bigint, value: unknown): void;
}

function outletTo(sinks: readonly MessageSink[]): Outlet {
  return {
    message: (channel, atNs, value) => {
      const json = ENCODER.encode(JSON.stringify(value));
      for (const sink of sinks) sink.message(channel, atNs, json);
    },
  };
}

/** Metadata record that holds a run's identity. */
export const RUN_METADATA = "skein.run";

export function openRecording(
  path: string,
  run: RunIdentity,
  others: readonly MessageSink[] = [],
): Result<Recording> {
  try {
    const writer = new ChunkWriter(path, {
      library: LIBRARY,
      schemas: ALL_SCHEMAS,
      channels: [...FIXED, ...fixChannels(run.vehicles)],
    });
    writer.metadata(RUN_METADATA, {
      mission: run.mission,
      seed: String(run.seed),
      vehicles: run.vehicles.join(","),
      epochMs: String(run.epochMs),
      ...run.more,
    });
    return ok(recordingTo([writer, ...others], run, { end: () => writer.end(), path }));
  } catch (error) {
    return fail(cannotWrite(path, error));
  }
}

/** Without a file: to those who listen now. */
export function openBroadcast(run: RunIdentity, sinks: readonly MessageSink[]): Recording {
  return recordingTo(sinks, run, { end: () => undefined, path: "" });
}

function recordingTo(
  sinks: readonly MessageSink[],
  run: RunIdentity,
  file: { readonly end: () => void; readonly path: string },
): Recording {
  const { path } = file;
  const epochNs = BigInt(run.epochMs) * NS_PER_MS;
  const atNs = (timeMs: number): bigint => epochNs + BigInt(Math.round(timeMs * 1e6));
  const outlet = outletTo(sinks);
  const places = new Map(run.vehicles.slice(0, FIXES_MAX).map((index, place) => [index, place]));
  let lastMs = 0;
  // The first failure (a full disk) ends the recording, never the run.
  let broken: Problem | undefined;
  const attempt = (timeMs: number, work: (ns: bigint) => void): void => {
    if (broken !== undefined) return;
    lastMs = Math.max(lastMs, timeMs);
    try {
      work(atNs(timeMs));
    } catch (error) {
      broken = cannotWrite(path, error);
    }
  };
  const say = (channel: number, timeMs: number, value: unknown): void => {
    attempt(timeMs, (ns) => outlet.message(channel, ns, value));
  };
  return {
    vehicles: (timeMs, vehicles) => {
      attempt(timeMs, (ns) => writeVehicles(outlet, ns, vehicles, places));
    },
    event: (event) => {
      attempt(event.timeMs, (ns) => writeEvent(outlet, ns, event));
    },
    trace: (timeMs, hash) => say(CHANNEL.trace, timeMs, { atS: timeMs / 1000, hash }),
    success: (timeMs, { low, high }) => {
      say(CHANNEL.success, timeMs, { atS: timeMs / 1000, low: share(low), high: share(high) });
    },
    ground: (topic, timeMs, message) => {
      say(channelOf(`/skein/ground/${topic}`), timeMs, message);
    },
    order: ({ timeMs, ...order }) => {
      say(CHANNEL.orders, timeMs, { atS: timeMs / 1000, ...order });
    },
    cause: ({ timeMs, ...cause }) => {
      say(CHANNEL.causes, timeMs, { atS: timeMs / 1000, ...cause });
    },
    end: (report) => {
      say(CHANNEL.report, lastMs, report);
      attempt(lastMs, () => file.end());
      return broken === undefined ? ok(path) : fail(broken);
    },
  };
}

const share = (ratio: number): number => Math.round(ratio * 1e4) / 1e4;

function cannotWrite(path: string, error: unknown): Problem {
  const { code, message } = error as NodeJS.ErrnoException;
  const remedy = "free space or choose another place; what was written so far can be read";
  return problem("REC004", { detail: code ?? message, remedy, where: path });
}

function writeVehicles(
  writer: Outlet,
  ns: bigint,
  vehicles: readonly RecordedVehicle[],
  places: ReadonlyMap<number, number>,
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
      batteryRatio: share(batteryRatio),
    })),
  });
  for (const vehicle of vehicles) {
    const place = places.get(vehicle.index);
    if (place !== undefined) writer.message(CHANNEL.fixes + place, ns, fixOf(vehicle, timestamp));
  }
}

function writeEvent(writer: Outlet, ns: bigint, event: RecordedEvent): void {
  const { vehicle, severity, kind, text, detail, timeMs, cause } = event;
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
    ...(cause === undefined ? {} : { cause }),
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
