import { describe, expect, test } from "vitest";
import { segmentId, nodeIndex } from "../base/mod.ts";
import type { VehicleCommand, VehicleSample } from "../hal/mod.ts";
import { defineBehaviour } from "./behaviours/define.ts";
import type { BehaviourOut } from "./behaviours/define.ts";
import type { Core } from "./core.ts";
import { flyingAt, sight, stepAt, testCore, type Told } from "./core.test-support.ts";
import { noteClaim } from "./envelope/tracks.ts";
import { heightAglM, pilot, PLAN_POINTS_MAX } from "./pilot.ts";

const commands = ({ outs }: Told): VehicleCommand[] =>
  outs.flatMap((out) => (out.kind === "command" ? [out.command] : []));

const kinds = (told: Told): string[] => commands(told).map(({ kind }) => kind);

const onPad = (changes: Partial<VehicleSample> = {}): VehicleSample => ({
  ...flyingAt(0),
  position: { northM: -312, eastM: -224, altitudeAmslM: 400 },
  mode: "idle",
  armed: false,
  inAir: false,
  ...changes,
});

/** A vehicle that the orders allow to fly. */
function granted(changes: Parameters<typeof testCore>[0] = {}): Core {
  const core = testCore(changes);
  Object.assign(core.state.orders, { started: true, armGranted: true });
  return core;
}

/** The same, and the crew has thrown its switch since this node started. */
function released(): Core {
  const core = granted();
  fly(core, -100, [onPad({ released: false })]);
  return core;
}

