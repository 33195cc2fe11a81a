/**
 * Vehicles of a simulation shown to ground stations: many `MavlinkVehicle`s on one UDP socket, each
 * with a system id of its own, as one finds a fleet behind a radio.
 *
 * Everything is sent to the configured address and to whoever has spoken to the socket in the last
 * minute (`PEERS_MAX`, the longest silent leaves). The owner drives it: `sample` for each
 * vehicle at about 10 Hz of simulated time. Time here is the simulation's, not the wall's.
 */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { fail, ok, problem, type MonotonicMs, type Result } from "../../src/base/mod.ts";
import {
  encodeFrame,
  MavlinkParser,
  MavlinkVehicle,
  type LocalFrame,
  type MavlinkCounts,
  type MavlinkFrame,
  type MavlinkVehicleIn,
  type VehicleCommand,
  type VehicleSample,
} from "../../src/hal/mod.ts";

export interface MavlinkOutwardOptions {
  /** Where ground stations listen, for example 127.0.0.1:14550. */
  readonly host: string;
  readonly port: number;
  /** The mission's frame, in which samples are told. */
  readonly frame: LocalFrame;
  /** Number of vehicles, at most `VEHICLES_MAX`; system ids count from 1. */
  readonly vehicleCount: number;
  /** Rate of the usual telemetry without being asked; 2 when absent. */
  readonly defaultRateHz?: number;
  /** A ground station wants this of that vehicle (index from 0). */
  readonly command: (vehicle: number, command: VehicleCommand) => void;
  readonly trouble?: (text: string) => void;
}

/** 255 is the ground station's. */
export const VEHICLES_MAX = 254;
const PEERS_MAX = 8;
const PEER_SILENT_MS = 60_000;
const AUTOPILOT_COMPONENT = 1;

/** Reads `udp://127.0.0.1:14550`. */
export function parseOutwardAddress(text: string): Result<{ host: string; port: number }> {
  const match = /^udp:\/\/([^/:?#]+):(\d{1,5})\/?$/.exec(text);
  const port = Number(match?.[2]);
  if (match?.[1] !== undefined && port >= 1 && port <= 65_535) return ok({ host: match[1], port });
  const remedy = "write udp://127.0.0.1:14550";
  return fail(problem("HAL010", { detail: text.slice(0, 80), remedy }));
}

interface Peer {
  readonly host: string;
  readonly port: number;
  heardAtMs: number;
}

export class MavlinkOutward {
  readonly #options: MavlinkOutwardOptions;
  readonly #socket: Socket = createSocket("udp4");
  readonly #parser = new MavlinkParser();
  readonly #vehicles: readonly MavlinkVehicle[];
  readonly #sequences: Uint8Array;
  readonly #peers: Peer[];
  #nowMs = 0 as MonotonicMs;
  #closed = false;

  private constructor(options: MavlinkOutwardOptions) {
    const count = Math.min(VEHICLES_MAX, options.vehicleCount);
    this.#options = options;
    this.#sequences = new Uint8Array(count);
    this.#peers = [{ host: options.host, port: options.port, heardAtMs: Infinity }];
    this.#vehicles = Array.from({ length: count }, (_, i) => {
      const { frame, defaultRateHz = 2 } = options;
      return new MavlinkVehicle({ systemId: i + 1, frame, defaultRateHz });
    });
  }

  /** Opens the socket on a free port of the host's own choosing; rejects when there is none. */
  static open(options: MavlinkOutwardOptions): Promise<MavlinkOutward> {
    const outward = new MavlinkOutward(options);
    const socket = outward.#socket;
    const local = options.host === "127.0.0.1" || options.host === "localhost";
    return new Promise((resolve, reject) => {
      socket.once("error", reject);
      socket.bind(0, local ? "127.0.0.1" : undefined, () => {
        socket.off("error", reject);
        socket.on("error", (error) => options.trouble?.(error.message));
        socket.on("message", (bytes, from) => {
          outward.#receive(new Uint8Array(bytes), from);
        });
        resolve(outward);
      });
    });
  }

  get counts(): MavlinkCounts {
    return this.#parser.counts;
  }

  get localPort(): number {
    return this.#socket.address().port;
  }

  /** The state of a vehicle at a moment of simulated time; moments never run backwards. */
  sample(now: MonotonicMs, vehicle: number, sample: VehicleSample): void {
    if (vehicle >= this.#vehicles.length || this.#closed) return;
    this.#nowMs = now;
    this.#step(vehicle, { kind: "sample", sample });
    if (this.#vehicles[vehicle]!.wakeAt() <= now) this.#step(vehicle, { kind: "wake" });
  }

  close(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#closed = true;
    return new Promise((resolve) => this.#socket.close(resolve));
  }

  #receive(bytes: Uint8Array, from: RemoteInfo): void {
    const frames: MavlinkFrame[] = [];
    this.#parser.pushDatagram(bytes, (frame) => frames.push(frame));
    // Noise makes nobody a listener.
    if (frames.length > 0) this.#note(from);
    for (const frame of frames) {
      this.#vehicles.forEach((_, vehicle) => {
        if (this.#isFor(frame, vehicle)) this.#step(vehicle, { kind: "frame", frame });
      });
    }
  }

  #isFor({ message }: MavlinkFrame, vehicle: number): boolean {
    const target = "targetSystem" in message ? message.targetSystem : 0;
    return target === 0 || target === vehicle + 1;
  }

  #note({ address, port }: RemoteInfo): void {
    const wallMs = performance.now();
    const known = this.#peers.find((peer) => peer.host === address && peer.port === port);
    if (known !== undefined) {
      if (known.heardAtMs !== Infinity) known.heardAtMs = wallMs;
      return;
    }
    const silent = this.#peers.findIndex((peer) => wallMs - peer.heardAtMs > PEER_SILENT_MS);
    if (silent > 0) this.#peers.splice(silent, 1);
    else if (this.#peers.length >= PEERS_MAX) this.#peers.splice(1, 1);
    this.#peers.push({ host: address, port, heardAtMs: wallMs });
  }

  #step(vehicle: number, input: MavlinkVehicleIn): void {
    const machine = this.#vehicles[vehicle]!;
    machine.step(this.#nowMs, input, (output) => {
      if (output.kind === "command") {
        this.#options.command(vehicle, output.command);
        return;
      }
      const sequence = this.#sequences[vehicle]!;
      this.#sequences[vehicle] = sequence + 1;
      const header = { systemId: machine.systemId, componentId: AUTOPILOT_COMPONENT, sequence };
      this.#send(encodeFrame(header, output.message));
    });
  }

  #send(bytes: Uint8Array): void {
    if (this.#closed) return;
    for (const { host, port } of this.#peers) {
      this.#socket.send(bytes, port, host, (error) => {
        if (error !== null) this.#options.trouble?.(error.message);
      });
    }
  }
}
