import { describe, expect, test } from "vitest";
import { SEGMENTS_MAX } from "../../base/mod.ts";
import type { Zone } from "../area/mod.ts";
import { depthInsideM, polygonContains, segmentMeetsRing } from "../area/mod.ts";
import { homeCostS, legCostS, legSpeed, usableS } from "../energy/energy.ts";
import { EDGE_MARGIN_M } from "../envelope/fences.ts";
import {
  cellAt,
  computedPrior,
  coverageAt,
  laneSpacingM,
  searchMap,
  setClues,
} from "../map/mod.ts";
import type { SearchGround } from "../map/mod.ts";
import { circleRing, testGround, testMission } from "../mission.test-support.ts";
import { mergeProgress, progressTable, fullMask } from "../search/progress.ts";
import {
  expandingSquarePlanner,
  parallelTrackPlanner,
  plannerNamed,
  PLANNER_NAMES,
  skeinPlanner,
} from "./baselines.ts";
import { distanceM, remainingLanes, runsFrom } from "./planner.ts";
import type { Choice, PlannerView, SearchPlanner } from "./planner.ts";
import { routeBetween } from "./route.ts";
import { blocks, gather, layoutOf, LANES_MAX, PASSES_MAX } from "./segments.ts";

const STILL = { northMps: 0, eastMps: 0 };

function viewOf(
  planner: SearchPlanner,
  world: SearchGround,
  changes: Partial<PlannerView> = {},
): PlannerView {
  const prior = computedPrior(world);
  const plan = planner.divide(world, prior);
  return {
    plan,
    map: searchMap(prior),
    progress: progressTable(plan),
    at: world.mission.base.position,
    slot: 0,
    slots: 6,
    usableS: usableS(world.mission, 1),
    home: world.mission.base.position,
    wind: STILL,
    taken: () => false,
    ...changes,
  };
}

const zone = (northM: number, eastM: number, radiusM: number): Zone => ({
  name: "zone",
  polygon: { outer: circleRing({ northM, eastM }, radiusM), holes: [] },
  floor: undefined,
  ceiling: undefined,
});

/** Sweeps everything that the planner chooses, as one vehicle with endless battery would. */
function sweepAll(view: PlannerView, choice: Choice): PlannerView {
  for (const { lane } of choice.runs) {
    mergeProgress(
      view.plan,
      { table: view.progress, map: view.map },
      {
        segment: choice.segment,
        pass: choice.pass,
        lanes: 2 ** lane,
      },
    );
  }
  const last = choice.runs[choice.runs.length - 1]!;
  const lane = layoutOf(view.plan, choice.segment, choice.pass).lanes[last.lane]!;
  return { ...view, at: last.reversed ? lane.a : lane.b };
}

