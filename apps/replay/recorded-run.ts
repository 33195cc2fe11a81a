/**
 * A recording as a replay needs it: what is small stands in memory, ordered by time; views and maps
 * are found by time and read from the file when they are shown.
 *
 * Bounds: `EVENTS_MAX` events, lines, orders and causes each, `PLACES_MAX` places; what a file
 * holds beyond them is passed over. Values are believed only as far as they are checked here.
 */
import {
  eventOf,
  jsonOf,
  openReader,
  type EventSummary,
  type ReadMessage,
  type RecordingReader,
} from "../../adapters/recording/mod.ts";
import { isRecord, ok, type Problem, type Result } from "../../src/base/mod.ts";

const EVENTS_MAX = 200_000;
const PLACES_MAX = 4_000_000;
const NS_PER_MS = 1_000_000n;

/** A node's report, with the step that told it. */
export interface RunEvent extends EventSummary {
  readonly detail: Readonly<Record<string, unknown>>;
  readonly cause: number | undefined;
}

export interface RunOrder {
  readonly atS: number;
  readonly id: string;
  readonly kind: string;
  readonly about: string;
  readonly targets: readonly number[];
}

export interface RunCause {
  readonly id: number;
  readonly atS: number;
  readonly node: number;
  readonly stimulus: string;
  readonly about: string;
  readonly from: number | undefined;
}

export interface TracePoint {
  readonly atS: number;
  readonly hash: string;
}

/** Where a large message stands in the file. */
interface Place {
  readonly atS: number;
  readonly chunk: number;
  readonly ordinal: number;
}

export interface HeardPlaces {
  readonly atS: number;
  /** Flat vehicle, north, east, altitude. */
  readonly places: readonly number[];
}

type Plain = Readonly<Record<string, unknown>>;

/** Fails only when nothing can be read at all. */
export function openRecordedRun(path: string): Result<RecordedRun> {
  const opened = openReader(path);
  return opened.ok ? ok(new RecordedRun(opened.value)) : opened;
}

export class RecordedRun {
  readonly run: Readonly<Record<string, string>>;
  readonly damages: readonly Problem[];
  readonly events: RunEvent[] = [];
  readonly orders: RunOrder[] = [];
  readonly causes: Map<number, RunCause> = new Map();
  readonly trace: TracePoint[] = [];
  readonly success: (readonly [number, number, number])[] = [];
  /** Lines of the page's timeline, as they were sent. */
  readonly lines: Plain[] = [];
  readonly places: HeardPlaces[] = [];
  readonly #reader: RecordingReader;
  readonly #epochNs: bigint;
  readonly #views: Place[] = [];
  readonly #maps: Place[] = [];
  #hello: Plain | undefined;
  #plan: readonly unknown[] = [];
  #report: unknown;
  #placesHeld = 0;
  #startS = Infinity;
  #endS = 0;

  constructor(reader: RecordingReader) {
    this.#reader = reader;
    this.run = reader.run;
    this.damages = reader.damages.map(({ why }) => why);
    this.#epochNs = epochOf(reader);
    for (let chunk = 0; chunk < reader.chunks.length; chunk += 1) {
      let ordinal = 0;
      for (const message of reader.messagesOf(chunk)) {
        this.#take(message, { chunk, ordinal });
        ordinal += 1;
      }
    }
    for (const list of [this.events, this.orders, this.trace, this.places]) {
      (list as { readonly atS: number }[]).sort((a, b) => a.atS - b.atS);
    }
    this.#views.sort((a, b) => a.atS - b.atS);
    this.#maps.sort((a, b) => a.atS - b.atS);
  }

  get reader(): RecordingReader {
    return this.#reader;
  }

  /** What the page is told first; undefined when the recording has none that can be read. */
  get hello(): Plain | undefined {
    return this.#hello;
  }

  get plan(): readonly unknown[] {
    return this.#plan;
  }

  /** As it was written at the end; undefined when the run did not come there. */
  get report(): unknown {
    return this.#report;
  }

