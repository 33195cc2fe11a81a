import { describe, expect, test } from "vitest";
import type { MonotonicMs, NodeIndex } from "../base/mod.ts";
import {
  hearsMost,
  isLeaving,
  judge,
  noteBack,
  noteReturn,
  watch,
  type Signs,
  type Surroundings,
  type Watched,
} from "./peers.ts";
import type { PeerVerdict } from "./types.ts";

const now = 100_000 as MonotonicMs;
const around: Surroundings = { now, hearsMost: () => true, healthy: true };
const silent: Signs = {
  heardMs: now - 6000,
  indirectMs: -Infinity,
  intervalMs: 1000,
  gapMean: 1,
  gapVariance: 0.1,
  lifetimeS: Infinity,
};

function peer(verdict: PeerVerdict, over: Partial<Watched> = {}): Watched {
  const sinceMs = (now - 3000) as MonotonicMs;
  return { ...watch(1 as NodeIndex, now), verdict, phi: 20, sinceMs, ...over };
}

describe("what a verdict needs", () => {
  test("death: phi 10, two seconds of suspicion, four of silence, and being no odd one out", () => {
    expect(judge(peer("suspect"), silent, around)).toBe("dead");
    expect(judge(peer("suspect", { phi: 9 }), silent, around)).toBe("suspect");
    const young = peer("suspect", { sinceMs: (now - 1999) as MonotonicMs });
    expect(judge(young, silent, around)).toBe("suspect");
    expect(judge(peer("suspect"), { ...silent, heardMs: now - 3999 }, around)).toBe("suspect");
    expect(judge(peer("suspect"), silent, { ...around, hearsMost: () => false })).toBe(
      "outOfRange",
    );
    expect(judge(peer("suspect"), silent, { ...around, healthy: false })).toBe("suspect");
  });

  test("a link that was to end within ten seconds means out of range", () => {
    expect([9, 10, 11].map((lifetimeS) => isLeaving({ ...silent, lifetimeS }))).toEqual([
      true,
      true,
      false,
    ]);
    expect(judge(peer("suspect", { leaving: true }), silent, around)).toBe("outOfRange");
    const said = (leaverHeardMs: number): PeerVerdict =>
      judge(peer("suspect", { heardMs: 5000, leaverHeardMs }), silent, around);
    expect([said(5500), said(5501)]).toEqual(["dead", "outOfRange"]);
  });

  test("suspicion is not begun in bad health, verdicts stay until a sign of life", () => {
    expect(judge(peer("alive"), silent, { ...around, healthy: false })).toBe("alive");
    expect(judge(peer("alive"), silent, around)).toBe("suspect");
    const brief = { ...silent, heardMs: now - 1499 };
    expect(judge(peer("alive"), brief, around)).toBe("alive");
    expect(judge(peer("dead"), silent, around)).toBe("dead");
    expect(judge(peer("outOfRange"), silent, around)).toBe("outOfRange");
    const never = { ...silent, heardMs: -Infinity };
    expect(judge(peer("alive"), never, around)).toBe("unknown");
  });

  test("who was absent is back with a second sign, a second after the first", () => {
    for (const verdict of ["dead", "outOfRange"] as const) {
      const it = peer(verdict, { phi: 0 });
      const first = { ...silent, heardMs: now - 100 };
      noteReturn(it, first);
      expect(judge(it, first, around)).toBe(verdict);
      const soon = { ...first, heardMs: now + 899 };
      noteReturn(it, soon);
      expect(judge(it, soon, around)).toBe(verdict);
      const steady = { ...first, heardMs: now + 900 };
      expect(judge(it, steady, around)).toBe("alive");
      // A silence between them begins the count anew.
      it.phi = 5;
      noteReturn(it, steady);
      expect([it.returnMs, judge(it, steady, around)]).toEqual([Infinity, verdict]);
    }
  });

  test("the silence of a link that flaps is no death, until it has been steady for a while", () => {
    const flapping = peer("suspect", { flaps: 1, backMs: now - 179_999 });
    expect(judge(flapping, silent, around)).toBe("outOfRange");
    expect(judge({ ...flapping, flaps: 0 }, silent, around)).toBe("dead");
    expect(judge({ ...flapping, backMs: now - 180_000 }, silent, around)).toBe("dead");
  });

  test("each return soon after the last doubles the next silence, up to four times", () => {
    const it = peer("alive");
    const after = (silentMs: number): PeerVerdict =>
      judge({ ...it, verdict: "alive" }, { ...silent, heardMs: now - silentMs }, around);
    const limits = [1500, 3000, 6000, 6000].map((limit) => {
      const verdicts = [after(limit - 1), after(limit)];
      noteBack(it, now);
      return verdicts;
    });
    expect(limits).toEqual(Array(4).fill(["alive", "suspect"]));
    it.backMs = now - 180_000;
    expect(after(1500)).toBe("suspect");
  });

  test("the dead no longer count when asking who is cut off", () => {
    const list = (...verdicts: PeerVerdict[]): Watched[] => verdicts.map((it) => peer(it));
    expect(hearsMost(list("alive", "suspect"))).toBe(true);
    expect(hearsMost(list("alive", "suspect", "outOfRange"))).toBe(false);
    expect(hearsMost(list("alive", "dead", "dead", "suspect"))).toBe(true);
    expect(hearsMost(list("suspect"))).toBe(false);
  });
});
