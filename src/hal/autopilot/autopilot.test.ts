import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, monotonicMs, SeededStream } from "../../base/mod.ts";
import { decodePayload, layoutOfKind, mavlink } from "../mavlink/codec.ts";
import { MESSAGES, type MavlinkKind, type MavlinkMessage } from "../mavlink/messages.ts";
import { COPTER_MODE, MAV_CMD } from "../mavlink/numbers.ts";
import type { Setpoint } from "../vehicle.ts";
import { Autopilot } from "./autopilot.ts";
import { Bench } from "./bench.test-support.ts";

function setpoint(northM: number, eastM: number, altitudeAmslM = 340): Setpoint {
  const velocity = { northMps: 0, eastMps: 0, downMps: 0 };
  return { position: { northM, eastM, altitudeAmslM }, velocity, yawRad: 0, speedMaxMps: 8 };
}

function readyBench(): Bench {
  const bench = new Bench();
  bench.release();
  expect(bench.until(10, () => bench.sample?.ready === true)).toBe(true);
  return bench;
}

function airborne(): Bench {
  const bench = readyBench();
  bench.order({ kind: "arm" });
  bench.order({ kind: "takeoff", altitudeAglM: 40 });
  expect(bench.until(30, () => bench.sample!.position.altitudeAmslM > 339)).toBe(true);
  return bench;
}

const kindsOf = (messages: readonly MavlinkMessage[]): Set<MavlinkKind> =>
  new Set(messages.map((message) => message.kind));

const commands = (bench: Bench, command: number): number =>
  bench.sent.filter((message) => message.kind === "commandLong" && message.command === command)
    .length;

test("from silence to ready: streams asked for, failsafes set and read back, then ready", () => {
  const bench = readyBench();
  expect(bench.told("linkUp")).toEqual([{ kind: "linkUp", systemId: 7, dialect: "ardupilot" }]);
  expect(bench.until(1, () => bench.told("failsafesSet").length === 1)).toBe(true);
  expect(bench.sample).toMatchObject({
    released: true,
    armed: false,
    inAir: false,
    mode: "idle",
    positionValid: true,
    batteryFullWh: 100,
  });
  expect(bench.sample?.position.northM).toBeCloseTo(0, 1);
  expect(bench.sample?.position.altitudeAmslM).toBeCloseTo(300, 2);
  expect(bench.sample?.yawRad).toBeCloseTo(0.5, 3);
  expect(bench.until(3, () => bench.sample?.windEastMps !== 0)).toBe(true);
  expect(bench.sample?.windNorthMps).toBeCloseTo(3, 3);
  expect(bench.sample?.windEastMps).toBeCloseTo(-4, 3);
  expect(bench.sample?.positionErrorM).toBeCloseTo(0.8, 3);
  expect(bench.sample?.powerW).toBeCloseTo(5, 0);
});

test("a whole flight: arm, take off, fly, hold, fly on, return, disarmed at home", () => {
  const bench = airborne();
  expect(bench.sample).toMatchObject({ armed: true, inAir: true });
  expect(bench.sample?.altitudeAglM).toBeGreaterThan(38);
  bench.order({ kind: "setpoint", setpoint: setpoint(100, 50) });
  expect(bench.until(30, () => bench.toy.position.northM > 99)).toBe(true);
  expect(bench.toy.position.eastM).toBeCloseTo(50, 0);
  expect(bench.toy.commands).toContainEqual(
    expect.objectContaining({ setpoint: expect.objectContaining({ speedMaxMps: 8 }) as unknown }),
  );
  bench.order({ kind: "hold" });
  expect(bench.until(3, () => bench.sample?.mode === "hold")).toBe(true);
  bench.order({ kind: "setpoint", setpoint: setpoint(-50, 0) });
  expect(bench.until(40, () => bench.toy.position.northM < -49)).toBe(true);
  expect(bench.sample?.mode).toBe("guided");
  bench.order({ kind: "rtl" });
  expect(bench.until(3, () => bench.sample?.mode === "rtl")).toBe(true);
  expect(bench.until(60, () => bench.sample?.armed === false)).toBe(true);
  expect(bench.told("waiting")).toEqual([]);
  expect(bench.told("refused")).toEqual([]);
  // What was ordered before the landing is over: nothing arms by itself afterwards.
  bench.order({ kind: "setpoint", setpoint: setpoint(10, 0) });
  bench.order({ kind: "takeoff", altitudeAglM: 30 });
  bench.run(20);
  expect(bench.toy.armed).toBe(false);
  expect(bench.told("waiting")).toContainEqual({
    kind: "waiting",
    goal: "takeoff",
    reason: "armNotOrdered",
  });
});

