/**
 * What enters the trace hash: decisions, reports, lengths, true positions. Never ciphertext, tags,
 * keys or anything drawn from a provider's entropy. The records are listed in
 * `docs/protocols/trace-hash.md`.
 */
import { hash32 } from "../../src/base/mod.ts";
import type { StoreRequest, VehicleCommand } from "../../src/hal/mod.ts";
import type { NodeEvent } from "../../src/node/mod.ts";
import { TraceHash } from "../core/mod.ts";
import type { FlightSlab } from "../flight/mod.ts";
import { sizeOf } from "./store.ts";

export const RECORD = {
  transmit: 1,
  command: 2,
  ask: 3,
  report: 4,
  state: 5,
  plaintext: 6,
  fault: 7,
  boot: 8,
  sensor: 9,
  radio: 10,
} as const;

const COMMANDS = ["arm", "disarm", "takeoff", "setpoint", "hold", "rtl", "land"] as const;
const REQUESTS = ["append", "truncate", "replace"] as const;
const CENTI = 0.01;
const MILLI = 0.001;
const DEPTH_MAX = 8;

export class Trace {
  readonly hash: TraceHash = new TraceHash();

  transmit(slot: number, nowUs: number, access: number, lengthBytes: number): void {
    this.#head(RECORD.transmit, slot, nowUs).u32(access * 65536 + lengthBytes);
  }

  command(slot: number, nowUs: number, command: VehicleCommand): void {
    const hash = this.#head(RECORD.command, slot, nowUs).u32(COMMANDS.indexOf(command.kind));
    if (command.kind === "takeoff") hash.quantity(command.altitudeAglM, CENTI);
    if (command.kind !== "setpoint") return;
    const { position, velocity, speedMaxMps } = command.setpoint;
    hash.quantity(position.northM, CENTI).quantity(position.eastM, CENTI);
    hash.quantity(position.altitudeAmslM, CENTI).quantity(velocity.northMps, CENTI);
    hash.quantity(velocity.eastMps, CENTI).quantity(velocity.downMps, CENTI);
    hash.quantity(speedMaxMps, CENTI);
  }

  ask(slot: number, nowUs: number, request: StoreRequest): void {
    const hash = this.#head(RECORD.ask, slot, nowUs).u32(REQUESTS.indexOf(request.kind));
    hash.u32(hash32(request.name)).u32(sizeOf(request));
    hash.u32(request.kind === "truncate" ? request.keepCount : request.records.length);
  }

  report(slot: number, nowUs: number, event: NodeEvent): void {
    const hash = this.#head(RECORD.report, slot, nowUs).u32(hash32(event.severity));
    feed(hash, event.detail, 0);
  }

  plaintext(slot: number, kind: number, lengthBytes: number): void {
    this.hash
      .u32(RECORD.plaintext * 65536 + slot)
      .u32(kind)
      .u32(lengthBytes);
  }

  fault(nowUs: number, action: object): void {
    feed(this.#head(RECORD.fault, 0, nowUs), action, 0);
  }

  boot(slot: number, nowUs: number, boot: number): void {
    this.#head(RECORD.boot, slot, nowUs).u32(boot);
  }

  sensor(slot: number, nowUs: number, sequence: number): void {
    this.#head(RECORD.sensor, slot, nowUs).u32(sequence);
  }

  /** Truth about one vehicle, once a second. */
  state(slot: number, nowUs: number, slab: FlightSlab): void {
    const hash = this.#head(RECORD.state, slot, nowUs);
    hash.quantity(slab.northM[slot]!, CENTI).quantity(slab.eastM[slot]!, CENTI);
    hash.quantity(slab.altitudeM[slot]!, CENTI).quantity(slab.batteryWh[slot]!, MILLI);
    hash.u32(
      slab.mode[slot]! * 8 + slab.armed[slot]! * 4 + slab.inAir[slot]! * 2 + slab.lost[slot]!,
    );
  }

  /** Counts of frames, once a second. */
  radio(nowUs: number, transmissions: number, receptions: number): void {
    this.#head(RECORD.radio, 0, nowUs).integer(transmissions).integer(receptions);
  }

  #head(record: number, slot: number, nowUs: number): TraceHash {
    return this.hash.u32(record * 65536 + slot).integer(nowUs);
  }
}

/** Plain data in the order of its keys; of byte strings only the length. */
function feed(hash: TraceHash, value: unknown, depth: number): void {
  if (depth > DEPTH_MAX) return;
  if (typeof value === "number") hash.quantity(value, MILLI);
  else if (typeof value === "string") hash.u32(hash32(value));
  else if (typeof value === "boolean") hash.u32(value ? 1 : 0);
  else if (typeof value === "bigint") hash.u32(hash32(value.toString()));
  else if (value instanceof Uint8Array) hash.u32(value.length);
  else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      hash.u32(hash32(key));
      feed(hash, item, depth + 1);
    }
  } else hash.u32(0);
}
