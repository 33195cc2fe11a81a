/**
 * What a recording holds, all of it that is readable: a file that a crash or a full disk cut short,
 * or that a bad disk changed, still tells what it knows (`reader.ts`).
 *
 * Bounds: `EVENTS_MAX` events are kept (all are counted).
 */
import { isRecord, ok, type Problem, type Result } from "../../src/base/mod.ts";
import { openReader, type ReadMessage, type RecordingReader } from "./reader.ts";
import type { RecordedSeverity } from "./recording.ts";

export const EVENTS_MAX = 10_000;
const SEVERITIES: readonly RecordedSeverity[] = ["info", "notice", "warning", "alarm"];

export interface ChannelSummary {
  readonly topic: string;
  readonly schema: string;
  readonly messages: number;
}

export interface EventSummary {
  readonly atS: number;
  readonly vehicle: number;
  readonly severity: RecordedSeverity;
  readonly kind: string;
  readonly text: string;
}

export interface RecordingSummary {
  readonly bytes: number;
  readonly library: string;
  /** What repeats the run; empty when the file was not written by Skein. */
  readonly run: Readonly<Record<string, string>>;
  readonly durationS: number;
  readonly messages: number;
  readonly channels: readonly ChannelSummary[];
  readonly events: readonly EventSummary[];
  readonly eventCount: number;
  readonly foundAtS: number | null;
  /** The run's report as it was written, undefined when the run did not reach its end. */
  readonly report: unknown;
  /** What could not be read, in the order of the file; everything above is what could. */
  readonly damages: readonly Problem[];
}

/** Fails only when nothing can be read at all. */
export function summariseRecording(path: string): Result<RecordingSummary> {
  const opened = openReader(path);
  if (!opened.ok) return opened;
  const summary = summaryOf(opened.value);
  opened.value.close();
  return ok(summary);
}

interface Gathered {
  readonly counts: Map<number, number>;
  readonly events: EventSummary[];
  eventCount: number;
  foundAtS: number | null;
  firstNs: bigint | undefined;
  lastNs: bigint;
  report: unknown;
}

function summaryOf(reader: RecordingReader): RecordingSummary {
  const gathered: Gathered = {
    counts: new Map(),
    events: [],
    eventCount: 0,
    foundAtS: null,
    firstNs: undefined,
    lastNs: 0n,
    report: undefined,
  };
  for (const message of reader.messages()) takeMessage(gathered, message);
  const first = gathered.firstNs ?? 0n;
  const channels = reader.channels.map(({ id, topic, schema }) => {
    return { topic, schema, messages: gathered.counts.get(id) ?? 0 };
  });
  return {
    bytes: reader.bytes,
    library: reader.library,
    run: reader.run,
    durationS: Number(gathered.lastNs > first ? gathered.lastNs - first : 0n) / 1e9,
    messages: channels.reduce((sum, { messages }) => sum + messages, 0),
    channels: channels.sort((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : 0)),
    events: gathered.events,
    eventCount: gathered.eventCount,
    foundAtS: gathered.foundAtS,
    report: gathered.report,
    damages: reader.damages.map(({ why }) => why),
  };
}

function takeMessage(gathered: Gathered, { channel, timeNs, data }: ReadMessage): void {
  gathered.counts.set(channel.id, (gathered.counts.get(channel.id) ?? 0) + 1);
  const { firstNs } = gathered;
  gathered.firstNs = firstNs === undefined || timeNs < firstNs ? timeNs : firstNs;
  gathered.lastNs = timeNs > gathered.lastNs ? timeNs : gathered.lastNs;
  if (channel.schema === "skein.Report") gathered.report = jsonOf(data);
  if (channel.schema !== "skein.Event") return;
  const event = eventOf(jsonOf(data));
  if (event === undefined) return;
  gathered.eventCount += 1;
  if (event.kind === "found") gathered.foundAtS ??= event.atS;
  if (gathered.events.length < EVENTS_MAX) gathered.events.push(event);
}

/** A message as the value that it is; undefined when it is no JSON. */
export function jsonOf(data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(data)) as unknown;
  } catch {
    return undefined;
  }
}

export function eventOf(value: unknown): EventSummary | undefined {
  if (!isRecord(value)) return undefined;
  const { atS, vehicle, severity, kind, text } = value;
  const known = SEVERITIES.find((each) => each === severity);
  const whole = typeof atS === "number" && typeof vehicle === "number" && known !== undefined;
  if (!whole || typeof kind !== "string" || typeof text !== "string") return undefined;
  return { atS, vehicle, severity: known, kind, text };
}
