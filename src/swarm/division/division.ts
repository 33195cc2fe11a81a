/**
 * How a swarm is divided: which vehicles make up which cluster, and which segments each searches.
 *
 * The founding division is a pure function of the vehicles and the plan, so that every node has the
 * same one before it has heard anybody. Up to `ONE_CLUSTER_MAX` vehicles are one cluster. Beyond
 * that, clusters of at most `CLUSTER_SIZE`, as equal as may be, of vehicles whose pads stand next
 * to each other. Segments are dealt out by halving: along the longer side of where they lie, so
 * that each half has the probability that its vehicles can answer for. A share is thus compact, and
 * no cluster has the best of the map alone.
 *
 * Bounds: `CLUSTERS_MAX` clusters; one may have no segment when there are fewer than clusters.
 */
import { CLUSTERS_MAX, invariant, type NodeIndex, type SegmentId } from "../../base/mod.ts";
import { CLUSTER_CHANNELS, planChannels, type Centre } from "../../network/mod.ts";
import type { Lane } from "../planner/lanes.ts";
import type { SearchPlan } from "../planner/segments.ts";

/** So many vehicles are one cluster: the log's configuration has room for them and the ground. */
export const ONE_CLUSTER_MAX = 50;
/** Clusters begin with at most so many: there is room to take in some before one must split. */
export const CLUSTER_SIZE = 40;

export interface Cluster {
  /** From 1. */
  readonly cluster: number;
  /** The revision that founded it: its members then are its log's first voters. */
  readonly since: number;
  /** On which its members speak among each other, from 1; 0 where there is but one cluster. */
  readonly channel: number;
  /** Ascending. */
  readonly members: readonly NodeIndex[];
  /** Ascending. */
  readonly segments: readonly SegmentId[];
}

export interface Division {
  /** 0 for the founding one; each that follows has a higher one. */
  readonly revision: number;
  /** Ascending by number. */
  readonly clusters: readonly Cluster[];
}

/** What lies where, and what it is worth: all that dealing out segments needs of them. */
export interface Worth {
  readonly id: SegmentId;
  readonly northM: number;
  readonly eastM: number;
  readonly worth: number;
}

/**
 * The division that a mission begins with; `vehicles` in the order of their pads, and how many
 * channels the mission gives to clusters.
 */
export function foundingDivision(
  vehicles: readonly NodeIndex[],
  plan: SearchPlan,
  channelCount: number = CLUSTER_CHANNELS,
): Division {
  const count = vehicles.length <= ONE_CLUSTER_MAX ? 1 : Math.ceil(vehicles.length / CLUSTER_SIZE);
  invariant(count <= CLUSTERS_MAX, "a swarm has at most 4,094 clusters");
  const parts = Array.from({ length: count }, (_, i) => {
    const from = Math.floor((i * vehicles.length) / count);
    const to = Math.floor(((i + 1) * vehicles.length) / count);
    return { cluster: i + 1, members: sorted(vehicles.slice(from, to)) };
  });
  const weights = parts.map(({ members }) => members.length);
  const worths = worthsOf(plan);
  const shares = dealOut(worths, weights);
  const centres = shares.map((share) => centreOf(worths, share));
  const channels = count === 1 ? [0] : planChannels(centres, channelCount);
  return {
    revision: 0,
    clusters: parts.map((part, i) => ({
      ...part,
      since: 0,
      channel: channels[i]!,
      segments: shares[i]!,
    })),
  };
}

/** The middle of a share; of none, that of everything. Worths stand by segment id. */
function centreOf(worths: readonly Worth[], share: readonly SegmentId[]): Centre {
  const places = share.length > 0 ? share.map((id) => worths[id]!) : worths;
  const count = Math.max(1, places.length);
  return {
    northM: sum(places.map(({ northM }) => northM)) / count,
    eastM: sum(places.map(({ eastM }) => eastM)) / count,
  };
}

/** Each segment's middle, and the probability that lies under its lanes. */
export function worthsOf(plan: SearchPlan): readonly Worth[] {
  const { mass } = plan.prior;
  return plan.segments.map(({ id, northM, eastM, even }) => {
    let worth = 0;
    for (const cell of cellsOf(even.lanes)) worth += mass[cell]!;
    return { id, northM, eastM, worth };
  });
}

const cellsOf = (lanes: readonly Lane[]): ReadonlySet<number> =>
  new Set(lanes.flatMap(({ cells }) => [...cells]));

/**
 * Segments for each of `weights`, by recursive halving. A side that has any weight gets at least
 * one segment while there are enough, so that no cluster is idle beside one that has plenty.
 */
export function dealOut(
  worths: readonly Worth[],
  weights: readonly number[],
): readonly (readonly SegmentId[])[] {
  if (weights.length <= 1) return [sorted(worths.map(({ id }) => id))];
  const middle = Math.ceil(weights.length / 2);
  const [first, second] = [weights.slice(0, middle), weights.slice(middle)];
  const share = sum(first) / Math.max(1, sum(weights));
  const along = alongTheLongerSide(worths);
  const at = cutAt(along, share, { first: first.length, second: second.length });
  return [...dealOut(along.slice(0, at), first), ...dealOut(along.slice(at), second)];
}

function alongTheLongerSide(worths: readonly Worth[]): readonly Worth[] {
  const spread = (of: (one: Worth) => number): number => {
    let [low, high] = [Infinity, -Infinity];
    for (const one of worths) {
      low = Math.min(low, of(one));
      high = Math.max(high, of(one));
    }
    return high - low;
  };
  const northward = spread(({ northM }) => northM) >= spread(({ eastM }) => eastM);
  const place = (one: Worth): number => (northward ? one.northM : one.eastM);
  return worths.toSorted((a, b) => place(a) - place(b) || a.id - b.id);
}

/** How many of the first make up `share` of the worth, with one left for each cluster if it can. */
function cutAt(
  along: readonly Worth[],
  share: number,
  clusters: { readonly first: number; readonly second: number },
): number {
  const total = sum(along.map(({ worth }) => worth));
  let [at, gathered] = [0, 0];
  while (at < along.length && gathered + along[at]!.worth / 2 < share * total) {
    gathered += along[at]!.worth;
    at += 1;
  }
  const most = Math.max(0, along.length - clusters.second);
  return Math.min(most, Math.max(Math.min(clusters.first, along.length), at));
}

const sum = (values: readonly number[]): number => values.reduce((total, one) => total + one, 0);

const sorted = <T extends number>(values: readonly T[]): readonly T[] =>
  values.toSorted((a, b) => a - b);
