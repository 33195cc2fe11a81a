/** The right column: what waits for the operator first, then how the search goes. */
import type { ReactNode } from "react";
import type { DetectionRow, SegmentRow } from "../../../report/view.ts";
import { order, select, theScene } from "../actions.ts";
import { clock, countdown, percent } from "../format.ts";
import { HoldButton } from "../parts/hold-button.tsx";
import { Panel } from "../parts/panel.tsx";
import { severityOf } from "../severity.ts";
import { update, usePage } from "../store.ts";
import { DETECTION, ORDER, SEGMENT, STATUS, TEXT } from "../strings.ts";

/** Waiting ones first, then by time, newest first. */
function inOrder(detections: readonly DetectionRow[]): DetectionRow[] {
  const rank = { waiting: 0, lookingAgain: 1, confirmed: 2, dismissed: 3 };
  return [...detections].sort((a, b) => rank[a.state] - rank[b.state] || b.atS - a.atS);
}

export function Detections(): ReactNode {
  const detections = usePage((state) => state.view?.detections) ?? [];
  const waiting = detections.filter(({ state }) => state === "waiting").length;
  return (
    <Panel
      title={TEXT.detections}
      className={`detections${waiting > 0 ? " calling" : ""}`}
      aside={waiting > 0 ? <b className="badge">{waiting}</b> : null}
    >
      {detections.length === 0 ? <p className="empty">{TEXT.noDetections}</p> : null}
      <ul>
        {inOrder(detections).map((each, i) => (
          <DetectionItem key={each.id} detection={each} first={i === 0} />
        ))}
      </ul>
    </Panel>
  );
}

interface DetectionProps {
  readonly detection: DetectionRow;
  readonly first: boolean;
}

function DetectionItem({ detection, first }: DetectionProps): ReactNode {
  const placeFormat = usePage((state) => state.placeFormat);
  const chosen = usePage((state) => state.detection);
  const { id, state, finder, confidence, atS } = detection;
  const current = chosen === id || (chosen === undefined && first);
  const open = state === "waiting" || state === "lookingAgain";
  return (
    <li className={`detection ${state}${current ? " chosen" : ""}`} data-detection={id}>
      <button
        type="button"
        className="detection-head"
        onClick={() => {
          update({ detection: id, selected: [], tab: "map" });
          theScene()?.goToSelected();
        }}
      >
        <b>{TEXT.detectionBy(finder, percent(confidence))}</b>
        <time>{clock(atS)}</time>
        <span className="place">{detection.place[placeFormat]}</span>
        <span className="state">{DETECTION[state]}</span>
      </button>
      {open ? <Verdicts id={id} current={current} /> : null}
      {state === "confirmed" ? (
        <button
          type="button"
          className="plain wide"
          onClick={() => update({ dialog: "handOver", detection: id })}
        >
          {TEXT.handOver} <kbd>I</kbd>
        </button>
      ) : null}
    </li>
  );
}

/** Keys act on the current detection only, so only its buttons name them. */
function Verdicts({ id, current }: { readonly id: number; readonly current: boolean }): ReactNode {
  const suffix = current ? "" : `-${id}`;
  const judge = (kind: "confirm" | "dismiss" | "lookAgain", keyName: string): ReactNode => (
    <HoldButton
      id={`${kind}${suffix}`}
      tone={kind === "confirm" ? "good" : "plain"}
      label={ORDER[kind] ?? kind}
      {...(current ? { keyName } : {})}
      onHeld={() => order({ kind, detection: id })}
    />
  );
  return (
    <div className="verdicts">
      {judge("confirm", "C")}
      {judge("dismiss", "D")}
      {judge("lookAgain", "L")}
    </div>
  );
}

export function Hands(): ReactNode {
  const vehicles = usePage((state) => state.view?.vehicles) ?? [];
  const relief = usePage((state) => state.view?.nextRelief) ?? null;
  const needing = vehicles
    .filter((vehicle) => severityOf(vehicle) !== "well")
    .sort((a, b) => (a.minutesLeft ?? 0) - (b.minutesLeft ?? 0));
  return (
    <Panel title={TEXT.needsHand} className="hands">
      {needing.length === 0 ? <p className="empty">{TEXT.needsNobody}</p> : null}
      <ul>
        {needing.map(({ index, needs, status, minutesLeft }) => (
          <li key={index}>
            <button type="button" onClick={() => select([index])}>
              <b className="number">{index}</b>
              <span>{needs === "" ? STATUS[status] : needs}</span>
              <em>
                {minutesLeft === null ? "" : TEXT.minutesLeft(String(Math.floor(minutesLeft)))}
              </em>
            </button>
          </li>
        ))}
      </ul>
      <p className="relief">
        {TEXT.nextRelief}:{" "}
        {relief === null ? TEXT.noRelief : TEXT.reliefIn(relief.vehicle, countdown(relief.inS))}
      </p>
    </Panel>
  );
}

const SEGMENTS_SHOWN = 60;

export function Segments(): ReactNode {
  const segments = usePage((state) => state.view?.segments) ?? [];
  const done = segments.filter(({ state }) => state === "done").length;
  const rank = { searching: 0, leased: 1, open: 2, done: 3 };
  const shown = [...segments]
    .sort((a, b) => rank[a.state] - rank[b.state] || b.poa - a.poa || a.id - b.id)
    .slice(0, SEGMENTS_SHOWN);
  return (
    <Panel
      title={TEXT.segments}
      className="segments"
      aside={TEXT.segmentsDone(done, segments.length)}
    >
      <table>
        <thead>
          <tr>
            <th scope="col">#</th>
            <th scope="col" />
            <th scope="col">{TEXT.poaLeft}</th>
            <th scope="col">{TEXT.pod}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((segment) => (
            <SegmentLine key={segment.id} segment={segment} />
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function SegmentLine({ segment }: { readonly segment: SegmentRow }): ReactNode {
  const { id, state, owner, poa, podLow, podHigh } = segment;
  return (
    <tr className={`segment-${state}`}>
      <td>{id}</td>
      <td>
        {SEGMENT[state]}
        {owner === null ? null : <b className="number small">{owner}</b>}
      </td>
      <td>{percent(poa, 1)}%</td>
      <td>
        <PodBar low={podLow} high={podHigh} />
      </td>
    </tr>
  );
}

function PodBar({ low, high }: { readonly low: number; readonly high: number }): ReactNode {
  return (
    <span className="pod">
      <svg viewBox="0 0 40 6" aria-hidden="true">
        <rect className="bar-back" width="40" height="6" rx="1" />
        <rect className="bar-sure" width={low * 40} height="6" rx="1" />
        <rect className="bar-band" x={low * 40} width={Math.max(0, high - low) * 40} height="6" />
      </svg>
      {high <= 0 ? "–" : `${percent(low)}–${percent(high)}%`}
    </span>
  );
}
