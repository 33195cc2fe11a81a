/** The line that is always there: mission, time, POS, who needs what, the clear-air key. */
import { useMemo, type ReactNode } from "react";
import type { GroundView, PageView, SimulationView } from "../../../report/view.ts";
import { changeSpeed, clearAirOrder, control, order, select, togglePause } from "../actions.ts";
import { age, clock, countdown, percent } from "../format.ts";
import { fleet } from "../frames.ts";
import { GradeGlyph } from "../parts/glyph.tsx";
import { HoldButton } from "../parts/hold-button.tsx";
import { readableOf } from "../selection.ts";
import { bySeverity, type VehicleSeverity } from "../severity.ts";
import { useSilence } from "../silence.ts";
import { update, usePage } from "../store.ts";
import { LINK, PHASE, SEVERITY_WORD, TEXT } from "../strings.ts";

export function Header(): ReactNode {
  const view = usePage((state) => state.view);
  const mission = usePage((state) => state.hello?.mission);
  const link = usePage((state) => state.link);
  const replay = usePage((state) => state.hello?.replay !== undefined);
  if (view === undefined || mission === undefined) return null;
  return (
    <header className="head">
      <div className="head-mission">
        <h1 title={mission.name}>{mission.name}</h1>
        <span className={`pill phase-${view.phase}`}>{PHASE[view.phase]}</span>
        {link === "live" ? <LinePace /> : <span className="pill phase-broken">{LINK[link]}</span>}
      </div>
      <Clock view={view} durationS={mission.durationS} />
      <Success view={view} />
      <Counts />
      {view.simulation === null || replay ? null : <Simulation simulation={view.simulation} />}
      <button
        type="button"
        className="plain"
        aria-label={TEXT.help}
        title={`${TEXT.help} (?)`}
        onClick={() => update({ dialog: "help" })}
      >
        ?
      </button>
      <ClearAir clearAir={view.clearAir} />
    </header>
  );
}

/** Whatever stands on this page may be older than it looks: so it says how old. */
function LinePace(): ReactNode {
  const slowMs = usePage((state) => state.slowMs);
  const silentS = useSilence();
  if (silentS > 0) {
    return (
      <span className="pill phase-broken" role="status" title={TEXT.silentLineWhy}>
        {TEXT.silentLine(String(silentS))}
      </span>
    );
  }
  if (slowMs === 0) return null;
  const seconds = slowMs < 9500 ? (slowMs / 1000).toFixed(1) : (slowMs / 1000).toFixed(0);
  return (
    <span className="pill phase-broken" role="status" title={TEXT.slowLineWhy} data-testid="pace">
      {TEXT.slowLine(seconds)}
    </span>
  );
}

interface ClockProps {
  readonly view: PageView;
  readonly durationS: number;
}

/** Counts from Go, and says so when the planned time is over. */
function Clock({ view, durationS }: ClockProps): ReactNode {
  const { startedAtS, missionTimeS } = view;
  const elapsedS = startedAtS === null ? 0 : missionTimeS - startedAtS;
  const overS = elapsedS - durationS;
  return (
    <div className={`head-time${overS > 0 ? " over" : ""}`} data-testid="clock">
      <span className="figure">{clock(elapsedS)}</span>
      <small>
        {startedAtS === null
          ? TEXT.beforeGo
          : overS > 0
            ? TEXT.overBy(clock(overS))
            : `${TEXT.of} ${clock(durationS)}`}
      </small>
    </div>
  );
}

function Success({ view }: { readonly view: PageView }): ReactNode {
  const { low, high } = view.pos;
  return (
    <div className="head-pos" title={TEXT.posLong} data-testid="pos">
      <small>{TEXT.pos}</small>
      <span className="figure">
        {percent(low)}–{percent(high)}
        <em>%</em>
      </span>
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect className="bar-back" width="100" height="6" rx="1" />
        <rect className="bar-sure" width={low * 100} height="6" rx="1" />
        <rect className="bar-band" x={low * 100} width={Math.max(0, high - low) * 100} height="6" />
      </svg>
    </div>
  );
}

