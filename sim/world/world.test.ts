import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, nodeIndex } from "../../src/base/mod.ts";
import {
  createWorld,
  NO_RATES,
  referenceScenario,
  TripwireError,
  withTripwire,
  type FaultAction,
  type Scenario,
  type Seat,
  type World,
  type WorldEvent,
} from "../mod.ts";
import { FakeNode, type FakeOptions } from "./world.test-support.ts";

function worldOf(
  overrides: Partial<Scenario> = {},
  options: FakeOptions = {},
  vehicles = 3,
): World<FakeNode> {
  const scenario = referenceScenario({ seed: 7, vehicles, overrides });
  return createWorld(scenario, (seat) => new FakeNode(seat, options));
}

const withScript = (...actions: (readonly [number, FaultAction])[]): Partial<Scenario> => ({
  faults: { script: actions.map(([atS, action]) => ({ atS, action })), rates: NO_RATES },
});

/** Many faults of every kind, so that determinism is tried where it is hard. */
const ROUGH: Partial<Scenario> = {
  faults: {
    script: [{ atS: 60, action: { kind: "jam", northM: 0, eastM: 0, powerDbm: 20, lastsS: 20 } }],
    rates: {
      ...NO_RATES,
      killPerHour: 5,
      rebootPerHour: 60,
      linkCutPerHour: 60,
      partitionPerHour: 60,
      lossBurstPerHour: 60,
      stuckSensorPerHour: 60,
      gnssLossPerHour: 60,
      lowBatteryPerHour: 10,
      hostilePerHour: 60,
      slowCpuPerHour: 60,
      windowMeanS: 20,
      fromS: 10,
      toS: 240,
      lossRatio: 0.05,
    },
  },
};

describe("determinism", () => {
  test("the same seed gives the same trace, another seed another", () => {
    const run = (seed: number): string => {
      const scenario = referenceScenario({ seed, vehicles: 4, overrides: ROUGH });
      const world = createWorld(scenario, (seat) => new FakeNode(seat));
      withTripwire(() => world.runUntil(300_000));
      return world.traceHash();
    };
    const first = run(1);
    expect(run(1)).toBe(first);
    expect(run(2)).not.toBe(first);
  });

  test("how the time is cut into calls does not matter", () => {
    const whole = worldOf(ROUGH);
    const pieces = worldOf(ROUGH);
    whole.runUntil(120_000);
    for (let ms = 0; ms <= 120_000; ms += 777) pieces.runUntil(ms);
    pieces.runUntil(120_000);
    expect(pieces.traceHash()).toBe(whole.traceHash());
  });

  test("listeners and samplers do not change a run", () => {
    const plain = worldOf(ROUGH);
    const watched = worldOf(ROUGH);
    const events: WorldEvent[] = [];
    const times: number[] = [];
    watched.onEvent((event) => events.push(event));
    watched.onSample(100, (sample) => times.push(sample.timeMs));
    watched.onSample(1000, (sample) => expect(sample.vehicles).toHaveLength(3));
    plain.runUntil(60_000);
    watched.runUntil(60_000);
    expect(watched.traceHash()).toBe(plain.traceHash());
    expect(times).toHaveLength(600);
    expect(times.slice(0, 3)).toEqual([100, 200, 300]);
  });

  test.each([5_000, 61_500, 130_000])("a clone taken at %i ms runs on as the original", (atMs) => {
    const original = worldOf(ROUGH, {}, 4);
    original.runUntil(atMs);
    const copy = original.clone();
    expect(copy.traceHash()).toBe(original.traceHash());
    expect(copy.view()).toEqual(original.view());
    original.runUntil(200_000);
    copy.runUntil(200_000);
    expect(copy.traceHash()).toBe(original.traceHash());
    expect(copy.report()).toEqual(original.report());
  });

  test("a fork that is treated differently goes its own way and leaves the original alone", () => {
    const original = worldOf();
    const untouched = worldOf();
    original.runUntil(60_000);
    const fork = original.clone();
    fork.applyFault({ kind: "kill", slot: 1 });
    fork.runUntil(90_000);
    original.runUntil(90_000);
    untouched.runUntil(90_000);
    expect(original.traceHash()).toBe(untouched.traceHash());
    expect(fork.traceHash()).not.toBe(original.traceHash());
  });

  test("a world that was saved is not loaded cut short", () => {
    const world = worldOf();
    world.runUntil(10_000);
    const writer = new ByteWriter();
    world.save(writer);
    const bytes = writer.take();
    expect(() => worldOf().load(new ByteReader(bytes, 0, bytes.length - 9))).toThrow();
  });

  test("a node that reads the clock trips the wire", () => {
    const world = createWorld(referenceScenario({ seed: 1, vehicles: 1 }), (seat) => {
      const node = new FakeNode(seat);
      const { step } = node;
      node.step = (now, input, emit) => {
        Date.now();
        step.call(node, now, input, emit);
      };
      return node;
    });
    expect(() => withTripwire(() => world.runUntil(1000))).toThrow(TripwireError);
  });
});

