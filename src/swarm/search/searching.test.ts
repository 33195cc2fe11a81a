import { describe, expect, test } from "vitest";
import { nodeIndex, segmentId } from "../../base/mod.ts";
import type { Core } from "../core.ts";
import { flyingAt, stepAt, testCore, type Told } from "../core.test-support.ts";
import { layoutOf } from "../planner/segments.ts";
import type { Proposal } from "../types.ts";
import { fullMask } from "./progress.ts";
import {
  keepTask,
  laneFlown,
  laneTask,
  learn,
  plannerView,
  releaseTask,
  rowsFrom,
  sweptShare,
  wouldSearch,
} from "./searching.ts";
import { noteIntent, RENEW_MS } from "./tasks.ts";

function airborne(): Core {
  const core = testCore();
  core.state.sample = flyingAt(0);
  Object.assign(core.state.flight, { usableS: 1200, homeS: 60 });
  return core;
}

const proposals = ({ outs }: Told): Proposal[] =>
  outs.flatMap((out) => (out.kind === "propose" ? [out.proposal] : []));

/** The core with a task in hand. */
function searching(): Core {
  const core = airborne();
  keepTask(core, stepAt(0));
  return core;
}

describe("taking a segment", () => {
  test("asks on the ground without claiming, and not again within two seconds", () => {
    const core = airborne();
    expect(wouldSearch(core, 0)).toBe(true);
    expect(core.state.tasks.task).toBeUndefined();
    core.owners.fill(9);
    expect(wouldSearch(core, 1000)).toBe(true);
    expect(wouldSearch(core, 2500)).toBe(false);
  });

  test("one that knows nothing of itself neither asks nor takes", () => {
    const core = testCore();
    expect(plannerView(core, 0)).toBeUndefined();
    expect(wouldSearch(core, 0)).toBe(false);
    expect(keepTask(core, stepAt(0))).toBe(false);
    expect(laneTask(core)).toBeUndefined();
  });

  test("claims it in the log, tells its neighbours at once and flies its first lane", () => {
    const core = airborne();
    core.state.gossip.intentMs = 0;
    const step = stepAt(0);
    expect(keepTask(core, step)).toBe(true);
    const { segment, pass, runs } = core.state.tasks.task!;
    expect(proposals(step)).toEqual([{ kind: "claim", segment, pass }]);
    expect(core.state.gossip.intentMs).toBeLessThan(0);
    const lane = laneTask(core)!;
    const layout = layoutOf(core.config.plan, segment, pass);
    const { a, b } = layout.lanes[runs[0]!.lane]!;
    expect([lane.from, lane.to]).toEqual(runs[0]!.reversed ? [b, a] : [a, b]);
    expect(laneTask(core)!.route).toBe(lane.route);
  });

  test("leaves what others own or have announced", () => {
    const core = airborne();
    const free = plannerView(core, 0)!;
    expect(free.taken(segmentId(0))).toBe(false);
    core.owners[0] = 9;
    core.owners[1] = core.config.self;
    const intent = { duty: "search", place: undefined, spareS: 1, digest: 0 } as const;
    noteIntent(core.state.tasks, {
      from: nodeIndex(7),
      intent: { ...intent, segments: [segmentId(2)] },
      atMs: 0,
    });
    const view = plannerView(core, 0)!;
    expect([0, 1, 2, 3].map((id) => view.taken(segmentId(id)))).toEqual([true, false, true, false]);
    expect(plannerView(core, 60_000)!.taken(segmentId(2))).toBe(false);
  });

  test("a peer with the lower index on the same segment gets it while the log is silent", () => {
    const core = searching();
    const { segment } = core.state.tasks.task!;
    const intent = { duty: "search", place: undefined, spareS: 1, digest: 0 } as const;
    const heard = { intent: { ...intent, segments: [segment] }, atMs: 0 };
    noteIntent(core.state.tasks, { ...heard, from: nodeIndex(3) });
    keepTask(core, stepAt(100));
    expect(core.state.tasks.task!.segment).toBe(segment);
    noteIntent(core.state.tasks, { ...heard, from: nodeIndex(1) });
    keepTask(core, stepAt(200));
    expect(core.state.tasks.task?.segment).not.toBe(segment);
  });

  test("a lease of its own is renewed with how far it is; one that ran out is claimed anew", () => {
    const core = searching();
    const { segment } = core.state.tasks.task!;
    const lost = stepAt(RENEW_MS);
    keepTask(core, lost);
    expect(proposals(lost)).toMatchObject([{ kind: "claim", segment }]);
    core.owners[segment] = core.config.self;
    const held = stepAt(2 * RENEW_MS);
    keepTask(core, held);
    expect(proposals(held)).toEqual([{ kind: "renew", progress: { segment, pass: 0, lanes: 0 } }]);
  });
});

