/** All vehicles on the left: filter, select, order. */
import type { ReactNode } from "react";
import type { OrderRow, PlanePoint, VehicleRow } from "../../../report/view.ts";
import { order, select, targets, toggleSelected } from "../actions.ts";
import { age, percent } from "../format.ts";
import { StatusGlyph } from "../parts/glyph.tsx";
import { HoldButton } from "../parts/hold-button.tsx";
import { Panel } from "../parts/panel.tsx";
import { entryOf, parseEntry } from "../selection.ts";
import { isStale, landedAway, severityOf, STALE_S } from "../severity.ts";
import { update, useMoment, usePage } from "../store.ts";
import { ORDER, STATUS, TEXT } from "../strings.ts";

export function Vehicles(): ReactNode {
  const vehicles = usePage((state) => state.view?.vehicles);
  const selected = usePage((state) => state.selected);
  const filter = usePage((state) => state.filter);
  const reserve = usePage((state) => state.hello?.mission.reserveRatio ?? 0);
  if (vehicles === undefined) return null;
  const shown = vehicles.filter((vehicle) => matches(vehicle, filter));
  return (
    <Panel
      title={TEXT.vehicles}
      className="vehicles"
      aside={`${shown.length} / ${vehicles.length}`}
    >
      <Filter vehicles={vehicles} />
      {shown.length === 0 ? <p className="empty">{TEXT.noVehicle}</p> : null}
      <ul className="rows" aria-multiselectable="true">
        {shown.map((vehicle) => (
          <Row
            key={vehicle.index}
            vehicle={vehicle}
            chosen={selected.includes(vehicle.index)}
            reserve={reserve}
          />
        ))}
      </ul>
    </Panel>
  );
}

function matches(vehicle: VehicleRow, filter: string): boolean {
  const words = filter.trim().toLowerCase();
  if (words === "") return true;
  if (parseEntry(words, [vehicle.index]) !== undefined) return true;
  return `${vehicle.name} ${STATUS[vehicle.status]} ${vehicle.needs}`.toLowerCase().includes(words);
}

function Filter({ vehicles }: { readonly vehicles: readonly VehicleRow[] }): ReactNode {
  const filter = usePage((state) => state.filter);
  const known = vehicles.map(({ index }) => index);
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
        const words = filter.trim().toLowerCase();
        const named = parseEntry(words, known);
        const found = vehicles.filter((each) => matches(each, filter)).map(({ index }) => index);
        select(named ?? found);
        update({ filter: "" });
        event.currentTarget.blur();
      }}
    />
  );
}

interface RowProps {
  readonly vehicle: VehicleRow;
  readonly chosen: boolean;
  readonly reserve: number;
}

function Row({ vehicle, chosen, reserve }: RowProps): ReactNode {
  const { index, batteryRatio, minutesLeft, leader, toldS, positionAgeS } = vehicle;
  const stale = isStale(vehicle);
  const marks = `${chosen ? " chosen" : ""}${stale ? " stale" : ""}`;
  const base = usePage((state) => state.hello?.mission.base);
  return (
    <li>
      <button
        type="button"
        className={`row severity-${severityOf(vehicle)}${marks}`}
        aria-pressed={chosen}
        data-vehicle={index}
        onClick={(event) => {
          if (event.shiftKey || event.ctrlKey || event.metaKey) toggleSelected(index);
          else select(chosen ? [] : [index]);
        }}
      >
        <b className="number">{index}</b>
        <StatusGlyph status={vehicle.status} />
        <span className="row-status">
          {statusText(vehicle, base)}
          {stale ? <em className="age">{TEXT.ago(age(toldS))}</em> : null}
          {leader && !stale ? <em title={TEXT.leader}>{TEXT.leader}</em> : null}
        </span>
        <Battery ratio={batteryRatio} reserve={reserve} old={positionAgeS > STALE_S} />
        <span className="row-left">
          {minutesLeft === null || stale ? "" : TEXT.minutes(String(Math.floor(minutesLeft)))}
        </span>
        <LinkBars vehicle={vehicle} />
      </button>
    </li>
  );
}