describe("segments", () => {
  test("are as many as the log keeps rows for, and not one more", () => {
    const world = testGround(testMission());
    const prior = computedPrior(world);
    const strip = { axis: "east", crossM: 0, fromM: -50, toM: 50, widthM: 40 } as const;
    const shapes = (count: number) =>
      Array.from({ length: count }, () => ({ even: [strip], odd: [] }));
    expect(gather(world, prior, shapes(SEGMENTS_MAX)).segments).toHaveLength(SEGMENTS_MAX);
    expect(() => gather(world, prior, shapes(SEGMENTS_MAX + 1))).toThrow("segments");
  });

  test("each searchable cell away from the fence is swept once by one pass of all segments", () => {
    const world = testGround(testMission({ zones: [zone(800, 300, 250)] }), {
      cover: (n) => (n > 700 ? "forest" : "open"),
    });
    const prior = computedPrior(world);
    const plan = blocks(world, prior);
    const map = searchMap(prior);
    const table = progressTable(plan);
    for (const { id } of plan.segments) {
      mergeProgress(
        plan,
        { table, map },
        { segment: id, pass: 0, lanes: fullMask(layoutOf(plan, id, 0)) },
      );
    }
    for (const [n, e] of [
      [10, 10],
      [-1200, 900],
      [1900, -1700],
      [2100, 2000],
    ] as const) {
      const cell = cellAt(prior.grid, n, e);
      const coverage = coverageAt(map, cell) / 4096;
      const { sensor } = world.mission;
      const sweepM = n > 700 ? sensor.sweepWidthM.forest : sensor.sweepWidthM.open;
      const expected = sweepM / laneSpacingM(1, sweepM, sensor);
      expect(coverage).toBeGreaterThan(0.75 * expected);
      expect(coverage).toBeLessThan(1.5 * expected);
    }
    expect(coverageAt(map, cellAt(prior.grid, 800, 300))).toBe(0);
  });

  test("lanes keep out of zones and inside the fence; masks fit their bits", () => {
    const world = testGround(testMission({ zones: [zone(0, 0, 300)] }));
    const plan = blocks(world, computedPrior(world));
    for (const { id } of plan.segments) {
      for (const pass of [0, 1]) {
        const { lanes } = layoutOf(plan, id, pass);
        expect(lanes.length).toBeGreaterThan(0);
        expect(lanes.length).toBeLessThanOrEqual(LANES_MAX);
        for (const lane of lanes) {
          for (const t of [0, 0.25, 0.5, 0.75, 1]) {
            const n = lane.a.northM + (lane.b.northM - lane.a.northM) * t;
            const e = lane.a.eastM + (lane.b.eastM - lane.a.eastM) * t;
            expect(Math.hypot(n, e)).toBeGreaterThan(270);
            expect(Math.max(Math.abs(n), Math.abs(e))).toBeLessThan(2800);
          }
        }
      }
    }
  });

  test("no lane comes nearer to a zone than the envelope lets a vehicle go", () => {
    const one = zone(37, -11, 260);
    const world = testGround(testMission({ zones: [one] }));
    for (const { even } of blocks(world, computedPrior(world)).segments) {
      for (const { a, b } of even.lanes) {
        for (let t = 0; t <= 1; t += 0.05) {
          const northM = a.northM + (b.northM - a.northM) * t;
          const eastM = a.eastM + (b.eastM - a.eastM) * t;
          expect(depthInsideM(one.polygon, { northM, eastM })).toBeLessThan(-EDGE_MARGIN_M);
        }
      }
    }
  });

  test("zones that cut lanes into more pieces than a mask has bits leave the longest", () => {
    const zones = Array.from({ length: 120 }, (_, i) =>
      zone(-900 + Math.floor(i / 12) * 150, -900 + (i % 12) * 150, 20),
    );
    const mission = testMission({
      zones,
      plan: { laneSpacingRatio: 1, segmentS: 1800, cellM: 50 },
    });
    const plan = blocks(testGround(mission), computedPrior(testGround(mission)));
    const most = Math.max(...plan.segments.map(({ id }) => layoutOf(plan, id, 0).lanes.length));
    expect(most).toBe(LANES_MAX);
  });

  test("the same mission gives the same plan", () => {
    const make = () => {
      const world = testGround(testMission());
      return blocks(world, computedPrior(world));
    };
    expect(make().segments).toEqual(make().segments);
  });
});