test("setpoints that come during take-off wait for its end", () => {
  const bench = readyBench();
  bench.order({ kind: "arm" });
  bench.order({ kind: "takeoff", altitudeAglM: 40 });
  for (let i = 0; i < 80; i += 1) {
    bench.order({ kind: "setpoint", setpoint: setpoint(60, 0) });
    bench.run(0.1);
    if (bench.toy.position.altitudeAmslM < 338) expect(bench.toy.position.northM).toBe(0);
  }
  expect(bench.until(20, () => bench.toy.position.northM > 59)).toBe(true);
});

describe("before it may arm", () => {
  test("the crew must have released it", () => {
    const bench = new Bench();
    bench.until(10, () => bench.sample?.ready === true);
    bench.order({ kind: "arm" });
    bench.run(3);
    expect(bench.told("waiting")).toEqual([
      { kind: "waiting", goal: "arm", reason: "notReleased" },
    ]);
    expect(bench.toy.commands).toEqual([]);
    bench.release();
    expect(bench.until(5, () => bench.toy.armed)).toBe(true);
  });

  test("checks must be passed and the position be there", () => {
    const bench = new Bench();
    bench.toy.ready = false;
    bench.release();
    bench.run(8);
    expect(bench.sample?.ready).toBe(false);
    bench.order({ kind: "arm" });
    bench.run(3);
    expect(bench.told("waiting")).toEqual([{ kind: "waiting", goal: "arm", reason: "notReady" }]);
    bench.toy.ready = true;
    expect(bench.until(5, () => bench.toy.armed)).toBe(true);
  });

  test("a failsafe that cannot be set is named, and it never becomes ready", () => {
    const bench = new Bench();
    const failsafes = [{ name: "NO_SUCH_THING", value: 1, integer: true }];
    bench.autopilot = new Autopilot({ frame: bench.frame, batteryFullWh: 100, failsafes });
    bench.release();
    bench.run(20);
    expect(bench.sample?.ready).toBe(false);
    expect(bench.told("failsafeRefused")).toEqual([
      { kind: "failsafeRefused", parameter: "NO_SUCH_THING" },
    ]);
  });
});

test("one that disarmed itself because acknowledgements came late is armed again", () => {
  const bench = readyBench();
  bench.order({ kind: "arm" });
  expect(bench.until(5, () => bench.toy.armed)).toBe(true);
  // The vehicle's clock runs ahead, as in a simulator: its ten seconds are over before the order.
  bench.run(11);
  expect(bench.toy.armed).toBe(false);
  bench.order({ kind: "takeoff", altitudeAglM: 20 });
  expect(bench.until(20, () => bench.toy.position.altitudeAmslM > 319)).toBe(true);
});

test("late and lost: at five times the speed, 600 ms of delay and 30% loss it still flies", () => {
  const bench = new Bench();
  bench.random = new SeededStream(3, "line");
  bench.loss = 0.3;
  bench.delayMs = 600;
  bench.vehicleSpeed = 5;
  bench.release();
  expect(bench.until(60, () => bench.sample?.ready === true)).toBe(true);
  bench.order({ kind: "arm" });
  bench.order({ kind: "takeoff", altitudeAglM: 40 });
  expect(bench.until(60, () => bench.toy.position.altitudeAmslM > 338)).toBe(true);
  bench.order({ kind: "setpoint", setpoint: setpoint(80, 0) });
  expect(bench.until(60, () => bench.toy.position.northM > 79)).toBe(true);
  bench.order({ kind: "land" });
  expect(bench.until(60, () => bench.sample?.armed === false)).toBe(true);
  expect(bench.told("unanswered")).toEqual([]);
});

describe("whoever else flies it is not fought", () => {
  test("a pilot who takes over keeps it", () => {
    const bench = airborne();
    bench.order({ kind: "setpoint", setpoint: setpoint(500, 0) });
    bench.run(2);
    bench.toy.mode = "manual";
    bench.run(2);
    bench.order({ kind: "setpoint", setpoint: setpoint(600, 0) });
    bench.order({ kind: "rtl" });
    bench.run(5);
    expect(bench.toy.mode).toBe("manual");
    expect(bench.told("waiting")).toContainEqual({
      kind: "waiting",
      goal: "rtl",
      reason: "controlTaken",
    });
  });

  test("a return by its own failsafe is turned by an order to land, not by a setpoint", () => {
    const bench = airborne();
    bench.order({ kind: "setpoint", setpoint: setpoint(500, 0) });
    bench.run(5);
    bench.inject("vehicle", mavlink("setMode", { targetSystem: 7, customMode: COPTER_MODE.RTL }));
    bench.run(2);
    bench.order({ kind: "setpoint", setpoint: setpoint(400, 0) });
    bench.run(2);
    expect(bench.toy.mode).toBe("rtl");
    bench.order({ kind: "land" });
    expect(bench.until(3, () => bench.toy.mode === "land")).toBe(true);
  });
});