describe("a flight", () => {
  test("crew, arming, flight, return by battery, swap, next flight", () => {
    const world = worldOf({
      airframe: { ...referenceScenario({ seed: 1, vehicles: 1 }).airframe, batteryWh: 25 },
    });
    const seen = new Set<string>();
    world.onSample(1000, ({ vehicles }) => {
      for (const v of vehicles) if (v.slot === 1) seen.add(`${v.state} ${v.mode} ${v.swaps}`);
    });
    world.runUntil(900_000);
    expect([...seen]).toEqual(
      expect.arrayContaining([
        "onPad idle 0",
        "flying takeoff 0",
        "flying guided 0",
        "flying rtl 0",
        "flying land 0",
        "onPad idle 1",
        "flying guided 1",
      ]),
    );
    const report = world.report();
    expect(report.vehicles.lost).toBe(0);
    expect(report.vehicles.batterySwaps).toBeGreaterThanOrEqual(3);
    expect(report.vehicles.batteryReserveMinPct).toBeGreaterThan(3);
  });

  test("nobody arms who was not released", () => {
    const world = worldOf({ releasedAtStart: false });
    world.runUntil(60_000);
    expect(world.view().vehicles.every((v) => v.state === "onPad" && !v.armed)).toBe(true);
    world.release(2, true);
    world.runUntil(120_000);
    expect(world.view().vehicles.map((v) => v.state)).toEqual(["onPad", "flying", "onPad"]);
  });
});

describe("the network of nodes", () => {
  test("near nodes hear each other, a cut link is silent, a partition holds, both heal", () => {
    const world = worldOf(
      withScript(
        [10, { kind: "linkCut", a: 1, b: 2, lastsS: 10 }],
        [30, { kind: "partition", groups: [[0, 1], [2]], lastsS: 10 }],
      ),
      { flies: false, beaconHz: 5 },
    );
    const heard = (): number[] => [0, 1, 2, 3].map((slot) => world.node(slot)?.heard ?? NaN);
    const during = (fromS: number, toS: number): number[] => {
      world.runUntil(fromS * 1000);
      const before = heard();
      world.runUntil(toS * 1000);
      return heard().map((count, i) => count - (before[i] ?? 0));
    };
    // Three others at 5 Hz over 8 s: 120 frames.
    for (const count of during(1, 9)) expect(count).toBeGreaterThan(110);
    const cut = during(11, 19);
    expect(cut[1]).toBeLessThan(90);
    expect(cut[2]).toBeLessThan(90);
    expect(cut[3]).toBeGreaterThan(110);
    const parted = during(31, 39);
    expect(parted[2]).toBe(0);
    expect(parted[3]).toBe(0);
    expect(parted[1]).toBeGreaterThan(35);
    expect(parted[1]).toBeLessThan(45);
    for (const count of during(42, 50)) expect(count).toBeGreaterThan(110);
  });

  test("a loss burst takes its share, a jammer silences who is near it", () => {
    const world = worldOf(
      withScript(
        [10, { kind: "lossBurst", slots: [1], lossRatio: 0.5, lastsS: 20 }],
        [40, { kind: "jam", northM: 20, eastM: 0, powerDbm: 40, lastsS: 20 }],
      ),
      { flies: false, beaconHz: 10 },
    );
    world.runUntil(10_000);
    const before = world.node(1)!.heard;
    world.runUntil(30_000);
    const lossy = world.node(1)!.heard - before;
    expect(lossy).toBeGreaterThan(230);
    expect(lossy).toBeLessThan(370);
    world.runUntil(41_000);
    const beforeJam = world.node(2)!.heard;
    world.runUntil(59_000);
    expect(world.node(2)!.heard - beforeJam).toBeLessThan(30);
  });

  test("hostile radios are heard and bring nobody down", () => {
    const hostile = (mode: "garbage" | "replay" | "bitflip"): FaultAction => ({
      kind: "hostile",
      northM: 30,
      eastM: 30,
      mode,
      rateHz: 40,
      lastsS: 10,
    });
    const quiet = worldOf({}, { flies: false });
    const world = worldOf(
      withScript([10, hostile("garbage")], [20, hostile("replay")], [30, hostile("bitflip")]),
      { flies: false },
    );
    quiet.runUntil(50_000);
    world.runUntil(50_000);
    expect(world.node(1)!.heard - quiet.node(1)!.heard).toBeGreaterThan(900);
    expect(world.view().faults).toEqual([]);
  });
});

