/** The ground node's reports as lines of the page's timeline. */
import type { NodeEvent, NodeEventDetail } from "../../../src/node/mod.ts";
import { eventText } from "../../events/event-text.ts";
import type { EventRow, PlanePoint } from "../report/view.ts";
import { detectionName } from "./order-rows.ts";

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
export function rowOf(
  event: Pick<NodeEvent, "detail" | "severity">,
  atS: number,
  placeOf: (place: PlanePoint) => string,
): Omit<EventRow, "sequence"> | undefined {
  const { detail } = event;
  if (NOT_SHOWN.has(detail.kind)) return undefined;
  return {
    atS,
    severity: detail.kind === "found" ? "notice" : event.severity,
    vehicle: vehicleOf(detail),
    text: textOf(detail, placeOf),
    category: CATEGORIES[detail.kind],
  };
}

const VERDICTS: Readonly<Record<string, string>> = {
  open: "waits for a verdict",
  lookAgain: "is looked at again",
  confirmed: "is confirmed",
  dismissed: "is dismissed",
};

/** Words for an operator; the log of a run keeps the bare numbers. */
function textOf(detail: NodeEventDetail, placeOf: (place: PlanePoint) => string): string {
  switch (detail.kind) {
    case "leaderLost":
      return `the ground hears of no head, term ${detail.term}`;
    case "detection":
      return `sees something, ${Math.round(detail.confidence * 100)}% sure`;
    case "verdict":
      return `detection ${detectionName(detail.id)} ${VERDICTS[detail.verdict] ?? detail.verdict}`;
    case "found":
      return `found, confirmed at ${placeOf(detail.position)}`;
    case "suspect":
      return "is silent";
    default:
      return eventText(detail);
  }
}

function vehicleOf(detail: NodeEventDetail): number | null {
  if ("peer" in detail) return detail.peer;
  if ("owner" in detail) return detail.owner;
  if ("finder" in detail) return detail.finder;
  if ("member" in detail) return detail.member;
  return null;
}
