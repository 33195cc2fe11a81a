/**
 * The verdict on each watched peer: alive, suspect, out of range, dead.
 *
 * A peer that any fresh sign tells of, direct or through others, is alive. Silence beyond phi 5
 * makes it suspect and asks the others. Then: a link that was predicted to end explains the silence
 * (out of range, not dead); a node that hears fewer peers than it misses is more likely cut off
 * itself, or on one side of a partition, than witness of many deaths (out of range again); else phi
 * 10, two seconds of suspicion and no contrary answer make it dead.
 *
 * A sign of life takes a suspicion back at once. Who was out of range or dead is back when heard
 * steadily: by signs at least a second apart with no silence between them. At the edge of a link
 * this alone would still tell of every gap; so each return within three minutes of the last doubles
 * both this time and the silence that a suspicion takes, up to four times, and the silence of a
 * link that has returned twice so is explained by the link: out of range, not dead.
 *
 * A late step of our own is no silence of theirs (local health: Lifeguard, Dadgar et al., 2018):
 * after one, suspicion pauses for two seconds.
 *
 * Bounds: 128 watched peers, or as many as a station is told; a verdict takes at most 10 s at
 * beacon intervals up to 2 s, after returns as well.
 */
import type { ByteReader, ByteWriter, MonotonicMs, NodeIndex } from "../base/mod.ts";
import type { PresenceTable } from "../network/mod.ts";
import { phiOf } from "./accrual.ts";
import type { Evidence, PeerVerdict } from "./types.ts";

export const WATCHED_MAX = 128;

export interface Watched {
  readonly peer: NodeIndex;
  member: boolean;
  ground: boolean;
  verdict: PeerVerdict;
  sinceMs: MonotonicMs;
  phi: number;
  /** Youngest sign of any kind as of the last tick. */
  signMs: number;
  /** When it was last heard here in person, as of the last tick. */
  heardMs: number;
  /** Youngest sign that a message told of. */
  toldMs: number;
  /** When the others were last asked; -Infinity when not since the last sign of life. */
  askedMs: number;
  /** Own prediction, as of the last tick: the link was to end about now. */
  leaving: boolean;
  /**
   * When the last of those who expected it to leave heard it; they know better than who heard less.
   */
  leaverHeardMs: number;
  /** First of the signs that may end an absence; Infinity while there is none. */
  returnMs: number;
  /** Returns of late, each within `FLAP_MS` of the one before. */
  flaps: number;
  /** When it was back last. */
  backMs: number;
  /** Peers that answered and have not heard it either. */
  readonly silentWitnesses: NodeIndex[];
  /** Where in the network's columns it was found last; only a place to look first. */
  row: number;
}

/** Signs of one peer as the network's columns have them. */
export interface Signs {
  readonly heardMs: number;
  readonly indirectMs: number;
  readonly intervalMs: number;
  readonly gapMean: number;
  readonly gapVariance: number;
  readonly lifetimeS: number;
}

export function watch(peer: NodeIndex, now: MonotonicMs): Watched {
  return {
    peer,
    member: false,
    ground: false,
    verdict: "unknown",
    sinceMs: now,
    phi: 0,
    signMs: -Infinity,
    heardMs: -Infinity,
    toldMs: -Infinity,
    askedMs: -Infinity,
    leaving: false,
    leaverHeardMs: -Infinity,
    returnMs: Infinity,
    flaps: 0,
    backMs: -Infinity,
    silentWitnesses: [],
    row: 0,
  };
}

const NO_SIGNS: Signs = {
  heardMs: -Infinity,
  indirectMs: -Infinity,
  intervalMs: 1000,
  gapMean: 1,
  gapVariance: 0,
  lifetimeS: Infinity,
};

export function signsOf(table: PresenceTable, it: Watched): Signs {
  if (it.row >= table.rows || table.peers[it.row] !== it.peer) it.row = rowIn(table, it.peer);
  const { row } = it;
  if (row === table.rows) return NO_SIGNS;
  return {
    heardMs: table.heardMs[row]!,
    indirectMs: table.indirectMs[row]!,
    intervalMs: table.intervalMs[row]!,
    gapMean: table.gapMean[row]!,
    gapVariance: table.gapVariance[row]!,
    lifetimeS: table.lifetimeS[row]!,
  };
}

function rowIn(table: PresenceTable, peer: NodeIndex): number {
  let row = 0;
  while (row < table.rows && table.peers[row] !== peer) row += 1;
  return row;
}

/** The youngest sign of life of any kind. */
export const lastSignMs = (it: Watched, signs: Signs): number =>
  Math.max(signs.heardMs, signs.indirectMs, it.toldMs);

/** Signs through others come by their beacons and rotations: so much later, without surprise. */
const INDIRECT_SLACK_MS = 1500;

export function suspicionOf(it: Watched, signs: Signs, now: MonotonicMs): number {
  const lastMs = lastSignMs(it, signs);
  if (lastMs === -Infinity) return 0;
  const slackMs = lastMs > signs.heardMs ? INDIRECT_SLACK_MS : 0;
  return phiOf({
    silence: (now - lastMs - slackMs) / signs.intervalMs,
    mean: signs.gapMean,
    variance: signs.gapVariance,
  });
}

