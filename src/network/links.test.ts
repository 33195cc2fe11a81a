import { describe, expect, test } from "vitest";
import type { MonotonicMs } from "../base/mod.ts";
import { SeededStream } from "../base/mod.ts";
import { BeaconFlag } from "./beacon.ts";
import type { Motion } from "./lifetime.ts";
import {
  BREAK_SOON_S,
  costOf,
  countFrame,
  countTry,
  etx,
  hearReport,
  inRatioNow,
  outRatioNow,
  refreshLink,
  silenceMaxMs,
  upCount,
} from "./links.ts";
import { createPeers, INFINITE, LinkState, obtainRow, type PeerTable } from "./peers.ts";

const now = (ms: number): MonotonicMs => ms as MonotonicMs;

function neighbor(): { readonly table: PeerTable; readonly row: number } {
  const table = createPeers(32);
  const row = obtainRow(table, 7, 0);
  countFrame(table, row, 100);
  table.heardMs[row] = 0;
  hearReport(table, row, 1, 0);
  return { table, row };
}

const self: Motion = {
  northM: 0,
  eastM: 0,
  altitudeM: 100,
  northMps: 0,
  eastMps: 0,
  downMps: 0,
  plan: [],
};

describe("the delivery ratio from gaps in the link sequence", () => {
  test("comes close to the true ratio of a lossy link", () => {
    const stream = new SeededStream(5, "links");
    const { table, row } = neighbor();
    let sum = 0;
    for (let i = 1; i <= 4000; i += 1) {
      if (stream.chance(0.7)) countFrame(table, row, (100 + i) & 0xffff);
      if (i > 1000) sum += table.inRatio[row]!;
    }
    expect(sum / 3000).toBeCloseTo(0.7, 1);
  });

  test("doubled and late frames are no news; a long absence starts afresh", () => {
    const { table, row } = neighbor();
    for (const sequence of [102, 102, 101]) countFrame(table, row, sequence);
    // Three were expected, the second was lost: 1, then 1/2, then 2/3.
    expect(table.inRatio[row]).toBeCloseTo(2 / 3, 12);
    countFrame(table, row, 300);
    expect([table.inRatio[row], table.frames[row]]).toEqual([1, 1]);
  });

  test("silence lowers it before it ends the link", () => {
    const { table, row } = neighbor();
    expect([0, 1200, 2600, 3900].map((ms) => inRatioNow(table, row, ms))).toEqual([
      1,
      1,
      1 / 2,
      1 / 3,
    ]);
    expect(silenceMaxMs(1000)).toBe(4000);
  });
});

describe("the way out", () => {
  test("is what the neighbor reports, for as long as its rotation may take", () => {
    const { table, row } = neighbor();
    expect([0, 12_000, 12_001].map((ms) => outRatioNow(table, row, ms))).toEqual([1, 1, 0]);
    hearReport(table, row, 0.5, 0);
    table.inRatio[row] = 0.5;
    expect(etx(table, row, 0)).toBe(4);
    hearReport(table, row, 0, 0);
    expect(etx(table, row, 0)).toBe(Infinity);
  });

  test("four missed acknowledgements over 30 ms break it until it is reported anew", () => {
    const { table, row } = neighbor();
    for (const ms of [1000, 1001, 1002, 1003]) countTry(table, row, false, ms);
    expect(table.outRatio[row]).toBeGreaterThan(0.7);
    countTry(table, row, false, 1030);
    expect(table.outRatio[row]).toBe(0);
    hearReport(table, row, 1, 900);
    expect(table.outRatio[row]).toBe(0);
    hearReport(table, row, 0.9, 1500);
    expect(table.outRatio[row]).toBe(0.9);
  });

  test("an acknowledgement ends a series of misses", () => {
    const { table, row } = neighbor();
    for (const ms of [0, 10, 20]) countTry(table, row, false, ms);
    countTry(table, row, true, 30);
    countTry(table, row, false, 100);
    expect(table.outRatio[row]).toBeGreaterThan(0.7);
  });
});