const SHOWN: readonly VehicleSeverity[] = ["alarm", "warning", "well"];

/** A click selects the vehicles counted. */
function Counts(): ReactNode {
  const version = usePage((state) => state.fleetVersion);
  // The table is written in place; its version says when.
  const found = useMemo(() => bySeverity(fleet), [version]);
  const words = SEVERITY_WORD;
  return (
    <div className="head-counts">
      {SHOWN.map((grade) => (
        <button
          key={grade}
          type="button"
          className={`count count-${grade}${found[grade].length === 0 ? " none" : ""}`}
          title={`${found[grade].length} ${words[grade]}`}
          onClick={() => select(found[grade])}
        >
          <GradeGlyph grade={grade} />
          <b>{found[grade].length}</b>
          <small>{words[grade]}</small>
        </button>
      ))}
    </div>
  );
}

function Simulation({ simulation }: { readonly simulation: SimulationView }): ReactNode {
  const { paused, speed, reachedSpeed } = simulation;
  const behind = !paused && reachedSpeed < 0.9 * speed;
  return (
    <div className="head-sim" role="group" aria-label={TEXT.simulation}>
      <span className="sim-tag">SIM</span>
      <button type="button" className="plain" onClick={togglePause} title={`${TEXT.pause} (Space)`}>
        {paused ? "▶" : "❚❚"}
        <span className="sr">{paused ? TEXT.resume : TEXT.pause}</span>
      </button>
      <button
        type="button"
        className="plain"
        onClick={() => control({ kind: "step" })}
        title={`${TEXT.step} (.)`}
      >
        ❚▶<span className="sr">{TEXT.step}</span>
      </button>
      <button
        type="button"
        className="plain"
        onClick={() => changeSpeed(-1)}
        title={`${TEXT.slower} ([)`}
      >
        −<span className="sr">{TEXT.slower}</span>
      </button>
      <span
        className={`speed${behind ? " behind" : ""}`}
        title={TEXT.reached(reachedSpeed.toFixed(0))}
      >
        {speed}x{behind ? <small>{reachedSpeed.toFixed(0)}x</small> : null}
      </span>
      <button
        type="button"
        className="plain"
        onClick={() => changeSpeed(1)}
        title={`${TEXT.faster} (])`}
      >
        +<span className="sr">{TEXT.faster}</span>
      </button>
    </div>
  );
}

function ClearAir({ clearAir }: { readonly clearAir: GroundView["clearAir"] }): ReactNode {
  const { active } = clearAir;
  return (
    <div className={`clear-air${active ? " active" : ""}`}>
      <HoldButton
        id="clearAir"
        tone="alarm"
        label={active ? TEXT.liftClearAir : TEXT.clearAir}
        keyName="X"
        begin={() => {
          const meant = clearAirOrder();
          return () => order(meant);
        }}
      />
    </div>
  );
}

/** Stands above everything that waits until the operator lifts it. */
export function ClearAirCount(): ReactNode {
  const clearAir = usePage((state) => state.view?.clearAir);
  usePage((state) => state.fleetVersion);
  if (clearAir?.active !== true) return null;
  const { clear, total, worst, silent } = clearAir;
  const longest = silent.reduce((s, index) => Math.max(s, fleet.staleAt(fleet.slotOf(index))), 0);
  return (
    <p className="clear-count" role="status">
      <b>{TEXT.clearCount(clear, total)}</b>
      <span>
        {worst === null ? "" : TEXT.clearWorst(worst.vehicle, countdown(worst.inS))}
        {silent.length === 0 ? null : <b>{TEXT.clearSilent(readableOf(silent), age(longest))}</b>}
      </span>
    </p>
  );
}