/** Where it stands counts: a pad has a crew, a field has none. */
export function statusText(vehicle: VehicleRow, base: PlanePoint | undefined): string {
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
function LinkBars({ vehicle }: { readonly vehicle: VehicleRow }): ReactNode {
  const bars = vehicle.lastHeardS > 3 ? 0 : Math.max(1, Math.ceil(vehicle.linkQuality * 4));
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
  const count = usePage((state) => state.view?.vehicles.length ?? 0);
  const entry = usePage((state) => state.entry);
  const to = selected.length === 0 ? TEXT.all(count) : entryOf(selected);
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

/** What became of the last orders, vehicle by vehicle. */
export function Orders(): ReactNode {
  const orders = usePage((state) => state.view?.orders) ?? [];
  const all = usePage((state) => state.view?.vehicles.length ?? 0);
  return (
    <Panel title={TEXT.orders} className="orders">
      {orders.length === 0 ? <p className="empty">{TEXT.noOrders}</p> : null}
      <ul>
        {orders.slice(0, 12).map((each) => (
          <OrderItem key={each.id} order={each} fleet={all} />
        ))}
      </ul>
    </Panel>
  );
}

/** What the log agreed on has not thereby been received: only the vehicle's own word counts. */
const RECEIVED: readonly string[] = ["received", "blocked", "acting", "done"];
const ACTING: readonly string[] = ["acting", "done"];
const ANSWERED: readonly string[] = [...RECEIVED, "refused"];

export interface OrderCounts {
  readonly received: number;
  readonly acting: number;
  readonly refused: number;
  /** Have not answered, and have not been heard of late: nobody knows what they do. */
  readonly notHeard: number;
}

export function countsOf(states: OrderRow["states"], silent: readonly number[]): OrderCounts {
  const count = (wanted: readonly string[]): number =>
    states.filter(({ state }) => wanted.includes(state)).length;
  return {
    received: count(RECEIVED),
    acting: count(ACTING),
    refused: count(["refused"]),
    notHeard: states.filter(
      ({ vehicle, state }) => silent.includes(vehicle) && !ANSWERED.includes(state),
    ).length,
  };
}

function OrderItem({
  order: row,
  fleet,
}: {
  readonly order: OrderRow;
  readonly fleet: number;
}): ReactNode {
  const moment = useMoment();
  const all = row.targets.length === fleet ? TEXT.all(fleet) : entryOf(row.targets);
  return (
    <li data-order={row.kind} data-order-id={row.id}>
      <p>
        <b>{ORDER[row.kind] ?? row.kind}</b> <span>{row.about === "" ? all : row.about}</span>
        <time>{moment(row.issuedAtS)}</time>
      </p>
      {row.agreement === "none" ? <Progress states={row.states} /> : <Agreement row={row} />}
    </li>
  );
}

/** Acts when the swarm has agreed, whoever received it: so that alone is told. */
function Agreement({ row }: { readonly row: OrderRow }): ReactNode {
  const { agreement } = row;
  if (agreement === "none") return null;
  const tone = { open: "", agreed: "on", failed: "refused" }[agreement];
  return (
    <p className="order-states">
      <span className="on">{TEXT.sent}</span>
      <span className={tone}>{TEXT.agreement[agreement]}</span>
    </p>
  );
}

function Progress({ states }: Pick<OrderRow, "states">): ReactNode {
  const vehicles = usePage((state) => state.view?.vehicles) ?? [];
  const silent = vehicles.filter(isStale).map(({ index }) => index);
  const { received, acting, refused, notHeard } = countsOf(states, silent);
  const total = states.length;
  const reason = states.find(({ state }) => state === "refused")?.reason ?? "";
  return (
    <>
      <p className="order-states">
        <span className="on">{TEXT.sent}</span>
        <span className={received === total ? "on" : ""}>{TEXT.received(received, total)}</span>
        <span className={acting === total ? "on" : ""}>{TEXT.acting(acting, total)}</span>
        {notHeard === 0 ? null : <span className="late">{TEXT.notHeardCount(notHeard)}</span>}
        {refused === 0 ? null : <span className="refused">{TEXT.refused(refused)}</span>}
      </p>
      {reason === "" ? null : <p className="order-why refused">{reason}</p>}
      {blockedGroups(states).map(([why, stand]) => (
        <p key={why} className="order-why">
          {TEXT.blocked(entryOf(stand), why)}
        </p>
      ))}
    </>
  );
}

/** Vehicles that took the order and stand, by what each waits for. */
function blockedGroups(states: OrderRow["states"]): (readonly [string, number[]])[] {
  const groups = new Map<string, number[]>();
  for (const { vehicle, state, reason } of states) {
    if (state !== "blocked") continue;
    const why = reason.replace(/^landed \d+ m from the base: /u, "");
    groups.set(why, [...(groups.get(why) ?? []), vehicle]);
  }
  return [...groups];
}
