/**
 * An `Autopilot` and a `MavlinkVehicle` around a toy vehicle, joined by a line that can be cut,
 * delayed or made to lose frames, in steps of 20 ms of one common time.
 */
import { monotonicMs, type SeededStream } from "../../base/mod.ts";
import { latLonFromDeg } from "../geodesy/ellipsoid.ts";
import { LocalFrame } from "../geodesy/frame.ts";
import { encodeFrame } from "../mavlink/codec.ts";
import type { MavlinkMessage } from "../mavlink/messages.ts";
import { MavlinkParser, type MavlinkFrame } from "../mavlink/parser.ts";
import { ToyVehicle } from "../mavlink-vehicle/toy-vehicle.test-support.ts";
import { MavlinkVehicle, type MavlinkVehicleIn } from "../mavlink-vehicle/vehicle.ts";
import type { VehicleCommand, VehicleSample } from "../vehicle.ts";
import { Autopilot, type AutopilotEvent, type AutopilotIn } from "./autopilot.ts";

const TICK_MS = 20;

interface Underway {
  readonly atMs: number;
  readonly to: "autopilot" | "vehicle";
  readonly bytes: Uint8Array;
}

export class Bench {
  readonly frame: LocalFrame = new LocalFrame(latLonFromDeg(33.22, -98.16), 270);
  readonly toy: ToyVehicle = new ToyVehicle();
  readonly vehicle: MavlinkVehicle = new MavlinkVehicle({ systemId: 7, frame: this.frame });
  autopilot: Autopilot = new Autopilot({ frame: this.frame, batteryFullWh: 100 });
  readonly events: AutopilotEvent[] = [];
  /** Sent by the agent. */
  readonly sent: MavlinkMessage[] = [];
  sample: VehicleSample | undefined;
  nowMs = 0;
  cut = false;
  delayMs = 0;
  loss = 0;
  /** Vehicle time runs this much faster than the agent's. */
  vehicleSpeed = 1;
  random: SeededStream | undefined;
  #underway: Underway[] = [];
  #sequence = 0;
  readonly #parsers = { autopilot: new MavlinkParser(), vehicle: new MavlinkParser() };

  run(seconds: number): void {
    for (const until = this.nowMs + seconds * 1000; this.nowMs < until;) this.#tick();
  }

  /** Runs until it holds, at most so long; false when it never did. */
  until(seconds: number, holds: () => boolean): boolean {
    for (const until = this.nowMs + seconds * 1000; this.nowMs < until;) {
      if (holds()) return true;
      this.#tick();
    }
    return holds();
  }

  order(command: VehicleCommand): void {
    this.#toAutopilot({ kind: "command", command });
  }

  release(): void {
    this.#toAutopilot({ kind: "release", released: true });
  }

  told(kind: AutopilotEvent["kind"]): AutopilotEvent[] {
    return this.events.filter((event) => event.kind === kind);
  }

  /** Puts a message on the line, as some other ground station would. */
  inject(to: "autopilot" | "vehicle", message: MavlinkMessage, systemId = 250): void {
    this.#put(to, systemId, message);
  }

  #tick(): void {
    this.nowMs += TICK_MS;
    this.toy.tick((TICK_MS / 1000) * this.vehicleSpeed);
    this.#toVehicle({ kind: "sample", sample: this.toy.sample() });
    const due = this.#underway.filter(({ atMs }) => atMs <= this.nowMs);
    this.#underway = this.#underway.filter(({ atMs }) => atMs > this.nowMs);
    for (const { to, bytes } of due) this.#arrive(to, bytes);
    if (this.vehicle.wakeAt() <= this.nowMs * this.vehicleSpeed) this.#toVehicle({ kind: "wake" });
    if (this.autopilot.wakeAt() <= this.nowMs) this.#toAutopilot({ kind: "wake" });
  }

  #arrive(to: "autopilot" | "vehicle", bytes: Uint8Array): void {
    const frames: MavlinkFrame[] = [];
    this.#parsers[to].push(bytes, (frame) => frames.push(frame));
    for (const frame of frames) {
      if (to === "autopilot") this.#toAutopilot({ kind: "frame", frame });
      else this.#toVehicle({ kind: "frame", frame });
    }
  }

  #toVehicle(input: MavlinkVehicleIn): void {
    this.vehicle.step(monotonicMs(this.nowMs * this.vehicleSpeed), input, (output) => {
      if (output.kind === "send") this.#put("autopilot", this.vehicle.systemId, output.message);
      else this.toy.command(output.command);
    });
  }

  #toAutopilot(input: AutopilotIn): void {
    this.autopilot.step(monotonicMs(this.nowMs), input, (output) => {
      if (output.kind === "send") {
        this.sent.push(output.message);
        this.#put("vehicle", 255, output.message);
      } else if (output.kind === "sample") this.sample = output.sample;
      else if (output.kind === "event") this.events.push(output.event);
    });
  }

  #put(to: "autopilot" | "vehicle", systemId: number, message: MavlinkMessage): void {
    this.#sequence += 1;
    const componentId = to === "autopilot" ? 1 : 190;
    const bytes = encodeFrame({ systemId, componentId, sequence: this.#sequence }, message);
    if (this.cut || (this.random?.chance(this.loss) ?? false)) return;
    this.#underway.push({ atMs: this.nowMs + this.delayMs, to, bytes });
  }
}
