/** What happened, newest first, with the severity as a shape. */
import { useState, type ReactNode } from "react";
import type { EventRow } from "../../../report/view.ts";
import { save, select } from "../actions.ts";
import { GradeGlyph } from "../parts/glyph.tsx";
import { Panel } from "../parts/panel.tsx";
import { askWhy } from "../replay.ts";
import { useMoment, usePage } from "../store.ts";
import { SEVERITY, TEXT } from "../strings.ts";

const SHOWN = 150;
const GRADES = ["info", "notice", "warning", "alarm"] as const;

export function Timeline(): ReactNode {
  const events = usePage((state) => state.events);
  const [least, setLeast] = useState(0);
  const shown = events
    .filter(({ severity }) => GRADES.indexOf(severity) >= least)
    .slice(-SHOWN)
    .toReversed();
  return (
    <Panel
      title={TEXT.events}
      className="timeline"
      aside={
        <span className="segmented" role="group">
          {GRADES.map((grade, i) => (
            <button
              key={grade}
              type="button"
              aria-pressed={i === least}
              title={SEVERITY[grade]}
              onClick={() => setLeast(i)}
            >
              <GradeGlyph grade={grade} />
              {SEVERITY[grade]}
            </button>
          ))}
          <button type="button" onClick={() => save({ kind: "log" })}>
            {TEXT.saveLog}
          </button>
          <button type="button" onClick={() => window.print()}>
            {TEXT.print}
          </button>
        </span>
      }
    >
      {shown.length === 0 ? <p className="empty">{TEXT.noEvents}</p> : null}
      <ol>
        {shown.map((event) => (
          <EventLine key={event.sequence} event={event} />
        ))}
      </ol>
    </Panel>
  );
}

function EventLine({ event }: { readonly event: EventRow }): ReactNode {
  const { vehicle, cause } = event;
  const moment = useMoment();
  return (
    <li className={`event event-${event.severity} category-${event.category}`}>
      <time>{moment(event.atS)}</time>
      <GradeGlyph grade={event.severity} />
      {vehicle === null ? (
        <span className="number none">{TEXT.everyone}</span>
      ) : (
        <button type="button" className="number" onClick={() => select([vehicle])}>
          {vehicle}
        </button>
      )}
      <span className="event-text">
        {event.text}
        {cause === undefined ? null : (
          <button type="button" className="plain why" onClick={() => askWhy(cause, event.text)}>
            {TEXT.why}
          </button>
        )}
      </span>
      <span className="event-category">{event.category}</span>
    </li>
  );
}
