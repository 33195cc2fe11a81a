/**
 * The cluster manager: from how a swarm is divided and where its vehicles are to how it should be.
 *
 * A pure function, run on the ground every few seconds until clusters can agree among themselves.
 * One look does at most one thing, so that each division changes few logs:
 *
 * | what | when |
 * | --- | --- |
 * | lost | nobody of a cluster lives: what it had to search goes to the nearest share |
 * | split | a cluster has more than `MEMBERS_MAX` members: at its median along its longer side |
 * | merge | a cluster has fewer than `MEMBERS_MIN` and a nearest one has room for all of them |
 * | refill | it has too few and no one has room for all: the nearest gives its nearest members |
 * | share | a member of one has a fifth of what one of another has left to find: dealt anew |
 * | move | a vehicle is nearer to another cluster's middle, and hears it better, by `MOVE_RATIO` |
 *
 * Hysteresis: a wish to move counts only after it has stood for `LOOKS` looks in a row, and the
 * distance must be smaller by a quarter, so that noise in positions never changes a division. What
 * is wrong with sizes is mended at once. A cluster is never brought below `MEMBERS_MIN` or above
 * `MEMBERS_MAX` by a move. Segments stay with their cluster; on a split they are dealt out, and of
 * a cluster that is no more they go to whoever takes its members.
 *
 * Bounds: one change a look; O(vehicles x clusters) a look.
 */
import type { NodeIndex, SegmentId } from "../../base/mod.ts";
import { CLUSTER_CHANNELS } from "../../network/mod.ts";
import { dealOut, type Cluster, type Division, type Worth } from "./division.ts";

export const MEMBERS_MIN = 20;
export const MEMBERS_MAX = 50;
/** The other middle is at most so much of the way to the own one. */
export const MOVE_RATIO = 0.75;
/** Looks in a row on which a vehicle must want the same move. */
export const LOOKS = 5;
/** What is left for a member of one cluster, of what is left for one of another. */
export const SHARE_RATIO = 0.2;

export interface ManagedVehicle {
  readonly index: NodeIndex;
  readonly northM: number;
  readonly eastM: number;
  /** Share of the frames of its own cluster's head that it hears, and of another's: [0, 1]. */
  readonly quality?: (cluster: number) => number;
}

/** What the manager remembers between looks: who wants where, and for how long. */
export type Wishes = ReadonlyMap<NodeIndex, { readonly to: number; readonly looks: number }>;

export interface Look {
  /** The clusters that are to be otherwise, ascending; empty when all may stay. */
  readonly changed: readonly Cluster[];
  readonly reason: "none" | "lost" | "split" | "merge" | "refill" | "share" | "move";
  readonly wishes: Wishes;
}

interface Middle {
  readonly northM: number;
  readonly eastM: number;
}

interface Scene {
  readonly clusters: readonly Cluster[];
  readonly places: ReadonlyMap<NodeIndex, ManagedVehicle>;
  readonly middles: ReadonlyMap<number, Middle>;
  readonly worths: ReadonlyMap<SegmentId, Worth>;
}

/**
 * `what`: with "segments" nobody changes cluster, only shares do.
 *
 * `vehicles`: those that live, with where they are; `worths`: what is left of each segment.
 */
export function look(
  division: Division,
  vehicles: readonly ManagedVehicle[],
  worths: readonly Worth[],
  wishes: Wishes,
  what: "all" | "segments" = "all",
): Look {
  const places = new Map(vehicles.map((vehicle) => [vehicle.index, vehicle]));
  const clusters = division.clusters
    .map((one) => ({ ...one, members: one.members.filter((member) => places.has(member)) }))
    .filter(({ members }) => members.length > 0);
  const scene: Scene = {
    clusters,
    places,
    middles: new Map(clusters.map((one) => [one.cluster, middleOf(one.members, places)])),
    worths: new Map(worths.map((worth) => [worth.id, worth])),
  };
  const unchanged = { reason: "none", changed: [], wishes } as const;
  if (division.clusters.length < 2 && (clusters[0]?.members.length ?? 0) <= MEMBERS_MAX)
    return unchanged;
  if (what === "segments") return inherit(scene, division) ?? share(scene) ?? unchanged;
  const large = clusters.find(({ members }) => members.length > MEMBERS_MAX);
  if (large !== undefined) {
    const numbers = division.clusters.map(({ cluster }) => cluster);
    const free = Math.max(...numbers) + 1;
    return {
      reason: "split",
      changed: split(scene, large, { free, revision: division.revision + 1 }),
      wishes: new Map(),
    };
  }
  return inherit(scene, division) ?? mendSmall(scene) ?? share(scene) ?? move(scene, wishes);
}

