/**
 * One autopilot, driven over MAVLink: a pure machine from messages and the node's commands to
 * messages, samples and events. The host frames what is sent, gives it the time, and answers to
 * whichever address the vehicle spoke from last.
 *
 * It speaks as a ground station (system 255): ArduPilot's ground-station failsafe then watches this
 * very agent, and brings the vehicle home when the agent dies.
 *
 * Source: mavlink.io/en/services; ArduPilot 4.6 behaviour as recorded in docs/protocols/mavlink.md.
 * Bounds: one vehicle, one command at a time, no queues.
 */
import {
  decodeCbor,
  encodeCbor,
  invariant,
  monotonicMs,
  Timers,
  type ByteReader,
  type ByteWriter,
  type CborValue,
  type Emit,
  type Machine,
  type MonotonicMs,
} from "../../base/mod.ts";
import { degFromRad } from "../geodesy/ellipsoid.ts";
import type { LocalFrame } from "../geodesy/frame.ts";
import { mavlink } from "../mavlink/codec.ts";
import type { MavlinkMessage } from "../mavlink/messages.ts";
import {
  IGNORE,
  MAV_AUTOPILOT,
  MAV_CMD,
  MAV_COMP_ID,
  MAV_FRAME,
  MAV_RESULT,
  MAV_STATE,
  MAV_TYPE,
} from "../mavlink/numbers.ts";
import type { MavlinkFrame } from "../mavlink/parser.ts";
import type { Setpoint, VehicleCommand, VehicleSample } from "../vehicle.ts";
import {
  ARDUPILOT_FAILSAFES,
  customModeOf,
  PX4_FAILSAFES,
  setModeCommand,
  takeoffAltitudeM,
  type Dialect,
  type FailsafeParameter,
} from "./dialect.ts";
import { nextStep, type FlightStep, type Goal, type WaitReason } from "./flight.ts";
import {
  failsafesSet,
  newSetup,
  observeSetup,
  parameterRequests,
  streamRequests,
  stubbornParameters,
  type Setup,
} from "./setup.ts";
import {
  altitudeHomeM,
  autopilotReady,
  inAir,
  noTelemetry,
  observe,
  sampleOf,
  type Telemetry,
} from "./telemetry.ts";

export type AutopilotIn =
  | { readonly kind: "frame"; readonly frame: MavlinkFrame }
  | { readonly kind: "command"; readonly command: VehicleCommand }
  /** The crew's release for arming (a switch on the vehicle, or on the page). */
  | { readonly kind: "release"; readonly released: boolean }
  | { readonly kind: "wake" };

export type AutopilotEvent =
  | { readonly kind: "linkUp"; readonly systemId: number; readonly dialect: Dialect }
  | { readonly kind: "linkLost" }
  | { readonly kind: "failsafesSet" }
  | { readonly kind: "failsafeRefused"; readonly parameter: string }
  /** Nothing is asked for just now, and why. */
  | { readonly kind: "waiting"; readonly goal: Goal; readonly reason: WaitReason }
  | { readonly kind: "refused"; readonly command: number; readonly result: number }
  /** A command was repeated in vain; a stop-type one is repeated further all the same. */
  | { readonly kind: "unanswered"; readonly goal: Goal }
  /** It had disarmed itself before take-off and is armed again. */
  | { readonly kind: "rearming" }
  | { readonly kind: "text"; readonly severity: number; readonly text: string };

export type AutopilotOut =
  | { readonly kind: "send"; readonly message: MavlinkMessage }
  | { readonly kind: "sample"; readonly sample: VehicleSample }
  /** Unix time by the vehicle's GNSS. */
  | { readonly kind: "clock"; readonly timeMs: number; readonly errorMs: number }
  | { readonly kind: "event"; readonly event: AutopilotEvent };