describe("processors, clocks and stores", () => {
  test("a slow processor makes its node slow, and only it", () => {
    const slow: FaultAction = { kind: "slowCpu", slot: 1, factor: 4000, lastsS: 60 };
    const world = worldOf(withScript([5, slow]), { flies: false, beaconHz: 20 });
    world.runUntil(65_000);
    const busy = world.view().vehicles.map((v) => v.cpuBusyRatio);
    expect(busy[0]).toBeGreaterThan(0.5);
    expect(busy[1]).toBeLessThan(0.01);
    expect(world.node(1)!.heard).toBeLessThan(world.node(2)!.heard);
  });

  test("an operation without a price breaks an invariant of the node's host", () => {
    const world = worldOf(
      { cpu: { stepUs: 1, datagramUs: 1, vehicleUs: 1, operations: {} } },
      { flies: false, charge: "sign" },
    );
    world.runUntil(3_000);
    expect(world.report().invariants.violated[0]).toMatchObject({ invariant: "nodeAlive" });
  });

  test("a reboot keeps what was answered and starts the node's clock at zero", () => {
    const boots: Seat[] = [];
    const scenario = referenceScenario({
      seed: 3,
      vehicles: 2,
      overrides: withScript([30, { kind: "reboot", slot: 1, downS: 5 }]),
    });
    const world = createWorld(scenario, (seat) => {
      boots.push(seat);
      return new FakeNode(seat, { flies: false });
    });
    world.runUntil(32_000);
    expect(world.view().vehicles[0]?.node).toBe("restarting");
    const answered = boots.length;
    world.runUntil(60_000);
    expect(answered).toBe(3);
    const again = boots[3];
    expect(again).toMatchObject({ slot: 1, boot: 1 });
    expect(again?.seed).not.toBe(boots[1]?.seed);
    expect(again?.recovered).toHaveLength(1);
    // A write each ten beacons at 2 Hz: five or six in 30 s, the last perhaps lost.
    expect(again?.recovered[0]?.records.length).toBeGreaterThanOrEqual(5);
  });

  test("a full store says so", () => {
    const full: FaultAction = { kind: "store", slot: 1, outcome: "full", lastsS: 100 };
    const outcomes: string[] = [];
    const scenario = referenceScenario({ seed: 3, vehicles: 1, overrides: withScript([0, full]) });
    const world = createWorld(scenario, (seat) => {
      const node = new FakeNode(seat, { flies: false });
      const { step } = node;
      node.step = (now, input, emit) => {
        if (input.kind === "answer" && seat.slot === 1) outcomes.push(input.answer.outcome);
        step.call(node, now, input, emit);
      };
      return node;
    });
    world.runUntil(30_000);
    expect(outcomes.length).toBeGreaterThan(3);
    expect(new Set(outcomes)).toEqual(new Set(["full"]));
  });

  test("a clock that jumps wakes its node early once", () => {
    const jump: FaultAction = { kind: "clockOffset", slot: 1, offsetS: 1000 };
    const times: number[] = [];
    const scenario = referenceScenario({ seed: 3, vehicles: 1, overrides: withScript([5, jump]) });
    const world = createWorld(scenario, (seat) => {
      const node = new FakeNode(seat, { flies: false });
      const { step } = node;
      node.step = (now, input, emit) => {
        if (seat.slot === 1) times.push(now);
        step.call(node, now, input, emit);
      };
      return node;
    });
    world.runUntil(6_000);
    expect(Math.max(...times)).toBeGreaterThan(1_005_000);
    expect(times.every((time, i) => i === 0 || time >= times[i - 1]!)).toBe(true);
  });

  test("a node that throws is restarted and told of as a violation", () => {
    const world = createWorld(referenceScenario({ seed: 3, vehicles: 1 }), (seat) => {
      const node = new FakeNode(seat, { flies: false });
      const { step } = node;
      node.step = (now, input, emit) => {
        if (seat.slot === 1 && seat.boot === 0 && now > 2000) throw new Error("planted");
        step.call(node, now, input, emit);
      };
      return node;
    });
    world.runUntil(10_000);
    expect(world.report().invariants.violated).toEqual([
      expect.objectContaining({ invariant: "nodeAlive", detail: "Error: planted", slots: [1] }),
    ]);
    expect(world.view().vehicles[0]?.node).toBe("running");
  });
});

