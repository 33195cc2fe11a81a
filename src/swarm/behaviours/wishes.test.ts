import { describe, expect, test } from "vitest";
import type { BehaviourOut } from "./define.ts";
import { collector, noWishes, type Wishes } from "./wishes.ts";

const DEFAULTS = { aglM: 60, speedMps: 12 };

/** What comes of wishing so, with the first flaw. */
function wishing(wish: (out: BehaviourOut) => void): { wishes: Wishes; flaw: string | undefined } {
  const wishes = noWishes();
  const flaw = { found: undefined as string | undefined };
  wish(collector(wishes, { spend: () => undefined, flaw, defaults: DEFAULTS }));
  return { wishes, flaw: flaw.found };
}

/** As plain JavaScript would call it, with no compiler behind it. */
const raw = (value: unknown): never => value as never;

describe("a wish that is not of its kind is a flaw, and nothing is taken", () => {
  const liar = { every: () => true, slice: () => new Array<number>(100_000).fill(1), length: 2 };
  const wrong: readonly (readonly [string, (out: BehaviourOut) => void])[] = [
    ["a setpoint", (out) => out.setpoint(raw({ eastM: 0, aglM: 50 }))],
    ["a setpoint", (out) => out.setpoint(raw(undefined))],
    ["a setpoint", (out) => out.setpoint(raw({ northM: "1", eastM: 0 }))],
    ["a setpoint", (out) => out.setpoint({ northM: 1e300, eastM: 0 })],
    ["a setpoint", (out) => out.setpoint(raw({ northM: 0, eastM: 0, aglM: "high" }))],
    ["a setpoint", (out) => out.setpoint(raw({ northM: 0, eastM: 0, speedMps: null }))],
    ["a claim", (out) => out.claim(raw(Number.NaN))],
    ["a claim", (out) => out.claim(raw(1.5))],
    ["a claim", (out) => out.claim(raw("x"))],
    ["a release", (out) => out.release(raw(-1))],
    ["a release", (out) => out.release(raw({}))],
    ["swept", (out) => out.swept(raw("yes"))],
    ["a shared value", (out) => out.share("j", raw(liar))],
    ["a shared value", (out) => out.share("j", raw(["1"]))],
    ["a shared value", (out) => out.share("é".repeat(20), [1])],
    ["a shared value", (out) => out.share("\ud800", [1])],
    ["a proposed value", (out) => out.propose(raw(3), [1])],
    ["a proposed value", (out) => out.propose("j", raw(undefined))],
    ["a detection", (out) => out.detection(raw(null))],
    ["a detection", (out) => out.detection(raw({ northM: 0, eastM: 0, errorM: 5, confidence: 1 }))],
    ["a line for the operator", (out) => out.log(raw({ slice: () => 5 }))],
  ];
  test.each(wrong)("%s %#", (flaw, wish) => {
    expect(wishing(wish)).toEqual({ wishes: noWishes(), flaw });
  });

  test.each([
    { errorM: -5 },
    { confidence: 1.5 },
    { northM: 1e300 },
    { eastM: Number.NaN },
    { imageRef: 7 },
  ])("a detection of %o", (part) => {
    const good = { northM: 0, eastM: 0, errorM: 5, confidence: 0.5, imageRef: "a" };
    expect(wishing((out) => out.detection({ ...good, ...(part as object) })).flaw).toBe(
      "a detection",
    );
  });
});

test("what was taken is a copy: neither a getter nor a later change reaches it", () => {
  const value = [1, 2];
  let asked = 0;
  const shifty = {
    eastM: 2,
    get northM(): number {
      asked += 1;
      return asked === 1 ? 1 : Number.NaN;
    },
  };
  const { wishes } = wishing((out) => {
    out.share("k", value);
    value[0] = Number.NaN;
    out.setpoint(shifty);
  });
  expect(wishes.shares).toEqual([{ key: "k", value: [1, 2] }]);
  expect(wishes.target).toMatchObject({ northM: 1, eastM: 2, height: { kind: "agl", aglM: 60 } });
});
