/**
 * Which detections stand where, which one keys act on, and what a verdict reaches. The panel, the
 * keys and the map all ask here: what is highlighted is what is judged.
 *
 * Sightings of one place in one state stand as one card; a confirmed place takes in what still
 * waits there. What was dismissed takes in nothing: somebody may lie beside a stone.
 */
import type { DetectionRow } from "../../report/view.ts";

/** Two sightings this close are one place: about two times the position error of a look. */
export const SAME_PLACE_M = 25;

export interface Sighting {
  /** The lowest id of the place: the same however many looks follow. */
  readonly key: number;
  /** The surest look of the place; its position and picture stand for all. */
  readonly best: DetectionRow;
  /** All looks of the place, the best included, in order of id. */
  readonly all: readonly DetectionRow[];
}

export type Verdict = "confirm" | "dismiss" | "lookAgain";

/** A verdict with what it was meant for when the key went down. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly meant: readonly { readonly id: number; readonly state: DetectionRow["state"] }[];
}

const RANK = { confirmed: 0, waiting: 1, lookingAgain: 2, dismissed: 3 } as const;

/** Confirmed ones first, then those that wait, newest first; one entry a place. */
export function sightingsOf(detections: readonly DetectionRow[]): Sighting[] {
  const groups: DetectionRow[][] = [];
  const byState = [...detections].sort((a, b) => RANK[a.state] - RANK[b.state] || a.id - b.id);
  for (const row of byState) {
    const home = groups.find(([first]) => first !== undefined && belongs(row, first));
    if (home === undefined) groups.push([row]);
    else home.push(row);
  }
  return groups.map(sightingOf).sort(inOrder);
}

function belongs(row: DetectionRow, first: DetectionRow): boolean {
  const [dn, de] = [
    row.position.northM - first.position.northM,
    row.position.eastM - first.position.eastM,
  ];
  const absorbs = first.state === "confirmed" && row.state !== "dismissed";
  return Math.hypot(dn, de) <= SAME_PLACE_M && (row.state === first.state || absorbs);
}

/** What the operator has judged stands for the place, however sure a later look is. */
function sightingOf(rows: readonly DetectionRow[]): Sighting {
  const sure = [...rows].sort(
    (a, b) => RANK[a.state] - RANK[b.state] || b.confidence - a.confidence || a.id - b.id,
  );
  const [best] = sure;
  if (best === undefined) throw new Error("a place has a look at least");
  return { key: Math.min(...rows.map(({ id }) => id)), best, all: rows };
}

const newestS = ({ all }: Sighting): number => Math.max(...all.map(({ atS }) => atS));

function inOrder(a: Sighting, b: Sighting): number {
  return (
    RANK[a.best.state] - RANK[b.best.state] || newestS(b) - newestS(a) || b.best.id - a.best.id
  );
}

/** The place that keys act on and that is highlighted: the chosen one, else the first. */
export function currentOf(
  detections: readonly DetectionRow[],
  chosen: number | undefined,
): Sighting | undefined {
  const open = sightingsOf(detections).filter(({ best }) => best.state !== "dismissed");
  return open.find(({ all }) => all.some(({ id }) => id === chosen)) ?? open[0];
}

/**
 * What is chosen once a new view is there: the same place as before, so that a new arrival never
 * moves the highlight from under a hand; another one only when this one has been judged.
 */
export function settled(
  detections: readonly DetectionRow[],
  before: readonly DetectionRow[],
  chosen: number | undefined,
): number | undefined {
  const now = detections.find(({ id }) => id === chosen);
  const was = before.find(({ id }) => id === chosen);
  const left = was?.state === "waiting" && now?.state === "lookingAgain";
  const stays = now !== undefined && now.state !== "dismissed" && !left;
  return currentOf(detections, stays ? chosen : undefined)?.best.id;
}

/** The next place after the chosen one, round and round. */
export function nextPlace(
  detections: readonly DetectionRow[],
  chosen: number | undefined,
): number | undefined {
  const open = sightingsOf(detections).filter(({ best }) => best.state !== "dismissed");
  const at = open.findIndex(({ all }) => all.some(({ id }) => id === chosen));
  return open[(at + 1) % Math.max(1, open.length)]?.best.id;
}

/** A dismissal reaches every look of the place; the other verdicts the surest one. */
export function judgementOf(verdict: Verdict, { best, all }: Sighting): Judgement {
  const reached = verdict === "dismiss" ? all : [best];
  return { verdict, meant: reached.map(({ id, state }) => ({ id, state })) };
}

/** Whether everything is still as it was when the key went down. */
export function stillMeant(judgement: Judgement, detections: readonly DetectionRow[]): boolean {
  return judgement.meant.every(({ id, state }) =>
    detections.some((row) => row.id === id && row.state === state),
  );
}
