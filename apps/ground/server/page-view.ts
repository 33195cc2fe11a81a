/**
 * From what a session knows to what one page is told: the view without a row a vehicle, how each
 * fares as a binary frame, whole rows only of those looked at closely. At 10,000 vehicles the rows
 * alone would be 7 MB of JSON a view.
 *
 * Bounds: `DETAILS_MAX` selected and `NEEDING_MAX` needing vehicles in full, `SESSIONS_SHOWN`
 * sessions; their whole numbers are told beside them.
 */
import type {
  ClusterRow,
  GroundDetails,
  GroundView,
  LinkRow,
  OrderGroup,
  OrderRow,
  PageCluster,
  PageOrderRow,
  PageView,
  VehicleRow,
} from "../report/view.ts";
import { rangesOf } from "./ranges.ts";
import { severityOf, type Severity } from "./severity.ts";
import { encodeHealth, type HealthRow } from "./stream.ts";

export const DETAILS_MAX = 32;
export const NEEDING_MAX = 64;
const SESSIONS_SHOWN = 128;
const LINKS_SHOWN = 512;

/** Told otherwise; JSON leaves out what is undefined. */
const LEFT_OUT = { vehicles: undefined, meshLinks: undefined } as const;

export function pageViewOf(view: GroundView): PageView {
  const { vehicles, orders, security } = view;
  return {
    ...view,
    ...LEFT_OUT,
    vehicleCount: vehicles.length,
    orders: orders.map(pageOrderOf),
    clusters: clustersOf(view).map(pageClusterOf),
    security: {
      ...security,
      sessions: security.sessions.slice(0, SESSIONS_SHOWN),
      sessionCount: security.sessions.length,
    },
    links: view.links.slice(0, LINKS_SHOWN),
  };
}

/** The station's own cluster is all there is while nobody tells of others. */
function clustersOf({ cluster, clusters, vehicles }: GroundView): readonly ClusterRow[] {
  if (clusters !== undefined) return clusters;
  const known = new Set(vehicles.map(({ index }) => index));
  const members = cluster.members.filter(({ index }) => known.has(index));
  return [
    {
      id: 0,
      head: cluster.leader,
      term: cluster.term,
      members: members.map(({ index }) => index),
      reachable: members.filter(({ reachable }) => reachable).length,
      quorum: cluster.quorum,
    },
  ];
}

const pageClusterOf = (cluster: ClusterRow): PageCluster => ({
  ...cluster,
  members: rangesOf(cluster.members),
  memberCount: cluster.members.length,
});

function pageOrderOf({ targets, states, ...rest }: OrderRow): PageOrderRow {
  return {
    ...rest,
    targets: rangesOf(targets),
    targetCount: new Set(targets).size,
    groups: groupsOf(states),
  };
}

/** In the order in which each group's first vehicle stands. */
export function groupsOf(states: OrderRow["states"]): OrderGroup[] {
  const groups = new Map<string, Pick<OrderGroup, "state" | "reason"> & { members: number[] }>();
  for (const { vehicle, state, reason } of states) {
    const key = `${state} ${reason}`;
    const group = groups.get(key) ?? { state, reason, members: [] };
    group.members.push(vehicle);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ state, reason, members }) => ({
    state,
    reason,
    count: members.length,
    vehicles: rangesOf(members),
  }));
}

/** How every vehicle fares, once for all pages. */
export function healthFrameOf(view: GroundView): Uint8Array {
  const clusterOf = new Map<number, number>();
  for (const { id, members } of clustersOf(view)) {
    for (const member of members) clusterOf.set(member, id);
  }
  const rows = view.vehicles.map((vehicle): HealthRow => ({
    index: vehicle.index,
    batteryRatio: vehicle.batteryRatio,
    linkQuality: vehicle.linkQuality,
    lastHeardS: vehicle.lastHeardS,
    hops: vehicle.hops,
    minutesLeft: vehicle.minutesLeft,
    toldS: vehicle.toldS,
    positionAgeS: vehicle.positionAgeS,
    released: vehicle.released,
    severity: severityOf(vehicle),
    cluster: clusterOf.get(vehicle.index) ?? null,
  }));
  return encodeHealth({ sequence: 0, missionTimeS: view.missionTimeS, rows });
}

export interface Needing {
  /** Most urgent first. */
  readonly rows: readonly VehicleRow[];
  readonly count: number;
}

const RANK: Readonly<Record<Severity, number>> = { alarm: 0, warning: 1, well: 2 };

/** Who needs a hand, the same for all pages. */
export function needingOf({ vehicles }: GroundView): Needing {
  const needing = vehicles
    .map((row) => ({ row, rank: RANK[severityOf(row)] }))
    .filter(({ rank }) => rank < RANK.well)
    .sort(
      (a, b) =>
        a.rank - b.rank ||
        (a.row.minutesLeft ?? 0) - (b.row.minutesLeft ?? 0) ||
        a.row.index - b.row.index,
    );
  return { rows: needing.slice(0, NEEDING_MAX).map(({ row }) => row), count: needing.length };
}

/** Rows and links of what one page looks at closely. */
export function detailsOf(
  view: GroundView,
  needing: Needing,
  watched: { readonly selected: ReadonlySet<number>; readonly near: ReadonlySet<number> },
): GroundDetails {
  const { selected, near } = watched;
  const chosen = view.vehicles.filter(({ index }) => selected.has(index)).slice(0, DETAILS_MAX);
  const rows = [...new Set([...chosen, ...needing.rows])];
  const links = (view.meshLinks ?? []).filter((link) => near.has(link.a) || selected.has(link.a));
  return { kind: "details", rows, needing: needing.count, links: someLinks(links) };
}

const someLinks = (links: readonly LinkRow[]): readonly LinkRow[] => links.slice(0, LINKS_SHOWN);
