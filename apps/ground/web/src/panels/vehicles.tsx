/** All vehicles on the left: filter, select, order. */
import { useEffect, useMemo, useRef, type ReactNode } from "react";
import { useVirtualizer } from "@tanstack/react-virtual";
import type { PlanePoint, VehicleRow } from "../../../report/view.ts";
import { cycleSort, order, select, targets, toggleSelected } from "../actions.ts";
import { age, percent } from "../format.ts";
import { fleet } from "../frames.ts";
import { listed } from "../listing.ts";
import { StatusGlyph } from "../parts/glyph.tsx";
import { HoldButton } from "../parts/hold-button.tsx";
import { Panel } from "../parts/panel.tsx";
import { readableOf } from "../selection.ts";
import { landedAway } from "../severity.ts";
import { page, update, usePage } from "../store.ts";
import { ORDER, SORT, STATUS, TEXT } from "../strings.ts";

/** As tall as a row with its gap; a hand in a glove hits it. */
const ROW_PX = 42;
const OVERSCAN = 6;

export function Vehicles(): ReactNode {
  const version = usePage((state) => state.fleetVersion);
  const filter = usePage((state) => state.filter);
  const sort = usePage((state) => state.sort);
  const details = usePage((state) => state.details?.rows) ?? NO_ROWS;
  // What a row needs is searched only by words.
  const searched = filter.trim() === "" ? NO_ROWS : details;
  const slots = useMemo(
    () => listed(fleet, { filter, sort, details: searched }),
    // The table is written in place; its version says when.
    [version, filter, sort, searched],
  );
  return (
    <Panel title={TEXT.vehicles} className="vehicles" aside={`${slots.length} / ${fleet.count}`}>
      <div className="list-head">
        <Filter />
        <Sort />
      </div>
      {slots.length === 0 ? <p className="empty">{TEXT.noVehicle}</p> : null}
      <List slots={slots} version={version} />
    </Panel>
  );
}

const NO_ROWS: readonly VehicleRow[] = [];

interface ListProps {
  readonly slots: readonly number[];
  readonly version: number;
}

