import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, nodeIndex, segmentId } from "../../base/mod.ts";
import { testMission } from "../mission.test-support.ts";
import { CALLS_MAX, checkBehaviour, defineBehaviour } from "./define.ts";
import type { Behaviour, BehaviourOut } from "./define.ts";
import { count, degrees, metres, metresPerSecond, parseParams, ratio, seconds } from "./params.ts";
import { BehaviourRunner, METER_NAME, prepareMeter } from "./runner.ts";
import type { ViewParts } from "./runner.ts";

const view = (changes: Partial<ViewParts> = {}): ViewParts => ({
  nowMs: 0,
  self: {
    index: nodeIndex(1),
    slot: 0,
    position: { northM: 0, eastM: 0, altitudeAmslM: 460 },
    velocity: { northMps: 0, eastMps: 0, downMps: 0 },
    yawRad: 0,
    altitudeAglM: 60,
    positionErrorM: 1,
    batteryRatio: 0.9,
    inAir: true,
  },
  neighbours: [],
  mission: testMission(),
  home: { northM: 0, eastM: 0 },
  wayHome: () => [{ northM: 0, eastM: 0 }],
  wayTo: (place) => [place],
  layerAglM: 50,
  place: undefined,
  tasks: { lane: undefined, mine: [], ownerOf: () => undefined },
  map: { massAt: () => 0.01 },
  terrain: { heightAmslM: () => 400 },
  agreed: () => undefined,
  shared: () => [],
  random: () => 0.5,
  ...changes,
});

const stepping = (step: (out: BehaviourOut) => void): Behaviour =>
  defineBehaviour({
    name: "mine",
    step: (_view, _memory, out) => {
      step(out);
    },
  });

describe("parameters", () => {
  const params = {
    radiusM: metres(40, { min: 10, max: 500 }),
    speedMps: metresPerSecond(6),
    waitS: seconds(3),
    turnRad: degrees(90, { min: -180, max: 180 }),
    share: ratio(0.5),
    laps: count(2),
  };

  test("defaults stand, given values are taken in any unit of their kind", () => {
    const parsed = parseParams(params, {
      radiusM: "0.12 km",
      speedMps: "36 km/h",
      waitS: "2 min",
      turnRad: "30 deg",
      share: "25 %",
    });
    if (!parsed.ok) throw new Error("parsed");
    expect(parsed.value.radiusM).toBeCloseTo(120, 9);
    expect(parsed.value.speedMps).toBeCloseTo(10, 9);
    expect(parsed.value.waitS).toBe(120);
    expect(parsed.value.turnRad).toBeCloseTo(Math.PI / 6, 9);
    expect(parsed.value.share).toBe(0.25);
    expect(parsed.value.laps).toBe(2);
    expect(parseParams(params, undefined)).toMatchObject({ ok: true, value: { radiusM: 40 } });
    expect(parseParams(params, { radiusM: "55" })).toMatchObject({ value: { radiusM: 55 } });
  });

  test("every problem at once, with its place", () => {
    const parsed = parseParams(params, {
      radiusM: "40 kg",
      speedMps: "12 m",
      waitS: Number.NaN,
      share: 7,
      laps: 1.5,
      lapz: 1,
    });
    if (parsed.ok) throw new Error("refused");
    const places = parsed.problems.map((one) => `${one.code} ${one.where}`);
    expect(places).toContain("SWM002 params.radiusM");
    expect(places).toContain("SWM002 params.speedMps");
    expect(places).toContain("CHK003 params.share");
    expect(places).toContain("CHK003 params.laps");
    expect(places).toContain("CHK004 params.lapz");
    expect(parsed.problems.length).toBe(6);
  });
});

describe("what is no behaviour", () => {
  const good = stepping(() => undefined);

  test("is named with what was expected", () => {
    expect(checkBehaviour(good).ok).toBe(true);
    for (const wrong of [
      undefined,
      { ...good, name: "No Spaces" },
      { ...good, step: 3 },
      { ...good, memory: {} },
      { ...good, params: 4 },
      { ...good, params: { radiusM: 40 } },
      { ...good, params: { radiusM: { unit: 3, value: 1 } } },
    ]) {
      const checked = checkBehaviour(wrong);
      expect(checked.ok).toBe(false);
      if (!checked.ok) expect(checked.problem.code).toBe("SWM001");
    }
  });
});

