/**
 * A vehicle that speaks as ArduCopter does: the mirror of `autopilot`. Samples of a (simulated)
 * vehicle go in, MAVLink comes out; what ground stations ask for comes out as vehicle commands.
 *
 * What it does as ArduPilot does: it is silent but for its heartbeat until asked (unless the host
 * gives it a rate); GUIDED before external control; take-off only when armed; disarming refused in
 * the air; it disarms itself when armed for ten seconds without a take-off; its failsafes are
 * parameters. What it does not have, it says so: no missions, no sticks, no file transfer.
 *
 * Bounds: one vehicle; one interval a message kind, shared by all who listen.
 */
import {
  decodeCbor,
  encodeCbor,
  monotonicMs,
  NEVER,
  Timers,
  type ByteReader,
  type ByteWriter,
  type CborMap,
  type CborValue,
  type Emit,
  type Machine,
  type MonotonicMs,
} from "../../base/mod.ts";
import type { LocalFrame } from "../geodesy/frame.ts";
import { layoutOfId, mavlink } from "../mavlink/codec.ts";
import type { MavlinkKind, MavlinkMessage, MavlinkMessageOf } from "../mavlink/messages.ts";
import { COPTER_MODE, MAV_CMD, MAV_RESULT, MAV_SEVERITY, MAV_TYPE } from "../mavlink/numbers.ts";
import type { MavlinkFrame } from "../mavlink/parser.ts";
import type { LocalPosition, VehicleCommand, VehicleSample } from "../vehicle.ts";
import { choiceOf, copterMode } from "./mode.ts";
import { acknowledge, answerClock, answerMission } from "./replies.ts";
import {
  setpointOfReposition,
  setpointOfTarget,
  type PositionTarget,
  type TargetContext,
} from "./target.ts";
import { admitted, parameterIndex, paramValue, VEHICLE_PARAMETERS } from "./parameters.ts";
import { heartbeat, REPORTABLE, reportOf, type Report } from "./report.ts";

export type MavlinkVehicleIn =
  | { readonly kind: "sample"; readonly sample: VehicleSample }
  | { readonly kind: "frame"; readonly frame: MavlinkFrame }
  | { readonly kind: "wake" };

export type MavlinkVehicleOut =
  | { readonly kind: "send"; readonly message: MavlinkMessage }
  | { readonly kind: "command"; readonly command: VehicleCommand };

export interface MavlinkVehicleOptions {
  /** [1, 254]. */
  readonly systemId: number;
  readonly frame: LocalFrame;
  /** Rate of the usual telemetry without being asked; 0, as ArduPilot does, when absent. */
  readonly defaultRateHz?: number;
}

type Reportable = Exclude<MavlinkKind, "heartbeat">;
const KINDS = REPORTABLE.filter((kind) => kind !== "heartbeat") as readonly Reportable[];

/** What a ground station wants to see of any vehicle. */
const USUAL: ReadonlySet<MavlinkKind> = new Set<MavlinkKind>([
  "sysStatus",
  "gpsRawInt",
  "attitude",
  "globalPositionInt",
  "localPositionNed",
  "vfrHud",
  "batteryStatus",
  "extendedSysState",
  "ekfStatusReport",
  "homePosition",
]);

const HEARTBEAT_MS = 1000;
/** No message more often than this, whoever asks. */
const INTERVAL_MIN_MS = 20;
/** ArduCopter's DISARM_DELAY. */
const AUTO_DISARM_MS = 10_000;
/** A faster order is a mistake in units. */
const SPEED_MAX_MPS = 50;
/** BATT_FS_LOW_ACT acts below this share. */
const BATTERY_LOW_RATIO = 0.2;
const RESULT = MAV_RESULT;

interface State {
  chosenMode: number;
  speedMaxMps: number;
  parameters: number[];
  intervalsMs: number[];
  sentAtMs: number[];
  armedAtMs: number;
  gcsAtMs: number;
  failsafe: string;
  bootAtMs: number;
}

export class MavlinkVehicle implements Machine<MavlinkVehicleIn, MavlinkVehicleOut> {
  readonly #options: MavlinkVehicleOptions;
  readonly #timers = new Timers(["heartbeat", "stream"]);
  #sample: VehicleSample | undefined;
  #home: LocalPosition | undefined;
  readonly #state: State;

