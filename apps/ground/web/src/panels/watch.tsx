/** The right column: what waits for the operator first, then how the search goes. */
import { useEffect, useRef, type ReactNode } from "react";
import type { SegmentRow, VehicleRow } from "../../../report/view.ts";
import { judging, select, theScene } from "../actions.ts";
import { currentOf, sightingsOf, type Sighting, type Verdict } from "../detections.ts";
import { age, countdown, percent } from "../format.ts";
import { fleet } from "../frames.ts";
import { HoldButton } from "../parts/hold-button.tsx";
import { Panel } from "../parts/panel.tsx";
import { STALE_S } from "../severity.ts";
import { update, useMoment, usePage } from "../store.ts";
import { DETECTION, ORDER, SEGMENT, STATUS, TEXT } from "../strings.ts";

export function Detections(): ReactNode {
  const detections = usePage((state) => state.view?.detections) ?? [];
  const phase = usePage((state) => state.view?.phase);
  const chosen = usePage((state) => state.detection);
  const sightings = sightingsOf(detections);
  const current = currentOf(detections, chosen)?.best.id;
  const waiting = sightings.filter(({ best }) => best.state === "waiting").length;
  const calm = phase === "found" || phase === "handedOver";
  const calling = waiting > 0 && !calm;
  return (
    <Panel
      title={TEXT.detections}
      className={`detections${calling ? " calling" : ""}${calm ? " calm" : ""}`}
      aside={calling ? <b className="badge">{waiting}</b> : waiting > 0 ? TEXT.calm(waiting) : null}
    >
      {detections.length === 0 ? <p className="empty">{TEXT.noDetections}</p> : null}
      <ul>
        {sightings.map((sighting, place) => (
          <DetectionItem
            key={sighting.key}
            sighting={sighting}
            current={sighting.best.id === current}
            place={place}
          />
        ))}
      </ul>
    </Panel>
  );
}

interface DetectionProps {
  readonly sighting: Sighting;
  readonly current: boolean;
  /** Where it stands in the list. */
  readonly place: number;
}

function DetectionItem({ sighting, current, place }: DetectionProps): ReactNode {
  const placeFormat = usePage((state) => state.placeFormat);
  const card = useRef<HTMLLIElement>(null);
  // What keys act on is never out of sight, wherever new arrivals push it.
  useEffect(() => {
    if (current) card.current?.scrollIntoView({ block: "nearest" });
  }, [current, place]);
  const moment = useMoment();
  const { best, all } = sighting;
  const { id, state, finder, confidence, atS } = best;
  const open = state === "waiting" || state === "lookingAgain";
  return (
    <li
      ref={card}
      className={`detection ${state}${current ? " chosen" : ""}`}
      data-detection={id}
      aria-current={current}
    >
      <button
        type="button"
        className="detection-head"
        onClick={() => {
          update({ detection: id, selected: [], tab: "map" });
          theScene()?.goToSelected();
        }}
      >
        <b>{TEXT.detectionBy(finder, percent(confidence))}</b>
        <time>{moment(atS)}</time>
        <span className="place">{best.place[placeFormat]}</span>
        <span className="state">{DETECTION[state]}</span>
        <small>{TEXT.detectionName(best.name)}</small>
        {all.length === 1 ? null : <small className="looks">{TEXT.looks(all.length)}</small>}
      </button>
      {open ? <Verdicts sighting={sighting} current={current} /> : null}
      {state === "confirmed" ? <Confirmed sighting={sighting} current={current} /> : null}
    </li>
  );
}

interface VerdictProps {
  readonly sighting: Sighting;
  readonly current: boolean;
}

/** Keys act on the current detection only, so only its buttons name them. */
function Verdicts({ sighting, current }: VerdictProps): ReactNode {
  const judge = (kind: Verdict, keyName: string): ReactNode => (
    <HoldButton
      id={`${kind}-${sighting.key}`}
      tone={kind === "confirm" ? "good" : "plain"}
      label={ORDER[kind] ?? kind}
      {...(current ? { keyName } : {})}
      begin={() => judging(kind, sighting)}
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

/** What was confirmed is handed over, or taken back: a wrong word must be easy to undo. */
function Confirmed({ sighting, current }: VerdictProps): ReactNode {
  const { id } = sighting.best;
  return (
    <div className="verdicts two">
      <button
        type="button"
        className="plain"
        onClick={() => update({ dialog: "handOver", detection: id })}
      >
        {TEXT.handOver} <kbd>I</kbd>
      </button>
      <HoldButton
        id={`dismiss-${sighting.key}`}
        label={TEXT.undoConfirm}
        title={TEXT.undoConfirmWhy}
        {...(current ? { keyName: "D" } : {})}
        begin={() => judging("dismiss", sighting)}
      />
      <small>{TEXT.undoConfirmWhy}</small>
    </div>
  );
}

const GRADE = { alarm: 0, warning: 1, well: 2 } as const;

const gradeOf = ({ index }: VehicleRow): number => GRADE[fleet.severityAt(fleet.slotOf(index))];

export function Hands(): ReactNode {
  const rows = usePage((state) => state.details?.rows) ?? [];
  const count = usePage((state) => state.details?.needing ?? 0);
  const relief = usePage((state) => state.view?.nextRelief) ?? null;
  // The server puts the selected ones first, then whoever needs a hand by urgency.
  const needing = rows
    .filter(({ index }) => fleet.severityAt(fleet.slotOf(index)) !== "well")
    .sort((a, b) => gradeOf(a) - gradeOf(b) || (a.minutesLeft ?? 0) - (b.minutesLeft ?? 0));
  const more = count - needing.length;
  return (
    <Panel title={TEXT.needsHand} className="hands">
      {needing.length === 0 ? <p className="empty">{TEXT.needsNobody}</p> : null}
      <ul>
        {needing.map(({ index, needs, status, minutesLeft, toldS }) => (
          <li key={index}>
            <button type="button" onClick={() => select([index])}>
              <b className="number">{index}</b>
              <span>
                {needs !== "" ? needs : toldS > STALE_S ? TEXT.toldAgo(age(toldS)) : STATUS[status]}
              </span>
              <em>
                {minutesLeft === null || toldS > STALE_S
                  ? ""
                  : TEXT.minutesLeft(String(Math.floor(minutesLeft)))}
              </em>
            </button>
          </li>
        ))}
      </ul>
      {more > 0 ? <p className="more">{TEXT.needingMore(more)}</p> : null}
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
  // Flown through once is searched, whoever flies it again.
  const done = segments.filter(({ passes }) => passes > 0).length;
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
