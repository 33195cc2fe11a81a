/**
 * Where the others are: one track a peer, carried forward between its claims.
 *
 * A fresh claim is extrapolated with its velocity; an older one along the announced plan while
 * that lasts. What is not known grows: the radius around a track widens with its age at
 * `GROWTH_MPS`, up to `WIDEN_MAX_M`, and a track is dropped after `FORGET_MS`. Claims without
 * verification are kept apart, are fewer (`UNTRUSTED_MAX`) and have a smaller bound: anyone can
 * make us give way a little, nobody can make us go somewhere.
 *
 * Of more peers than the table holds the nearest ones stay: in a large swarm everybody is heard,
 * and it is the near ones that one must not meet. Who stands on the ground makes room first.
 */
import type { NodeIndex } from "../../base/mod.ts";
import type { LocalPosition, LocalVelocity } from "../../hal/mod.ts";
import type { PeerState, PlanPoint, Trust } from "../types.ts";

export const TRACKS_MAX = 128;
export const UNTRUSTED_MAX = 8;
/** A beacon lost now and then is usual; a track this old says nothing any more. */
export const FORGET_MS = 60_000;
const FRESH_MS = 1500;
/** Most that a peer flown to plan strays a second from what it announced. */
const GROWTH_MPS = 1;
export const WIDEN_MAX_M = 40;
const WIDEN_UNTRUSTED_MAX_M = 10;

export interface Track {
  readonly index: NodeIndex;
  readonly position: LocalPosition;
  readonly velocity: LocalVelocity;
  readonly plan: readonly PlanPoint[];
  readonly trust: Trust;
  readonly inAir: boolean;
  readonly errorM: number;
  /** On this node's clock. */
  readonly claimedAtMs: number;
}

/** A track at one moment. */
export interface Seen {
  readonly index: NodeIndex;
  readonly position: LocalPosition;
  readonly velocity: LocalVelocity;
  readonly plan: readonly PlanPoint[];
  readonly widenM: number;
  readonly trust: Trust;
  readonly ageMs: number;
}

const isTrusted = (trust: Trust): boolean => trust === "verified" || trust === "stale";

/**
 * The table with one more claim; one row a peer, in the order of their indexes. Where only a row is
 * renewed, as for nearly every beacon, it is replaced in place; oldest and least trusted make room.
 */
export function noteClaim(
  tracks: Track[],
  peer: PeerState,
  nowMs: number,
  own?: LocalPosition,
): Track[] {
  const claim: Track = {
    index: peer.index,
    position: peer.position,
    velocity: peer.velocity,
    plan: peer.plan.length <= PLAN_KEPT ? peer.plan : peer.plan.slice(0, PLAN_KEPT),
    trust: peer.trust,
    inAir: peer.inAir,
    errorM: peer.positionErrorM,
    claimedAtMs: nowMs - peer.ageMs,
  };
  if (!isSane(claim)) return tracks;
  const row = rowOf(tracks, peer.index);
  const known = tracks[row];
  if (known?.index !== peer.index) {
    const full = tracks.length >= TRACKS_MAX && isTrusted(claim.trust);
    return full ? inPlace(tracks, claim, { nowMs, own }) : withRow(tracks, claim, nowMs);
  }
  // A weaker claim does not displace a fresh stronger one of the same name.
  const weaker = rank(known.trust) < rank(claim.trust);
  if (weaker && nowMs - known.claimedAtMs < FRESH_MS) return tracks;
  if (known.claimedAtMs > claim.claimedAtMs) return tracks;
  tracks[row] = claim;
  return tracks;
}

const PLAN_KEPT = 8;

/** The first row whose index is not below. */
function rowOf(tracks: readonly Track[], index: NodeIndex): number {
  let low = 0;
  let high = tracks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (tracks[middle]!.index < index) low = middle + 1;
    else high = middle;
  }
  return low;
}

function withRow(tracks: readonly Track[], claim: Track, nowMs: number): Track[] {
  const kept = tracks.filter((track) => nowMs - track.claimedAtMs < FORGET_MS);
  kept.splice(rowOf(kept, claim.index), 0, claim);
  return dropBeyond(kept);
}

