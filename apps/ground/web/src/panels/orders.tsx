/** What became of the last orders: how many have received each, who acts, who waits for what. */
import type { ReactNode } from "react";
import type { OrderGroup, PageOrderRow } from "../../../report/view.ts";
import { fleet } from "../frames.ts";
import { Panel } from "../parts/panel.tsx";
import { indicesOf, readableOf } from "../selection.ts";
import { useMoment, usePage } from "../store.ts";
import { ORDER, TEXT } from "../strings.ts";

export function Orders(): ReactNode {
  const orders = usePage((state) => state.view?.orders) ?? [];
  const all = usePage((state) => state.view?.vehicleCount ?? 0);
  return (
    <Panel title={TEXT.orders} className="orders">
      {orders.length === 0 ? <p className="empty">{TEXT.noOrders}</p> : null}
      <ul>
        {orders.slice(0, 12).map((each) => (
          <OrderItem key={each.id} order={each} size={all} />
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

export function countsOf(
  groups: readonly OrderGroup[],
  isStale: (index: number) => boolean,
): OrderCounts {
  const among = (wanted: readonly string[]): readonly OrderGroup[] =>
    groups.filter(({ state }) => wanted.includes(state));
  const total = (some: readonly OrderGroup[]): number =>
    some.reduce((sum, { count }) => sum + count, 0);
  const unanswered = groups.filter(({ state }) => !ANSWERED.includes(state));
  return {
    received: total(among(RECEIVED)),
    acting: total(among(ACTING)),
    refused: total(among(["refused"])),
    notHeard: unanswered.flatMap(({ vehicles }) => indicesOf(vehicles)).filter(isStale).length,
  };
}

function OrderItem({
  order: row,
  size,
}: {
  readonly order: PageOrderRow;
  readonly size: number;
}): ReactNode {
  const moment = useMoment();
  const named = readableOf(indicesOf(row.targets));
  const all = row.targetCount === size ? TEXT.all(size) : named;
  return (
    <li data-order={row.kind} data-order-id={row.id}>
      <p>
        <b>{ORDER[row.kind] ?? row.kind}</b> <span>{row.about === "" ? all : row.about}</span>
        <time>{moment(row.issuedAtS)}</time>
      </p>
      {row.agreement === "none" ? <Progress row={row} /> : <Agreement row={row} />}
    </li>
  );
}

/** Acts when the swarm has agreed, whoever received it: so that alone is told. */
function Agreement({ row }: { readonly row: PageOrderRow }): ReactNode {
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

function Progress({ row }: { readonly row: PageOrderRow }): ReactNode {
  // Who has grown silent changes with the fleet, not with the order.
  usePage((state) => state.fleetVersion);
  const { groups, targetCount } = row;
  const isStale = (index: number): boolean => fleet.staleAt(fleet.slotOf(index)) > 0;
  const { received, acting, refused, notHeard } = countsOf(groups, isStale);
  const reason = groups.find(({ state }) => state === "refused")?.reason ?? "";
  return (
    <>
      <p className="order-states">
        <span className="on">{TEXT.sent}</span>
        <span className={received === targetCount ? "on" : ""}>
          {TEXT.received(received, targetCount)}
        </span>
        <span className={acting === targetCount ? "on" : ""}>
          {TEXT.acting(acting, targetCount)}
        </span>
        {notHeard === 0 ? null : <span className="late">{TEXT.notHeardCount(notHeard)}</span>}
        {refused === 0 ? null : <span className="refused">{TEXT.refused(refused)}</span>}
      </p>
      {reason === "" ? null : <p className="order-why refused">{reason}</p>}
      {blockedGroups(groups).map(([why, stand]) => (
        <p key={why} className="order-why">
          {TEXT.blocked(readableOf(stand), why)}
        </p>
      ))}
    </>
  );
}

/** Vehicles that took the order and stand, by what each waits for. */
function blockedGroups(groups: readonly OrderGroup[]): (readonly [string, number[]])[] {
  const found = new Map<string, number[]>();
  for (const { state, reason, vehicles } of groups) {
    if (state !== "blocked") continue;
    const why = reason.replace(/^landed \d+ m from the base: /u, "");
    found.set(why, [...(found.get(why) ?? []), ...indicesOf(vehicles)]);
  }
  return [...found];
}
