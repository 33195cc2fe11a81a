/** The ground node's reports as lines of the page's timeline. */
import type { NodeEvent, NodeEventDetail } from "../../../src/node/mod.ts";
import { eventText } from "../../simulation/event-text.ts";
import type { EventRow } from "../report/view.ts";

type Category = EventRow["category"];

const CATEGORIES: Readonly<Record<NodeEventDetail["kind"], Category>> = {
  leaderElected: "consensus",
  leaderLost: "consensus",
  committed: "consensus",
  sessionOpened: "security",
  epochOpened: "security",
  evicted: "security",
  segmentClaimed: "search",
  segmentSearched: "search",
  detection: "search",
  verdict: "search",
  found: "search",
  duty: "vehicle",
  behaviour: "vehicle",
  clipped: "vehicle",
  order: "order",
  rung: "fault",
  suspect: "fault",
  outOfRange: "fault",
  dead: "fault",
  back: "fault",
  lost: "fault",
  regained: "fault",
  refused: "security",
};

/** Too many to read one by one: the views count them. */
const NOT_SHOWN: ReadonlySet<NodeEventDetail["kind"]> = new Set([
  "committed",
  "refused",
  "clipped",
  "order",
]);

/** The line without its sequence, or undefined when the page counts such events instead. */
export function rowOf(event: NodeEvent, atS: number): Omit<EventRow, "sequence"> | undefined {
  const { detail, severity } = event;
  if (NOT_SHOWN.has(detail.kind)) return undefined;
  return {
    atS,
    severity,
    vehicle: vehicleOf(detail),
    text: eventText(detail),
    category: CATEGORIES[detail.kind],
  };
}

function vehicleOf(detail: NodeEventDetail): number | null {
  if ("peer" in detail) return detail.peer;
  if ("owner" in detail) return detail.owner;
  if ("finder" in detail) return detail.finder;
  if ("member" in detail) return detail.member;
  return null;
}
