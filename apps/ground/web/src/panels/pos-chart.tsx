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
  const nowS = usePage((state) => state.view?.missionTimeS ?? 0);
  const durationS = usePage((state) => state.hello?.mission.durationS ?? 3600);
  const source = usePage((state) => state.hello?.mission.sweepWidthSource ?? "");
  if (pos === undefined) return null;
  const endS = Math.max(durationS, nowS, 1);
  return (
    <Panel
      title={TEXT.posChart}
      className="pos"
      aside={
        <span title={TEXT.sweepSource(source)}>{TEXT.atEnd(percent(pos.predictedAtEnd))}</span>
      }
    >
      <Chart pos={pos} nowS={nowS} endS={endS} />
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
  const hours = Math.max(1, Math.floor(endS / 3600));
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
      {Array.from({ length: hours + 1 }, (_, hour) => (
        <text
          key={hour}
          x={x(hour * 3600)}
          y={HEIGHT - 3}
          textAnchor={hour === 0 ? "start" : "end"}
        >
          {hour === 0 ? "0" : `${hour} h`}
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

function planAt(plan: GroundView["pos"]["plan"], seconds: number): number {
  return plan.findLast(([t]) => t <= seconds)?.[1] ?? 0;
}