describe("the way out in a crowd", () => {
  test("is believed as long as a report of sixteen a beacon takes to name everybody", () => {
    const { table, row } = neighbor();
    const crowd = createPeers(256);
    for (let peer = 100; peer < 300; peer += 1) obtainRow(crowd, peer, 0);
    countFrame(crowd, 0, 100);
    hearReport(crowd, 0, 1, 0);
    // 200 neighbors are thirteen beacons of a second; three such turns and two seconds.
    expect([12_001, 41_000, 41_001].map((ms) => outRatioNow(crowd, 0, ms))).toEqual([1, 1, 0]);
    expect(outRatioNow(table, row, 12_001)).toBe(0);
  });
});

describe("up and down", () => {
  test("up needs both ways, down is silence or a way that fails", () => {
    const { table, row } = neighbor();
    hearReport(table, row, 0, 0);
    expect(refreshLink(table, row, now(0), undefined)).toBeUndefined();
    expect(table.cost[row]).toBe(INFINITE);
    hearReport(table, row, 1, 0);
    expect(refreshLink(table, row, now(0), undefined)).toBe("up");
    expect([table.cost[row], upCount(table)]).toEqual([64, 1]);
    expect(refreshLink(table, row, now(4000), undefined)).toBeUndefined();
    expect(refreshLink(table, row, now(4001), undefined)).toBe("down");
    expect([table.state[row], table.cost[row], upCount(table)]).toEqual([
      LinkState.down,
      INFINITE,
      0,
    ]);
  });

  test("a link that will end in three seconds costs more, and says so once", () => {
    const { table, row } = neighbor();
    table.flags[row] = BeaconFlag.positionValid | BeaconFlag.inAir;
    table.beaconMs[row] = 0;
    table.northM[row] = 100;
    table.altitudeM[row] = 100;
    table.northMps[row] = 10;
    // Six decibels above the margin at 100 m: range 196 m, 9.6 s away at 10 m/s.
    table.snrDb[row] = 9.94;
    expect(refreshLink(table, row, now(0), self)).toBe("up");
    expect(table.lifetimeS[row]).toBeCloseTo(9.62, 1);
    expect(table.cost[row]).toBe(64);
    table.northMps[row] = 30;
    expect(refreshLink(table, row, now(0), self)).toBe("breakSoon");
    expect(table.cost[row]).toBeGreaterThan(2 * 64);
    expect(refreshLink(table, row, now(0), self)).toBeUndefined();
    table.northMps[row] = -5;
    expect(refreshLink(table, row, now(0), self)).toBeUndefined();
    // It comes through and leaves on the other side.
    expect(table.lifetimeS[row]).toBeGreaterThan(50);
    expect(table.warned[row]).toBe(0);
  });

  test("an announced plan is followed from where it has come to by now", () => {
    const { table, row } = neighbor();
    table.flags[row] = BeaconFlag.positionValid | BeaconFlag.inAir;
    table.beaconMs[row] = 0;
    table.northM[row] = 100;
    table.altitudeM[row] = 100;
    table.snrDb[row] = 9.94;
    table.planCount[row] = 2;
    table.plan.set([100, 0, 100, 1, 400, 0, 100, 11], row * 16);
    refreshLink(table, row, now(0), self);
    // From 1 s on at 30 m/s; the edge is 96 m away.
    expect(table.lifetimeS[row]).toBeCloseTo(4.2, 1);
    table.heardMs[row] = 2000;
    refreshLink(table, row, now(2000), self);
    expect(table.lifetimeS[row]).toBeLessThan(4.2);
  });

  test("cost rises smoothly to eight times as the end comes", () => {
    const costs = [Infinity, 2 * BREAK_SOON_S, BREAK_SOON_S, 1, 0].map((s) => costOf(1, s));
    expect(costs).toEqual([64, 64, 176, 407, 512]);
    expect(costOf(100, Infinity)).toBe(1024);
  });
});