/** Steps at 10 Hz with one sample; what all of them emitted. */
function fly(core: Core, fromMs: number, samples: readonly VehicleSample[]): Told {
  const all = stepAt(fromMs);
  samples.forEach((sample, i) => {
    pilot(core, { nowMs: fromMs + 100 * i, emit: all.emit }, sample);
  });
  return all;
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe("off the pad", () => {
  test("waits until intents have crossed, arms, takes off, each said once a second", () => {
    const core = released();
    expect(kinds(fly(core, 0, times(14, onPad())))).toEqual([]);
    expect(core.state.flight.duty).toBe("arming");
    expect(kinds(fly(core, 1500, times(10, onPad())))).toEqual(["arm"]);
    expect(commands(fly(core, 3000, [onPad({ armed: true })]))).toEqual([
      { kind: "takeoff", altitudeAglM: 12 },
    ]);
  });

  test("not beside one that comes down or is still low over a neighbouring pad", () => {
    const near = (upM: number, downMps: number) =>
      noteClaim(
        [],
        {
          index: nodeIndex(1),
          position: { northM: -312, eastM: -212, altitudeAmslM: 400 + upM },
          velocity: { northMps: 0, eastMps: 0, downMps },
          plan: [],
          trust: "verified",
          ageMs: 0,
          inAir: true,
          positionErrorM: 1,
        },
        1600,
      );
    const arms = (tracks: Core["state"]["tracks"]): boolean => {
      const fresh = released();
      fly(fresh, 0, [onPad()]);
      fresh.state.tracks = tracks;
      return kinds(fly(fresh, 1600, [onPad()])).includes("arm");
    };
    expect(arms([])).toBe(true);
    expect(arms(near(10, -1))).toBe(false);
    expect(arms(near(50, 1))).toBe(false);
    expect(arms(near(50, -1))).toBe(true);
  });

  test.each<[string, Partial<VehicleSample>]>([
    ["not released", { released: false }],
    ["not ready", { ready: false }],
    ["no position", { positionValid: false }],
    ["half a battery", { batteryRatio: 0.55 }],
  ])("stays down with %s", (_name, changes) => {
    const core = released();
    expect(kinds(fly(core, 0, times(30, onPad(changes))))).toEqual([]);
    expect(core.state.flight.duty).toBe("grounded");
  });
});

describe("the release of this boot", () => {
  const arms = (core: Core, samples: readonly VehicleSample[]): boolean =>
    kinds(fly(core, 0, samples)).includes("arm");

  test("a switch that was thrown before the node started does not count, until thrown anew", () => {
    const core = granted();
    expect(arms(core, times(40, onPad()))).toBe(false);
    const anew = [onPad({ released: false }), ...times(40, onPad())];
    expect(arms(core, anew)).toBe(true);
  });

  test("the page's release suffices where no switch holds the vehicle", () => {
    const core = granted();
    fly(core, -100, [onPad()]);
    core.state.flight.releasedByPage = true;
    expect(arms(core, times(40, onPad()))).toBe(true);
  });

  test("a switch that is off holds it, and does not take the page's release back", () => {
    const core = granted();
    core.state.flight.releasedByPage = true;
    expect(arms(core, times(40, onPad({ released: false })))).toBe(false);
    expect(core.state.flight.releasedByPage).toBe(true);
  });

  test("either counts for one flight only", () => {
    const core = granted();
    fly(core, 0, [onPad({ released: false }), onPad()]);
    core.state.flight.releasedByPage = true;
    fly(core, 200, [flyingAt(0), onPad()]);
    expect(arms(core, times(40, onPad()))).toBe(false);
  });
});

describe("in the air", () => {
  test("the autopilot's own failsafe and a pilot's hands are left alone", () => {
    for (const mode of ["rtl", "land", "manual"] as const) {
      const core = granted();
      expect(kinds(fly(core, 0, times(20, flyingAt(100, { mode }))))).toEqual([]);
    }
  });

  test("without a position it is told to hold, not sent anywhere", () => {
    const told = fly(granted(), 0, times(15, flyingAt(100, { positionValid: false })));
    expect(kinds(told)).toEqual(["hold", "hold"]);
  });

  test("the battery calls it home before anything, and that is not taken back", () => {
    const core = granted();
    fly(core, 0, times(3, flyingAt(300)));
    expect(core.state.flight.duty).toBe("search");
    const low = flyingAt(300, { batteryRatio: 0.24 });
    const told = fly(core, 2000, [low]);
    expect([core.state.flight.duty, core.state.flight.reason]).toEqual(["return", "battery"]);
    expect(told.outs).toContainEqual(
      expect.objectContaining({
        kind: "propose",
        proposal: expect.objectContaining({ kind: "release" }) as unknown,
      }),
    );
    fly(core, 4000, [flyingAt(300)]);
    expect(core.state.flight.duty).toBe("return");
  });

  test("measured power above the nominal makes the battery count for less", () => {
    const frugal = granted();
    const hungry = granted();
    for (let i = 0; i < 200; i += 1) {
      fly(frugal, 1000 * i, [flyingAt(100)]);
      fly(hungry, 1000 * i, [flyingAt(100, { powerW: 420 })]);
    }
    const ratio = hungry.state.flight.usableS / frugal.state.flight.usableS;
    expect(ratio).toBeCloseTo(280 / 420, 1);
  });

  test("a clear-air ceiling that cannot be flown under lands it, where it holds", () => {
    const volume = { northM: 100, eastM: 0, radiusM: 60 };
    for (const [northM, duty] of [
      [100, "land"],
      [500, "search"],
    ] as const) {
      const core = granted();
      core.state.orders.ceilings = [{ ceilingAglM: 5, volume, leave: false }];
      fly(core, 0, times(3, flyingAt(northM)));
      expect(core.state.flight.duty).toBe(duty);
    }
  });

  test("tells where it means to be twice a second, in a few points one after another", () => {
    const core = granted();
    const told = fly(core, 0, times(10, flyingAt(100)));
    const plans = told.outs.flatMap((out) => (out.kind === "planHorizon" ? [out.points] : []));
    expect(plans).toHaveLength(2);
    for (const points of plans) {
      expect(points.length).toBeLessThanOrEqual(PLAN_POINTS_MAX);
      const afterS = points.map((point) => point.afterS);
      expect(afterS).toEqual(afterS.toSorted((x, y) => x - y));
    }
  });

  test("height is the rangefinder's, and the map's where that sees nothing", () => {
    const core = testCore();
    expect(heightAglM(core, flyingAt(0, { altitudeAglM: 33 }))).toBe(33);
    expect(heightAglM(core, flyingAt(0))).toBe(60);
  });
});

describe("a look", () => {
  test("that is done is not asked for again", () => {
    const core = granted();
    sight(core, 1, 110, "lookAgain");
    let nowMs = 0;
    for (; nowMs < 60_000 && !core.state.sightings[0]!.looked; nowMs += 100) {
      fly(core, nowMs, [flyingAt(100)]);
    }
    expect(nowMs).toBeGreaterThan(50_000);
    expect(core.state.sightings[0]!.looked).toBe(true);
    fly(core, nowMs, [flyingAt(100)]);
    expect(core.state.flight.duty).toBe("search");
  });
});

describe("a behaviour of the user's", () => {
  const flying = (step: (out: BehaviourOut) => void): Core =>
    granted({
      behaviour: {
        behaviour: defineBehaviour({ name: "mine", step: (_view, _memory, out) => step(out) }),
      },
    });

  test("asks the log and tells the others, each key once a second", () => {
    const core = flying((out) => {
      out.share("at", [1]);
      out.propose("meet", [2, 3]);
      out.log("here");
      out.claim(segmentId(1));
      out.claim(segmentId(60_000));
      out.release(segmentId(2));
      out.detection({ northM: 5, eastM: 6, errorM: 4, confidence: 0.5, imageRef: "a" });
    });
    const { outs } = fly(core, 0, times(10, flyingAt(100)));
    const proposed = outs.flatMap((out) => (out.kind === "propose" ? [out.proposal] : []));
    const of = (kind: string) => proposed.filter((one) => one.kind === kind);
    expect(of("value")).toEqual([{ kind: "value", key: "meet", value: [2, 3] }]);
    expect(of("claim")).toEqual(times(10, { kind: "claim", segment: 1, pass: 0 }));
    expect(of("release")).toEqual([]);
    expect(of("detection")).toMatchObject([
      { detection: { finder: 2, position: { northM: 5, eastM: 6, altitudeAmslM: 400 } } },
    ]);
    expect(outs.filter((out) => out.kind === "message")).toHaveLength(1);
    const said = outs.filter((out) => out.kind === "event" && out.event.kind === "behaviour");
    expect(said).toHaveLength(1);
  });

  test("gives back only a lease that it has", () => {
    const core = flying((out) => out.release(segmentId(2)));
    core.owners[2] = core.config.self;
    const { outs } = fly(core, 0, [flyingAt(100)]);
    expect(outs).toContainEqual({
      kind: "propose",
      proposal: { kind: "release", progress: { segment: 2, pass: 0, lanes: 0 } },
    });
  });

  test("that throws leaves the vehicle where it is, and the operator is told why", () => {
    const core = flying(() => {
      throw new Error("oh");
    });
    const told = fly(core, 0, times(3, flyingAt(100)));
    expect(told.outs).toContainEqual({
      kind: "event",
      event: { kind: "behaviour", name: "mine", state: "parked: SWM003" },
    });
    expect([core.state.flight.duty, core.state.flight.reason]).toEqual([
      "hold",
      "behaviour parked",
    ]);
    const setpoints = commands(told).flatMap((each) => (each.kind === "setpoint" ? [each] : []));
    for (const { setpoint } of setpoints) expect(setpoint.position.northM).toBeCloseTo(100, 1);
  });
});

test("with nothing left to search it goes home without stopping to ask again and again", () => {
  const core = granted();
  Object.assign(core.config, { planner: { ...core.config.planner, choose: () => undefined } });
  const duties = new Set<string>();
  for (let second = 0; second < 20; second += 1) {
    fly(core, 1000 * second, times(10, flyingAt(50, { armed: true })));
    if (second >= 4) duties.add(core.state.flight.duty);
  }
  expect([...duties]).toEqual(["return"]);
});
