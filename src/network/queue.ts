/**
 * Outgoing packets by traffic class, with expiry, bounds and a pace.
 *
 * Strict priority between classes. Emergency and command packets always go at once; the others
 * spend tokens of air time, and bulk only what others leave above half a bucket. What a full class
 * does is its nature: state keeps the latest, everything else refuses the newcomer, a message as a
 * whole.
 */
import { invariant, type ByteReader, type ByteWriter } from "../base/mod.ts";
import { PACKET_BYTES_MAX, readHeader, type PacketHeader } from "./packet.ts";
import { TrafficClass } from "./types.ts";

/** Packets waiting, by class. A longest message is 57 data and as many parity fragments. */
const CAPACITY: readonly number[] = [128, 128, 64, 128, 256];
/**
 * Tokens: at most this much air time is saved up. 50 ms is a longest message of 57 fragments at
 * MCS0 in half.
 */
const TOKENS_MAX_US = 50_000;

export interface Waiting {
  readonly header: PacketHeader;
  /** The whole packet; its header bytes are written when it is sent. */
  readonly bytes: Uint8Array;
  readonly expiresMs: number;
  /** A second saying of a broadcast: it is not watched for answers another time. */
  readonly again: boolean;
}

export class SendQueue {
  #classes: Waiting[][] = CAPACITY.map(() => []);
  #tokensUs = TOKENS_MAX_US;
  #tokensMs = 0;
  #dropped: Waiting[] = [];
  /** Of all classes together: asked at every step, and nearly always none. */
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Adds packets that belong together: all, or none when the class is full. */
  add(packets: readonly Waiting[]): boolean {
    const first = packets[0];
    invariant(first !== undefined, "something is queued");
    const trafficClass = first.header.trafficClass;
    const list = this.#classes[trafficClass]!;
    const capacity = CAPACITY[trafficClass]!;
    if (trafficClass === TrafficClass.state) {
      while (list.length > 0 && list.length + packets.length > capacity) {
        this.#dropped.push(list.shift()!);
        this.#length -= 1;
      }
    }
    if (list.length + packets.length > capacity) return false;
    list.push(...packets);
    this.#length += packets.length;
    return true;
  }

  get hasDropped(): boolean {
    return this.#dropped.length > 0;
  }

  /** Packets that left for room or age since the last call. */
  takeDropped(): Waiting[] {
    const taken = this.#dropped;
    this.#dropped = [];
    return taken;
  }

  /** Fills tokens up to `nowMs` at a share of the air. */
  refill(nowMs: number, airShare: number): void {
    const gainUs = (nowMs - this.#tokensMs) * 1000 * airShare;
    this.#tokensUs = Math.min(TOKENS_MAX_US, this.#tokensUs + Math.max(0, gainUs));
    this.#tokensMs = nowMs;
  }

  spend(airTimeUs: number): void {
    this.#tokensUs = Math.max(-TOKENS_MAX_US, this.#tokensUs - airTimeUs);
  }

  /** The next packet that may go now, most urgent first; expired ones leave on the way. */
  next(nowMs: number, lowest: TrafficClass = TrafficClass.bulk): Waiting | undefined {
    this.expire(nowMs);
    for (let trafficClass = 0; trafficClass <= lowest; trafficClass += 1) {
      const list = this.#classes[trafficClass]!;
      if (list.length === 0 || !this.#mayGo(trafficClass)) continue;
      this.#length -= 1;
      return list.shift();
    }
    return undefined;
  }

  expire(nowMs: number): void {
    this.#classes = this.#classes.map((list) => {
      if (list.every((it) => it.expiresMs > nowMs)) return list;
      this.#dropped.push(...list.filter((it) => it.expiresMs <= nowMs));
      const kept = list.filter((it) => it.expiresMs > nowMs);
      this.#length -= list.length - kept.length;
      return kept;
    });
  }

  /** When waiting packets may go if nothing else comes; Infinity when none waits. */
  readyMs(nowMs: number, airShare: number): number {
    let soonestMs = Infinity;
    this.#classes.forEach((list, trafficClass) => {
      if (list.length === 0) return;
      const missingUs = this.#threshold(trafficClass) - this.#tokensUs;
      const waitMs = missingUs <= 0 ? 0 : missingUs / (1000 * airShare);
      // Never at once again: a refill of no time would bring nothing.
      soonestMs = Math.min(soonestMs, nowMs + Math.max(1, waitMs));
    });
    return soonestMs;
  }

  save(to: ByteWriter): void {
    to.f64(this.#tokensUs).f64(this.#tokensMs);
    for (const list of this.#classes) saveWaiting(list, to);
  }

  load(from: ByteReader): void {
    this.#tokensUs = from.f64();
    this.#tokensMs = from.f64();
    this.#classes = CAPACITY.map((capacity) => loadWaiting(from, capacity));
    this.#length = this.#classes.reduce((sum, list) => sum + list.length, 0);
    this.#dropped = [];
  }

  #mayGo(trafficClass: number): boolean {
    return this.#tokensUs >= this.#threshold(trafficClass);
  }

  #threshold(trafficClass: number): number {
    if (trafficClass <= TrafficClass.command) return -Infinity;
    return trafficClass === TrafficClass.bulk ? TOKENS_MAX_US / 2 : 0;
  }
}

export function saveWaiting(list: readonly Waiting[], to: ByteWriter): void {
  to.u16(list.length);
  for (const it of list) to.f64(it.expiresMs).bool(it.again).blob(it.bytes);
}

/** Packets carry their header in their first bytes, so the bytes are enough. */
export function loadWaiting(from: ByteReader, capacity: number): Waiting[] {
  const count = from.u16();
  const list: Waiting[] = [];
  for (let i = 0; i < Math.min(count, capacity) && !from.failed; i += 1) {
    const expiresMs = from.f64();
    const again = from.bool();
    const bytes = from.blob(PACKET_BYTES_MAX);
    const header = readHeader(bytes);
    if (header.ok) list.push({ header: header.value, bytes, expiresMs, again });
  }
  return list;
}