describe("the link", () => {
  test("is lost and found: the failsafe brings it home, and streams are asked for anew", () => {
    const bench = airborne();
    bench.order({ kind: "setpoint", setpoint: setpoint(400, 0) });
    bench.run(10);
    bench.cut = true;
    bench.run(5);
    expect(bench.told("linkLost")).toHaveLength(1);
    expect(bench.autopilot.linkUp).toBe(false);
    expect(bench.sample).toMatchObject({ positionValid: false, ready: false });
    bench.run(3);
    expect(bench.toy.mode).toBe("rtl");
    bench.cut = false;
    const before = commands(bench, MAV_CMD.SET_MESSAGE_INTERVAL);
    expect(bench.until(6, () => bench.sample?.positionValid === true)).toBe(true);
    bench.run(3);
    expect(bench.told("linkUp")).toHaveLength(2);
    expect(commands(bench, MAV_CMD.SET_MESSAGE_INTERVAL)).toBeGreaterThan(before);
    expect(bench.toy.mode).toBe("rtl");
  });

  test("an autopilot that restarts is set up again, though its heartbeats hardly paused", () => {
    const bench = readyBench();
    bench.run(10);
    const before = bench.sent.filter((message) => message.kind === "paramSet").length;
    bench.inject("autopilot", mavlink("globalPositionInt", { timeBootMs: 20 }), 7);
    bench.run(3);
    const after = bench.sent.filter((message) => message.kind === "paramSet").length;
    expect(after).toBe(before + 4);
    expect(bench.told("failsafesSet")).toHaveLength(2);
  });

  test("a stream that another station has stopped is asked for again", () => {
    const bench = readyBench();
    bench.run(2);
    const stop = { command: MAV_CMD.SET_MESSAGE_INTERVAL, param1: 33, param2: -1, targetSystem: 7 };
    bench.inject("vehicle", mavlink("commandLong", stop));
    bench.run(2);
    expect(bench.sample?.positionValid).toBe(false);
    expect(bench.until(6, () => bench.sample?.positionValid === true)).toBe(true);
  });

  test("other systems, ground stations and companions are not taken for the vehicle", () => {
    const bench = new Bench();
    bench.cut = true;
    const heartbeat = mavlink("heartbeat", { type: 6, autopilot: 8 });
    bench.autopilot.step(
      monotonicMs(1),
      {
        kind: "frame",
        frame: {
          version: 2,
          signed: false,
          systemId: 9,
          componentId: 1,
          sequence: 0,
          message: heartbeat,
        },
      },
      () => expect.unreachable(),
    );
    expect(bench.autopilot.systemId).toBe(0);
    const named = new Autopilot({ frame: bench.frame, batteryFullWh: 1, targetSystemId: 3 });
    for (const [systemId, componentId] of [
      [7, 1],
      [3, 191],
    ] as const) {
      const message = mavlink("heartbeat", { type: 2, autopilot: 3 });
      const frame = {
        version: 2,
        signed: false,
        systemId,
        componentId,
        sequence: 0,
        message,
      } as const;
      named.step(monotonicMs(1), { kind: "frame", frame }, () => expect.unreachable());
    }
    expect(named.systemId).toBe(0);
  });
});

test("an order to arm that is refused again and again is given up and told", () => {
  const bench = readyBench();
  // Ready as far as its flags say, yet it never arms.
  bench.toy.command = () => undefined;
  bench.order({ kind: "arm" });
  bench.run(30);
  expect(bench.told("unanswered")).toEqual([{ kind: "unanswered", goal: "arm" }]);
  const asked = commands(bench, MAV_CMD.COMPONENT_ARM_DISARM);
  bench.run(10);
  expect(commands(bench, MAV_CMD.COMPONENT_ARM_DISARM)).toBe(asked);
});

test("an order to land that is not obeyed is told of and repeated for ever", () => {
  const bench = airborne();
  bench.cut = true;
  bench.run(1);
  bench.order({ kind: "land" });
  bench.run(1);
  bench.cut = false;
  bench.inject("autopilot", mavlink("commandAck", { command: 176, result: 4 }), 7);
  const stuck = bench.toy.command.bind(bench.toy);
  bench.toy.command = () => undefined;
  bench.run(30);
  expect(bench.told("refused")).toContainEqual({ kind: "refused", command: 176, result: 4 });
  bench.toy.command = stuck;
  expect(bench.until(30, () => !bench.toy.armed)).toBe(true);
});

