/**
 * Network time with an error bound, from several sources by interval intersection (Marzullo 1984).
 *
 * A source says "it is t, give or take e". The largest set of sources whose intervals share a point
 * is followed; a source outside it is a liar, counted and not followed, so that one spoofed
 * receiver is outvoted. When several such sets are equally large nobody can say which one lies:
 * the bound then spans them all, and whatever needs a sure time waits. Between readings the bound
 * widens by the oscillator's drift.
 *
 * Bound: `SOURCES_MAX` sources; a further one is refused until an old one has aged out.
 */
import {
  networkTimeMs,
  type ByteReader,
  type ByteWriter,
  type MonotonicMs,
  type NetworkTimeMs,
} from "../base/mod.ts";

export const SOURCES_MAX = 8;
/** 20 ppm: a plain crystal. */
const DRIFT_RATIO = 20e-6;
/** A reading older than this no longer votes. */
const READING_AGE_MAX_MS = 600_000;

export interface ClockReading {
  /** "gnss", "host", or a peer's index in words; one slot each. */
  readonly source: string;
  readonly timeMs: number;
  readonly errorMs: number;
}

interface HeldReading {
  readonly source: string;
  readonly offsetMs: number;
  readonly errorMs: number;
  readonly at: MonotonicMs;
}

export interface TimeEstimate {
  readonly timeMs: NetworkTimeMs;
  /** Half the width of the interval that holds the true time; Infinity before the first reading. */
  readonly errorMs: number;
  /** Sources that disagree with the majority, or with another that is as well supported. */
  readonly liars: readonly string[];
}

export class NetworkClock {
  #readings: readonly HeldReading[] = [];

  /** False when all slots are taken by younger readings of other sources. */
  hear(now: MonotonicMs, reading: ClockReading): boolean {
    const kept = this.#readings.filter(
      ({ source, at }) => source !== reading.source && now - at <= READING_AGE_MAX_MS,
    );
    if (kept.length >= SOURCES_MAX || !(reading.errorMs >= 0)) return false;
    const { source, errorMs } = reading;
    this.#readings = [...kept, { source, offsetMs: reading.timeMs - now, errorMs, at: now }];
    return true;
  }

  estimate(now: MonotonicMs): TimeEstimate {
    const intervals = this.#readings.map((reading) => intervalOf(reading, now));
    const best = intersect(intervals);
    if (best === undefined) return { timeMs: networkTimeMs(now), errorMs: Infinity, liars: [] };
    const liars = intervals
      .filter(({ low, high }) => high < best.lastLow || low > best.firstHigh)
      .map(({ source }) => source);
    const middle = (best.low + best.high) / 2;
    return { timeMs: networkTimeMs(now + middle), errorMs: (best.high - best.low) / 2, liars };
  }

  save(to: ByteWriter): void {
    to.u8(this.#readings.length);
    for (const { source, offsetMs, errorMs, at } of this.#readings) {
      to.text(source).f64(offsetMs).f64(errorMs).f64(at);
    }
  }

  load(from: ByteReader): void {
    const readings: HeldReading[] = [];
    const count = Math.min(from.u8(), SOURCES_MAX);
    for (let i = 0; i < count; i += 1) {
      const source = from.text(64);
      const offsetMs = from.f64();
      const errorMs = from.f64();
      readings.push({ source, offsetMs, errorMs, at: from.f64() as MonotonicMs });
    }
    this.#readings = readings;
  }
}

interface Interval {
  readonly source: string;
  readonly low: number;
  readonly high: number;
}

function intervalOf(reading: HeldReading, now: MonotonicMs): Interval {
  const reach = reading.errorMs + (now - reading.at) * DRIFT_RATIO;
  const { source, offsetMs } = reading;
  return { source, low: offsetMs - reach, high: offsetMs + reach };
}

interface Agreement {
  readonly low: number;
  readonly high: number;
  /** Where the first of the places ends and the last one begins; of one place its own bounds. */
  readonly firstHigh: number;
  readonly lastLow: number;
}

/**
 * The interval that lies in as many of the given ones as any point does. Where several places apart
 * from each other are equally supported it reaches from the first to the last of them.
 */
export function intersect(intervals: readonly Interval[]): Agreement | undefined {
  const edges = intervals
    .flatMap(({ low, high }) => [
      { at: low, opens: 1 },
      { at: high, opens: -1 },
    ])
    .sort((a, b) => a.at - b.at || b.opens - a.opens);
  let depth = 0;
  let deepest = 0;
  let best: Agreement | undefined;
  edges.forEach((edge, i) => {
    depth += edge.opens;
    // Only an edge that opens begins a place.
    if (edge.opens < 0 || depth < deepest) return;
    const [low, high] = [edge.at, edges[i + 1]?.at ?? edge.at];
    if (best !== undefined && depth === deepest) best = { ...best, high, lastLow: low };
    else best = { low, high, firstHigh: high, lastLow: low };
    deepest = depth;
  });
  return best;
}