describe("vehicles that are lost, late or unwell", () => {
  test("a killed vehicle falls and its node is gone for good", () => {
    const world = worldOf(withScript([80, { kind: "kill", slot: 2 }]));
    world.runUntil(79_000);
    expect(world.view().vehicles[1]?.altitudeAglM).toBeGreaterThan(30);
    world.runUntil(110_000);
    expect(world.view().vehicles[1]).toMatchObject({ state: "lost", node: "dead", armed: false });
    expect(world.view().vehicles[1]?.altitudeAglM).toBeCloseTo(0, 3);
    expect(world.report().vehicles.lost).toBe(1);
  });

  test("a killed vehicle comes back when it is mended: on its pad, whole, started anew", () => {
    const world = worldOf(withScript([80, { kind: "kill", slot: 2 }]));
    world.runUntil(110_000);
    world.mend(2);
    world.mend(1);
    world.runUntil(120_000);
    const [flying, mended] = world.view().vehicles;
    expect(mended).toMatchObject({ state: "onPad", node: "running", armed: false });
    expect(mended?.altitudeAglM).toBeCloseTo(0, 3);
    expect(mended?.batteryRatio).toBeGreaterThan(0.99);
    expect(flying?.state).toBe("flying");
    expect(world.report().vehicles.lost).toBe(0);
  });

  test("a late vehicle is absent until its time", () => {
    const nodes = referenceScenario({ seed: 7, vehicles: 3 }).nodes.map((node, i) =>
      i === 3 ? { ...node, startS: 40 } : node,
    );
    const world = worldOf({ nodes });
    world.runUntil(10_000);
    expect(world.view().base.pads).toEqual([1, 2, -1]);
    world.runUntil(39_000);
    expect(world.view().vehicles[2]).toMatchObject({ state: "absent", node: "absent" });
    world.runUntil(90_000);
    expect(world.view().vehicles[2]).toMatchObject({ state: "flying", node: "running" });
  });

  test("without satellites the position goes bad and says so; the fix comes back", () => {
    const world = worldOf(withScript([80, { kind: "gnssLoss", slot: 1, lastsS: 20 }]));
    world.runUntil(99_000);
    expect(world.node(1)?.lastSample?.positionErrorM).toBeGreaterThan(10);
    world.runUntil(110_000);
    expect(world.node(1)?.lastSample?.positionErrorM).toBeLessThan(3);
    expect(world.view().vehicles[0]?.state).toBe("flying");
  });

  test("long without satellites it lands by itself", () => {
    const world = worldOf(withScript([80, { kind: "gnssLoss", slot: 1, lastsS: 400 }]));
    world.runUntil(300_000);
    expect(["landedOut", "onPad"]).toContain(world.view().vehicles[0]?.state);
  });

  test("a battery that drops sends the vehicle home or down, whatever the node wants", () => {
    const world = worldOf(withScript([100, { kind: "lowBattery", slot: 1, ratio: 0.12 }]));
    world.runUntil(103_000);
    expect(world.view().vehicles[0]?.mode).toBe("rtl");
  });

  test("stuck sensors repeat their last value and recover", () => {
    const world = worldOf(
      withScript(
        [80, { kind: "stuckSensor", slot: 1, sensor: "barometer", lastsS: 10 }],
        [80, { kind: "stuckSensor", slot: 1, sensor: "rangefinder", lastsS: 10 }],
        [80, { kind: "stuckSensor", slot: 1, sensor: "battery", lastsS: 10 }],
        [80, { kind: "stuckSensor", slot: 1, sensor: "camera", lastsS: 10 }],
      ),
    );
    const at = (ms: number): (number | undefined)[] => {
      world.runUntil(ms);
      const sample = world.node(1)?.lastSample;
      return [sample?.position.altitudeAmslM, sample?.altitudeAglM, sample?.batteryRatio];
    };
    const stuck = at(82_000);
    expect(at(89_000)).toEqual(stuck);
    expect(at(92_000)).not.toEqual(stuck);
  });

  test("restore ends every fault at once", () => {
    const world = worldOf();
    world.applyFault({ kind: "linkCut", a: 0, b: 1, lastsS: 500 });
    const id = world.applyFault({ kind: "gnssLoss", slot: 1, lastsS: 500 });
    world.applyFault({ kind: "slowCpu", slot: 1, factor: 3, lastsS: 500 });
    expect(world.view().faults).toHaveLength(3);
    world.liftFault(id);
    expect(world.view().faults).toHaveLength(2);
    world.applyFault({ kind: "restore", kinds: ["slowCpu"] });
    expect(world.view().faults).toHaveLength(1);
    world.applyFault({ kind: "restore", kinds: [] });
    expect(world.view().faults).toEqual([]);
  });
});