test("disarming waits for the ground", () => {
  const bench = airborne();
  bench.order({ kind: "disarm" });
  bench.run(2);
  expect(bench.toy.armed).toBe(true);
  expect(bench.told("waiting")).toEqual([{ kind: "waiting", goal: "disarm", reason: "inAir" }]);
  const grounded = readyBench();
  grounded.order({ kind: "arm" });
  grounded.until(5, () => grounded.toy.armed);
  grounded.order({ kind: "disarm" });
  expect(grounded.until(3, () => !grounded.toy.armed)).toBe(true);
});

test("what it says is sent as a ground station says it, addressed to the vehicle", () => {
  const bench = airborne();
  bench.order({ kind: "setpoint", setpoint: { ...setpoint(10, 0), yawRad: NaN } });
  bench.run(2);
  expect(kindsOf(bench.sent)).toEqual(
    new Set(["heartbeat", "commandLong", "paramSet", "setPositionTargetGlobalInt"]),
  );
  for (const message of bench.sent) {
    if (message.kind === "heartbeat") continue;
    expect(message).toMatchObject({ targetSystem: 7, targetComponent: 1 });
  }
  // ArduPilot's documented mask for "position only".
  expect(bench.sent).toContainEqual(
    expect.objectContaining({ coordinateFrame: 6, typeMask: 0b110111111000 }),
  );
});

test("clock and words of the autopilot come out", () => {
  const bench = readyBench();
  const out: unknown[] = [];
  const frame = { version: 2, signed: false, systemId: 7, componentId: 1, sequence: 0 } as const;
  for (const message of [
    mavlink("systemTime", { timeUnixUsec: 1_700_000_000_000_000n }),
    mavlink("systemTime", {}),
    mavlink("statustext", { severity: 3, text: "PreArm: compass" }),
  ]) {
    bench.autopilot.step(
      monotonicMs(bench.nowMs),
      { kind: "frame", frame: { ...frame, message } },
      (o) => out.push(o),
    );
  }
  expect(out).toEqual([
    { kind: "clock", timeMs: 1_700_000_000_000, errorMs: 100 },
    { kind: "event", event: { kind: "text", severity: 3, text: "PreArm: compass" } },
  ]);
});

test("whatever an autopilot says, nothing is thrown and every sample is made of numbers", () => {
  const message = fc
    .constantFrom(...(Object.keys(MESSAGES) as MavlinkKind[]))
    .chain((kind) =>
      fc
        .uint8Array({ maxLength: layoutOfKind(kind).fullBytes })
        .map((payload) => decodePayload(layoutOfKind(kind), Uint8Array.from(payload))),
    );
  fc.assert(
    fc.property(fc.array(message, { maxLength: 40 }), (messages) => {
      const bench = readyBench();
      bench.order({ kind: "arm" });
      bench.order({ kind: "takeoff", altitudeAglM: 10 });
      bench.order({ kind: "setpoint", setpoint: setpoint(50, 50) });
      for (const each of messages) bench.inject("autopilot", each, 7);
      bench.run(1);
      const { position, velocity, altitudeAglM = 0, ...rest } = bench.sample!;
      const numbers = [position, velocity, { altitudeAglM }, rest].flatMap((part) =>
        Object.values(part).filter((value) => typeof value === "number"),
      );
      expect(numbers.every(Number.isFinite)).toBe(true);
      expect(rest.batteryRatio).toBeGreaterThanOrEqual(0);
      expect(rest.batteryRatio).toBeLessThanOrEqual(1);
    }),
    { numRuns: 40 },
  );
});

describe("saved and loaded", () => {
  test("in the middle of a flight it goes on", () => {
    const bench = airborne();
    bench.order({ kind: "setpoint", setpoint: setpoint(100, 0) });
    bench.run(1);
    const writer = new ByteWriter();
    bench.autopilot.save(writer);
    const copy = new Autopilot({ frame: bench.frame, batteryFullWh: 100 });
    const reader = new ByteReader(writer.take());
    copy.load(reader);
    expect(reader.finish()).toBeUndefined();
    const again = new ByteWriter();
    copy.save(again);
    expect(again.take()).toEqual(writer.take());
    bench.autopilot = copy;
    expect(bench.until(30, () => bench.toy.position.northM > 99)).toBe(true);
    expect(bench.told("linkUp")).toHaveLength(1);
  });

  test("bytes that are no snapshot are refused", () => {
    const copy = new Autopilot({ frame: new Bench().frame, batteryFullWh: 100 });
    const reader = new ByteReader(
      new ByteWriter().f64(0).f64(0).f64(0).f64(0).u32(1).u8(255).take(),
    );
    copy.load(reader);
    expect(reader.failed).toBe(true);
  });
});