test("what was checked is what is flown, whatever the object says later", () => {
  const steps: string[] = [];
  const shifty = { ...stepping(() => void steps.push("checked")), params: { radiusM: metres(40) } };
  const checked = checkBehaviour(shifty);
  if (!checked.ok) throw new Error(checked.problem.text);
  shifty.name = "Other";
  shifty.step = () => {
    steps.push("other");
  };
  (shifty.params.radiusM as { value: number }).value = Number.NaN;
  new BehaviourRunner(checked.value).step(view());
  expect(steps).toEqual(["checked"]);
  expect(checked.value).toMatchObject({ name: "mine", params: { radiusM: { value: 40 } } });
});

describe("running", () => {
  test("wishes come out as they were made, bounded", () => {
    const runner = new BehaviourRunner(
      stepping((out) => {
        out.setpoint({ northM: 1, eastM: 2 });
        out.setpoint({ northM: 3, eastM: 4, amslM: 500, speedMps: 5, arriveMps: 1, yawRad: 1 });
        for (let i = 0; i < 40; i += 1) out.claim(segmentId(i));
        out.release(segmentId(1));
        out.share("at", [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        out.propose("look", [1]);
        out.detection({ northM: 1, eastM: 1, errorM: 5, confidence: 0.5, imageRef: "a" });
        out.swept(true);
        out.touchDown();
        out.done();
        out.log("x".repeat(500));
      }),
    );
    const wishes = runner.step(view())!;
    expect(wishes.target).toMatchObject({ northM: 3, height: { kind: "amsl", amslM: 500 } });
    expect(wishes.claims.length).toBe(16);
    expect(wishes.shares[0]!.value.length).toBe(8);
    expect(wishes.logs[0]!.length).toBe(120);
    expect(wishes).toMatchObject({ swept: true, touchDown: true, done: true });
  });

  test("one that throws is parked, says why, and stays so", () => {
    const runner = new BehaviourRunner(
      stepping(() => {
        throw new TypeError("no such thing");
      }),
    );
    expect(runner.step(view())).toBeUndefined();
    expect(runner.parked).toMatchObject({ code: "SWM003", where: "mine" });
    expect(runner.parked!.text).toContain("no such thing");
    expect(runner.step(view())).toBeUndefined();
    const odd = new BehaviourRunner(
      stepping(() => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- what users do
        throw "a text";
      }),
    );
    odd.step(view());
    expect(odd.parked?.code).toBe("SWM003");
  });

  test("one that calls without end is parked at its budget", () => {
    let calls = 0;
    const runner = new BehaviourRunner(
      defineBehaviour({
        name: "asks",
        step: (v) => {
          for (;;) {
            calls += 1;
            v.terrain.heightAmslM(0, 0);
          }
        },
      }),
    );
    expect(runner.step(view())).toBeUndefined();
    expect(runner.parked?.code).toBe("SWM004");
    expect(calls).toBe(CALLS_MAX + 1);
  });

  test("one that recurses without end is parked", () => {
    const deep = (n: number): number => deep(n + 1) + 1;
    const runner = new BehaviourRunner(stepping((out) => out.log(String(deep(0)))));
    runner.step(view());
    expect(runner.parked?.code).toBe("SWM004");
  });

  test("wishes that are not numbers park it, and nothing of that step is done", () => {
    const bad: ((out: BehaviourOut) => void)[] = [
      (out) => out.setpoint({ northM: Number.NaN, eastM: 0 }),
      (out) => out.setpoint({ northM: 0, eastM: Infinity }),
      (out) => out.share("k", [Number.NaN]),
      (out) => out.propose("", [1]),
      (out) =>
        out.detection({ northM: 0, eastM: 0, errorM: Number.NaN, confidence: 1, imageRef: "" }),
    ];
    for (const step of bad) {
      const runner = new BehaviourRunner(stepping(step));
      expect(runner.step(view())).toBeUndefined();
      expect(runner.parked?.code).toBe("SWM005");
    }
  });

  test("an error that cannot be read parks it as any other", () => {
    const texts = [
      Object.defineProperty(new Error("x"), "message", {
        get: () => {
          throw new Error("in the getter");
        },
      }),
      Object.assign(new Error("x"), { message: Symbol("s") }),
      Object.assign(new Error("x"), { name: { toString: () => "n" } }),
    ].map((thrown) => {
      const runner = new BehaviourRunner(
        stepping(() => {
          throw thrown;
        }),
      );
      expect(runner.step(view())).toBeUndefined();
      expect(runner.parked?.code).toBe("SWM003");
      return runner.parked?.text.split(": ").at(-1);
    });
    expect(texts).toEqual(["the error cannot be read", "not an error", "not an error"]);
  });

  test("a step that goes on after its return is parked, and its failure ends nothing", async () => {
    const later = (): Promise<never> => Promise.reject(new Error("async"));
    const runner = new BehaviourRunner(stepping(() => undefined));
    const step = later as unknown as Behaviour["step"];
    const asynchronous = new BehaviourRunner({ ...runner.behaviour, step });
    expect(asynchronous.step(view())).toBeUndefined();
    expect(asynchronous.parked?.code).toBe("SWM009");
    // A rejection that nobody had taken would fail this file.
    await Promise.resolve();
  });

  test("one that catches the end of its budget is parked all the same", () => {
    const runner = new BehaviourRunner(
      stepping((out) => {
        try {
          for (;;) out.log("again");
        } catch {
          // On with it.
        }
      }),
    );
    expect(runner.step(view())).toBeUndefined();
    expect(runner.parked?.code).toBe("SWM004");
  });

  test("a getter within the memory runs within the budget", () => {
    prepareMeter();
    const spend = (globalThis as unknown as Record<string, () => void>)[METER_NAME]!;
    const memory = {
      get x(): number {
        for (let i = 0; i < CALLS_MAX * 2; i += 1) spend();
        return 1;
      },
    };
    const runner = new BehaviourRunner(
      defineBehaviour({ name: "hoards", memory: () => memory, step: () => undefined }),
    );
    runner.step(view());
    runner.checkMemory();
    expect(runner.parked?.code).toBe("SWM004");
  });

  test("memory is kept, saved and restored; memory that cannot be kept parks it", () => {
    const counting = defineBehaviour({
      name: "counting",
      memory: () => ({ n: 0 }),
      step: (_view, memory, out) => {
        memory.n += 1;
        out.setpoint({ northM: memory.n, eastM: 0 });
      },
    });
    const runner = new BehaviourRunner(counting);
    runner.step(view());
    runner.step(view());
    const to = new ByteWriter();
    runner.save(to);
    const again = new BehaviourRunner(counting);
    again.load(new ByteReader(to.take()));
    expect(again.step(view())!.target!.northM).toBe(3);
    again.restart();
    expect(again.step(view())!.target!.northM).toBe(1);
    const memories: (() => unknown)[] = [() => ({ big: "x".repeat(20_000) }), () => ({ n: 1n })];
    for (const memory of memories) {
      const hoarder = new BehaviourRunner(
        defineBehaviour({ name: "hoarder", memory, step: () => undefined }),
      );
      hoarder.checkMemory();
      hoarder.step(view());
      hoarder.checkMemory();
      expect(hoarder.parked?.code).toBe("SWM006");
      const bytes = new ByteWriter();
      hoarder.save(bytes);
      const loaded = new BehaviourRunner(hoarder.behaviour);
      loaded.load(new ByteReader(bytes.take()));
      expect(loaded.parked?.code).toBe("SWM006");
    }
  });

  test("parameters given by a person replace the defaults", () => {
    const behaviour = defineBehaviour({
      name: "radius",
      params: { radiusM: metres(40) },
      step: (v, _memory, out) => out.setpoint({ northM: v.params.radiusM, eastM: 0 }),
    });
    expect(new BehaviourRunner(behaviour).step(view())!.target!.northM).toBe(40);
    const given = new BehaviourRunner(behaviour, { params: { radiusM: 7 } });
    expect(given.step(view())!.target!.northM).toBe(7);
  });

  test("every part of the view answers", () => {
    const runner = new BehaviourRunner(
      defineBehaviour({
        name: "looks",
        step: (v, _memory, out) => {
          const sum = v.map.massAt(0, 0) + v.random() + v.wayHome().length + v.shared("k").length;
          out.setpoint({ northM: sum, eastM: v.agreed("x")?.[0] ?? 1 });
          out.log(String(v.tasks.ownerOf(segmentId(1))));
        },
      }),
    );
    expect(runner.step(view())).toMatchObject({ target: { northM: 1.51, eastM: 1 } });
  });
});

test("outside a step a metered module spends nothing, and its meter cannot be replaced", () => {
  prepareMeter();
  const world = globalThis as unknown as Record<string, () => void>;
  for (let i = 0; i < CALLS_MAX * 2; i += 1) world[METER_NAME]!();
  expect(() => {
    world[METER_NAME] = () => undefined;
  }).toThrow(TypeError);
});