describe("lane by lane", () => {
  test("all lanes seen complete the segment in the table, to neighbours and in the log", () => {
    const core = searching();
    const { segment, runs } = core.state.tasks.task!;
    const step = stepAt(1000);
    for (let i = 0; i < runs.length; i += 1) {
      const share = sweptShare(core, segment);
      expect(share).toBeCloseTo(i / layoutOf(core.config.plan, segment, 0).lanes.length, 12);
      laneFlown(core, step, true);
    }
    expect(core.table.pass[segment]).toBe(1);
    expect(core.state.tasks.task).toBeUndefined();
    const kinds = step.outs.map((out) => out.kind);
    expect(kinds.filter((kind) => kind === "message")).toHaveLength(runs.length);
    expect(proposals(step)).toEqual([
      { kind: "complete", progress: { segment, pass: 1, lanes: 0 } },
    ]);
    expect(step.outs).toContainEqual({
      kind: "event",
      event: { kind: "segmentSearched", segment, owner: core.config.self },
    });
    laneFlown(core, step, true);
    expect(core.table.lanes[segment]).toBe(0);
  });

  test("a lane flown too high or aside stays open, and is left alone for a while", () => {
    const core = searching();
    const { segment, runs } = core.state.tasks.task!;
    const step = stepAt(1000);
    laneFlown(core, step, false);
    expect(core.table.lanes[segment]).toBe(0);
    expect(step.outs).toEqual([]);
    expect(core.state.tasks.skips).toMatchObject([{ segment, lane: runs[0]!.lane }]);
  });

  test("lanes that another has swept are passed over, a segment that is done given back", () => {
    const core = searching();
    const { segment, runs } = core.state.tasks.task!;
    const first = (1 << runs[0]!.lane) >>> 0;
    learn(core, stepAt(500), { segment, pass: 0, lanes: first });
    keepTask(core, stepAt(600));
    expect(core.state.tasks.task!.run).toBe(1);
    learn(core, stepAt(700), { segment, pass: 1, lanes: 0 });
    const step = stepAt(800);
    keepTask(core, step);
    expect(proposals(step)[0]).toEqual({
      kind: "complete",
      progress: { segment, pass: 1, lanes: 0 },
    });
  });

  test("with too little left for the next lane and home it goes home", () => {
    const core = searching();
    core.state.flight.usableS = 70;
    laneFlown(core, stepAt(1000), true);
    expect(core.state.flight.mustGoHome).toBe(true);
    const rich = searching();
    laneFlown(rich, stepAt(1000), true);
    expect(rich.state.flight.mustGoHome).toBe(false);
  });

  test("leaving gives back what is left, once", () => {
    const core = searching();
    const { segment } = core.state.tasks.task!;
    const step = stepAt(1000);
    releaseTask(core, step);
    releaseTask(core, step);
    expect(proposals(step)).toEqual([
      { kind: "release", progress: { segment, pass: 0, lanes: 0 } },
    ]);
  });
});

describe("what others tell", () => {
  test("that cannot be true of this plan is refused and changes nothing", () => {
    const core = airborne();
    const step = stepAt(0);
    const lanes = fullMask(layoutOf(core.config.plan, segmentId(0), 0)) + 1;
    learn(core, step, { segment: segmentId(0), pass: 0, lanes });
    learn(core, step, { segment: segmentId(60_000), pass: 0, lanes: 0 });
    expect(step.outs).toEqual([
      { kind: "event", event: { kind: "refused", code: "SWM008" } },
      { kind: "event", event: { kind: "refused", code: "SWM008" } },
    ]);
    expect(core.table.lanes[0]).toBe(0);
  });

  test("rows go round: each that says something, once a turn, a few at a time", () => {
    const core = airborne();
    for (const id of [0, 2, 3]) {
      learn(core, stepAt(0), { segment: segmentId(id), pass: 0, lanes: 1 });
    }
    const turns = [rowsFrom(core, 2), rowsFrom(core, 2)].map((rows) =>
      rows.map(({ segment }) => segment),
    );
    expect(turns).toEqual([
      [0, 2],
      [3, 0],
    ]);
    expect(rowsFrom(testCore(), 5)).toEqual([]);
  });
});
