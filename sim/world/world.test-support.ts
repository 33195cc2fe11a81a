/** A small node of our own: arms, takes off, flies a square, beacons, writes, and hears others. */
import type { ByteReader, ByteWriter } from "../../src/base/mod.ts";
import {
  monotonicMs,
  NEVER,
  SeededStream,
  type Emit,
  type MonotonicMs,
} from "../../src/base/mod.ts";
import type { VehicleSample } from "../../src/hal/mod.ts";
import type { Effect, Stimulus } from "../../src/node/mod.ts";
import type { Seat, SimNode } from "../mod.ts";

export interface FakeOptions {
  readonly beaconHz?: number;
  readonly beaconBytes?: number;
  /** Height of the square above the map's ground at take-off. */
  readonly heightM?: number;
  readonly sideM?: number;
  readonly flies?: boolean;
  readonly charge?: string;
}

export class FakeNode implements SimNode {
  readonly seat: Seat;
  readonly #options: FakeOptions;
  readonly #stream: SeededStream;
  #nextBeaconMs: number;
  #ticket = 0;
  heard = 0;
  answers = 0;
  leg = 0;
  sightings = 0;
  homeM = NaN;
  lastSample: VehicleSample | undefined;

  constructor(seat: Seat, options: FakeOptions = {}) {
    this.seat = seat;
    this.#options = options;
    this.#stream = new SeededStream(seat.seed, "fake");
    this.#nextBeaconMs = this.#stream.between(0, 500);
  }

  step(now: MonotonicMs, input: Stimulus, emit: Emit<Effect>): void {
    if (now >= this.#nextBeaconMs) this.#beacon(now, emit);
    if (input.kind === "datagram") {
      this.heard += 1;
      this.seat.charge(this.#options.charge ?? "aeadOpen", input.datagram.bytes.length);
    } else if (input.kind === "answer") this.answers += 1;
    else if (input.kind === "sensor") this.sightings += 1;
    else if (input.kind === "vehicle") this.#steer(input.sample, emit);
  }

  wakeAt(): MonotonicMs {
    return (this.#options.beaconHz ?? 2) > 0 ? monotonicMs(this.#nextBeaconMs) : NEVER;
  }

  save(to: ByteWriter): void {
    to.f64(this.#nextBeaconMs).u32(this.#ticket).u32(this.heard).u32(this.answers);
    to.u32(this.leg).u32(this.sightings).f64(this.homeM);
    this.#stream.save(to);
  }

  load(from: ByteReader): void {
    this.#nextBeaconMs = from.f64();
    this.#ticket = from.u32();
    this.heard = from.u32();
    this.answers = from.u32();
    this.leg = from.u32();
    this.sightings = from.u32();
    this.homeM = from.f64();
    this.#stream.load(from);
  }

  #beacon(now: MonotonicMs, emit: Emit<Effect>): void {
    const periodMs = 1000 / (this.#options.beaconHz ?? 2);
    this.#nextBeaconMs = now + periodMs * this.#stream.between(0.9, 1.1);
    const bytes = new Uint8Array(this.#options.beaconBytes ?? 180).fill(this.seat.slot);
    this.seat.trace(0x10, bytes.length);
    emit({
      kind: "transmit",
      datagram: { radio: 0, bytes, access: "video", expiresAt: monotonicMs(now + 100) },
    });
    this.#ticket += 1;
    if (this.#ticket % 10 !== 0) return;
    const records = [Uint8Array.of(this.#ticket & 255)];
    emit({ kind: "ask", ticket: this.#ticket, request: { kind: "append", name: "log", records } });
  }

  #steer(sample: VehicleSample, emit: Emit<Effect>): void {
    this.lastSample = sample;
    if (this.#options.flies === false) return;
    if (!sample.inAir && !sample.armed) {
      if (!sample.ready || !sample.released || sample.batteryRatio < 0.9) return;
      this.homeM = sample.position.altitudeAmslM;
      emit({ kind: "command", command: { kind: "arm" } });
      return;
    }
    if (!sample.inAir) {
      emit({ kind: "command", command: { kind: "takeoff", altitudeAglM: 60 } });
      return;
    }
    if (sample.mode === "takeoff" || sample.mode === "land") return;
    if (sample.batteryRatio < 0.25) {
      if (sample.mode !== "rtl") emit({ kind: "command", command: { kind: "rtl" } });
      return;
    }
    this.#followSquare(sample, emit);
  }

  #followSquare(sample: VehicleSample, emit: Emit<Effect>): void {
    const side = this.#options.sideM ?? 600;
    const shift = 60 * this.seat.slot;
    const corners = [
      [shift, shift],
      [shift + side, shift],
      [shift + side, shift + side],
      [shift, shift + side],
    ] as const;
    const [northM, eastM] = corners[this.leg % 4]!;
    const altitudeAmslM = this.homeM + (this.#options.heightM ?? 140) + 8 * this.seat.slot;
    const dn = northM - sample.position.northM;
    const de = eastM - sample.position.eastM;
    if (dn * dn + de * de < 100) this.leg += 1;
    emit({
      kind: "command",
      command: {
        kind: "setpoint",
        setpoint: {
          position: { northM, eastM, altitudeAmslM },
          velocity: { northMps: 0, eastMps: 0, downMps: 0 },
          yawRad: 0,
          speedMaxMps: 12,
        },
      },
    });
  }
}