export interface AutopilotOptions {
  readonly frame: LocalFrame;
  readonly batteryFullWh: number;
  /** The vehicle's system id; without it the first autopilot that is heard. */
  readonly targetSystemId?: number;
  /** Set before flight and read back; without it those of `dialect.ts`. */
  readonly failsafes?: readonly FailsafeParameter[];
}

/** At five times the speed a simulated vehicle's five seconds of patience are one of ours. */
const HEARTBEAT_MS = 200;
const SAMPLE_MS = 100;
const SETUP_MS = 250;
const FLIGHT_MS = 100;
/** Three of the vehicle's heartbeats. */
const LINK_LOST_MS = 3500;
/** Before a step is asked for again. An accepted take-off needs longer to show. */
const STEP_AGAIN_MS = 1000;
const TAKEOFF_AGAIN_MS = 3000;
/** Then the operator is told, and arming and take-off are given up. */
const STEP_ATTEMPTS_MAX = 20;
/** PX4 leaves OFFBOARD without two setpoints a second. */
const SETPOINT_AGAIN_MS = 400;
const SETPOINT_SOONEST_MS = 90;
const SPEED_AGAIN_MS = 10_000;
/** A stratum-one clock over a serial line. */
const CLOCK_ERROR_MS = 100;

/** Everything that is not a deadline, as plain data. */
interface State {
  systemId: number;
  dialect: Dialect;
  linkUp: boolean;
  heardAtMs: number;
  released: boolean;
  goal: Goal;
  armWanted: boolean;
  wasInAir: boolean;
  takeoffAltitudeM: number;
  askedMode: number;
  replacedMode: number;
  step: string;
  stepAtMs: number;
  stepCount: number;
  toldReason: string;
  failsafesTold: boolean;
  setpointAtMs: number;
  setpointFresh: boolean;
  speedSentMps: number;
  speedSentAtMs: number;
}

function newState(): State {
  return {
    systemId: 0,
    dialect: "ardupilot",
    linkUp: false,
    heardAtMs: -Infinity,
    released: false,
    goal: "none",
    armWanted: false,
    wasInAir: false,
    takeoffAltitudeM: 0,
    askedMode: -1,
    replacedMode: -1,
    step: "",
    stepAtMs: -Infinity,
    stepCount: 0,
    toldReason: "",
    failsafesTold: false,
    setpointAtMs: -Infinity,
    setpointFresh: false,
    speedSentMps: 0,
    speedSentAtMs: -Infinity,
  };
}

export class Autopilot implements Machine<AutopilotIn, AutopilotOut> {
  readonly #options: AutopilotOptions;
  readonly #timers = new Timers(["heartbeat", "sample", "setup", "flight"]);
  #state: State = newState();
  #telemetry: Telemetry = noTelemetry();
  #setup: Setup;
  #setpoint: Setpoint | undefined;

  constructor(options: AutopilotOptions) {
    this.#options = options;
    this.#setup = newSetup(this.#parameters().length);
    for (const name of ["heartbeat", "sample", "setup", "flight"] as const) {
      this.#timers.set(name, monotonicMs(0));
    }
  }

  /** 0 until an autopilot was heard. */
  get systemId(): number {
    return this.#state.systemId;
  }

  get linkUp(): boolean {
    return this.#state.linkUp;
  }

  step(now: MonotonicMs, input: AutopilotIn, emit: Emit<AutopilotOut>): void {
    switch (input.kind) {
      case "frame":
        this.#receive(now, input.frame, emit);
        return;
      case "command":
        this.#command(now, input.command, emit);
        return;
      case "release":
        this.#state.released = input.released;
        return;
      case "wake":
        this.#wake(now, emit);
        return;
      default:
        return input satisfies never;
    }
  }

  wakeAt(): MonotonicMs {
    return this.#timers.next();
  }

