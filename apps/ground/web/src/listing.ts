/** Which vehicles the list shows and in which order: slots of the fleet's table. */
import type { VehicleRow } from "../../report/view.ts";
import type { FleetTable } from "./fleet-table.ts";
import type { SortKey } from "./looks.ts";
import { parseEntry } from "./selection.ts";
import { SEVERITY_WORD, STATUS, TEXT } from "./strings.ts";

const RANK = { alarm: 0, warning: 1, well: 2 } as const;

export interface ListWish {
  readonly filter: string;
  readonly sort: SortKey;
  /** Rows that are known in full: their needs are searched, too. */
  readonly details: readonly VehicleRow[];
}

/** Slots that match, in order; equals stand by number. */
export function listed(fleet: FleetTable, wish: ListWish): number[] {
  const matches = matcher(fleet, wish);
  const slots: number[] = [];
  for (let slot = 0; slot < fleet.count; slot += 1) if (matches(slot)) slots.push(slot);
  const keyOf = keyFor(fleet, wish.sort);
  const keys = new Float64Array(fleet.count);
  for (const slot of slots) keys[slot] = keyOf(slot);
  return slots.sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || fleet.idAt(a) - fleet.idAt(b));
}

/** What most wants to be seen has the least key. */
function keyFor(fleet: FleetTable, sort: SortKey): (slot: number) => number {
  switch (sort) {
    case "number":
      return (slot) => fleet.idAt(slot);
    case "urgency":
      return (slot) =>
        RANK[fleet.severityAt(slot)] * 1e6 + Math.min(1e5, fleet.minutesAt(slot) ?? 1e5);
    case "minutes":
      return (slot) => fleet.minutesAt(slot) ?? Infinity;
    case "battery":
      return (slot) => fleet.batteryAt(slot);
    case "link":
      return (slot) => fleet.linkAt(slot);
    case "cluster":
      return (slot) => fleet.clusterAt(slot) ?? Infinity;
    case "status":
      return (slot) => fleet.statusCodeAt(slot);
    default:
      return sort satisfies never;
  }
}

function matcher(fleet: FleetTable, { filter, details }: ListWish): (slot: number) => boolean {
  const words = filter.trim().toLowerCase();
  if (words === "") return () => true;
  const named = parseEntry(words, fleet.indices());
  if (named !== undefined) {
    const wanted = new Set(named);
    return (slot) => wanted.has(fleet.idAt(slot));
  }
  const needs = new Map(details.map((row) => [row.index, row.needs.toLowerCase()]));
  return (slot) => {
    const index = fleet.idAt(slot);
    const cluster = fleet.clusterAt(slot);
    const text = [
      TEXT.vehicle(index),
      STATUS[fleet.statusAt(slot)],
      SEVERITY_WORD[fleet.severityAt(slot)],
      needs.get(index) ?? "",
      cluster === null ? "" : `${TEXT.clusterName(cluster)};`,
    ];
    return `${text.join(" ")} `.toLowerCase().includes(words);
  };
}
