import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MonotonicMs, NodeIndex } from "../base/mod.ts";
import { Fault } from "./fault.ts";
import { encodeFaultMessage } from "./messages.ts";
import { sample, Story } from "./story.test-support.ts";

const agree = (story: Story, leader: number | undefined, quorum = true): void => {
  story.give({ kind: "agreement", leader: leader as NodeIndex | undefined, quorum });
};

const told = (kind: "ask" | "heard", peer: number, ageMs: number, leaving = false): Uint8Array =>
  encodeFaultMessage({ kind, peer: peer as NodeIndex, ageMs, leaving });

describe("one of six dies in the air", () => {
  test("its leases are free within ten seconds", () => {
    const story = new Story([1, 2, 3, 4, 5]);
    story.give({ kind: "leases", leases: [story.lease(3, 40), story.lease(4, 41)] });
    agree(story, 1);
    story.until(20).note("3 falls");
    story.heard.delete(3);
    story.until(23);
    story.give({ kind: "message", from: 5 as NodeIndex, bytes: told("heard", 3, 3000) });
    story.until(30);
    expect(story.text).toMatchInlineSnapshot(`
      "
        20.00 s  -- 3 falls
        22.50 s  to all: ask 3, 2500 ms
        22.50 s  suspect: 3 (phi 5.4, silent 2.5 s)
        23.50 s  to all: ask 3, 3500 ms
        24.50 s  dead: 3 (phi 37.6, silent 4.5 s, 1 witnesses)
        24.50 s  => declareDead: 3
        24.50 s  => leaseOrphaned: segment 40 of 3
      "
    `);
    const orphaned = story.lines.find((line) => line.includes("leaseOrphaned"))!;
    expect(Number.parseFloat(orphaned)).toBeLessThan(30);
  });

  test("a lease agreed for it after its death is free at once, each only once", () => {
    const story = new Story([1, 2, 3]);
    story.until(10);
    story.heard.delete(3);
    story.until(20);
    const before = story.lines.length;
    story.give({ kind: "leases", leases: [story.lease(3, 7)] });
    story.give({ kind: "leases", leases: [story.lease(3, 7)] });
    expect(story.lines.slice(before)).toEqual(["  20.00 s  => leaseOrphaned: segment 7 of 3"]);
  });

  test("back from the dead, it is told so", () => {
    const story = new Story([1, 2, 3]);
    story.until(10);
    story.heard.delete(3);
    story.until(18).note("its radio restarts");
    story.heard.add(3);
    story.until(20);
    expect(story.text).toMatchInlineSnapshot(`
      "
        12.50 s  to all: ask 3, 2500 ms
        12.50 s  suspect: 3 (phi 5.4, silent 2.5 s)
        13.50 s  to all: ask 3, 3500 ms
        14.50 s  dead: 3 (phi 37.6, silent 4.5 s)
        14.50 s  => declareDead: 3
        18.00 s  -- its radio restarts
        19.00 s  back: 3
        19.00 s  => retractDead: 3
      "
    `);
  });
});

