/**
 * What stands on a replay's time line: events worth a glance, orders, decisions, told once each by
 * the ground's own node. Bound: `MARKS_MAX`; when there are more, information goes first, then
 * notices, evenly over the time; alarms and orders stay.
 */
import type { RecordedRun, RunEvent } from "../../replay/recorded-run.ts";
import type { ReplayMark } from "../report/view.ts";
import { detectionName } from "./order-rows.ts";

const MARKS_MAX = 1500;
const GROUND = 0;

/** What the swarm decided, as against what happened to it. */
const DECISIONS: ReadonlySet<string> = new Set([
  "leaderElected",
  "verdict",
  "evicted",
  "epochOpened",
  "segmentClaimed",
  "segmentSearched",
  "rung",
]);
/** Shown though they are no warning. */
const EVENTS: ReadonlySet<string> = new Set(["detection", "found", "back", "regained", "dead"]);

export function marksOf(run: Pick<RecordedRun, "events" | "orders">): readonly ReplayMark[] {
  const told = run.events.filter(({ vehicle }) => vehicle === GROUND).flatMap(markOfEvent);
  const orders = run.orders.map(({ atS, kind, about, targets }): ReplayMark => ({
    atS,
    kind: "order",
    severity: "notice",
    text: `${kind} ${about === "" ? `to ${targets.join(", ")}` : about}`,
    cause: null,
  }));
  return thinned([...told, ...orders].sort((a, b) => a.atS - b.atS));
}

function markOfEvent(event: RunEvent): readonly ReplayMark[] {
  const { atS, severity, kind, cause } = event;
  const decision = DECISIONS.has(kind);
  const worthy = severity === "warning" || severity === "alarm" || EVENTS.has(kind);
  if (kind === "order" || kind === "refused" || (!decision && !worthy)) return [];
  return [
    {
      atS,
      kind: decision ? "decision" : "event",
      severity,
      text: textOf(event),
      cause: cause ?? null,
    },
  ];
}

/** As the timeline names detections. */
function textOf({ text, detail, kind }: RunEvent): string {
  const { id, verdict } = detail;
  if (kind !== "verdict" || typeof id !== "number" || typeof verdict !== "string") return text;
  return `detection ${detectionName(id)}: ${verdict}`;
}

const PRECEDENCE: Readonly<Record<ReplayMark["severity"], number>> = {
  info: 0,
  notice: 1,
  warning: 2,
  alarm: 3,
};

function thinned(marks: readonly ReplayMark[]): readonly ReplayMark[] {
  let kept = marks;
  for (const least of [0, 1, 2]) {
    const spare = kept.length - MARKS_MAX;
    if (spare <= 0) break;
    const rank = ({ kind, severity }: ReplayMark): number =>
      kind === "order" ? PRECEDENCE.alarm : PRECEDENCE[severity];
    const open = kept.filter((mark) => rank(mark) === least).length;
    const keepShare = Math.max(0, 1 - spare / Math.max(1, open));
    let seen = 0;
    kept = kept.filter((mark) => {
      if (rank(mark) !== least) return true;
      seen += 1;
      return Math.floor(seen * keepShare) > Math.floor((seen - 1) * keepShare);
    });
  }
  return kept.slice(0, MARKS_MAX);
}
