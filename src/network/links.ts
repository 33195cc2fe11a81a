/**
 * Links to neighbors: delivery ratio both ways, cost, lifetime, up and down.
 *
 * Every frame carries its sender's link sequence, so each gap is a counted loss (the delivery ratio
 * of De Couto et al., "A high-throughput path metric for multi-hop wireless routing", 2003, without
 * its fixed window). The way back is what the neighbor reports. Cost is ETX in 1/64 transmissions,
 * raised as the predicted end of the link comes near, so that routes leave before it breaks.
 */
import { type MonotonicMs } from "../base/mod.ts";
import { BeaconFlag, LINKS_MAX } from "./beacon.ts";
import { distanceM, lifetimeS, rangeM, type Motion } from "./lifetime.ts";
import type { MeshChannel } from "./types.ts";
import { INFINITE, LinkState, PLAN_FLOATS, NO_PEER, type PeerTable, rowsEnd } from "./peers.ts";

/** Frames over which the delivery ratio is averaged once that many were expected. */
const RATIO_FRAMES = 16;
/** A longer gap is an absence or a restart, not a burst of losses. */
const GAP_MAX = 64;
/** Costs and metrics count transmissions in this unit. */
export const ETX_UNIT = 64;
const ETX_MAX = 16;
/** A link is up at these ratios and down below half of them. */
const UP_RATIO = 0.3;
/** Below this predicted lifetime a link's cost rises: time for two rounds of announcements. */
export const BREAK_SOON_S = 4;
/** The warning is taken back only when the prediction is clearly better again. */
const BREAK_CLEARED_S = 8;

/** Counts a heard frame of `row` with its link sequence; one ratio is kept of both channels. */
export function countFrame(
  table: PeerTable,
  row: number,
  sequence: number,
  channel: MeshChannel = "common",
): void {
  const isCluster = channel === "cluster";
  const last = isCluster ? table.clusterLink : table.lastLink;
  const isFirst = isCluster && table.clusterKnown[row] === 0;
  const known = table.frames[row]! > 0;
  const gap = isFirst ? 1 : (sequence - last[row]!) & 0xffff;
  if (known && (gap === 0 || gap >= 0x8000)) return;
  last[row] = sequence;
  if (isCluster) table.clusterKnown[row] = 1;
  if (!known || gap > GAP_MAX) {
    table.frames[row] = 1;
    table.inRatio[row] = 1;
    return;
  }
  let ratio = table.inRatio[row]!;
  let frames = table.frames[row]!;
  for (let step = 1; step <= gap; step += 1) {
    frames = Math.min(RATIO_FRAMES, frames + 1);
    ratio += ((step === gap ? 1 : 0) - ratio) / frames;
  }
  table.frames[row] = frames;
  table.inRatio[row] = ratio;
}

/** A neighbor's report of how it hears us; `ageMs` old as it says. */
export function hearReport(table: PeerTable, row: number, ratio: number, heardAtMs: number): void {
  const isBroken = table.misses[row]! >= MISSES_BROKEN;
  // It heard us before the misses began: no news of the link as it is now.
  if (isBroken && heardAtMs <= table.missMs[row]!) return;
  if (isBroken) table.misses[row] = 0;
  table.outRatio[row] = ratio;
  table.outMs[row] = heardAtMs;
}

/** One unicast try towards `row` was acknowledged or not: a sample of the way there. */
export function countTry(
  table: PeerTable,
  row: number,
  acknowledged: boolean,
  nowMs: number,
): void {
  const before = table.outRatio[row]!;
  if (acknowledged) {
    table.misses[row] = 0;
    table.outRatio[row] = before + (1 - before) / RATIO_FRAMES;
    return;
  }
  if (table.misses[row] === 0) table.missMs[row] = nowMs;
  table.misses[row] = Math.min(255, table.misses[row]! + 1);
  const isBroken =
    table.misses[row] >= MISSES_BROKEN && nowMs - table.missMs[row]! >= MISSES_SPREAD_MS;
  table.outRatio[row] = isBroken ? 0 : before - before / RATIO_FRAMES;
}

/**
 * So many misses in a row, not all of one burst, and the link is taken for broken until the
 * neighbor reports us again: at 5% loss each way a chance of 1 in 10,000.
 */
const MISSES_BROKEN = 4;
const MISSES_SPREAD_MS = 30;

/**
 * How long a neighbor may be silent before its link is taken for broken: it announces how often.
 */
export const silenceMaxMs = (intervalMs: number): number => 3.5 * intervalMs + 500;

/** The delivery ratio here, less what silence since the last frame says. */
export function inRatioNow(table: PeerTable, row: number, nowMs: number): number {
  const silentMs = nowMs - table.heardMs[row]!;
  const missed = Math.floor(silentMs / (table.intervalMs[row]! * 1.25));
  return missed <= 1 ? table.inRatio[row]! : table.inRatio[row]! / missed;
}

