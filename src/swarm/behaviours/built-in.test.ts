import { describe, expect, test } from "vitest";
import { nodeIndex, segmentId } from "../../base/mod.ts";
import { testMission } from "../mission.test-support.ts";
import type { Behaviour, LaneTask, NeighbourView } from "./define.ts";
import { goTo, hold, land, look, returnHome, stayLow, takeOff } from "./duties.ts";
import { followWay, slopeSpeedMps } from "./flying.ts";
import { BehaviourRunner, type ViewParts, type Wishes } from "./runner.ts";
import { search } from "./search.ts";

const mission = testMission();
const LAYER_M = 80;
const LANE_M = mission.sensor.aglM;

interface Here {
  readonly northM: number;
  readonly eastM?: number;
  readonly aglM?: number;
  readonly speedMps?: number;
}

/** A vehicle over flat ground at 400 m whose home is the origin. */
function view(here: Here, changes: Partial<ViewParts> = {}): ViewParts {
  const { northM, eastM = 0, aglM = LANE_M, speedMps = 0 } = here;
  return {
    nowMs: 0,
    self: {
      index: nodeIndex(1),
      slot: 0,
      position: { northM, eastM, altitudeAmslM: 400 + aglM },
      velocity: { northMps: speedMps, eastMps: 0, downMps: 0 },
      yawRad: 0,
      altitudeAglM: aglM,
      positionErrorM: 1,
      batteryRatio: 0.9,
      inAir: true,
    },
    neighbours: [],
    mission,
    home: { northM: 0, eastM: 0 },
    wayHome: () => [{ northM: 0, eastM: 0 }],
    wayTo: (place) => [place],
    layerAglM: LAYER_M,
    place: undefined,
    tasks: { lane: undefined, mine: [], ownerOf: () => undefined },
    map: { massAt: () => 0 },
    terrain: { heightAmslM: () => 400 },
    agreed: () => undefined,
    shared: () => [],
    random: () => 0.5,
    ...changes,
  };
}

/** The wishes of the last of several steps of one vehicle. */
function fly(behaviour: Behaviour, views: readonly ViewParts[]): Wishes {
  const runner = new BehaviourRunner(behaviour);
  const wishes = views.map((each) => runner.step(each));
  const last = wishes[wishes.length - 1];
  if (last === undefined) throw new Error(runner.parked?.text ?? "no step");
  return last;
}

const agl = (aglM: number) => ({ kind: "agl", aglM });