describe("out of range is not dead", () => {
  test("a link predicted to end explains silence; its lease is kept for two minutes", () => {
    const story = new Story([1, 2, 3]);
    story.give({ kind: "leases", leases: [story.lease(3, 7)] });
    story.until(10).note("3 flies behind the ridge, as its plan said");
    story.table.lifetimeS[2] = 4;
    story.heard.delete(3);
    story.until(140).note("3 returns");
    story.heard.add(3);
    story.until(142);
    expect(story.text).toMatchInlineSnapshot(`
      "
        10.00 s  -- 3 flies behind the ridge, as its plan said
        12.50 s  to all: ask 3, 2500 ms
        12.50 s  suspect: 3 (phi 5.4, silent 2.5 s, link for 4 s)
        13.50 s  to all: ask 3, 3500 ms
        14.50 s  outOfRange: 3 (phi 37.6, silent 4.5 s, link for 4 s)
       134.50 s  => leaseOrphaned: segment 7 of 3
       140.00 s  -- 3 returns
       141.00 s  back: 3
      "
    `);
  });

  test("while others tell of it, it is alive", () => {
    const story = new Story([1, 2, 3]);
    story.until(10);
    story.heard.delete(3);
    story.toldOf.add(3);
    story.until(60);
    expect(story.text).toBe("\n\n");
    expect(story.fault.peers.find((it) => it.peer === 3)?.verdict).toBe("alive");
  });

  test("an answer to the question saves it from the verdict", () => {
    const story = new Story([1, 2, 3]);
    story.until(10);
    story.heard.delete(3);
    story.until(13).note("2 heard it half a second ago");
    story.give({ kind: "message", from: 2 as NodeIndex, bytes: told("heard", 3, 500) });
    story.until(14);
    expect(story.text).toMatchInlineSnapshot(`
      "
        12.50 s  to all: ask 3, 2500 ms
        12.50 s  suspect: 3 (phi 5.4, silent 2.5 s)
        13.00 s  -- 2 heard it half a second ago
        13.25 s  back: 3
      "
    `);
  });

  test("one who heard it later knows better whether it was leaving", () => {
    const verdict = (ageMs: number): string | undefined => {
      const story = new Story([1, 2, 3]);
      story.until(10);
      story.heard.delete(3);
      story.until(13);
      const bytes = told("heard", 3, ageMs, true);
      story.give({ kind: "message", from: 2 as NodeIndex, bytes });
      story.until(22);
      return story.fault.peers.find((it) => it.peer === 3)?.verdict;
    };
    expect(verdict(2000)).toBe("outOfRange");
    expect(verdict(3000)).toBe("dead");
  });

  test("anything authentic from it, over other hops, is a sign of life", () => {
    const story = new Story([1, 2, 3]);
    story.until(10);
    story.heard.delete(3);
    for (let second = 11; second < 30; second += 1) {
      story.until(second);
      story.give({ kind: "heard", peer: 3 as NodeIndex });
    }
    expect(story.text).toBe("\n\n");
  });

  test("who hears nobody any more is itself the one cut off: nobody is declared dead", () => {
    const story = new Story([1, 2, 3, 4]);
    story.until(10);
    story.heard.clear();
    story.until(60);
    expect(story.lines.filter((line) => line.includes("outOfRange"))).toHaveLength(4);
    expect(story.lines.filter((line) => line.includes("dead"))).toEqual([]);
  });

  test("the larger half that falls silent together is a partition, not three deaths", () => {
    const story = new Story([1, 2, 3, 4, 5]);
    story.until(10);
    for (const peer of [3, 4, 5]) story.heard.delete(peer);
    story.until(30);
    expect(story.fault.peers.map((it) => it.verdict)).toEqual([
      "alive",
      "alive",
      "outOfRange",
      "outOfRange",
      "outOfRange",
    ]);
  });
});

describe("asked by others", () => {
  test("one says how long ago, or that one is oneself, or that one never heard it", () => {
    const story = new Story([1, 2, 3]);
    story.until(10);
    story.heard.delete(3);
    story.until(11);
    const ask = (peer: number): void => {
      story.give({ kind: "message", from: 1 as NodeIndex, bytes: told("ask", peer, 900) });
    };
    ask(3);
    ask(0);
    ask(77);
    expect(story.text).toMatchInlineSnapshot(`
      "
        11.00 s  to 1: heard 3, 1000 ms
        11.00 s  to 1: heard 0, 0 ms
        11.00 s  to 1: heard 77, 4294967295 ms
      "
    `);
  });

  test("bytes that are no message, and words of oneself, change nothing", () => {
    const story = new Story([1]);
    story.until(5);
    story.give({ kind: "message", from: 1 as NodeIndex, bytes: Uint8Array.of(0x40) });
    story.give({ kind: "message", from: 0 as NodeIndex, bytes: told("ask", 1, 0) });
    expect(story.text).toBe("\n\n");
  });
});

