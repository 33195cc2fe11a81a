/** What a recording holds, as text: the run, its channels, what happened in it. */
import type { EventSummary, RecordingSummary } from "../../../adapters/recording/mod.ts";
import { plainField } from "./plain-text.ts";

export function summaryText(
  file: string,
  summary: RecordingSummary,
  show: { readonly most: number; readonly all: boolean },
): string {
  const { run, channels, events, eventCount, foundAtS, durationS } = summary;
  const worthy = events.filter(({ severity }) => show.all || severity !== "info");
  const told = show.all ? worthy.map(once) : summedUp(worthy);
  const shown = told.slice(0, show.most);
  const found = foundAtS === null ? "nobody found" : `found after ${clock(foundAtS)}`;
  const about = Object.entries(run).map(([key, value]) => `${key} ${value}`);
  const width = Math.max(0, ...channels.map(({ topic }) => topic.length));
  return [
    `${file}: ${clock(durationS)}, ${(summary.bytes / 1e6).toFixed(1)} MB, ${found}`,
    ...(about.length === 0 ? [] : [`  ${about.join(", ")}`]),
    "",
    "channels",
    ...channels.map(
      ({ topic, schema, messages }) =>
        `  ${topic.padEnd(width)}  ${String(messages).padStart(9)}  ${schema}`,
    ),
    "",
    `events: ${eventCount}${worthy.length < eventCount ? `, ${worthy.length} worth a notice` : ""}`,
    ...shown.map(
      ({ first: { atS, severity, vehicle, text }, count, lastS }) =>
        `  ${clock(atS)}  ${severity.padEnd(7)}  ${nodeName(vehicle).padEnd(10)}  ` +
        plainField(text) +
        (count === 1 ? "" : ` (and ${count - 1} alike until ${clock(lastS)})`),
    ),
    ...(shown.length < told.length ? [`  … ${told.length - shown.length} more`] : []),
  ].join("\n");
}

interface Told {
  readonly first: EventSummary;
  count: number;
  lastS: number;
}

const once = (first: EventSummary): Told => ({ first, count: 1, lastS: first.atS });

const ALIKE_S = 30;

/**
 * One fact that many nodes tell, or that holds for many vehicles, is one line: events of one kind
 * whose texts differ in the vehicle's number only, within half a minute of the first.
 */
function summedUp(events: readonly EventSummary[]): readonly Told[] {
  const told: Told[] = [];
  const open = new Map<string, Told>();
  for (const event of events) {
    const key = `${event.kind} ${event.text.replaceAll(/vehicle \d+|the ground/gu, "node")}`;
    const row = open.get(key);
    if (row !== undefined && event.atS - row.first.atS <= ALIKE_S) {
      row.count += 1;
      row.lastS = event.atS;
      continue;
    }
    const fresh = once(event);
    open.set(key, fresh);
    told.push(fresh);
  }
  return told;
}

const nodeName = (index: number): string => (index === 0 ? "ground" : `vehicle ${index}`);

function clock(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}