  save(to: ByteWriter): void {
    this.#timers.save(to);
    const state = {
      state: { ...this.#state },
      telemetry: { ...this.#telemetry },
      setup: { ...this.#setup },
      setpoint: this.#setpoint === undefined ? null : plainSetpoint(this.#setpoint),
    };
    to.blob(encodeCbor(state));
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
      readonly telemetry: Telemetry;
      readonly setup: Setup;
      readonly setpoint: Setpoint | null;
    };
    this.#state = saved.state;
    this.#telemetry = saved.telemetry;
    this.#setup = saved.setup;
    this.#setpoint = saved.setpoint ?? undefined;
  }

  // ---- what comes in ----------------------------------------------------------------------------

  #receive(now: MonotonicMs, frame: MavlinkFrame, emit: Emit<AutopilotOut>): void {
    const { message } = frame;
    if (frame.componentId !== MAV_COMP_ID.AUTOPILOT1) return;
    if (message.kind === "heartbeat") this.#heartbeat(now, frame.systemId, message.autopilot, emit);
    if (frame.systemId !== this.#state.systemId) return;
    if (
      message.kind === "globalPositionInt" &&
      message.timeBootMs < this.#telemetry.bootMs - 1000
    ) {
      this.#startAgain();
    }
    observe(this.#telemetry, message, now);
    observeSetup(this.#setup, message, this.#setupContext(now));
    if (this.#telemetry.customMode === this.#state.askedMode) {
      this.#state.replacedMode = this.#state.askedMode;
    }
    this.#afterFlight();
    if (message.kind === "commandAck") this.#acknowledged(message.command, message.result, emit);
    if (message.kind === "statustext") {
      const { severity, text } = message;
      emit({ kind: "event", event: { kind: "text", severity, text } });
    }
    if (message.kind === "systemTime" && message.timeUnixUsec > 0n) {
      // Microseconds since 1970 fit a double until the year 2255.
      emit({ kind: "clock", timeMs: Number(message.timeUnixUsec) / 1000, errorMs: CLOCK_ERROR_MS });
    }
  }

  /** The first autopilot that is heard is the vehicle, unless the configuration names one. */
  #heartbeat(
    now: MonotonicMs,
    systemId: number,
    autopilot: number,
    emit: Emit<AutopilotOut>,
  ): void {
    const wanted = this.#options.targetSystemId ?? (this.#state.systemId || systemId);
    if (systemId !== wanted || autopilot === MAV_AUTOPILOT.INVALID) return;
    this.#state.systemId = systemId;
    this.#state.dialect = autopilot === MAV_AUTOPILOT.PX4 ? "px4" : "ardupilot";
    this.#state.heardAtMs = now;
    if (this.#state.linkUp) return;
    this.#state.linkUp = true;
    this.#startAgain();
    const { dialect } = this.#state;
    emit({ kind: "event", event: { kind: "linkUp", systemId, dialect } });
  }

  /** The autopilot has (or may have) restarted: ask for everything once more. */
  #startAgain(): void {
    this.#setup = newSetup(this.#parameters().length);
    this.#state.failsafesTold = false;
    this.#telemetry.bootMs = 0;
  }

  /** An order to arm holds for one flight: once landed and disarmed, it is used up. */
  #afterFlight(): void {
    const flying = inAir(this.#telemetry);
    if (flying) this.#state.wasInAir = true;
    if (this.#state.wasInAir && !this.#telemetry.armed) {
      this.#state.wasInAir = false;
      this.#state.armWanted = false;
      this.#state.goal = "none";
    }
  }

  #acknowledged(command: number, result: number, emit: Emit<AutopilotOut>): void {
    const good = result === MAV_RESULT.ACCEPTED || result === MAV_RESULT.IN_PROGRESS;
    if (good || command === MAV_CMD.SET_MESSAGE_INTERVAL) return;
    emit({ kind: "event", event: { kind: "refused", command, result } });
  }

  #command(now: MonotonicMs, command: VehicleCommand, emit: Emit<AutopilotOut>): void {
    const state = this.#state;
    if (command.kind === "setpoint") {
      this.#setpoint = command.setpoint;
      state.setpointFresh = true;
      // A take-off goes on to its end; the setpoint waits for it.
      if (state.goal === "takeoff" || state.goal === "arm") return;
    }
    if (command.kind === "arm" || command.kind === "takeoff") {
      if (command.kind === "arm") state.armWanted = true;
    } else if (command.kind !== "setpoint") {
      this.#setpoint = undefined;
      state.armWanted = false;
    }
    if (command.kind === "takeoff") state.takeoffAltitudeM = command.altitudeAglM;
    // An arm order that repeats while the take-off is under way changes nothing.
    if (command.kind === "arm" && state.goal === "takeoff") return;
    if (state.goal !== command.kind) this.#newGoal(command.kind);
    this.#fly(now, emit);
  }

  #newGoal(goal: Goal): void {
    this.#state.goal = goal;
    this.#state.step = "";
    this.#state.stepCount = 0;
    this.#state.toldReason = "";
  }