describe("at the edge of a link", () => {
  test("most gaps are not told, and none of them is a death", () => {
    const story = new Story([1, 2, 3]);
    for (let second = 1; second <= 300; second += 1) {
      // Four seconds of silence in every seven.
      if (second % 7 < 4) story.heard.delete(3);
      else story.heard.add(3);
      story.until(second);
    }
    const told = story.lines.filter((line) => / (suspect|back|dead|outOfRange): 3/u.test(line));
    expect(told.length).toBeLessThanOrEqual(8);
    expect(story.text).not.toContain("dead: 3");
  });
});

describe("what a vehicle can lose", () => {
  test("its head, its cluster, the ground, and all of them back", () => {
    const story = new Story([1, 2], [9]);
    agree(story, 1);
    story.give({ kind: "vehicle", sample: sample() });
    story.give({ kind: "plan", known: true });
    story.until(10).note("the head steps down and no election succeeds");
    agree(story, undefined);
    story.until(14).note("a new head");
    agree(story, 2);
    story.until(25).note("everyone is out of reach");
    agree(story, undefined, false);
    story.heard.clear();
    story.until(50).note("everyone is back");
    [1, 2, 9].forEach((peer) => story.heard.add(peer));
    agree(story, 2);
    story.until(70);
    expect(story.text).toMatchInlineSnapshot(`
      "
        10.00 s  -- the head steps down and no election succeeds
        13.25 s  lost head
        13.25 s  => headLost
        13.25 s  rung full -> leaderless: no head is elected
        14.00 s  -- a new head
        15.25 s  regained head
        20.25 s  rung leaderless -> full: the ground, a head and a quorum are in reach
        25.00 s  -- everyone is out of reach
        27.50 s  to all: ask 1, 2500 ms
        27.50 s  suspect: 1 (phi 5.4, silent 2.5 s)
        27.50 s  to all: ask 2, 2500 ms
        27.50 s  suspect: 2 (phi 5.4, silent 2.5 s)
        27.50 s  to all: ask 9, 2500 ms
        27.50 s  suspect: 9 (phi 5.4, silent 2.5 s)
        28.25 s  lost head
        28.25 s  => headLost
        28.25 s  rung full -> leaderless: no head is elected
        28.50 s  to all: ask 1, 3500 ms
        28.50 s  to all: ask 2, 3500 ms
        28.50 s  to all: ask 9, 3500 ms
        29.50 s  outOfRange: 1 (phi 37.6, silent 4.5 s)
        29.50 s  outOfRange: 2 (phi 37.6, silent 4.5 s)
        29.50 s  outOfRange: 9 (phi 37.6, silent 4.5 s)
        29.50 s  rung leaderless -> lastPlan: alone, with an agreed plan
        30.25 s  lost cluster
        39.50 s  lost ground
        39.50 s  => loseGround
        50.00 s  -- everyone is back
        51.00 s  back: 1
        51.00 s  back: 2
        51.00 s  back: 9
        51.25 s  regained head
        52.25 s  regained cluster
        54.00 s  regained ground
        56.00 s  rung lastPlan -> full: the ground, a head and a quorum are in reach
      "
    `);
  });

  test("a flicker of the head is no loss", () => {
    const story = new Story([1, 2]);
    for (let second = 1; second < 20; second += 1) {
      agree(story, second % 3 === 0 ? undefined : 1);
      story.until(second);
    }
    expect(story.text).toBe("\n\n");
  });

  test("its position: hold, and land when it does not come back", () => {
    const story = new Story([1]);
    story.give({ kind: "vehicle", sample: sample() });
    story.until(5);
    story.give({ kind: "vehicle", sample: sample({ positionValid: false }) });
    story.until(40);
    story.give({ kind: "vehicle", sample: sample() });
    story.until(45);
    expect(story.text).toMatchInlineSnapshot(`
      "
         7.25 s  lost position
         7.25 s  => holdNow: position
        27.25 s  => landNow: position
        43.25 s  regained position
      "
    `);
  });

  test("its battery: return on the last of home and reserve, land when nearly empty", () => {
    const story = new Story([1]);
    agree(story, 1);
    story.give({ kind: "energy", homeRatio: 0.2 });
    const fly = (batteryRatio: number, toS: number, inAir = true): void => {
      story.give({ kind: "vehicle", sample: sample({ batteryRatio, inAir }) });
      story.until(toS);
    };
    fly(0.5, 5);
    fly(0.31, 10);
    fly(0.33, 15);
    fly(0.06, 20);
    story.note("a new battery");
    fly(1, 30, false);
    expect(story.text).toMatchInlineSnapshot(`
      "
         6.25 s  lost battery
         6.25 s  => returnNow: battery
         6.25 s  rung full -> goHome: the battery is for the way home
        15.25 s  => landNow: battery
        20.00 s  -- a new battery
      "
    `);
  });

  test("alone without a plan it loiters for two minutes, then goes home for good", () => {
    const story = new Story([1, 2]);
    agree(story, 1);
    story.give({ kind: "vehicle", sample: sample() });
    story.until(5);
    agree(story, undefined, false);
    story.heard.clear();
    story.until(200);
    expect(story.lines.filter((line) => /rung|=>/u.test(line)).join("\n")).toMatchInlineSnapshot(`
      "   8.25 s  => headLost
         8.25 s  rung full -> leaderless: no head is elected
         9.50 s  rung leaderless -> loiter: alone, without a plan
         9.50 s  => holdNow: cluster
       129.50 s  rung loiter -> goHome: alone for too long without a plan
       129.50 s  => returnNow: cluster"
    `);
    expect(story.fault.rung).toBe("goHome");
    expect(story.fault.isLost("cluster")).toBe(true);
  });
});

