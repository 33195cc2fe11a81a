/** The search log as it is printed: what a coordinator files and the next shift reads. */
import { useEffect, useState, type ReactNode } from "react";
import { flushSync } from "react-dom";
import { percent } from "../format.ts";
import { useMoment, usePage } from "../store.ts";
import { DETECTION, ORDER, PHASE, SEGMENT, SEVERITY, TEXT } from "../strings.ts";

/** Written when it is printed: nobody reads it before, and it grows by thousands of lines. */
export function SearchLog(): ReactNode {
  const [printing, setPrinting] = useState(false);
  useEffect(() => {
    const begin = (): void => flushSync(() => setPrinting(true));
    const end = (): void => setPrinting(false);
    window.addEventListener("beforeprint", begin);
    window.addEventListener("afterprint", end);
    return () => {
      window.removeEventListener("beforeprint", begin);
      window.removeEventListener("afterprint", end);
    };
  }, []);
  return printing ? <Log /> : null;
}

function Log(): ReactNode {
  const view = usePage((state) => state.view);
  const hello = usePage((state) => state.hello);
  const events = usePage((state) => state.events);
  const moment = useMoment();
  if (view === undefined || hello === undefined) return null;
  const { mission } = hello;
  return (
    <article className="search-log" aria-hidden="true">
      <h1>
        {TEXT.logTitle}: {mission.name}
      </h1>
      <p>
        {PHASE[view.phase]}, {TEXT.elapsed} {moment(view.missionTimeS)}, {TEXT.pos}{" "}
        {percent(view.pos.low)}–{percent(view.pos.high)}%. {TEXT.lastKnown}:{" "}
        {mission.lastKnownPlace.mgrs} ({mission.lastKnownPlace.latLon}).{" "}
        {TEXT.sweepSource(mission.sweepWidthSource)}. {mission.quantileSource}
      </p>
      <h2>{TEXT.detections}</h2>
      <Lines
        rows={view.detections.map((each) => [
          moment(each.atS),
          TEXT.detectionBy(each.finder, percent(each.confidence)),
          each.place.mgrs,
          each.place.latLon,
          DETECTION[each.state],
        ])}
      />
      <h2>{TEXT.segments}</h2>
      <Lines
        rows={view.segments
          .filter(({ podHigh, owner }) => podHigh > 0 || owner !== null)
          .map((each) => [
            String(each.id),
            SEGMENT[each.state],
            each.owner === null ? "" : String(each.owner),
            `${TEXT.pod} ${percent(each.podLow)}–${percent(each.podHigh)}%`,
          ])}
      />
      <h2>{TEXT.orders}</h2>
      <Lines
        rows={view.orders.map((each) => [
          moment(each.issuedAtS),
          ORDER[each.kind] ?? each.kind,
          each.about === "" ? each.targets : each.about,
          each.agreement !== "none"
            ? TEXT.agreement[each.agreement]
            : each.groups.map(({ vehicles, state }) => `${vehicles} ${state}`).join("; "),
        ])}
      />
      <h2>{TEXT.events}</h2>
      <Lines
        rows={events.map((each) => [
          moment(each.atS),
          SEVERITY[each.severity],
          each.vehicle === null ? TEXT.everyone : String(each.vehicle),
          each.text,
        ])}
      />
    </article>
  );
}

function Lines({ rows }: { readonly rows: readonly (readonly string[])[] }): ReactNode {
  if (rows.length === 0) return <p>–</p>;
  return (
    <table>
      <tbody>
        {rows.map((cells, i) => (
          <tr key={i}>
            {cells.map((cell, k) => (
              <td key={k}>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