  // ---- what goes out ----------------------------------------------------------------------------

  #wake(now: MonotonicMs, emit: Emit<AutopilotOut>): void {
    if (this.#timers.due("heartbeat", now)) this.#beat(now, emit);
    if (this.#timers.due("setup", now)) this.#prepare(now, emit);
    if (this.#timers.due("flight", now)) {
      this.#timers.set("flight", monotonicMs(now + FLIGHT_MS));
      this.#fly(now, emit);
    }
    if (this.#timers.due("sample", now)) {
      this.#timers.set("sample", monotonicMs(now + SAMPLE_MS));
      if (this.#telemetry.placeAtMs > -Infinity) this.#sample(now, emit);
    }
  }

  #beat(now: MonotonicMs, emit: Emit<AutopilotOut>): void {
    this.#timers.set("heartbeat", monotonicMs(now + HEARTBEAT_MS));
    this.#send(emit, {
      ...mavlink("heartbeat", {}),
      type: MAV_TYPE.GCS,
      autopilot: MAV_AUTOPILOT.INVALID,
      systemStatus: MAV_STATE.ACTIVE,
      mavlinkVersion: 3,
    });
    if (!this.#state.linkUp || now - this.#state.heardAtMs <= LINK_LOST_MS) return;
    this.#state.linkUp = false;
    emit({ kind: "event", event: { kind: "linkLost" } });
  }

