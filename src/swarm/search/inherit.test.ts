import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, nodeIndex, segmentId } from "../../base/mod.ts";
import { loadCore, saveCore, type Core } from "../core.ts";
import { flyingAt, stepAt, testCore, type Told } from "../core.test-support.ts";
import { noteClaim } from "../envelope/tracks.ts";
import { PASSES_MAX } from "../planner/segments.ts";
import type { Proposal } from "../types.ts";
import { INHERITED_MAX, inherit, noteOrphan, ORPHANS_KEPT } from "./inherit.ts";
import { keepTask, releaseTask } from "./searching.ts";
import { RENEW_MS } from "./tasks.ts";

function searching(): Core {
  const core = testCore();
  core.state.sample = flyingAt(0);
  Object.assign(core.state.flight, { usableS: 1200, homeS: 60 });
  keepTask(core, stepAt(0));
  return core;
}

const proposals = ({ outs }: Told): Proposal[] =>
  outs.flatMap((out) => (out.kind === "propose" ? [out.proposal] : []));

/** A segment that is not the one in hand. */
const other = (core: Core, after = 0): ReturnType<typeof segmentId> => {
  const own = core.state.tasks.task!.segment;
  const ids = core.config.plan.segments.map(({ id }) => id).filter((id) => id !== own);
  return ids[after]!;
};

/** A peer in the air right over the middle of a segment. */
function peerOver(core: Core, index: number, segment: number): void {
  const { northM, eastM } = core.config.plan.segments[segment]!;
  core.state.tracks = noteClaim(
    core.state.tracks,
    {
      index: nodeIndex(index),
      position: { northM, eastM, altitudeAmslM: 460 },
      velocity: { northMps: 0, eastMps: 0, downMps: 0 },
      plan: [],
      trust: "verified",
      ageMs: 0,
      inAir: true,
      positionErrorM: 1,
    },
    0,
  );
}

describe("a segment whose owner is gone", () => {
  test("is claimed at once by a vehicle that nobody is nearer than, and kept alive", () => {
    const core = searching();
    const orphan = other(core);
    noteOrphan(core, orphan, 100);
    const step = stepAt(100);
    inherit(core, step);
    expect(proposals(step)).toEqual([{ kind: "claim", segment: orphan, pass: 0 }]);
    core.owners[orphan] = core.config.self;
    const later = stepAt(100 + RENEW_MS);
    inherit(core, later);
    inherit(core, later);
    const progress = { segment: orphan, pass: 0, lanes: 0 };
    expect(proposals(later)).toEqual([{ kind: "renew", progress }]);
  });

  test("is left for a turn to whoever is nearer, and to whoever was quicker", () => {
    const core = searching();
    const orphan = other(core);
    peerOver(core, 4, orphan);
    noteOrphan(core, orphan, 100);
    const early = stepAt(200);
    inherit(core, early);
    expect(proposals(early)).toEqual([]);
    core.owners[orphan] = 4;
    const late = stepAt(400);
    inherit(core, late);
    expect(proposals(late)).toEqual([]);
    expect(core.state.tasks.orphans).toEqual([]);
  });

  test("falls to the next when the nearest does not take it", () => {
    const core = searching();
    const orphan = other(core);
    peerOver(core, 4, orphan);
    noteOrphan(core, orphan, 100);
    const step = stepAt(300);
    inherit(core, step);
    expect(proposals(step)).toMatchObject([{ kind: "claim", segment: orphan }]);
  });

  test("is not taken on by one that cannot reach it, nor on the ground, nor once done", () => {
    const tried = (change: (core: Core) => void, at = 100): number => {
      const core = searching();
      const orphan = other(core);
      noteOrphan(core, orphan, 100);
      change(core);
      const step = stepAt(at);
      inherit(core, step);
      return proposals(step).length;
    };
    expect(tried(() => undefined)).toBe(1);
    expect(tried((core) => (core.state.flight.usableS = 61))).toBe(0);
    expect(tried((core) => (core.state.flight.mustGoHome = true))).toBe(0);
    expect(tried((core) => core.table.pass.fill(PASSES_MAX))).toBe(0);
    expect(tried(() => undefined, 60_000)).toBe(0);
    const ground = testCore({ passive: true });
    noteOrphan(ground, segmentId(0), 0);
    noteOrphan(ground, segmentId(60_000), 0);
    expect(ground.state.tasks.orphans).toEqual([]);
  });
});

describe("an heir", () => {
  test("flies what it inherited next, and holds one lease for it", () => {
    const core = searching();
    const orphan = other(core, 3);
    noteOrphan(core, orphan, 100);
    inherit(core, stepAt(100));
    core.owners[orphan] = core.config.self;
    core.state.tasks.task = undefined;
    core.state.tasks.chosenMs = -1e9;
    expect(keepTask(core, stepAt(200))).toBe(true);
    expect(core.state.tasks.task).toMatchObject({ segment: orphan });
    expect(core.state.tasks.inherited).toEqual([]);
  });

  test("gives it back when it leaves the search, or cannot fly it any more", () => {
    const core = searching();
    const orphan = other(core);
    noteOrphan(core, orphan, 100);
    inherit(core, stepAt(100));
    const step = stepAt(200);
    releaseTask(core, step);
    const segments = proposals(step).map((one) => "progress" in one && one.progress.segment);
    expect(segments).toContain(orphan);
    expect(core.state.tasks.inherited).toEqual([]);
  });

  test("lets go of what another was given; a claim that was never agreed on is made again", () => {
    const core = searching();
    noteOrphan(core, other(core), 100);
    noteOrphan(core, other(core, 1), 100);
    inherit(core, stepAt(100));
    expect(core.state.tasks.inherited).toHaveLength(2);
    core.owners[other(core)] = 5;
    inherit(core, stepAt(200));
    expect(core.state.tasks.inherited.map(({ segment }) => segment)).toEqual([other(core, 1)]);
    const again = stepAt(5_200);
    inherit(core, again);
    expect(proposals(again)).toMatchObject([{ kind: "claim", segment: other(core, 1) }]);
  });

  test("keeps few at a time; orphans are remembered up to a bound; both are saved", () => {
    const core = searching();
    for (const { id } of core.config.plan.segments) noteOrphan(core, id, 100);
    for (let i = 0; i < 2 * ORPHANS_KEPT; i += 1) noteOrphan(core, segmentId(i % 5), 100);
    expect(core.state.tasks.orphans.length).toBeLessThanOrEqual(ORPHANS_KEPT);
    inherit(core, stepAt(100));
    expect(core.state.tasks.inherited).toHaveLength(INHERITED_MAX);
    const to = new ByteWriter();
    saveCore(core, to);
    const again = testCore();
    loadCore(again, new ByteReader(to.take()), []);
    expect(again.state.tasks).toEqual(core.state.tasks);
  });
});
