/** One vehicle close up, as a card over the map. */
import type { ReactNode } from "react";
import type { VehicleRow } from "../../../report/view.ts";
import { select, theScene } from "../actions.ts";
import { bearing, countdown, height, percent, speed } from "../format.ts";
import { StatusGlyph } from "../parts/glyph.tsx";
import { STALE_S } from "../severity.ts";
import { usePage } from "../store.ts";
import { TEXT } from "../strings.ts";
import { statusText } from "./vehicles.tsx";

export function Details(): ReactNode {
  const selected = usePage((state) => state.selected);
  const rows = usePage((state) => state.details?.rows) ?? [];
  const base = usePage((state) => state.hello?.mission.base);
  const [only] = selected;
  const vehicle = rows.find(({ index }) => index === only);
  if (selected.length !== 1 || vehicle === undefined) return null;
  return (
    <aside className="details" aria-label={vehicle.name}>
      <header>
        <StatusGlyph status={vehicle.status} />
        <h3>{vehicle.name}</h3>
        <span>{statusText(vehicle, base)}</span>
        <button type="button" className="plain" aria-label={TEXT.close} onClick={() => select([])}>
          ×
        </button>
      </header>
      {vehicle.needs === "" ? null : <p className="needs">{vehicle.needs}</p>}
      <Facts vehicle={vehicle} />
      <button type="button" className="plain wide" onClick={() => theScene()?.goToSelected()}>
        {TEXT.follow}
      </button>
    </aside>
  );
}

function Facts({ vehicle }: { readonly vehicle: VehicleRow }): ReactNode {
  const units = usePage((state) => state.units);
  const placeFormat = usePage((state) => state.placeFormat);
  const { minutesLeft, segment } = vehicle;
  const facts: readonly (readonly [string, string])[] = [
    [TEXT.place[placeFormat], vehicle.place[placeFormat]],
    [TEXT.agl, height(vehicle.altitudeAglM, units)],
    [TEXT.amsl, height(vehicle.altitudeAmslM, units)],
    [TEXT.speed, speed(vehicle.speedMps, units)],
    [TEXT.heading, bearing(vehicle.headingRad)],
    [
      TEXT.battery,
      `${percent(vehicle.batteryRatio)}%` +
        (minutesLeft === null || vehicle.toldS > STALE_S
          ? ""
          : `, ${TEXT.minutesLeft(String(Math.floor(minutesLeft)))}`),
    ],
    [TEXT.link, `${percent(vehicle.linkQuality)}%, ${TEXT.hops(vehicle.hops)}`],
    [TEXT.heard, TEXT.ago(countdown(vehicle.lastHeardS))],
    [TEXT.position, TEXT.ago(countdown(vehicle.positionAgeS))],
    [TEXT.segment, segment === null ? "–" : String(segment)],
    [TEXT.behaviour, vehicle.behaviour === "" ? "–" : vehicle.behaviour],
    [
      vehicle.armed ? TEXT.armed : TEXT.disarmed,
      vehicle.released ? TEXT.released : TEXT.notReleased,
    ],
  ];
  return (
    <dl>
      {facts.map(([term, fact]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{fact}</dd>
        </div>
      ))}
    </dl>
  );
}