export function outRatioNow(table: PeerTable, row: number, nowMs: number): number {
  const stale = nowMs - table.outMs[row]! > reportMaxMs(table.intervalMs[row]!, rowsEnd(table));
  return stale ? 0 : table.outRatio[row]!;
}

/**
 * A neighbor's rotating report names `LINKS_MAX` a beacon, and it hears about as many as we do: to
 * be left out of three whole turns (in a small cell of ten beacons) is to be no longer heard.
 */
const reportMaxMs = (intervalMs: number, known: number): number =>
  Math.max(10, 3 * Math.ceil(known / LINKS_MAX)) * intervalMs + 2000;

export function etx(table: PeerTable, row: number, nowMs: number): number {
  const product = inRatioNow(table, row, nowMs) * outRatioNow(table, row, nowMs);
  return product > 0 ? 1 / product : Infinity;
}

export type LinkChange = "up" | "down" | "breakSoon" | undefined;

/** Judges a link anew: state, lifetime, cost. */
export function refreshLink(
  table: PeerTable,
  row: number,
  now: MonotonicMs,
  self: Motion | undefined,
): LinkChange {
  const wasUp = table.state[row] === LinkState.up;
  const isUp = judgeUp(table, row, now);
  if (!isUp) {
    table.cost[row] = INFINITE;
    if (!wasUp) return undefined;
    table.state[row] = LinkState.down;
    return "down";
  }
  table.state[row] = LinkState.up;
  const remainingS = predict(table, row, now, self);
  table.lifetimeS[row] = remainingS;
  table.cost[row] = costOf(etx(table, row, now), remainingS);
  if (!wasUp) return "up";
  if (remainingS > BREAK_CLEARED_S) table.warned[row] = 0;
  if (remainingS >= BREAK_SOON_S || table.warned[row] === 1) return undefined;
  table.warned[row] = 1;
  return "breakSoon";
}

function judgeUp(table: PeerTable, row: number, nowMs: number): boolean {
  const floor = table.state[row] === LinkState.up ? UP_RATIO / 2 : UP_RATIO;
  return (
    nowMs - table.heardMs[row]! <= silenceMaxMs(table.intervalMs[row]!) &&
    inRatioNow(table, row, nowMs) >= floor &&
    outRatioNow(table, row, nowMs) >= floor
  );
}

/** ETX in its unit, times up to 8 as the remaining seconds fall to none. */
export function costOf(etxNow: number, remainingS: number): number {
  const near = Math.max(0, 1 - remainingS / (2 * BREAK_SOON_S));
  const weighted = Math.min(ETX_MAX, etxNow) * (1 + 7 * near * near);
  return Math.max(1, Math.round(ETX_UNIT * weighted));
}

function predict(table: PeerTable, row: number, nowMs: number, self: Motion | undefined): number {
  const flags = table.flags[row]!;
  if (self === undefined || (flags & BeaconFlag.positionValid) === 0) return Infinity;
  const peer = motionOf(table, row, nowMs);
  const reachM = rangeM(distanceM(self, peer), table.snrDb[row]!, {
    onGround: (flags & BeaconFlag.inAir) === 0,
  });
  return lifetimeS(self, peer, reachM);
}

/** A peer's motion from `nowMs` on: extrapolated from its last beacon, or along its plan. */
export function motionOf(table: PeerTable, row: number, nowMs: number): Motion {
  const ageS = (nowMs - table.beaconMs[row]!) / 1000;
  const plan = [];
  for (let i = 0; i < table.planCount[row]!; i += 1) {
    const at = row * PLAN_FLOATS + i * 4;
    const afterS = table.plan[at + 3]! - ageS;
    if (afterS <= 0) continue;
    plan.push({
      northM: table.plan[at]!,
      eastM: table.plan[at + 1]!,
      altitudeM: table.plan[at + 2]!,
      afterS,
    });
  }
  return {
    northM: table.northM[row]! + table.northMps[row]! * ageS,
    eastM: table.eastM[row]! + table.eastMps[row]! * ageS,
    altitudeM: table.altitudeM[row]! - table.downMps[row]! * ageS,
    northMps: table.northMps[row]!,
    eastMps: table.eastMps[row]!,
    downMps: table.downMps[row]!,
    plan,
  };
}

/** Neighbors with a usable link. */
export function upCount(table: PeerTable): number {
  let count = 0;
  for (let row = 0, end = rowsEnd(table); row < end; row += 1) {
    if (table.peers[row] !== NO_PEER && table.state[row] === LinkState.up) count += 1;
  }
  return count;
}