describe("up and down", () => {
  test("take-off rises over the pad and is done just below the layer", () => {
    const low = fly(takeOff, [view({ northM: 2, aglM: 30 })]);
    expect(low.target).toMatchObject({ northM: 0, eastM: 0, height: agl(LAYER_M) });
    expect(low.done).toBe(false);
    expect(fly(takeOff, [view({ northM: 2, aglM: LAYER_M - 3 })]).done).toBe(true);
  });

  test("land touches down where it is", () => {
    expect(fly(land, [view({ northM: 500 })])).toMatchObject({ touchDown: true });
  });

  test("home is flown at the layer, then down the column; only low over the pad it lands", () => {
    const far = fly(returnHome, [view({ northM: 900, aglM: LAYER_M })]);
    expect(far.target).toMatchObject({ northM: 0, eastM: 0, height: agl(LAYER_M) });
    const over = view({ northM: 1, aglM: LAYER_M });
    const sinking = fly(returnHome, [over, over]);
    expect(sinking.target).toMatchObject({ northM: 0, height: { kind: "amsl", amslM: 405 } });
    expect(sinking.touchDown).toBe(false);
    expect(fly(returnHome, [over, view({ northM: 1, aglM: 6 })]).touchDown).toBe(true);
    const fast = view({ northM: 1, aglM: LAYER_M, speedMps: 4 });
    expect(fly(returnHome, [fast, fast]).target).toMatchObject({ height: agl(LAYER_M) });
  });

  test("blown off its column it flies there again before it sinks on", () => {
    const over = view({ northM: 1, aglM: LAYER_M });
    const aside = view({ northM: 15, aglM: 20 });
    expect(fly(returnHome, [over, aside, aside]).target).toMatchObject({ height: agl(LAYER_M) });
  });

  test("a rangefinder that is stuck high does not keep it from touching down", () => {
    const over = view({ northM: 1, aglM: LAYER_M });
    const low = view({ northM: 1, aglM: 5 });
    const stuck = { ...low, self: { ...low.self, altitudeAglM: 60 } };
    expect(fly(returnHome, [over, stuck]).touchDown).toBe(true);
  });

  test("near the pads it lets one that climbs beside its pad go first", () => {
    const climber = (downMps: number, northM = 10): NeighbourView => ({
      index: nodeIndex(3),
      position: { northM, eastM: 0, altitudeAmslM: 420 },
      velocity: { northMps: 0, eastMps: 0, downMps },
      covarianceM: 1,
      ageMs: 0,
      trust: "verified",
      plan: [],
    });
    const here = { northM: 40, aglM: LAYER_M };
    const goal = (neighbours: NeighbourView[]) =>
      fly(returnHome, [view(here, { neighbours })]).target!.northM;
    expect(goal([climber(-2)])).toBe(40);
    expect(goal([climber(1)])).toBe(0);
    expect(goal([climber(-2, 60)])).toBe(0);
  });
});

describe("still", () => {
  test("hold keeps the place and height where it began, however it is pushed", () => {
    const wishes = fly(hold, [view({ northM: 100, aglM: 50 }), view({ northM: 130, aglM: 70 })]);
    expect(wishes.target).toMatchObject({ northM: 100, height: { kind: "amsl", amslM: 450 } });
  });

  test("stay low keeps the place and asks for the ground, which the envelope keeps clear", () => {
    const wishes = fly(stayLow, [view({ northM: 100 }), view({ northM: 130 })]);
    expect(wishes.target).toMatchObject({ northM: 100, height: agl(0) });
  });
});

describe("to a place", () => {
  const place = { northM: 1000, eastM: 0 };

  test("go-to follows the way that was found once, and sinks to lane height near its end", () => {
    let asked = 0;
    const wayTo = (to: { northM: number; eastM: number }) => {
      asked += 1;
      return [{ northM: 500, eastM: 300 }, to];
    };
    const at = (northM: number, eastM = 0) => view({ northM, eastM }, { place, wayTo });
    expect(fly(goTo, [at(0)]).target).toMatchObject({ eastM: 300, height: agl(LAYER_M) });
    asked = 0;
    const wishes = fly(goTo, [at(0), at(490, 295), at(950)]);
    expect(asked).toBe(1);
    expect(wishes.target).toMatchObject({ northM: 1000, height: agl(LANE_M), arriveMps: 0 });
  });

  test("another place is another way; without one it goes home", () => {
    const to = (northM: number) => view({ northM: 0 }, { place: { northM, eastM: 0 } });
    expect(fly(goTo, [to(1000), to(400)]).target).toMatchObject({ northM: 400 });
    expect(fly(goTo, [view({ northM: 700 })]).target).toMatchObject({ northM: 0 });
  });

  test("a look circles the place low for fifty seconds, and is done", () => {
    const near = (nowMs: number) => view({ northM: 990 }, { place, nowMs });
    const circling = fly(look, [near(0), near(100), near(200)]);
    const { northM, eastM, height } = circling.target!;
    expect(Math.hypot(northM - 1000, eastM)).toBeCloseTo(22, 6);
    expect(height).toEqual(agl(45));
    expect(circling.done).toBe(false);
    expect(fly(look, [near(0), near(50_000)]).done).toBe(false);
    expect(fly(look, [near(0), near(50_100)]).done).toBe(true);
  });
});