describe("choosing", () => {
  test("the first segment lies where the person most likely is", () => {
    const view = viewOf(skeinPlanner(), testGround(testMission()));
    const choice = skeinPlanner().choose(view)!;
    const segment = view.plan.segments[choice.segment]!;
    expect(Math.hypot(segment.northM, segment.eastM)).toBeLessThan(600);
    expect(choice.next.length).toBeGreaterThan(0);
  });

  test("is the same for a planner that has chosen before and one that has just been loaded", () => {
    const long = skeinPlanner();
    const view = viewOf(long, testGround(testMission()));
    const state = { table: view.progress, map: view.map };
    for (let i = 0; i < 40; i += 1) {
      const choice = long.choose(view)!;
      expect(skeinPlanner().choose(view)).toEqual(choice);
      // Second passes lie half a spacing aside and reach into the segment beside theirs.
      const lanes = fullMask(layoutOf(view.plan, choice.segment, choice.pass));
      mergeProgress(view.plan, state, { segment: choice.segment, pass: choice.pass, lanes });
    }
  });

  test("what others hold is left to them", () => {
    const planner = skeinPlanner();
    const view = viewOf(planner, testGround(testMission()));
    const first = planner.choose(view)!;
    const second = planner.choose({ ...view, taken: (id) => id === first.segment })!;
    expect(second.segment).not.toBe(first.segment);
  });

  test("an empty battery chooses nothing, a low one something near", () => {
    const planner = skeinPlanner();
    const view = viewOf(planner, testGround(testMission()));
    expect(planner.choose({ ...view, usableS: 60 })).toBeUndefined();
    const low = planner.choose({ ...view, usableS: 300 })!;
    const segment = view.plan.segments[low.segment]!;
    expect(distanceM(segment, view.home)).toBeLessThan(1200);
  });

  test("a segment after its last pass is no offer, with nothing else there is no choice", () => {
    for (const planner of [skeinPlanner(), parallelTrackPlanner(), expandingSquarePlanner()]) {
      const view = viewOf(planner, testGround(testMission()));
      const first = planner.choose(view)!;
      view.progress.pass[first.segment] = PASSES_MAX;
      expect(planner.choose(view)?.segment).not.toBe(first.segment);
      view.progress.pass.fill(PASSES_MAX);
      expect(planner.choose(view)).toBeUndefined();
    }
  });

  test("a clue far away draws the search there", () => {
    const planner = skeinPlanner();
    const view = viewOf(planner, testGround(testMission()));
    setClues(view.map, [{ northM: 1800, eastM: 1500, errorM: 60, weight: 5000 }]);
    const segment = view.plan.segments[planner.choose(view)!.segment]!;
    expect(distanceM(segment, { northM: 1800, eastM: 1500 })).toBeLessThan(700);
  });

  test("after everything was searched once it comes back to the likeliest", () => {
    const planner = skeinPlanner();
    const world = testGround(testMission());
    let view = viewOf(planner, world);
    let passes = 0;
    for (let i = 0; i < view.plan.segments.length * 2; i += 1) {
      const choice = planner.choose({ ...view, usableS: 1e6 });
      expect(choice).toBeDefined();
      passes = Math.max(passes, choice!.pass);
      view = sweepAll(view, choice!);
    }
    expect(passes).toBeGreaterThan(0);
  });

  test("lanes are flown to and fro from the nearest gate, and only those that remain", () => {
    const world = testGround(testMission());
    const plan = blocks(world, computedPrior(world));
    const layout = layoutOf(plan, plan.segments[20]!.id, 0);
    const far = layout.lanes[layout.lanes.length - 1]!.b;
    const runs = runsFrom(layout, 0b10, far);
    expect(runs.map((run) => run.lane)).not.toContain(1);
    expect(runs[0]).toEqual({ lane: layout.lanes.length - 1, reversed: true });
    for (let i = 1; i < runs.length; i += 1) {
      expect(runs[i]!.reversed).not.toBe(runs[i - 1]!.reversed);
    }
    expect(remainingLanes(layout, 0b10).length).toBe(layout.lanes.length - 1);
  });
});

describe("the plans to be beaten", () => {
  test("parallel track: each vehicle begins its own band, all of the 75% ring is laid out", () => {
    const planner = parallelTrackPlanner();
    const view = viewOf(planner, testGround(testMission()));
    const starts = Array.from({ length: 6 }, (_, slot) => planner.choose({ ...view, slot })!);
    expect(new Set(starts.map((start) => start.segment)).size).toBe(6);
    const area = view.plan.segments.reduce(
      (sum, { id }) =>
        sum +
        layoutOf(view.plan, id, 0).lanes.reduce((m, lane) => m + lane.lengthM * lane.spacingM, 0),
      0,
    );
    // The ring of 3.2 km clipped to the box of 5 km.
    expect(area).toBeGreaterThan(0.9 * 25e6);
  });

  test("expanding square: from the last known position outwards, in order", () => {
    const planner = expandingSquarePlanner();
    const view = viewOf(planner, testGround(testMission()));
    const first = view.plan.segments[planner.choose(view)!.segment]!;
    expect(Math.hypot(first.northM, first.eastM)).toBeLessThan(300);
    const reach = view.plan.segments.map(({ id }) =>
      Math.max(
        ...layoutOf(view.plan, id, 0).lanes.map((lane) =>
          Math.max(Math.abs(lane.a.northM), Math.abs(lane.a.eastM)),
        ),
      ),
    );
    const quarter = Math.floor(reach.length / 4);
    expect(reach[quarter]).toBeLessThan(reach[3 * quarter]!);
  });

  test("both begin again when all is swept, and both stop when the battery is low", () => {
    for (const planner of [parallelTrackPlanner(), expandingSquarePlanner()]) {
      const world = testGround(
        testMission({ area: [{ outer: circleRing({ northM: 0, eastM: 0 }, 500), holes: [] }] }),
      );
      let view = viewOf(planner, world, { usableS: 1e6 });
      let passes = 0;
      for (let i = 0; i < view.plan.segments.length + 1; i += 1) {
        const choice = planner.choose(view)!;
        passes = Math.max(passes, choice.pass);
        view = sweepAll(view, choice);
      }
      expect(passes).toBe(1);
      expect(planner.choose({ ...view, usableS: 30 })).toBeUndefined();
      expect(planner.choose({ ...view, taken: () => true })).toBeUndefined();
    }
  });

  test("planners go by name", () => {
    expect(PLANNER_NAMES.map((name) => plannerNamed(name).name)).toEqual([...PLANNER_NAMES]);
  });
});

