/**
 * Where two recordings first differ: in what was told (events, orders), in where a vehicle truly
 * was, in the trace. The trace notices first, because everything enters it; what was recorded
 * says what the difference looks like.
 */
import { jsonOf } from "../../adapters/recording/mod.ts";
import { isRecord } from "../../src/base/mod.ts";
import type { RecordedRun, RunEvent, RunOrder } from "./recorded-run.ts";

export interface Difference {
  readonly atS: number;
  readonly what: "event" | "order" | "state";
  /** Directory index of the node; null when it concerns the operator. */
  readonly vehicle: number | null;
  /** What each recording has there, as words; empty when it has nothing. */
  readonly a: string;
  readonly b: string;
}

export interface Comparison {
  /** Keys of the runs' identities that differ, with both values. */
  readonly identity: readonly { readonly key: string; readonly a: string; readonly b: string }[];
  /** The trace hashes are equal up to here; null when none is, undefined without hashes in both. */
  readonly traceEqualUntilS: number | null | undefined;
  readonly traceDiffersAtS: number | null;
  readonly first: Difference | null;
}

export function compareRuns(a: RecordedRun, b: RecordedRun): Comparison {
  const found = [
    firstOf(a.events, b.events, eventWords, (event) => event.vehicle, "event"),
    firstOf(a.orders, b.orders, orderWords, () => null, "order"),
    firstState(a, b),
  ].filter((each) => each !== undefined);
  const [first] = found.sort((x, y) => x.atS - y.atS);
  return { identity: identityOf(a, b), ...traceOf(a, b), first: first ?? null };
}

function identityOf(a: RecordedRun, b: RecordedRun): Comparison["identity"] {
  const keys = [...new Set([...Object.keys(a.run), ...Object.keys(b.run)])];
  return keys
    .filter((key) => a.run[key] !== b.run[key])
    .map((key) => ({ key, a: a.run[key] ?? "", b: b.run[key] ?? "" }));
}

function traceOf(
  a: RecordedRun,
  b: RecordedRun,
): Pick<Comparison, "traceEqualUntilS" | "traceDiffersAtS"> {
  if (a.trace.length === 0 || b.trace.length === 0) {
    return { traceEqualUntilS: undefined, traceDiffersAtS: null };
  }
  const others = new Map(b.trace.map(({ atS, hash }) => [atS, hash]));
  let equalUntilS: number | null = null;
  for (const { atS, hash } of a.trace) {
    const other = others.get(atS);
    if (other === undefined) continue;
    if (other !== hash) return { traceEqualUntilS: equalUntilS, traceDiffersAtS: atS };
    equalUntilS = atS;
  }
  return { traceEqualUntilS: equalUntilS, traceDiffersAtS: null };
}

const eventWords = ({ kind, severity, text }: RunEvent): string => `${severity} ${kind}: ${text}`;
const orderWords = ({ kind, about, targets }: RunOrder): string =>
  `order ${kind} ${about === "" ? `to ${targets.join(", ")}` : about}`;

interface Timed {
  readonly atS: number;
}

/** Of two lists in the order of time, the first place where they differ. */
function firstOf<T extends Timed>(
  a: readonly T[],
  b: readonly T[],
  wordsOf: (item: T) => string,
  vehicleOf: (item: T) => number | null,
  what: Difference["what"],
): Difference | undefined {
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    const [one, other] = [a[i], b[i]];
    if (one !== undefined && other !== undefined) {
      const same = one.atS === other.atS && vehicleOf(one) === vehicleOf(other);
      if (same && wordsOf(one) === wordsOf(other)) continue;
    }
    const earlier = earlierOf(one, other);
    if (earlier === undefined) return undefined;
    const words = (item: T | undefined): string =>
      item === undefined || item.atS !== earlier.atS || vehicleOf(item) !== vehicleOf(earlier)
        ? ""
        : wordsOf(item);
    return { atS: earlier.atS, what, vehicle: vehicleOf(earlier), a: words(one), b: words(other) };
  }
  return undefined;
}

function earlierOf<T extends Timed>(one: T | undefined, other: T | undefined): T | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return other.atS < one.atS ? other : one;
}

interface Moment {
  readonly timeNs: bigint;
  readonly vehicles: ReadonlyMap<number, string>;
}

function* momentsOf(run: RecordedRun): Generator<Moment> {
  for (const { channel, timeNs, data } of run.reader.messages()) {
    if (channel.schema !== "skein.Vehicles") continue;
    const value = jsonOf(data);
    const rows: readonly unknown[] =
      isRecord(value) && Array.isArray(value["vehicles"]) ? value["vehicles"] : [];
    const vehicles = new Map<number, string>();
    for (const row of rows) {
      if (isRecord(row)) vehicles.set(Number(row["index"]), stateWords(row));
    }
    yield { timeNs, vehicles };
  }
}

function stateWords(row: Readonly<Record<string, unknown>>): string {
  const { state, northM, eastM, altitudeAmslM, batteryRatio } = row;
  const text = (value: unknown): string => (typeof value === "number" ? String(value) : "?");
  return (
    `${typeof state === "string" ? state : "?"} at ${text(northM)} m north, ` +
    `${text(eastM)} m east, ${text(altitudeAmslM)} m, battery ${text(batteryRatio)}`
  );
}

/** Moments that one of them lacks (damage) are passed over. */
function firstState(a: RecordedRun, b: RecordedRun): Difference | undefined {
  const [left, right] = [momentsOf(a), momentsOf(b)];
  let one = left.next();
  let other = right.next();
  while (one.done !== true && other.done !== true) {
    if (one.value.timeNs < other.value.timeNs) one = left.next();
    else if (other.value.timeNs < one.value.timeNs) other = right.next();
    else {
      const differs = differingVehicle(one.value.vehicles, other.value.vehicles);
      if (differs !== undefined) {
        return { atS: a.atS(one.value.timeNs), what: "state", ...differs };
      }
      one = left.next();
      other = right.next();
    }
  }
  return undefined;
}

function differingVehicle(
  a: ReadonlyMap<number, string>,
  b: ReadonlyMap<number, string>,
): Pick<Difference, "vehicle" | "a" | "b"> | undefined {
  for (const vehicle of [...new Set([...a.keys(), ...b.keys()])].sort((x, y) => x - y)) {
    const [one, other] = [a.get(vehicle) ?? "", b.get(vehicle) ?? ""];
    if (one !== other) return { vehicle, a: one, b: other };
  }
  return undefined;
}