/** Only rows in sight exist: ten thousand would take the browser seconds. */
function List({ slots, version }: ListProps): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const selected = usePage((state) => state.selected);
  const reserve = usePage((state) => state.hello?.mission.reserveRatio ?? 0);
  const base = usePage((state) => state.hello?.mission.base);
  const chosen = useMemo(() => new Set(selected), [selected]);
  const rows = useVirtualizer({
    count: slots.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    getItemKey: (place) => fleet.idAt(slots[place] ?? 0),
  });
  const [only] = selected;
  const place =
    selected.length === 1 && only !== undefined ? slots.indexOf(fleet.slotOf(only)) : -1;
  useEffect(() => {
    if (place >= 0) rows.scrollToIndex(place, { align: "auto" });
    // A new choice is brought into sight; a list that moves by itself is not followed.
  }, [only, selected.length]);
  return (
    <div className="scroller" ref={scroller}>
      <ul
        className="rows"
        aria-multiselectable="true"
        style={{ height: `${rows.getTotalSize()}px` }}
        data-version={version}
      >
        {rows.getVirtualItems().map((item) => {
          const slot = slots[item.index] ?? 0;
          return (
            <li
              key={item.key}
              aria-setsize={slots.length}
              aria-posinset={item.index + 1}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <Row
                slot={slot}
                chosen={chosen.has(fleet.idAt(slot))}
                reserve={reserve}
                base={base}
              />
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Sort(): ReactNode {
  const sort = usePage((state) => state.sort);
  return (
    <button type="button" className="sort" title={TEXT.sort} onClick={cycleSort}>
      {SORT[sort]} <kbd>O</kbd>
    </button>
  );
}

function Filter(): ReactNode {
  const filter = usePage((state) => state.filter);
  return (
    <input
      id="filter"
      type="text"
      value={filter}
      autoComplete="off"
      spellCheck={false}
      placeholder={TEXT.filter}
      aria-label={TEXT.filter}
      onChange={(event) => update({ filter: event.target.value })}
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          update({ filter: "" });
          event.currentTarget.blur();
        }
        if (event.key !== "Enter") return;
        const details = page().details?.rows ?? [];
        const found = listed(fleet, { filter, sort: "number", details });
        select(found.map((slot) => fleet.idAt(slot)));
        update({ filter: "" });
        event.currentTarget.blur();
      }}
    />
  );
}

interface RowProps {
  readonly slot: number;
  readonly chosen: boolean;
  readonly reserve: number;
  readonly base: PlanePoint | undefined;
}

function Row({ slot, chosen, reserve, base }: RowProps): ReactNode {
  const index = fleet.idAt(slot);
  const status = fleet.statusAt(slot);
  const staleS = fleet.staleAt(slot);
  const minutes = fleet.minutesAt(slot);
  const marks = `${chosen ? " chosen" : ""}${staleS > 0 ? " stale" : ""}`;
  const position = { northM: fleet.northAt(slot), eastM: fleet.eastAt(slot) };
  return (
    <button
      type="button"
      className={`row severity-${fleet.severityAt(slot)}${marks}`}
      aria-pressed={chosen}
      data-vehicle={index}
      onClick={(event) => {
        if (event.shiftKey || event.ctrlKey || event.metaKey) toggleSelected(index);
        else select(chosen ? [] : [index]);
      }}
    >
      <b className="number">{index}</b>
      <StatusGlyph status={status} />
      <span className="row-status">
        {statusText({ status, position }, base)}
        {staleS > 0 ? <em className="age">{TEXT.ago(age(staleS))}</em> : null}
        {fleet.leaderAt(slot) && staleS === 0 ? <em title={TEXT.leader}>{TEXT.leader}</em> : null}
      </span>
      <Battery
        ratio={fleet.batteryAt(slot)}
        reserve={reserve}
        old={fleet.positionStaleAt(slot) > 0}
      />
      <span className="row-left">
        {minutes === null || staleS > 0 ? "" : TEXT.minutes(String(minutes))}
      </span>
      <LinkBars sixteenths={fleet.linkAt(slot)} />
    </button>
  );
}

/** Where it stands counts: a pad has a crew, a field has none. */
export function statusText(
  vehicle: Pick<VehicleRow, "status" | "position">,
  base: PlanePoint | undefined,
): string {
  const away = base !== undefined && landedAway(vehicle, base);
  return away ? TEXT.landedAway : STATUS[vehicle.status];
}

interface BatteryProps {
  readonly ratio: number;
  readonly reserve: number;
  /** Not heard for a while: what it was, not what it is. */
  readonly old: boolean;
}

function Battery({ ratio, reserve, old }: BatteryProps): ReactNode {
  const low = ratio < reserve + 0.1;
  return (
    <span
      className={`battery${low ? " low" : ""}${old ? " old" : ""}`}
      title={`${TEXT.battery} ${percent(ratio)}%`}
    >
      <svg viewBox="0 0 34 10" aria-hidden="true">
        <rect className="bar-back" width="34" height="10" rx="2" />
        <rect
          className="bar-fill"
          width={Math.max(0, Math.min(1, ratio)) * 34}
          height="10"
          rx="2"
        />
        <rect className="bar-mark" x={reserve * 34 - 0.5} width="1" height="10" />
      </svg>
      {percent(ratio)}
    </span>
  );
}

/** Four bars: heard lately, and how well. */
function LinkBars({ sixteenths }: { readonly sixteenths: number }): ReactNode {
  const bars = Math.ceil(sixteenths / 4);
  return (
    <svg className="bars" viewBox="0 0 15 11" role="img" aria-label={`${TEXT.link} ${bars}/4`}>
      {[0, 1, 2, 3].map((i) => (
        <rect
          key={i}
          className={i < bars ? "on" : "off"}
          x={i * 4}
          y={8 - i * 2.6}
          width="3"
          height={3 + i * 2.6}
        />
      ))}
    </svg>
  );
}

/** Orders to the selection; held, not clicked. */
export function OrderPad(): ReactNode {
  const selected = usePage((state) => state.selected);
  const count = usePage((state) => state.view?.vehicleCount ?? 0);
  const entry = usePage((state) => state.entry);
  const all = selected.length === 0 || (count > 1 && selected.length === count);
  const to = all ? TEXT.all(count) : readableOf(selected);
  const give = (kind: "start" | "hold" | "return" | "land" | "release") => () => {
    const meant = { kind, targets: targets() };
    return () => order(meant);
  };
  return (
    <section className="panel order-pad" aria-label={TEXT.orders}>
      <p
        className={`order-target${entry === "" ? "" : " typing"}`}
        role="status"
        data-testid="targets"
      >
        {entry === "" ? TEXT.selection(to) : TEXT.selecting(entry)}
      </p>
      <small className="hold-note">{TEXT.holdThese}</small>
      <div className="order-keys">
        <HoldButton
          id="start"
          tone="good"
          label={ORDER["start"] ?? ""}
          keyName="G"
          begin={give("start")}
        />
        <HoldButton id="hold" label={ORDER["hold"] ?? ""} keyName="H" begin={give("hold")} />
        <HoldButton id="return" label={ORDER["return"] ?? ""} keyName="R" begin={give("return")} />
        <HoldButton
          id="land"
          tone="warn"
          label={ORDER["land"] ?? ""}
          keyName="T"
          begin={give("land")}
        />
        <HoldButton
          id="release"
          label={ORDER["release"] ?? ""}
          keyName="Y"
          begin={give("release")}
        />
      </div>
    </section>
  );
}
