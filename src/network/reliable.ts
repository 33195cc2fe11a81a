/**
 * Hop acknowledgement of unicast packets, bulk apart: each hop repeats until the next one
 * acknowledges, so a loss costs one hop's round trip and not the whole path's.
 *
 * The timeout follows the measured round trip (RFC 6298 without its one-second floor; Karn's rule:
 * repeated packets give no sample). Bounds: 64 packets unacknowledged, 6 tries, never past expiry.
 */
import type { ByteReader, ByteWriter, NodeIndex, SeededStream } from "../base/mod.ts";
import { loadWaiting, saveWaiting, type Waiting } from "./queue.ts";

const IN_FLIGHT_MAX = 64;
/**
 * By traffic class. State is soon overtaken by newer state; bulk has its parity and asks for none.
 */
const TRIES: readonly number[] = [1, 6, 2, 6, 1];
/** A round trip on a quiet channel is 1 to 3 ms; contention and slow processors take more. */
const TIMEOUT_MIN_MS = 8;
const TIMEOUT_MAX_MS = 120;
const BACKOFF = 1.6;
/** Unanswered packets lengthen all timeouts, answers take that back (as RFC 6298, 5.5). */
const PRESSURE_UP = 1.14;
const PRESSURE_DOWN = 0.85;
/** Up to here the misses are one packet's own. */
const PRESSURE_FREE = 2;
const PRESSURE_MAX = 12;
/** Air time of a byte at MCS0, with the acknowledgement's share and others' frames between. */
const AHEAD_MS_PER_BYTE = 0.004;
/** Under so much of it, two tries fewer. */
const PRESSURE_HIGH = 6;

export interface InFlight {
  readonly packet: Waiting;
  nextHop: NodeIndex;
  tries: number;
  sentMs: number;
  dueMs: number;
}

export class HopRetries {
  #inFlight: InFlight[] = [];
  #roundTripMs = 10;
  #deviationMs = 5;
  #pressure = 1;

  get length(): number {
    return this.#inFlight.length;
  }

  get isFull(): boolean {
    return this.#inFlight.length >= IN_FLIGHT_MAX;
  }

  nextDueMs(): number {
    let soonest = Infinity;
    for (let i = 0; i < this.#inFlight.length; i += 1) {
      soonest = Math.min(soonest, this.#inFlight[i]!.dueMs);
    }
    return soonest;
  }

  /** Watches a packet just sent for the first time. */
  watch(packet: Waiting, nextHop: NodeIndex, nowMs: number, stream: SeededStream): void {
    const entry = { packet, nextHop, tries: 1, sentMs: nowMs, dueMs: 0 };
    this.#arm(entry, nowMs, stream);
    this.#inFlight.push(entry);
  }

  /** Sent again, perhaps to another neighbor. */
  again(entry: InFlight, nextHop: NodeIndex, nowMs: number, stream: SeededStream): void {
    entry.nextHop = nextHop;
    entry.tries += 1;
    this.#pressure = Math.min(PRESSURE_MAX, this.#pressure * PRESSURE_UP);
    this.#arm(entry, nowMs, stream);
    this.#inFlight.push(entry);
  }

  /** Takes out what is due; the caller repeats or gives up each. */
  takeDue(nowMs: number): InFlight[] {
    if (this.nextDueMs() > nowMs) return [];
    const due = this.#inFlight.filter((it) => it.dueMs <= nowMs);
    this.#inFlight = this.#inFlight.filter((it) => it.dueMs > nowMs);
    return due;
  }

  mayTryAgain(entry: InFlight, nowMs: number): boolean {
    const { packet, tries } = entry;
    const most = TRIES[packet.header.trafficClass]! - (this.#pressure > PRESSURE_HIGH ? 2 : 0);
    return tries < most && packet.expiresMs > nowMs;
  }

  /** The acknowledged entry, or undefined when none of this neighbor matches. */
  acknowledge(
    by: NodeIndex,
    ack: { readonly origin: number; readonly sequence: number },
    nowMs: number,
  ): InFlight | undefined {
    const at = this.#inFlight.findIndex(
      ({ packet: { header }, nextHop }) =>
        nextHop === by && header.origin === ack.origin && header.sequence === ack.sequence,
    );
    if (at < 0) return undefined;
    const [entry] = this.#inFlight.splice(at, 1);
    this.#pressure = Math.max(1, this.#pressure * PRESSURE_DOWN);
    if (entry?.tries === 1) this.#sample(nowMs - entry.sentMs);
    return entry;
  }

  save(to: ByteWriter): void {
    to.f64(this.#roundTripMs).f64(this.#deviationMs).f64(this.#pressure);
    saveWaiting(
      this.#inFlight.map((it) => it.packet),
      to,
    );
    for (const it of this.#inFlight) to.u16(it.nextHop).u8(it.tries).f64(it.sentMs).f64(it.dueMs);
  }

  load(from: ByteReader): void {
    this.#roundTripMs = from.f64();
    this.#deviationMs = from.f64();
    this.#pressure = from.f64();
    this.#inFlight = loadWaiting(from, IN_FLIGHT_MAX).map((packet) => ({
      packet,
      nextHop: from.u16() as NodeIndex,
      tries: from.u8(),
      sentMs: from.f64(),
      dueMs: from.f64(),
    }));
  }

  #arm(entry: InFlight, nowMs: number, stream: SeededStream): void {
    const base = this.#roundTripMs + 4 * this.#deviationMs;
    let timeoutMs = Math.max(TIMEOUT_MIN_MS, base) + this.#aheadMs();
    for (let i = 1; i < entry.tries; i += 1) timeoutMs *= BACKOFF;
    entry.sentMs = nowMs;
    const crowded = Math.max(1, this.#pressure / PRESSURE_FREE);
    const waitMs = crowded * Math.min(TIMEOUT_MAX_MS, timeoutMs);
    entry.dueMs = nowMs + waitMs * stream.between(0.9, 1.2);
  }

  /** What else was just given to the radio goes first: a message's last fragment waits for all. */
  #aheadMs(): number {
    let bytes = 0;
    for (const it of this.#inFlight) bytes += it.packet.bytes.length;
    return bytes * AHEAD_MS_PER_BYTE;
  }

  #sample(roundTripMs: number): void {
    const difference = Math.abs(roundTripMs - this.#roundTripMs);
    this.#deviationMs += (difference - this.#deviationMs) / 4;
    this.#roundTripMs += (roundTripMs - this.#roundTripMs) / 8;
  }
}
