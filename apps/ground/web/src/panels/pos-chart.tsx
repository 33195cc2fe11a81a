/** POS over time as a band, with the plan's prediction: is the search on its plan? */
import type { ReactNode } from "react";
import type { GroundView } from "../../../report/view.ts";
import { percent } from "../format.ts";
import { Panel } from "../parts/panel.tsx";
import { usePage } from "../store.ts";
import { TEXT } from "../strings.ts";

const WIDTH = 300;
const HEIGHT = 112;
const LEFT = 26;
const BOTTOM = 16;
const TOP = 6;

interface Scale {
  readonly x: (seconds: number) => number;
  readonly y: (ratio: number) => number;
}

function scaleOf(endS: number, top: number): Scale {
  return {
    x: (seconds) => LEFT + (Math.min(seconds, endS) / endS) * (WIDTH - LEFT - 4),
    y: (ratio) => TOP + (1 - Math.max(0, Math.min(top, ratio)) / top) * (HEIGHT - TOP - BOTTOM),
  };
}

/** The quarter above everything drawn, so that a slow search is still read. */
function topOf(pos: GroundView["pos"]): number {
  const highest = Math.max(pos.high, ...pos.plan.map(([, value]) => value));
  return Math.min(1, Math.max(0.25, Math.ceil(highest * 4.2) / 4));
}

export function PosChart(): ReactNode {
  const pos = usePage((state) => state.view?.pos);
  const startedAtS = usePage((state) => state.view?.startedAtS ?? null);
  const timeS = usePage((state) => state.view?.missionTimeS ?? 0);
  const durationS = usePage((state) => state.hello?.mission.durationS ?? 3600);
  const source = usePage((state) => state.hello?.mission.sweepWidthSource ?? "");
  if (pos === undefined) return null;
  // The plan counts from Go, and so does what came of it.
  const nowS = startedAtS === null ? 0 : timeS - startedAtS;
  const curve = pos.curve
    .map(([t, low, high]) => [t - (startedAtS ?? timeS), low, high] as const)
    .filter(([t]) => t >= 0);
  const endS = Math.max(durationS, nowS, 1);
  return (
    <Panel
      title={TEXT.posChart}
      className="pos"
      aside={
        <span title={TEXT.sweepSource(source)}>{TEXT.atEnd(percent(pos.predictedAtEnd))}</span>
      }
    >
      <Chart pos={{ ...pos, curve }} nowS={nowS} endS={endS} />
    </Panel>
  );
}

interface ChartProps {
  readonly pos: GroundView["pos"];
  readonly nowS: number;
  readonly endS: number;
}

function Chart({ pos, nowS, endS }: ChartProps): ReactNode {
  const top = topOf(pos);
  const { x, y } = scaleOf(endS, top);
  const curve = [...pos.curve, [nowS, pos.low, pos.high] as const];
  const upper = curve.map(([t, , high]) => `${x(t).toFixed(1)},${y(high).toFixed(1)}`);
  const lower = curve.map(([t, low]) => `${x(t).toFixed(1)},${y(low).toFixed(1)}`);
  const plan = pos.plan.map(([t, value]) => `${x(t).toFixed(1)},${y(value).toFixed(1)}`);
  const ticks = ticksOf(endS);
  const label = `${TEXT.pos} ${percent(pos.low)}-${percent(pos.high)}%`;
  return (
    <svg className="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      {[0, 0.25, 0.5, 0.75, 1]
        .map((share) => share * top)
        .map((ratio) => (
          <line key={ratio} className="grid" x1={LEFT} x2={WIDTH - 4} y1={y(ratio)} y2={y(ratio)} />
        ))}
      {[0, top / 2, top].map((ratio) => (
        <text key={ratio} x={LEFT - 4} y={y(ratio) + 3.5} textAnchor="end">
          {percent(ratio)}
        </text>
      ))}
      {ticks.map((seconds) => (
        <text
          key={seconds}
          x={x(seconds)}
          y={HEIGHT - 3}
          textAnchor={seconds === 0 ? "start" : "end"}
        >
          {seconds === 0 ? "0" : lengthText(seconds)}
        </text>
      ))}
      <polyline className="plan" points={plan.join(" ")} />
      <polygon className="band" points={[...upper, ...lower.toReversed()].join(" ")} />
      <polyline className="edge" points={upper.join(" ")} />
      <polyline className="edge" points={lower.join(" ")} />
      <line className="now" x1={x(nowS)} x2={x(nowS)} y1={TOP} y2={HEIGHT - BOTTOM} />
      <circle className="dot" cx={x(nowS)} cy={y((pos.low + pos.high) / 2)} r="2.6" />
      <text className="plan-word" x={x(endS * 0.62)} y={y(planAt(pos.plan, endS * 0.62)) - 5}>
        {TEXT.plan}
      </text>
    </svg>
  );
}

const TICK_STEPS_S = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];

/** At most five round times along the axis. */
function ticksOf(endS: number): number[] {
  const stepS = TICK_STEPS_S.find((step) => endS / step <= 5) ?? 86_400;
  return Array.from({ length: Math.floor(endS / stepS) + 1 }, (_, i) => i * stepS).slice(0, 40);
}

function lengthText(seconds: number): string {
  return seconds % 3600 === 0 ? `${seconds / 3600} h` : `${seconds / 60} min`;
}

function planAt(plan: GroundView["pos"]["plan"], seconds: number): number {
  return plan.findLast(([t]) => t <= seconds)?.[1] ?? 0;
}
