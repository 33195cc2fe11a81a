/**
 * Why-chains: from something that was told back through the steps and messages that led to it, to
 * its root (an operator's order, a sighting, a timer).
 */
import type { RecordedRun, RunCause, RunEvent } from "./recorded-run.ts";

/** Longer chains are cut, and say so. */
const CHAIN_MAX = 200;

/** The chain from this step to its root, newest first; undefined when the recording has none. */
export function chainOf(
  run: Pick<RecordedRun, "causes">,
  cause: number,
): readonly RunCause[] | undefined {
  const chain: RunCause[] = [];
  const seen = new Set<number>();
  let step = run.causes.get(cause);
  while (step !== undefined && !seen.has(step.id) && chain.length < CHAIN_MAX) {
    seen.add(step.id);
    chain.push(step);
    step = step.from === undefined ? undefined : run.causes.get(step.from);
  }
  return chain.length === 0 ? undefined : chain;
}

/** What a step's stimulus is, in words; those in `OWN` have no cause outside of the node. */
const STIMULI: Readonly<Record<string, string>> = {
  message: "a message came",
  operator: "the operator's wish",
  sighting: "its camera saw something",
  store: "its store answered",
  timer: "a timer that was set ran out",
  position: "its own position and battery",
  radio: "its radio's report",
  clock: "its clock's reading",
  beat: "its own beat",
};
const OWN: ReadonlySet<string> = new Set(["position", "radio", "clock", "beat"]);

/** As lines for people: `because` where one follows from the other, `after` where it only came. */
export function whyLines(
  run: Pick<RecordedRun, "causes">,
  cause: number,
): readonly string[] | undefined {
  const chain = chainOf(run, cause);
  return chain?.map(({ atS, node, stimulus, about }, i) => {
    const who = node === 0 ? "the ground" : `vehicle ${String(node)}`;
    const word = OWN.has(chain[i - 1]?.stimulus ?? "") ? "after" : "because";
    const what = STIMULI[stimulus] ?? stimulus;
    const words = [about, what].filter((each) => each !== "").join("; ");
    return `${i === 0 ? "" : `${word} `}${clock(atS)} ${who}: ${words}`;
  });
}

/** Milliseconds tell which of two messages came first. */
export function clock(atS: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  const rest = (atS % 60).toFixed(3).padStart(6, "0");
  return `${String(Math.floor(atS / 3600))}:${two((atS / 60) % 60)}:${rest}`;
}

/** What a vehicle tells of itself: its state at a time is the last of these. */
const STATES: ReadonlySet<string> = new Set([
  "duty",
  "behaviour",
  "order",
  "rung",
  "segmentClaimed",
  "lost",
  "regained",
]);

/**
 * The event that is meant: `found` (the first of a kind), `detection@190s` (of a kind, the last at
 * or before a time), `3@0:12:30` (what vehicle 3 told last of itself; `0` or `ground` is the
 * station).
 */
export function findWhy(run: Pick<RecordedRun, "events">, wish: string): RunEvent | undefined {
  const [what = "", time] = wish.trim().split("@");
  const atS = time === undefined ? undefined : secondsOf(time);
  if (time !== undefined && atS === undefined) return undefined;
  const node = what === "ground" ? 0 : /^\d{1,5}$/u.test(what) ? Number(what) : undefined;
  if (node !== undefined) {
    return run.events.findLast(
      (event) => event.vehicle === node && STATES.has(event.kind) && event.atS <= (atS ?? Infinity),
    );
  }
  if (atS === undefined) return run.events.find(({ kind }) => kind === what);
  return run.events.findLast((event) => event.kind === what && event.atS <= atS);
}

/** `90`, `90s`, `12:30`, `0:12:30.5`. */
function secondsOf(text: string): number | undefined {
  if (!/^\d{1,6}(?::\d{1,2}){0,2}(?:\.\d+)?s?$/u.test(text)) return undefined;
  return text
    .replace("s", "")
    .split(":")
    .reduce((sum, part) => 60 * sum + Number(part), 0);
}