describe("the machine", () => {
  test("a late step of its own makes nobody suspect for two seconds", () => {
    const story = new Story([1, 2, 3]);
    story.until(10);
    story.nowMs = 15_000;
    story.give({ kind: "presence", table: story.table });
    expect(story.text).toBe("\n\n");
    story.until(20);
    expect(story.text).toBe("\n\n");
  });

  test("a wake without columns moves its next wake on", () => {
    const fault = new Fault({ self: 0 as NodeIndex });
    fault.step(1000 as MonotonicMs, { kind: "wake" }, () => {});
    expect(fault.wakeAt()).toBe(1250);
  });

  test("who left is watched no more", () => {
    const story = new Story([1, 2, 3]);
    story.until(5);
    story.heard.delete(3);
    story.give({ kind: "forget", peer: 3 as NodeIndex });
    story.until(20);
    expect(story.text).toBe("\n\n");
    story.give({ kind: "roster", members: [0, 2] as NodeIndex[], grounds: [] });
    expect(story.fault.peers.map((it) => it.peer)).toEqual([2]);
  });

  test("a saved and loaded machine tells the same story", () => {
    const run = (atS: number, reload: boolean): string => {
      const story = new Story([1, 2, 3], [9]);
      story.give({ kind: "leases", leases: [story.lease(3, 40)] });
      agree(story, 1);
      story.give({ kind: "vehicle", sample: sample() });
      story.until(10);
      story.heard.delete(3);
      story.until(atS);
      if (reload) story.reload();
      story.until(20);
      agree(story, undefined, false);
      story.until(40);
      return story.text;
    };
    for (const atS of [12, 13.2, 16, 20]) expect(run(atS, true)).toBe(run(atS, false));
  });

  test("any bytes as message and any columns are taken without a throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), fc.nat(70), (bytes, from) => {
        const story = new Story([1, 2]);
        story.until(2);
        story.give({ kind: "message", from: from as NodeIndex, bytes });
        const framed = Uint8Array.of(0x40 + (from % 2), ...bytes).slice(0, 8);
        story.give({ kind: "message", from: from as NodeIndex, bytes: framed });
        story.until(3);
      }),
      { numRuns: 100 },
    );
  });
});
