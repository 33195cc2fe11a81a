/** The desk between page, world and forks: what it refuses, what it commits, what it never does. */
import { afterEach, describe, expect, test } from "vitest";
import { problem, type Problem } from "../../../src/base/mod.ts";
import type { GroundView, PageOrder } from "../report/view.ts";
import type { WhatIfChange } from "../report/what-if.ts";
import { answerDone, answerRefused } from "./session.ts";
import { WhatIfDesk, type ForkedWorld } from "./what-if-desk.ts";

const FORKED: ForkedWorld = {
  recipe: {
    missionFile: "missions/tiny.json5",
    seed: 1,
    vehicleCount: undefined,
    faultFile: undefined,
    planner: "massRate",
    fingerprint: "",
  },
  saved: {
    atMs: 61_000,
    world: new Uint8Array(),
    operator: { kind: "arming", state: new Uint8Array() },
  },
  horizonS: 600,
  pauseMs: 4,
};

const HOLD = { kind: "order", order: { kind: "hold", targets: [2] } } as const;
const HOME = { kind: "order", order: { kind: "return", targets: "all" } } as const;
const KILL = { kind: "kill", vehicles: [1] } as const;

interface Bench {
  readonly desk: WhatIfDesk;
  readonly given: PageOrder[];
  lost: readonly number[];
  refuses: boolean;
  fork: ForkedWorld | Problem;
  /** Both forks as far as they come. */
  settled(): Promise<void>;
}

const desks: WhatIfDesk[] = [];
afterEach(async () => {
  for (const desk of desks.splice(0)) await desk.close();
});

/** `thread`: `done` comes to its end at once, `dying` fails in the fork with the changes. */
function bench(thread: "done" | "dying" = "done"): Bench {
  const told: (() => void)[] = [];
  const over = ({ state }: { readonly state: string }): boolean =>
    state === "done" || state === "failed";
  const file = thread === "done" ? "done-future" : "dying-future";
  const self: Bench = {
    given: [],
    lost: [],
    refuses: false,
    fork: FORKED,
    desk: new WhatIfDesk({
      worker: new URL(`../../whatif/${file}.test-support.ts`, import.meta.url),
      onChange: () => told.forEach((tell) => tell()),
      world: {
        fork: () => Promise.resolve(self.fork),
        order: (order) => {
          self.given.push(order);
          if (self.refuses) return Promise.resolve(answerRefused(0, problem("GND012", {})));
          return Promise.resolve(answerDone(0, `order 7-${self.given.length}`));
        },
        view: () =>
          ({
            vehicles: [1, 2].map((index) => ({
              index,
              status: self.lost.includes(index) ? "lost" : "searching",
            })),
            security: { evicted: [] },
          }) as unknown as GroundView,
      },
    }),
    settled: () =>
      new Promise((done) => {
        const look = (): void => {
          const view = self.desk.view();
          if (view !== null && over(view.baseline) && over(view.changed)) done();
        };
        told.push(look);
        look();
      }),
  };
  desks.push(self.desk);
  return self;
}

const fork = (of: Bench, ...changes: WhatIfChange[]): ReturnType<WhatIfDesk["ask"]> =>
  of.desk.ask(1, { kind: "fork", horizonS: 600, changes });

describe("a what-if", () => {
  test("is told with its age, its changes and both forks, until it is dropped", async () => {
    const of = bench();
    expect(await fork(of, HOLD)).toMatchObject({ ok: true, text: "what-if 1" });
    expect(of.desk.view()).toMatchObject({
      id: 1,
      forkedAtS: 61,
      horizonS: 600,
      changes: ["hold: vehicle 2"],
      bar: "",
      committed: [],
    });
    expect((await of.desk.ask(2, { kind: "drop", whatIf: 1 })).ok).toBe(true);
    expect(of.desk.view()).toBeNull();
  });

  test("is one at a time, and another once it was dropped", async () => {
    const of = bench();
    const [first, second] = await Promise.all([fork(of, HOLD), fork(of, HOLD)]);
    expect([first.ok, second.code]).toEqual([true, "GND020"]);
    await of.desk.ask(2, { kind: "drop", whatIf: 1 });
    expect((await fork(of, KILL)).text).toBe("what-if 2");
    expect((await of.desk.ask(3, { kind: "drop", whatIf: 1 })).code).toBe("GND021");
  });

  test("of a vehicle that is not there is refused, and so is one of a stopped world", async () => {
    const of = bench();
    const unknown = await fork(of, { kind: "kill", vehicles: [9] });
    expect(unknown).toMatchObject({ ok: false, code: "GND003" });
    of.fork = problem("GND009", {});
    expect((await fork(of, HOLD)).code).toBe("GND009");
    of.fork = FORKED;
    expect((await fork(of, HOLD)).ok).toBe(true);
  });
});

describe("committing", () => {
  const commit = (of: Bench): ReturnType<WhatIfDesk["ask"]> =>
    of.desk.ask(5, { kind: "commit", whatIf: 1 });

  test("gives its orders by the ordinary desk, once, in their order", async () => {
    const of = bench();
    await fork(of, HOLD, HOME);
    await of.settled();
    const [first, second] = await Promise.all([commit(of), commit(of)]);
    expect(first).toMatchObject({ ok: true, text: "committed: order 7-1, order 7-2" });
    expect(second.code).toBe("GND028");
    expect(of.given).toEqual([HOLD.order, HOME.order]);
    expect(of.desk.view()?.committed).toEqual(["order 7-1", "order 7-2"]);
  });

  test("is refused before the forks have come to their end, or when one has failed", async () => {
    const of = bench();
    await fork(of, HOLD);
    expect((await commit(of)).code).toBe("GND027");
    const dying = bench("dying");
    await fork(dying, HOLD);
    await dying.settled();
    expect(await commit(dying)).toMatchObject({ code: "GND027", remedy: "drop it and fork again" });
    expect(dying.desk.view()?.changed.trouble).toMatch(/^GND023/u);
    expect([of.given, dying.given]).toEqual([[], []]);
  });

  test.each([
    [KILL, "vehicle 1 lost is a fault and stays in its fork"],
    [{ kind: "planner", planner: "parallelTrack" }, "no order changes the planner"],
  ] as const)(
    "never applies %j to the live world, not even beside an order",
    async (change, bar) => {
      const of = bench();
      await fork(of, HOLD, change);
      await of.settled();
      expect(of.desk.view()?.bar).toContain(bar);
      expect((await commit(of)).code).toBe("GND024");
      expect(of.given).toEqual([]);
    },
  );

  test("says so when the vehicle of the plan is gone meanwhile, and gives nothing", async () => {
    const of = bench();
    await fork(of, HOME, HOLD);
    await of.settled();
    of.lost = [2];
    const answer = await commit(of);
    expect(answer).toMatchObject({ ok: false, code: "GND025" });
    expect(answer.text).toContain("vehicle 2 is gone");
    expect(of.given).toEqual([]);
    of.lost = [];
    expect((await commit(of)).ok).toBe(true);
  });

  test("stops at an order that is not signed, and says how many were", async () => {
    const of = bench();
    await fork(of, HOLD, HOME);
    await of.settled();
    of.refuses = true;
    const answer = await commit(of);
    expect(answer).toMatchObject({ ok: false, code: "GND012" });
    expect(answer.text).toMatch(/^0 of 2 orders were given/u);
    expect(of.given.length).toBe(1);
  });
});