describe("ways around zones", () => {
  const from = { northM: -1000, eastM: 0 };
  const to = { northM: 1000, eastM: 50 };

  test("a free leg is straight", () => {
    expect(routeBetween(testGround(testMission()), { a: from, b: to, aglM: 60 })).toEqual([]);
  });

  test("two zones in the way are gone around, closely", () => {
    const zones = [zone(-300, 0, 200), zone(400, -100, 250)];
    const world = testGround(testMission({ zones }));
    const corners = routeBetween(world, { a: from, b: to, aglM: 60 });
    expect(corners.length).toBeGreaterThan(0);
    const path = [from, ...corners, to];
    let lengthM = 0;
    for (let i = 0; i + 1 < path.length; i += 1) {
      lengthM += distanceM(path[i]!, path[i + 1]!);
      for (let t = 0; t <= 1; t += 0.02) {
        const n = path[i]!.northM + (path[i + 1]!.northM - path[i]!.northM) * t;
        const e = path[i]!.eastM + (path[i + 1]!.eastM - path[i]!.eastM) * t;
        expect(zones.some((one) => polygonContains(one.polygon, n, e))).toBe(false);
      }
    }
    expect(lengthM).toBeLessThan(2400);
  });

  test("from close beside a zone the way leads around it, not through it", () => {
    const one = zone(0, 0, 250);
    const world = testGround(testMission({ zones: [one] }));
    const beside = { northM: -247, eastM: 82 };
    const behind = { northM: 68, eastM: 279 };
    for (const [a, b] of [
      [beside, behind],
      [behind, beside],
    ] as const) {
      const path = [a, ...routeBetween(world, { a, b, aglM: 60 }), b];
      expect(path.length).toBeGreaterThan(2);
      for (let i = 0; i + 1 < path.length; i += 1) {
        const leg = { a: path[i]!, b: path[i + 1]! };
        expect(segmentMeetsRing(one.polygon.outer, leg)).toBe(false);
      }
    }
  });

  test("a zone that does not hold this height, or holds an end, does not bend the way", () => {
    const low: Zone = { ...zone(0, 0, 200), ceiling: { reference: "agl", altitudeM: 30 } };
    expect(
      routeBetween(testGround(testMission({ zones: [low] })), { a: from, b: to, aglM: 60 }),
    ).toEqual([]);
    const around = testMission({ zones: [zone(-1000, 0, 200)] });
    expect(routeBetween(testGround(around), { a: from, b: to, aglM: 60 })).toEqual([]);
  });

  test("with more zones than it looks at, the straight leg is given", () => {
    const zones = Array.from({ length: 20 }, (_, i) => zone(-900 + i * 90, 0, 60));
    expect(routeBetween(testGround(testMission({ zones })), { a: from, b: to, aglM: 60 })).toEqual(
      [],
    );
  });
});

describe("energy", () => {
  const mission = testMission();
  const flat = { heightAmslM: () => 0 };
  const a = { northM: 0, eastM: 0 };
  const b = { northM: 1200, eastM: 0 };

  test("against the wind is slower or dearer than with it", () => {
    const wind = { northMps: -9, eastMps: 0 };
    const against = legSpeed(mission, { a, b }, wind);
    const along = legSpeed(mission, { a: b, b: a }, wind);
    expect(against.groundMps).toBeLessThan(along.groundMps);
    expect(against.powerRatio).toBeGreaterThan(along.powerRatio);
    expect(legCostS(mission, flat, { a, b }, wind)).toBeGreaterThan(
      legCostS(mission, flat, { a, b }, STILL),
    );
  });

  test("a ridge in the way home costs its climb", () => {
    const ridge = { heightAmslM: (n: number) => 300 * Math.exp(-(((n - 600) / 200) ** 2)) };
    expect(homeCostS(mission, ridge, [a, b], STILL)).toBeGreaterThan(
      homeCostS(mission, flat, [a, b], STILL) + 80,
    );
  });

  test("what is usable ends at the reserve", () => {
    expect(usableS(mission, 0.2)).toBeCloseTo(0, 9);
    expect(usableS(mission, 1)).toBeCloseTo(0.8 * 28 * 60, 6);
  });
});