/** What nobody is left to search, to the share that lies nearest to it. */
function inherit(scene: Scene, division: Division): Look | undefined {
  const isLost = ({ cluster, segments }: Cluster): boolean =>
    segments.length > 0 && !scene.clusters.some((one) => one.cluster === cluster);
  const lost = division.clusters.find(isLost);
  if (lost === undefined) return undefined;
  const middle = centreOf(scene, lost);
  const away = (one: Cluster): number => squareM2(centreOf(scene, one), middle);
  const [heir] = scene.clusters.toSorted((a, b) => away(a) - away(b) || a.cluster - b.cluster);
  if (heir === undefined) return undefined;
  const segments = ascending([...heir.segments, ...lost.segments]);
  const changed = byNumber([
    { ...heir, segments },
    { ...lost, members: [], segments: [] },
  ]);
  return { reason: "lost", changed, wishes: new Map() };
}

/** The middle of a cluster's share; where it has none, of its members. */
function centreOf({ worths, middles }: Scene, { cluster, segments }: Cluster): Middle {
  const places = segments.flatMap((id) => worths.get(id) ?? []);
  if (places.length === 0) return middles.get(cluster) ?? { northM: 0, eastM: 0 };
  let [northM, eastM] = [0, 0];
  for (const place of places) {
    northM += place.northM / places.length;
    eastM += place.eastM / places.length;
  }
  return { northM, eastM };
}

/** Who has searched through its share takes over part of that of whoever has most left. */
function share(scene: Scene): Look | undefined {
  const left = ({ segments, members }: Cluster): number =>
    segments.reduce((total, id) => total + (scene.worths.get(id)?.worth ?? 0), 0) / members.length;
  const [poor, ...others] = scene.clusters.toSorted((a, b) => left(a) - left(b));
  const rich = others.at(-1);
  if (poor === undefined || rich === undefined || rich.segments.length < 2) return undefined;
  if (left(poor) >= SHARE_RATIO * left(rich)) return undefined;
  const ids = [...poor.segments, ...rich.segments];
  const worths = ids.flatMap((id) => scene.worths.get(id) ?? []);
  const [first, second] = dealOut(worths, [poor.members.length, rich.members.length]);
  const changed = byNumber([
    { ...poor, segments: first! },
    { ...rich, segments: second! },
  ]);
  return { reason: "share", changed, wishes: new Map() };
}

/** In two at the median along its longer side, the farther half under a new number. */
function split(
  scene: Scene,
  cluster: Cluster,
  { free, revision }: { readonly free: number; readonly revision: number },
): readonly Cluster[] {
  const here = cluster.members.map((member) => scene.places.get(member)!);
  const northward = spreadOf(here, ({ northM }) => northM) >= spreadOf(here, ({ eastM }) => eastM);
  const key = ({ northM, eastM }: ManagedVehicle): number => (northward ? northM : eastM);
  const along = here.toSorted((a, b) => key(a) - key(b) || a.index - b.index);
  const half = Math.ceil(along.length / 2);
  const [stay, go] = [along.slice(0, half), along.slice(half)].map((part) =>
    ascending(part.map(({ index }) => index)),
  );
  const worths = cluster.segments.flatMap((id) => scene.worths.get(id) ?? []);
  const [first, second] = dealOut(worths, [stay!.length, go!.length]);
  const channel = channelFor(scene, middleOf(go!, scene.places));
  return [
    { ...cluster, members: stay!, segments: first! },
    { cluster: free, since: revision, channel, members: go!, segments: second! },
  ].sort((a, b) => a.cluster - b.cluster);
}

/** The channel whose nearest user is farthest from a new cluster's middle. */
function channelFor({ clusters, middles }: Scene, middle: Middle): number {
  let best = 1;
  let farthest = -1;
  for (let channel = 1; channel <= CLUSTER_CHANNELS; channel += 1) {
    const users = clusters.filter((one) => one.channel === channel);
    const nearest = Math.min(
      ...users.map(({ cluster }) => squareM2(middles.get(cluster)!, middle)),
    );
    if (nearest > farthest) [best, farthest] = [channel, nearest];
  }
  return best;
}