export const PHI_SUSPECT = 5;
export const PHI_DEAD = 10;
/** Time for the others' answers: a question and its repeat. */
const CONFIRM_MS = 2000;
/** A burst of interference may last this long. */
const SILENCE_MIN_MS = 4000;
/** Shorter silences at high beacon rates are nobody's concern. */
const SUSPECT_SILENCE_MS = 1500;
/** Signs so far apart are a link again, not one frame that got through. */
const STEADY_MS = 1000;
/** Returns closer than this are one flapping link. */
const FLAP_MS = 180_000;
/** 1.5, 3, 6 s: with the two of suspicion the longest is still within ten. */
const FLAPS_MAX = 2;
/** A link predicted to end within this time of the last sign explains a silence. */
const LEAVING_S = 10;

/** What another heard must be this much younger than what is known here to be news. */
export const NEWS_MS = 500;

export const isLeaving = (signs: Signs): boolean => signs.lifetimeS <= LEAVING_S;

export interface Surroundings {
  readonly now: MonotonicMs;
  /** Whether at least as many peers are alive here as silent: it is not we who are cut off. */
  readonly hearsMost: () => boolean;
  /** Own steps are on time. */
  readonly healthy: boolean;
}

/** Of those not dead before, do at least as many live as are silent? */
export function hearsMost(watched: readonly Watched[]): boolean {
  const alive = watched.filter((it) => it.verdict === "alive").length;
  const silent = watched.filter((it) => it.verdict === "suspect" || it.verdict === "outOfRange");
  return alive >= silent.length;
}

/** Before each judgement: since when there have been signs again, for one that was absent. */
export function noteReturn(it: Watched, signs: Signs): void {
  const wasAbsent = it.verdict === "dead" || it.verdict === "outOfRange";
  if (!wasAbsent || it.phi >= PHI_SUSPECT) it.returnMs = Infinity;
  else it.returnMs = Math.min(it.returnMs, lastSignMs(it, signs));
}

/** When it is back: what the next silence has to last. */
export function noteBack(it: Watched, now: MonotonicMs): void {
  it.flaps = now - it.backMs < FLAP_MS ? Math.min(FLAPS_MAX, it.flaps + 1) : 0;
  it.backMs = now;
  it.returnMs = Infinity;
}

/** 1, 2 or 4: how much slower this link is believed, after so many returns of late. */
function caution(it: Watched, now: MonotonicMs): number {
  const flaps = now - it.backMs < FLAP_MS ? it.flaps + 1 : 0;
  return 1 << Math.min(FLAPS_MAX, flaps);
}

/** The verdict that these signs support now. */
export function judge(it: Watched, signs: Signs, around: Surroundings): PeerVerdict {
  const lastMs = lastSignMs(it, signs);
  if (lastMs === -Infinity) return "unknown";
  const silentMs = around.now - lastMs;
  if (it.verdict === "dead" || it.verdict === "outOfRange") {
    const steadyMs = STEADY_MS * caution(it, around.now);
    return it.phi < PHI_SUSPECT && lastMs - it.returnMs >= steadyMs ? "alive" : it.verdict;
  }
  if (it.phi < PHI_SUSPECT) return "alive";
  if (it.verdict !== "suspect") {
    if (silentMs < SUSPECT_SILENCE_MS * caution(it, around.now)) return "alive";
    return around.healthy ? "suspect" : it.verdict;
  }
  if (silentMs < SUSPECT_SILENCE_MS) return "alive";
  const isRipe = around.now - it.sinceMs >= CONFIRM_MS && silentMs >= SILENCE_MIN_MS;
  if (!isRipe || !around.healthy) return "suspect";
  const isSaidToLeave = it.leaverHeardMs > it.heardMs + NEWS_MS;
  const isFlapping = it.flaps > 0 && around.now - it.backMs < FLAP_MS;
  if (isFlapping || it.leaving || isSaidToLeave || !around.hearsMost()) return "outOfRange";
  return it.phi >= PHI_DEAD ? "dead" : "suspect";
}

export function evidenceOf(it: Watched, signs: Signs, now: MonotonicMs): Evidence {
  return {
    phi: it.phi,
    silentMs: now - signs.heardMs,
    indirectMs: now - Math.max(signs.indirectMs, it.toldMs),
    lifetimeS: signs.lifetimeS,
    witnesses: it.silentWitnesses.length,
  };
}

const VERDICTS: readonly PeerVerdict[] = ["unknown", "alive", "suspect", "outOfRange", "dead"];

export function saveWatched(list: readonly Watched[], to: ByteWriter): void {
  to.u16(list.length);
  for (const it of list) {
    to.u16(it.peer).bool(it.member).bool(it.ground).u8(VERDICTS.indexOf(it.verdict));
    to.f64(it.sinceMs).f64(it.phi).f64(it.signMs).f64(it.heardMs).f64(it.toldMs).f64(it.askedMs);
    to.bool(it.leaving).f64(it.leaverHeardMs);
    to.f64(it.returnMs).u8(it.flaps).f64(it.backMs);
    to.u8(it.silentWitnesses.length);
    for (const witness of it.silentWitnesses) to.u16(witness);
  }
}

export function loadWatched(from: ByteReader): Watched[] {
  const count = from.u16();
  return Array.from({ length: count }, () => ({
    peer: from.u16() as NodeIndex,
    member: from.bool(),
    ground: from.bool(),
    verdict: VERDICTS[from.u8()] ?? "unknown",
    sinceMs: from.f64() as MonotonicMs,
    phi: from.f64(),
    signMs: from.f64(),
    heardMs: from.f64(),
    toldMs: from.f64(),
    askedMs: from.f64(),
    leaving: from.bool(),
    leaverHeardMs: from.f64(),
    returnMs: from.f64(),
    flaps: from.u8(),
    backMs: from.f64(),
    silentWitnesses: Array.from({ length: from.u8() }, () => from.u16() as NodeIndex),
    row: 0,
  }));
}
