/**
 * A few security machines on a perfect or lossy air, without network layer: what one emits for the
 * network reaches its addressee as a delivered payload, what it emits as a datagram reaches all.
 */
import {
  BROADCAST,
  SeededStream,
  monotonicMs,
  nodeIndex,
  type MonotonicMs,
  type NodeIndex,
} from "../../base/mod.ts";
import { importNodeKeys, importOperatorKeys } from "../credential/fleet.ts";
import type { CryptoProvider } from "../provider.ts";
import { Security } from "../security.ts";
import type { SecurityIn, SecurityOut } from "../types.ts";
import type { TestFleet } from "./fleet.test-support.ts";

export interface Station {
  readonly index: NodeIndex;
  machine: Security;
  /** All that it emitted, oldest first. */
  readonly out: SecurityOut[];
}

interface Flight {
  readonly to: Station;
  readonly input: SecurityIn;
}

export class Air {
  now: MonotonicMs = monotonicMs(0);
  readonly stations: Station[] = [];
  /** Stations that nothing reaches or leaves. */
  readonly cut = new Set<NodeIndex>();
  lossRatio = 0;
  /** Sees every byte string on its way; false loses it. */
  tap: (from: NodeIndex, to: NodeIndex, bytes: Uint8Array) => boolean = () => true;
  /** Bytes of handshakes, and of this layer's own envelopes, that were sent. */
  handshakeBytes = 0;
  handshakeDatagrams = 0;
  controlBytes = 0;
  readonly #fleet: TestFleet;
  readonly #random = new SeededStream(5, "air");
  #flights: Flight[] = [];

  constructor(fleet: TestFleet, count: number) {
    this.#fleet = fleet;
    for (let i = 0; i < count; i += 1) {
      this.stations.push({ index: nodeIndex(i), machine: this.boot(i, 1), out: [] });
    }
  }

  /** A machine for a slot, in its n-th boot; the station (0) holds the operator's key. */
  boot(slot: number, bootCount: number, provider?: CryptoProvider): Security {
    const { directory, fleet, members } = this.#fleet;
    const used = provider ?? this.#fleet.provider;
    const member = members[slot]!;
    const operator = { keys: importOperatorKeys(used, fleet.operator.secrets), session: 1 };
    return new Security({
      provider: used,
      directory,
      self: member.index,
      keys: importNodeKeys(used, member.secrets),
      bootCount,
      seed: 3,
      ...(slot === 0 ? { operator } : {}),
    });
  }

  at(index: number): Station {
    return this.stations[index]!;
  }

  /** Steps one machine and lets everything that follows land. */
  step(index: number, input: SecurityIn): SecurityOut[] {
    const before = this.at(index).out.length;
    this.#run(this.at(index), input);
    this.#settle();
    return this.at(index).out.slice(before);
  }

  /** Lets time pass, waking who wants to be woken. */
  pass(durationMs: number): void {
    const until = this.now + durationMs;
    for (let guard = 0; guard < 10_000; guard += 1) {
      let soonest = Infinity;
      for (const one of this.stations) soonest = Math.min(soonest, one.machine.wakeAt());
      if (soonest > until) break;
      this.now = monotonicMs(Math.max(soonest, this.now));
      for (const one of this.stations) {
        if (one.machine.wakeAt() <= this.now) this.#run(one, { kind: "wake" });
      }
      this.#settle();
    }
    this.now = monotonicMs(until);
  }

  /** Everyone sends one beacon. */
  beacons(): void {
    for (const one of this.stations) {
      const body = Uint8Array.of(0xbe, one.index);
      this.step(one.index, { kind: "sealBeacon", body, carry: undefined });
    }
  }

  /** Messages, orders and the like that a station got, of one kind. */
  of<Kind extends SecurityOut["kind"]>(
    index: number,
    kind: Kind,
  ): Extract<SecurityOut, { kind: Kind }>[] {
    const wanted = (one: SecurityOut): one is Extract<SecurityOut, { kind: Kind }> =>
      one.kind === kind;
    return this.at(index).out.filter(wanted);
  }

  refused(index: number): Record<string, number> {
    return Object.fromEntries(this.at(index).machine.refused);
  }

  #run(station: Station, input: SecurityIn): void {
    station.machine.step(this.now, input, (output) => {
      station.out.push(output);
      this.#carry(station, output);
    });
  }

  #carry(station: Station, output: SecurityOut): void {
    const { index: from } = station;
    if (output.kind === "datagram") this.#datagram(from, output.bytes);
    if (output.kind === "handshake") {
      this.handshakeBytes += output.bytes.length;
      this.handshakeDatagrams += 1;
    }
    if (output.kind === "control") this.controlBytes += output.bytes.length;
    if (output.kind === "handshake" || output.kind === "control") {
      if (output.direct) this.#datagram(from, output.bytes);
      else this.#deliver(from, output.to, output.bytes);
    }
    if (output.kind === "envelope") this.#deliver(from, output.to, output.bytes);
  }

  #datagram(from: NodeIndex, bytes: Uint8Array): void {
    for (const to of this.stations) this.#send(from, to, { kind: "datagram", bytes });
  }

  #deliver(from: NodeIndex, to: NodeIndex, bytes: Uint8Array): void {
    for (const one of this.stations) {
      if (to !== BROADCAST && to !== one.index) continue;
      this.#send(from, one, { kind: "openEnvelope", from, bytes });
    }
  }

  #send(from: NodeIndex, to: Station, input: SecurityIn & { bytes: Uint8Array }): void {
    if (to.index === from || this.cut.has(from) || this.cut.has(to.index)) return;
    if (!this.tap(from, to.index, input.bytes)) return;
    if (this.lossRatio > 0 && this.#random.chance(this.lossRatio)) return;
    this.#flights.push({ to, input });
  }

  #settle(): void {
    for (let guard = 0; guard < 100_000 && this.#flights.length > 0; guard += 1) {
      const flight = this.#flights.shift()!;
      this.#run(flight.to, flight.input);
    }
  }
}
