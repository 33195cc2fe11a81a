/**
 * The host of one `Autopilot` machine: gives it the time and the bytes of a transport, sends what
 * it emits, and hands samples and events on.
 */
import {
  Autopilot,
  encodeFrame,
  MavlinkParser,
  type AutopilotEvent,
  type AutopilotIn,
  type AutopilotOptions,
  type MavlinkCounts,
  type MavlinkFrame,
  type VehicleCommand,
  type VehicleSample,
} from "../../src/hal/mod.ts";
import type { MonotonicMs } from "../../src/base/mod.ts";
import { openTransport, type Transport, type TransportAddress } from "./transport.ts";

export interface AutopilotLinkOptions extends AutopilotOptions {
  readonly address: TransportAddress;
  readonly clock: () => MonotonicMs;
  readonly sample: (sample: VehicleSample) => void;
  readonly event?: (event: AutopilotEvent) => void;
  /** Unix time by the vehicle's GNSS. */
  readonly gnssTime?: (timeMs: number, errorMs: number) => void;
  readonly trouble?: (text: string) => void;
}

/** Ground station, so that the autopilot's ground-station failsafe watches this process. */
const SYSTEM_ID = 255;
const COMPONENT_ID = 190;
/** Of common.xml: the heartbeat of what is no autopilot (a camera, a ground station). */
const MAV_AUTOPILOT_INVALID = 8;
/** A timer may not be set for ever. */
const WAKE_MAX_MS = 1000;

export class AutopilotLink {
  readonly #options: AutopilotLinkOptions;
  readonly #machine: Autopilot;
  readonly #parser = new MavlinkParser();
  #transport: Transport | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sequence = 0;
  #closed = false;

  private constructor(options: AutopilotLinkOptions) {
    this.#options = options;
    this.#machine = new Autopilot(options);
  }

  /** Rejects when the local port or device cannot be had. */
  static async open(options: AutopilotLinkOptions): Promise<AutopilotLink> {
    const link = new AutopilotLink(options);
    link.#transport = await openTransport(options.address, {
      bytes: (bytes, whole, adopt) => {
        link.#receive(bytes, whole, adopt);
      },
      trouble: (text) => options.trouble?.(text),
    });
    link.#step({ kind: "wake" });
    return link;
  }

  get counts(): MavlinkCounts {
    return this.#parser.counts;
  }

  get linkUp(): boolean {
    return this.#machine.linkUp;
  }

  get localPort(): number {
    return this.#transport?.localPort ?? 0;
  }

  command(command: VehicleCommand): void {
    this.#step({ kind: "command", command });
  }

  release(released: boolean): void {
    this.#step({ kind: "release", released });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#transport?.close();
  }

  #receive(bytes: Uint8Array, whole: boolean, adopt: () => void): void {
    if (this.#closed) return;
    // One frame after the other: a step from within a delivery would be out of order.
    const frames: MavlinkFrame[] = [];
    if (whole) this.#parser.pushDatagram(bytes, (frame) => frames.push(frame));
    else this.#parser.push(bytes, (frame) => frames.push(frame));
    if (frames.some((frame) => this.#isVehicles(frame))) adopt();
    for (const frame of frames) this.#step({ kind: "frame", frame });
  }

  /** Before a vehicle is known, an autopilot's heartbeat makes it known. */
  #isVehicles({ systemId, message }: MavlinkFrame): boolean {
    const wanted = this.#options.targetSystemId ?? this.#machine.systemId;
    if (wanted !== 0) return systemId === wanted;
    return message.kind === "heartbeat" && message.autopilot !== MAV_AUTOPILOT_INVALID;
  }

  #step(input: AutopilotIn): void {
    if (this.#closed) return;
    this.#machine.step(this.#options.clock(), input, (output) => {
      switch (output.kind) {
        case "send": {
          this.#sequence = (this.#sequence + 1) & 255;
          const header = {
            systemId: SYSTEM_ID,
            componentId: COMPONENT_ID,
            sequence: this.#sequence,
          };
          this.#transport?.send(encodeFrame(header, output.message));
          return;
        }
        case "sample":
          this.#options.sample(output.sample);
          return;
        case "event":
          this.#options.event?.(output.event);
          return;
        case "clock":
          this.#options.gnssTime?.(output.timeMs, output.errorMs);
          return;
        default:
          return output satisfies never;
      }
    });
    this.#sleep();
  }

  #sleep(): void {
    clearTimeout(this.#timer);
    const waitMs = Math.ceil(this.#machine.wakeAt() - this.#options.clock());
    this.#timer = setTimeout(
      () => {
        this.#step({ kind: "wake" });
      },
      Math.min(WAKE_MAX_MS, Math.max(1, waitMs)),
    );
  }
}
