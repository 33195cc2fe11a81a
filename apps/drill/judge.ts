/**
 * Whether the hypothesis held, check by check. A check that found nothing to judge in any flight
 * has not held: a drill that shows nothing must not look like one that shows something.
 */
import type { DrillRow } from "./flight.ts";
import type { Check } from "./hypothesis.ts";

/** The flights of one seed; the bounds only where a check asks for them. */
export interface SeedRows {
  readonly seed: number;
  readonly durationS: number;
  readonly drill: DrillRow;
  readonly control: DrillRow | undefined;
  readonly faultless: DrillRow | undefined;
}

export type Outcome = "held" | "failed" | "nothingToJudge";

export interface SeedVerdict {
  readonly seed: number;
  readonly outcome: Outcome;
  readonly detail: string;
}

export interface Verdict {
  readonly check: Check;
  readonly outcome: Outcome;
  /** What was measured, in a few words. */
  readonly measured: string;
  readonly seeds: readonly SeedVerdict[];
}

export const needsBounds = (checks: readonly Check[]): boolean =>
  checks.some(({ check }) => check === "posRegained");

export const judgeAll = (checks: readonly Check[], rows: readonly SeedRows[]): readonly Verdict[] =>
  checks.map((check) => judge(check, rows));

export function judge(check: Check, rows: readonly SeedRows[]): Verdict {
  const seeds = rows.map((row): SeedVerdict => ({ seed: row.seed, ...judgeSeed(check, row) }));
  if (check.check === "posRegained") return { check, ...judgeRegained(check, rows), seeds };
  if (check.check === "found") return { check, ...judgeFound(check, rows), seeds };
  const outcome = overall(seeds);
  return { check, outcome, measured: summaryOf(seeds, outcome), seeds };
}

type Judged = Pick<SeedVerdict, "outcome" | "detail">;

const held = (detail: string): Judged => ({ outcome: "held", detail });
const failed = (detail: string): Judged => ({ outcome: "failed", detail });
const nothing = (detail: string): Judged => ({ outcome: "nothingToJudge", detail });
const compare = (holds: boolean, detail: string): Judged => (holds ? held : failed)(detail);

function overall(seeds: readonly SeedVerdict[]): Outcome {
  if (seeds.some(({ outcome }) => outcome === "failed")) return "failed";
  return seeds.some(({ outcome }) => outcome === "held") ? "held" : "nothingToJudge";
}

/** What decided it: the first failure, else the first that held, else the first of all. */
function summaryOf(seeds: readonly SeedVerdict[], outcome: Outcome): string {
  const first = seeds.find((one) => one.outcome === outcome);
  if (first === undefined) return "no flight";
  const alike = seeds.filter((one) => one.outcome === outcome).length;
  const of = seeds.length > 1 ? ` (${String(alike)} of ${String(seeds.length)} seeds)` : "";
  return `seed ${String(first.seed)}: ${first.detail}${of}`;
}

function judgeSeed(check: Check, row: SeedRows): Judged {
  const { drill } = row;
  switch (check.check) {
    case "nothingViolated": {
      const wrong = drill.violated.filter(({ invariant }) => !check.except.includes(invariant));
      const [first] = wrong;
      if (first === undefined) return held("nothing violated");
      const more = wrong.length > 1 ? `, and ${String(wrong.length - 1)} more` : "";
      const { invariant, atS, detail } = first;
      return failed(`${invariant} at ${seconds(atS)}: ${detail}${more}`);
    }
    case "leasesMoveOn":
      return judgeLeases(check.withinS, row);
    case "sidesSearch":
      return judgeSides(check.everySegment, drill);
    case "posRegained":
      return judgeRegainedSeed(check, row);
    case "posFinal":
      return compare(drill.posFinal >= check.atLeast, `POS ${percent(drill.posFinal)}`);
    case "delivery":
      return compare(drill.deliveryRatio >= check.atLeast, percent(drill.deliveryRatio));
    case "commitP99": {
      const p99 = drill.commitP99Ms;
      if (p99 === null) return nothing("nothing was committed");
      return compare(p99 <= check.atMostMs, `${String(p99)} ms`);
    }
    case "found": {
      const { foundAtS } = drill;
      return foundAtS === null ? failed("not found") : held(`found after ${seconds(foundAtS)}`);
    }
    case "lostBesides": {
      const besides = drill.lost - drill.killed;
      return compare(besides <= check.atMost, `${String(besides)} lost besides`);
    }
    default:
      return check satisfies never;
  }
}