describe("the checkers of the world see what is planted", () => {
  test("a battery that is flown empty, although nothing ever lands", () => {
    const world = worldOf(withScript([100, { kind: "lowBattery", slot: 1, ratio: 0.004 }]));
    world.runUntil(200_000);
    expect(world.view().vehicles[0]?.state).toBe("lost");
    const reserve = world.view().violations.filter(({ invariant }) => invariant === "reserve");
    expect(reserve.map(({ slots }) => slots)).toEqual([[1]]);
    expect(world.report().vehicles.batteryReserveMinPct).toBe(0);
  });

  test("a node that says it acts on an order which nobody signed, and arms", () => {
    const scenario = referenceScenario({ seed: 7, vehicles: 3 });
    class Liar extends FakeNode {
      override step(...[now, input, emit]: Parameters<FakeNode["step"]>): void {
        super.step(now, input, emit);
        if (this.seat.slot !== 2 || input.kind !== "channel") return;
        const vehicle = nodeIndex(2);
        const word = { orderId: "2-1-1", vehicle, state: "acting", reason: "" };
        const detail = { kind: "order", ...word } as const;
        emit({ kind: "report", event: { atMs: now, severity: "info", detail } });
      }
    }
    const world = createWorld<FakeNode>(
      scenario,
      (seat) => new Liar(seat),
      () => undefined,
    );
    world.runUntil(60_000);
    const found = world.view().violations;
    const told = found.map(({ slots, detail }) => `${slots.join(",")} ${detail}`);
    expect(told).toContain("2 acted on order 2-1-1, which nobody signed");
    for (const slot of [1, 3]) {
      expect(told).toContain(`${String(slot)} armed without an order of this boot`);
    }
  });
});
