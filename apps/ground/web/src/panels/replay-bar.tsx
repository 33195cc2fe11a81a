/** The time line of a recording: where it stands, what happened when, how fast it plays. */
import type { ReactNode } from "react";
import type { GroundReplay, ReplayHello, ReplayMark } from "../../../report/view.ts";
import { clock } from "../format.ts";
import "../replay.css";
import {
  askWhy,
  changeReplaySpeed,
  markAt,
  seek,
  seekMark,
  stepBy,
  toggleLoop,
  togglePlay,
} from "../replay.ts";
import { update, usePage } from "../store.ts";
import { TEXT } from "../strings.ts";

export function ReplayBar(): ReactNode {
  const recording = usePage((state) => state.hello?.replay);
  const replay = usePage((state) => state.replay);
  if (recording === undefined || replay === undefined) return null;
  const { marks, damages, endS, file } = recording;
  return (
    <section className="replay" aria-label={TEXT.replay}>
      <div className="replay-row">
        <Buttons replay={replay} />
        <output className="figure replay-clock" data-testid="replay-time">
          {clock(replay.atS)}
        </output>
        <small>
          {TEXT.of} {clock(endS)}
        </small>
        <span className="pill replay-note" title={file}>
          {TEXT.replayNoOrders}
        </span>
        {damages.length === 0 ? null : (
          <span className="pill replay-damage" title={damages.join("\n")} data-testid="damage">
            {TEXT.replayDamaged(damages.length)}
          </span>
        )}
        <Newest mark={markAt(marks, replay.atS)} />
      </div>
      <Track recording={recording} atS={replay.atS} />
      <Why />
    </section>
  );
}

function Buttons({ replay }: { readonly replay: GroundReplay }): ReactNode {
  const { playing, speed, loop } = replay;
  const buttons: readonly (readonly [string, string, string, () => void])[] = [
    ["⏮", TEXT.replayMarkBefore, "<", () => seekMark(-1)],
    ["◀❚", TEXT.replayStepBack, ",", () => stepBy(-1)],
    [playing ? "❚❚" : "▶", playing ? TEXT.replayPause : TEXT.replayPlay, "Space", togglePlay],
    ["❚▶", TEXT.replayStep, ".", () => stepBy(1)],
    ["⏭", TEXT.replayMarkNext, ">", () => seekMark(1)],
    ["−", TEXT.slower, "[", () => changeReplaySpeed(-1)],
  ];
  return (
    <span className="replay-buttons" role="group" aria-label={TEXT.replay}>
      {buttons.map(([sign, name, key, press]) => (
        <button
          key={key}
          type="button"
          className="plain"
          title={`${name} (${key})`}
          onClick={press}
        >
          <span aria-hidden="true">{sign}</span>
          <span className="sr">{name}</span>
        </button>
      ))}
      <span className="speed" data-testid="replay-speed">
        {speed}x
      </span>
      <button
        type="button"
        className="plain"
        title={`${TEXT.faster} (])`}
        onClick={() => changeReplaySpeed(1)}
      >
        <span aria-hidden="true">+</span>
        <span className="sr">{TEXT.faster}</span>
      </button>
      <button
        type="button"
        className="plain"
        aria-pressed={loop}
        title={`${TEXT.replayLoop} (O)`}
        onClick={toggleLoop}
      >
        <span aria-hidden="true">⟲</span>
        <span className="sr">{TEXT.replayLoop}</span>
      </button>
    </span>
  );
}

function Newest({ mark }: { readonly mark: ReplayMark | undefined }): ReactNode {
  if (mark === undefined) return null;
  const { cause, text, kind } = mark;
  return (
    <span className="replay-newest" data-testid="replay-mark">
      <i className={`replay-sign sign-${kind}`} aria-hidden="true" />
      <span>
        {TEXT.replayKind[kind]}: {text}
      </span>
      {cause === null ? null : (
        <button type="button" className="plain" onClick={() => askWhy(cause, text)}>
          {TEXT.why}
        </button>
      )}
    </span>
  );
}

/** Of the drawing; the browser stretches it over the width there is. */
const WIDTH = 1000;
/** Events above, orders in the middle, decisions below: told apart without colour. */
const ROW = { event: 1, order: 8, decision: 15 } as const;
const ROW_HEIGHT = 6;

function Track(props: { readonly recording: ReplayHello; readonly atS: number }): ReactNode {
  const { recording, atS } = props;
  const { startS, endS, marks } = recording;
  const across = (at: number): number => (WIDTH * (at - startS)) / Math.max(0.001, endS - startS);
  return (
    <div className="replay-track">
      <svg viewBox={`0 0 ${WIDTH} 22`} preserveAspectRatio="none" aria-hidden="true">
        <rect className="replay-done" width={across(atS)} height="22" />
        <Marks marks={marks} across={across} />
      </svg>
      <input
        type="range"
        aria-label={TEXT.replaySeek}
        data-testid="replay-seek"
        min={startS}
        max={endS}
        step={0.1}
        value={atS}
        onChange={(event) => seek(event.currentTarget.valueAsNumber)}
      />
    </div>
  );
}

function Marks(props: {
  readonly marks: readonly ReplayMark[];
  readonly across: (atS: number) => number;
}): ReactNode {
  return props.marks.map(({ atS, kind, severity }, i) => (
    <rect
      key={i}
      className={`replay-mark mark-${kind} mark-${severity}`}
      x={props.across(atS) - 0.6}
      y={ROW[kind]}
      width="1.6"
      height={ROW_HEIGHT}
    />
  ));
}

function Why(): ReactNode {
  const why = usePage((state) => state.why);
  if (why === undefined) return null;
  return (
    <aside className="replay-why" aria-label={TEXT.why} data-testid="why">
      <header>
        <b>{TEXT.whyOf(why.text)}</b>
        <button
          type="button"
          className="plain"
          aria-label={TEXT.close}
          onClick={() => update({ why: undefined })}
        >
          ×
        </button>
      </header>
      <ol>
        {why.lines.map((line, i) => (
          <li key={i}>{line}</li>
        ))}
      </ol>
    </aside>
  );
}