  get startS(): number {
    return Number.isFinite(this.#startS) ? this.#startS : 0;
  }

  get endS(): number {
    return Math.max(this.startS, this.#endS);
  }

  get viewTimes(): readonly number[] {
    return this.#views.map(({ atS }) => atS);
  }

  /** The newest view at this time; before the first, the first. */
  viewAt(atS: number): { readonly place: number; readonly view: Plain } | undefined {
    const place = Math.max(0, lastAtOrBefore(this.#views, atS));
    const view = this.view(place);
    return view === undefined ? undefined : { place, view };
  }

  view(place: number): Plain | undefined {
    return this.#read(this.#views[place]);
  }

  /** The newest map at this time and its place, so that the same is not sent twice. */
  mapAt(atS: number): { readonly place: number; readonly map: Plain } | undefined {
    const place = lastAtOrBefore(this.#maps, atS);
    const map = place < 0 ? undefined : this.#read(this.#maps[place]);
    return map === undefined ? undefined : { place, map };
  }

  close(): void {
    this.#reader.close();
  }

  #read(place: Place | undefined): Plain | undefined {
    if (place === undefined) return undefined;
    let ordinal = 0;
    for (const { data } of this.#reader.messagesOf(place.chunk)) {
      if (ordinal === place.ordinal) return plainOf(jsonOf(data));
      ordinal += 1;
    }
    return undefined;
  }

  /** Seconds of the run's own time. */
  atS(timeNs: bigint): number {
    return Number((timeNs - this.#epochNs) / NS_PER_MS) / 1000;
  }

  nsAt(atS: number): bigint {
    return this.#epochNs + BigInt(Math.round(atS * 1e9));
  }

  #take({ channel, timeNs, data }: ReadMessage, at: Omit<Place, "atS">): void {
    const atS = this.atS(timeNs);
    this.#startS = Math.min(this.#startS, atS);
    this.#endS = Math.max(this.#endS, atS);
    switch (channel.schema) {
      case "skein.GroundView":
        this.#views.push({ atS, ...at });
        return;
      case "skein.GroundMap":
        this.#maps.push({ atS, ...at });
        return;
      case "skein.Report":
        this.#report = jsonOf(data);
        return;
      default:
        if (!SMALL.has(channel.schema)) return;
        this.#takeSmall(channel.schema, plainOf(jsonOf(data)), atS);
    }
  }

  #takeSmall(schema: string, value: Plain | undefined, atS: number): void {
    if (value === undefined) return;
    switch (schema) {
      case "skein.Event":
        keep(this.events, runEventOf(value));
        return;
      case "skein.Order":
        keep(this.orders, orderOf(value));
        return;
      case "skein.Cause": {
        const cause = causeOf(value);
        if (cause !== undefined && this.causes.size < EVENTS_MAX) this.causes.set(cause.id, cause);
        return;
      }
      case "skein.TraceHash":
        if (typeof value["hash"] === "string") keep(this.trace, { atS, hash: value["hash"] });
        return;
      case "skein.Success":
        keep(this.success, [atS, numberOf(value["low"]), numberOf(value["high"])] as const);
        return;
      case "skein.GroundHello":
        this.#hello ??= value;
        return;
      case "skein.GroundPlan":
        this.#plan = listOf(value["plan"]);
        return;
      case "skein.GroundEvents":
        for (const line of listOf(value["events"])) keep(this.lines, plainOf(line));
        return;
      default:
        this.#takePlaces(listOf(value["places"]), atS);
    }
  }

  #takePlaces(places: readonly unknown[], atS: number): void {
    this.#placesHeld += places.length;
    if (this.#placesHeld <= PLACES_MAX) this.places.push({ atS, places: places.map(numberOf) });
  }
}

const SMALL: ReadonlySet<string> = new Set([
  "skein.Event",
  "skein.Order",
  "skein.Cause",
  "skein.TraceHash",
  "skein.Success",
  "skein.GroundHello",
  "skein.GroundPlan",
  "skein.GroundEvents",
  "skein.GroundPlaces",
]);

/** Times in the file count from the run's zero on this epoch. */
function epochOf({ run, chunks }: RecordingReader): bigint {
  const epochMs = run["epochMs"] ?? "";
  if (/^\d{1,16}$/u.test(epochMs)) return BigInt(epochMs) * NS_PER_MS;
  return chunks.reduce((least, { startNs }) => (startNs < least ? startNs : least), 1n << 63n);
}

/** The place of the last entry at or before this time, -1 when there is none. */
export function lastAtOrBefore(list: readonly { readonly atS: number }[], atS: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle]?.atS ?? Infinity) <= atS) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function keep<T>(list: T[], value: T | undefined): void {
  if (value !== undefined && list.length < EVENTS_MAX) list.push(value);
}

const plainOf = (value: unknown): Plain | undefined => (isRecord(value) ? value : undefined);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const numberOf = (value: unknown): number =>
  typeof value === "number" && Number.isFinite(value) ? value : 0;
const idOf = (value: unknown): number | undefined =>
  Number.isSafeInteger(value) ? (value as number) : undefined;

function runEventOf(value: Plain): RunEvent | undefined {
  const event = eventOf(value);
  if (event === undefined) return undefined;
  return { ...event, detail: plainOf(value["detail"]) ?? {}, cause: idOf(value["cause"]) };
}

function orderOf(value: Plain): RunOrder | undefined {
  const { atS, id, kind, about } = value;
  if (typeof atS !== "number" || typeof id !== "string" || typeof kind !== "string") {
    return undefined;
  }
  const targets = listOf(value["targets"]).map(numberOf);
  return { atS, id, kind, about: typeof about === "string" ? about : "", targets };
}

function causeOf(value: Plain): RunCause | undefined {
  const { atS, stimulus, about } = value;
  const [id, node] = [idOf(value["id"]), idOf(value["node"])];
  if (id === undefined || node === undefined || typeof atS !== "number") return undefined;
  if (typeof stimulus !== "string" || typeof about !== "string") return undefined;
  return { id, atS, node, stimulus, about, from: idOf(value["from"]) };
}
