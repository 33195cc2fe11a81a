/**
 * Making an autopilot useful before it flies: asking for the messages that it does not send by
 * itself, and setting its failsafes and reading them back.
 *
 * Both work by what is seen, not by acknowledgements, which may come late or not at all: a stream
 * that is missing is asked for again, a parameter that has not been read back with its value is set
 * again. So a rebooted autopilot, or one whose streams another ground station has changed, comes
 * back without a special case.
 */
import { mavlink } from "../mavlink/codec.ts";
import type { MavlinkKind, MavlinkMessage, MavlinkMessageOf } from "../mavlink/messages.ts";
import { layoutOfKind } from "../mavlink/codec.ts";
import { MAV_CMD } from "../mavlink/numbers.ts";
import { parameterValue, type Dialect, type FailsafeParameter } from "./dialect.ts";

export interface Stream {
  readonly kind: MavlinkKind;
  readonly rateHz: number;
  /** Only of this dialect. */
  readonly dialect?: Dialect;
}

/** Rates are those of the vehicle's own clock, which in a simulator may run faster than ours. */
export const STREAMS: readonly Stream[] = [
  { kind: "globalPositionInt", rateHz: 10 },
  { kind: "extendedSysState", rateHz: 5 },
  { kind: "sysStatus", rateHz: 2 },
  { kind: "ekfStatusReport", rateHz: 2, dialect: "ardupilot" },
  { kind: "homePosition", rateHz: 0.5 },
  { kind: "gpsRawInt", rateHz: 2 },
  { kind: "batteryStatus", rateHz: 1 },
  { kind: "attitude", rateHz: 4 },
  { kind: "wind", rateHz: 1, dialect: "ardupilot" },
  { kind: "windCov", rateHz: 1, dialect: "px4" },
  { kind: "distanceSensor", rateHz: 5 },
  { kind: "systemTime", rateHz: 1 },
];

/** Plain data: saved as it stands. Arrays run in parallel to `STREAMS` and the parameters. */
export interface Setup {
  readonly streamSeenAtMs: number[];
  readonly streamAskedAtMs: number[];
  readonly streamAskedCount: number[];
  readonly verified: boolean[];
  readonly setAtMs: number[];
  readonly setCount: number[];
}

export function newSetup(parameterCount: number): Setup {
  return {
    streamSeenAtMs: STREAMS.map(() => -Infinity),
    streamAskedAtMs: STREAMS.map(() => -Infinity),
    streamAskedCount: STREAMS.map(() => 0),
    verified: new Array<boolean>(parameterCount).fill(false),
    setAtMs: new Array<number>(parameterCount).fill(-Infinity),
    setCount: new Array<number>(parameterCount).fill(0),
  };
}

const STREAM_INDEX: ReadonlyMap<MavlinkKind, number> = new Map(
  STREAMS.map(({ kind }, i) => [kind, i]),
);

/** Takes note of a message that arrived. */
export function observeSetup(
  setup: Setup,
  message: MavlinkMessage,
  context: {
    readonly dialect: Dialect;
    readonly parameters: readonly FailsafeParameter[];
    readonly nowMs: number;
  },
): void {
  const stream = STREAM_INDEX.get(message.kind);
  if (stream !== undefined) setup.streamSeenAtMs[stream] = context.nowMs;
  if (message.kind !== "paramValue") return;
  context.parameters.forEach((parameter, i) => {
    if (parameter.name !== message.paramId) return;
    setup.verified[i] = Object.is(
      message.paramValue,
      parameterValue(context.dialect, parameter).paramValue,
    );
  });
}

/** Between two requests for one stream, and between two settings of one parameter. */
const AGAIN_MS = 1000;
/** After this many vain requests (a rangefinder that is not fitted) only now and then. */
const EAGER_COUNT = 6;
const PATIENT_MS = 10_000;
/** Requests sent in one go. */
const BATCH = 3;

const due = (now: number, askedAt: number, count: number): boolean =>
  now - askedAt >= (count < EAGER_COUNT ? AGAIN_MS : PATIENT_MS);

function streamMissing(setup: Setup, i: number, nowMs: number): boolean {
  const periodMs = 1000 / STREAMS[i]!.rateHz;
  // Each is asked for once even when it comes already: at whose rate, nobody knows.
  return setup.streamAskedCount[i] === 0 || nowMs - setup.streamSeenAtMs[i]! > 3000 + 3 * periodMs;
}

/** The next few requests for messages. */
export function streamRequests(
  setup: Setup,
  dialect: Dialect,
  nowMs: number,
): MavlinkMessageOf<"commandLong">[] {
  const requests: MavlinkMessageOf<"commandLong">[] = [];
  STREAMS.forEach((stream, i) => {
    const foreign = stream.dialect !== undefined && stream.dialect !== dialect;
    if (foreign || requests.length >= BATCH || !streamMissing(setup, i, nowMs)) return;
    if (!due(nowMs, setup.streamAskedAtMs[i]!, setup.streamAskedCount[i]!)) return;
    setup.streamAskedAtMs[i] = nowMs;
    setup.streamAskedCount[i]! += 1;
    requests.push(
      mavlink("commandLong", {
        command: MAV_CMD.SET_MESSAGE_INTERVAL,
        param1: layoutOfKind(stream.kind).id,
        param2: 1_000_000 / stream.rateHz,
      }),
    );
  });
  return requests;
}

/** The next few settings of parameters that have not been read back. */
export function parameterRequests(
  setup: Setup,
  context: {
    readonly dialect: Dialect;
    readonly parameters: readonly FailsafeParameter[];
    readonly nowMs: number;
  },
): MavlinkMessageOf<"paramSet">[] {
  const requests: MavlinkMessageOf<"paramSet">[] = [];
  context.parameters.forEach((parameter, i) => {
    if (setup.verified[i] === true || requests.length >= BATCH) return;
    if (!due(context.nowMs, setup.setAtMs[i]!, setup.setCount[i]!)) return;
    setup.setAtMs[i] = context.nowMs;
    setup.setCount[i]! += 1;
    requests.push(
      mavlink("paramSet", {
        paramId: parameter.name,
        ...parameterValue(context.dialect, parameter),
      }),
    );
  });
  return requests;
}

export function failsafesSet(setup: Setup): boolean {
  return setup.verified.every(Boolean);
}

/** Parameters that were set in vain often enough to say so; named once each time it is reached. */
export function stubbornParameters(
  setup: Setup,
  parameters: readonly FailsafeParameter[],
): readonly string[] {
  return parameters
    .filter((_, i) => setup.verified[i] !== true && setup.setCount[i] === EAGER_COUNT)
    .map(({ name }) => name);
}