  #prepare(now: MonotonicMs, emit: Emit<AutopilotOut>): void {
    this.#timers.set("setup", monotonicMs(now + SETUP_MS));
    if (!this.#state.linkUp) return;
    const context = this.#setupContext(now);
    for (const message of streamRequests(this.#setup, context.dialect, now)) {
      this.#send(emit, message);
    }
    const settings = parameterRequests(this.#setup, context);
    for (const message of settings) this.#send(emit, message);
    if (settings.length > 0) {
      for (const parameter of stubbornParameters(this.#setup, context.parameters)) {
        emit({ kind: "event", event: { kind: "failsafeRefused", parameter } });
      }
    }
    if (failsafesSet(this.#setup) && !this.#state.failsafesTold) {
      this.#state.failsafesTold = true;
      emit({ kind: "event", event: { kind: "failsafesSet" } });
    }
  }

  #sample(now: MonotonicMs, emit: Emit<AutopilotOut>): void {
    const { dialect, linkUp, released } = this.#state;
    const { frame, batteryFullWh } = this.#options;
    const set = failsafesSet(this.#setup);
    const context = {
      frame,
      dialect,
      nowMs: now,
      linkUp,
      released,
      failsafesSet: set,
      batteryFullWh,
    };
    emit({ kind: "sample", sample: sampleOf(this.#telemetry, context) });
  }

  #fly(now: MonotonicMs, emit: Emit<AutopilotOut>): void {
    if (!this.#state.linkUp) return;
    const step = this.#nextStep(now);
    if (step.kind === "done") this.#reached(now, emit);
    else if (step.kind === "wait") this.#tell(step.reason, emit);
    else if (step.kind === "setpoint") this.#lead(now, emit);
    else this.#ask(now, step, emit);
  }

  #nextStep(now: MonotonicMs): FlightStep {
    const state = this.#state;
    const telemetry = this.#telemetry;
    return nextStep({
      goal: state.goal,
      dialect: state.dialect,
      customMode: telemetry.customMode,
      armed: telemetry.armed,
      inAir: inAir(telemetry),
      ready: autopilotReady(telemetry, state.dialect, now) && failsafesSet(this.#setup),
      released: state.released,
      armWanted: state.armWanted,
      altitudeHomeM: altitudeHomeM(telemetry),
      takeoffAltitudeM: state.takeoffAltitudeM,
      hasSetpoint: this.#setpoint !== undefined,
      askedMode: state.askedMode,
      replacedMode: state.replacedMode,
      asked: state.stepCount > 0,
    });
  }

  /** After arming nothing follows by itself; after take-off the setpoint that waited does. */
  #reached(now: MonotonicMs, emit: Emit<AutopilotOut>): void {
    const { goal } = this.#state;
    if (goal === "takeoff" && this.#setpoint !== undefined) {
      this.#newGoal("setpoint");
      this.#fly(now, emit);
    } else if (goal === "takeoff" || goal === "arm" || goal === "disarm") this.#newGoal("none");
  }

  #tell(reason: WaitReason, emit: Emit<AutopilotOut>): void {
    const { goal, toldReason } = this.#state;
    if (reason === "climbing" || toldReason === reason) return;
    this.#state.toldReason = reason;
    emit({ kind: "event", event: { kind: "waiting", goal, reason } });
  }

  #ask(
    now: MonotonicMs,
    step: Exclude<FlightStep, { kind: "done" | "wait" | "setpoint" }>,
    emit: Emit<AutopilotOut>,
  ): void {
    const state = this.#state;
    const name = step.kind === "mode" ? `mode ${step.mode}` : step.kind;
    const againMs = step.kind === "takeoff" ? TAKEOFF_AGAIN_MS : STEP_AGAIN_MS;
    if (state.step === name && now - state.stepAtMs < againMs) return;
    // To arm again after a take-off was asked for means that it had disarmed itself.
    if (step.kind === "arm" && state.step === "takeoff") {
      emit({ kind: "event", event: { kind: "rearming" } });
    }
    if (state.stepCount >= STEP_ATTEMPTS_MAX && this.#giveUp(emit)) return;
    state.step = name;
    state.stepAtMs = now;
    state.stepCount += 1;
    if (step.kind === "mode") {
      state.askedMode = customModeOf(state.dialect, step.mode);
      state.replacedMode = this.#telemetry.customMode;
      this.#send(emit, setModeCommand(state.dialect, step.mode));
    } else this.#send(emit, this.#armOrTakeoff(step.kind));
  }

  /** True when the goal was dropped. Hold, return and land are never dropped, only told of. */
  #giveUp(emit: Emit<AutopilotOut>): boolean {
    const { goal } = this.#state;
    this.#state.stepCount = 0;
    emit({ kind: "event", event: { kind: "unanswered", goal } });
    if (goal !== "arm" && goal !== "takeoff" && goal !== "disarm") return false;
    this.#state.armWanted = false;
    this.#newGoal("none");
    return true;
  }

  #armOrTakeoff(kind: "arm" | "disarm" | "takeoff"): MavlinkMessage {
    if (kind !== "takeoff") {
      const param1 = kind === "arm" ? 1 : 0;
      return mavlink("commandLong", { command: MAV_CMD.COMPONENT_ARM_DISARM, param1 });
    }
    const { dialect } = this.#state;
    const altitudeM = this.#state.takeoffAltitudeM;
    return mavlink("commandLong", {
      command: MAV_CMD.NAV_TAKEOFF,
      param7: takeoffAltitudeM(dialect, altitudeM, this.#telemetry.homeAmslM),
    });
  }

  #lead(now: MonotonicMs, emit: Emit<AutopilotOut>): void {
    const state = this.#state;
    const setpoint = this.#setpoint;
    const sinceMs = now - state.setpointAtMs;
    // Its own pace of repetition; a new setpoint may be sooner.
    if (setpoint === undefined || sinceMs < SETPOINT_SOONEST_MS) return;
    if (state.step === "setpoint" && sinceMs < SETPOINT_AGAIN_MS && !state.setpointFresh) return;
    state.setpointFresh = false;
    state.step = "setpoint";
    state.stepCount = 0;
    state.setpointAtMs = now;
    this.#limitSpeed(now, setpoint.speedMaxMps, emit);
    this.#send(emit, this.#positionTarget(setpoint));
  }

  #limitSpeed(now: MonotonicMs, speedMps: number, emit: Emit<AutopilotOut>): void {
    const state = this.#state;
    const changed = Math.abs(speedMps - state.speedSentMps) > 0.2;
    if (!changed && now - state.speedSentAtMs < SPEED_AGAIN_MS) return;
    state.speedSentMps = speedMps;
    state.speedSentAtMs = now;
    const command = MAV_CMD.DO_CHANGE_SPEED;
    this.#send(emit, mavlink("commandLong", { command, param1: 1, param2: speedMps, param3: -1 }));
  }

  /** Above home as long as home is known: then barometer and map need not agree on the sea. */
  #positionTarget({ position, velocity, yawRad }: Setpoint): MavlinkMessage {
    const { frame } = this.#options;
    const place = frame.latLonFromPlane(position.northM, position.eastM);
    const { homeKnown, homeAmslM } = this.#telemetry;
    const still = velocity.northMps === 0 && velocity.eastMps === 0 && velocity.downMps === 0;
    const steered = Number.isFinite(yawRad);
    return mavlink("setPositionTargetGlobalInt", {
      coordinateFrame: homeKnown ? MAV_FRAME.GLOBAL_RELATIVE_ALT_INT : MAV_FRAME.GLOBAL_INT,
      typeMask:
        IGNORE.ACCELERATION |
        IGNORE.YAW_RATE |
        (still ? IGNORE.VELOCITY : 0) |
        (steered ? 0 : IGNORE.YAW),
      latInt: Math.round(degFromRad(place.latRad) * 1e7),
      lonInt: Math.round(degFromRad(place.lonRad) * 1e7),
      alt: homeKnown ? position.altitudeAmslM - homeAmslM : position.altitudeAmslM,
      vx: velocity.northMps,
      vy: velocity.eastMps,
      vz: velocity.downMps,
      yaw: steered ? yawRad : 0,
    });
  }

  /** Fills in whom it is for. */
  #send(emit: Emit<AutopilotOut>, message: MavlinkMessage): void {
    invariant(this.#state.systemId <= 255, "a system id is one byte");
    const addressed =
      "targetSystem" in message
        ? {
            ...message,
            targetSystem: this.#state.systemId,
            targetComponent: MAV_COMP_ID.AUTOPILOT1,
          }
        : message;
    emit({ kind: "send", message: addressed });
  }

  #parameters(): readonly FailsafeParameter[] {
    const own = this.#state.dialect === "px4" ? PX4_FAILSAFES : ARDUPILOT_FAILSAFES;
    return this.#options.failsafes ?? own;
  }

  #setupContext(now: MonotonicMs): {
    dialect: Dialect;
    parameters: readonly FailsafeParameter[];
    nowMs: number;
  } {
    return { dialect: this.#state.dialect, parameters: this.#parameters(), nowMs: now };
  }
}

function plainSetpoint({ position, velocity, yawRad, speedMaxMps }: Setpoint): CborValue {
  return { position: { ...position }, velocity: { ...velocity }, yawRad, speedMaxMps };
}
