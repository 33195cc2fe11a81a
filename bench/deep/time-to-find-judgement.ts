/**
 * What the runs of a time-to-find campaign show: a table with 95% intervals, a plot of the share
 * found over time, and whether the promise is kept. Pure, so that it is tested without flying.
 *
 * The promise asks for at least `SEEDS_MIN` complete seeds. "25% below parallel track" is judged on
 * the point estimate and "below expanding square" on the interval, which must lie above zero.
 */
import { PLANNER_NAMES, type PlannerName } from "../../src/swarm/mod.ts";
import {
  estimate,
  HORIZON_S,
  minutes,
  percent,
  restricted,
  shorterBy,
  type Estimate,
} from "./time-to-find-stats.ts";

export const SEEDS_MIN = 200;
const BELOW_PARALLEL = 0.25;

export interface Row {
  /** Of the tree that flew it, "-dirty" when it had changes; planner and simulator are its. */
  readonly commit: string;
  readonly seed: number;
  readonly planner: PlannerName;
  /** As the report names it; real and modelled signatures decide the same. */
  readonly crypto: string;
  readonly foundAtS: number | null;
  readonly simSeconds: number;
  readonly wallSeconds: number;
  readonly violated: readonly string[];
  readonly reserveMinPct: number | null;
  readonly separationMinM: number | null;
}

interface PlannerFigures {
  readonly planner: PlannerName;
  readonly found: Estimate;
  readonly time: Estimate;
  readonly foundAtS: readonly (number | null)[];
}

export interface Judgement {
  readonly seeds: number;
  readonly planners: readonly PlannerFigures[];
  /** By how much the first planner's restricted mean is below parallel track's and the square's. */
  readonly parallel: Estimate;
  readonly square: Estimate;
  readonly broken: readonly string[];
  readonly kept: boolean;
}

/** Complete seeds only: all three plans flown. */
export function judge(rows: readonly Row[]): Judgement {
  const bySeed = PLANNER_NAMES.map(
    (planner) =>
      new Map(rows.filter((row) => row.planner === planner).map((row) => [row.seed, row])),
  );
  const seeds = [...bySeed[0]!.keys()].filter((seed) => bySeed.every((part) => part.has(seed)));
  const planners = PLANNER_NAMES.map((planner, i) => {
    const foundAtS = seeds.map((seed) => bySeed[i]!.get(seed)!.foundAtS);
    const found = estimate(foundAtS.map((atS) => (atS === null ? 0 : 1)));
    return { planner, found, time: estimate(foundAtS.map(restricted)), foundAtS };
  });
  const [mine, parallelTimes, squareTimes] = planners.map(({ foundAtS }) =>
    foundAtS.map(restricted),
  );
  const parallel = shorterBy(mine!, parallelTimes!);
  const square = shorterBy(mine!, squareTimes!);
  const broken = rows
    .filter(({ violated }) => violated.length > 0)
    .map(
      ({ seed, planner, violated }) => `seed ${String(seed)} ${planner}: ${violated.join(", ")}`,
    );
  const enough = seeds.length >= SEEDS_MIN;
  const shorter = parallel.mean >= BELOW_PARALLEL && square.mean - square.half > 0;
  const kept = enough && shorter && broken.length === 0;
  return { seeds: seeds.length, planners, parallel, square, broken, kept };
}

const listOf = (lines: readonly string[]): string => lines.map((one) => `\n- ${one}`).join("");

export function textOf(judgement: Judgement, commit: string): string {
  const { seeds, planners, parallel, square, broken, kept } = judgement;
  const rows = planners.map(
    ({ planner, found, time }) => `| ${planner} | ${percent(found)} | ${minutes(time)} |`,
  );
  const few = seeds < SEEDS_MIN ? `, of ${String(SEEDS_MIN)} that the promise asks for` : "";
  return `# Time to find in the full simulator

Reference search, commit ${commit}, ${String(seeds)} seeds flown by all three plans${few}; 95%
confidence intervals, seeds paired; a search without a find counts as ${String(HORIZON_S / 60)} min.
Written by \`npm run deep -- time-to-find\`.

| plan | found within 4 h | restricted mean time to find |
| --- | --- | --- |
${rows.join("\n")}

Shorter than parallel track by ${percent(parallel)} (promised: at least 25%).
Shorter than expanding square by ${percent(square)} (promised: an interval above zero).
Runs with a violated invariant: ${String(broken.length)}.${listOf(broken)}

The promise is ${kept ? "kept" : "**not kept**"}.

![Share found over time](time-to-find.svg)
`;
}

const PLOT = { widthPx: 640, heightPx: 360, marginPx: 48 };
const COLOURS = ["#0b6e4f", "#b5651d", "#4059ad"];

/** The share of seeds found by each minute, one stepped line a plan. */
export function plotOf({ planners, seeds }: Judgement): string {
  const { widthPx, heightPx, marginPx } = PLOT;
  const x = (timeS: number): string =>
    (marginPx + (timeS / HORIZON_S) * (widthPx - 2 * marginPx)).toFixed(1);
  const y = (share: number): string =>
    (heightPx - marginPx - share * (heightPx - 2 * marginPx)).toFixed(1);
  const lines = planners.map(({ planner, foundAtS }, i) => {
    const times = foundAtS.filter((atS) => atS !== null).sort((a, b) => a - b);
    const steps = times.map((atS, k) => `H${x(atS)}V${y((k + 1) / seeds)}`).join("");
    const colour = COLOURS[i % COLOURS.length]!;
    const label = `<text x="${x(300)}" y="${String(marginPx + 18 * i)}" fill="${colour}">`;
    const path = `M${x(0)} ${y(0)}${steps}H${x(HORIZON_S)}`;
    return `<path d="${path}" fill="none" stroke="${colour}"/>${label}${planner}</text>`;
  });
  const ticks = [0, 1, 2, 3, 4].map((hour) => {
    const at = `x="${x(hour * 3600)}" y="${String(heightPx - marginPx + 18)}"`;
    const share = `x="8" y="${y(hour / 4)}"`;
    return `<text ${at}>${String(hour)} h</text><text ${share}>${String(25 * hour)}%</text>`;
  });
  const axes = `<path d="M${x(0)} ${y(1)}V${y(0)}H${x(HORIZON_S)}" fill="none" stroke="#888"/>`;
  const size = `width="${String(widthPx)}" height="${String(heightPx)}"`;
  const style = `font-family="sans-serif" font-size="12"`;
  const inside = [axes, ...ticks, ...lines].join("\n");
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${style}>\n${inside}\n</svg>\n`;
}