  constructor(options: MavlinkVehicleOptions) {
    this.#options = options;
    const usualMs = 1000 / (options.defaultRateHz ?? 0);
    this.#state = {
      chosenMode: COPTER_MODE.STABILIZE,
      speedMaxMps: 10,
      parameters: VEHICLE_PARAMETERS.map(({ name, value }) =>
        name === "SYSID_THISMAV" ? options.systemId : value,
      ),
      intervalsMs: KINDS.map((kind) => (USUAL.has(kind) ? usualMs : Infinity)),
      sentAtMs: KINDS.map(() => -Infinity),
      armedAtMs: -Infinity,
      gcsAtMs: -Infinity,
      failsafe: "",
      bootAtMs: -1,
    };
  }

  get systemId(): number {
    return this.#options.systemId;
  }

  step(now: MonotonicMs, input: MavlinkVehicleIn, emit: Emit<MavlinkVehicleOut>): void {
    switch (input.kind) {
      case "sample":
        this.#observe(now, input.sample, emit);
        return;
      case "frame":
        if (this.#sample !== undefined) this.#answer(now, input.frame, emit);
        return;
      case "wake":
        this.#report(now, emit);
        return;
      default:
        return input satisfies never;
    }
  }

  wakeAt(): MonotonicMs {
    return this.#sample === undefined ? NEVER : this.#timers.next();
  }

  save(to: ByteWriter): void {
    this.#timers.save(to);
    const { altitudeAglM, ...sample } = this.#sample ?? { altitudeAglM: undefined };
    const saved: CborMap = {
      state: { ...this.#state },
      home: this.#home === undefined ? null : { ...this.#home },
      sample: this.#sample === undefined ? null : plain(sample),
      aglM: altitudeAglM ?? null,
    };
    to.blob(encodeCbor(saved));
  }

  load(from: ByteReader): void {
    this.#timers.load(from);
    const decoded = decodeCbor(from.blob());
    if (!decoded.ok) {
      from.refuse();
      return;
    }
    // Written by `save` of the same version: the shape is known.
    const saved = decoded.value as unknown as {
      readonly state: State;
      readonly home: LocalPosition | null;
      readonly sample: Omit<VehicleSample, "altitudeAglM"> | null;
      readonly aglM: number | null;
    };
    Object.assign(this.#state, saved.state);
    this.#home = saved.home ?? undefined;
    this.#sample =
      saved.sample === null
        ? undefined
        : { ...saved.sample, altitudeAglM: saved.aglM ?? undefined };
  }

  // ---- telemetry --------------------------------------------------------------------------------

  #observe(now: MonotonicMs, sample: VehicleSample, emit: Emit<MavlinkVehicleOut>): void {
    const first = this.#sample === undefined;
    // Home is where it stands when it is armed, and before that where it stands.
    if (this.#home === undefined || !sample.armed) this.#home = sample.position;
    const wasArmed = this.#sample?.armed === true;
    if (sample.armed && !wasArmed) this.#state.armedAtMs = now;
    this.#sample = sample;
    if (first) {
      this.#state.bootAtMs = now;
      this.#timers.set("heartbeat", now);
      this.#timers.set("stream", now);
    }
    this.#state.chosenMode = copterMode(this.#state.chosenMode, sample.mode);
    this.#guard(now, sample, emit);
  }

  #report(now: MonotonicMs, emit: Emit<MavlinkVehicleOut>): void {
    if (this.#sample === undefined) return;
    if (this.#timers.due("heartbeat", now)) {
      this.#timers.set("heartbeat", monotonicMs(now + HEARTBEAT_MS));
      emit({ kind: "send", message: heartbeat(this.#view(now)) });
      this.#guard(now, this.#sample, emit);
    }
    if (this.#timers.due("stream", now)) this.#stream(now, emit);
  }

  #stream(now: MonotonicMs, emit: Emit<MavlinkVehicleOut>): void {
    const { intervalsMs, sentAtMs } = this.#state;
    let next = Infinity;
    const view = this.#view(now);
    KINDS.forEach((kind, i) => {
      const interval = intervalsMs[i]!;
      if (interval === Infinity) return;
      // A tenth of a millisecond of grace for sums of fractions.
      if (now - sentAtMs[i]! >= interval - 0.1) {
        sentAtMs[i] = now;
        const message = reportOf(kind, view);
        if (message !== undefined) emit({ kind: "send", message });
      }
      next = Math.min(next, sentAtMs[i]! + interval);
    });
    this.#timers.set("stream", monotonicMs(next));
  }

  #view(now: MonotonicMs): Report {
    const sample = this.#sample!;
    return {
      sample,
      frame: this.#options.frame,
      home: this.#home ?? sample.position,
      customMode: this.#state.chosenMode,
      bootMs: now - this.#state.bootAtMs,
      systemId: this.#options.systemId,
    };
  }

  // ---- failsafes --------------------------------------------------------------------------------

  /** What ArduPilot does by itself. Each acts once until its cause has gone. */
  #guard(now: MonotonicMs, sample: VehicleSample, emit: Emit<MavlinkVehicleOut>): void {
    const state = this.#state;
    if (!sample.armed) {
      state.failsafe = "";
      return;
    }
    if (!sample.inAir && now - state.armedAtMs > AUTO_DISARM_MS) {
      state.armedAtMs = now;
      emit({ kind: "command", command: { kind: "disarm" } });
      return;
    }
    const cause = sample.inAir ? this.#failsafe(now, sample) : undefined;
    if (cause === undefined || state.failsafe === cause.text) return;
    state.failsafe = cause.text;
    emit({ kind: "command", command: { kind: cause.action } });
    this.#say(MAV_SEVERITY.CRITICAL, cause.text, emit);
  }

  #failsafe(
    now: MonotonicMs,
    sample: VehicleSample,
  ): { readonly text: string; readonly action: "land" | "rtl" } | undefined {
    const { gcsAtMs } = this.#state;
    if (!sample.positionValid && this.#parameter("FS_EKF_ACTION") === 1) {
      return { text: "EKF Failsafe", action: "land" };
    }
    const silent = now - gcsAtMs > this.#parameter("FS_GCS_TIMEOUT") * 1000;
    if (this.#parameter("FS_GCS_ENABLE") === 1 && gcsAtMs > -Infinity && silent) {
      return { text: "GCS Failsafe", action: "rtl" };
    }
    const low = this.#parameter("BATT_FS_LOW_ACT");
    if (low > 0 && sample.batteryRatio < BATTERY_LOW_RATIO) {
      return { text: "Battery Failsafe", action: low === 1 ? "land" : "rtl" };
    }
    return undefined;
  }

  #parameter(name: string): number {
    return this.#state.parameters[parameterIndex(name)]!;
  }

  #say(severity: number, text: string, emit: Emit<MavlinkVehicleOut>): void {
    emit({ kind: "send", message: mavlink("statustext", { severity, text }) });
  }

  // ---- what ground stations ask -----------------------------------------------------------------

  #answer(now: MonotonicMs, frame: MavlinkFrame, emit: Emit<MavlinkVehicleOut>): void {
    const { message } = frame;
    const target = "targetSystem" in message ? message.targetSystem : 0;
    if (target !== 0 && target !== this.#options.systemId) return;
    const send = (reply: MavlinkMessage): void => emit({ kind: "send", message: reply });
    switch (message.kind) {
      case "heartbeat":
        if (message.type === MAV_TYPE.GCS) this.#state.gcsAtMs = now;
        return;
      case "commandLong":
        this.#commandLong(now, frame, message, emit);
        return;
      case "commandInt":
        this.#commandInt(now, frame, message, emit);
        return;
      case "setMode":
        this.#choose(message.customMode, emit);
        return;
      case "setPositionTargetLocalNed":
      case "setPositionTargetGlobalInt":
        this.#target(message, emit);
        return;
      case "requestDataStream":
        this.#requestStream(now, message);
        return;
      case "paramRequestList":
        this.#state.parameters.forEach((value, i) => send(paramValue(i, value)));
        return;
      case "paramRequestRead":
      case "paramSet":
        this.#parameterRequest(message, send);
        return;
      default:
        answerMission(frame, send);
        answerClock(frame, now - this.#state.bootAtMs, send);
    }
  }

  #parameterRequest(
    message: MavlinkMessageOf<"paramRequestRead"> | MavlinkMessageOf<"paramSet">,
    send: (reply: MavlinkMessage) => void,
  ): void {
    const byIndex = message.kind === "paramRequestRead" && message.paramIndex >= 0;
    const index = byIndex ? message.paramIndex : parameterIndex(message.paramId);
    const parameter = VEHICLE_PARAMETERS[index];
    // ArduPilot says nothing to a name that it does not know.
    if (parameter === undefined) return;
    if (message.kind === "paramSet" && parameter.name !== "SYSID_THISMAV") {
      const value = admitted(parameter, message.paramValue);
      this.#state.parameters[index] = value;
      // In centimetres a second, as ArduPilot has it.
      if (parameter.name === "WPNAV_SPEED") this.#state.speedMaxMps = value / 100;
    }
    send(paramValue(index, this.#state.parameters[index]!));
  }

  /** The old way of asking for telemetry, by groups: all groups are the usual telemetry here. */
  #requestStream(now: MonotonicMs, message: MavlinkMessageOf<"requestDataStream">): void {
    const hz = message.startStop === 0 ? 0 : Math.min(message.reqMessageRate, 50);
    KINDS.forEach((kind, i) => {
      if (USUAL.has(kind)) this.#state.intervalsMs[i] = 1000 / hz;
    });
    this.#timers.set("stream", now);
  }

  #commandLong(
    now: MonotonicMs,
    frame: MavlinkFrame,
    message: MavlinkMessageOf<"commandLong">,
    emit: Emit<MavlinkVehicleOut>,
  ): void {
    const result = this.#perform(now, message, emit);
    acknowledge(frame, { command: message.command, result }, (reply) =>
      emit({ kind: "send", message: reply }),
    );
  }

  #commandInt(
    now: MonotonicMs,
    frame: MavlinkFrame,
    message: MavlinkMessageOf<"commandInt">,
    emit: Emit<MavlinkVehicleOut>,
  ): void {
    const { command, param1, param2, param3, param4 } = message;
    const result =
      command === MAV_CMD.DO_REPOSITION
        ? this.#reposition(message, emit)
        : this.#perform(now, { command, param1, param2, param3, param4, param7: message.z }, emit);
    acknowledge(frame, { command, result }, (reply) => emit({ kind: "send", message: reply }));
  }

  #perform(now: MonotonicMs, order: Order, emit: Emit<MavlinkVehicleOut>): number {
    const command = (kind: "hold" | "rtl" | "land"): number => this.#stop(kind, emit);
    switch (order.command) {
      case MAV_CMD.COMPONENT_ARM_DISARM:
        return this.#arm(order.param1 === 1, emit);
      case MAV_CMD.NAV_TAKEOFF:
        return this.#takeOff(order.param7, emit);
      case MAV_CMD.DO_SET_MODE:
        return this.#choose(order.param2, emit);
      case MAV_CMD.NAV_LOITER_UNLIM:
        return command("hold");
      case MAV_CMD.NAV_RETURN_TO_LAUNCH:
        return command("rtl");
      case MAV_CMD.NAV_LAND:
        return command("land");
      case MAV_CMD.DO_CHANGE_SPEED:
        if (!(order.param2 > 0 && order.param2 <= SPEED_MAX_MPS)) return RESULT.DENIED;
        this.#state.speedMaxMps = order.param2;
        return RESULT.ACCEPTED;
      case MAV_CMD.SET_MESSAGE_INTERVAL:
        return this.#setInterval(now, order.param1, order.param2);
      case MAV_CMD.REQUEST_MESSAGE:
        return this.#sendOnce(now, layoutOfId(order.param1)?.kind, emit);
      case MAV_CMD.REQUEST_AUTOPILOT_CAPABILITIES:
        return this.#sendOnce(now, "autopilotVersion", emit);
      default:
        return RESULT.UNSUPPORTED;
    }
  }

  #setInterval(now: MonotonicMs, messageId: number, microseconds: number): number {
    const index = KINDS.indexOf((layoutOfId(messageId)?.kind ?? "heartbeat") as Reportable);
    if (index < 0) return RESULT.UNSUPPORTED;
    const ms = Math.max(INTERVAL_MIN_MS, microseconds / 1000);
    // -1 stops it, 0 asks for the usual rate, which is silence.
    this.#state.intervalsMs[index] = microseconds > 0 ? ms : Infinity;
    this.#timers.set("stream", now);
    return RESULT.ACCEPTED;
  }

  #sendOnce(
    now: MonotonicMs,
    kind: MavlinkKind | undefined,
    emit: Emit<MavlinkVehicleOut>,
  ): number {
    const message = kind === undefined ? undefined : reportOf(kind, this.#view(now));
    if (message === undefined) return RESULT.UNSUPPORTED;
    emit({ kind: "send", message });
    return RESULT.ACCEPTED;
  }

  #arm(arm: boolean, emit: Emit<MavlinkVehicleOut>): number {
    const sample = this.#sample!;
    if (!arm && sample.inAir) return RESULT.FAILED;
    if (arm && !sample.armed && !sample.ready) {
      this.#say(MAV_SEVERITY.CRITICAL, "Arm: checks are not passed", emit);
      return RESULT.FAILED;
    }
    if (arm !== sample.armed) emit({ kind: "command", command: { kind: arm ? "arm" : "disarm" } });
    return RESULT.ACCEPTED;
  }

  #takeOff(altitudeHomeM: number, emit: Emit<MavlinkVehicleOut>): number {
    const sample = this.#sample!;
    const able = sample.armed && !sample.inAir && this.#state.chosenMode === COPTER_MODE.GUIDED;
    if (!able || !(altitudeHomeM > 0 && altitudeHomeM <= 1000)) return RESULT.FAILED;
    emit({ kind: "command", command: { kind: "takeoff", altitudeAglM: altitudeHomeM } });
    return RESULT.ACCEPTED;
  }

  /** A mode chosen on the ground is kept for the flight; in the air it is done. */
  #choose(customMode: number, emit: Emit<MavlinkVehicleOut>): number {
    const sample = this.#sample!;
    const choice = choiceOf(customMode);
    if (choice === undefined) return RESULT.UNSUPPORTED;
    if (!sample.positionValid && choice !== "land") {
      this.#say(MAV_SEVERITY.WARNING, "Mode change failed: need position estimate", emit);
      return RESULT.FAILED;
    }
    const before = this.#state.chosenMode;
    this.#state.chosenMode = customMode;
    // GUIDED without a target stays where it is; coming from the same mode changes nothing.
    if (!sample.inAir || before === customMode) return RESULT.ACCEPTED;
    emit({ kind: "command", command: { kind: choice === "guided" ? "hold" : choice } });
    return RESULT.ACCEPTED;
  }

  #stop(kind: "hold" | "rtl" | "land", emit: Emit<MavlinkVehicleOut>): number {
    const mode = { hold: COPTER_MODE.LOITER, rtl: COPTER_MODE.RTL, land: COPTER_MODE.LAND }[kind];
    return this.#choose(mode, emit);
  }

  // ---- targets ----------------------------------------------------------------------------------

  #mayLead(): boolean {
    return this.#state.chosenMode === COPTER_MODE.GUIDED && this.#sample!.inAir;
  }

  #reposition(message: MavlinkMessageOf<"commandInt">, emit: Emit<MavlinkVehicleOut>): number {
    // Bit 0 of param 2 asks to change into GUIDED first.
    if ((message.param2 & 1) !== 0 && this.#sample!.inAir) {
      this.#state.chosenMode = COPTER_MODE.GUIDED;
    }
    if (!this.#mayLead()) return RESULT.DENIED;
    if (message.param1 > 0 && message.param1 <= SPEED_MAX_MPS) {
      this.#state.speedMaxMps = message.param1;
    }
    const setpoint = setpointOfReposition(message, this.#targetContext());
    if (setpoint === undefined) return RESULT.DENIED;
    emit({ kind: "command", command: { kind: "setpoint", setpoint } });
    return RESULT.ACCEPTED;
  }

  /** A target that cannot be meant is dropped; the vehicle stays with its last one. */
  #target(message: PositionTarget, emit: Emit<MavlinkVehicleOut>): void {
    if (!this.#mayLead()) return;
    const setpoint = setpointOfTarget(message, this.#targetContext());
    if (setpoint !== undefined) emit({ kind: "command", command: { kind: "setpoint", setpoint } });
  }

  #targetContext(): TargetContext {
    const sample = this.#sample!;
    const home = this.#home ?? sample.position;
    return { sample, home, frame: this.#options.frame, speedMaxMps: this.#state.speedMaxMps };
  }
}

/** The parameters of a command that both its forms share. */
interface Order {
  readonly command: number;
  readonly param1: number;
  readonly param2: number;
  readonly param3: number;
  readonly param4: number;
  readonly param7: number;
}

/** A sample without its optional field is plain data, but for its nested records' types. */
function plain(sample: object): CborValue {
  const fields: [string, CborValue][] = Object.entries(sample).map(([key, value]) => [
    key,
    typeof value === "object" ? { ...(value as CborMap) } : (value as CborValue),
  ]);
  return Object.fromEntries(fields);
}