/** In the place of whoever matters least, when that is not the newcomer. */
function inPlace(
  tracks: Track[],
  claim: Track,
  at: { readonly nowMs: number; readonly own: LocalPosition | undefined },
): Track[] {
  let least = -1;
  let leastWorth = worthOf(claim, at);
  for (let row = 0; row < tracks.length; row += 1) {
    const worth = worthOf(tracks[row]!, at);
    if (worth >= leastWorth) continue;
    least = row;
    leastWorth = worth;
  }
  if (least < 0) return tracks;
  const kept = tracks.toSpliced(least, 1);
  kept.splice(rowOf(kept, claim.index), 0, claim);
  return kept;
}

/** Nearer is more, in the air more than any on the ground; without a place of our own, younger. */
function worthOf(
  track: Track,
  { nowMs, own }: { readonly nowMs: number; readonly own: LocalPosition | undefined },
): number {
  const ageMs = nowMs - track.claimedAtMs;
  if (ageMs >= FORGET_MS) return -Infinity;
  if (own === undefined) return -ageMs;
  const dn = track.position.northM - own.northM;
  const de = track.position.eastM - own.eastM;
  return (track.inAir ? 0 : -1e12) - (dn * dn + de * de);
}

const rank = (trust: Trust): number =>
  trust === "verified" ? 0 : trust === "stale" ? 1 : trust === "unverified" ? 2 : 3;

function isSane({ position, velocity, errorM, claimedAtMs }: Track): boolean {
  // Any part that is no finite number makes the sum none.
  return Number.isFinite(
    position.northM * 0 +
      position.eastM * 0 +
      position.altitudeAmslM * 0 +
      velocity.northMps * 0 +
      velocity.eastMps * 0 +
      velocity.downMps * 0 +
      errorM * 0 +
      claimedAtMs * 0,
  );
}

function dropBeyond(tracks: Track[]): Track[] {
  const untrusted = tracks.filter((track) => !isTrusted(track.trust));
  const surplus = new Set<Track>();
  if (untrusted.length > UNTRUSTED_MAX) {
    const oldest = untrusted.toSorted((x, y) => x.claimedAtMs - y.claimedAtMs || x.index - y.index);
    for (const track of oldest.slice(0, untrusted.length - UNTRUSTED_MAX)) surplus.add(track);
  }
  const left = tracks.filter((track) => !surplus.has(track));
  if (left.length <= TRACKS_MAX) return left;
  const byAge = left.toSorted((x, y) => x.claimedAtMs - y.claimedAtMs || x.index - y.index);
  const drop = new Set(byAge.slice(0, left.length - TRACKS_MAX));
  return left.filter((track) => !drop.has(track));
}

/** The airborne tracks as they should be now. */
export function seenAt(tracks: readonly Track[], nowMs: number): Seen[] {
  const seen: Seen[] = [];
  for (const track of tracks) {
    const ageMs = Math.max(0, nowMs - track.claimedAtMs);
    if (!track.inAir || ageMs >= FORGET_MS) continue;
    const most = isTrusted(track.trust) ? WIDEN_MAX_M : WIDEN_UNTRUSTED_MAX_M;
    const staleS = Math.max(0, ageMs - FRESH_MS) / 1000;
    seen.push({
      index: track.index,
      position: carried(track, ageMs / 1000),
      velocity: track.velocity,
      plan: track.plan,
      widenM: Math.min(most, 2 * track.errorM + staleS * GROWTH_MPS),
      trust: track.trust,
      ageMs,
    });
  }
  return seen;
}

function carried(track: Track, ageS: number): LocalPosition {
  const { position, velocity, plan } = track;
  if (ageS * 1000 <= FRESH_MS || plan.length === 0) {
    const s = Math.min(ageS, FRESH_MS / 1000);
    return {
      northM: position.northM + velocity.northMps * s,
      eastM: position.eastM + velocity.eastMps * s,
      altitudeAmslM: position.altitudeAmslM - velocity.downMps * s,
    };
  }
  let from: PlanPoint = { position, afterS: 0 };
  for (const to of plan) {
    if (to.afterS >= ageS) return between(from, to, ageS);
    from = to;
  }
  return from.position;
}

function between(from: PlanPoint, to: PlanPoint, atS: number): LocalPosition {
  const span = to.afterS - from.afterS;
  const t = span > 0 ? Math.min(1, Math.max(0, (atS - from.afterS) / span)) : 1;
  const a = from.position;
  const b = to.position;
  return {
    northM: a.northM + (b.northM - a.northM) * t,
    eastM: a.eastM + (b.eastM - a.eastM) * t,
    altitudeAmslM: a.altitudeAmslM + (b.altitudeAmslM - a.altitudeAmslM) * t,
  };
}