describe("a lane", () => {
  const lane: LaneTask = {
    segment: segmentId(3),
    pass: 0,
    lane: 1,
    from: { northM: 100, eastM: 0 },
    to: { northM: 500, eastM: 0 },
    spacingM: 50,
    route: [],
  };
  const on = (northM: number, here: Partial<Here> = {}, task = lane) =>
    view({ northM, ...here }, { tasks: { lane: task, mine: [], ownerOf: () => undefined } });
  const along = (here: Partial<Here> = {}) =>
    [100, 200, 300, 400, 500].map((northM) => on(northM, here));

  test("is flown to its beginning, then along its line, ahead of the vehicle", () => {
    expect(fly(search, [on(0)]).target).toMatchObject({ northM: 100, eastM: 0 });
    const wishes = fly(search, [on(100), on(200, { eastM: 5 })]);
    expect(wishes.target).toMatchObject({ northM: 230, eastM: 0, height: agl(LANE_M) });
    expect(wishes.swept).toBeUndefined();
  });

  test("counts as seen when it was flown low and true, else not", () => {
    expect(fly(search, along()).swept).toBe(true);
    expect(fly(search, along({ eastM: 11 })).swept).toBe(true);
    const missed = [on(100), ...along({ eastM: 25 }).slice(1)];
    expect(fly(search, missed).swept).toBe(false);
    const high = [on(100), ...along({ aglM: 1.7 * LANE_M }).slice(1)];
    expect(fly(search, high).swept).toBe(false);
  });

  test("the next lane is begun anew, whatever was seen of the last", () => {
    const next = {
      ...lane,
      lane: 2,
      from: { northM: 500, eastM: 50 },
      to: { northM: 100, eastM: 50 },
    };
    const wishes = fly(search, [on(100), on(300), on(300, {}, next)]);
    expect(wishes.target).toMatchObject({ northM: 500, eastM: 50 });
    expect(wishes.swept).toBeUndefined();
  });

  test("without a lane it waits at its layer", () => {
    const wishes = fly(search, [view({ northM: 77 })]);
    expect(wishes.target).toMatchObject({ northM: 77, height: agl(LAYER_M) });
  });
});

describe("speed over ground", () => {
  const { cruiseMps, climbMaxMps, descentMaxMps } = mission.vehicles;
  /** The speed that a behaviour is given towards the north over ground of one slope. */
  const speedOn = (slope: number): number => {
    let speed = 0;
    const runner = new BehaviourRunner({
      ...land,
      step: (seen) => {
        speed = slopeSpeedMps(seen, { northM: 500, eastM: 0 });
      },
    });
    runner.step(view({ northM: 0 }, { terrain: { heightAmslM: (n) => 400 + slope * n } }));
    return speed;
  };

  test("is cruise where the ground allows, and what climb and descent can follow where not", () => {
    expect(speedOn(0)).toBe(cruiseMps);
    expect(speedOn(0.1)).toBe(cruiseMps);
    expect(speedOn(0.5)).toBeCloseTo((0.9 * climbMaxMps) / 0.5, 6);
    expect(speedOn(-0.5)).toBeCloseTo((0.9 * descentMaxMps) / 0.5, 6);
    expect(speedOn(10)).toBe(2);
  });

  test("a way is over only within reach of its last corner", () => {
    const points = [
      { northM: 10, eastM: 0 },
      { northM: 300, eastM: 0 },
    ];
    const there: boolean[] = [];
    const memory = { corner: 0 };
    const runner = new BehaviourRunner({
      ...land,
      step: (seen, _memory, out) => {
        const way = { points, memory, aglM: LANE_M, arriveMps: 0, withinM: 5 };
        there.push(followWay(seen, out, way));
      },
    });
    for (const northM of [0, 290, 297]) runner.step(view({ northM }));
    expect(there).toEqual([false, false, true]);
    expect(memory.corner).toBe(1);
  });
});