function mendSmall(scene: Scene): Look | undefined {
  const small = scene.clusters.find(({ members }) => members.length < MEMBERS_MIN);
  if (small === undefined) return undefined;
  const others = nearestTo(scene, small);
  const host = others.find((one) => one.members.length + small.members.length <= MEMBERS_MAX);
  const wishes: Wishes = new Map();
  if (host !== undefined) {
    const members = ascending([...host.members, ...small.members]);
    const segments = ascending([...host.segments, ...small.segments]);
    const merged = { ...host, members, segments };
    const changed = byNumber([merged, { ...small, members: [], segments: [] }]);
    return { reason: "merge", changed, wishes };
  }
  const lacking = MEMBERS_MIN - small.members.length;
  const giver = others.find((one) => one.members.length - lacking >= MEMBERS_MIN);
  if (giver === undefined) return undefined;
  const middle = scene.middles.get(small.cluster)!;
  const toThere = (member: NodeIndex): number => squareM2(scene.places.get(member)!, middle);
  const given = giver.members
    .toSorted((a, b) => toThere(a) - toThere(b) || a - b)
    .slice(0, lacking);
  const left = { ...giver, members: giver.members.filter((member) => !given.includes(member)) };
  const filled = { ...small, members: ascending([...small.members, ...given]) };
  return { reason: "refill", changed: byNumber([left, filled]), wishes };
}

function nearestTo({ clusters, middles }: Scene, to: Cluster): readonly Cluster[] {
  const middle = middles.get(to.cluster)!;
  const away = ({ cluster }: Cluster): number => squareM2(middles.get(cluster)!, middle);
  return clusters
    .filter((one) => one !== to)
    .toSorted((a, b) => away(a) - away(b) || a.cluster - b.cluster);
}

/** Counts how long each vehicle has wanted where; the one with most to gain moves. */
function move(scene: Scene, before: Wishes): Look {
  const wishes = new Map<NodeIndex, { readonly to: number; readonly looks: number }>();
  let chosen:
    { readonly index: NodeIndex; readonly from: Cluster; readonly to: Cluster } | undefined;
  let bestRatio = Infinity;
  for (const from of scene.clusters) {
    for (const index of from.members) {
      const wish = wishOf(scene, from, index);
      if (wish === undefined) continue;
      const last = before.get(index);
      const looks = last?.to === wish.to.cluster ? last.looks + 1 : 1;
      wishes.set(index, { to: wish.to.cluster, looks });
      const hasRoom = wish.to.members.length < MEMBERS_MAX && from.members.length > MEMBERS_MIN;
      if (looks < LOOKS || !hasRoom || wish.ratio >= bestRatio) continue;
      bestRatio = wish.ratio;
      chosen = { index, from, to: wish.to };
    }
  }
  if (chosen === undefined) return { reason: "none", changed: [], wishes };
  const { index, from, to } = chosen;
  wishes.delete(index);
  const left = { ...from, members: from.members.filter((member) => member !== index) };
  const joined = { ...to, members: ascending([...to.members, index]) };
  return { reason: "move", changed: byNumber([left, joined]), wishes };
}

function wishOf(
  { clusters, places, middles }: Scene,
  from: Cluster,
  index: NodeIndex,
): { readonly to: Cluster; readonly ratio: number } | undefined {
  const at = places.get(index)!;
  const own = Math.sqrt(squareM2(middles.get(from.cluster)!, at));
  let best: { readonly to: Cluster; readonly ratio: number } | undefined;
  for (const to of clusters) {
    if (to === from) continue;
    const ratio = Math.sqrt(squareM2(middles.get(to.cluster)!, at)) / own;
    if (!(ratio < MOVE_RATIO) || ratio >= (best?.ratio ?? Infinity)) continue;
    const hearsWorse =
      at.quality !== undefined && at.quality(to.cluster) < at.quality(from.cluster);
    if (!hearsWorse) best = { to, ratio };
  }
  return best;
}

function middleOf(
  members: readonly NodeIndex[],
  places: ReadonlyMap<NodeIndex, ManagedVehicle>,
): Middle {
  let [northM, eastM] = [0, 0];
  for (const member of members) {
    northM += places.get(member)!.northM / members.length;
    eastM += places.get(member)!.eastM / members.length;
  }
  return { northM, eastM };
}

function spreadOf<T>(values: readonly T[], of: (value: T) => number): number {
  const numbers = values.map(of);
  return Math.max(...numbers) - Math.min(...numbers);
}

function squareM2(a: Middle, b: Middle): number {
  const [dn, de] = [a.northM - b.northM, a.eastM - b.eastM];
  return dn * dn + de * de;
}

const ascending = <T extends number>(values: readonly T[]): readonly T[] =>
  values.toSorted((a, b) => a - b);

const byNumber = (clusters: readonly Cluster[]): readonly Cluster[] =>
  clusters.toSorted((a, b) => a.cluster - b.cluster);