function judgeLeases(withinS: number, { drill, durationS }: SeedRows): Judged {
  let worst: { readonly tookS: number; readonly words: string } | undefined;
  let count = 0;
  for (const { segment, owner, diedAtS, takenAtS, by } of drill.orphans) {
    // A death so near the end that there was no time to see is no evidence.
    if (takenAtS === null && diedAtS + withinS > durationS) continue;
    count += 1;
    const tookS = takenAtS === null ? Infinity : takenAtS - diedAtS;
    if (worst !== undefined && tookS <= worst.tookS) continue;
    const whose = `segment ${String(segment)} of vehicle ${String(owner)}`;
    const then = takenAtS === null ? "nobody took it" : `vehicle ${String(by)} took it`;
    const after = takenAtS === null ? "" : ` after ${seconds(tookS)}`;
    worst = { tookS, words: `${whose}, dead at ${seconds(diedAtS)}: ${then}${after}` };
  }
  if (worst === undefined) return nothing("nobody died who held a segment");
  return compare(worst.tookS <= withinS, `slowest of ${String(count)}: ${worst.words}`);
}

function judgeSides(everySegment: boolean, { sides }: DrillRow): Judged {
  const judged = sides.filter(({ searching }) => searching > 0);
  if (judged.length === 0) return nothing("no side had a vehicle that searched");
  const idle = judged.find(({ grown }) => grown === 0);
  const name = ({ slots }: { readonly slots: readonly number[] }): string =>
    `the side of ${slots.slice(0, 6).join(", ")}${slots.length > 6 ? ", ..." : ""}`;
  if (idle !== undefined) {
    const from = seconds(idle.fromS);
    return failed(`${name(idle)} searched nothing from ${from} to ${seconds(idle.toS)}`);
  }
  const short = everySegment ? judged.find(({ unsearched }) => unsearched > 0) : undefined;
  if (short !== undefined) {
    return failed(`${name(short)} left ${String(short.unsearched)} segments unsearched`);
  }
  const grown = judged.map((side) => String(side.grown)).join(", ");
  return held(`sides went on in ${grown} segments`);
}

type Regain = Extract<Check, { readonly check: "posRegained" }>;

/** (drill - control) / (faultless - control); undefined where too little was lost to tell. */
export function regainedShare(
  check: Regain,
  rows: readonly SeedRows[],
): { readonly share: number | undefined; readonly lost: number } {
  let lost = 0;
  let back = 0;
  let count = 0;
  for (const { drill, control, faultless } of rows) {
    if (control === undefined || faultless === undefined) continue;
    lost += faultless.posFinal - control.posFinal;
    back += drill.posFinal - control.posFinal;
    count += 1;
  }
  const enough = count > 0 && lost / count >= check.lostAtLeast;
  return { share: enough ? back / lost : undefined, lost: count === 0 ? 0 : lost / count };
}

function judgeRegained(check: Regain, rows: readonly SeedRows[]): Omit<Verdict, "check" | "seeds"> {
  const { share, lost } = regainedShare(check, rows);
  const cost = `without hand-over ${points(lost)} of POS are lost`;
  if (share === undefined) return { outcome: "nothingToJudge", measured: `only ${cost}` };
  const measured = `${percent(share)} regained; ${cost}`;
  return { outcome: share >= check.atLeast ? "held" : "failed", measured };
}

function judgeRegainedSeed(check: Regain, row: SeedRows): Judged {
  const { share, lost } = regainedShare(check, [row]);
  if (share === undefined) return nothing(`only ${points(lost)} lost without hand-over`);
  return compare(share >= check.atLeast, `${percent(share)} of ${points(lost)} regained`);
}

function judgeFound(
  check: Extract<Check, { readonly check: "found" }>,
  rows: readonly SeedRows[],
): Omit<Verdict, "check" | "seeds"> {
  const found = rows.filter(({ drill }) => drill.foundAtS !== null).length;
  if (rows.length === 0) return { outcome: "nothingToJudge", measured: "no flight" };
  const measured = `found in ${String(found)} of ${String(rows.length)}`;
  return { outcome: found / rows.length >= check.shareAtLeast ? "held" : "failed", measured };
}

export const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
const points = (share: number): string => `${(100 * share).toFixed(2)} points`;
const seconds = (s: number): string => `${s.toFixed(1)} s`;

/** The bound of a check, for tables. */
export function boundOf(check: Check): string {
  switch (check.check) {
    case "nothingViolated":
      return check.except.length === 0 ? "none" : `none but ${check.except.join(", ")}`;
    case "leasesMoveOn":
      return `within ${String(check.withinS)} s`;
    case "sidesSearch":
      return check.everySegment ? "every segment" : "each side goes on";
    case "posRegained":
    case "posFinal":
    case "delivery":
      return `at least ${percent(check.atLeast)}`;
    case "commitP99":
      return `at most ${String(check.atMostMs)} ms`;
    case "found":
      return `in at least ${percent(check.shareAtLeast)}`;
    case "lostBesides":
      return `at most ${String(check.atMost)}`;
    default:
      return check satisfies never;
  }
}
