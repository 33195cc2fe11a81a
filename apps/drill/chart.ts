/**
 * The success of a flight over time as a drawing (SVG): the drill, and where they were flown its
 * bounds; under them, on the same axis, what was broken and for how long.
 */
import type { FaultAction, ScriptedFault } from "../../sim/mod.ts";
import { wordsOf } from "./fault-words.ts";
import type { SeedRows } from "./judge.ts";
import { text } from "./markup.ts";

const WIDTH = 1000;
const LEFT = 46;
const RIGHT = 16;
const TOP = 14;
const PLOT = 220;
const LANE = 14;
const LANES_MAX = 24;

interface Axis {
  readonly x: (s: number) => number;
  readonly y: (share: number) => number;
  readonly endS: number;
  readonly top: number;
}

const CURVES = [
  { key: "faultless", colour: "var(--dim)", label: "without faults" },
  { key: "control", colour: "var(--agree)", label: "without hand-over" },
  { key: "drill", colour: "var(--accent)", label: "drill" },
] as const;

export function chartOf(row: SeedRows): string {
  const axis = axisOf(row);
  const { begun } = row.drill;
  const lanes = begun.slice(0, LANES_MAX);
  const footY = TOP + PLOT + 34;
  const height = footY + lanes.length * LANE + 8;
  const curves = CURVES.flatMap(({ key, colour, label }) => {
    const flown = row[key];
    if (flown === undefined) return [];
    const points = flown.posCurve.map(([s, share]) => `${fine(axis.x(s))},${fine(axis.y(share))}`);
    return [
      `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points.join(" ")}">` +
        `<title>${label}</title></polyline>`,
    ];
  });
  const bars = lanes.map((fault, i) => bar(axis, fault, footY + i * LANE));
  const box = `0 0 ${String(WIDTH)} ${String(height)}`;
  return `<svg viewBox="${box}" role="img" aria-label="${text(labelOf(row))}">
${grid(axis)}${marks(axis, row, footY)}${curves.join("\n")}${legend(row)}${bars.join("\n")}</svg>`;
}

function axisOf({ drill, control, faultless, durationS }: SeedRows): Axis {
  const shares = [drill, control, faultless].flatMap((flown) =>
    (flown?.posCurve ?? []).map(([, share]) => share),
  );
  const top = Math.min(1, Math.max(0.1, Math.ceil(Math.max(0, ...shares) * 10) / 10));
  const plotWidth = WIDTH - LEFT - RIGHT;
  return {
    x: (s) => LEFT + (Math.min(s, durationS) / durationS) * plotWidth,
    y: (share) => TOP + PLOT * (1 - share / top),
    endS: durationS,
    top,
  };
}

function grid(axis: Axis): string {
  const parts: string[] = [];
  for (let i = 0; i <= 4; i += 1) {
    const share = (axis.top * i) / 4;
    const y = fine(axis.y(share));
    parts.push(
      `<line x1="${String(LEFT)}" x2="${String(WIDTH - RIGHT)}" y1="${y}" y2="${y}"` +
        ` stroke="var(--line)"/>`,
      `<text x="${String(LEFT - 6)}" y="${String(Number(y) + 4)}" text-anchor="end">` +
        `${(100 * share).toFixed(0)}%</text>`,
    );
  }
  for (let i = 0; i <= 6; i += 1) {
    const s = (axis.endS * i) / 6;
    const anchor = i === 6 ? "end" : "middle";
    parts.push(
      `<text x="${fine(axis.x(s))}" y="${String(TOP + PLOT + 16)}" text-anchor="${anchor}">` +
        `${(s / 60).toFixed(1)} min</text>`,
    );
  }
  return parts.join("\n");
}

/** Faults as faint lines through the plot, a violation in red. */
function marks(axis: Axis, { drill }: SeedRows, footY: number): string {
  const line = (atS: number, colour: string): string => {
    const x = fine(axis.x(atS));
    return (
      `<line x1="${x}" x2="${x}" y1="${String(TOP)}" y2="${String(footY)}"` +
      ` stroke="${colour}" stroke-dasharray="3 4" opacity="0.6"/>`
    );
  };
  return [
    ...drill.begun.slice(0, LANES_MAX).map(({ atS }) => line(atS, "var(--warn)")),
    ...drill.violated.map(({ atS }) => line(atS, "var(--alarm)")),
  ].join("\n");
}

function legend(row: SeedRows): string {
  let x = LEFT + 10;
  return CURVES.flatMap(({ key, colour, label }) => {
    if (row[key] === undefined) return [];
    const part =
      `<rect x="${String(x)}" y="${String(TOP + 2)}" width="14" height="4" fill="${colour}"/>` +
      `<text x="${String(x + 20)}" y="${String(TOP + 9)}">${label}</text>`;
    x += 150;
    return [part];
  }).join("\n");
}

const lastsS = (action: FaultAction): number => ("lastsS" in action ? action.lastsS : 0);

function bar(axis: Axis, { atS, action }: ScriptedFault, y: number): string {
  const from = axis.x(atS);
  const width = Math.max(4, axis.x(atS + lastsS(action)) - from);
  const words = `${atS.toFixed(0)} s: ${wordsOf(action)}`;
  const isLate = from > WIDTH * 0.6;
  const labelX = isLate ? from - 6 : from + width + 6;
  const anchor = isLate ? "end" : "start";
  return (
    `<rect x="${fine(from)}" y="${String(y + 2)}" width="${fine(width)}"` +
    ` height="${String(LANE - 5)}" rx="2" fill="var(--warn)">` +
    `<title>${text(words)}</title></rect>` +
    `<text x="${fine(labelX)}" y="${String(y + 11)}" text-anchor="${anchor}">${text(words)}</text>`
  );
}

const labelOf = ({ seed, drill }: SeedRows): string =>
  `Success over time, seed ${String(seed)}, with ${String(drill.begun.length)} faults`;

const fine = (value: number): string => value.toFixed(1);
